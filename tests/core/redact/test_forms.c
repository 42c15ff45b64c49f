#include <nettle/base64.h>

#include "tests/core/redact/kit.h"

#define SECRETS		160
#define LABEL		"instance/known@1"

static const char alnum[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "abcdefghijklmnopqrstuvwxyz0123456789";
static const char * const alphabets[] = {
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
	"0123456789abcdef",
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
	"0123456789",
	"abcXYZ019!#$%&()*+,-./;<=>?[]^_{|}~\\\"'`",
	"a1$&\\1.*[](){}|^+?",
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
	"abc019\xc3\xa4\xc3\xb6\xe6\xbc\xa2",
};
static const size_t lengths[] = { 8, 8, 9, 10, 12, 12, 13, 14, 15, 16, 20, 24,
    30, 31, 32, 33, 40, 44, 64, 88, 128, 300, 1024, 4096 };

struct secret {
	char * p;
	size_t len;
	char tag[REDACT_TAG_LEN + 1];
};

static void
fill(char * p, size_t len, const char * alphabet, uint64_t * state)
{
	size_t i, n = strlen(alphabet);

	for (i = 0; i < len; i++)
		p[i] = alphabet[kit_random(state) % n];
}

static struct secret
make_secret(size_t i, uint64_t * state)
{
	struct secret s = { .len = lengths[kit_random(state) %
	    COUNTOF(lengths)] };
	size_t at;

	s.p = malloc(s.len + 1);
	CU_ASSERT_PTR_NOT_NULL_FATAL(s.p);
	fill(s.p, s.len, alphabets[i % COUNTOF(alphabets)], state);
	s.p[s.len] = '\0';
	/* Every eleventh has several lines, as keys do. */
	for (at = 64; i % 11 == 0 && at + 1 < s.len; at += 65)
		s.p[at] = '\n';
	return (s);
}

static struct redact * engine;
static struct secret secrets[SECRETS];

/* Called by the tests that need them; the first call makes them. */
static void
make_secrets(void)
{
	uint64_t state = 20261124;
	unsigned i;

	if (engine != NULL)
		return;
	engine = kit_ready();
	for (i = 0; i < SECRETS; i++) {
		secrets[i] = make_secret(i, &state);
		kit_put(engine, i, LABEL, secrets[i].p, secrets[i].len,
		    secrets[i].tag);
	}
}

static int
free_secrets(void)
{
	size_t i;

	for (i = 0; i < SECRETS; i++)
		free(secrets[i].p);
	redact_free(&engine);
	return (0);
}

/* What a mask of ${s}, found as ${len} bytes ${p}, looks like. */
static void
add_mask(struct kit_text * t, const struct secret * s, const char * p,
    size_t len)
{
	size_t i;

	kit_adds(t, "[REDACTED:" LABEL ":");
	kit_adds(t, s->tag);
	kit_adds(t, "]");
	for (i = 0; i < len; i++) {
		if (p[i] == '\n')
			kit_adds(t, "\n");
	}
}

/* Between two texts, bytes [lo, hi) of ${form} vanish, and nothing else. */
static bool
vanishes(const struct secret * s, const char * form, size_t len, size_t lo,
    size_t hi)
{
	struct kit_text text = { .len = 0 }, expected = { .len = 0 };
	bool good;

	kit_adds(&text, "2026-11-24 worker[17]: sent '");
	kit_add(&text, form, len);
	kit_adds(&text, "' to build-7.internal, 200 in 12 ms\n");
	kit_adds(&expected, "2026-11-24 worker[17]: sent '");
	kit_add(&expected, form, lo);
	add_mask(&expected, s, &form[lo], hi - lo);
	kit_add(&expected, &form[hi], len - hi);
	kit_adds(&expected, "' to build-7.internal, 200 in 12 ms\n");
	good = kit_becomes_n(engine, text.p, text.len, expected.p,
	    expected.len);
	kit_reset(&text);
	kit_reset(&expected);
	return (good);
}

static void
random_secrets_vanish_raw(void)
{
	size_t i;

	make_secrets();
	for (i = 0; i < SECRETS; i++)
		CU_ASSERT(vanishes(&secrets[i], secrets[i].p, secrets[i].len, 0,
		    secrets[i].len));
}

static void
random_secrets_vanish_in_words_and_doubled(void)
{
	struct kit_text text = { .len = 0 }, expected = { .len = 0 };
	const struct secret * s;
	size_t i;

	make_secrets();
	for (i = 0; i < SECRETS; i++) {
		s = &secrets[i];
		/* Random digits may repeat: what overlaps is one mask. */
		if (i % COUNTOF(alphabets) == 5)
			continue;
		kit_adds(&text, "abc");
		kit_add(&text, s->p, s->len);
		kit_add(&text, s->p, s->len);
		kit_adds(&text, "xyz");
		kit_adds(&expected, "abc");
		add_mask(&expected, s, s->p, s->len);
		add_mask(&expected, s, s->p, s->len);
		kit_adds(&expected, "xyz");
		CU_ASSERT(kit_becomes_n(engine, text.p, text.len, expected.p,
		    expected.len));
		kit_reset(&text);
		kit_reset(&expected);
	}
}

static void
random_lines_vanish_one_by_one(void)
{
	const struct secret * s;
	const char * line;
	const char * end;
	size_t i, len;

	make_secrets();
	for (i = 0; i < SECRETS; i += 11) {
		s = &secrets[i];
		for (line = s->p; *line != '\0'; line = end) {
			if (*line == '\n')
				line++;
			end = strchr(line, '\n');
			if (end == NULL)
				end = line + strlen(line);
			len = (size_t)(end - line);
			if (len >= REDACT_FORM_MIN)
				CU_ASSERT(vanishes(s, line, len, 0, len));
		}
	}
}

/* The base64 of ${before} other bytes, the secret and ${after} more. */
static void
check_base64(const struct secret * s, size_t before, size_t after, bool url,
    uint64_t * state)
{
	size_t n = before + s->len + after, i, lo, hi, len;
	char * plain = malloc(n);
	char * text = malloc(BASE64_ENCODE_RAW_LENGTH(n) + 1);

	CU_ASSERT_PTR_NOT_NULL_FATAL(plain);
	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	fill(plain, n, alnum, state);
	memcpy(&plain[before], s->p, s->len);
	len = BASE64_ENCODE_RAW_LENGTH(n);
	base64_encode_raw(text, n, (const uint8_t *)plain);
	for (i = 0; url && i < len; i++)
		text[i] = text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i];
	while (url && text[len - 1] == '=')
		len--;
	lo = (8 * before + 5) / 6;
	hi = 8 * (before + s->len) / 6;
	CU_ASSERT(vanishes(s, text, len, lo, hi));
	free(plain);
	free(text);
}

static void
random_secrets_vanish_in_base64_at_any_alignment(void)
{
	uint64_t state = 4711;
	size_t i, before;

	make_secrets();
	for (i = 0; i < SECRETS; i++) {
		for (before = 0; before < 6; before++) {
			check_base64(&secrets[i], before, i % 5, false, &state);
			check_base64(&secrets[i], before, i % 5, true, &state);
		}
		check_base64(&secrets[i], 0, 0, false, &state);
	}
}

static void
decoys_stay(void)
{
	uint64_t state = 99;
	struct secret s;
	size_t i;

	make_secrets();
	for (i = 0; i < 400; i++) {
		s = make_secret(i, &state);
		CU_ASSERT(kit_becomes_n(engine, s.p, s.len, s.p, s.len));
		free(s.p);
	}
}

static void
every_length_vanishes_at_every_alignment(void)
{
	struct redact * r;
	struct kit_text text = { .len = 0 }, expected = { .len = 0 };
	struct secret s;
	uint64_t state = 31337;
	size_t at;

	for (s.len = 8; s.len <= 64; s.len++) {
		r = kit_ready();
		s.p = malloc(s.len);
		CU_ASSERT_PTR_NOT_NULL_FATAL(s.p);
		fill(s.p, s.len, alnum, &state);
		kit_put(r, 1, LABEL, s.p, s.len, s.tag);
		for (at = 0; at < 32; at++) {
			kit_add(&text, "................................", at);
			kit_add(&expected, text.p, text.len);
			kit_add(&text, s.p, s.len);
			add_mask(&expected, &s, s.p, s.len);
			/* At the very end, and with bytes behind it. */
			CU_ASSERT(kit_becomes_n(r, text.p, text.len,
			    expected.p, expected.len));
			kit_adds(&text, "......................");
			kit_adds(&expected, "......................");
			CU_ASSERT(kit_becomes_n(r, text.p, text.len,
			    expected.p, expected.len));
			kit_reset(&text);
			kit_reset(&expected);
		}
		free(s.p);
		redact_free(&r);
	}
}

static void
a_text_of_the_batch_edges_is_scanned_whole(void)
{
	static const size_t sizes[] = { 8, 9, 10, 20, 40 };
	struct redact * r = kit_ready();
	char value[64];
	char * text;
	uint64_t state = 77;
	struct redact_hits hits;
	size_t i, at;

	for (i = 0; i < COUNTOF(sizes); i++) {
		fill(value, sizes[i], alnum, &state);
		kit_put(r, 1, LABEL, value, sizes[i], NULL);
		text = malloc(9000);
		CU_ASSERT_PTR_NOT_NULL_FATAL(text);
		for (at = 0; at + sizes[i] <= 9000; at += 13) {
			memset(text, '.', 9000);
			memcpy(&text[at], value, sizes[i]);
			ASSERT_ERR(redact_scan(r, REDACT_LOG, text,
			    at + sizes[i], &hits), SR_OK);
			CU_ASSERT_EQUAL(hits.known, 1);
		}
		free(text);
	}
	redact_free(&r);
}

static const struct suite_test tests[] = {
	TEST(random_secrets_vanish_raw),
	TEST(random_secrets_vanish_in_words_and_doubled),
	TEST(random_lines_vanish_one_by_one),
	TEST(random_secrets_vanish_in_base64_at_any_alignment),
	TEST(decoys_stay),
	TEST(every_length_vanishes_at_every_alignment),
	TEST(a_text_of_the_batch_edges_is_scanned_whole),
};

SUITE_MAIN("core/redact/forms", tests, NULL, free_secrets)
