/* Accounts and invitations on their pages. */

#include "tests/cgi/people_visit.h"

#define GUEST	"guest@example.org"

static struct person owner;

static bool
redirects_to(const struct visit * v, const char * to)
{
	char line[160];

	(void)snprintf(line, sizeof(line), "Location: %s\r\n", to);
	return (visit_status(v) == 303 && visit_has(v, line));
}

/* The token of the link that is shown; caller frees. */
static char *
invite(struct visit * v, const char * email, const char * role)
{
	char body[256];

	(void)snprintf(body, sizeof(body), "account[email]=%s&account[role]="
	    "%s", email, role);
	CU_ASSERT_EQUAL(person_post(&owner, v, "/settings/accounts", body),
	    200);
	CU_ASSERT_TRUE(visit_has(v, "http://127.0.0.1:8080/invitation?token="));
	return (visit_between(v, "invitation?token=", '<'));
}

static void
an_invitation_becomes_an_account(void)
{
	struct visit v = { .path = "/" };
	struct person guest;
	char query[128];
	char * token;

	owner = person_owner();
	token = invite(&v, GUEST, "auditor");
	CU_ASSERT_EQUAL(strlen(token), 43);
	(void)snprintf(query, sizeof(query), "token=%s", token);
	v = (struct visit){ .path = "/invitation", .query = query,
	    .answer = v.answer };
	visit_both(&v, 200, "invitation");
	/* The page does not carry what the address has. */
	CU_ASSERT_FALSE(visit_has(&v, token));
	CU_ASSERT_TRUE(visit_has(&v, GUEST));
	guest = person_stranger(&v);
	CU_ASSERT_EQUAL(person_post_to(&guest, &v, "/invitation", query,
	    "invitation[password]=a+password+of+mine&"
	    "invitation[password_confirmation]=another+one"), 422);
	CU_ASSERT_TRUE(visit_has(&v, "password_mismatch"));
	CU_ASSERT_TRUE(visit_has(&v, "id=\"invitation-form\""));
	CU_ASSERT_EQUAL(person_post_to(&guest, &v, "/invitation", query,
	    "invitation[password]=short&"
	    "invitation[password_confirmation]=short"), 422);
	CU_ASSERT_TRUE(visit_has(&v, "password_invalid"));
	CU_ASSERT_EQUAL(person_post_to(&guest, &v, "/invitation", query,
	    "invitation[password]=several+plain+words&"
	    "invitation[password_confirmation]=several+plain+words"), 303);
	CU_ASSERT_TRUE(redirects_to(&v, "/login?notice=account-made"));
	CU_ASSERT_EQUAL(person_get(&guest, &v, "/invitation", query), 403);
	CU_ASSERT_TRUE(visit_has(&v, "invitation_invalid"));
	guest = person_in(&v, GUEST);
	CU_ASSERT_EQUAL(person_get(&guest, &v, "/settings/security", NULL),
	    200);
	free(token);
	visit_free(&v);
}

static void
what_is_wrong_with_an_invitation_is_said_at_its_form(void)
{
	static const struct {
		const char * body;
		int status;
		const char * error;
	} bad[] = { { "account[email]=nobody&account[role]=auditor", 422,
	    "email_invalid" }, { "account[email]=b@example.org&"
	    "account[role]=emperor", 422, "account_role_invalid" },
	    { "account[email]=" VISIT_EMAIL "&account[role]=owner", 409,
	    "account_exists" } };
	struct visit v = { .path = "/" };

	owner = person_owner();
	for (size_t i = 0; i < COUNTOF(bad); i++) {
		CU_ASSERT_EQUAL(person_post(&owner, &v, "/settings/accounts",
		    bad[i].body), bad[i].status);
		CU_ASSERT_TRUE(visit_has(&v, "id=\"account-error-type\">"));
		CU_ASSERT_TRUE(visit_has(&v, bad[i].error));
		v.accept = "application/json";
		CU_ASSERT_EQUAL(person_post(&owner, &v, "/settings/accounts",
		    bad[i].body), bad[i].status);
		CU_ASSERT_TRUE(visit_has(&v, "\"field\":\""));
		v.accept = NULL;
	}
	visit_free(&v);
}

static void
an_invitation_is_listed_and_withdrawn(void)
{
	struct visit v = { .path = "/" };
	char path[128], query[128];
	char * id, * token;

	owner = person_owner();
	token = invite(&v, "late@example.org", "operator");
	v = (struct visit){ .path = "/settings/accounts",
	    .cookie = owner.cookie, .answer = v.answer };
	visit_both(&v, 200, "accounts");
	CU_ASSERT_TRUE(visit_has(&v, "late@example.org"));
	CU_ASSERT_FALSE(visit_has(&v, token));
	id = visit_between(&v, "action=\"/settings/invitations/", '/');
	(void)snprintf(path, sizeof(path), "/settings/invitations/%s/withdraw",
	    id);
	CU_ASSERT_EQUAL(person_post(&owner, &v, path, ""), 303);
	CU_ASSERT_EQUAL(person_post(&owner, &v, path, ""), 404);
	CU_ASSERT_TRUE(visit_has(&v, "invitation_not_found"));
	(void)snprintf(query, sizeof(query), "token=%s", token);
	CU_ASSERT_EQUAL(person_get(&owner, &v, "/invitation", query), 403);
	free(id);
	free(token);
	visit_free(&v);
}

static int
step(struct visit * v, const char * email, const char * what,
    const char * body)
{
	char * id = person_id(email);
	char path[128];

	(void)snprintf(path, sizeof(path), "/settings/accounts/%s/%s", id,
	    what);
	free(id);
	return (person_post(&owner, v, path, body));
}

static void
roles_change_and_accounts_are_disabled_enabled_and_removed(void)
{
	struct visit v = { .path = "/" };
	struct person other;

	owner = person_owner();
	person_add("other@example.org", "operator");
	other = person_in(&v, "other@example.org");
	CU_ASSERT_EQUAL(step(&v, "other@example.org", "role",
	    "account[role]=auditor"), 303);
	CU_ASSERT_TRUE(redirects_to(&v,
	    "/settings/accounts?notice=account-role"));
	/* His session is over with the answer. */
	CU_ASSERT_EQUAL(person_get(&other, &v, "/settings/security", NULL),
	    303);
	CU_ASSERT_EQUAL(step(&v, "other@example.org", "role",
	    "account[role]=emperor"), 422);
	CU_ASSERT_EQUAL(step(&v, "other@example.org", "disable", ""), 422);
	CU_ASSERT_TRUE(visit_has(&v, "confirmation_required"));
	other = person_in(&v, "other@example.org");
	CU_ASSERT_EQUAL(step(&v, "other@example.org", "disable",
	    "confirm=yes"), 303);
	CU_ASSERT_EQUAL(person_get(&other, &v, "/settings/security", NULL),
	    303);
	CU_ASSERT_EQUAL(person_password(&other, &v, "other@example.org"),
	    401);
	CU_ASSERT_EQUAL(step(&v, "other@example.org", "disable",
	    "confirm=yes"), 409);
	CU_ASSERT_TRUE(visit_has(&v, "account_already_disabled"));
	v = (struct visit){ .path = "/settings/accounts", .query =
	    "notice=account-disabled", .cookie = owner.cookie,
	    .answer = v.answer };
	visit_both(&v, 200, "accounts");
	CU_ASSERT_TRUE(visit_has(&v, "status disabled"));
	CU_ASSERT_EQUAL(step(&v, "other@example.org", "enable", ""), 303);
	CU_ASSERT_EQUAL(step(&v, "other@example.org", "remove",
	    "confirm=yes"), 303);
	CU_ASSERT_EQUAL(person_post(&owner, &v, "/settings/accounts/x/enable",
	    ""), 404);
	CU_ASSERT_TRUE(visit_has(&v, "account_not_found"));
	visit_free(&v);
}

static void
the_last_owner_is_told_so_and_stays(void)
{
	static const char * const ways[][2] = { { "role",
	    "account[role]=auditor" }, { "disable", "confirm=yes" },
	    { "remove", "confirm=yes" } };
	struct visit v = { .path = "/" };

	owner = person_owner();
	for (size_t i = 0; i < COUNTOF(ways); i++) {
		CU_ASSERT_EQUAL(step(&v, VISIT_EMAIL, ways[i][0], ways[i][1]),
		    409);
		CU_ASSERT_TRUE(visit_has(&v, "account_last_owner"));
	}
	CU_ASSERT_EQUAL(person_get(&owner, &v, "/settings/accounts", NULL),
	    200);
	visit_free(&v);
}

static void
an_auditor_sees_accounts_and_no_form(void)
{
	struct visit v = { .path = "/" };
	struct person auditor;

	owner = person_owner();
	person_add("auditor@example.org", "auditor");
	auditor = person_in(&v, "auditor@example.org");
	v = (struct visit){ .path = "/settings/accounts",
	    .cookie = auditor.cookie, .answer = v.answer };
	visit_both(&v, 200, "accounts");
	CU_ASSERT_TRUE(visit_has(&v, VISIT_EMAIL));
	CU_ASSERT_FALSE(visit_has(&v, "/role\""));
	CU_ASSERT_FALSE(visit_has(&v, "account-invite-form"));
	CU_ASSERT_EQUAL(person_post(&auditor, &v, "/settings/accounts",
	    "account[email]=c@example.org&account[role]=owner"), 403);
	CU_ASSERT(house_sql_is(&visit_house, "ACCOUNT_INVITE\tfailed\t"
	    "role_forbidden\tauditor@example.org\tinvitation",
	    "SELECT action, outcome, error_type, actor_label, target_kind"
	    " FROM audit_event ORDER BY occurred_at DESC LIMIT 1"));
	visit_free(&v);
}

static char *
newest_session(const char * email)
{
	char * sql = text_format("SELECT s.id FROM session s JOIN account a ON"
	    " a.id = s.account_id WHERE a.email = '%s' ORDER BY s.created_at"
	    " DESC LIMIT 1", email);
	char * id = mariadb_sql(visit_house.m, sql);

	free(sql);
	must(id != NULL);
	id[strcspn(id, "\n")] = '\0';
	return (id);
}

static bool
has_id(const struct visit * v, const char * begin, const char * id)
{
	char want[160];

	(void)snprintf(want, sizeof(want), "id=\"%s%s\"", begin, id);
	return (visit_has(v, want));
}

static void
sessions_are_listed_and_revoked_by_their_ids(void)
{
	static const char * const ids[] = { "settings-security-token-status-",
	    "settings-security-token-expires-at-",
	    "settings-security-token-revoked-at-",
	    "settings-security-revoke-token-" };
	struct visit v = { .path = "/" };
	struct person other;
	char path[128];
	char * id, * own;

	owner = person_owner();
	person_add("worker@example.org", "operator");
	other = person_in(&v, "worker@example.org");
	id = newest_session("worker@example.org");
	own = newest_session(VISIT_EMAIL);
	v = (struct visit){ .path = "/settings/security",
	    .cookie = owner.cookie, .answer = v.answer };
	visit_both(&v, 200, "security");
	for (size_t i = 0; i < COUNTOF(ids); i++)
		CU_ASSERT_TRUE(has_id(&v, ids[i], id));
	/* Who is no owner sees his own, and ends no others. */
	CU_ASSERT_EQUAL(person_get(&other, &v, "/settings/security", NULL),
	    200);
	CU_ASSERT_TRUE(has_id(&v, ids[0], id));
	CU_ASSERT_FALSE(has_id(&v, ids[0], own));
	(void)snprintf(path, sizeof(path),
	    "/settings/security/sessions/%s/revoke", own);
	CU_ASSERT_EQUAL(person_post(&other, &v, path, ""), 404);
	CU_ASSERT_TRUE(visit_has(&v, "session_not_found"));
	(void)snprintf(path, sizeof(path),
	    "/settings/security/sessions/%s/revoke", id);
	CU_ASSERT_EQUAL(person_post(&owner, &v, path, ""), 303);
	CU_ASSERT_TRUE(redirects_to(&v,
	    "/settings/security?notice=session-revoked"));
	CU_ASSERT_EQUAL(person_get(&other, &v, "/settings/security", NULL),
	    303);
	CU_ASSERT_EQUAL(person_post(&owner, &v, path, ""), 409);
	CU_ASSERT_TRUE(visit_has(&v, "id=\"settings-security-token-error-"
	    "type\">session_already_revoked<"));
	CU_ASSERT_TRUE(has_id(&v, ids[0], id));
	CU_ASSERT_FALSE(has_id(&v, ids[3], id));
	v.accept = "application/json";
	CU_ASSERT_EQUAL(person_post(&owner, &v, path, ""), 409);
	CU_ASSERT_EQUAL(person_post(&owner, &v,
	    "/settings/security/sessions/x/revoke", ""), 404);
	free(id);
	free(own);
	visit_free(&v);
}

static void
pages_of_sessions_go_on(void)
{
	struct visit v = { .path = "/" };
	char query[80];
	char * after;

	owner = person_owner();
	CU_ASSERT_FATAL(house_do(&visit_house, "INSERT INTO session (id,"
	    " token_hash, account_id, address, created_at, last_seen_at,"
	    " expires_at) SELECT UUID(), UNHEX(SHA2(seq, 256)), a.id, '',"
	    " UTC_TIMESTAMP(6) - INTERVAL seq MINUTE, UTC_TIMESTAMP(6),"
	    " UTC_TIMESTAMP(6) + INTERVAL 1 HOUR FROM account a,"
	    " seq_1_to_60 WHERE a.email = '" VISIT_EMAIL "'"));
	CU_ASSERT_EQUAL(person_get(&owner, &v, "/settings/security", NULL),
	    200);
	after = visit_between(&v, "sessions_after=", '#');
	CU_ASSERT_EQUAL(strlen(after), 36);
	(void)snprintf(query, sizeof(query), "sessions_after=%s", after);
	v = (struct visit){ .path = "/settings/security", .query = query,
	    .cookie = owner.cookie, .answer = v.answer };
	visit_both(&v, 200, "security");
	CU_ASSERT_FALSE(visit_has(&v, "sessions_after="));
	CU_ASSERT_EQUAL(person_get(&owner, &v, "/settings/security",
	    "sessions_after=x"), 400);
	free(after);
	visit_free(&v);
}

/* It leads to us, not to what else the host has. */
static void
below_a_prefix_the_link_has_it(void)
{
	struct visit v = { .path = "/" };
	struct site former = visit_worker.site;
	struct person p = person_owner();

	ASSERT_ERR(site_parse("http://127.0.0.1:8080/strongroom",
	    &visit_worker.site), SR_OK);
	CU_ASSERT_EQUAL(person_post(&p, &v, "/strongroom/settings/accounts",
	    "account[email]=below@example.org&account[role]=auditor"), 200);
	CU_ASSERT_TRUE(visit_has(&v,
	    "http://127.0.0.1:8080/strongroom/invitation?token="));
	visit_worker.site = former;
	visit_free(&v);
}

static const struct suite_test tests[] = {
	TEST(an_invitation_becomes_an_account),
	TEST(what_is_wrong_with_an_invitation_is_said_at_its_form),
	TEST(an_invitation_is_listed_and_withdrawn),
	TEST(roles_change_and_accounts_are_disabled_enabled_and_removed),
	TEST(the_last_owner_is_told_so_and_stays),
	TEST(an_auditor_sees_accounts_and_no_form),
	TEST(sessions_are_listed_and_revoked_by_their_ids),
	TEST(pages_of_sessions_go_on),
	TEST(below_a_prefix_the_link_has_it),
};

SUITE_MAIN("cgi/people_pages", tests, visit_open, visit_close)
