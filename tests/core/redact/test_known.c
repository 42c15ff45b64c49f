#include <sys/mman.h>

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

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
	"\xc3\xa4\xc3\xb6\xe6\xbc\xa2""abc019",
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

/* Between two texts, ${form} (bytes [lo, hi) of it are the secret's) vanishes. */
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
parts_of_secrets_stay(void)
{
	struct redact * r = kit_ready();
	const char * value = "one long secret that has more than 31 bytes";

	kit_know(r, 1, value);
	CU_ASSERT(kit_becomes(r, "one long secret that has more than 31 byte",
	    "one long secret that has more than 31 byte"));
	CU_ASSERT(kit_becomes(r, value + 1, value + 1));
	CU_ASSERT(kit_becomes(r, "one long secret", "one long secret"));
	redact_free(&r);
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

static void
a_prefix_of_another_secret_hides_none_of_it(void)
{
	struct redact * r = kit_ready();
	char a[7], b[7], c[7], expected[128];

	kit_put(r, 1, "instance/short@1", "sk-live-", 8, a);
	kit_put(r, 2, "instance/long@1", "sk-live-12345", 13, b);
	kit_put(r, 3, "instance/tail@1", "12345-and-a-tail", 16, c);
	(void)snprintf(expected, sizeof(expected),
	    "x [REDACTED:instance/short@1:%s] y", a);
	CU_ASSERT(kit_becomes(r, "x sk-live- y", expected));
	(void)snprintf(expected, sizeof(expected),
	    "x [REDACTED:instance/long@1:%s] y", b);
	CU_ASSERT(kit_becomes(r, "x sk-live-12345 y", expected));
	/* The ends of the union are of two secrets; the longer one names it. */
	(void)snprintf(expected, sizeof(expected),
	    "x [REDACTED:instance/tail@1:%s] y", c);
	CU_ASSERT(kit_becomes(r, "x sk-live-12345-and-a-tail y", expected));
	redact_free(&r);
}

static void
adjacent_secrets_have_a_mask_each(void)
{
	struct redact * r = kit_ready();
	char one[7], two[7], expected[128];

	kit_put(r, 1, "instance/one@1", "first-secret", 12, one);
	kit_put(r, 2, "instance/two@1", "second-secret", 13, two);
	(void)snprintf(expected, sizeof(expected),
	    "[REDACTED:instance/one@1:%s][REDACTED:instance/two@1:%s]", one,
	    two);
	CU_ASSERT(kit_becomes(r, "first-secretsecond-secret", expected));
	redact_free(&r);
}

static void
repeating_values_vanish_whole(void)
{
	struct redact * r = kit_ready();
	char tag[7], expected[128];

	kit_put(r, 1, LABEL, "aaaaaaaaaa", 10, tag);
	(void)snprintf(expected, sizeof(expected), "b[REDACTED:" LABEL ":%s]b",
	    tag);
	CU_ASSERT(kit_becomes(r, "baaaaaaaaaab", expected));
	CU_ASSERT(kit_becomes(r, "baaaaaaaaaaaaaaaaaaaaaaaaaaaaab", expected));
	CU_ASSERT(kit_becomes(r, "baaaaaaaaab", "baaaaaaaaab"));
	redact_free(&r);
}

static void
mixed_base64_alphabets_are_one(void)
{
	struct redact * r = kit_ready();
	char tag[7], expected[64];

	kit_put(r, 1, LABEL, "?>?>?>?>?>?>", 12, tag);
	(void)snprintf(expected, sizeof(expected), "[REDACTED:" LABEL ":%s]",
	    tag);
	CU_ASSERT(kit_becomes(r, "Pz4/Pj8+Pz4/Pj8+", expected));
	CU_ASSERT(kit_becomes(r, "Pz4_Pj8-Pz4/Pj8+", expected));
	CU_ASSERT(kit_becomes(r, "Pz4_Pj8-Pz4_Pj8-", expected));
	CU_ASSERT(kit_becomes(r, "?>?>?>?>?>?>", expected));
	/* The raw value is not taken for base64. */
	kit_put(r, 2, LABEL, "Qw/Er+Ty/Ui+Op", 14, NULL);
	CU_ASSERT(kit_becomes(r, "Qw_Er-Ty_Ui-Op", "Qw_Er-Ty_Ui-Op"));
	redact_free(&r);
}

static void
a_value_of_two_secrets_has_one_label_everywhere(void)
{
	struct redact * r = kit_ready();
	char tag[7], expected[64];

	kit_put(r, 1, "instance/b@1", "shared value", 12, tag);
	kit_put(r, 2, "instance/a@1", "shared value", 12, NULL);
	kit_put(r, 3, "instance/c@1", "shared value", 12, NULL);
	(void)snprintf(expected, sizeof(expected), "[REDACTED:instance/a@1:%s]",
	    tag);
	CU_ASSERT(kit_becomes(r, "shared value", expected));
	redact_free(&r);
}

static void
what_is_dropped_is_known_no_more(void)
{
	struct redact * r = kit_ready();
	struct sr_id one = kit_id(1), two = kit_id(2);
	struct redact_hits hits;
	const char text[] = "value number 1, value number 2";

	kit_know(r, 1, "value number 1");
	kit_know(r, 2, "value number 2");
	CU_ASSERT_EQUAL(redact_known_count(r), 2);
	ASSERT_ERR(redact_scan(r, REDACT_LOG, text, 30, &hits), SR_OK);
	CU_ASSERT_EQUAL(hits.known, 2);
	redact_known_drop(r, &one);
	ASSERT_ERR(redact_scan(r, REDACT_LOG, text, 30, &hits), SR_OK);
	CU_ASSERT_EQUAL(hits.known, 1);
	redact_known_drop(r, &one);
	redact_known_drop(r, &two);
	ASSERT_ERR(redact_scan(r, REDACT_LOG, text, 30, &hits), SR_OK);
	CU_ASSERT_EQUAL(hits.known, 0);
	CU_ASSERT_EQUAL(redact_known_count(r), 0);
	kit_know(r, 1, "value number 1");
	ASSERT_ERR(redact_scan(r, REDACT_LOG, text, 30, &hits), SR_OK);
	CU_ASSERT_EQUAL(hits.known, 1);
	redact_free(&r);
}

static void
versions_are_put_apart_and_dropped_together(void)
{
	struct redact * r = kit_ready();
	struct redact_forms one = kit_forms("version one", 11);
	struct redact_forms two = kit_forms("version two", 11);
	struct redact_forms three = kit_forms("version three", 13);
	struct sr_id id = kit_id(1);
	struct redact_hits hits;
	const char text[] = "version one, version two, version three";
	char expected[128];

	ASSERT_ERR(redact_known_put(r, &id, 1, "i/a@1", one.v, one.n), SR_OK);
	ASSERT_ERR(redact_known_put(r, &id, 2, "i/a@2", two.v, two.n), SR_OK);
	CU_ASSERT_EQUAL(redact_known_count(r), 2);
	ASSERT_ERR(redact_scan(r, REDACT_LOG, text, sizeof(text) - 1, &hits),
	    SR_OK);
	CU_ASSERT_EQUAL(hits.known, 2);
	/* Putting a version again replaces it. */
	ASSERT_ERR(redact_known_put(r, &id, 2, "i/a@2", three.v, three.n),
	    SR_OK);
	CU_ASSERT_EQUAL(redact_known_count(r), 2);
	(void)snprintf(expected, sizeof(expected), "[REDACTED:i/a@1:%s], "
	    "version two, [REDACTED:i/a@2:%s]", one.v[0].tag, three.v[0].tag);
	CU_ASSERT(kit_becomes(r, text, expected));
	redact_known_drop(r, &id);
	CU_ASSERT_EQUAL(redact_known_count(r), 0);
	CU_ASSERT(kit_becomes(r, text, text));
	redact_forms_free(&one);
	redact_forms_free(&two);
	redact_forms_free(&three);
	redact_free(&r);
}

static void
many_come_and_go(void)
{
	struct redact * r = kit_ready();
	char value[64];
	struct redact_hits hits;
	struct sr_id id;
	unsigned i;

	for (i = 0; i < 3000; i++) {
		(void)snprintf(value, sizeof(value),
		    "secret %u of many, with more than 31 bytes", i);
		kit_know(r, i, value);
		if (i >= 100) {
			id = kit_id(i - 100);
			redact_known_drop(r, &id);
		}
	}
	CU_ASSERT_EQUAL(redact_known_count(r), 100);
	CU_ASSERT(kit_becomes(r, "secret 2899 of many, with more than 31 bytes",
	    "secret 2899 of many, with more than 31 bytes"));
	for (i = 2900; i < 3000; i++) {
		(void)snprintf(value, sizeof(value),
		    "secret %u of many, with more than 31 bytes", i);
		ASSERT_ERR(redact_scan(r, REDACT_LOG, value, strlen(value),
		    &hits), SR_OK);
		CU_ASSERT_EQUAL(hits.known, 1);
	}
	redact_free(&r);
}

static void
secrets_that_begin_alike_are_told_apart(void)
{
	struct redact * r = kit_ready();
	char value[160];
	struct redact_hits hits;
	unsigned i;

	for (i = 0; i < 500; i++) {
		(void)snprintf(value, sizeof(value),
		    "-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBgkq%.*s%u",
		    (int)(i % 70), "................................."
		    ".....................................", i);
		kit_know(r, i, value);
	}
	for (i = 0; i < 500; i++) {
		(void)snprintf(value, sizeof(value),
		    "-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBgkq%.*s%u ",
		    (int)(i % 70), "................................."
		    ".....................................", i);
		ASSERT_ERR(redact_scan(r, REDACT_LOG, value, strlen(value),
		    &hits), SR_OK);
		CU_ASSERT_EQUAL(hits.known, 1);
	}
	CU_ASSERT(kit_becomes(r, "MIIEvQIBADANBgkq.", "MIIEvQIBADANBgkq."));
	redact_free(&r);
}

static void
forms_that_are_not_well_made_are_refused(void)
{
	struct redact * r = kit_ready();
	struct redact_forms forms = kit_forms("a good value", 12);
	struct sr_id id = kit_id(1);
	uint8_t windows = forms.v[0].windows_len;

	forms.v[0].windows_len = 64;
	ASSERT_ERR(redact_known_put(r, &id, 1, "x", forms.v, forms.n),
	    SR_E_INTERNAL_ERROR);
	CU_ASSERT_EQUAL(redact_state(r), REDACT_STALE);
	forms.v[0].windows_len = windows;
	forms.v[0].length = 7;
	ASSERT_ERR(redact_known_put(r, &id, 1, "x", forms.v, forms.n),
	    SR_E_INTERNAL_ERROR);
	forms.v[0].length = UINT32_MAX;
	ASSERT_ERR(redact_known_put(r, &id, 1, "x", forms.v, forms.n),
	    SR_E_INTERNAL_ERROR);
	CU_ASSERT_EQUAL(redact_known_count(r), 0);
	redact_forms_free(&forms);
	redact_free(&r);
}

static void
a_text_of_beginnings_alone_fails_closed(void)
{
	struct redact * r = kit_ready();
	size_t len = (size_t)8 * 1024 * 1024;
	char * value = malloc(60000);
	char * text = malloc(len);
	struct redacted * t;

	CU_ASSERT_PTR_NOT_NULL_FATAL(value);
	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	memset(value, 'a', 60000);
	value[59999] = 'b';
	memset(text, 'a', len);
	kit_put(r, 1, LABEL, value, 60000, NULL);
	ASSERT_ERR(redact_text(r, REDACT_LOG, text, len, NULL, &t),
	    SR_E_REDACTION_FAILED);
	CU_ASSERT_EQUAL(redact_last_cause(), REDACT_CAUSE_LIMIT);
	CU_ASSERT_PTR_NULL(t);
	free(value);
	free(text);
	redact_free(&r);
}

/* --- Threads -------------------------------------------------------------- */
#define ROUNDS	300

static struct redact * shared;
static atomic_bool done;

static void *
scanning(void * cookie)
{
	static const char text[] = "the steady secret of all, and the one that "
	    "comes and goes, and the steady secret of all";
	struct redact_hits hits;
	struct redacted * t;
	size_t * bad = cookie;

	while (!atomic_load(&done)) {
		if (redact_text(shared, REDACT_LOG, text, sizeof(text) - 1,
		    &hits, &t) != SR_OK) {
			(*bad)++;
			continue;
		}
		if (hits.known < 2 || hits.known > 3 ||
		    memmem(redacted_bytes(t), redacted_len(t),
		    "steady secret", 13) != NULL)
			(*bad)++;
		redacted_free(&t);
	}
	return (NULL);
}

static void
threads_scan_while_another_puts(void)
{
	pthread_t threads[3];
	size_t bad[3] = { 0 }, i;
	char value[64];
	struct sr_id id = kit_id(2);
	unsigned n;

	shared = kit_ready();
	kit_know(shared, 1, "the steady secret of all");
	atomic_store(&done, false);
	for (i = 0; i < 3; i++)
		CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL,
		    scanning, &bad[i]), 0);
	for (n = 0; n < ROUNDS; n++) {
		kit_know(shared, 2, "the one that comes and goes");
		(void)snprintf(value, sizeof(value), "secret %u to grow by", n);
		kit_know(shared, 3 + n, value);
		redact_mark(shared, REDACT_READY);
		redact_known_drop(shared, &id);
	}
	atomic_store(&done, true);
	for (i = 0; i < 3; i++) {
		(void)pthread_join(threads[i], NULL);
		CU_ASSERT_EQUAL(bad[i], 0);
	}
	redact_free(&shared);
}

/* --- Blindness ------------------------------------------------------------ */
#define VALUE_LEN	48
#define VEIL		UINT64_C(0xa5c3a5c3a5c3a5c3)

static uint64_t veiled[VALUE_LEN - 7];
static uint8_t filter[65536];

/* Sanitizers and valgrind keep copies and maps of their own. */
static bool
memory_is_ours(void)
{
	const char * preload = getenv("LD_PRELOAD");

#ifdef SR_SANITIZED
	return (false);
#endif
	return (preload == NULL || strstr(preload, "vgpreload") == NULL);
}

/* Put a random value, remember it veiled, leave no copy. */
static void
put_veiled(struct redact * r)
{
	char value[VALUE_LEN], spare[32];
	uint64_t x, state = (uint64_t)getpid() << 20 | 12345;
	struct secbuf * b;
	struct secbuf * key = kit_key();
	struct redact_forms forms;
	struct sr_id id = kit_id(1);
	size_t i;

	fill(value, sizeof(value), alnum, &state);
	for (i = 0; i + 8 <= sizeof(value); i++) {
		memcpy(&x, &value[i], 8);
		veiled[i] = x ^ VEIL;
		filter[veiled[i] & 0xffff] = 1;
	}
	ASSERT_ERR_FATAL(secbuf_copy(value, sizeof(value), &b), SR_OK);
	explicit_bzero(value, sizeof(value));
	explicit_bzero(spare, sizeof(spare));
	ASSERT_ERR_FATAL(redact_forms_of(key, b, &forms), SR_OK);
	secbuf_free(&b);
	ASSERT_ERR_FATAL(redact_known_put(r, &id, 1, LABEL, forms.v, forms.n),
	    SR_OK);
	redact_forms_free(&forms);
	secbuf_free(&key);
}

/* Windows of the value in [p, end). The memory must not change meanwhile. */
static size_t
count_windows(const uint8_t * p, const uint8_t * end)
{
	uint64_t x;
	size_t i, n = 0;

	for (; p + 8 <= end; p++) {
		memcpy(&x, p, 8);
		x ^= VEIL;
		if (filter[x & 0xffff] == 0)
			continue;
		for (i = 0; i < COUNTOF(veiled); i++)
			n += veiled[i] == x;
	}
	return (n);
}

static size_t
count_in_process(void)
{
	FILE * maps = fopen("/proc/self/maps", "r");
	char line[512], mode[8];
	unsigned long from, to;
	size_t n = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(maps);
	while (fgets(line, sizeof(line), maps) != NULL) {
		if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) != 3 ||
		    strncmp(mode, "rw", 2) != 0 || strstr(line, "[v") != NULL)
			continue;
		n += count_windows((const uint8_t *)from,
		    (const uint8_t *)to);
	}
	(void)fclose(maps);
	return (n);
}

static void
the_engine_holds_no_eight_bytes_of_a_value(void)
{
	struct redact * r = kit_ready();
	volatile uint64_t * planted;

	if (!memory_is_ours()) {
		redact_free(&r);
		return;
	}
	put_veiled(r);
	CU_ASSERT_EQUAL(count_in_process(), 0);
	/* The search does find what is there. */
	planted = malloc(sizeof(*planted));
	CU_ASSERT_PTR_NOT_NULL_FATAL(planted);
	*planted = veiled[7] ^ VEIL;
	CU_ASSERT(count_in_process() > 0);
	free((void *)(uintptr_t)planted);
	redact_free(&r);
}

static const struct suite_test tests[] = {
	TEST(random_secrets_vanish_raw),
	TEST(random_secrets_vanish_in_words_and_doubled),
	TEST(random_lines_vanish_one_by_one),
	TEST(random_secrets_vanish_in_base64_at_any_alignment),
	TEST(decoys_stay),
	TEST(parts_of_secrets_stay),
	TEST(every_length_vanishes_at_every_alignment),
	TEST(a_text_of_the_batch_edges_is_scanned_whole),
	TEST(a_prefix_of_another_secret_hides_none_of_it),
	TEST(adjacent_secrets_have_a_mask_each),
	TEST(repeating_values_vanish_whole),
	TEST(mixed_base64_alphabets_are_one),
	TEST(a_value_of_two_secrets_has_one_label_everywhere),
	TEST(what_is_dropped_is_known_no_more),
	TEST(versions_are_put_apart_and_dropped_together),
	TEST(many_come_and_go),
	TEST(secrets_that_begin_alike_are_told_apart),
	TEST(forms_that_are_not_well_made_are_refused),
	TEST(a_text_of_beginnings_alone_fails_closed),
	TEST(threads_scan_while_another_puts),
	TEST(the_engine_holds_no_eight_bytes_of_a_value),
};

SUITE_MAIN("core/redact/known", tests, NULL, free_secrets)
