#include <nettle/base64.h>

#include "core/redact/fingerprint_internal.h"
#include "tests/core/redact/kit.h"

/*
 * Forms of 8 to 14 bytes, which are looked for byte by byte where one of the
 * set may begin: what they begin with is of three kinds, and of none in rows
 * that are older.
 */

#define WORD	"Xk29fGh7Qz1"
#define GRAPHIC	"p~>?~w-7"
#define ANY	"two word"

/* What is known at a time; of the last one all rows are older. */
static const struct known_set {
	const char * values[3];
	bool older;
} sets[] = {
	{ { WORD }, false },
	{ { GRAPHIC }, false },
	{ { ANY }, false },
	{ { WORD, GRAPHIC, "a longer one, 77b0" }, false },
	{ { WORD, GRAPHIC, ANY }, false },
	{ { WORD, GRAPHIC, ANY }, true },
};

static struct redact *
engine(const struct known_set * set)
{
	struct redact * r = kit_ready();
	struct redact_forms forms;
	struct sr_id id;
	size_t i, j;

	for (i = 0; i < COUNTOF(set->values) && set->values[i] != NULL; i++) {
		forms = kit_forms(set->values[i], strlen(set->values[i]));
		for (j = 0; set->older && j < forms.n; j++)
			forms.v[j].windows_len &= 0xf8;
		id = kit_id((unsigned)i);
		ASSERT_ERR_FATAL(redact_known_put(r, &id, 1, "i/a@1", forms.v,
		    forms.n), SR_OK);
		redact_forms_free(&forms);
	}
	redact_mark(r, REDACT_READY);
	return (r);
}

static void
add_hex(struct kit_text * t, const char * value)
{
	char two[4];

	for (; *value != '\0'; value++) {
		(void)snprintf(two, sizeof(two), "%02x", (uint8_t)*value);
		kit_adds(t, two);
	}
}

/* In base64 behind ${shift} bytes, on a line of its own each 20 characters. */
static void
add_base64(struct kit_text * t, const char * value, size_t shift, bool url,
    bool wrapped)
{
	char plain[64], coded[128];
	size_t i, n = 12 + shift;

	memset(plain, 'o', sizeof(plain));
	memcpy(&plain[n], value, strlen(value));
	n += strlen(value) + 3;
	base64_encode_raw(coded, n, (const uint8_t *)plain);
	for (i = 0; i < BASE64_ENCODE_RAW_LENGTH(n); i++) {
		if (url && coded[i] == '+')
			coded[i] = '-';
		if (url && coded[i] == '/')
			coded[i] = '_';
		kit_add(t, &coded[i], 1);
		if (wrapped && i % 20 == 19)
			kit_adds(t, "\n");
	}
}

/* ${value} in eleven ways; return how many spans that makes. */
static size_t
add_ways(struct kit_text * t, const char * value)
{
	char escaped[8];
	size_t shift;

	kit_adds(t, value);
	kit_adds(t, " (x");
	kit_adds(t, value);
	kit_adds(t, "y) ");
	add_hex(t, value);
	kit_adds(t, " say ");
	for (shift = 0; shift < 3; shift++) {
		add_base64(t, value, shift, false, false);
		kit_adds(t, " ");
		add_base64(t, value, shift, true, false);
		kit_adds(t, "\nand then it is wrapped:\n");
		add_base64(t, value, shift, shift == 1, true);
		kit_adds(t, " .\n");
	}
	(void)snprintf(escaped, sizeof(escaped), "%%%02X", (uint8_t)value[0]);
	kit_adds(t, escaped);
	kit_adds(t, &value[1]);
	kit_adds(t, " the end of it\n");
	return (13);
}

static void
check_cut(struct redact * r, const struct kit_text * t, size_t cut,
    const struct kit_text * whole)
{
	struct kit_text all = { .len = 0 };
	struct redact_stream * s;
	struct redacted * out;

	ASSERT_ERR_FATAL(redact_open(r, REDACT_PUBSUB, NULL, &s), SR_OK);
	ASSERT_ERR_FATAL(redact_feed(s, t->p, cut, &out), SR_OK);
	kit_add(&all, redacted_bytes(out), redacted_len(out));
	redacted_free(&out);
	ASSERT_ERR_FATAL(redact_feed(s, &t->p[cut], t->len - cut, &out),
	    SR_OK);
	kit_add(&all, redacted_bytes(out), redacted_len(out));
	redacted_free(&out);
	ASSERT_ERR_FATAL(redact_finish(s, &out), SR_OK);
	kit_add(&all, redacted_bytes(out), redacted_len(out));
	redacted_free(&out);
	redact_stream_free(&s);
	CU_ASSERT(all.len == whole->len &&
	    memcmp(all.p, whole->p, all.len) == 0);
	kit_reset(&all);
}

static void
short_secrets_vanish_however_they_begin(void)
{
	struct kit_text t = { .len = 0 }, whole = { .len = 0 };
	struct redact_hits hits;
	struct redacted * out;
	struct redact * r;
	size_t i, j, cut, ways;

	for (i = 0; i < COUNTOF(sets); i++) {
		r = engine(&sets[i]);
		ways = 0;
		for (j = 0; j < 3 && sets[i].values[j] != NULL; j++)
			ways += add_ways(&t, sets[i].values[j]);
		ASSERT_ERR_FATAL(redact_text(r, REDACT_LOG, t.p, t.len, &hits,
		    &out), SR_OK);
		CU_ASSERT_EQUAL(hits.known, ways);
		kit_add(&whole, redacted_bytes(out), redacted_len(out));
		redacted_free(&out);
		for (cut = 0; cut <= t.len; cut++)
			check_cut(r, &t, cut, &whole);
		kit_reset(&whole);
		kit_reset(&t);
		redact_free(&r);
	}
}

/* What is searched follows what is known, whoever comes or goes. */
static void
what_began_otherwise_may_be_forgotten(void)
{
	static const char text[] = "a " WORD ", a " GRAPHIC ", a " ANY ".";
	struct redact * r = engine(&sets[4]);
	struct redact_hits hits;
	struct sr_id id;
	unsigned i;

	for (i = 3; i-- > 0; ) {
		ASSERT_ERR(redact_scan(r, REDACT_LOG, text, sizeof(text) - 1,
		    &hits), SR_OK);
		CU_ASSERT_EQUAL(hits.known, i + 1);
		id = kit_id(i);
		redact_known_drop(r, &id);
	}
	kit_know(r, 7, ANY);
	redact_mark(r, REDACT_READY);
	ASSERT_ERR(redact_scan(r, REDACT_LOG, text, sizeof(text) - 1, &hits),
	    SR_OK);
	CU_ASSERT_EQUAL(hits.known, 1);
	redact_free(&r);
}

static const struct suite_test tests[] = {
	TEST(short_secrets_vanish_however_they_begin),
	TEST(what_began_otherwise_may_be_forgotten),
};

SUITE_MAIN("core/redact/short", tests, NULL, NULL)
