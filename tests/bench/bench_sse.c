/*
 * Runs, followed live, through lighttpd and one worker: how long it takes from
 * the call that posts an event until a listener has it (p50, p99, all listeners
 * together), and how many queries a second listening costs the database, with
 * one listener and with 200: while nothing happens, and above what the same
 * posts cost without a listener. Lines `name value unit`. Posted is either by
 * the API ("here"), where the worker wakes its hub, or by this process as by
 * another worker ("elsewhere"), which the hub finds at its next look.
 * STRONGROOM_BENCH_SECONDS: each measurement (4).
 */

#include "tests/e2e/ears.h"
#include "tests/e2e/senders.h"
#include "tests/harness/walk.h"

#define EARS		200u
#define POSTS_MAX	20000u
#define PAUSE_MS	20
#define SAMPLES_MAX	(POSTS_MAX * EARS)

static struct instance * inst;
static struct senders site;
static struct http * program;
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
print_latency(unsigned n, const char * how)
{

	need(n_samples > 0, "a sample");
	qsort(samples, n_samples, sizeof(*samples), by_size);
	(void)printf("sse_%u_%s_p50 %.1f ms\nsse_%u_%s_p99 %.1f ms\n"
	    "sse_%u_%s_samples %zu\n", n, how,
	    (double)samples[n_samples / 2], n, how,
	    (double)samples[n_samples * 99 / 100], n, how, n_samples);
	n_samples = 0;
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

#define LINE	"{\"stream\":\"stdout\",\"chunk\":\"one line of what an " \
    "agent prints\\n\"}"

static bool
post(const struct run * run, bool here, uint64_t * seq)
{

	posted_at[*seq + 1] = clock_now();
	return (here ? senders_call(program, run, "output", LINE, seq) :
	    senders_post(&site, &site.store, run, "output", LINE, seq) ==
	    SR_OK);
}

/* Listen, and post every so often if ${run}; queries a second meanwhile. */
static double
measure(unsigned n, const struct run * run, bool here, uint64_t * seq)
{
	const int64_t length = (int64_t)(seconds * 1000);
	int64_t began = clock_monotonic_ms(), next = began;
	double before = executed();

	while (clock_monotonic_ms() - began < length) {
		(void)ears_listen(ears, n, 1);
		if (run == NULL || clock_monotonic_ms() < next ||
		    *seq + 1 >= POSTS_MAX)
			continue;
		next = clock_monotonic_ms() + PAUSE_MS;
		need(post(run, here, seq), "a post");
	}
	return ((executed() - before) * 1000 /
	    (double)(clock_monotonic_ms() - began));
}

static bool
is_open(const struct ear * e)
{

	return (e->status == 200);
}

/* Queries a second: nothing posted, posted here, posted elsewhere. */
struct queries {
	double idle, here, elsewhere;
};

static struct queries
bench(unsigned n)
{
	struct queries q;
	struct run run;
	uint64_t seq = 1;
	char path[160];

	need(senders_run(&site, &run, path) == 0, "a run");
	memset(posted_at, 0, sizeof(posted_at));
	for (unsigned i = 0; i < n; i++) {
		ear_open(&ears[i], inst, path, cookie);
		ears[i].heard = heard;
	}
	need(ears_until(ears, n, is_open), "listening");
	q.idle = measure(n, NULL, false, &seq);
	q.here = measure(n, &run, true, &seq);
	if (n > 0)
		print_latency(n, "here");
	q.elsewhere = measure(n, &run, false, &seq);
	if (n > 0)
		print_latency(n, "elsewhere");
	for (unsigned i = 0; i < n; i++)
		ear_close(&ears[i]);
	return (q);
}

static void
print_queries(unsigned n, const struct queries * q, const struct queries * base)
{

	(void)printf("sse_%u_idle_queries %.1f /s\n"
	    "sse_%u_here_queries %.1f /s\n"
	    "sse_%u_elsewhere_queries %.1f /s\n", n, q->idle - base->idle, n,
	    q->here - base->here, n, q->elsewhere - base->elsewhere);
}

int
main(void)
{
	static const char * const settings[] = {
	    "STRONGROOM_SSE_ACCOUNT_LISTENERS=256", NULL };
	const struct instance_options options = { .settings = settings };
	const char * text = getenv("STRONGROOM_BENCH_SECONDS");
	struct queries base, q;
	struct http * owner = NULL;
	char * token;

	if (text != NULL)
		seconds = strtod(text, NULL);
	samples = calloc(SAMPLES_MAX, sizeof(*samples));
	need(samples != NULL && (inst = instance_start(&options)) != NULL &&
	    (owner = walk_in(inst)) != NULL && senders_open(&site, inst) == 0 &&
	    (program = senders_client(inst)) != NULL, "the instance");
	token = http_cookie(owner, "sr_session");
	cookie = text_format("Cookie: sr_session=%s\r\n", token);
	base = bench(0);
	q = bench(1);
	print_queries(1, &q, &base);
	q = bench(EARS);
	print_queries(EARS, &q, &base);
	free(token);
	free(cookie);
	free(samples);
	http_free(&owner);
	http_free(&program);
	senders_close(&site);
	return (instance_stop(&inst) == 0 ? 0 : 1);
}
