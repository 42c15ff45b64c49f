/* A secret's page, its rotation and its revocation. */

#include "tests/cgi/visit.h"
#include "tests/harness/files.h"

#define VALUE	"first-vaLue-0123456789-of-the-life"
#define NEXT	"next-vaLue-9876543210-of-the-life"

static char id[SR_ID_STRLEN + 1];
static char page[128];

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

static void
get(struct visit * v, const char * path, const char * query)
{

	*v = (struct visit){ .path = path, .query = query,
	    .cookie = visit_session, .answer = v->answer };
}

/* A new secret; its id and its page's path. */
static void
stored(const char * name)
{
	struct visit v = { 0 };
	char * form = text_format("security_secret[scope]=instance"
	    "&security_secret[name]=%s&security_secret[value]=" VALUE, name);
	char * where;

	if (visit_csrf[0] == '\0')
		visit_sign_in();
	CU_ASSERT_EQUAL_FATAL(post(&v, "/settings/security", form), 303);
	where = visit_between(&v, "Location: /settings/security?saved=",
	    '\r');
	(void)snprintf(id, sizeof(id), "%s", where);
	(void)snprintf(page, sizeof(page), "/settings/security/secrets/%s",
	    id);
	free(where);
	free(form);
	visit_free(&v);
}

static int
act(struct visit * v, const char * verb, const char * rest)
{
	static char path[160];

	(void)snprintf(path, sizeof(path), "%s/%s", page, verb);
	return (post(v, path, rest));
}

static bool
has_id(const struct visit * v, const char * begin)
{
	char want[160];

	(void)snprintf(want, sizeof(want), "id=\"%s%s\"", begin, id);
	return (visit_has(v, want));
}

/* Whether ${sql}, the id and ${rest} print ${expected}. */
static bool
sql_is(const char * expected, const char * sql, const char * rest)
{
	char * whole = text_format("%s'%s'%s", sql, id, rest);
	bool same = house_sql_is(&visit_house, expected, whole);

	free(whole);
	return (same);
}

static void
st_sec_003_ac1_the_page_shows_versions_and_the_time_of_rotation(void)
{
	struct visit v = { 0 };

	stored("life/rotated");
	get(&v, page, NULL);
	visit_both(&v, 200, "secret");
	CU_ASSERT_TRUE(has_id(&v, "settings-security-secret-key-version-"));
	CU_ASSERT_TRUE(has_id(&v, "settings-security-secret-rotated-at-"));
	CU_ASSERT_TRUE(has_id(&v, "settings-security-secret-source-value-"));
	CU_ASSERT_TRUE(has_id(&v, "settings-security-secret-revoke-"));
	CU_ASSERT_TRUE(visit_has(&v, "id=\"secret-version-1\""));
	CU_ASSERT_TRUE(visit_has(&v, "id=\"secret-kek-version\">1<"));
	CU_ASSERT_EQUAL(act(&v, "rotate", "security_secret[value]=" NEXT
	    "&security_secret[expires_at]=2099-01-31T12:00"
	    "&security_secret[expected]=1&security_secret[request]="
	    "rotate-once-1&confirm=yes"), 303);
	CU_ASSERT_TRUE(visit_has(&v, "?notice=rotated\r\n"));
	get(&v, page, "notice=rotated");
	visit_both(&v, 200, "secret");
	CU_ASSERT_TRUE(visit_has(&v, "id=\"notice\""));
	CU_ASSERT_TRUE(visit_has(&v, "id=\"secret-version-2\""));
	CU_ASSERT_TRUE(visit_has(&v, "superseded"));
	CU_ASSERT_TRUE(visit_has(&v, "2099-01-31T12:00:00Z"));
	CU_ASSERT_TRUE(visit_has(&v, "<strong>ROTATE</strong>"));
	CU_ASSERT_FALSE(visit_has(&v, VALUE));
	CU_ASSERT_FALSE(visit_has(&v, NEXT));
	visit_free(&v);
}

/* A double click: the same request again, and the same answer. */
static void
a_form_that_is_sent_twice_is_one_change(void)
{
	struct visit v = { 0 };
	static const char * const form = "security_secret[value]=" NEXT
	    "&security_secret[expected]=1&security_secret[request]="
	    "sent-twice-0001&confirm=yes";

	stored("life/twice");
	CU_ASSERT_EQUAL(act(&v, "rotate", form), 303);
	CU_ASSERT_EQUAL(act(&v, "rotate", form), 303);
	CU_ASSERT_TRUE(sql_is("2",
	    "SELECT key_version FROM secret_ref WHERE id = ",
	    ""));
	CU_ASSERT_TRUE(sql_is("1",
	    "SELECT COUNT(*) FROM audit_event WHERE target_id = ",
	    " AND action = 'ROTATE'"));
	CU_ASSERT_EQUAL(post(&v, "/settings/security", "security_secret[scope]"
	    "=instance&security_secret[name]=life/made-twice"
	    "&security_secret[value]=" NEXT "&security_secret[request]="
	    "sent-twice-0002"), 303);
	CU_ASSERT_EQUAL(post(&v, "/settings/security", "security_secret[scope]"
	    "=instance&security_secret[name]=life/made-twice"
	    "&security_secret[value]=" NEXT "&security_secret[request]="
	    "sent-twice-0002"), 303);
	CU_ASSERT_TRUE(house_sql_is(&visit_house, "1", "SELECT key_version"
	    " FROM secret_ref WHERE name = 'life/made-twice'"));
	/* Each form that is shown has a key of its own. */
	get(&v, page, NULL);
	(void)visit(&v);
	CU_ASSERT_TRUE(visit_has(&v, "name=\"security_secret[request]\""));
	visit_free(&v);
}

static void
a_stale_rotation_is_a_conflict_and_loses_nothing(void)
{
	struct visit v = { 0 };

	stored("life/stale");
	CU_ASSERT_EQUAL(act(&v, "rotate", "security_secret[value]=" NEXT
	    "&security_secret[expected]=1&confirm=yes"), 303);
	CU_ASSERT_EQUAL(act(&v, "rotate", "security_secret[value]=" NEXT "-b"
	    "&security_secret[expires_at]=2098-02-03T04:05"
	    "&security_secret[expected]=1&confirm=yes"), 412);
	CU_ASSERT_TRUE(visit_has(&v, "id=\"settings-security-secret-error-type"
	    "\">secret_version_conflict<"));
	CU_ASSERT_TRUE(visit_has(&v,
	    "id=\"settings-security-secret-error-recovery\""));
	CU_ASSERT_TRUE(visit_has(&v, "made for version <strong>1</strong>"));
	CU_ASSERT_TRUE(visit_has(&v, "version <strong>2</strong>"));
	CU_ASSERT_TRUE(visit_has(&v, "value=\"2098-02-03T04:05\""));
	CU_ASSERT_TRUE(visit_has(&v,
	    "name=\"security_secret[expected]\" value=\"2\""));
	CU_ASSERT_FALSE(visit_has(&v, NEXT));
	CU_ASSERT_TRUE(sql_is("2",
	    "SELECT key_version FROM secret_ref WHERE id = ",
	    ""));
	v.accept = "application/problem+json";
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 412);
	CU_ASSERT_TRUE(visit_has(&v, "secret_version_conflict"));
	visit_free(&v);
}

static void
a_rotation_that_is_refused_says_why(void)
{
	static const struct { const char * form; int status;
	    const char * error; } rows[] = {
		{ "security_secret[value]=" NEXT "&security_secret[expected]=1",
		    422, "confirmation_required" },
		{ "security_secret[value]=short&security_secret[expected]=1"
		    "&confirm=yes", 422, "secret_value_invalid" },
		{ "security_secret[value]=" NEXT "&security_secret[expected]=1"
		    "&security_secret[expires_at]=soon&confirm=yes", 422,
		    "secret_expiry_invalid" },
		{ "security_secret[value]=" NEXT "&security_secret[expected]=1"
		    "&security_secret[request]=short&confirm=yes", 400,
		    "idempotency_key_invalid" },
		{ "security_secret[value]=" NEXT "&confirm=yes"
		    "&security_secret[expected]=one", 400, "form_malformed" },
		{ "security_secret[value]=" NEXT "&confirm=yes"
		    "&security_secret[expected]=4294967296", 400,
		    "form_malformed" },
	};
	struct visit v = { 0 };

	stored("life/refused");
	for (size_t i = 0; i < COUNTOF(rows); i++) {
		CU_ASSERT_EQUAL(act(&v, "rotate", rows[i].form),
		    rows[i].status);
		CU_ASSERT_TRUE(visit_has(&v, rows[i].error));
		CU_ASSERT_FALSE(visit_has(&v, NEXT));
	}
	CU_ASSERT_TRUE(sql_is("1",
	    "SELECT key_version FROM secret_ref WHERE id = ",
	    ""));
	visit_free(&v);
}

static void
a_revocation_is_asked_back_for(void)
{
	struct visit v = { 0 };

	stored("life/revoked");
	/* As the row of the table sends it. */
	CU_ASSERT_EQUAL(act(&v, "revoke", "security_secret[expected]=1"), 200);
	CU_ASSERT_TRUE(visit_has(&v, "name=\"confirm\""));
	CU_ASSERT_TRUE(visit_has(&v, "id=\"revoke-version\">1<"));
	CU_ASSERT_TRUE(visit_has(&v, "DEKs"));
	CU_ASSERT_TRUE(visit_has(&v, ">Revoke all versions<"));
	CU_ASSERT_TRUE(visit_has(&v, "for 30 days"));
	CU_ASSERT_TRUE(sql_is("active",
	    "SELECT status FROM secret_ref WHERE id = ",
	    ""));
	CU_ASSERT_EQUAL(act(&v, "revoke", "security_secret[expected]=1"
	    "&security_secret[request]=revoke-once-1"), 422);
	CU_ASSERT_TRUE(visit_has(&v, "confirmation_required"));
	CU_ASSERT_EQUAL(act(&v, "revoke", "security_secret[expected]=1"
	    "&security_secret[request]=revoke-once-1&confirm=yes"), 303);
	CU_ASSERT_TRUE(visit_has(&v, "?notice=revoked\r\n"));
	CU_ASSERT_EQUAL(act(&v, "revoke", "security_secret[expected]=1"
	    "&security_secret[request]=revoke-once-1&confirm=yes"), 303);
	get(&v, page, "notice=revoked");
	visit_both(&v, 200, "secret");
	CU_ASSERT_TRUE(visit_has(&v, "class=\"status revoked\""));
	CU_ASSERT_TRUE(visit_has(&v, "<strong>REVOKE</strong>"));
	CU_ASSERT_TRUE(visit_has(&v, "Store a new value"));
	CU_ASSERT_FALSE(has_id(&v, "settings-security-secret-revoke-"));
	CU_ASSERT_TRUE(sql_is("0",
	    "SELECT COUNT(*) FROM secret_version WHERE secret_id = ",
	    " AND wrapped_dek IS NOT NULL"));
	CU_ASSERT_TRUE(sql_is("1",
	    "SELECT COUNT(*) FROM audit_event WHERE target_id = ",
	    " AND action = 'REVOKE' AND outcome = 'succeeded'"));
	visit_free(&v);
}

static void
a_revocation_that_is_refused_says_why(void)
{
	struct visit v = { 0 };
	char path[160];

	stored("life/kept");
	CU_ASSERT_EQUAL(act(&v, "revoke", "security_secret[expected]=2"), 412);
	CU_ASSERT_TRUE(visit_has(&v, "secret_version_conflict"));
	CU_ASSERT_EQUAL(act(&v, "revoke", "security_secret[expected]=2"
	    "&confirm=yes"), 412);
	CU_ASSERT_TRUE(visit_has(&v, "secret_version_conflict"));
	CU_ASSERT_TRUE(visit_has(&v,
	    "name=\"security_secret[expected]\" value=\"1\""));
	CU_ASSERT_EQUAL(act(&v, "revoke", "security_secret[expected]=x"), 400);
	v.accept = "application/problem+json";
	CU_ASSERT_EQUAL(act(&v, "revoke", "security_secret[expected]=1"), 422);
	CU_ASSERT_TRUE(visit_has(&v, "\"field\":\"confirm\""));
	CU_ASSERT_EQUAL(act(&v, "revoke", "security_secret[expected]=2"
	    "&confirm=yes"), 412);
	v.accept = NULL;
	(void)snprintf(path, sizeof(path), "%s/revoke", page);
	get(&v, path, NULL);
	visit_both(&v, 200, "revoke");
	CU_ASSERT_TRUE(sql_is("active",
	    "SELECT status FROM secret_ref WHERE id = ",
	    ""));
	CU_ASSERT_EQUAL(act(&v, "revoke", "confirm=yes"), 303);
	CU_ASSERT_EQUAL(act(&v, "revoke", "confirm=yes"), 409);
	CU_ASSERT_TRUE(visit_has(&v, "secret_already_revoked"));
	get(&v, path, NULL);
	visit_both(&v, 409, "revoke");
	CU_ASSERT_FALSE(visit_has(&v, "name=\"confirm\""));
	visit_free(&v);
}

/* Whoever revoked it meanwhile is not undone by a form from before. */
static void
a_rotation_from_before_a_revocation_is_a_conflict(void)
{
	struct visit v = { 0 };

	stored("life/overtaken");
	CU_ASSERT_EQUAL(act(&v, "revoke", "confirm=yes"), 303);
	CU_ASSERT_EQUAL(act(&v, "rotate", "security_secret[value]=" NEXT
	    "&security_secret[expected]=1&confirm=yes"), 412);
	CU_ASSERT_TRUE(visit_has(&v, "secret_version_conflict"));
	/* The page's form now is for a secret that is not there. */
	CU_ASSERT_TRUE(visit_has(&v,
	    "name=\"security_secret[expected]\" value=\"0\""));
	CU_ASSERT_TRUE(sql_is("revoked",
	    "SELECT status FROM secret_ref WHERE id = ",
	    ""));
	CU_ASSERT_EQUAL(act(&v, "rotate", "security_secret[value]=" NEXT
	    "&security_secret[expected]=0&confirm=yes"), 303);
	CU_ASSERT_TRUE(sql_is("active",
	    "SELECT status FROM secret_ref WHERE id = ", ""));
	CU_ASSERT_EQUAL(act(&v, "rotate", "security_secret[value]=" VALUE
	    "&security_secret[expected]=0&confirm=yes"), 412);
	CU_ASSERT_TRUE(visit_has(&v, "secret_exists"));
	visit_free(&v);
}

static void
versions_and_history_go_on_page_by_page(void)
{
	struct visit v = { 0 };
	char form[256];
	char * next;
	char query[64];

	stored("life/long");
	for (unsigned i = 1; i <= 60; i++) {
		(void)snprintf(form, sizeof(form), "security_secret[value]="
		    "value-number-%06u&security_secret[expected]=%u"
		    "&confirm=yes", i, i);
		CU_ASSERT_EQUAL(act(&v, "rotate", form), 303);
	}
	get(&v, page, NULL);
	visit_both(&v, 200, "secret");
	CU_ASSERT_TRUE(visit_has(&v, "id=\"secret-version-61\""));
	CU_ASSERT_FALSE(visit_has(&v, "id=\"secret-version-41\""));
	next = visit_between(&v, "?before=", '#');
	CU_ASSERT_FALSE(visit_has(&v, "<strong>CREATE</strong>"));
	(void)snprintf(query, sizeof(query), "before=%s", next);
	free(next);
	get(&v, page, query);
	visit_both(&v, 200, "secret");
	CU_ASSERT_TRUE(visit_has(&v, "<strong>CREATE</strong>"));
	CU_ASSERT_FALSE(visit_has(&v, "id=\"secret-history-next\""));
	get(&v, page, "below=22");
	visit_both(&v, 200, "secret");
	CU_ASSERT_TRUE(visit_has(&v, "id=\"secret-version-2\""));
	CU_ASSERT_TRUE(visit_has(&v, "?below=2#"));
	get(&v, page, "below=2");
	visit_both(&v, 200, "secret");
	CU_ASSERT_TRUE(visit_has(&v, "id=\"secret-version-1\""));
	CU_ASSERT_FALSE(visit_has(&v, "id=\"secret-versions-next\""));
	get(&v, page, "below=x");
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 400);
	get(&v, page, "before=x");
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 400);
	visit_free(&v);
}

static void
states_are_said_in_plain_words(void)
{
	struct visit v = { 0 };

	stored("life/states");
	CU_ASSERT_TRUE(house_do(&visit_house, "UPDATE secret_ref SET"
	    " expires_at = UTC_TIMESTAMP(6) + INTERVAL 3 DAY,"
	    " last_rotated_at = UTC_TIMESTAMP(6) - INTERVAL 100 DAY"
	    " WHERE name = 'life/states'"));
	get(&v, page, NULL);
	visit_both(&v, 200, "secret");
	CU_ASSERT_TRUE(visit_has(&v, ">expires soon<"));
	CU_ASSERT_TRUE(visit_has(&v, ">rotation overdue<"));
	CU_ASSERT_TRUE(house_do(&visit_house, "UPDATE secret_ref SET"
	    " expires_at = UTC_TIMESTAMP(6) - INTERVAL 3 DAY"
	    " WHERE name = 'life/states'"));
	visit_both(&v, 200, "secret");
	CU_ASSERT_TRUE(visit_has(&v, ">expired<"));
	CU_ASSERT_FALSE(visit_has(&v, ">rotation overdue<"));
	visit_free(&v);
}

static const struct suite_test tests[] = {
	TEST(st_sec_003_ac1_the_page_shows_versions_and_the_time_of_rotation),
	TEST(a_form_that_is_sent_twice_is_one_change),
	TEST(a_stale_rotation_is_a_conflict_and_loses_nothing),
	TEST(a_rotation_that_is_refused_says_why),
	TEST(a_revocation_is_asked_back_for),
	TEST(a_revocation_that_is_refused_says_why),
	TEST(a_rotation_from_before_a_revocation_is_a_conflict),
	TEST(versions_and_history_go_on_page_by_page),
	TEST(states_are_said_in_plain_words),
};

SUITE_MAIN("cgi/secret_pages", tests, visit_open, visit_close)
