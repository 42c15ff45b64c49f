#include <nettle/base64.h>

#include "core/redact/fingerprint_internal.h"
#include "core/redact/known_internal.h"
#include "tests/core/redact/kit.h"
#include "tests/core/redact/write.h"

#define SECRETS		168

static struct known * set;
static struct fingerprint * prints;
static struct kit_text values[SECRETS];

static const char * const alphabets[] = {
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
	"0123456789abcdef",
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
	"0123456789",
	"abcXYZ019!#$%&()*+,-./:;<=>?@[]^_{|}~\\\"'`",
	"a1$&\\1.*[](){}|^+?",
	"abc019 <>\"'\\/&+%=",
	"abcdef  ghij 0189",
};
static const size_t lengths[] = { 8, 8, 9, 10, 12, 12, 13, 14, 15, 16, 20, 24,
    30, 31, 32, 33, 40, 44, 64, 88, 128, 300, 1024, 4096 };

static void
put(size_t i, const void * value, size_t len)
{
	struct redact_forms forms = kit_forms(value, len);
	struct sr_id id = kit_id((unsigned)i);

	ASSERT_ERR_FATAL(known_put(set, &id, 1, "x", forms.v, forms.n), SR_OK);
	redact_forms_free(&forms);
}

static void
make_value(size_t i, uint64_t * state)
{
	static const char * const wide[] = { "\xc3\xa4", "\xe6\xbc\xa2",
	    "\xf0\x9f\x94\x91", "\xd0\x96" };
	const char * alphabet = alphabets[i % COUNTOF(alphabets)];
	size_t len = lengths[i / COUNTOF(alphabets) % COUNTOF(lengths)];
	char c;

	while (values[i].len < len) {
		c = alphabet[kit_random(state) % strlen(alphabet)];
		/* Blanks at the ends are no part of a line. */
		if (c == ' ' && (values[i].len == 0 ||
		    values[i].len + 1 == len))
			c = 'x';
		if (i % 11 == 7 && values[i].len % 65 == 64)
			kit_adds(&values[i], "\n");
		else if (i % 7 == 3 && kit_random(state) % 3 == 0)
			kit_adds(&values[i], wide[kit_random(state) % 4]);
		else
			kit_add(&values[i], &c, 1);
	}
}

/* Called by the tests that need them; the first call makes them. */
static void
begin(void)
{
	struct secbuf * key;
	uint64_t state = 20261124;
	size_t i;

	if (set != NULL)
		return;
	key = kit_key();
	ASSERT_ERR_FATAL(known_new(&set), SR_OK);
	ASSERT_ERR_FATAL(fingerprint_new(key, &prints), SR_OK);
	secbuf_free(&key);
	for (i = 0; i < SECRETS; i++) {
		make_value(i, &state);
		put(i, values[i].p, values[i].len);
	}
}

static int
end(void)
{
	size_t i;

	for (i = 0; i < SECRETS; i++)
		kit_reset(&values[i]);
	known_free(&set);
	fingerprint_free(&prints);
	return (0);
}

/* What was found: the union, as a byte for each of the text's. */
static void
mark(const struct span_list * spans, size_t before, char * map, size_t len)
{
	size_t i;

	for (i = 0; i < spans->n; i++) {
		if (spans->v[i].start < before) {
			CU_ASSERT_FATAL(spans->v[i].end <= len);
			memset(&map[spans->v[i].start], 'x',
			    spans->v[i].end - spans->v[i].start);
		}
	}
}

/*
 * A text in pieces that end at ${cuts}: the view drops what is settled but
 * for its context, and is a copy, so that reading past it is seen.
 */
static void
in_views(const struct kit_text * t, const size_t * cuts, size_t n, char * map)
{
	struct span_list spans = { .n = 0 };
	struct view view = { .len = 0 };
	size_t i, base, settled = 0, open, end;
	char * copy;

	memset(map, '.', t->len);
	for (i = 0; i <= n; i++) {
		end = i == n ? t->len : cuts[i];
		base = settled > VIEW_BEHIND ? settled - VIEW_BEHIND : 0;
		copy = malloc(end - base + 1);
		CU_ASSERT_FATAL(copy != NULL);
		memcpy(copy, &t->p[base], end - base);
		view = (struct view){ .text = copy, .len = end - base,
		    .from = settled - base, .at = base, .last = i == n };
		CU_ASSERT_EQUAL(known_pass(set, prints, &view, &spans, &open),
		    REDACT_CAUSE_NONE);
		CU_ASSERT_FATAL(open >= view.from && open <= view.len);
		CU_ASSERT(!view.last || open == view.len);
		/* What starts before open is final: it lies in the text. */
		if (base != 0 || open != 0)
			mark(&spans, open, &map[base], end - base);
		settled = base + open;
		span_reset(&spans);
		free(copy);
	}
	span_free(&spans);
}

struct place {
	struct kit_text text;
	size_t lo, hi;		/* What must vanish, and nothing else. */
};

static bool
is_right(const struct place * p, const char * map)
{
	size_t i;

	for (i = 0; i < p->text.len; i++) {
		if (map[i] == '.' ? i >= p->lo && i < p->hi :
		    i < p->lo || i >= p->hi)
			return (false);
	}
	return (true);
}

static void
check(const struct place * p, const char * what, uint64_t * state)
{
	size_t cuts[9], swap, i, j, round, rounds;
	char * map = malloc(p->text.len + 1);
	char * other = malloc(p->text.len + 1);

	CU_ASSERT_FATAL(map != NULL && other != NULL);
	rounds = p->text.len > 60000 ? 1 : p->text.len > 200 ? 6 : 0;
	in_views(&p->text, NULL, 0, map);
	if (!is_right(p, map)) {
		map[p->text.len] = '\0';
		suite_note("%s: %.300s", what, p->text.p);
		suite_note("%s: %.300s", what, map);
		CU_FAIL("not what must vanish");
	}
	/* Short ones at every place, and cut into single bytes too. */
	for (i = 1; rounds == 0 && i < p->text.len; i++) {
		in_views(&p->text, &i, 1, other);
		if (memcmp(map, other, p->text.len) != 0) {
			suite_note("%s cut at %zu: %s", what, i, p->text.p);
			CU_FAIL("another cut, other spans");
			break;
		}
	}
	for (round = 0; round < rounds; round++) {
		for (i = 0; i < COUNTOF(cuts); i++) {
			cuts[i] = kit_random(state) % p->text.len;
			for (j = i; j > 0 && cuts[j - 1] > cuts[j]; j--) {
				swap = cuts[j];
				cuts[j] = cuts[j - 1];
				cuts[j - 1] = swap;
			}
		}
		in_views(&p->text, cuts, COUNTOF(cuts), other);
		if (memcmp(map, other, p->text.len) != 0) {
			suite_note("%s: random cuts", what);
			CU_FAIL("other cuts, other spans");
		}
	}
	free(map);
	free(other);
}

/* ${form} of ${value} between texts that the writer may have escaped too. */
static void
check_form(const struct writer * w, const struct kit_text * value,
    uint64_t * state)
{
	static const char before[] = "2026-11-24 worker[17]: sent ";
	static const char after[] = " to build-7.internal\n";
	struct place p = { .lo = 0 };
	struct kit_text form = { .len = 0 };
	size_t tail, off = kit_random(state) % 16;

	/* Two readings: of the next escape's backslash as half of this one. */
	if (value->p[value->len - 1] == '\\' && w->after[0] == '\\')
		return;
	tail = w->write(&form, value->p, value->len, state);
	kit_add(&p.text, before, sizeof(before) - 1 - off);
	kit_adds(&p.text, w->before);
	p.lo = p.text.len;
	kit_add(&p.text, form.p, form.len);
	p.hi = p.text.len - tail;
	kit_adds(&p.text, w->after);
	kit_adds(&p.text, after);
	check(&p, w->name, state);
	kit_reset(&form);
	kit_reset(&p.text);
}

static void
every_form_of_every_secret_vanishes_at_every_cut(void)
{
	uint64_t state = 4711;
	size_t i, j;

	begin();
	for (j = 0; j < WRITERS; j++) {
		for (i = 0; i < SECRETS; i++)
			check_form(&writers[j], &values[i], &state);
	}
}

static void
a_secret_of_64_kib_vanishes_in_every_form(void)
{
#ifdef SR_SANITIZED
	/* The largest takes minutes there; the plain run does it. */
	const size_t len = (size_t)8 * 1024;
#else
	const size_t len = (size_t)64 * 1024;
#endif
	struct kit_text value = { .len = 0 };
	uint64_t state = 64;
	size_t i;

	begin();
	for (i = 0; i < len; i++)
		kit_add(&value, &alphabets[6][kit_random(&state) %
		    strlen(alphabets[6])], 1);
	put(SECRETS, value.p, value.len);
	for (i = 0; i < WRITERS; i++)
		check_form(&writers[i], &value, &state);
	kit_reset(&value);
}

static void
nothing_is_found_in_what_is_no_secret(void)
{
	uint64_t state = 99;
	struct kit_text text = { .len = 0 }, form = { .len = 0 };
	char * map;
	size_t i, j;

	begin();
	for (i = 0; i < 40; i++) {
		for (j = 0; j < 30; j++)
			kit_add(&form, &alphabets[i % 8][kit_random(&state) %
			    strlen(alphabets[i % 8])], 1);
		for (j = 0; j < WRITERS; j++) {
			(void)writers[j].write(&text, form.p, form.len, &state);
			kit_adds(&text, "\n");
		}
		kit_reset(&form);
	}
	map = malloc(text.len);
	CU_ASSERT_FATAL(map != NULL);
	in_views(&text, NULL, 0, map);
	CU_ASSERT_PTR_NULL(memchr(map, 'x', text.len));
	free(map);
	kit_reset(&text);
}

static const struct suite_test tests[] = {
	TEST(every_form_of_every_secret_vanishes_at_every_cut),
	TEST(a_secret_of_64_kib_vanishes_in_every_form),
	TEST(nothing_is_found_in_what_is_no_secret),
};

SUITE_MAIN("core/redact/lens", tests, NULL, end)
