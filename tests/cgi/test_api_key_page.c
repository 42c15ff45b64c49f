/* API keys on the security settings: made, shown once, revoked. */

#include "tests/cgi/visit.h"
#include "tests/harness/files.h"

static char key_id[SR_ID_STRLEN + 1];
static char key_text[160];

static int
post(struct visit * v, const char * path, const char * rest)
{
	static char body[8192];

	(void)snprintf(body, sizeof(body), "_csrf=%s&%s", visit_csrf, rest);
	v->method = "POST";
	v->path = path;
	v->query = NULL;
	v->cookie = visit_session;
	v->body = body;
	(void)visit(v);
	return (visit_status(v));
}

static int
make(struct visit * v, const char * rest)
{

	return (post(v, "/settings/security/api-keys", rest));
}

static void
settings(struct visit * v, const char * query)
{

	*v = (struct visit){ .path = "/settings/security", .query = query,
	    .cookie = visit_session, .answer = v->answer };
	visit_both(v, 200, "security");
}

static bool
has_id(const struct visit * v, const char * begin)
{
	char want[160];

	(void)snprintf(want, sizeof(want), "id=\"%s%s\"", begin, key_id);
	return (visit_has(v, want));
}

static void
take(char * into, size_t size, const struct visit * v, const char * before,
    char end)
{
	char * text = visit_between(v, before, end);

	(void)snprintf(into, size, "%s", text);
	free(text);
}

static void
a_key_is_shown_once_and_never_again(void)
{
	struct visit v = { 0 };

	visit_sign_in();
	CU_ASSERT_EQUAL(make(&v, "api_key[name]=ci/deploy"
	    "&api_key[scopes]=secrets:read&api_key[scopes]=audit:read"
	    "&api_key[projects]=&api_key[expires_at]=2099-01-31T12:00"), 200);
	CU_ASSERT_TRUE(visit_has(&v, "Cache-Control: no-store"));
	take(key_text, sizeof(key_text), &v,
	    "id=\"settings-security-api-key-value\" class=\"once\">", '<');
	CU_ASSERT_TRUE(strlen(key_text) >= 32);
	CU_ASSERT_FALSE(visit_has(&v, PAGE_SHOWN_HERE));
	CU_ASSERT_FALSE(visit_has(&v, "id=\"security-alert\""));
	settings(&v, NULL);
	CU_ASSERT_FALSE(visit_has(&v, key_text));
	take(key_id, sizeof(key_id), &v,
	    "id=\"settings-security-api-key-status-", '"');
	CU_ASSERT_EQUAL(strlen(key_id), SR_ID_STRLEN);
	CU_ASSERT_TRUE(has_id(&v, "settings-security-api-key-expires-at-"));
	CU_ASSERT_TRUE(has_id(&v, "settings-security-api-key-revoked-at-"));
	CU_ASSERT_TRUE(has_id(&v, "settings-security-revoke-api-key-"));
	CU_ASSERT_TRUE(visit_has(&v, ">audit:read<"));
	CU_ASSERT_TRUE(visit_has(&v, "2099-01-31T12:00:00Z"));
	CU_ASSERT_TRUE(house_sql_is(&visit_house, "1", "SELECT COUNT(*) FROM"
	    " audit_event WHERE action = 'API_KEY_CREATE'"
	    " AND outcome = 'succeeded'"));
	visit_free(&v);
}

/* The model of the same page, valid with the key in its place. */
static void
a_key_is_shown_in_the_model_too(void)
{
	struct visit v = { .accept = "application/xml" };
	char shown[160];

	CU_ASSERT_EQUAL(make(&v, "api_key[name]=ci/model"
	    "&api_key[scopes]=runs:write"), 200);
	CU_ASSERT_TRUE(visit_valid(visit_body(&v), "api-key"));
	take(shown, sizeof(shown), &v, "<created token=\"", '"');
	CU_ASSERT_TRUE(strlen(shown) >= 32);
	CU_ASSERT_STRING_NOT_EQUAL(shown, key_text);
	visit_free(&v);
}

static void
a_refused_key_keeps_what_was_typed(void)
{
	static const struct { const char * form; const char * error;
	    const char * field; } rows[] = {
		{ "api_key[name]=two+words&api_key[scopes]=audit:read",
		    "api_key_name_invalid", "api-key-name" },
		{ "api_key[name]=ci/x&api_key[scopes]=all",
		    "api_key_scopes_invalid", NULL },
		{ "api_key[name]=ci/x", "api_key_scopes_invalid", NULL },
		{ "api_key[name]=ci/x&api_key[scopes]=audit:read"
		    "&api_key[projects]=one", "api_key_projects_invalid",
		    "api-key-projects" },
		{ "api_key[name]=ci/x&api_key[scopes]=audit:read"
		    "&api_key[expires_at]=2001-01-01T00:00",
		    "api_key_expiry_invalid", "api-key-expires-at" },
	};
	struct visit v = { 0 };
	char want[64];
	char * field;

	for (size_t i = 0; i < COUNTOF(rows); i++) {
		CU_ASSERT_EQUAL(make(&v, rows[i].form), 422);
		CU_ASSERT_TRUE(visit_has(&v, rows[i].error));
		CU_ASSERT_TRUE(visit_has(&v,
		    "id=\"settings-security-api-key-error-type\""));
		CU_ASSERT_TRUE(visit_has(&v, "open=\"open\""));
		if (rows[i].field == NULL)
			continue;
		(void)snprintf(want, sizeof(want), "id=\"%s\"",
		    rows[i].field);
		field = visit_between(&v, want, '>');
		CU_ASSERT_PTR_NOT_NULL(strstr(field, "aria-invalid"));
		free(field);
	}
	CU_ASSERT_TRUE(visit_has(&v, "value=\"ci/x\""));
	CU_ASSERT_TRUE(visit_has(&v,
	    "value=\"audit:read\" checked"));
	v.accept = "application/problem+json";
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 422);
	CU_ASSERT_TRUE(visit_has(&v, "\"field\":\"expires_at\""));
	visit_free(&v);
}

/* A key pasted into the name's field: refused, not kept, not shown. */
static void
st_sec_002_ac1_a_key_in_the_name_of_a_key_is_refused(void)
{
	struct visit v = { 0 };
	char * form = text_format("api_key[name]=%s"
	    "&api_key[scopes]=audit:read", key_text);

	CU_ASSERT_EQUAL(make(&v, form), 422);
	CU_ASSERT_TRUE(visit_has(&v, "plaintext_secret_persistence_blocked"));
	CU_ASSERT_FALSE(visit_has(&v, key_text));
	free(form);
	visit_free(&v);
}

static void
a_revocation_is_asked_back_for_and_stops_the_key(void)
{
	struct visit v = { 0 };
	char path[128];

	(void)snprintf(path, sizeof(path),
	    "/settings/security/api-keys/%s/revoke", key_id);
	CU_ASSERT_EQUAL(post(&v, path, ""), 200);
	CU_ASSERT_TRUE(visit_has(&v, "name=\"confirm\""));
	CU_ASSERT_TRUE(visit_has(&v, "ci/deploy"));
	v.accept = "application/problem+json";
	CU_ASSERT_EQUAL(post(&v, path, ""), 422);
	CU_ASSERT_TRUE(visit_has(&v, "confirmation_required"));
	v.accept = NULL;
	CU_ASSERT_EQUAL(post(&v, path, "confirm=yes"), 303);
	CU_ASSERT_TRUE(visit_has(&v, "?notice=api-key-revoked\r\n"));
	settings(&v, "notice=api-key-revoked");
	CU_ASSERT_TRUE(visit_has(&v, "id=\"notice\""));
	CU_ASSERT_TRUE(visit_has(&v, ">revoked<"));
	CU_ASSERT_FALSE(has_id(&v, "settings-security-revoke-api-key-"));
	visit_free(&v);
}

static void
a_revoked_key_stays_as_it_is(void)
{
	struct visit v = { 0 };
	char path[128];
	char * before, * after;
	static const char sql[] = "SELECT revoked_at FROM api_key"
	    " WHERE name = 'ci/deploy'";

	before = mariadb_sql(visit_house.m, sql);
	(void)snprintf(path, sizeof(path),
	    "/settings/security/api-keys/%s/revoke", key_id);
	CU_ASSERT_EQUAL(post(&v, path, "confirm=yes"), 409);
	CU_ASSERT_TRUE(visit_has(&v, "api_key_already_revoked"));
	CU_ASSERT_TRUE(visit_has(&v,
	    "id=\"settings-security-api-key-error-recovery\""));
	after = mariadb_sql(visit_house.m, sql);
	CU_ASSERT_STRING_EQUAL(before, after);
	v = (struct visit){ .path = path, .cookie = visit_session,
	    .answer = v.answer };
	visit_both(&v, 409, "api-key-revoke");
	v.path = "/settings/security/api-keys/nothing/revoke";
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 404);
	CU_ASSERT_TRUE(visit_has(&v, "api_key_not_found"));
	CU_ASSERT_EQUAL(post(&v, "/settings/security/api-keys/"
	    "00000000-0000-7000-8000-000000000001/revoke", "confirm=yes"),
	    404);
	free(before);
	free(after);
	visit_free(&v);
}

static void
only_the_owner_makes_and_revokes_keys(void)
{
	struct visit v = { 0 };

	CU_ASSERT_TRUE(house_do(&visit_house,
	    "UPDATE account SET role = 'operator'"));
	CU_ASSERT_EQUAL(make(&v, "api_key[name]=ci/none"
	    "&api_key[scopes]=audit:read"), 403);
	settings(&v, NULL);
	CU_ASSERT_TRUE(visit_has(&v,
	    "id=\"settings-security-api-key-list\""));
	CU_ASSERT_FALSE(visit_has(&v,
	    "id=\"settings-security-api-key-form\""));
	CU_ASSERT_FALSE(visit_has(&v,
	    "id=\"settings-security-revoke-api-key-"));
	CU_ASSERT_TRUE(house_do(&visit_house,
	    "UPDATE account SET role = 'auditor'"));
	settings(&v, NULL);
	CU_ASSERT_FALSE(visit_has(&v,
	    "id=\"settings-security-secret-form\""));
	CU_ASSERT_FALSE(visit_has(&v, "settings-security-secret-revoke-"));
	CU_ASSERT_TRUE(house_do(&visit_house,
	    "UPDATE account SET role = 'owner'"));
	visit_free(&v);
}

static void
many_keys_are_listed_page_by_page(void)
{
	struct visit v = { 0 };
	char form[96], query[64];
	char * after;

	for (unsigned i = 0; i < 51; i++) {
		(void)snprintf(form, sizeof(form), "api_key[name]=many/%02u"
		    "&api_key[scopes]=audit:read", i);
		CU_ASSERT_EQUAL(make(&v, form), 200);
	}
	settings(&v, NULL);
	after = visit_between(&v, "?keys_after=", '#');
	CU_ASSERT_EQUAL(strlen(after), SR_ID_STRLEN);
	(void)snprintf(query, sizeof(query), "keys_after=%s", after);
	settings(&v, query);
	CU_ASSERT_TRUE(visit_has(&v, "ci/deploy"));
	CU_ASSERT_FALSE(visit_has(&v, "?keys_after="));
	v.query = "keys_after=x";
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 400);
	free(after);
	visit_free(&v);
}

static const struct suite_test tests[] = {
	TEST(a_key_is_shown_once_and_never_again),
	TEST(a_key_is_shown_in_the_model_too),
	TEST(a_refused_key_keeps_what_was_typed),
	TEST(st_sec_002_ac1_a_key_in_the_name_of_a_key_is_refused),
	TEST(a_revocation_is_asked_back_for_and_stops_the_key),
	TEST(a_revoked_key_stays_as_it_is),
	TEST(only_the_owner_makes_and_revokes_keys),
	TEST(many_keys_are_listed_page_by_page),
};

SUITE_MAIN("cgi/api_key_page", tests, visit_open, visit_close)
