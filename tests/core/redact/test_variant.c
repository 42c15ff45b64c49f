#include <nettle/base64.h>

#include "tests/core/redact/forms.h"

#define FOX	"The quick brown fox jumps over 13 lazy dogs"

/* variant.FORMAT, known answers. */
static const struct answer {
	const char * value;
	const char * tag;
	enum redact_kind kind;
	uint32_t length;
	const char * first;
	const char * last;
	const char * mac;
} answers[] = {
	{ "hunter2!", "yf4rjr", REDACT_RAW, 8,
	    "f9f8ab2459dbaebf", "f9f8ab2459dbaebf",
	    "721b028d01453363238566cc128bfa9c" },
	{ "hunter2!", "yf4rjr", REDACT_BASE64_0, 10,
	    "597efbc6cd913471", "597efbc6cd913471",
	    "7153f77080a19b914a678cec80d4efc8" },
	{ "hunter2!", "yf4rjr", REDACT_BASE64_1, 10,
	    "12a3f3f7650a4d22", "12a3f3f7650a4d22",
	    "ecf25350a1d770d8392e125df908e3e6" },
	{ "hunter2!", "yf4rjr", REDACT_BASE64_2, 10,
	    "35b13d5ad0904f47", "35b13d5ad0904f47",
	    "e8dd2f5e9f2674d3c50bdfcfa575c2fa" },
	{ "correct horse battery", "repbcs", REDACT_RAW, 21,
	    "02b6f1e8b82cc269", "a96d97a168d698ac",
	    "876654cadeab54b9fc6e34e213482a22" },
	{ "correct horse battery", "repbcs", REDACT_BASE64_0, 28,
	    "12d6013e69725b86", "62b448cd9c8ec94e",
	    "cea168ec34ee36ecab8b00e116500a6c" },
	{ "correct horse battery", "repbcs", REDACT_BASE64_1, 27,
	    "e9f10609c994d654", "a45b433061299032",
	    "fa87bb933709f7eda2fb963a91f0c915" },
	{ "correct horse battery", "repbcs", REDACT_BASE64_2, 27,
	    "291f6a2eaed1a61f", "619e7ee6d7c23965",
	    "38b2217ebfeb5619a477fe5b421e8eca" },
	{ FOX, "rle5sv", REDACT_RAW, 43,
	    "af1cd7bf53e0194c", "11f6c26924f7ff99",
	    "98c0ec6a80183ee4384451eaadd92dc9" },
	{ FOX, "rle5sv", REDACT_BASE64_0, 57,
	    "685748a65fdf6336", "36f465a487fc88d0",
	    "420f03fbe3ee2c18d19b0736d33ebc1c" },
	{ FOX, "rle5sv", REDACT_BASE64_1, 56,
	    "cc2c84f20ce67b2a", "5fa8ff80e29b7b0b",
	    "0a9261bc3f0cadfec7bfcb494440223d" },
	{ FOX, "rle5sv", REDACT_BASE64_2, 57,
	    "7bf7ea9f88fee811", "dc8a2b32c2b127b8",
	    "db9bdd2a6a2cda5293a8cd50e1173a37" },};

static bool
is_hex_of(const char * hex, const uint8_t * bytes, size_t len)
{
	char text[65];
	size_t i;

	for (i = 0; i < len; i++)
		(void)snprintf(&text[2 * i], 3, "%02x", bytes[i]);
	return (strcmp(text, hex) == 0);
}

static void
check_answer(const struct answer * a, const struct redact_form * form)
{

	CU_ASSERT_EQUAL(form->kind, a->kind);
	CU_ASSERT_EQUAL(form->length, a->length);
	CU_ASSERT_STRING_EQUAL(form->tag, a->tag);
	CU_ASSERT(is_hex_of(a->first, form->windows, 8));
	CU_ASSERT(is_hex_of(a->last, &form->windows[form->windows_len / 8 * 8 -
	    8], 8));
	CU_ASSERT(is_hex_of(a->mac, form->mac, REDACT_MAC_LEN));
}

static void
forms_are_what_the_format_page_says(void)
{
	struct redact_forms forms;
	size_t i, j;

	for (i = 0; i < COUNTOF(answers); i += 4) {
		forms = kit_forms(answers[i].value, strlen(answers[i].value));
		CU_ASSERT_EQUAL_FATAL(forms.n, 4);
		for (j = 0; j < 4; j++)
			check_answer(&answers[i + j], &forms.v[j]);
		redact_forms_free(&forms);
		CU_ASSERT_PTR_NULL(forms.v);
		CU_ASSERT_EQUAL(forms.n, 0);
	}
}

static void
base64_forms_are_cut_at_mixed_characters(void)
{
	char plain[80], text[120];
	struct redact_forms forms;
	size_t len, shift, lo, hi;

	for (len = 8; len <= 64; len++) {
		memset(plain, 0, sizeof(plain));
		for (lo = 0; lo < len; lo++)
			plain[lo] = (char)(0x21 + (lo * 37 + len) % 90);
		forms = kit_forms(plain, len);
		for (shift = 0; shift < 3; shift++) {
			memset(plain, 'x', sizeof(plain));
			for (lo = 0; lo < len; lo++)
				plain[shift + lo] =
				    (char)(0x21 + (lo * 37 + len) % 90);
			base64_encode_raw(text, shift + len + 2,
			    (const uint8_t *)plain);
			lo = (8 * shift + 5) / 6;
			hi = 8 * (shift + len) / 6;
			CU_ASSERT(kit_has_form(&forms, (enum redact_kind)
			    (REDACT_BASE64_0 + shift), &text[lo], hi - lo));
			CU_ASSERT(hi - lo >= REDACT_FORM_MIN);
		}
		redact_forms_free(&forms);
	}
}

static void
short_forms_say_what_they_begin_with(void)
{
	static const struct { const char * value; uint8_t begin; } cases[] = {
		{ "Abcdefg0", FINGERPRINT_WORD },
		{ "zZaA9012=&%", FINGERPRINT_WORD },
		{ "abcdefg~", FINGERPRINT_GRAPHIC },
		{ "!bcdefgh ij", FINGERPRINT_GRAPHIC },
		{ "abcd+/gh", FINGERPRINT_GRAPHIC },
		{ "abcd fgh", FINGERPRINT_ANY },
		{ "\177bcdefgh", FINGERPRINT_ANY },
		{ "abcdef\303\244", FINGERPRINT_ANY },
	};
	struct redact_forms forms;
	size_t i, j;

	for (i = 0; i < COUNTOF(cases); i++) {
		forms = kit_forms(cases[i].value, strlen(cases[i].value));
		CU_ASSERT_EQUAL(forms.v[0].windows[8], cases[i].begin);
		CU_ASSERT_EQUAL(fingerprint_begin(&forms.v[0]),
		    cases[i].begin);
		for (j = 0; j < forms.n; j++) {
			CU_ASSERT(fingerprint_windows_ok(&forms.v[j]));
			/* What was written before there was such a byte. */
			if (forms.v[j].windows_len != 9)
				continue;
			forms.v[j].windows_len = 8;
			CU_ASSERT(fingerprint_windows_ok(&forms.v[j]));
			CU_ASSERT_EQUAL(fingerprint_begin(&forms.v[j]),
			    FINGERPRINT_ANY);
			forms.v[j].windows_len = 9;
			forms.v[j].windows[8] = FINGERPRINT_BEGIN__MAX;
			CU_ASSERT_FALSE(fingerprint_windows_ok(&forms.v[j]));
		}
		redact_forms_free(&forms);
	}
}

static void
windows_follow_the_length_class(void)
{
	static const struct { size_t len; uint8_t windows; } cases[] = {
		{ 8, 9 }, { 14, 9 }, { 15, 64 }, { 30, 64 }, { 31, 128 },
		{ 4096, 128 },
	};
	char value[4096];
	struct redact_forms forms;
	size_t i;

	memset(value, 'v', sizeof(value));
	for (i = 0; i < COUNTOF(cases); i++) {
		forms = kit_forms(value, cases[i].len);
		CU_ASSERT_EQUAL(forms.v[0].windows_len, cases[i].windows);
		redact_forms_free(&forms);
	}
}

static enum sr_error
forms_error(size_t key_len, const void * value, size_t len)
{
	uint8_t bytes[64] = { 7 };
	struct redact_forms forms = { .n = 99 };
	struct secbuf * key;
	struct secbuf * b;
	enum sr_error err;

	ASSERT_ERR_FATAL(secbuf_copy(bytes, key_len, &key), SR_OK);
	ASSERT_ERR_FATAL(secbuf_copy(value, len, &b), SR_OK);
	err = redact_forms_of(key, b, &forms);
	if (err != SR_OK)
		CU_ASSERT_EQUAL(forms.n, 0);
	redact_forms_free(&forms);
	secbuf_free(&b);
	secbuf_free(&key);
	return (err);
}

static void
short_values_are_refused(void)
{

	ASSERT_ERR(forms_error(32, "", 0), SR_E_SECRET_VALUE_INVALID);
	ASSERT_ERR(forms_error(32, "1234567", 7), SR_E_SECRET_VALUE_INVALID);
	ASSERT_ERR(forms_error(32, "12345678", 8), SR_OK);
}

static void
a_wrong_key_is_refused(void)
{

	ASSERT_ERR(forms_error(31, "12345678", 8), SR_E_INTERNAL_ERROR);
	ASSERT_ERR(forms_error(33, "12345678", 8), SR_E_INTERNAL_ERROR);
	ASSERT_ERR(forms_error(0, "12345678", 8), SR_E_INTERNAL_ERROR);
}

static void
too_many_forms_are_refused(void)
{
	struct kit_text t = { .len = 0 };
	char line[16];
	size_t i;

	/* 1023 lines and the whole are 4096 forms. */
	for (i = 0; i < 1023; i++) {
		(void)snprintf(line, sizeof(line), "line%04zu\n", i);
		kit_adds(&t, line);
	}
	ASSERT_ERR(forms_error(32, t.p, t.len), SR_OK);
	kit_adds(&t, "one line more\n");
	ASSERT_ERR(forms_error(32, t.p, t.len), SR_E_SECRET_VALUE_INVALID);
	kit_reset(&t);
}

static void
values_whose_base64_has_no_room_are_refused(void)
{
	char * value = malloc(SECBUF_MAX);

	CU_ASSERT_PTR_NOT_NULL_FATAL(value);
	memset(value, 'a', SECBUF_MAX);
	ASSERT_ERR(forms_error(32, value, SECBUF_MAX),
	    SR_E_SECRET_VALUE_INVALID);
	ASSERT_ERR(forms_error(32, value, 65536), SR_OK);
	free(value);
}

static void
fingerprints_depend_on_the_key(void)
{
	struct redact_forms a = kit_forms("the same value", 14), b;
	struct secbuf * key;
	struct secbuf * value;

	ASSERT_ERR_FATAL(secbuf_random(32, &key), SR_OK);
	ASSERT_ERR_FATAL(secbuf_copy("the same value", 14, &value), SR_OK);
	ASSERT_ERR_FATAL(redact_forms_of(key, value, &b), SR_OK);
	CU_ASSERT_NOT_EQUAL(memcmp(a.v[0].windows, b.v[0].windows, 8), 0);
	CU_ASSERT_NOT_EQUAL(memcmp(a.v[0].mac, b.v[0].mac, REDACT_MAC_LEN), 0);
	CU_ASSERT_NOT_EQUAL(strcmp(a.v[0].tag, b.v[0].tag), 0);
	redact_forms_free(&a);
	redact_forms_free(&b);
	secbuf_free(&value);
	secbuf_free(&key);
}

static void
kinds_have_names(void)
{
	enum redact_kind kind;
	size_t i;

	for (i = 0; i < REDACT_KIND__MAX; i++) {
		CU_ASSERT(redact_kind_parse(redact_kind_name(
		    (enum redact_kind)i), &kind));
		CU_ASSERT_EQUAL(kind, i);
	}
	kind = REDACT_LEAF;
	CU_ASSERT_FALSE(redact_kind_parse("base64", &kind));
	CU_ASSERT_FALSE(redact_kind_parse("", &kind));
	CU_ASSERT_EQUAL(kind, REDACT_LEAF);
}

static const struct suite_test tests[] = {
	TEST(forms_are_what_the_format_page_says),
	TEST(base64_forms_are_cut_at_mixed_characters),
	TEST(short_forms_say_what_they_begin_with),
	TEST(windows_follow_the_length_class),
	TEST(short_values_are_refused),
	TEST(a_wrong_key_is_refused),
	TEST(too_many_forms_are_refused),
	TEST(values_whose_base64_has_no_room_are_refused),
	TEST(fingerprints_depend_on_the_key),
	TEST(kinds_have_names),
};

SUITE_MAIN("core/redact/variant", tests, NULL, NULL)
