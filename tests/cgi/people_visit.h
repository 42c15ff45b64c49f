#ifndef SR_TESTS_CGI_PEOPLE_VISIT_H
#define SR_TESTS_CGI_PEOPLE_VISIT_H

/* Forms of the pages about accounts, by several people in one line each. */

#include "tests/cgi/api_visit.h"
#include "tests/harness/authenticator.h"

#define WORDS	"several plain words"

/* Who is signed in with which cookies, and the _csrf of his forms. */
struct person {
	char cookie[256];
	char csrf[65];
};

static inline struct person
person_owner(void)
{
	struct person p;

	visit_sign_in();
	(void)snprintf(p.cookie, sizeof(p.cookie), "%s", visit_session);
	(void)snprintf(p.csrf, sizeof(p.csrf), "%s", visit_csrf);
	return (p);
}

/* The value of the cookie ${name} that ${v} sets, as "name=value". */
static inline void
person_take(struct person * p, const struct visit * v, const char * name)
{
	char before[64];
	char * value;

	(void)snprintf(before, sizeof(before), "Set-Cookie: %s=", name);
	value = visit_between(v, before, ';');
	(void)snprintf(p->cookie, sizeof(p->cookie), "%s=%s", name, value);
	free(value);
}

/* Read the _csrf of a page as ${p}; the page is in ${v} then. */
static inline int
person_get(struct person * p, struct visit * v, const char * path,
    const char * query)
{
	char * text;

	*v = (struct visit){ .path = path, .query = query, .cookie = p->cookie,
	    .answer = v->answer };
	(void)visit(v);
	text = visit_between(v, "name=\"_csrf\" value=\"", '"');
	if (text[0] != '\0')
		(void)snprintf(p->csrf, sizeof(p->csrf), "%s", text);
	free(text);
	return (visit_status(v));
}

static inline int
person_post_to(const struct person * p, struct visit * v, const char * path,
    const char * query, const char * rest)
{
	static char body[2048];

	(void)snprintf(body, sizeof(body), "_csrf=%s&%s", p->csrf, rest);
	*v = (struct visit){ .method = "POST", .path = path, .query = query,
	    .cookie = p->cookie, .body = body, .accept = v->accept,
	    .answer = v->answer };
	(void)visit(v);
	return (visit_status(v));
}

static inline int
person_post(const struct person * p, struct visit * v, const char * path,
    const char * rest)
{

	return (person_post_to(p, v, path, NULL, rest));
}

/* Nobody yet, with a form cookie of his own. */
static inline struct person
person_stranger(struct visit * v)
{
	struct person p = { "", "" };

	(void)person_get(&p, v, "/login", NULL);
	person_take(&p, v, "sr_form");
	return (p);
}

/* The password step; the cookies are in ${v}. */
static inline int
person_password(struct person * p, struct visit * v, const char * email)
{
	char body[256];

	*p = person_stranger(v);
	(void)snprintf(body, sizeof(body), "login[email]=%s&login[password]="
	    "several+plain+words&next=/settings/account", email);
	return (person_post(p, v, "/login", body));
}

/* The password step of somebody with a second factor; the form cookie stays. */
static inline void
person_first_step(struct person * p, struct visit * v, const char * email)
{
	char form[96];

	CU_ASSERT_EQUAL_FATAL(person_password(p, v, email), 303);
	CU_ASSERT_FALSE(visit_has(v, "Set-Cookie: sr_session="));
	CU_ASSERT_TRUE(visit_has(v,
	    "Location: /login/code?next=/settings/account\r\n"));
	(void)snprintf(form, sizeof(form), "%.90s", p->cookie);
	person_take(p, v, "sr_step");
	(void)snprintf(p->cookie + strlen(p->cookie), 100, "; %s", form);
	CU_ASSERT_EQUAL(person_get(p, v, "/login/code",
	    "next=/settings/account"), 200);
}

/* Sign in with a password alone. */
static inline struct person
person_in(struct visit * v, const char * email)
{
	struct person p;

	CU_ASSERT_EQUAL_FATAL(person_password(&p, v, email), 303);
	person_take(&p, v, "sr_session");
	CU_ASSERT_EQUAL(person_get(&p, v, "/settings/account", NULL), 200);
	return (p);
}

/* An account with the owner's password, made as the database has it. */
static inline void
person_add(const char * email, const char * role)
{
	char * sql = text_format("INSERT INTO account (id, email,"
	    " password_hash, role, created_at, updated_at) SELECT UUID(),"
	    " '%s', password_hash, '%s', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)"
	    " FROM account WHERE email = '" VISIT_EMAIL "'", email, role);

	CU_ASSERT_FATAL(house_do(&visit_house, sql));
	free(sql);
}

/* Its id; caller frees. */
static inline char *
person_id(const char * email)
{
	char * sql = text_format("SELECT id FROM account WHERE email = '%s'",
	    email);
	char * id = mariadb_sql(visit_house.m, sql);

	free(sql);
	must(id != NULL);
	id[strcspn(id, "\n")] = '\0';
	return (id);
}

#endif /* !SR_TESTS_CGI_PEOPLE_VISIT_H */
