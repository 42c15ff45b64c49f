#ifndef SR_TESTS_FUZZ_ONE_H
#define SR_TESTS_FUZZ_ONE_H

/*
 * What the fuzz targets share with the short runs among the tests: an engine,
 * and one input that is looked at. A property that does not hold is a line on
 * standard error and abort(3), which a fuzzer keeps.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/secbuf.h"
#include "core/redact/gate_internal.h"

#define ONE_UNUSED	__attribute__((unused))
#define ONE_SECRETS	3

/* $FUZZ_COUNT: go on, and let the run tell how many there were. */
static unsigned one_failures;

#define ONE_FAILS(...) do {						\
	(void)fprintf(stderr, "%s:%d: ", __FILE__, __LINE__);		\
	(void)fprintf(stderr, __VA_ARGS__);				\
	(void)fprintf(stderr, "\n");					\
	one_failures++;							\
	if (getenv("FUZZ_COUNT") == NULL)				\
		abort();						\
} while (0)

#define ONE_HOLDS(what) do {						\
	if (!(what))							\
		ONE_FAILS("%s", #what);					\
} while (0)

struct one_text {
	char * p;
	size_t len, cap;
};

struct one_secret {
	char p[64];
	size_t len;
};

static struct redact * one_engine;
static struct secbuf * one_key;

ONE_UNUSED static void
one_add(struct one_text * t, const void * bytes, size_t len)
{

	if (t->cap - t->len < len + 1) {
		t->cap = (t->len + len + 1) * 2;
		ONE_HOLDS((t->p = realloc(t->p, t->cap)) != NULL);
	}
	if (len != 0)
		memcpy(&t->p[t->len], bytes, len);
	t->len += len;
	t->p[t->len] = '\0';
}

/* The engine, made once; its key is the same in every run. */
ONE_UNUSED static struct redact *
one_redact(void)
{
	uint8_t key[32];

	if (one_engine != NULL)
		return (one_engine);
	memset(key, 7, sizeof(key));
	ONE_HOLDS(secbuf_copy(key, sizeof(key), &one_key) == SR_OK);
	ONE_HOLDS(redact_new(&one_engine) == SR_OK);
	ONE_HOLDS(redact_unlock(one_engine, one_key) == SR_OK);
	redact_mark(one_engine, REDACT_READY);
	return (one_engine);
}

ONE_UNUSED static void
one_end(void)
{

	redact_free(&one_engine);
	secbuf_free(&one_key);
}

ONE_UNUSED static void
one_know(unsigned n, const char * p, size_t len)
{
	struct sr_id id = { .b = { (uint8_t)(n + 1) } };
	struct redact_forms forms;
	struct secbuf * value;

	ONE_HOLDS(secbuf_copy(p, len, &value) == SR_OK);
	ONE_HOLDS(redact_forms_of(one_key, value, &forms) == SR_OK);
	ONE_HOLDS(redact_known_put(one_engine, &id, 1, "secret", forms.v,
	    forms.n) == SR_OK);
	redact_forms_free(&forms);
	secbuf_free(&value);
}

ONE_UNUSED static void
one_forget(void)
{
	struct sr_id id = { .b = { 0 } };
	unsigned i;

	for (i = 0; i < ONE_SECRETS; i++) {
		id.b[0] = (uint8_t)(i + 1);
		redact_known_drop(one_engine, &id);
	}
}

static void
one_show(const char * what, const char * p, size_t len)
{
	size_t i;

	(void)fprintf(stderr, "%s (%zu): ", what, len);
	for (i = 0; i < len && i < 2000; i++) {
		if (p[i] >= ' ' && p[i] < 0x7f && p[i] != '\\')
			(void)fputc(p[i], stderr);
		else
			(void)fprintf(stderr, "\\x%02x", (unsigned char)p[i]);
	}
	(void)fputc('\n', stderr);
}

ONE_UNUSED static void
one_same(const char * what, const char * text, size_t text_len,
    const char * a, size_t a_len, const char * b, size_t b_len)
{

	if (a_len == b_len && (a_len == 0 || memcmp(a, b, a_len) == 0))
		return;
	one_show("text", text, text_len);
	one_show("one", a, a_len);
	one_show("other", b, b_len);
	ONE_FAILS("%s", what);
}

static uint32_t
one_random(uint64_t * state)
{

	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return ((uint32_t)(*state >> 16));
}

/* ${text} through a stream, in pieces of up to ${most} bytes. */
ONE_UNUSED static void
one_stream(const char * text, size_t len, size_t most, uint64_t * state,
    bool rules_only, struct one_text * out)
{
	const struct redact_stream_options options = {
		.rules_only = rules_only };
	struct redact_stream * s;
	struct redacted * t;
	size_t at = 0, n;

	ONE_HOLDS(redact_open(one_redact(), REDACT_PUBSUB, &options,
	    &s) == SR_OK);
	while (at < len) {
		n = 1 + one_random(state) % most;
		if (n > len - at)
			n = len - at;
		ONE_HOLDS(redact_feed(s, &text[at], n, &t) == SR_OK);
		one_add(out, redacted_bytes(t), redacted_len(t));
		redacted_free(&t);
		at += n;
	}
	ONE_HOLDS(redact_finish(s, &t) == SR_OK);
	one_add(out, redacted_bytes(t), redacted_len(t));
	redacted_free(&t);
	redact_stream_free(&s);
}

/* An example of a rule; ${n} is any number. */
ONE_UNUSED static size_t
one_example(unsigned n, char * out, size_t size)
{
	static unsigned rows;
	const struct rule * rule;
	const char * const * list;
	size_t from, to, i = 0;

	while (rows == 0 || rule_row(rows) != NULL)
		rows++;
	rule = rule_row(n % rows);
	list = n & 1 ? rule->counters : rule->examples;
	while (list != NULL && list[i] != NULL)
		i++;
	if (i == 0)
		return (0);
	return (rule_example(list[n / 7 % i], out, size, &from, &to));
}

#endif /* !SR_TESTS_FUZZ_ONE_H */
