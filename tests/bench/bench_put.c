/*
 * What a change with its audit row costs: creations per second through
 * secret_put at 1, 8 and 32 clients, beside two transactions that MariaDB is
 * merely handed, on the same database and through the same connection:
 *
 *   bare   a row of secret_ref and one of audit_event, two inserts: the same
 *	    row shapes, and nothing that is looked at, sealed or computed;
 *   rows   all nine rows that a creation writes, an insert for each table.
 *
 * `_processor` is the time of processors that MariaDB and this program had for
 * each: it says the same on a machine that is busy with other things, too.
 * The three take turns of a second; a value is the median of the turns, and a
 * ratio that of the ratios of neighbours, so that what else the machine does
 * meets all three. Then rotations and revocations. Lines `name value unit`.
 * A private MariaDB that flushes its log with each commit, a redactor that is
 * ready, log lines through the gate into nowhere. STRONGROOM_BENCH_SECONDS sets
 * how long each measurement lasts in all (6), STRONGROOM_BENCH_CLIENTS measures
 * that many clients alone.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/secbuf.h"
#include "core/keys/seal.h"
#include "core/log/log.h"
#include "core/redact/variant.h"
#include "core/store/tx.h"
#include "core/vault/liveset.h"
#include "core/vault/secret.h"
#include "tests/bench/bare.h"
#include "tests/harness/files.h"
#include "tests/harness/house.h"

#define CLIENTS_MAX	32
#define TURNS_MAX	60	/* Of each that are compared. */
#define KEPT_MAX	100000	/* Secrets of a client, to be revoked. */

static struct house h;
static pthread_barrier_t start;
static atomic_bool over;
static unsigned seconds = 6;

struct client {
	pthread_t thread;
	unsigned no;
	struct store store;
	uint64_t count;			/* Names that were made so far. */
	uint64_t done;			/* In this measurement. */
	struct sr_id * kept;		/* Secrets it created. */
	size_t kept_n;
	size_t kept_at;			/* The next one to revoke. */
	void (*step)(struct client * c);
};

static struct client clients[CLIENTS_MAX];

static void
need(bool ok, const char * what)
{

	if (ok)
		return;
	(void)fprintf(stderr, "bench_put: %s failed\n", what);
	exit(1);
}

/* --- What is measured ---------------------------------------------------- */

static void
bare_step_of(struct client * c, tx_fn * fn)
{
	struct bare b = { .actor = &h.actor, .now = clock_now() };

	(void)snprintf(b.name, sizeof(b.name), "bare/%u/%llu", c->no,
	    (unsigned long long)c->count++);
	need(sr_id_new(&b.secret) == SR_OK && sr_id_new(&b.event) == SR_OK,
	    "an id");
	need(tx_run(c->store.db, &b.event, fn, &b) == SR_OK,
	    "a bare transaction");
}

static void
bare_step(struct client * c)
{

	bare_step_of(c, bare_tx);
}

#define FORMS		4	/* Of a value of one line. */
#define FORM_COLUMNS	8

static enum sr_error
rows_tx(struct tx * tx, void * cookie)
{
	static const uint8_t sealed[33 + 48] = "SRv1";
	static const uint8_t wrapped[SEAL_WRAPPED_LEN] = "SRw1";
	static const uint8_t windows[REDACT_WINDOWS_MAX] = { 7 };
	static const char * const kinds[FORMS] = { "raw", "base64_0",
	    "base64_1", "base64_2" };
	struct db_param forms[FORMS * FORM_COLUMNS];
	const struct bare * b = cookie;
	struct db * db = tx_db(tx);
	size_t i;
	enum sr_error err;

	for (i = 0; i < FORMS; i++) {
		const struct db_param row[FORM_COLUMNS] = {
		    DB_UUID(&b->secret), DB_INT(1), DB_INT(i),
		    DB_TEXT(kinds[i]), DB_INT(48),
		    DB_BYTES(windows, sizeof(windows)),
		    DB_BYTES(windows, REDACT_MAC_LEN), DB_TEXT("aaaaaa") };

		memcpy(&forms[i * FORM_COLUMNS], row, sizeof(row));
	}
	if ((err = bare_tx(tx, cookie)) != SR_OK ||
	    (err = db_exec(db, STMT_SECRET_VERSION_INSERT,
	    DB_ARGS(DB_UUID(&b->secret), DB_INT(1),
	    DB_BYTES(sealed, sizeof(sealed)),
	    DB_BYTES(wrapped, sizeof(wrapped)), DB_TIME(b->now),
	    DB_INT(1)), NULL)) != SR_OK ||
	    (err = db_exec_many(db, STMT_VARIANT_INSERT, forms, FORMS,
	    FORM_COLUMNS, NULL)) != SR_OK ||
	    (err = db_exec(db, STMT_CHANGE_INSERT, DB_ARGS(DB_UUID(&b->event),
	    DB_UUID(&b->secret), DB_INT(0)), NULL)) != SR_OK)
		return (err);
	return (db_exec(db, STMT_AUDIT_PENDING_INSERT,
	    DB_ARGS(DB_UUID(&b->event)), NULL));
}

static void
rows_step(struct client * c)
{

	bare_step_of(c, rows_tx);
}

static void
put_named(struct client * c, const char * name, struct secret_meta * out)
{
	struct secbuf * value = bare_key();
	const struct secret_write w = { .scope = "instance", .name = name,
	    .value = value };

	need(secret_put(&c->store, &h.actor, &w, NULL, out) == SR_OK,
	    "secret_put");
	secbuf_free(&value);
}

static void
create_step(struct client * c)
{
	struct secret_meta m;
	char name[64];

	(void)snprintf(name, sizeof(name), "bench/%u/%llu", c->no,
	    (unsigned long long)c->count++);
	put_named(c, name, &m);
	if (c->kept_n < KEPT_MAX)
		c->kept[c->kept_n++] = m.id;
}

static void
rotate_step(struct client * c)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "rotated/%u/%llu", c->no,
	    (unsigned long long)(c->count++ % 50));
	put_named(c, name, NULL);
}

static void
revoke_step(struct client * c)
{
	struct secret_revocation r = { .expected = 1 };

	if (c->kept_at == c->kept_n) {
		create_step(c);
		c->done--;
		return;
	}
	r.id = c->kept[c->kept_at++];
	need(secret_revoke(&c->store, &h.actor, &r, NULL) == SR_OK,
	    "secret_revoke");
}

/* --- Measuring ----------------------------------------------------------- */

static void *
run_client(void * cookie)
{
	struct client * c = cookie;

	need(house_thread(&h, &c->store) == 0 &&
	    db_ping(c->store.db) == SR_OK, "a connection");
	(void)pthread_barrier_wait(&start);
	while (!atomic_load(&over)) {
		c->step(c);
		c->done++;
	}
	house_thread_end(&c->store);
	return (NULL);
}

static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return ((double)t.tv_sec + (double)t.tv_nsec / 1e9);
}

/* Microseconds of processors that MariaDB and this process have had. */
static double
processor_us(void)
{
	char path[200], line[1024];
	unsigned long long user = 0, kernel = 0;
	struct timespec t;
	const char * rest;
	long pid = 0;
	FILE * f;

	(void)snprintf(path, sizeof(path), "%s/m.pid", mariadb_dir(h.m));
	if ((f = fopen(path, "re")) != NULL) {
		need(fscanf(f, "%ld", &pid) == 1, "its pid");
		(void)fclose(f);
	}
	(void)snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	if ((f = fopen(path, "re")) != NULL) {
		need(fgets(line, sizeof(line), f) != NULL &&
		    (rest = strrchr(line, ')')) != NULL &&
		    sscanf(rest, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u "
		    "%*u %llu %llu", &user, &kernel) == 2, "its time");
		(void)fclose(f);
	}
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return ((double)(user + kernel) * 1e6 /
	    (double)sysconf(_SC_CLK_TCK) + (double)t.tv_sec * 1e6 +
	    (double)t.tv_nsec / 1e3);
}

static double cpu_us;	/* Of each step of the last turn. */

/* Steps per second of ${n} clients. */
static double
rate(unsigned n, double length, void (*step)(struct client * c))
{
	const struct timespec span = { (time_t)length,
	    (long)((length - (double)(time_t)length) * 1e9) };
	uint64_t done = 0;
	double began;
	unsigned i;

	atomic_store(&over, false);
	(void)pthread_barrier_init(&start, NULL, n + 1);
	for (i = 0; i < n; i++) {
		clients[i].step = step;
		clients[i].done = 0;
		need(pthread_create(&clients[i].thread, NULL, run_client,
		    &clients[i]) == 0, "a thread");
	}
	(void)pthread_barrier_wait(&start);
	began = now();
	cpu_us = processor_us();
	(void)nanosleep(&span, NULL);
	atomic_store(&over, true);
	for (i = 0; i < n; i++) {
		(void)pthread_join(clients[i].thread, NULL);
		done += clients[i].done;
	}
	cpu_us = (processor_us() - cpu_us) / (double)(done + 1);
	(void)pthread_barrier_destroy(&start);
	return ((double)done / (now() - began));
}

static int
compare(const void * a, const void * b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return ((x > y) - (x < y));
}

static double
median(const double * v, size_t n)
{
	double sorted[TURNS_MAX];

	memcpy(sorted, v, n * sizeof(*v));
	qsort(sorted, n, sizeof(*sorted), compare);
	return ((sorted[(n - 1) / 2] + sorted[n / 2]) / 2);
}

/* What the three are held against each other by, of each turn. */
enum { BARE, ROWS, CREATE, KINDS };

static void
say(unsigned n, const char * what, const char * unit, const double * v,
    size_t turns)
{

	(void)printf("clients_%u_%s %.*f %s\n", n, what,
	    strncmp(unit, "of_", 3) == 0 ? 3 : 0, median(v, turns), unit);
}

static void
measure_creations(unsigned n)
{
	static void (* const steps[KINDS])(struct client * c) = {
	    [BARE] = bare_step, [ROWS] = rows_step, [CREATE] = create_step };
	double rates[KINDS][TURNS_MAX], cpu[KINDS][TURNS_MAX];
	double of_bare[TURNS_MAX], of_rows[TURNS_MAX];
	size_t i, k, turns = seconds < TURNS_MAX ? seconds : TURNS_MAX;

	for (i = 0; i < turns; i++) {
		for (k = 0; k < KINDS; k++) {
			rates[k][i] = rate(n, 1, steps[k]);
			cpu[k][i] = cpu_us;
		}
		of_bare[i] = rates[CREATE][i] / rates[BARE][i];
		of_rows[i] = rates[CREATE][i] / rates[ROWS][i];
	}
	say(n, "bare", "tx/s", rates[BARE], turns);
	say(n, "rows", "tx/s", rates[ROWS], turns);
	say(n, "create", "secrets/s", rates[CREATE], turns);
	say(n, "create_ratio", "of_bare", of_bare, turns);
	say(n, "create_rows_ratio", "of_rows", of_rows, turns);
	say(n, "bare_processor", "us", cpu[BARE], turns);
	say(n, "rows_processor", "us", cpu[ROWS], turns);
	say(n, "create_processor", "us", cpu[CREATE], turns);
}

static void
measure(unsigned n)
{

	measure_creations(n);
	(void)printf("clients_%u_rotate %.0f secrets/s\n", n,
	    rate(n, seconds, rotate_step));
	(void)printf("clients_%u_revoke %.0f secrets/s\n", n,
	    rate(n, seconds, revoke_step));
	(void)fflush(stdout);
}

int
main(void)
{
	static const unsigned counts[] = { 1, 8, 32 };
	const char * text = getenv("STRONGROOM_BENCH_SECONDS");
	const char * alone = getenv("STRONGROOM_BENCH_CLIENTS");
	struct liveset * live;
	size_t i;
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (text != NULL)
		seconds = (unsigned)strtoul(text, NULL, 10);
	need(alone == NULL || (strtoul(alone, NULL, 10) > 0 &&
	    strtoul(alone, NULL, 10) <= CLIENTS_MAX), "this many clients");
	need(seconds > 0 && fd >= 0 && house_open(&h) == 0, "the house");
	need(house_do(&h, "SET GLOBAL innodb_log_file_size = 268435456;"
	    " SET GLOBAL innodb_buffer_pool_size = 268435456"), "settings");
	need(liveset_new(&live) == SR_OK &&
	    liveset_refresh(live, &h.store) == SR_OK, "the live set");
	log_open(h.store.redact, fd);
	for (i = 0; i < CLIENTS_MAX; i++) {
		clients[i].no = (unsigned)i;
		clients[i].kept = calloc(KEPT_MAX, sizeof(struct sr_id));
		need(clients[i].kept != NULL, "memory");
	}
	(void)rate(8, 1, create_step);	/* All is warm. */
	for (i = 0; alone == NULL && i < COUNTOF(counts); i++)
		measure(counts[i]);
	if (alone != NULL)
		measure((unsigned)strtoul(alone, NULL, 10));
	for (i = 0; i < CLIENTS_MAX; i++)
		free(clients[i].kept);
	log_open(NULL, -1);
	liveset_free(&live);
	house_close(&h);
	return (0);
}
