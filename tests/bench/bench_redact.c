/*
 * What the gate's scans cost, beside memcpy of the same bytes in the same
 * run: lines `name value unit`. The text is made here: log lines, some hex,
 * some base64; no secret is in it unless the name says so.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/secbuf.h"
#include "core/redact/known_internal.h"
#include "core/redact/rule_internal.h"

#define TEXT_LEN	((size_t)16 * 1024 * 1024)
#define SECRET_MAX	64

static uint64_t state = 88172645463325252U;

static uint32_t
next(void)
{

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return ((uint32_t)(state >> 16));
}

static double
now(void)
{
	struct timespec t;

	/* Of this thread: others on the machine must not count. */
	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return ((double)t.tv_sec + (double)t.tv_nsec / 1e9);
}

static void
word(char * to, size_t len, size_t alphabet)
{
	static const char set[] = "0123456789abcdef"
	    "ghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+/";
	size_t i;

	for (i = 0; i < len; i++)
		to[i] = set[next() % alphabet];
}

static char *
make_text(void)
{
	static const char * const heads[] = { "INFO worker-", "WARN db_pool: ",
	    "DEBUG http: GET /api/v1/runs/", "INFO git: commit ",
	    "INFO tls: sha256:", "DEBUG body: " };
	char * text = malloc(TEXT_LEN + 512);
	char hex[64], base64[120];
	size_t n = 0;

	if (text == NULL)
		abort();
	while (n < TEXT_LEN) {
		word(hex, 40, 16);
		word(base64, 100, 64);
		n += (size_t)snprintf(&text[n], 512,
		    "2026-11-24T05:%02u:%02u.%06uZ %s%.*s step_%u took %u ms; "
		    "user-agent=curl/7.88.1 %.*s\n", next() % 60, next() % 60,
		    next() % 1000000, heads[next() % 6], 40, hex, next() % 9,
		    next() % 5000, (int)(next() % 4 == 0 ? 100 : 0), base64);
	}
	return (text);
}

static void
report(const char * name, double seconds, size_t bytes)
{

	(void)printf("%s %.0f MB/s\n", name, (double)bytes / 1e6 / seconds);
}

/* Return the seconds that putting took. */
static double
fill(struct known * k, const struct secbuf * key, size_t n, size_t least,
    size_t most)
{
	char value[SECRET_MAX];
	struct redact_forms forms;
	struct sr_id id = { .b = { 1 } };
	struct secbuf * b;
	double start, took = 0;
	size_t i, len;

	for (i = 0; i < n; i++) {
		len = least + next() % (most - least + 1);
		word(value, len, 64);
		memcpy(&id.b[8], &i, sizeof(i));
		if (secbuf_copy(value, len, &b) != SR_OK ||
		    redact_forms_of(key, b, &forms) != SR_OK)
			abort();
		start = now();
		if (known_put(k, &id, 1, "instance/bench@1", forms.v,
		    forms.n) != SR_OK)
			abort();
		took += now() - start;
		redact_forms_free(&forms);
		secbuf_free(&b);
	}
	return (took);
}

/* ${n} secrets of ${least} to ${most} bytes: putting and scanning. */
static void
bench_known(const char * name, const struct secbuf * key, const char * text,
    size_t n, size_t least, size_t most)
{
	struct fingerprint * f;
	struct known * k;
	struct span_list spans = { .n = 0 };
	double start, best = 1e9, took;
	char line[80];
	unsigned round;

	if (fingerprint_new(key, &f) != SR_OK || known_new(&k) != SR_OK)
		abort();
	took = fill(k, key, n, least, most);
	for (round = 0; round < 3; round++) {
		start = now();
		if (known_scan(k, f, text, TEXT_LEN, &spans) !=
		    REDACT_CAUSE_NONE)
			abort();
		if (now() - start < best)
			best = now() - start;
	}
	(void)snprintf(line, sizeof(line), "known_%s", name);
	/* Without secrets there is nothing to scan for. */
	if (n == 0)
		(void)printf("%s %.2f us\n", line, best * 1e6);
	else
		report(line, best, TEXT_LEN);
	if (n != 0)
		(void)printf("known_%s_put %.2f us\n", name,
		    took * 1e6 / (double)n);
	span_free(&spans);
	known_free(&k);
	fingerprint_free(&f);
}

static void
bench_rules(const char * text)
{
	struct rules * rules;
	struct rule_scratch * scratch;
	struct span_list spans = { .n = 0 };
	double start = now(), best = 1e9;
	unsigned round;

	if (rules_new(&rules) != SR_OK ||
	    (scratch = rule_scratch_new(rules)) == NULL)
		abort();
	(void)printf("rules_compile %.1f ms\n", (now() - start) * 1e3);
	for (round = 0; round < 3; round++) {
		start = now();
		if (rules_scan(rules, scratch, text, TEXT_LEN, &spans) !=
		    REDACT_CAUSE_NONE)
			abort();
		if (now() - start < best)
			best = now() - start;
	}
	report("rules", best, TEXT_LEN);
	(void)printf("rules_hits %zu spans\n", spans.n / 3);
	span_free(&spans);
	rule_scratch_free(&scratch);
	rules_free(&rules);
}

static void
bench_memcpy(const char * text)
{
	char * copy = malloc(TEXT_LEN);
	double start, best = 1e9;
	unsigned round;

	if (copy == NULL)
		abort();
	for (round = 0; round < 5; round++) {
		start = now();
		memcpy(copy, text, TEXT_LEN);
		__asm__ volatile("" : : "r"(copy) : "memory");
		if (now() - start < best)
			best = now() - start;
	}
	report("memcpy", best, TEXT_LEN);
	free(copy);
}

/* A page of 20 kB and a log line through the whole gate, per second. */
static void
bench_gate(const struct secbuf * key, const char * text)
{
	struct redact * r;
	struct redacted * t;
	double start;
	unsigned i;

	if (redact_new(&r) != SR_OK || redact_unlock(r, key) != SR_OK)
		abort();
	redact_mark(r, REDACT_READY);
	start = now();
	for (i = 0; i < 20000; i++) {
		if (redact_text(r, REDACT_LOG, &text[i * 200], 200, NULL,
		    &t) != SR_OK)
			abort();
		redacted_free(&t);
	}
	(void)printf("gate_line_of_200_bytes %.2f us\n",
	    (now() - start) * 1e6 / 20000);
	start = now();
	for (i = 0; i < 500; i++) {
		if (redact_rendered(r, &text[i * 20000], 20000, NULL,
		    &t) == SR_OK)
			redacted_free(&t);
	}
	(void)printf("gate_page_of_20000_bytes %.2f us\n",
	    (now() - start) * 1e6 / 500);
	redact_free(&r);
}

int
main(void)
{
	char * text = make_text();
	struct secbuf * key;

	if (secbuf_random(32, &key) != SR_OK)
		abort();
	bench_memcpy(text);
	bench_rules(text);
	bench_known("0_secrets", key, text, 0, 20, 40);
	bench_known("100_secrets", key, text, 100, 32, 64);
	bench_known("10000_secrets", key, text, 10000, 32, 64);
	bench_known("10000_medium_secrets", key, text, 10000, 15, 20);
	bench_known("100_short_secrets", key, text, 100, 8, 10);
	bench_known("10000_secrets_of_all_lengths", key, text, 10000, 8, 64);
	bench_gate(key, text);
	secbuf_free(&key);
	free(text);
	return (0);
}
