/*
 * What a change with its audit row costs: creations per second through
 * secret_put at 1, 8 and 32 clients, beside a bare transaction of the same row
 * shapes (a row of secret_ref and one of audit_event, two inserts) on the same
 * database, in turns; then rotations and revocations. Lines `name value unit`.
 * A private MariaDB that flushes its log with each commit, a redactor that is
 * ready, log lines through the gate into nowhere. STRONGROOM_BENCH_SECONDS sets
 * how long each measurement lasts in all (6).
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/secbuf.h"
#include "core/log/log.h"
#include "core/store/tx.h"
#include "core/vault/liveset.h"
#include "core/vault/secret.h"
#include "tests/harness/files.h"
#include "tests/harness/house.h"

#define CLIENTS_MAX	32
#define TURNS		3	/* Of each of two that are compared. */
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

struct bare {
	struct sr_id secret;
	struct sr_id event;
	char name[64];
	sr_time now;
};

static enum sr_error
bare_tx(struct tx * tx, void * cookie)
{
	static const uint8_t mac[32] = { 7 };
	const struct bare * b = cookie;
	enum sr_error err;

	err = db_exec(tx_db(tx), STMT_SECRET_INSERT, DB_ARGS(
	    DB_UUID(&b->secret), DB_TEXT("instance"), DB_UUID(&sr_id_nil),
	    DB_TEXT(b->name), DB_INT(1), DB_TEXT("onboarding"),
	    DB_TIME(b->now), DB_TIME(SR_TIME_NONE), DB_TIME(b->now),
	    DB_TIME(b->now)), NULL);
	if (err != SR_OK)
		return (err);
	return (db_exec(tx_db(tx), STMT_AUDIT_INSERT, DB_ARGS(
	    DB_UUID(&b->event), DB_UUID(&b->secret), DB_INT(1),
	    DB_TIME(b->now), DB_TEXT("account"), DB_UUID(&h.actor.id),
	    DB_TEXT(h.actor.label), DB_TEXT("CREATE"), DB_TEXT("secret"),
	    DB_UUID(&b->secret), DB_TEXT("instance"), DB_TEXT(b->name),
	    DB_INT(1), DB_TEXT("succeeded"), DB_NULL,
	    DB_UUID(&h.actor.correlation_id), DB_NULL,
	    DB_BYTES(mac, sizeof(mac))), NULL));
}

static void
bare_step(struct client * c)
{
	struct bare b = { .now = clock_now() };

	(void)snprintf(b.name, sizeof(b.name), "bare/%u/%llu", c->no,
	    (unsigned long long)c->count++);
	need(sr_id_new(&b.secret) == SR_OK && sr_id_new(&b.event) == SR_OK,
	    "an id");
	need(tx_run(c->store.db, &b.event, bare_tx, &b) == SR_OK,
	    "a bare transaction");
}

/* A key as providers make them: random, 48 characters. */
static void
put_named(struct client * c, const char * name, struct secret_meta * out)
{
	char * text = house_random(48);
	struct secbuf * value = house_secret(text);
	const struct secret_write w = { .scope = "instance", .name = name,
	    .value = value };

	need(secret_put(&c->store, &h.actor, &w, NULL, out) == SR_OK,
	    "secret_put");
	secbuf_free(&value);
	free(text);
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
	(void)nanosleep(&span, NULL);
	atomic_store(&over, true);
	for (i = 0; i < n; i++) {
		(void)pthread_join(clients[i].thread, NULL);
		done += clients[i].done;
	}
	(void)pthread_barrier_destroy(&start);
	return ((double)done / (now() - began));
}

static void
measure(unsigned n)
{
	const double length = (double)seconds / TURNS;
	double bare = 0, created = 0, rotated, revoked;
	unsigned i;

	for (i = 0; i < TURNS; i++) {
		bare += rate(n, length, bare_step) / TURNS;
		created += rate(n, length, create_step) / TURNS;
	}
	rotated = rate(n, length, rotate_step);
	revoked = rate(n, length, revoke_step);
	(void)printf("clients_%u_bare %.0f tx/s\n", n, bare);
	(void)printf("clients_%u_create %.0f secrets/s\n", n, created);
	(void)printf("clients_%u_create_ratio %.3f of_bare\n", n,
	    created / bare);
	(void)printf("clients_%u_rotate %.0f secrets/s\n", n, rotated);
	(void)printf("clients_%u_revoke %.0f secrets/s\n", n, revoked);
	(void)fflush(stdout);
}

int
main(void)
{
	static const unsigned counts[] = { 1, 8, 32 };
	const char * text = getenv("STRONGROOM_BENCH_SECONDS");
	struct liveset * live;
	size_t i;
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (text != NULL)
		seconds = (unsigned)strtoul(text, NULL, 10);
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
	for (i = 0; i < COUNTOF(counts); i++)
		measure(counts[i]);
	for (i = 0; i < CLIENTS_MAX; i++)
		free(clients[i].kept);
	log_open(NULL, -1);
	liveset_free(&live);
	house_close(&h);
	return (0);
}
