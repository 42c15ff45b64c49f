/*
 * Runs, followed live, through lighttpd and one worker: how long it takes from
 * the call that posts an event until a listener has it (p50, p99, all listeners
 * together), and how many queries a second listening costs the database, with
 * one listener and with 200: while nothing happens, and above what the same
 * posts cost without a listener. Lines `name value unit`. The posts come from
 * this process as from another worker, so the hub is not woken and finds them
 * at its next look. STRONGROOM_BENCH_SECONDS: each measurement (4).
 */

#include "tests/e2e/ears.h"
#include "tests/e2e/senders.h"
#include "tests/harness/http.h"
#include "tests/harness/walk.h"

#define EARS		200u
#define POSTS_MAX	20000u
#define PAUSE_MS	20
#define SAMPLES_MAX	(POSTS_MAX * EARS)

static struct instance * inst;
static struct senders site;
static char * cookie;
static struct ear ears[EARS];
static double seconds = 4;

static int64_t posted_at[POSTS_MAX];	/* Microseconds, by seq. */
static float * samples;			/* Milliseconds. */
static size_t n_samples;

static void
need(bool ok, const char * what)
{

	if (ok)
		return;
	(void)fprintf(stderr, "bench_sse: %s failed\n", what);
	exit(1);
}

static void
heard(struct ear * e, const char * frame, size_t len)
{
	int64_t at = e->last < POSTS_MAX ? posted_at[e->last] : 0;

	(void)frame;
	(void)len;
	if (at != 0 && n_samples < SAMPLES_MAX)
		samples[n_samples++] = (float)(clock_now() - at) / 1000;
}

static int
by_size(const void * a, const void * b)
{
	const float x = *(const float *)a, y = *(const float *)b;

	return (x < y ? -1 : x > y);
}

static void
print_latency(unsigned n)
{

	need(n_samples > 0, "a sample");
	qsort(samples, n_samples, sizeof(*samples), by_size);
	(void)printf("sse_%u_p50 %.1f ms\nsse_%u_p99 %.1f ms\n"
	    "sse_%u_samples %zu\n", n, (double)samples[n_samples / 2], n,
	    (double)samples[n_samples * 99 / 100], n, n_samples);
}

/* How often statements were executed so far. */
static double
executed(void)
{
	char * out = mariadb_sql(instance_database(inst), "SELECT"
	    " VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS"
	    " WHERE VARIABLE_NAME = 'COM_STMT_EXECUTE'");
	double n = out == NULL ? 0 : strtod(out, NULL);

	free(out);
	return (n);
}

/* Listen, and post every so often if ${run}; queries a second meanwhile. */
static double
measure(unsigned n, const struct run * run)
{
	const int64_t length = (int64_t)(seconds * 1000);
	int64_t began = clock_monotonic_ms(), next = began;
	double before = executed();
	uint64_t seq = 1;

	while (clock_monotonic_ms() - began < length) {
		(void)ears_listen(ears, n, 1);
		if (run == NULL || clock_monotonic_ms() < next ||
		    seq + 1 >= POSTS_MAX)
			continue;
		next += PAUSE_MS;
		posted_at[seq + 1] = clock_now();
		need(senders_post(&site, &site.store, run, "output",
		    "{\"stream\":\"stdout\",\"chunk\":\"one line of what an "
		    "agent prints\\n\"}", &seq) == SR_OK, "a post");
	}
	return ((executed() - before) * 1000 /
	    (double)(clock_monotonic_ms() - began));
}

static bool
is_open(const struct ear * e)
{

	return (e->status == 200);
}

static void
bench(unsigned n, double base_idle, double base_busy)
{
	struct run run;
	char path[160];
	double idle, busy;

	need(senders_run(&site, &run, path) == 0, "a run");
	n_samples = 0;
	memset(posted_at, 0, sizeof(posted_at));
	for (unsigned i = 0; i < n; i++) {
		ear_open(&ears[i], inst, path, cookie);
		ears[i].heard = heard;
	}
	need(ears_until(ears, n, is_open), "listening");
	idle = measure(n, NULL);
	busy = measure(n, &run);
	print_latency(n);
	(void)printf("sse_%u_idle_queries %.1f /s\n"
	    "sse_%u_busy_queries %.1f /s\n", n, idle - base_idle, n,
	    busy - base_busy);
	for (unsigned i = 0; i < n; i++)
		ear_close(&ears[i]);
}

int
main(void)
{
	static const char * const settings[] = {
	    "STRONGROOM_SSE_ACCOUNT_LISTENERS=256", NULL };
	const struct instance_options options = { .settings = settings };
	const char * text = getenv("STRONGROOM_BENCH_SECONDS");
	double base_idle, base_busy;
	struct http * owner;
	struct run run;
	char path[160], * token;

	if (text != NULL)
		seconds = strtod(text, NULL);
	samples = calloc(SAMPLES_MAX, sizeof(*samples));
	need(samples != NULL && (inst = instance_start(&options)) != NULL &&
	    (owner = walk_in(inst)) != NULL && senders_open(&site, inst) == 0 &&
	    senders_run(&site, &run, path) == 0, "the instance");
	token = http_cookie(owner, "sr_session");
	cookie = text_format("Cookie: sr_session=%s\r\n", token);
	base_idle = measure(0, NULL);
	base_busy = measure(0, &run);
	bench(1, base_idle, base_busy);
	bench(EARS, base_idle, base_busy);
	free(token);
	free(cookie);
	free(samples);
	http_free(&owner);
	senders_close(&site);
	return (instance_stop(&inst) == 0 ? 0 : 1);
}
