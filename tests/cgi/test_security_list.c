/* The list of secrets on the security settings, and the posture above it. */

#include "core/audit/checkpoint.h"
#include "tests/cgi/visit.h"
#include "tests/harness/files.h"

#define ROW	"id=\"settings-security-secret-key-version-"

static void
look(struct visit * v, const char * query)
{

	*v = (struct visit){ .path = "/settings/security", .query = query,
	    .cookie = visit_session, .answer = v->answer };
	visit_both(v, 200, "security");
}

static unsigned
rows(const struct visit * v)
{
	const char * p = strbuf_str(&v->answer);
	unsigned n = 0;

	while ((p = strstr(p, ROW)) != NULL) {
		p++;
		n++;
	}
	return (n);
}

/* Rows of the table alone: what is listed needs no values. */
static void
fill(unsigned n, const char * prefix, const char * status, int rotated,
    const char * expires)
{
	char * sql = text_format("INSERT INTO secret_ref SELECT UUID(),"
	    " 'integration', '00000000-0000-0000-0000-000000000000',"
	    " CONCAT('%s', LPAD(seq, GREATEST(4, LENGTH(seq)), '0')), 1,"
	    " 'onboarding', '%s', UTC_TIMESTAMP(6) - INTERVAL %d DAY,"
	    " %s,"
	    " UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) FROM seq_1_to_%u",
	    prefix, status, rotated, expires, n);

	CU_ASSERT_TRUE(house_do(&visit_house, sql));
	free(sql);
}

static bool
number_is(const struct visit * v, const char * what, unsigned n)
{
	char * before = text_format("id=\"settings-security-posture-%s\"",
	    what);
	const char * p = strstr(strbuf_str(&v->answer), before);
	char want[48];

	free(before);
	(void)snprintf(want, sizeof(want), "<strong>%u</strong>", n);
	p = p == NULL ? NULL : strstr(p, "<strong>");
	return (p != NULL && strncmp(p, want, strlen(want)) == 0);
}

static void
the_posture_counts_and_leads_to_what_it_counts(void)
{
	struct visit v = { 0 };

	visit_sign_in();
	fill(3, "old/", "active", 100, "NULL");
	fill(2, "soon/", "active", 1, "UTC_TIMESTAMP(6) + INTERVAL 3 DAY");
	fill(1, "gone/", "active", 1, "UTC_TIMESTAMP(6) - INTERVAL 3 DAY");
	fill(4, "revoked/", "revoked", 1, "NULL");
	look(&v, NULL);
	CU_ASSERT_TRUE(number_is(&v, "active", 5));
	CU_ASSERT_TRUE(number_is(&v, "overdue", 3));
	CU_ASSERT_TRUE(number_is(&v, "soon", 2));
	CU_ASSERT_TRUE(number_is(&v, "expired", 1));
	CU_ASSERT_TRUE(number_is(&v, "revoked", 4));
	CU_ASSERT_TRUE(number_is(&v, "blocked", 0));
	CU_ASSERT_TRUE(visit_has(&v, "no audit checkpoint yet"));
	CU_ASSERT_TRUE(visit_has(&v,
	    "href=\"/settings/security?status=overdue#secrets-heading\""));
	CU_ASSERT_TRUE(visit_has(&v,
	    "href=\"/settings/security/audit?outcome=failed&amp;from=20"));
	look(&v, "status=overdue");
	CU_ASSERT_EQUAL(rows(&v), 3);
	CU_ASSERT_TRUE(visit_has(&v,
	    "<option value=\"overdue\" selected>"));
	look(&v, "status=soon");
	CU_ASSERT_EQUAL(rows(&v), 2);
	look(&v, "status=expired");
	CU_ASSERT_EQUAL(rows(&v), 1);
	look(&v, "status=revoked");
	CU_ASSERT_EQUAL(rows(&v), 4);
	CU_ASSERT_FALSE(visit_has(&v, "settings-security-secret-revoke-"));
	CU_ASSERT_TRUE(visit_has(&v, ">Store anew<"));
	CU_ASSERT_FALSE(visit_has(&v, ">Rotate<"));
	visit_free(&v);
}

/* Charts are drawn in the page, and say in words what they show. */
static void
charts_are_inline_and_have_words_beside_them(void)
{
	struct visit v = { 0 };

	look(&v, NULL);
	CU_ASSERT_TRUE(visit_has(&v, "<svg class=\"chart\""));
	CU_ASSERT_TRUE(visit_has(&v, "aria-labelledby=\"ages-title ages-desc"
	    "\""));
	CU_ASSERT_TRUE(visit_has(&v, "90–179 days: 3. "));
	CU_ASSERT_TRUE(visit_has(&v, "id=\"activity-desc\""));
	CU_ASSERT_TRUE(visit_has(&v, "<summary>As a table</summary>"));
	CU_ASSERT_FALSE(visit_has(&v, "style=\""));
	CU_ASSERT_FALSE(visit_has(&v, "<script"));
	visit_free(&v);
}

static void
the_last_checkpoint_is_checked(void)
{
	struct visit v = { 0 };
	uint64_t sealed = 0;
	bool more;

	ASSERT_ERR_FATAL(checkpoint_seal(&visit_house.store, &sealed, &more),
	    SR_OK);
	CU_ASSERT_TRUE(sealed > 0);
	look(&v, NULL);
	CU_ASSERT_TRUE(visit_has(&v, "verifies-yes"));
	CU_ASSERT_TRUE(visit_has(&v, "<strong>Good</strong>"));
	CU_ASSERT_TRUE(visit_has(&v, "less than a minute old"));
	CU_ASSERT_TRUE(house_do(&visit_house, "UPDATE audit_checkpoint SET"
	    " signature = REVERSE(signature), made_at = made_at -"
	    " INTERVAL 3 DAY"));
	look(&v, NULL);
	CU_ASSERT_TRUE(visit_has(&v, "verifies-no"));
	CU_ASSERT_TRUE(visit_has(&v, "<strong>Bad</strong>"));
	CU_ASSERT_TRUE(visit_has(&v, "3 days old"));
	CU_ASSERT_TRUE(house_do(&visit_house, "RENAME TABLE audit_checkpoint"
	    " TO gone"));
	visit_both(&v, 503, "security");
	CU_ASSERT_TRUE(visit_has(&v, "could not be read"));
	CU_ASSERT_TRUE(visit_has(&v, "old/0001"));
	CU_ASSERT_TRUE(house_do(&visit_house, "RENAME TABLE gone TO"
	    " audit_checkpoint"));
	visit_free(&v);
}

static void
a_filter_is_kept_from_page_to_page(void)
{
	struct visit v = { 0 };
	char * next, * query;

	fill(120, "many/", "active", 1, "NULL");
	look(&v, "name=many/&status=active");
	CU_ASSERT_EQUAL(rows(&v), 50);
	CU_ASSERT_TRUE(visit_has(&v, "value=\"many/\""));
	next = visit_between(&v, "?name=many/&amp;status=active&amp;after=",
	    '#');
	CU_ASSERT_EQUAL(strlen(next), SR_ID_STRLEN);
	query = text_format("name=many/&status=active&after=%s", next);
	look(&v, query);
	CU_ASSERT_EQUAL(rows(&v), 50);
	CU_ASSERT_TRUE(visit_has(&v, "many/0051"));
	CU_ASSERT_TRUE(visit_has(&v, "many/0100"));
	look(&v, "name=many/012");
	CU_ASSERT_EQUAL(rows(&v), 1);
	look(&v, "name=none/");
	CU_ASSERT_TRUE(visit_has(&v, "No secret is like that."));
	CU_ASSERT_TRUE(visit_has(&v, "Show all"));
	free(query);
	free(next);
	visit_free(&v);
}

static void
a_filter_that_is_none_is_said_and_not_echoed(void)
{
	static const char token[] = "gh" "p_"
	    "x7Kd02mQp9LrT4vBn81sWzYh3cEfGu5aJ6oi";
	struct visit v = { .path = "/settings/security",
	    .cookie = visit_session, .query = "name=two%20words" };
	char query[128];

	visit_both(&v, 422, "security");
	CU_ASSERT_TRUE(visit_has(&v, "id=\"settings-security-secret-filter-"
	    "error-type\">secret_filter_invalid<"));
	CU_ASSERT_TRUE(visit_has(&v, "value=\"two words\""));
	CU_ASSERT_EQUAL(rows(&v), 0);
	v.query = "status=lost";
	visit_both(&v, 422, "security");
	CU_ASSERT_TRUE(visit_has(&v, "secret_filter_invalid"));
	(void)snprintf(query, sizeof(query), "name=%s", token);
	v.query = query;
	visit_both(&v, 422, "security");
	CU_ASSERT_FALSE(visit_has(&v, token));
	(void)snprintf(query, sizeof(query), "status=%s", token);
	v.query = query;
	visit_both(&v, 422, "security");
	CU_ASSERT_FALSE(visit_has(&v, token));
	visit_free(&v);
}

static void
a_name_of_160_characters_fits(void)
{
	struct visit v = { 0 };
	char name[161];
	char * body;

	memset(name, 'n', 160);
	name[160] = '\0';
	for (size_t i = 7; i < 159; i += 8)
		name[i] = '/';
	body = text_format("_csrf=%s&security_secret[scope]=instance"
	    "&security_secret[name]=%s&security_secret[value]="
	    "value-of-a-long-name", visit_csrf, name);
	v = (struct visit){ .method = "POST", .path = "/settings/security",
	    .cookie = visit_session, .body = body };
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 303);
	look(&v, "name=nnnnnnn/");
	CU_ASSERT_EQUAL(rows(&v), 1);
	CU_ASSERT_TRUE(visit_has(&v, name));
	free(body);
	visit_free(&v);
}

/* From 10,000 on the numbers are kept for a while; they are the same. */
static void
many_secrets_are_counted_now_and_then(void)
{
	struct visit v = { 0 };

	fill(12000, "thousands/", "active", 1, "NULL");
	for (unsigned i = 0; i < 3; i++) {
		look(&v, NULL);
		/* And those of the tests before. */
		CU_ASSERT_TRUE(number_is(&v, "active", 12126));
		CU_ASSERT_TRUE(number_is(&v, "overdue", 3));
	}
	visit_free(&v);
}

static const struct suite_test tests[] = {
	TEST(the_posture_counts_and_leads_to_what_it_counts),
	TEST(charts_are_inline_and_have_words_beside_them),
	TEST(the_last_checkpoint_is_checked),
	TEST(a_filter_is_kept_from_page_to_page),
	TEST(a_filter_that_is_none_is_said_and_not_echoed),
	TEST(a_name_of_160_characters_fits),
	TEST(many_secrets_are_counted_now_and_then),
};

SUITE_MAIN("cgi/security_list", tests, visit_open, visit_close)
