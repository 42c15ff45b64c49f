/*
 * What redaction costs as a whole: both passes together and each alone, for
 * none to 100,000 secrets, beside memcpy of the same bytes in the same run.
 * Lines `name value unit`. No known secret is in the text.
 */
#include "core/base/secbuf.h"
#include "core/redact/gate_internal.h"
#include "tests/bench/text.h"

static struct redact *
engine(size_t secrets)
{
	struct redact_forms forms;
	struct secbuf * key;
	struct secbuf * value;
	struct redact * r;
	struct sr_id id;
	char text[128];
	double start;
	size_t i;

	if (redact_new(&r) != SR_OK || secbuf_random(32, &key) != SR_OK ||
	    redact_unlock(r, key) != SR_OK)
		abort();
	start = bench_now(CLOCK_THREAD_CPUTIME_ID);
	for (i = 0; i < secrets; i++) {
		bench_value(text, 20 + bench_next() % 60);
		if (sr_id_new(&id) != SR_OK ||
		    secbuf_copy(text, strlen(text), &value) != SR_OK ||
		    redact_forms_of(key, value, &forms) != SR_OK ||
		    redact_known_put(r, &id, 1, "secret", forms.v,
		    forms.n) != SR_OK)
			abort();
		redact_forms_free(&forms);
		secbuf_free(&value);
	}
	if (secrets != 0)
		(void)printf("fingerprint_and_put_%zu %.2f us each\n", secrets,
		    (bench_now(CLOCK_THREAD_CPUTIME_ID) - start) * 1e6 /
		    (double)secrets);
	redact_mark(r, REDACT_READY);
	secbuf_free(&key);
	return (r);
}

/* The best of three, in MB/s of processor time. */
static double
best(void (*run)(struct redact *, const char *), struct redact * r,
    const char * text)
{
	double start, took, least = 1e9;
	int i;

	for (i = 0; i < 3; i++) {
		start = bench_now(CLOCK_THREAD_CPUTIME_ID);
		run(r, text);
		took = bench_now(CLOCK_THREAD_CPUTIME_ID) - start;
		least = took < least ? took : least;
	}
	return ((double)TEXT_LEN / least / 1e6);
}

static void
run_memcpy(struct redact * r, const char * text)
{
	static char * to;

	(void)r;
	if (to == NULL && (to = malloc(TEXT_LEN)) == NULL)
		abort();
	memcpy(to, text, TEXT_LEN);
	__asm__ volatile("" : : "r"(to) : "memory");
}

static void
run_text(struct redact * r, const char * text)
{
	struct redacted * t;

	if (redact_text(r, REDACT_LOG, text, TEXT_LEN, NULL, &t) != SR_OK)
		abort();
	redacted_free(&t);
}

static void
run_rules(struct redact * r, const char * text)
{
	struct redacted * t;

	if (redact_rules_text(r, text, TEXT_LEN, NULL, &t) != SR_OK)
		abort();
	redacted_free(&t);
}

static void
run_known(struct redact * r, const char * text)
{
	const struct view view = { .text = text, .len = TEXT_LEN,
	    .last = true };
	struct gate_work * work = NULL;
	struct gate g;
	size_t cut;

	if (gate_enter(&g, r, GATE_READY, TEXT_LEN, &work) !=
	    REDACT_CAUSE_NONE)
		abort();
	g.with.rules = NULL;
	if (scan_step(&work->scan, &g.with, &view, &cut) != REDACT_CAUSE_NONE)
		abort();
	gate_leave(&g, &work, false);
}

static void
run_stream(struct redact * r, const char * text, size_t piece)
{
	struct redact_stream * s;
	struct redacted * t;
	size_t at, n;

	if (redact_open(r, REDACT_PUBSUB, NULL, &s) != SR_OK)
		abort();
	for (at = 0; at < TEXT_LEN; at += n) {
		n = TEXT_LEN - at < piece ? TEXT_LEN - at : piece;
		if (redact_feed(s, &text[at], n, &t) != SR_OK)
			abort();
		redacted_free(&t);
	}
	if (redact_finish(s, &t) != SR_OK)
		abort();
	redacted_free(&t);
	redact_stream_free(&s);
}

static void
run_stream_64k(struct redact * r, const char * text)
{

	run_stream(r, text, 65536);
}

static void
run_stream_512(struct redact * r, const char * text)
{

	run_stream(r, text, 512);
}

static void
say(const char * what, size_t secrets, double speed, double limit)
{

	(void)printf("%s_%zu_secrets %.0f MB/s %.3f of memcpy\n", what,
	    secrets, speed, speed / limit);
	(void)fflush(stdout);
}

static void
bench_engine(const char * text)
{
	static const size_t counts[] = { 0, 100, 10000, 100000 };
	struct redact * r;
	double limit;
	size_t i;

	r = engine(0);
	limit = best(run_memcpy, r, text);
	(void)printf("memcpy %.0f MB/s\n", limit);
	say("rules_only", 0, best(run_rules, r, text), limit);
	redact_free(&r);
	for (i = 0; i < COUNTOF(counts); i++) {
		r = engine(counts[i]);
		say("known_only", counts[i], best(run_known, r, text), limit);
		say("both", counts[i], best(run_text, r, text), limit);
		if (counts[i] == 10000) {
			say("both_stream_64k", counts[i],
			    best(run_stream_64k, r, text), limit);
			say("both_stream_512", counts[i],
			    best(run_stream_512, r, text), limit);
		}
		redact_free(&r);
	}
}

int
main(void)
{
	char * text = bench_text();

	bench_engine(text);
	free(text);
	return (0);
}
