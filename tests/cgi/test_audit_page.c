/* The audit's page: filters, pages by key, and that reading it is recorded. */

#include "tests/cgi/visit.h"
#include "tests/harness/files.h"

#define PATH	"/settings/security/audit"

static char secret_id[SR_ID_STRLEN + 1];

static void
look(struct visit * v, const char * query)
{

	*v = (struct visit){ .path = PATH, .query = query,
	    .cookie = visit_session, .answer = v->answer };
	visit_both(v, 200, "audit");
}

static unsigned
rows(const struct visit * v)
{
	const char * p = strbuf_str(&v->answer);
	unsigned n = 0;

	while ((p = strstr(p, "id=\"audit-event-")) != NULL) {
		p++;
		n++;
	}
	return (n);
}

static void
save(const char * name)
{
	struct visit v = { .method = "POST", .path = "/settings/security",
	    .cookie = visit_session };
	char * body = text_format("_csrf=%s&security_secret[scope]=instance"
	    "&security_secret[name]=%s&security_secret[value]=value-of-%s-012",
	    visit_csrf, name, name);
	char * where;

	v.body = body;
	(void)visit(&v);
	where = visit_between(&v, "?saved=", '\r');
	if (where[0] != '\0')
		(void)snprintf(secret_id, sizeof(secret_id), "%s", where);
	free(where);
	free(body);
	visit_free(&v);
}

static void
st_sec_010_ac2_the_page_says_action_target_and_outcome(void)
{
	struct visit v = { 0 };
	char query[64], want[160];

	visit_sign_in();
	save("audited/one");
	save("audited/one");
	save("audited//refused");
	(void)snprintf(query, sizeof(query), "secret=%s", secret_id);
	look(&v, query);
	CU_ASSERT_TRUE(visit_has(&v, "<strong>CREATE</strong>"));
	CU_ASSERT_TRUE(visit_has(&v, "<strong>ROTATE</strong>"));
	CU_ASSERT_TRUE(visit_has(&v, "outcome=succeeded"));
	CU_ASSERT_FALSE(visit_has(&v, "outcome=failed"));
	CU_ASSERT_TRUE(visit_has(&v, VISIT_EMAIL));
	(void)snprintf(want, sizeof(want),
	    "href=\"/settings/security/secrets/%s\"", secret_id);
	CU_ASSERT_TRUE(visit_has(&v, want));
	look(&v, "outcome=failed");
	CU_ASSERT_TRUE(visit_has(&v, "secret_name_invalid"));
	CU_ASSERT_FALSE(visit_has(&v, "outcome=succeeded"));
	visit_free(&v);
}

static void
filters_narrow_what_is_shown_and_are_kept(void)
{
	struct visit v = { 0 };

	look(&v, "secret=instance/audited/one&action=ROTATE");
	CU_ASSERT_EQUAL(rows(&v), 1);
	CU_ASSERT_TRUE(visit_has(&v, "value=\"instance/audited/one\""));
	CU_ASSERT_TRUE(visit_has(&v,
	    "<option value=\"ROTATE\" selected>"));
	CU_ASSERT_TRUE(visit_has(&v, "href=\"/settings/security/audit.xml?"
	    "action=ROTATE&amp;target=instance/audited/one&amp;\""));
	CU_ASSERT_FALSE(visit_has(&v, "audit.xml.minisig"));
	look(&v, "actor=lead%40example.org&from=2020-01-01&to=2099-01-01T00:00"
	    "&action=CREATE&outcome=succeeded");
	CU_ASSERT_EQUAL(rows(&v), 1);
	look(&v, "actor=nobody%2Bx%40example.org");
	CU_ASSERT_EQUAL(rows(&v), 0);
	CU_ASSERT_TRUE(visit_has(&v, "No row is like that."));
	CU_ASSERT_TRUE(visit_has(&v, "actor=nobody%2Bx@example.org&amp;"));
	look(&v, "from=2098-01-01");
	CU_ASSERT_EQUAL(rows(&v), 0);
	look(&v, "action=SIGN_IN");
	CU_ASSERT_TRUE(rows(&v) >= 1);
	visit_free(&v);
}

static void
a_filter_that_is_none_is_a_typed_error(void)
{
	static const struct { const char * query; const char * field;
	    const char * kept; } wrong[] = {
		{ "from=yesterday&actor=lead", "from", "value=\"lead\"" },
		{ "from=2030-01-01&to=2029-01-01", "to",
		    "value=\"2030-01-01\"" },
		{ "action=DANCE&actor=lead", "action", "value=\"lead\"" },
		{ "outcome=maybe&actor=lead", "outcome", "value=\"lead\"" },
		{ "secret=no%20secret&actor=lead", "secret",
		    "value=\"lead\"" },
	};
	struct visit v = { 0 };
	char want[64];
	char * field;

	for (size_t i = 0; i < COUNTOF(wrong); i++) {
		v = (struct visit){ .path = PATH, .query = wrong[i].query,
		    .cookie = visit_session, .answer = v.answer };
		visit_both(&v, 422, "audit");
		CU_ASSERT_TRUE(visit_has(&v,
		    "id=\"settings-security-audit-error-type\">"
		    "audit_filter_invalid<"));
		(void)snprintf(want, sizeof(want), "id=\"audit-filter-%s\"",
		    wrong[i].field);
		field = visit_between(&v, want, '>');
		CU_ASSERT_PTR_NOT_NULL(strstr(field, "aria-invalid"));
		CU_ASSERT_TRUE(visit_has(&v, wrong[i].kept));
		CU_ASSERT_EQUAL(rows(&v), 0);
		free(field);
		v.accept = "application/json";
		(void)visit(&v);
		CU_ASSERT_EQUAL(visit_status(&v), 422);
		CU_ASSERT_TRUE(visit_has(&v, "audit_filter_invalid"));
	}
	v = (struct visit){ .path = PATH, .query = "before=x",
	    .cookie = visit_session, .answer = v.answer };
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 400);
	visit_free(&v);
}

/* What looks like a secret is not shown again, whichever field it is in. */
static void
st_sec_006_ac2_a_secret_in_a_filter_is_not_echoed(void)
{
	static const char token[] = "gh" "p_"
	    "x7Kd02mQp9LrT4vBn81sWzYh3cEfGu5aJ6oi";
	static const char * const fields[] = { "from", "to", "actor", "action",
	    "outcome", "secret" };
	struct visit v = { 0 };
	char query[128];

	for (size_t i = 0; i < COUNTOF(fields); i++) {
		(void)snprintf(query, sizeof(query), "%s=%s", fields[i],
		    token);
		v = (struct visit){ .path = PATH, .query = query,
		    .cookie = visit_session, .answer = v.answer };
		(void)visit(&v);
		CU_ASSERT_TRUE(visit_status(&v) == 200 ||
		    visit_status(&v) == 422);
		CU_ASSERT_FALSE(visit_has(&v, token));
		v.accept = "application/xml";
		(void)visit(&v);
		CU_ASSERT_FALSE(visit_has(&v, token));
	}
	visit_free(&v);
}

static void
reading_is_recorded_before_it_is_shown(void)
{
	struct visit v = { 0 };

	look(&v, "action=AUDIT_READ");
	/* The first row is this very request's. */
	CU_ASSERT_TRUE(rows(&v) >= 2);
	CU_ASSERT_TRUE(house_do(&visit_house, "RENAME TABLE audit_event TO"
	    " gone"));
	(void)visit(&v);
	CU_ASSERT_NOT_EQUAL(visit_status(&v), 200);
	CU_ASSERT_EQUAL(rows(&v), 0);
	CU_ASSERT_TRUE(house_do(&visit_house, "RENAME TABLE gone TO"
	    " audit_event"));
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 200);
	visit_free(&v);
}

static void
rows_are_shown_fifty_a_page(void)
{
	struct visit v = { 0 };
	char name[64], query[128];
	char * next;

	for (unsigned i = 0; i < 52; i++) {
		(void)snprintf(name, sizeof(name), "paged/%02u", i);
		save(name);
	}
	look(&v, "action=CREATE&outcome=succeeded");
	CU_ASSERT_EQUAL(rows(&v), 50);
	next = visit_between(&v, "before=", '"');
	CU_ASSERT_EQUAL(strlen(next), SR_ID_STRLEN);
	(void)snprintf(query, sizeof(query),
	    "action=CREATE&outcome=succeeded&before=%s", next);
	look(&v, query);
	/* The 52 of this test and the one that was there before. */
	CU_ASSERT_EQUAL(rows(&v), 3);
	CU_ASSERT_FALSE(visit_has(&v, "id=\"settings-security-audit-next\""));
	CU_ASSERT_TRUE(visit_has(&v, ">Newest<"));
	free(next);
	visit_free(&v);
}

static const struct suite_test tests[] = {
	TEST(st_sec_010_ac2_the_page_says_action_target_and_outcome),
	TEST(filters_narrow_what_is_shown_and_are_kept),
	TEST(a_filter_that_is_none_is_a_typed_error),
	TEST(st_sec_006_ac2_a_secret_in_a_filter_is_not_echoed),
	TEST(reading_is_recorded_before_it_is_shown),
	TEST(rows_are_shown_fifty_a_page),
};

SUITE_MAIN("cgi/audit_page", tests, visit_open, visit_close)
