/*
 * Goal: whatever a client sends that is wrong is answered with the right
 * status and a page that says what to do, changes nothing, and keeps what was
 * typed except the value.
 */

#include <string.h>

#include "tests/harness/files.h"
#include "tests/harness/instance.h"
#include "tests/harness/mariadb.h"
#include "tests/harness/suite.h"
#include "tests/harness/walk.h"

#define VALUE	"refused-value-canary-5d21"

static struct instance * inst;
static struct http * owner;

static int
start(void)
{

	if ((inst = instance_start(NULL)) == NULL)
		return (-1);
	return ((owner = walk_in(inst)) == NULL ? -1 : 0);
}

static int
stop(void)
{

	http_free(&owner);
	return (instance_stop(&inst) == 0 ? 0 : -1);
}

static unsigned
rows(const char * sql)
{
	char * text = mariadb_sql(instance_database(inst), sql);
	unsigned n = text == NULL ? 0 : (unsigned)atoi(text);

	free(text);
	return (n);
}

#define SECRET_ROWS	"SELECT count(*) FROM secret_ref"

/* ${r} has that status and tells of that error; frees it. */
static void
expect(struct http_reply * r, long status, const char * error)
{
	char * correlation = http_reply_header(r, "X-Correlation-Id");

	if (r->status != status || !http_has(r, error))
		suite_note("%ld, expected %ld %s: %.300s", r->status, status,
		    error, r->body);
	CU_ASSERT_EQUAL(r->status, status);
	CU_ASSERT(http_has(r, error));
	CU_ASSERT_PTR_NOT_NULL(correlation);
	CU_ASSERT_FALSE(http_has(r, VALUE));
	free(correlation);
	http_reply_free(&r);
}

static void
addresses_that_do_not_exist(void)
{

	expect(http_get(owner, "/no/such/page"), 404, "route_not_found");
	expect(http_get(owner, "/errors/no_such_error"), 404,
	    "route_not_found");
	expect(http_get(owner, "/settings/security/secrets/"
	    "00000000-0000-7000-8000-000000000000"), 404, "secret_not_found");
	expect(http_get(owner, "/settings/security/secrets/x"), 404,
	    "secret_not_found");
}

static void
a_wrong_method_names_the_right_ones(void)
{
	struct http_reply * r = http_request(owner, "DELETE", "/login", NULL,
	    NULL, 0);
	char * allow = http_reply_header(r, "Allow");

	CU_ASSERT_PTR_NOT_NULL_FATAL(allow);
	CU_ASSERT_PTR_NOT_NULL(strstr(allow, "GET"));
	CU_ASSERT_PTR_NOT_NULL(strstr(allow, "POST"));
	free(allow);
	expect(r, 405, "method_not_allowed");
}

static void
a_post_without_or_with_a_foreign_csrf_token(void)
{
	const struct http_field * none = HTTP_FIELDS(
	    { "security_secret[scope]", "instance" },
	    { "security_secret[name]", "csrf" },
	    { "security_secret[value]", VALUE });
	struct http * other = instance_client(inst);
	struct http * third = instance_client(inst);
	struct http_reply * page = http_get(other, "/login");
	char * foreign = http_csrf(page, "login-form");

	CU_ASSERT(strlen(foreign) > 20);
	expect(http_post(owner, "/settings/security", none), 403,
	    "csrf_token_invalid");
	expect(http_post(owner, "/settings/security", HTTP_FIELDS(
	    { "_csrf", foreign }, { "security_secret[scope]", "instance" },
	    { "security_secret[name]", "csrf" },
	    { "security_secret[value]", VALUE })), 403, "csrf_token_invalid");
	expect(http_post(third, "/login", HTTP_FIELDS(
	    { "_csrf", foreign }, { "login[email]", WALK_EMAIL },
	    { "login[password]", WALK_PASSWORD })), 403, "csrf_token_invalid");
	CU_ASSERT_EQUAL(rows(SECRET_ROWS), 0);
	free(foreign);
	http_reply_free(&page);
	http_free(&other);
	http_free(&third);
}

static void
a_post_from_another_site(void)
{
	struct http_reply * page = http_get(owner, "/settings/security");

	http_header(owner, "Origin: https://elsewhere.example");
	expect(http_submit(owner, page, "settings-security-secret-form",
	    HTTP_FIELDS({ "security_secret[scope]", "instance" },
	    { "security_secret[name]", "origin" },
	    { "security_secret[value]", VALUE })), 403, "csrf_token_invalid");
	http_header(owner, NULL);
	CU_ASSERT_EQUAL(rows(SECRET_ROWS), 0);
	http_reply_free(&page);
}

static void
a_form_that_is_none(void)
{
	static const char broken[] = "security_secret[name]=%zz&=&&%";
	static const char type[] = "application/x-www-form-urlencoded";

	expect(http_request(owner, "POST", "/settings/security", type, broken,
	    strlen(broken)), 400, "form_malformed");
	expect(http_request(owner, "POST", "/settings/security",
	    "multipart/form-data; boundary=x", "--x--", 5), 415,
	    "media_type_unsupported");
}

static void
a_body_over_the_limit(void)
{
	size_t len = 400000;
	char * body = malloc(len);
	static const char type[] = "application/x-www-form-urlencoded";

	CU_ASSERT_PTR_NOT_NULL_FATAL(body);
	memset(body, 'x', len);
	expect(http_request(owner, "POST", "/settings/security", type, body,
	    len), 413, "request_body_too_large");
	free(body);
}

struct bad_field {
	const char * scope;
	const char * name;
	const char * value;
	const char * error;
};

/* The form comes back with the error, and with what was typed but the value. */
static void
refuse_one(const struct bad_field * f)
{
	struct http_reply * r = walk_store(owner, f->scope, f->name, f->value);
	char * type = http_id_text(r, "settings-security-secret-error-type");
	char * remedy =
	    http_id_text(r, "settings-security-secret-error-recovery");

	if (r->status != 422 || strcmp(type, f->error) != 0)
		suite_note("%s: %ld %s", f->error, r->status, type);
	CU_ASSERT_EQUAL(r->status, 422);
	CU_ASSERT_STRING_EQUAL(type, f->error);
	CU_ASSERT(strlen(remedy) > 10);
	CU_ASSERT_EQUAL(http_count(r, "//textarea"
	    "[@name='security_secret[value]'][normalize-space() = '']"), 1);
	free(type);
	free(remedy);
	http_reply_free(&r);
}

static void
fields_that_are_wrong_each_have_their_error(void)
{
	char * longer = malloc(70001);
	char * name = malloc(301);
	const struct bad_field fields[] = {
		{ "galaxy", "a", VALUE, "secret_scope_invalid" },
		{ "", "a", VALUE, "secret_scope_invalid" },
		{ "project", "a", VALUE, "secret_scope_invalid" },
		{ "instance", "", VALUE, "secret_name_invalid" },
		{ "instance", "/a/", VALUE, "secret_name_invalid" },
		{ "instance", "two words", VALUE, "secret_name_invalid" },
		{ "instance", "bell\a", VALUE, "secret_name_invalid" },
		{ "instance", "not-utf8-\xff", VALUE, "secret_name_invalid" },
		{ "instance", name, VALUE, "secret_name_invalid" },
		{ "instance", "a", "", "secret_value_invalid" },
		{ "instance", "a", "short", "secret_value_invalid" },
		{ "instance", "a", "no-utf8-\xc3\x28", "secret_value_invalid" },
		{ "instance", "a", longer, "secret_value_invalid" },
	};

	CU_ASSERT_FATAL(longer != NULL && name != NULL);
	memset(longer, 'v', 70000);
	longer[70000] = '\0';
	memset(name, 'n', 300);
	name[300] = '\0';
	for (size_t i = 0; i < COUNTOF(fields); i++)
		refuse_one(&fields[i]);
	CU_ASSERT_EQUAL(rows(SECRET_ROWS), 0);
	free(longer);
	free(name);
}

static void
what_was_typed_is_kept_except_the_value(void)
{
	struct http_reply * r = walk_store(owner, "integration",
	    "kept name", VALUE);
	char * name = http_xpath(r,
	    "string(//input[@name='security_secret[name]']/@value)");
	char * scope = http_xpath(r, "string(//select"
	    "[@name='security_secret[scope]']/option[@selected]/@value)");

	CU_ASSERT_EQUAL(r->status, 422);
	CU_ASSERT_STRING_EQUAL(name, "kept name");
	CU_ASSERT_STRING_EQUAL(scope, "integration");
	CU_ASSERT_FALSE(http_has(r, VALUE));
	free(name);
	free(scope);
	http_reply_free(&r);
}

static void
st_sec_002_ac1_token_in_the_name_field_is_refused(void)
{
	const struct bad_field f = { "instance",
	    "ghp_" "16C7e42F292c6912E7710c838347Ae178B4a", VALUE,
	    "plaintext_secret_persistence_blocked" };

	refuse_one(&f);
}

static void
st_sec_002_ac2_known_secret_in_the_name_field_leaves_nothing(void)
{
	const struct bad_field f = { "instance", VALUE, VALUE,
	    "plaintext_secret_persistence_blocked" };
	unsigned before;
	char * dump;

	CU_ASSERT(walk_stored(owner, "instance", "policy/known", VALUE));
	before = rows(SECRET_ROWS);
	refuse_one(&f);
	CU_ASSERT_EQUAL(rows(SECRET_ROWS), before);
	dump = mariadb_dump(instance_database(inst));
	CU_ASSERT_PTR_NOT_NULL_FATAL(dump);
	CU_ASSERT_PTR_NULL(strstr(dump, VALUE));
	free(dump);
}

static void
st_sec_002_ac3_page_names_policy_field_and_remedy(void)
{
	struct http_reply * r = walk_store(owner, "instance",
	    "ghp_" "16C7e42F292c6912E7710c838347Ae178B4a", VALUE);
	char * remedy =
	    http_id_text(r, "settings-security-secret-error-recovery");

	CU_ASSERT(http_has(r, "operational_secret_plaintext_forbidden"));
	CU_ASSERT_PTR_NOT_NULL(strstr(remedy, "SecretRef"));
	CU_ASSERT_EQUAL(http_count(r, "//input"
	    "[@name='security_secret[name]'][@aria-invalid='true']"), 1);
	CU_ASSERT_FALSE(http_has(r, "16C7e42F292c6912E7710c838347Ae178B4a"));
	CU_ASSERT(rows("SELECT count(*) FROM audit_event WHERE "
	    "outcome = 'blocked' AND error_type = "
	    "'plaintext_secret_persistence_blocked' AND actor_label = '"
	    WALK_EMAIL "'") >= 1);
	free(remedy);
	http_reply_free(&r);
}

static void
errors_come_as_problem_documents_to_programs(void)
{
	struct http_reply * r;
	char * type;

	http_header(owner, "Accept: application/problem+json");
	r = http_get(owner, "/no/such/page");
	type = http_reply_header(r, "Content-Type");
	CU_ASSERT_EQUAL(r->status, 404);
	CU_ASSERT_PTR_NOT_NULL_FATAL(type);
	CU_ASSERT_EQUAL(strncmp(type, "application/problem+json", 24), 0);
	CU_ASSERT(http_has(r, "\"status\":404"));
	CU_ASSERT(http_has(r, "/errors/route_not_found"));
	http_header(owner, NULL);
	http_reply_free(&r);
	free(type);
}

static void
a_session_that_has_expired_says_so(void)
{
	struct http * h = walk_in(inst);
	struct http_reply * r;
	char * done;

	CU_ASSERT_PTR_NOT_NULL_FATAL(h);
	done = mariadb_sql(instance_database(inst), "UPDATE session SET "
	    "expires_at = UTC_TIMESTAMP() - INTERVAL 1 MINUTE "
	    "ORDER BY created_at DESC LIMIT 1");
	free(done);
	r = http_get(h, "/settings/security");
	CU_ASSERT_EQUAL(r->status, 303);
	http_reply_free(&r);
	http_free(&h);
}

static void
wrong_passwords_are_slowed_down_per_address_and_account(void)
{
	struct http * h = instance_client(inst);
	struct http_reply * page = http_get(h, "/login");
	long last = 0;

	for (unsigned i = 0; i < 8 && last != 429; i++) {
		struct http_reply * r = http_submit(h, page, "login-form",
		    HTTP_FIELDS({ "login[email]", "somebody@example.org" },
		    { "login[password]", "not the right one at all" }));
		char * wait = http_reply_header(r, "Retry-After");

		last = r->status;
		CU_ASSERT(last == 401 || last == 429);
		CU_ASSERT_EQUAL(wait != NULL, last == 429);
		free(wait);
		http_reply_free(&r);
	}
	CU_ASSERT_EQUAL(last, 429);
	/* The owner, who has another account, is not in the way of that. */
	CU_ASSERT_EQUAL(walk_sign_in(owner), 0);
	http_reply_free(&page);
	http_free(&h);
}

static const struct suite_test tests[] = {
	TEST(addresses_that_do_not_exist),
	TEST(a_wrong_method_names_the_right_ones),
	TEST(a_post_without_or_with_a_foreign_csrf_token),
	TEST(a_post_from_another_site),
	TEST(a_form_that_is_none),
	TEST(a_body_over_the_limit),
	TEST(fields_that_are_wrong_each_have_their_error),
	TEST(what_was_typed_is_kept_except_the_value),
	TEST(st_sec_002_ac1_token_in_the_name_field_is_refused),
	TEST(st_sec_002_ac2_known_secret_in_the_name_field_leaves_nothing),
	TEST(st_sec_002_ac3_page_names_policy_field_and_remedy),
	TEST(errors_come_as_problem_documents_to_programs),
	TEST(a_session_that_has_expired_says_so),
	TEST(wrong_passwords_are_slowed_down_per_address_and_account),
};

SUITE_MAIN("e2e/refusals", tests, start, stop)
