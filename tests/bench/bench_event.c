/*
 * Events in per second with redaction on, at 1 and 32 senders, each with a run
 * of his own:
 *
 *   bare   the two statements alone, in a transaction: the event's row and the
 *	    run's number; nothing is looked at;
 *   core   event_post of a payload of some 300 bytes, without secrets, with a
 *	    live set of 1,000 (it is read again in each transaction);
 *   chunk  event_post of a chunk of 300 bytes of a stream;
 *   http   POST /api/v1/runs/ID/events through lighttpd and two workers, on
 *	    another database.
 *
 * The first three take turns of a second on one private MariaDB that flushes
 * its log with each commit; a value is the median of the turns, and a ratio
 * that of the ratios of neighbours. Lines `name value unit`.
 * STRONGROOM_BENCH_SECONDS: how many turns (5).
 */

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

#include "core/base/secbuf.h"
#include "core/log/log.h"
#include "core/runs/event.h"
#include "core/store/tx.h"
#include "core/vault/liveset.h"
#include "core/vault/secret.h"
#include "tests/harness/files.h"
#include "tests/harness/house.h"
#include "tests/harness/http.h"
#include "tests/harness/instance.h"

#define SENDERS_MAX	32
#define TURNS_MAX	60
#define SECRETS		1000

static const char payload[] = "{\"step\":\"compile\",\"file\":\"core/runs/"
    "event.c\",\"took_ms\":418,\"warnings\":[],\"message\":\"compiled with "
    "-O2 -g; the object has 31,448 bytes, which is 1,204 bytes more than "
    "before; nothing else was touched by this change\",\"host\":"
    "\"builder-7.example.org\",\"commit\":\"9f2c1e77aa54\"}";

static struct house h;
static struct liveset * live;
static struct project project;
static pthread_barrier_t start;
static atomic_bool over;
static unsigned turns = 5;

struct sender {
	pthread_t thread;
	struct store store;
	struct run run;
	uint64_t seq;			/* Of what is written bare. */
	uint64_t done;
	struct http * http;
	char path[100];
	void (*step)(struct sender * s);
};

static struct sender senders[SENDERS_MAX];

static void
need(bool ok, const char * what)
{

	if (ok)
		return;
	(void)fprintf(stderr, "bench_event: %s failed\n", what);
	exit(1);
}

static void
need_ok(enum sr_error err)
{

	need(err == SR_OK, sr_error_name(err));
}

static enum sr_error
bare_tx(struct tx * tx, void * cookie)
{
	struct sender * s = cookie;
	struct sr_id id;
	enum sr_error err;

	if ((err = sr_id_new(&id)) != SR_OK ||
	    (err = db_exec(tx_db(tx), STMT_EVENT_INSERT,
	    DB_ARGS(DB_UUID(&s->run.id), DB_INT(s->seq), DB_UUID(&id),
	    DB_TEXT("note"), DB_NULL, DB_NULL, DB_NULL, DB_TIME(clock_now()),
	    DB_TEXT(payload), DB_INT(0), DB_INT(0)), NULL)) != SR_OK)
		return (err);
	return (db_exec(tx_db(tx), STMT_RUN_COUNT, DB_ARGS(DB_INT(s->seq),
	    DB_TIME(clock_now()), DB_UUID(&s->run.id)), NULL));
}

static void
bare_step(struct sender * s)
{

	s->seq++;
	need_ok(tx_run(s->store.db, NULL, bare_tx, s));
}

static void
post(struct sender * s, const struct event_write * w)
{
	struct event_written out;

	need_ok(event_post(&s->store, &h.actor, w, 15, NULL, &out));
	s->seq = out.seq;
}

static void
core_step(struct sender * s)
{
	const struct event_write w = { .run_id = s->run.id, .type = "note",
	    .payload = payload, .payload_len = sizeof(payload) - 1 };

	post(s, &w);
}

static void
chunk_step(struct sender * s)
{
	const struct event_write w = { .run_id = s->run.id, .type = "output",
	    .stream = "tty", .chunk = payload,
	    .chunk_len = sizeof(payload) - 1 };

	post(s, &w);
}

static void
http_step(struct sender * s)
{
	char body[600];
	int n = snprintf(body, sizeof(body),
	    "{\"type\":\"note\",\"payload\":%s}", payload);
	struct http_reply * r = http_request(s->http, "POST", s->path,
	    "application/json", body, (size_t)n);

	need(r->status == 201, r->body);
	http_reply_free(&r);
}

static void *
run_sender(void * cookie)
{
	struct sender * s = cookie;

	(void)pthread_barrier_wait(&start);
	while (!atomic_load(&over)) {
		s->step(s);
		s->done++;
	}
	db_thread_end();
	return (NULL);
}

static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return ((double)t.tv_sec + (double)t.tv_nsec / 1e9);
}

/* Steps per second of ${n} senders. */
static double
rate(unsigned n, void (*step)(struct sender * s))
{
	const struct timespec second = { 1, 0 };
	uint64_t done = 0;
	double began;
	unsigned i;

	atomic_store(&over, false);
	(void)pthread_barrier_init(&start, NULL, n + 1);
	for (i = 0; i < n; i++) {
		senders[i].step = step;
		senders[i].done = 0;
		need(pthread_create(&senders[i].thread, NULL, run_sender,
		    &senders[i]) == 0, "a thread");
	}
	(void)pthread_barrier_wait(&start);
	began = now();
	(void)nanosleep(&second, NULL);
	atomic_store(&over, true);
	for (i = 0; i < n; i++) {
		(void)pthread_join(senders[i].thread, NULL);
		done += senders[i].done;
	}
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
median(const double * v)
{
	double sorted[TURNS_MAX];

	memcpy(sorted, v, turns * sizeof(*v));
	qsort(sorted, turns, sizeof(*sorted), compare);
	return ((sorted[(turns - 1) / 2] + sorted[turns / 2]) / 2);
}

static void
measure(unsigned n)
{
	double bare[TURNS_MAX], core[TURNS_MAX], chunk[TURNS_MAX];
	double ratio[TURNS_MAX], http[TURNS_MAX];
	unsigned i;

	for (i = 0; i < turns; i++) {
		bare[i] = rate(n, bare_step);
		core[i] = rate(n, core_step);
		chunk[i] = rate(n, chunk_step);
		ratio[i] = core[i] / bare[i];
		http[i] = rate(n, http_step);
	}
	(void)printf("senders_%u_bare %.0f events/s\n", n, median(bare));
	(void)printf("senders_%u_core %.0f events/s\n", n, median(core));
	(void)printf("senders_%u_core_ratio %.3f of_bare\n", n, median(ratio));
	(void)printf("senders_%u_chunk %.0f events/s\n", n, median(chunk));
	(void)printf("senders_%u_http %.0f events/s\n", n, median(http));
	(void)fflush(stdout);
}

static void
store_secrets(void)
{
	struct secret_write w = { .scope = "instance" };
	struct secbuf * value;
	char name[40], text[64], * hex;
	unsigned i;

	for (i = 0; i < SECRETS; i++) {
		(void)snprintf(name, sizeof(name), "bench/%u", i);
		hex = house_random(32);
		(void)snprintf(text, sizeof(text), "value-%s", hex);
		free(hex);
		value = house_secret(text);
		w.name = name;
		w.value = value;
		need(secret_put(&h.store, &h.actor, &w, NULL, NULL) == SR_OK,
		    "secret_put");
		secbuf_free(&value);
	}
}

static void
open_house(void)
{
	const struct project_write p = { .slug = "p", .name = "P" };
	struct run_write w = { .workflow_name = "bench",
	    .workflow_version = "1", .trigger = "bench" };
	unsigned i;

	need(house_open(&h) == 0 && liveset_new(&live) == SR_OK, "the house");
	h.store.live = live;
	store_secrets();
	/* The log of changes is read back over five minutes, each time. */
	need(house_do(&h, "UPDATE redaction_change SET changed_at = changed_at"
	    " - INTERVAL 1 HOUR"), "changes of an hour ago");
	need(liveset_refresh(live, &h.store) == SR_OK && project_create(
	    &h.store, &h.actor, &p, NULL, &project) == SR_OK, "a project");
	w.project_id = project.id;
	for (i = 0; i < SENDERS_MAX; i++) {
		need(house_thread(&h, &senders[i].store) == 0 && run_create(
		    &h.store, &h.actor, &w, 15, NULL, &senders[i].run) ==
		    SR_OK, "a run");
		senders[i].seq = 1;	/* It has started. */
	}
}

/* Ask for what makes something; its id. */
static void
make(struct http * c, const char * path, const char * body, char id[37])
{
	struct http_reply * r = http_request(c, "POST", path,
	    "application/json", body, strlen(body));
	json_t * j = json_loads(r->body, 0, NULL);
	const char * text = json_string_value(json_object_get(j, "id"));

	need(r->status == 201 && text != NULL, r->body);
	(void)snprintf(id, 37, "%s", text);
	json_decref(j);
	http_reply_free(&r);
}

static void
open_site(struct instance * site, char * key)
{
	char * line = text_format("Authorization: Bearer %.53s", key);
	char path[100], id[37];
	unsigned i;

	for (i = 0; i < SENDERS_MAX; i++) {
		senders[i].http = instance_client(site);
		http_header(senders[i].http, line);
		if (i == 0) {
			make(senders[i].http, "/api/v1/projects",
			    "{\"slug\":\"p\",\"name\":\"P\"}", id);
			(void)snprintf(path, sizeof(path),
			    "/api/v1/projects/%s/runs", id);
		}
		make(senders[i].http, path, "{\"workflow_name\":\"bench\","
		    "\"workflow_version\":\"1\",\"trigger\":\"bench\"}", id);
		(void)snprintf(senders[i].path, sizeof(senders[i].path),
		    "/api/v1/runs/%s/events", id);
	}
	free(line);
}

int
main(void)
{
	static const char * const settings[] = { "STRONGROOM_WORKER_THREADS=16",
	    NULL };
	const struct instance_options options = { .workers = 2,
	    .settings = settings };
	const char * text = getenv("STRONGROOM_BENCH_SECONDS");
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct instance * site;
	char * key = NULL;
	unsigned i;

	if (text != NULL)
		turns = (unsigned)strtoul(text, NULL, 10);
	need(turns > 0 && turns <= TURNS_MAX && fd >= 0, "settings");
	log_open(NULL, fd);
	open_house();
	log_open(h.store.redact, fd);
	need((site = instance_start(&options)) != NULL &&
	    instance_operator(site, INSTANCE_ARGS("apikey", "create", "--name",
	    "bench", "--scope", "runs:write,secrets:write", "--json"), NULL,
	    &key, NULL) == 0 && strstr(key, "\"key\":\"") != NULL,
	    "the site");
	open_site(site, strstr(key, "\"key\":\"") + 7);
	(void)rate(8, core_step);	/* All is warm. */
	measure(1);
	measure(SENDERS_MAX);
	for (i = 0; i < SENDERS_MAX; i++) {
		http_free(&senders[i].http);
		db_free(&senders[i].store.db);
	}
	free(key);
	(void)instance_stop(&site);
	log_open(NULL, -1);
	liveset_free(&live);
	house_close(&h);
	return (0);
}
