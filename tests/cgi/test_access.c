/*
 * Every route of the table × every kind of credential, made from the table
 * itself: let in exactly where its row says.
 */

#include "tests/cgi/access_visit.h"

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
	    "session_expired", "role_forbidden", "second_factor_required",
	    "remote_user_required", "remote_user_unknown",
	    "account_disabled", "api_key_invalid", "api_key_expired",
	    "api_key_revoked", "api_key_scope_missing" };
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

/* With what somebody comes; what is not given is not sent. */
struct credential {
	const char * token;		/* Of a session. */
	const char * bearer;
	const char * remote_user;	/* The FastCGI parameter. */
	const char * user_header;	/* HTTP_REMOTE_USER */
};

/* Ask for the route; whether the answer is as the table says. */
static bool
ask(const struct route * r, const struct credential * c, bool allowed,
    int * status)
{
	struct visit v = { .method = method_name(r->method, false),
	    .accept = "application/json", .authorization = c->bearer,
	    .remote_user = c->remote_user, .user_header = c->user_header,
	    .origin = "http://127.0.0.1:8080" };
	char path[256], cookie[64], csrf[65] = "", body[128] = "";
	bool as_said;

	path_of(r->pattern, path);
	v.path = path;
	if (c->token != NULL) {
		(void)snprintf(cookie, sizeof(cookie), "sr_session=%s",
		    c->token);
		v.cookie = cookie;
		csrf_of(c->token, csrf);
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
		suite_note("%s %s, %s: %.400s", v.method, path,
		    c->token != NULL ? c->token : c->bearer != NULL ?
		    "a key" : c->remote_user != NULL ? c->remote_user :
		    "nobody", strbuf_str(&v.answer));
	visit_free(&v);
	/* It was the way out. */
	if (r == route_row(ROUTE_LOGOUT))
		CU_ASSERT_TRUE(house_do(&visit_house, "UPDATE session SET"
		    " ended_at = NULL, revoked = FALSE"));
	return (as_said);
}

static unsigned asked;

/* Ask, and say it of the suite. */
static int
check(const struct route * r, const struct credential c, bool allowed)
{
	int status = 0;

	CU_ASSERT_TRUE(ask(r, &c, allowed, &status));
	asked++;
	return (status);
}

#define AS(...)	(struct credential){ __VA_ARGS__ }

/* Keys are what they are, whoever is signed in and in whatever way. */
static void
check_keys(const struct route * r)
{
	const bool open = r->role == ROLE_ANYONE;

	CU_ASSERT(check(r, AS(.bearer = revoked), open) == 401 || open);
	CU_ASSERT(check(r, AS(.bearer = expired), open) == 401 || open);
	for (unsigned s = 0; s < SCOPES; s++)
		(void)check(r, AS(.bearer = keys[s]), open ||
		    (unsigned)r->key == 1U << s);
	/* A key stands for itself, whoever is signed in beside it. */
	(void)check(r, AS(.token = OWNER_TOKEN, .bearer = revoked), open);
	(void)check(r, AS(.remote_user = people[2].email, .bearer = revoked),
	    open);
}

static bool
may(const struct route * r, const struct someone * p, bool required)
{

	if (r->role == ROLE_ANYONE)
		return (true);
	if (p->disabled || p->role < r->role)
		return (false);
	return (!required || p->factor || r->role == ROLE_ACCOUNT);
}

static void
each_route_lets_in_whom_its_row_says(void)
{
	asked = 0;
	for (unsigned i = 0; i < ROUTE__MAX; i++) {
		const struct route * r = route_row((enum route_id)i);

		(void)check(r, AS(.token = NULL), r->role == ROLE_ANYONE);
		check_keys(r);
		for (size_t p = 0; p < COUNTOF(people); p++)
			(void)check(r, AS(.token = people[p].token),
			    may(r, &people[p], false));
		/* The mode is off: neither counts. */
		(void)check(r, AS(.remote_user = people[2].email,
		    .user_header = people[2].email), r->role == ROLE_ANYONE);
	}
	suite_note("%u routes, %u requests", (unsigned)ROUTE__MAX, asked);
}

static void
where_a_second_factor_is_required_others_can_only_set_one_up(void)
{
	asked = 0;
	visit_worker.require_factor = true;
	for (unsigned i = 0; i < ROUTE__MAX; i++) {
		const struct route * r = route_row((enum route_id)i);

		check_keys(r);
		for (size_t p = 0; p < COUNTOF(people); p++)
			(void)check(r, AS(.token = people[p].token),
			    may(r, &people[p], true));
	}
	visit_worker.require_factor = false;
	suite_note("%u routes, %u requests", (unsigned)ROUTE__MAX, asked);
}

/* What a route answers by itself where the web server has its part of it. */
static bool
left_to_the_web_server(const struct route * r)
{
	static const enum route_id rows[] = { ROUTE_LOGOUT,
	    ROUTE_PASSWORD_CHANGE, ROUTE_FACTOR_BEGIN, ROUTE_FACTOR_CONFIRM,
	    ROUTE_LOGIN_SHOW, ROUTE_LOGIN_CHECK, ROUTE_INVITATION_SHOW,
	    ROUTE_INVITATION_ACCEPT };

	for (size_t i = 0; i < COUNTOF(rows); i++) {
		if (route_row(rows[i]) == r)
			return (true);
	}
	return (false);
}

static void
where_the_web_server_signs_in_its_word_alone_counts(void)
{
	asked = 0;
	visit_worker.remote_user = true;
	for (unsigned i = 0; i < ROUTE__MAX; i++) {
		const struct route * r = route_row((enum route_id)i);
		const bool open = r->role == ROLE_ANYONE;

		if (left_to_the_web_server(r))
			continue;
		check_keys(r);
		for (size_t p = 0; p < COUNTOF(people); p++) {
			(void)check(r, AS(.remote_user = people[p].email),
			    may(r, &people[p], false));
			(void)check(r, AS(.user_header = people[p].email),
			    open);
			(void)check(r, AS(.token = people[p].token), open);
		}
		(void)check(r, AS(.token = OWNER_TOKEN,
		    .remote_user = "nobody@example.org",
		    .user_header = people[2].email), open);
	}
	visit_worker.remote_user = false;
	suite_note("%u routes, %u requests", (unsigned)ROUTE__MAX, asked);
}

static const struct suite_test tests[] = {
	TEST(each_route_lets_in_whom_its_row_says),
	TEST(where_a_second_factor_is_required_others_can_only_set_one_up),
	TEST(where_the_web_server_signs_in_its_word_alone_counts),
};

SUITE_MAIN("cgi/access", tests, access_open, access_close)
