/*
 * What the provable audit costs: rows written per second in large transactions,
 * sealed per second, verified per second with and without the heads of the log,
 * and the peak of memory, with the redactor that the log goes through. Lines
 * `name value unit`. A private MariaDB; STRONGROOM_BENCH_ROWS sets how many
 * rows (200000), in chains of ten.
 */
#include <sys/resource.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/audit/audit.h"
#include "core/audit/verify.h"
#include "core/log/log.h"
#include "core/store/tx.h"
#include "tests/harness/files.h"
#include "tests/harness/house.h"

#define IN_ONE	1000	/* Rows of a transaction. */
#define CHAIN	10

static struct house h;
static struct actor owner = { .kind = ACTOR_ACCOUNT,
    .label = "owner@example.org" };

static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return ((double)t.tv_sec + (double)t.tv_nsec / 1e9);
}

static void
need(bool ok, const char * what)
{

	if (ok)
		return;
	(void)fprintf(stderr, "bench_verify: %s failed\n", what);
	exit(1);
}

static struct sr_id
id_new(void)
{
	struct sr_id id;

	need(sr_id_new(&id) == SR_OK, "an id");
	return (id);
}

static enum sr_error
write_some(struct tx * tx, void * cookie)
{
	struct sr_id chain;
	enum sr_error err = SR_OK;
	unsigned i;

	(void)cookie;
	for (i = 0; i < IN_ONE && err == SR_OK; i++) {
		if (i % CHAIN == 0)
			chain = id_new();
		struct audit_entry e = { .id = id_new(),
		    .occurred_at = clock_now(), .actor = &owner,
		    .action = i % CHAIN == 0 ? AUDIT_CREATE : AUDIT_ROTATE,
		    .outcome = AUDIT_SUCCEEDED, .target_kind = "secret",
		    .target_id = chain, .scope = "instance",
		    .name = "providers/anthropic/api-key",
		    .key_version = i % CHAIN + 1 };

		err = audit_append(tx, &h.store, &e);
	}
	return (err);
}

static void
report(const char * name, double value, const char * unit)
{

	(void)printf("%-24s %12.0f %s\n", name, value, unit);
	(void)fflush(stdout);
}

static enum sr_error
take_finding(const struct audit_finding * f, void * cookie)
{

	(void)cookie;
	(void)fprintf(stderr, "found %s\n", audit_finding_name(f->kind));
	return (SR_OK);
}

static void
seal_all(unsigned rows)
{
	double begun = now();
	uint64_t all = 0, n;
	bool more = true;

	while (more) {
		need(checkpoint_seal(&h.store, &n, &more) == SR_OK, "a seal");
		all += n;
	}
	need(all == rows, "to seal all");
	report("sealed", (double)rows / (now() - begun), "rows/s");
}

static void
verify(const char * name, unsigned rows, int heads)
{
	struct audit_verified v;
	double begun = now();

	need(audit_verify_database(&h.store, heads, take_finding, NULL, &v) ==
	    SR_OK && v.findings == 0 && v.good == rows && v.leaves == rows,
	    "to verify");
	report(name, (double)rows / (now() - begun), "rows/s");
}

int
main(void)
{
	const char * setting = getenv("STRONGROOM_BENCH_ROWS");
	unsigned rows = setting == NULL ? 200000 :
	    (unsigned)strtoul(setting, NULL, 10), i;
	struct rusage usage;
	char log[] = "/tmp/sr-bench-verify-XXXXXX";
	int fd = mkstemp(log);
	double begun;

	need(fd != -1 && unlink(log) == 0, "a log");
	need(house_open(&h) == 0, "start");
	log_open(h.store.redact, fd);
	rows -= rows % IN_ONE;
	owner.correlation_id = id_new();
	begun = now();
	for (i = 0; i < rows; i += IN_ONE)
		need(tx_run(h.store.db, NULL, write_some, NULL) == SR_OK,
		    "to write");
	report("written", (double)rows / (now() - begun), "rows/s");
	seal_all(rows);
	verify("verified", rows, -1);
	(void)getrusage(RUSAGE_SELF, &usage);
	report("peak memory", (double)usage.ru_maxrss, "kB");
	need(lseek(fd, 0, SEEK_SET) == 0, "the log");
	verify("verified with heads", rows, fd);
	log_open(NULL, STDERR_FILENO);
	(void)close(fd);
	house_close(&h);
	return (0);
}
