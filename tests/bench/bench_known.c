/*
 * What looking for known secrets costs, beside memcpy of the same bytes in the
 * same run: lines `name value unit`. The text is what any Debian machine has:
 * documentation, headers, and log lines made here. No secret is in it.
 */
#include <glob.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/secbuf.h"
#include "core/redact/fingerprint_internal.h"
#include "core/redact/known_internal.h"

#define TEXT_LEN	((size_t)16 * 1024 * 1024)
#define SECRET_MAX	64

static uint64_t state = 88172645463325252U;
static double memcpy_speed;

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

static size_t
add_logs(char * text, size_t n, size_t len)
{
	static const char * const heads[] = { "INFO worker-", "WARN db_pool: ",
	    "DEBUG http: GET /api/v1/runs/", "INFO git: commit ",
	    "INFO tls: sha256:", "DEBUG body: " };
	char hex[64], base64[120];

	while (n + 512 < len) {
		word(hex, 40, 16);
		word(base64, 100, 64);
		n += (size_t)snprintf(&text[n], 512,
		    "2026-11-24T05:%02u:%02u.%06uZ %s%.*s step_%u took %u ms; "
		    "user-agent=curl/7.88.1 %.*s\n", next() % 60, next() % 60,
		    next() % 1000000, heads[next() % 6],
		    (int)(next() % 4 == 0 ? 40 : 8), hex, next() % 9,
		    next() % 5000, (int)(next() % 16 == 0 ? 100 : 0), base64);
	}
	return (n);
}

static size_t
add_files(char * text, size_t n, size_t len, const char * pattern)
{
	glob_t found;
	FILE * f;
	size_t i;

	if (glob(pattern, 0, NULL, &found) != 0)
		return (n);
	for (i = 0; i < found.gl_pathc && n < len; i++) {
		if ((f = fopen(found.gl_pathv[i], "r")) == NULL)
			continue;
		n += fread(&text[n], 1, len - n, f);
		(void)fclose(f);
	}
	globfree(&found);
	return (n);
}

/* Half of it is documentation and code, if there is any, and half logs. */
static char *
make_text(void)
{
	char * text = malloc(TEXT_LEN);
	size_t n;

	if (text == NULL)
		abort();
	n = add_files(text, 0, TEXT_LEN / 4, "/usr/share/doc/*/copyright");
	n = add_files(text, n, TEXT_LEN * 3 / 8, "/usr/include/*.h");
	n = add_files(text, n, TEXT_LEN / 2, "/usr/include/*/*.h");
	n = add_logs(text, n, TEXT_LEN);
	memset(&text[n], '\n', TEXT_LEN - n);
	return (text);
}

static double
bench_memcpy(const char * text)
{
	char * copy = malloc(TEXT_LEN);
	double start, best = 1e9;
	unsigned round;

	if (copy == NULL)
		abort();
	for (round = 0; round < 8; round++) {
		start = now();
		memcpy(copy, text, TEXT_LEN);
		__asm__ volatile("" : : "r"(copy) : "memory");
		if (now() - start < best)
			best = now() - start;
	}
	free(copy);
	return ((double)TEXT_LEN / 1e6 / best);
}

static int
by_value(const void * a, const void * b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x < y ? -1 : x > y);
}

/* What secrets are made of. */
struct mix {
	const char * name;
	size_t least, most;
	unsigned shorts;	/* One of so many has 8 to 12 bytes; or 0. */
};

static void
add_form(const struct fingerprint * f, struct redact_form * form,
    enum redact_kind kind, const char * p, size_t len)
{
	const struct fingerprint_keys * keys = fingerprint_keys(f);

	*form = (struct redact_form){ .kind = kind, .length = (uint32_t)len,
	    .tag = "abcdef" };
	fingerprint_windows(keys, (const uint8_t *)p, len, form);
	fingerprint_mac(keys, (const uint8_t *)p, len, form->mac);
}

/*
 * As redact_forms_of makes them, without its locked pages, which would be most
 * of this program's time. Random characters do for base64: no text has them.
 */
static void
put(struct known * k, const struct fingerprint * f, size_t i,
    const struct mix * mix, double * took)
{
	char value[2 * SECRET_MAX];
	struct redact_form forms[4];
	struct sr_id id = { .b = { 1 } };
	size_t j, len = mix->least + next() % (mix->most - mix->least + 1);
	double start;

	if (mix->shorts != 0 && i % mix->shorts == 0)
		len = 8 + next() % 5;
	for (j = 0; j < 4; j++) {
		word(value, len * 4 / 3, 62);
		add_form(f, &forms[j], j == 0 ? REDACT_RAW :
		    (enum redact_kind)(REDACT_BASE64_0 + j - 1), value,
		    j == 0 ? len : j == 1 ? len * 4 / 3 : (len * 4 - 1) / 3);
	}
	memcpy(&id.b[8], &i, sizeof(i));
	start = now();
	if (known_put(k, &id, 1, "instance/bench@1", forms, 4) != SR_OK)
		abort();
	*took = now() - start;
}

static size_t
memory(void)
{
	struct mallinfo2 m = mallinfo2();

	return (m.uordblks + m.hblkhd);
}

static void
fill(struct known * k, const struct fingerprint * f, size_t n,
    const struct mix * mix)
{
	double * took = malloc((n + 1) * sizeof(*took));
	double all = 0;
	size_t i, before = memory();

	if (took == NULL)
		abort();
	for (i = 0; i < n; i++) {
		put(k, f, i, mix, &took[i]);
		all += took[i];
	}
	if (n >= 100) {
		qsort(took, n, sizeof(*took), by_value);
		(void)printf("known_%zu_%s_put_mean %.2f us\n", n, mix->name,
		    all * 1e6 / (double)n);
		(void)printf("known_%zu_%s_put_median %.2f us\n", n,
		    mix->name, took[n / 2] * 1e6);
		(void)printf("known_%zu_%s_put_p99 %.2f us\n", n, mix->name,
		    took[n - 1 - n / 100] * 1e6);
		(void)printf("known_%zu_%s_put_worst %.2f us\n", n, mix->name,
		    took[n - 1] * 1e6);
	}
	free(took);
	(void)printf("known_%zu_%s_memory %.1f MB\n", n, mix->name,
	    (double)(memory() - before) / 1e6);
}

typedef enum redact_cause pass(const struct known *, const struct fingerprint *,
    const struct view *, struct span_list *, size_t *);

/* In views of 64 KiB, as a stream has them. */
static void
scan(const char * name, size_t n, const struct mix * mix, pass * fn,
    const struct known * k, const struct fingerprint * f, const char * text)
{
	struct span_list spans = { .n = 0 };
	struct view view;
	double start, best = 1e9;
	size_t at, open;
	unsigned round;

	for (round = 0; round < 4; round++) {
		start = now();
		for (at = 0; at < TEXT_LEN; at += view.len) {
			view = (struct view){ .text = &text[at], .len = 65536,
			    .at = at, .last = true };
			if (fn(k, f, &view, &spans, &open) !=
			    REDACT_CAUSE_NONE)
				abort();
		}
		if (now() - start < best)
			best = now() - start;
	}
	(void)printf("known_%zu_%s_%s %.0f MB/s\n", n, mix->name, name,
	    (double)TEXT_LEN / 1e6 / best);
	(void)printf("known_%zu_%s_%s_to_memcpy %.3f ratio\n", n, mix->name,
	    name, (double)TEXT_LEN / 1e6 / best / memcpy_speed);
	span_free(&spans);
}

static void
bench(const struct secbuf * key, const char * text, size_t n,
    const struct mix * mix)
{
	struct fingerprint * f;
	struct known * k;

	if (fingerprint_new(key, &f) != SR_OK || known_new(&k) != SR_OK)
		abort();
	fill(k, f, n, mix);
	if (n != 0) {
		scan("windows", n, mix, known_pass_plain, k, f, text);
		scan("lenses", n, mix, known_pass, k, f, text);
	}
	known_free(&k);
	fingerprint_free(&f);
	(void)malloc_trim(0);
	(void)fflush(stdout);
}

int
main(void)
{
	/* Base64 forms are a third longer: 12 bytes make 15 characters. */
	static const struct mix none_short = { "long", 15, 64, 0 };
	static const struct mix some_short = { "mixed", 15, 64, 8 };
	static const size_t counts[] = { 0, 100, 10000, 100000 };
	char * text = make_text();
	struct secbuf * key;
	size_t i;

	if (secbuf_random(32, &key) != SR_OK)
		abort();
	memcpy_speed = bench_memcpy(text);
	(void)printf("memcpy %.0f MB/s\n", memcpy_speed);
	for (i = 0; i < COUNTOF(counts); i++) {
		bench(key, text, counts[i], &none_short);
		bench(key, text, counts[i], &some_short);
	}
	secbuf_free(&key);
	free(text);
	return (0);
}
