#include <jansson.h>

#include "core/redact/keyname_internal.h"
#include "tests/core/redact/kit.h"

#define HUB	"ghp" "_" "R4nd0mLo0k1ngT0kenThatN0b0dyEverMade"
#define NAMED	"\"[REDACTED:named_value]\""

static struct redact *
engine(void)
{
	struct redact * r = kit_ready();

	kit_put(r, 1, "i/x@1", "hunter2!", 8, NULL);
	kit_put(r, 2, "i/pin@1", "3141592653", 10, NULL);
	kit_put(r, 3, "i/tree@1", "{\"a\":1,\"b\":2}", 13, NULL);
	kit_put(r, 4, "i/quotes@1", "a\"quoted\"\\value/\n\xc3\xa4", 19, NULL);
	return (r);
}

static enum sr_error
pass(struct redact * r, const char * text, struct redacted ** t)
{

	return (redact_json(r, REDACT_PROMPT, text, strlen(text), NULL, NULL,
	    t));
}

static bool
becomes(struct redact * r, const char * text, const char * expected)
{
	struct redacted * t;
	struct redacted * again;
	enum sr_error err;
	bool good;

	if ((err = pass(r, text, &t)) != SR_OK) {
		suite_note("%s: %s", text, sr_error_name(err));
		return (false);
	}
	good = strcmp(redacted_bytes(t), expected) == 0;
	if (!good)
		suite_note("'%s' became '%s', not '%s'", text,
		    redacted_bytes(t), expected);
	/* What comes out is JSON still, and passing it again is no change. */
	ASSERT_ERR(pass(r, redacted_bytes(t), &again), SR_OK);
	CU_ASSERT_STRING_EQUAL(redacted_bytes(again), redacted_bytes(t));
	redacted_free(&again);
	redacted_free(&t);
	return (good);
}

static void
what_is_not_secret_stays_byte_for_byte(void)
{
	static const char * const texts[] = { "{}", "[]", " [ ] ", "null",
	    "\"\"", "0", "-1.50e+010",
	    "{\"b\":1,\"a\":2,\"b\":3}",
	    "[1.10,123456789012345678901234567890,1e400,-0.0,1E5]",
	    ("{\"a\" : [true,false , null],\t\"u\":\"\\u00e4\\ud83d"
	    "\\ude00\\/\"}"),
	    "{\"max_tokens\":4096,\"next_token\":\"abc\",\"public_key\":\"x\"}",
	    "{\"name\":\"x\",\"value\":\"y\"}", "\"\\u0000\"",
	    "{\"password\":null,\"token\":\"\",\"secret\":\"${SECRET}\"}" };
	struct redact * r = engine();
	size_t i;

	for (i = 0; i < COUNTOF(texts); i++)
		CU_ASSERT(becomes(r, texts[i], texts[i]));
	redact_free(&r);
}

static void
strings_and_keys_pass_by_what_they_say(void)
{
	struct redact * r = engine();

	CU_ASSERT(becomes(r, "{\"m\":\"at hunter2! now\"}",
	    "{\"m\":\"at [REDACTED:i/x@1:yf4rjr] now\"}"));
	CU_ASSERT(becomes(r, "[\"\\u0068unter\\u0032!\"]",
	    "[\"[REDACTED:i/x@1:yf4rjr]\"]"));
	CU_ASSERT(becomes(r, "{\"hunter2!\":\"hunter2!\\n\"}",
	    "{\"[REDACTED:i/x@1:yf4rjr]\":\"[REDACTED:i/x@1:yf4rjr]\\n\"}"));
	redact_free(&r);
}

static void
escapes_hide_nothing(void)
{
	struct redact * r = engine();
	struct redacted * t;

	ASSERT_ERR(pass(r, "[\"<a\\\"quoted\\\"\\\\value\\/\\n\\u00e4>\","
	    "\"" HUB "\"]", &t), SR_OK);
	CU_ASSERT_PTR_NULL(strstr(redacted_bytes(t), "quoted"));
	CU_ASSERT_PTR_NULL(strstr(redacted_bytes(t), HUB));
	CU_ASSERT_EQUAL(strncmp(redacted_bytes(t), "[\"<[REDACTED:i/quotes@1",
	    23), 0);
	redacted_free(&t);
	redact_free(&r);
}

static void
a_key_that_says_secret_masks_its_whole_value(void)
{
	struct redact * r = engine();

	CU_ASSERT(becomes(r, "{\"password\":\"x\"}", "{\"password\":" NAMED
	    "}"));
	CU_ASSERT(becomes(r, "{\"dbPassword\" : 12345 , \"n\":1}",
	    "{\"dbPassword\" : " NAMED " , \"n\":1}"));
	CU_ASSERT(becomes(r, "{\"client_secret\":{\"a\":[1,{}]},\"b\":true}",
	    "{\"client_secret\":" NAMED ",\"b\":true}"));
	CU_ASSERT(becomes(r, "{\"API-KEY\":[\"a\",\"b\"],\"token\":true}",
	    "{\"API-KEY\":" NAMED ",\"token\":" NAMED "}"));
	CU_ASSERT(becomes(r, "{\"access_token\":\"hunter2!\"}",
	    "{\"access_token\":\"[REDACTED:i/x@1:yf4rjr]\"}"));
	CU_ASSERT(becomes(r, "{\"password\":\"pw hunter2!\"}",
	    "{\"password\":" NAMED "}"));
	CU_ASSERT(becomes(r, "[{\"name\":\"DB_PASSWORD\",\"value\":\"x y\"},"
	    "{\"name\":\"HOME\",\"value\":\"/root\"}]",
	    "[{\"name\":\"DB_PASSWORD\",\"value\":" NAMED "},"
	    "{\"name\":\"HOME\",\"value\":\"/root\"}]"));
	redact_free(&r);
}

static void
a_number_that_is_known_becomes_a_mask(void)
{
	struct redact * r = engine();
	struct redacted * t;

	ASSERT_ERR(pass(r, "[3141592653,31415926530]", &t), SR_OK);
	CU_ASSERT_PTR_NULL(strstr(redacted_bytes(t), "[3141592653,"));
	CU_ASSERT_EQUAL(strncmp(redacted_bytes(t), "[\"[REDACTED:i/pin@1:",
	    20), 0);
	redacted_free(&t);
	/* A value that lies across several cannot be masked: nothing leaves. */
	t = (void *)&r;
	ASSERT_ERR(pass(r, "[{\"a\":1,\"b\":2}]", &t),
	    SR_E_PROMPT_REDACTION_FAILED);
	CU_ASSERT_PTR_NULL(t);
	CU_ASSERT_EQUAL(redact_last_cause(), REDACT_CAUSE_NONE);
	redact_free(&r);
}

static void
what_is_no_json_is_refused(void)
{
	static const char * const texts[] = { "", " ", "{", "[", "[1,]",
	    "{\"a\"}", "{\"a\":}", "{a:1}", "[1 2]", "01", "1.", "1e", "-",
	    "+1", "nul", "nulll", "\"", "\"\\x\"", "\"\\ud800\"",
	    "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"\xff\"", "\"\n\"",
	    "[1]x", "{\"a\":1,}", "'a'", "\"\\u12g4\"", "{\"password\":tru}",
	    "{\"password\":[1,}", "\xef\xbb\xbf{}" };
	struct redact * r = engine();
	struct redacted * t;
	json_t * oracle;
	size_t i;

	for (i = 0; i < COUNTOF(texts); i++) {
		t = (void *)&i;
		ASSERT_ERR(pass(r, texts[i], &t), SR_E_INPUT_MALFORMED);
		CU_ASSERT_PTR_NULL(t);
		oracle = json_loads(texts[i], JSON_DECODE_ANY, NULL);
		CU_ASSERT_PTR_NULL(oracle);
	}
	redact_free(&r);
}

static void
limits_hold(void)
{
	static char deep[REDACT_JSON_DEPTH_MAX * 2 + 3];
	const struct redact_json_limits few = { .bytes = 100, .depth = 2,
	    .values = 4 };
	struct redact * r = engine();
	struct redacted * t;

	memset(deep, '[', REDACT_JSON_DEPTH_MAX + 1);
	memset(&deep[REDACT_JSON_DEPTH_MAX + 1], ']',
	    REDACT_JSON_DEPTH_MAX + 1);
	ASSERT_ERR(pass(r, deep, &t), SR_E_PROMPT_REDACTION_FAILED);
	CU_ASSERT_EQUAL(redact_last_cause(), REDACT_CAUSE_LIMIT);
	ASSERT_ERR(redact_json(r, REDACT_UI, "[[1,2]]", 7, &few, NULL, &t),
	    SR_OK);
	redacted_free(&t);
	ASSERT_ERR(redact_json(r, REDACT_UI, "[[[]]]", 6, &few, NULL, &t),
	    SR_E_UI_REDACTION_FAILED);
	ASSERT_ERR(redact_json(r, REDACT_UI, "[1,2,3,4]", 9, &few, NULL, &t),
	    SR_E_UI_REDACTION_FAILED);
	ASSERT_ERR(redact_json(r, REDACT_UI, deep, 101, &few, NULL, &t),
	    SR_E_UI_REDACTION_FAILED);
	CU_ASSERT_EQUAL(redact_last_cause(), REDACT_CAUSE_LIMIT);
	CU_ASSERT_PTR_NULL(t);
	redact_free(&r);
}

static void
names_say_what_they_hold(void)
{
	static const char * const strong[] = { "password", "DB_PASSWORD",
	    "dbPassword", "clientSecret", "client-secret", "x-api-key",
	    "apiKey", "APIKey", "AWS_SECRET_ACCESS_KEY", "accessToken",
	    "auth_token", "token", "PGPASSWORD", "smtp_pass", "Passphrase",
	    "Authorization", "private_key", "userpassword2", "refresh_token",
	    "spring.datasource.password", "secret" };
	static const char * const none[] = { "", "a", "key", "primary_key",
	    "public_key", "next_token", "nextPageToken", "max_tokens",
	    "password_file", "passwordLength", "secretName", "secret_id",
	    "token_type", "keyboard", "monkey", "passenger", "tokenizer",
	    "author", "\xff\x80", "12345678", "cacheKey" };
	size_t i;

	for (i = 0; i < COUNTOF(strong); i++) {
		if (keyname_says(strong[i], strlen(strong[i])) !=
		    KEYNAME_STRONG)
			suite_note("%s", strong[i]);
		CU_ASSERT_EQUAL(keyname_says(strong[i], strlen(strong[i])),
		    KEYNAME_STRONG);
	}
	for (i = 0; i < COUNTOF(none); i++) {
		if (keyname_says(none[i], strlen(none[i])) != KEYNAME_NONE)
			suite_note("%s", none[i]);
		CU_ASSERT_EQUAL(keyname_says(none[i], strlen(none[i])),
		    KEYNAME_NONE);
	}
	CU_ASSERT_EQUAL(keyname_says("pass", 4), KEYNAME_WEAK);
}

static const struct suite_test tests[] = {
	TEST(what_is_not_secret_stays_byte_for_byte),
	TEST(strings_and_keys_pass_by_what_they_say),
	TEST(escapes_hide_nothing),
	TEST(a_key_that_says_secret_masks_its_whole_value),
	TEST(a_number_that_is_known_becomes_a_mask),
	TEST(what_is_no_json_is_refused),
	TEST(limits_hold),
	TEST(names_say_what_they_hold),
};

SUITE_MAIN("core/redact/json", tests, NULL, NULL)
