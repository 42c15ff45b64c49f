/*
 * Every route of the table × every kind of credential, made from the table
 * itself: let in exactly where its row says.
 */

#include "core/keys/token.h"
#include "tests/cgi/api_visit.h"
#include "tests/harness/files.h"

#define SCOPES	5

/* Sessions are put into the database as they are, so that they never end. */
static const struct {
	enum role role;
	const char * token;
} people[] = {
	{ ROLE_AUDITOR, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
	{ ROLE_OPERATOR, "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB" },
	{ ROLE_OWNER, "CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC" },
};

static char * keys[SCOPES];	/* One with each scope, and no other. */
static char * revoked;		/* All scopes, but revoked. */
static char * expired;

static bool
add_person(enum role role, const char * token)
{
	char * sql = text_format("SET @a = UUID();"
	    " INSERT INTO account (id, email, password_hash, role,"
	    " created_at, updated_at) VALUES (@a, '%s@example.org',"
	    " '$y$none', '%s', NOW(6), NOW(6));"
	    " INSERT INTO session (id, token_hash, account_id, address,"
	    " created_at, last_seen_at, expires_at) VALUES (UUID(),"
	    " UNHEX(SHA2('%s', 256)), @a, '', UTC_TIMESTAMP(6),"
	    " UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) + INTERVAL 1 HOUR)",
	    role_name(role), role_name(role), token);
	bool good = house_do(&visit_house, sql);

	free(sql);
	return (good);
}

static int
open_site(void)
{
	static const char all[] = "secrets:write,secrets:read,"
	    "secrets:resolve,runs:write,audit:read,"
	    "metrics:read";
	struct api_key key;
	struct sr_id id;

	if (visit_open() != 0)
		return (-1);
	for (size_t i = 0; i < COUNTOF(people); i++) {
		if (!add_person(people[i].role, people[i].token))
			return (-1);
	}
	for (unsigned s = 0; s < SCOPES; s++) {
		keys[s] = api_bearer(key_scope_name((enum key_scope)(1U << s)),
		    NULL, NULL);
		if (keys[s] == NULL)
			return (-1);
	}
	expired = api_bearer(all, NULL, &id);
	if (expired == NULL || !house_do(&visit_house, "UPDATE api_key SET"
	    " expires_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE"
	    " scopes LIKE '%write%read%'"))
		return (-1);
	revoked = api_bearer(all, NULL, &id);
	if (revoked == NULL || api_key_revoke(&visit_house.store,
	    &visit_house.actor, &id, &key) != SR_OK)
		return (-1);
	return (0);
}

static int
close_site(void)
{

	for (unsigned s = 0; s < SCOPES; s++)
		free(keys[s]);
	free(revoked);
	free(expired);
	return (visit_close());
}

/* A path of the pattern: ":id" is "id", "*name" is "name". */
static void
path_of(const char * pattern, char path[256])
{
	size_t n = 0;

	for (; *pattern != '\0' && n < 255; pattern++) {
		if (*pattern != ':' && *pattern != '*')
			path[n++] = *pattern;
	}
	path[n] = '\0';
}

/* Whether the answer is that of somebody who was not let in. */
static bool
turned_away(const struct visit * v)
{
	static const char * const errors[] = { "session_required",
	    "session_expired", "role_forbidden", "api_key_invalid",
	    "api_key_expired", "api_key_revoked", "api_key_scope_missing" };
	char text[64];

	if (visit_status(v) != 401 && visit_status(v) != 403)
		return (false);
	for (size_t i = 0; i < COUNTOF(errors); i++) {
		(void)snprintf(text, sizeof(text), "\"error\":\"%s\"",
		    errors[i]);
		if (visit_has(v, text))
			return (true);
	}
	return (false);
}

static void
csrf_of(const char * token, char hex[65])
{
	struct secbuf * text = house_secret(token);
	uint8_t mac[MAC_LEN];

	token_csrf(text, "strongroom form", mac);
	secbuf_free(&text);
	for (size_t i = 0; i < MAC_LEN; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", mac[i]);
}

/* Ask for the route as somebody; whether the answer is as the table says. */
static bool
ask(const struct route * r, const char * token, const char * bearer,
    bool allowed, int * status)
{
	struct visit v = { .method = method_name(r->method, false),
	    .accept = "application/json", .authorization = bearer,
	    .origin = "http://127.0.0.1:8080" };
	char path[256], cookie[64], csrf[65] = "", body[128] = "";
	bool as_said;

	path_of(r->pattern, path);
	v.path = path;
	if (token != NULL) {
		(void)snprintf(cookie, sizeof(cookie), "sr_session=%s", token);
		v.cookie = cookie;
		csrf_of(token, csrf);
		v.csrf = csrf;
	}
	if (r->csrf == CSRF_API)
		v.type = "application/json";
	else if (r->csrf == CSRF_FORM)
		(void)snprintf(body, sizeof(body), "_csrf=%s", csrf);
	v.body = body;
	(void)visit(&v);
	*status = visit_status(&v);
	as_said = *status != 0 && turned_away(&v) == !allowed;
	if (!as_said)
		suite_note("%s %s, %s: %.400s", v.method, path, token != NULL ?
		    token : bearer != NULL ? "a key" : "nobody",
		    strbuf_str(&v.answer));
	visit_free(&v);
	/* It may have been the way out. */
	CU_ASSERT_TRUE(house_do(&visit_house,
	    "UPDATE session SET ended_at = NULL"));
	return (as_said);
}

static void
each_route_lets_in_whom_its_row_says(void)
{
	unsigned asked = 0;
	int status;

	for (unsigned i = 0; i < ROUTE__MAX; i++) {
		const struct route * r = route_row((enum route_id)i);
		bool open = r->role == ROLE_ANYONE;

		CU_ASSERT_TRUE(ask(r, NULL, NULL, open, &status));
		CU_ASSERT_TRUE(ask(r, NULL, revoked, open, &status));
		CU_ASSERT_TRUE(open || status == 401);
		CU_ASSERT_TRUE(ask(r, NULL, expired, open, &status));
		CU_ASSERT_TRUE(open || status == 401);
		for (size_t p = 0; p < COUNTOF(people); p++)
			CU_ASSERT_TRUE(ask(r, people[p].token, NULL,
			    people[p].role >= r->role, &status));
		for (unsigned s = 0; s < SCOPES; s++)
			CU_ASSERT_TRUE(ask(r, NULL, keys[s], open ||
			    (unsigned)r->key == 1U << s, &status));
		/* A key stands for itself, whoever is signed in beside it. */
		CU_ASSERT_TRUE(ask(r, people[2].token, revoked, open,
		    &status));
		asked += 4 + COUNTOF(people) + SCOPES;
	}
	suite_note("%u routes, %u requests", (unsigned)ROUTE__MAX, asked);
}

/* Each unsafe call of a session wants token and origin; a key does not. */
static void
calls_of_a_session_are_protected(void)
{
	static const char path[] = "/api/v1/secrets/instance/csrf";
	char csrf[65], cookie[64];
	struct visit v = { .method = "PUT", .path = path, .cookie = cookie,
	    .type = "application/json", .body = "{\"value\":\"not kept it\"}" };

	(void)snprintf(cookie, sizeof(cookie), "sr_session=%s",
	    people[1].token);
	csrf_of(people[1].token, csrf);
	ASSERT_ANSWER(&v, 403, "csrf_token_invalid");
	v.csrf = csrf;
	ASSERT_ANSWER(&v, 403, "csrf_token_invalid");
	v.origin = "null";
	ASSERT_ANSWER(&v, 403, "csrf_token_invalid");
	v.origin = "http://evil.example";
	ASSERT_ANSWER(&v, 403, "csrf_token_invalid");
	v.origin = "http://127.0.0.1:8080";
	v.fetch_site = "cross-site";
	ASSERT_ANSWER(&v, 403, "csrf_token_invalid");
	v.fetch_site = NULL;
	csrf[5] = csrf[5] == '0' ? '1' : '0';
	ASSERT_ANSWER(&v, 403, "csrf_token_invalid");
	CU_ASSERT(house_sql_is(&visit_house, "0",
	    "SELECT COUNT(*) FROM secret_ref WHERE name = 'csrf'"));
	csrf_of(people[1].token, csrf);
	ASSERT_ANSWER(&v, 201, "\"name\":\"csrf\"");
	v.cookie = v.csrf = v.origin = NULL;
	v.authorization = keys[0];
	ASSERT_ANSWER(&v, 200, "\"key_version\":2");
	visit_free(&v);
}

static void
who_is_not_known_is_told_how_to_be(void)
{
	struct visit v = { .path = "/api/v1/secrets", .accept = "text/html" };

	ASSERT_ANSWER(&v, 401,
	    "WWW-Authenticate: Bearer realm=\"strongroom\"\r\n");
	CU_ASSERT_TRUE(visit_has(&v, "application/problem+json"));
	v.authorization = "Bearer nonsense";
	ASSERT_ANSWER(&v, 401, "realm=\"strongroom\", error=\"invalid_token\"");
	v.authorization = "Basic dXNlcjpwYXNz";
	ASSERT_ANSWER(&v, 401, "session_required");
	v.accept = "application/xml";
	ASSERT_ANSWER(&v, 401, "application/problem+xml");
	visit_free(&v);
}

static void
wrong_keys_are_counted_against_their_address(void)
{
	struct visit v = { .path = "/api/v1/secrets", .address =
	    "192.0.2.77", .authorization = "Bearer sr" "k_wrong" };
	unsigned n;

	for (n = 0; n < 20; n++) {
		(void)visit(&v);
		if (visit_status(&v) != 401)
			break;
	}
	CU_ASSERT_EQUAL(n, 5);
	ASSERT_STATUS(&v, 429);
	CU_ASSERT_TRUE(visit_has(&v, "Retry-After: "));
	CU_ASSERT_TRUE(visit_has(&v, "sign_in_throttled"));
	/* Other addresses, and a good key, are not held up. */
	v.authorization = keys[1];
	ASSERT_ANSWER(&v, 200, "\"items\":[");
	v.address = "192.0.2.78";
	v.authorization = "Bearer sr" "k_wrong";
	ASSERT_ANSWER(&v, 401, "api_key_invalid");
	/* What was a key is no guess. */
	v.address = "192.0.2.79";
	v.authorization = revoked;
	for (n = 0; n < 30; n++) {
		(void)visit(&v);
		CU_ASSERT_EQUAL(visit_status(&v), 401);
	}
	visit_free(&v);
}

static const struct suite_test tests[] = {
	TEST(each_route_lets_in_whom_its_row_says),
	TEST(calls_of_a_session_are_protected),
	TEST(who_is_not_known_is_told_how_to_be),
	TEST(wrong_keys_are_counted_against_their_address),
};

SUITE_MAIN("cgi/access", tests, open_site, close_site)
