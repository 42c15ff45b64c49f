/* The headers that programs send. */

#include <stdio.h>
#include <string.h>

#include "cgi/request.h"
#include "core/base/secbuf.h"
#include "tests/cgi/fixture.h"
#include "tests/harness/suite.h"

static const struct site plain = { .origin = "http://127.0.0.1:8080" };

/* A call with one header more. */
static enum sr_error
read_call(const char * method, const char * name, const char * value,
    struct request * r)
{
	struct fake f = { .params = { { "REQUEST_METHOD", method },
	    { "SCRIPT_NAME", "" }, { "PATH_INFO", "/api/v1/secrets" },
	    { name, value } } };
	struct source s = fake_source(&f);

	return (request_read(&s, &plain, r));
}

static void
methods_have_their_names(void)
{
	static const char * const names[] = { "GET", "POST", "PUT", "DELETE",
	    "PATCH" };
	struct request r;

	for (unsigned m = 0; m < COUNTOF(names); m++) {
		ASSERT_ERR(read_call(names[m], "X", "", &r), SR_OK);
		CU_ASSERT_EQUAL(r.method, (enum method)m);
		CU_ASSERT_FALSE(r.head);
		CU_ASSERT_STRING_EQUAL(method_name(r.method, false), names[m]);
		request_free(&r);
	}
	ASSERT_ERR(read_call("put", "X", "", &r), SR_OK);
	CU_ASSERT_EQUAL(r.method, METHOD_OTHER);
	request_free(&r);
}

static void
bearer(const char * header, const char * expected)
{
	struct secbuf * want = NULL;
	struct request r;

	ASSERT_ERR(read_call("GET", "HTTP_AUTHORIZATION", header, &r), SR_OK);
	if (expected == NULL) {
		CU_ASSERT_PTR_NULL(r.bearer);
	} else {
		CU_ASSERT_PTR_NOT_NULL_FATAL(r.bearer);
		ASSERT_ERR_FATAL(secbuf_copy(expected, strlen(expected),
		    &want), SR_OK);
		CU_ASSERT_TRUE(secbuf_equal(r.bearer, want));
		secbuf_free(&want);
	}
	request_free(&r);
	CU_ASSERT_PTR_NULL(r.bearer);
}

static void
a_bearer_key_is_taken_from_its_header_alone(void)
{
	char longer[200] = "Bearer ";

	bearer("Bearer abc", "abc");
	bearer("bearer  abc", "abc");
	bearer("BEARER a b", "a b");
	bearer("Bearer", "");
	bearer("Bearer ", "");
	bearer("Basic abc", NULL);
	bearer("Bearerabc", NULL);
	bearer("", NULL);
	bearer(NULL, NULL);
	memset(longer + 7, 'a', 129);
	bearer(longer, "");
	longer[7 + 128] = '\0';
	bearer(longer, longer + 7);
}

static void
if_match(const char * value, enum sr_error error, enum condition condition,
    uint32_t version)
{
	struct request r;
	enum sr_error err = read_call("PUT", "HTTP_IF_MATCH", value, &r);

	if (err != error || (err == SR_OK && r.if_match != condition))
		suite_note("%s: %s, %d", value, sr_error_name(err),
		    (int)r.if_match);
	CU_ASSERT_EQUAL(err, error);
	CU_ASSERT(err != SR_OK || r.if_match == condition);
	CU_ASSERT(err != SR_OK || condition != CONDITION_VERSION ||
	    r.if_match_version == version);
	request_free(&r);
}

static void
conditions_are_read_strictly(void)
{
	struct request r;

	if_match("", SR_OK, CONDITION_NONE, 0);
	if_match("*", SR_OK, CONDITION_ANY, 0);
	if_match("\"3\"", SR_OK, CONDITION_VERSION, 3);
	if_match("\"4294967295\"", SR_OK, CONDITION_VERSION, UINT32_MAX);
	if_match("\"4294967296\"", SR_OK, CONDITION_NEVER, 0);
	if_match("\"99999999999999999999999\"", SR_OK, CONDITION_NEVER, 0);
	if_match("\"03\"", SR_OK, CONDITION_NEVER, 0);
	if_match("\"0\"", SR_OK, CONDITION_NEVER, 0);
	if_match("\"\"", SR_OK, CONDITION_NEVER, 0);
	if_match("\"abc\"", SR_OK, CONDITION_NEVER, 0);
	if_match("W/\"3\"", SR_OK, CONDITION_NEVER, 0);
	if_match("3", SR_E_REQUEST_MALFORMED, CONDITION_NONE, 0);
	if_match("\"3", SR_E_REQUEST_MALFORMED, CONDITION_NONE, 0);
	if_match("W/", SR_E_REQUEST_MALFORMED, CONDITION_NONE, 0);
	if_match("\"3\", \"4\"", SR_E_REQUEST_MALFORMED, CONDITION_NONE, 0);
	ASSERT_ERR(read_call("PUT", "HTTP_IF_NONE_MATCH", "*", &r), SR_OK);
	CU_ASSERT_TRUE(r.if_none_match);
	request_free(&r);
	ASSERT_ERR(read_call("PUT", "HTTP_IF_NONE_MATCH", "\"1\"", &r),
	    SR_E_REQUEST_MALFORMED);
	request_free(&r);
	ASSERT_ERR(read_call("GET", "HTTP_IF_NONE_MATCH", "\"1\"", &r), SR_OK);
	CU_ASSERT_FALSE(r.if_none_match);
	request_free(&r);
}

static void
content_types_are_utf8(void)
{
	static const struct {
		const char * type;
		enum media media;
	} types[] = {
		{ "", MEDIA_NONE }, { "application/json", MEDIA_JSON },
		{ "Application/JSON ; charset=UTF-8", MEDIA_JSON },
		{ "application/json; charset=\"utf-8\"", MEDIA_JSON },
		{ "application/json;", MEDIA_JSON },
		{ "application/json; charset=latin1", MEDIA_OTHER },
		{ "application/json; charset=utf-8x", MEDIA_OTHER },
		{ "application/json; x=y", MEDIA_OTHER },
		{ "application/jsonp", MEDIA_OTHER },
		{ "application/xml", MEDIA_XML }, { "text/xml", MEDIA_XML },
		{ "text/xml; charset=utf-16", MEDIA_OTHER },
		{ "application/x-www-form-urlencoded; charset=utf-8",
		    MEDIA_FORM },
		{ "multipart/form-data", MEDIA_OTHER },
	};
	struct request r;

	for (size_t i = 0; i < COUNTOF(types); i++) {
		ASSERT_ERR(read_call("PUT", "CONTENT_TYPE", types[i].type,
		    &r), SR_OK);
		if (r.media != types[i].media)
			suite_note("%s", types[i].type);
		CU_ASSERT_EQUAL(r.media, types[i].media);
		request_free(&r);
	}
}

static void
programs_get_json_or_xml(void)
{
	static const struct {
		const char * accept;
		enum format format;
	} rows[] = { { "", FORMAT_JSON }, { "*/*", FORMAT_JSON },
	    { "text/html", FORMAT_JSON }, { "application/xml", FORMAT_XML },
	    { "application/json", FORMAT_JSON },
	    { "application/xml;q=0.5, application/json", FORMAT_JSON },
	    { "text/html, application/xml;q=0.9, */*;q=0.8", FORMAT_XML } };
	struct request r;

	for (size_t i = 0; i < COUNTOF(rows); i++) {
		ASSERT_ERR(read_call("GET", "HTTP_ACCEPT", rows[i].accept,
		    &r), SR_OK);
		CU_ASSERT_EQUAL(r.format, rows[i].format);
		request_free(&r);
	}
}

static void
over_long_and_odd_headers_are_refused(void)
{
	char longer[300] = "";
	struct request r;

	memset(longer, 'a', 256);
	ASSERT_ERR(read_call("PUT", "HTTP_IDEMPOTENCY_KEY", longer, &r),
	    SR_E_REQUEST_HEADERS_TOO_LARGE);
	request_free(&r);
	ASSERT_ERR(read_call("PUT", "HTTP_X_CSRF_TOKEN", longer, &r),
	    SR_E_CSRF_TOKEN_INVALID);
	request_free(&r);
	ASSERT_ERR(read_call("PUT", "HTTP_IDEMPOTENCY_KEY", "a\x01", &r),
	    SR_E_REQUEST_MALFORMED);
	request_free(&r);
	ASSERT_ERR(read_call("PUT", "HTTP_IDEMPOTENCY_KEY", "abc-1", &r),
	    SR_OK);
	CU_ASSERT_STRING_EQUAL(r.idempotency_key, "abc-1");
	request_free(&r);
}

static const struct suite_test tests[] = {
	TEST(methods_have_their_names),
	TEST(a_bearer_key_is_taken_from_its_header_alone),
	TEST(conditions_are_read_strictly),
	TEST(content_types_are_utf8),
	TEST(programs_get_json_or_xml),
	TEST(over_long_and_odd_headers_are_refused),
};

SUITE_MAIN("cgi/request_api", tests, NULL, NULL)
