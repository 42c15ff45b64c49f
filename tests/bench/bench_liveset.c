/*
 * What the live set costs a worker: the first load, a look at the change log
 * without and with a change, memory, and how long a log line waits for the
 * gate while all is loaded. Lines `name value unit`. The forms are random rows
 * of the real table in a private MariaDB; STRONGROOM_BENCH_SECRETS sets how
 * many secrets (100000), each with four forms.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/secbuf.h"
#include "core/log/log.h"
#include "core/redact/redact.h"
#include "core/vault/liveset.h"
#include "core/vault/secret.h"
#include "tests/harness/files.h"
#include "tests/harness/house.h"

static struct house h;

static double
clock_of(clockid_t which)
{
	struct timespec t;

	(void)clock_gettime(which, &t);
	return ((double)t.tv_sec + (double)t.tv_nsec / 1e9);
}

static double
now(void)
{

	return (clock_of(CLOCK_MONOTONIC));
}

static void
need(bool ok, const char * what)
{

	if (ok)
		return;
	(void)fprintf(stderr, "bench_liveset: %s failed\n", what);
	exit(1);
}

/* Lengths as keys have them: one in eight short, two medium, five long. */
static void
fill(unsigned secrets)
{
	static const char sql[] =
	    "CREATE TABLE bench_id (n INT UNSIGNED PRIMARY KEY, id UUID);"
	    "INSERT INTO bench_id SELECT seq, UUID() FROM seq_1_to_%u;"
	    "INSERT INTO secret_ref SELECT id, 'instance',"
	    " '00000000-0000-0000-0000-000000000000', CONCAT('bench/', n), 1,"
	    " 'onboarding', 'active', UTC_TIMESTAMP(6), NULL,"
	    " UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) FROM bench_id;"
	    "INSERT INTO secret_version (secret_id, key_version, ciphertext,"
	    " wrapped_dek, kek_version, state, created_at) SELECT id, 1,"
	    " CONCAT(0x53527631, RANDOM_BYTES(60)), NULL, 1, 'active',"
	    " UTC_TIMESTAMP(6) FROM bench_id;"
	    "INSERT INTO redaction_variant SELECT b.id, 1, s.seq,"
	    " ELT(s.seq + 1, 'raw', 'base64_0', 'base64_1', 'base64_2'),"
	    " CASE WHEN b.n %% 8 = 0 THEN 8 + s.seq"
	    " WHEN b.n %% 8 < 3 THEN 20 ELSE 40 + s.seq END,"
	    " RANDOM_BYTES(CASE WHEN b.n %% 8 = 0 THEN 8"
	    " WHEN b.n %% 8 < 3 THEN 64 ELSE 128 END), RANDOM_BYTES(16),"
	    " 'aaaaaa', NULL FROM bench_id b, seq_0_to_3 s;"
	    "ANALYZE TABLE redaction_variant";
	char * text = text_format(sql, secrets);

	need(house_do(&h, text), "fill");
	free(text);
}

static long
resident_kb(void)
{
	char line[128];
	long kb = 0;
	FILE * f = fopen("/proc/self/status", "r");

	need(f != NULL, "status");
	while (fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "VmRSS: %ld", &kb) == 1)
			break;
	(void)fclose(f);
	return (kb);
}

/* --- A thread that passes log lines all the while ------------------------- */

static atomic_bool ended;
static double longest;

static void *
pass_lines(void * cookie)
{
	static const char line[] = "INFO worker-7: GET /api/v1/runs/42 200";
	struct redact_hits hits;
	double start, took;

	(void)cookie;
	while (!atomic_load(&ended)) {
		start = now();
		/* It may fail closed; how long it takes is what counts. */
		if (redact_scan(h.store.redact, REDACT_LOG, line,
		    sizeof(line) - 1, &hits) != SR_OK)
			hits.known = 0;
		took = now() - start;
		if (took > longest)
			longest = took;
	}
	return (NULL);
}

static void
refresh(struct liveset * live, const struct store * store)
{

	need(liveset_refresh(live, store) == SR_OK, "liveset_refresh");
}

static void
put(unsigned n)
{
	char * text = text_format("bench-value-%u-of-many", n);
	char * name = text_format("bench/changed-%u", n);
	struct secbuf * value = house_secret(text);
	const struct secret_write w = { .scope = "instance",
	    .name = name, .value = value };

	need(secret_put(&h.store, &h.actor, &w, NULL, NULL) == SR_OK, "put");
	secbuf_free(&value);
	free(name);
	free(text);
}

static void
bench_load(struct liveset * live, const struct store * store)
{
	long before = resident_kb();
	pthread_t thread;
	double start, cpu;

	need(pthread_create(&thread, NULL, pass_lines, NULL) == 0, "thread");
	cpu = clock_of(CLOCK_THREAD_CPUTIME_ID);
	start = now();
	refresh(live, store);
	(void)printf("first_load %.0f ms\n", (now() - start) * 1e3);
	/* Ours alone: without the database's, and whatever else is busy. */
	(void)printf("first_load_cpu %.0f ms\n",
	    (clock_of(CLOCK_THREAD_CPUTIME_ID) - cpu) * 1e3);
	atomic_store(&ended, true);
	(void)pthread_join(thread, NULL);
	(void)printf("first_load_longest_wait_of_a_line %.2f ms\n",
	    longest * 1e3);
	(void)printf("memory %.1f MB\n",
	    (double)(resident_kb() - before) / 1024);
}

static void
bench_refresh(struct liveset * live, const struct store * store)
{
	double start, sum = 0, most = 0, took;
	unsigned i;

	start = now();
	for (i = 0; i < 1000; i++)
		refresh(live, store);
	(void)printf("refresh_without_a_change %.0f us\n",
	    (now() - start) * 1e6 / 1000);
	for (i = 0; i < 100; i++) {
		put(i);
		start = now();
		refresh(live, store);
		took = now() - start;
		sum += took;
		most = took > most ? took : most;
	}
	(void)printf("refresh_after_a_change %.0f us\n", sum * 1e6 / 100);
	(void)printf("refresh_after_a_change_longest %.0f us\n", most * 1e6);
}

int
main(void)
{
	const char * setting = getenv("STRONGROOM_BENCH_SECRETS");
	unsigned secrets = 100000;
	struct liveset * live;

	if (setting != NULL && strtoul(setting, NULL, 10) != 0)
		secrets = (unsigned)strtoul(setting, NULL, 10);
	log_set_level(LOG_ALERT);
	need(house_open(&h) == 0, "house_open");
	need(liveset_new(&live) == SR_OK, "liveset_new");
	fill(secrets);
	(void)printf("secrets %u\n", secrets);
	bench_load(live, &h.store);
	bench_refresh(live, &h.store);
	liveset_free(&live);
	house_close(&h);
	return (0);
}
