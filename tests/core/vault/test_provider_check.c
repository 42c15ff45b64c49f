#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/secbuf.h"
#include "core/vault/provider.h"
#include "core/vault/provider_check.h"
#include "tests/harness/provider.h"
#include "tests/harness/suite.h"

/* Real HTTPS on a loopback address; the server plays the provider. */
#define GOOD_KEY	"sk-" "ant-test-5Zr8Qk2LmW9xTv4BnP7s"
#define BAD_KEY		"sk-" "ant-test-not-this-one-1234567"

static struct provider_server * server;
static struct provider_limits limits = { .attempts = 3, .pause_ms = 1,
    .connect_ms = 5000, .total_ms = 10000, .reply_max = 65536,
    .ca_file = "", .proxy = "" };
static struct provider provider = { .name = "anthropic",
    .kind = PROVIDER_KEY, .path = "/v1/models?limit=1",
    .header = "x-api-key: ",
    .extra = "anthropic-version: 2023-06-01\nX-More: 1",
    .refused = { 401, 403 }, .proof = "data", .app_id = "" };

static void
serve(enum provider_certificate certificate)
{

	provider_server_stop(&server);
	server = provider_server_start(suite_tmpdir(), certificate);
	CU_ASSERT_PTR_NOT_NULL_FATAL(server);
	provider_server_good(server, GOOD_KEY);
	provider.base_url = provider_server_url(server);
	limits.ca_file = provider_server_ca(server);
}

static int
setup(void)
{

	return (provider_library_init() == SR_OK ? 0 : 1);
}

static int
teardown(void)
{

	provider_server_stop(&server);
	provider_library_end();
	return (0);
}

static struct provider_verdict
ask(const char * key)
{
	struct provider_verdict v;
	struct secbuf * b;

	ASSERT_ERR_FATAL(secbuf_copy(key, strlen(key), &b), SR_OK);
	ASSERT_ERR(provider_ask(&provider, b, &limits, &v), SR_OK);
	secbuf_free(&b);
	return (v);
}

static void
a_good_credential_passes_at_the_first_try(void)
{
	struct provider_verdict v;
	char * head;

	serve(PROVIDER_CERTIFICATE_GOOD);
	v = ask(GOOD_KEY);
	CU_ASSERT_EQUAL(v.outcome, PROVIDER_PASSED);
	ASSERT_ERR(v.error, SR_OK);
	CU_ASSERT_EQUAL(v.status, 200);
	CU_ASSERT_EQUAL(v.attempts, 1);
	CU_ASSERT_EQUAL(provider_server_requests(server), 1);
	head = provider_server_last(server);
	CU_ASSERT_EQUAL(strncmp(head, "GET /v1/models?limit=1 HTTP/1.1\r\n",
	    33), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(head, "\r\nx-api-key: " GOOD_KEY "\r\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(head,
	    "\r\nanthropic-version: 2023-06-01\r\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(head, "\r\nX-More: 1\r\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(head, "\r\nUser-Agent: Strongroom/"));
	free(head);
}

static void
a_refusal_is_final(void)
{
	struct provider_verdict v;

	serve(PROVIDER_CERTIFICATE_GOOD);
	v = ask(BAD_KEY);
	CU_ASSERT_EQUAL(v.outcome, PROVIDER_REFUSED);
	CU_ASSERT_EQUAL(v.failure, PROVIDER_FAILURE_REFUSED);
	ASSERT_ERR(v.error, SR_E_PROVIDER_CREDENTIALS_INVALID);
	CU_ASSERT_EQUAL(v.attempts, 1);
}

/* What each way of failing is called, and how often it was tried. */
static void
every_failure_has_its_class(void)
{
	static const struct {
		enum provider_mode mode;
		enum provider_failure failure;
		unsigned status, attempts;
	} cases[] = {
		{ PROVIDER_MODE_401, PROVIDER_FAILURE_REFUSED, 401, 1 },
		{ PROVIDER_MODE_403, PROVIDER_FAILURE_REFUSED, 403, 1 },
		{ PROVIDER_MODE_LIMITED, PROVIDER_FAILURE_RATE_LIMITED, 403,
		    3 },
		{ PROVIDER_MODE_429, PROVIDER_FAILURE_RATE_LIMITED, 429, 3 },
		{ PROVIDER_MODE_500, PROVIDER_FAILURE_SERVER_ERROR, 500, 3 },
		{ PROVIDER_MODE_GARBAGE, PROVIDER_FAILURE_MALFORMED_REPLY, 0,
		    1 },
		{ PROVIDER_MODE_NO_JSON, PROVIDER_FAILURE_MALFORMED_REPLY,
		    200, 1 },
		{ PROVIDER_MODE_ENDLESS, PROVIDER_FAILURE_MALFORMED_REPLY,
		    200, 1 },
		{ PROVIDER_MODE_REDIRECT, PROVIDER_FAILURE_REDIRECTED, 302,
		    1 },
		{ PROVIDER_MODE_CLOSE, PROVIDER_FAILURE_UNREACHABLE, 0, 3 },
		{ PROVIDER_MODE_ECHO, PROVIDER_FAILURE_REFUSED, 401, 1 },
	};
	struct provider_verdict v;
	size_t i;

	serve(PROVIDER_CERTIFICATE_GOOD);
	for (i = 0; i < COUNTOF(cases); i++) {
		provider_server_mode(server, cases[i].mode);
		v = ask(GOOD_KEY);
		CU_ASSERT_STRING_EQUAL(provider_failure_name(v.failure),
		    provider_failure_name(cases[i].failure));
		CU_ASSERT_EQUAL(v.status, cases[i].status);
		CU_ASSERT_EQUAL(v.attempts, cases[i].attempts);
		CU_ASSERT_NOT_EQUAL(v.outcome, PROVIDER_PASSED);
	}
}

static void
a_slow_answer_ends_at_the_limit(void)
{
	struct provider_verdict v;

	serve(PROVIDER_CERTIFICATE_GOOD);
	provider_server_mode(server, PROVIDER_MODE_DRIP);
	limits.total_ms = 300;
	limits.attempts = 2;
	v = ask(GOOD_KEY);
	limits.total_ms = 10000;
	limits.attempts = 3;
	CU_ASSERT_EQUAL(v.outcome, PROVIDER_FAILED);
	CU_ASSERT_EQUAL(v.failure, PROVIDER_FAILURE_TIMEOUT);
	CU_ASSERT_EQUAL(v.attempts, 2);
}

static void
nothing_is_sent_to_who_is_not_the_provider(void)
{
	static const enum provider_certificate bad[] = {
		PROVIDER_CERTIFICATE_OTHER_NAME, PROVIDER_CERTIFICATE_EXPIRED };
	struct provider_verdict v;
	size_t i;

	for (i = 0; i < COUNTOF(bad); i++) {
		serve(bad[i]);
		v = ask(GOOD_KEY);
		CU_ASSERT_EQUAL(v.failure, PROVIDER_FAILURE_TLS);
		CU_ASSERT_EQUAL(provider_server_requests(server), 0);
	}
	/* A certificate of nobody whom we trust. */
	serve(PROVIDER_CERTIFICATE_GOOD);
	limits.ca_file = "";
	v = ask(GOOD_KEY);
	CU_ASSERT_EQUAL(v.failure, PROVIDER_FAILURE_TLS);
	CU_ASSERT_EQUAL(provider_server_requests(server), 0);
}

static void
a_loopback_address_may_be_plain(void)
{

	serve(PROVIDER_PLAIN_HTTP);
	limits.ca_file = "";
	CU_ASSERT_EQUAL(ask(GOOD_KEY).outcome, PROVIDER_PASSED);
}

static void
nobody_there_is_unreachable(void)
{
	struct provider_verdict v;
	char url[64];

	serve(PROVIDER_PLAIN_HTTP);
	(void)snprintf(url, sizeof(url), "%s", provider_server_url(server));
	provider_server_stop(&server);
	provider.base_url = url;
	limits.ca_file = "";
	v = ask(GOOD_KEY);
	CU_ASSERT_EQUAL(v.failure, PROVIDER_FAILURE_UNREACHABLE);
	CU_ASSERT_EQUAL(v.attempts, 3);
	provider.base_url = "";
}

/* A proxy of the environment would see which provider is asked. */
static void
the_environments_proxy_is_not_asked(void)
{

	CU_ASSERT_EQUAL(setenv("https_proxy", "http://127.0.0.1:9", 1), 0);
	CU_ASSERT_EQUAL(setenv("ALL_PROXY", "http://127.0.0.1:9", 1), 0);
	serve(PROVIDER_CERTIFICATE_GOOD);
	CU_ASSERT_EQUAL(ask(GOOD_KEY).outcome, PROVIDER_PASSED);
	CU_ASSERT_EQUAL(unsetenv("https_proxy"), 0);
	CU_ASSERT_EQUAL(unsetenv("ALL_PROXY"), 0);
}

static void
what_no_header_takes_is_never_sent(void)
{
	static const char * const bad[] = { "", "two\nlines-of-it",
	    "with blank in it", ("\x01" "control12"), "caf\xc3\xa9-key-1234" };
	struct provider_verdict v;
	struct secbuf * b;
	size_t i;

	serve(PROVIDER_CERTIFICATE_GOOD);
	for (i = 0; i < COUNTOF(bad); i++) {
		ASSERT_ERR_FATAL(secbuf_copy(bad[i], strlen(bad[i]), &b),
		    SR_OK);
		ASSERT_ERR(provider_ask(&provider, b, &limits, &v),
		    SR_E_PROVIDER_CREDENTIAL_VALUE_INVALID);
		secbuf_free(&b);
	}
	CU_ASSERT_EQUAL(provider_server_requests(server), 0);
}

static void
a_github_app_signs_in_with_a_token(void)
{
	struct provider app = provider;
	EVP_PKEY * key = EVP_RSA_gen(2048);
	BIO * bio = BIO_new(BIO_s_mem());
	struct provider_verdict v;
	struct secbuf * pem;
	char * text, * head;
	long len;

	serve(PROVIDER_CERTIFICATE_GOOD);
	provider_server_good(server, "Authorization: Bearer eyJhbGciOiJSUzI1N");
	app.base_url = provider.base_url;
	app.kind = PROVIDER_GITHUB_APP;
	app.header = "Authorization: Bearer ";
	CU_ASSERT_EQUAL(PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL,
	    NULL), 1);
	len = BIO_get_mem_data(bio, &text);
	ASSERT_ERR_FATAL(secbuf_copy(text, (size_t)len, &pem), SR_OK);
	ASSERT_ERR(provider_ask(&app, pem, &limits, &v),
	    SR_E_PROVIDER_CREDENTIAL_VALUE_INVALID);
	app.app_id = "4242";
	ASSERT_ERR(provider_ask(&app, pem, &limits, &v), SR_OK);
	CU_ASSERT_EQUAL(v.outcome, PROVIDER_PASSED);
	head = provider_server_last(server);
	CU_ASSERT_PTR_NULL(strstr(head, "PRIVATE KEY"));
	free(head);
	secbuf_free(&pem);
	BIO_free(bio);
	EVP_PKEY_free(key);
}

static const struct suite_test tests[] = {
	TEST(a_good_credential_passes_at_the_first_try),
	TEST(a_refusal_is_final),
	TEST(every_failure_has_its_class),
	TEST(a_slow_answer_ends_at_the_limit),
	TEST(nothing_is_sent_to_who_is_not_the_provider),
	TEST(a_loopback_address_may_be_plain),
	TEST(nobody_there_is_unreachable),
	TEST(the_environments_proxy_is_not_asked),
	TEST(what_no_header_takes_is_never_sent),
	TEST(a_github_app_signs_in_with_a_token),
};

SUITE_MAIN("core/vault/provider_check", tests, setup, teardown)
