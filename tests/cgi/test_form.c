#include <string.h>

#include "cgi/form.h"
#include "cgi/urlencoded.h"
#include "core/base/random.h"
#include "core/base/secbuf.h"
#include "tests/harness/suite.h"

static enum sr_error
parse_bytes(const char * body, size_t len, enum field_set set, bool strict,
    struct form ** out)
{
	struct secbuf * b = NULL;

	if (secbuf_copy(body, len, &b) != SR_OK)
		return (SR_E_OUT_OF_MEMORY);
	return (form_parse(&b, set, strict, out));
}

static enum sr_error
parse(const char * body, enum field_set set, struct form ** out)
{

	return (parse_bytes(body, strlen(body), set, true, out));
}

static bool
secret_is(const struct secbuf * b, const char * text)
{
	struct secbuf * expected = NULL;
	bool same;

	if (secbuf_copy(text, strlen(text), &expected) != SR_OK)
		return (false);
	same = secbuf_equal(b, expected);
	secbuf_free(&expected);
	return (same);
}

static void
decodes_every_valid_spelling_of_a_name(void)
{
	static const char * const valids[] = {
		"security_secret[name]=a/b",
		"security_secret%5Bname%5D=a%2Fb",
		"security_secret%5bname%5d=a%2fb",
		"&&security_secret[name]=%61%2F%62&",
		"security_secret[scope]=x&security_secret[name]=a/b",
		"%73ecurity_secret[name]=a/b",
	};
	struct form * f = NULL;

	for (size_t i = 0; i < COUNTOF(valids); i++) {
		ASSERT_ERR_FATAL(parse(valids[i], FIELDS_SECRET, &f), SR_OK);
		CU_ASSERT_STRING_EQUAL(form_text(f, FIELD_SECRET_NAME), "a/b");
		CU_ASSERT_EQUAL(form_fault(f, FIELD_SECRET_NAME), FAULT_NONE);
		CU_ASSERT_TRUE(form_has(f, FIELD_SECRET_NAME));
		CU_ASSERT_FALSE(form_has(f, FIELD_SECRET_EXPIRES_AT));
		form_free(&f);
		CU_ASSERT_PTR_NULL(f);
	}
}

static void
refuses_malformed_forms(void)
{
	static const char * const invalids[] = {
		"security_secret[name]=%",
		"security_secret[name]=%4",
		"security_secret[name]=%zz",
		"security_secret[name]=a%2",
		"security_secret%5=x",
		"=value",
		"security_secret[name]=a&security_secret[name]=b",
		"security_secret[name]=a&security_secret%5Bname%5D=a",
		"unknown=1",
		"security_secret[nam]=a",
		"security_secret[names]=a",
		"login[email]=a",
		"security_secret[name]=a&x",
	};
	struct form * f = NULL;

	for (size_t i = 0; i < COUNTOF(invalids); i++) {
		ASSERT_ERR(parse(invalids[i], FIELDS_SECRET, &f),
		    SR_E_FORM_MALFORMED);
		CU_ASSERT_PTR_NULL(f);
	}
}

static void
ignores_unknown_fields_of_queries_only(void)
{
	struct form * f = NULL;
	const char query[] = "utm=1&saved=x&utm=2";

	ASSERT_ERR(parse_bytes(query, sizeof(query) - 1,
	    FIELDS_SECURITY_QUERY, false, &f), SR_OK);
	CU_ASSERT_STRING_EQUAL(form_text(f, FIELD_QUERY_SAVED), "x");
	form_free(&f);
	ASSERT_ERR(parse(query, FIELDS_SECURITY_QUERY, &f),
	    SR_E_FORM_MALFORMED);
}

static void
no_body_is_a_form_without_fields(void)
{
	struct secbuf * none = NULL;
	struct form * f = NULL;

	ASSERT_ERR_FATAL(form_parse(&none, FIELDS_SECRET, true, &f), SR_OK);
	CU_ASSERT_STRING_EQUAL(form_text(f, FIELD_SECRET_NAME), "");
	CU_ASSERT_EQUAL(secbuf_len(form_secret(f, FIELD_SECRET_VALUE)), 0);
	form_free(&f);
	form_free(&f);
}

static void
secret_values_keep_every_byte(void)
{
	struct form * f = NULL;
	const struct secbuf * v;

	ASSERT_ERR_FATAL(parse("security_secret[value]=a+b%2Bc%0Ad%26%3D",
	    FIELDS_SECRET, &f), SR_OK);
	v = form_secret(f, FIELD_SECRET_VALUE);
	CU_ASSERT_TRUE(secret_is(v, "a b+c\nd&="));
	form_free(&f);
	ASSERT_ERR_FATAL(parse("security_secret[value]=%00%ff", FIELDS_SECRET,
	    &f), SR_OK);
	v = form_secret(f, FIELD_SECRET_VALUE);
	CU_ASSERT_EQUAL(secbuf_len(v), 2);
	CU_ASSERT_FALSE(secbuf_utf8(v));
	form_free(&f);
}

static void
lines_of_a_value_end_in_lf(void)
{
	struct form * f = NULL;

	ASSERT_ERR_FATAL(parse("security_secret[value]=a%0D%0Ab%0Dc%0A%0D%0A",
	    FIELDS_SECRET, &f), SR_OK);
	CU_ASSERT(secret_is(form_secret(f, FIELD_SECRET_VALUE),
	    "a\nb\rc\n\n"));
	form_free(&f);
	ASSERT_ERR_FATAL(parse("login[password]=a%0D%0Ab", FIELDS_LOGIN, &f),
	    SR_OK);
	CU_ASSERT(secret_is(form_secret(f, FIELD_LOGIN_PASSWORD), "a\r\nb"));
	form_free(&f);
}

static void
the_body_is_gone_after_parsing(void)
{
	struct secbuf * b = NULL;
	struct form * f = NULL;

	ASSERT_ERR_FATAL(secbuf_copy("a=%", 3, &b), SR_OK);
	ASSERT_ERR(form_parse(&b, FIELDS_LOGIN, true, &f),
	    SR_E_FORM_MALFORMED);
	CU_ASSERT_PTR_NULL(b);
	ASSERT_ERR_FATAL(secbuf_copy("login[email]=x", 14, &b), SR_OK);
	ASSERT_ERR(form_parse(&b, FIELDS_LOGIN, true, &f), SR_OK);
	CU_ASSERT_PTR_NULL(b);
	form_free(&f);
}

static void
what_is_no_text_is_a_fault_of_its_field(void)
{
	static const char * const bad[] = {
		"security_secret[name]=a%00b",
		"security_secret[name]=a%0Ab",
		"security_secret[name]=%C2%80",
		"security_secret[name]=%C0%AF",
		"security_secret[name]=%ED%A0%80",
		"security_secret[name]=%FF",
		"security_secret[name]=%EF%BF%BF",
	};
	struct form * f = NULL;

	for (size_t i = 0; i < COUNTOF(bad); i++) {
		ASSERT_ERR_FATAL(parse(bad[i], FIELDS_SECRET, &f), SR_OK);
		CU_ASSERT_EQUAL(form_fault(f, FIELD_SECRET_NAME),
		    FAULT_NOT_TEXT);
		ASSERT_ERR(form_first_fault(f), SR_E_SECRET_NAME_INVALID);
		/* It still shows, as a replacement that no grammar takes. */
		CU_ASSERT_PTR_NOT_NULL(strstr(form_text(f, FIELD_SECRET_NAME),
		    "\xef\xbf\xbd"));
		form_free(&f);
	}
}

static void
a_field_over_its_limit_is_cut_and_named(void)
{
	char body[4096] = "security_secret[scope]=";
	struct form * f = NULL;
	size_t n = strlen(body);

	memset(body + n, 'a', 257);
	body[n + 257] = '\0';
	ASSERT_ERR_FATAL(parse(body, FIELDS_SECRET, &f), SR_OK);
	CU_ASSERT_EQUAL(form_fault(f, FIELD_SECRET_SCOPE), FAULT_TOO_LONG);
	CU_ASSERT_EQUAL(strlen(form_text(f, FIELD_SECRET_SCOPE)), 256);
	ASSERT_ERR(form_first_fault(f), SR_E_SECRET_SCOPE_INVALID);
	form_free(&f);
	body[n + 256] = '\0';
	ASSERT_ERR_FATAL(parse(body, FIELDS_SECRET, &f), SR_OK);
	ASSERT_ERR(form_first_fault(f), SR_OK);
	form_free(&f);
}

static enum sr_error
count_pair(const char * name, size_t name_len, const char * value,
    size_t value_len, void * cookie)
{
	size_t * n = cookie;

	(void)name;
	(void)value;
	(void)value_len;
	CU_ASSERT_TRUE(name_len > 0);
	(*n)++;
	return (SR_OK);
}

/* A limit may fall into the middle of a character. */
static void
what_is_too_long_is_that_wherever_it_is_cut(void)
{
	char body[4096] = "security_secret[scope]=";
	struct form * f = NULL;
	size_t n = strlen(body);

	memset(body + n, 'a', 255);
	memcpy(body + n + 255, "\xc3\xa4", 3);
	ASSERT_ERR_FATAL(parse(body, FIELDS_SECRET, &f), SR_OK);
	CU_ASSERT_EQUAL(form_fault(f, FIELD_SECRET_SCOPE), FAULT_TOO_LONG);
	form_free(&f);
}

static void
the_number_of_pairs_is_limited(void)
{
	char body[4 * URLENCODED_PAIRS_MAX + 8];
	size_t len = 0, n = 0;

	for (size_t i = 0; i < URLENCODED_PAIRS_MAX; i++)
		len += (size_t)snprintf(body + len, sizeof(body) - len, "a=&");
	ASSERT_ERR(urlencoded_walk(body, len, count_pair, &n), SR_OK);
	CU_ASSERT_EQUAL(n, URLENCODED_PAIRS_MAX);
	len = 0;
	for (size_t i = 0; i <= URLENCODED_PAIRS_MAX; i++)
		len += (size_t)snprintf(body + len, sizeof(body) - len, "a=&");
	ASSERT_ERR(urlencoded_walk(body, len, count_pair, &n),
	    SR_E_FORM_MALFORMED);
}

/* Any bytes give a form or form_malformed, and text fields stay UTF-8. */
static void
random_bytes_never_break_the_parser(void)
{
	static const char alphabet[] = "ab=&%+[]0fF\xc3\xa9\n";
	static const char * const starts[] = { "", "login[email]=",
	    "login[password]=", "next=%", "_csrf=" };
	uint8_t noise[64];
	char body[128];
	struct form * f = NULL;
	enum sr_error err;
	size_t good = 0, n;

	for (unsigned round = 0; round < 20000; round++) {
		ASSERT_ERR_FATAL(random_bytes(noise, sizeof(noise)), SR_OK);
		n = (size_t)snprintf(body, sizeof(body), "%s",
		    starts[round % COUNTOF(starts)]);
		for (size_t i = 1; i < 1U + noise[0] % 60; i++)
			body[n++] = (round & 1) != 0 ? (char)noise[i] :
			    alphabet[noise[i] % (sizeof(alphabet) - 1)];
		err = parse_bytes(body, n, FIELDS_LOGIN, true, &f);
		CU_ASSERT_TRUE(err == SR_OK || err == SR_E_FORM_MALFORMED);
		good += err == SR_OK ? 1 : 0;
		CU_ASSERT_EQUAL(err == SR_OK, f != NULL);
		form_free(&f);
	}
	CU_ASSERT_TRUE(good > 0);
}

static const struct suite_test tests[] = {
	TEST(decodes_every_valid_spelling_of_a_name),
	TEST(refuses_malformed_forms),
	TEST(ignores_unknown_fields_of_queries_only),
	TEST(no_body_is_a_form_without_fields),
	TEST(secret_values_keep_every_byte),
	TEST(lines_of_a_value_end_in_lf),
	TEST(the_body_is_gone_after_parsing),
	TEST(what_is_no_text_is_a_fault_of_its_field),
	TEST(a_field_over_its_limit_is_cut_and_named),
	TEST(what_is_too_long_is_that_wherever_it_is_cut),
	TEST(the_number_of_pairs_is_limited),
	TEST(random_bytes_never_break_the_parser),
};

SUITE_MAIN("cgi/form", tests, NULL, NULL)
