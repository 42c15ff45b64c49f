/* The audit as a file and its signature: headers, refusals, broken off. */

#include "core/audit/minisig.h"
#include "core/redact/redact.h"
#include "core/store/keystore.h"
#include "tests/cgi/api_visit.h"
#include "tests/harness/files.h"

#define FILE_PATH	"/settings/security/audit.xml"
#define SIG_PATH	FILE_PATH ".minisig"
#define END_TAG		"</audit-export>"

static char * sized;		/* "size=N" of the newest checkpoint. */

static int
open_site(void)
{

	return (visit_open());
}

static int
close_site(void)
{

	free(sized);
	return (visit_close());
}

static bool
ends_well(const struct visit * v)
{
	const char * body = visit_body(v);
	size_t len = strlen(body);
	const char * end = END_TAG "\n";

	return (len > strlen(end) &&
	    strcmp(body + len - strlen(end), end) == 0);
}

static void
without_a_size_it_shows_the_way_to_the_newest(void)
{
	struct visit v = { .path = FILE_PATH, .query = "actor=a%2Bb@c.org&"
	    "secret=instance/a/b&from=2020-01-01T00:00&before=x" };
	char * where;

	visit_sign_in();
	v.cookie = visit_session;
	ASSERT_ANSWER(&v, 303, "Location: " FILE_PATH
	    "?from=2020-01-01T00:00&actor=a%2Bb@c.org&"
	    "target=instance/a/b&size=");
	/* Nothing waits: what was signed in is in it. */
	CU_ASSERT(house_sql_is(&visit_house, "0",
	    "SELECT COUNT(*) FROM audit_pending"));
	v.query = NULL;
	ASSERT_ANSWER(&v, 303, "Location: " FILE_PATH "?size=");
	where = visit_between(&v, FILE_PATH "?", '\r');
	sized = where;
	CU_ASSERT(house_sql_is(&visit_house, where + strlen("size="),
	    "SELECT MAX(tree_size) FROM audit_checkpoint"));
	/* The way is not what was asked for. */
	CU_ASSERT(house_sql_is(&visit_house, "0", "SELECT COUNT(*) FROM"
	    " audit_event WHERE action = 'AUDIT_EXPORT'"));
	visit_free(&v);
}

static void
it_is_a_file_that_is_not_kept_by_caches(void)
{
	struct visit v = { .path = FILE_PATH, .query = sized,
	    .cookie = visit_session };
	char name[96];

	ASSERT_ANSWER(&v, 200,
	    "Content-Type: application/xml; charset=utf-8\r\n");
	(void)snprintf(name, sizeof(name), "Content-Disposition: attachment;"
	    " filename=\"strongroom-audit-%s.xml\"\r\n", sized + 5);
	CU_ASSERT_TRUE(visit_has(&v, name));
	CU_ASSERT_TRUE(visit_has(&v, "Cache-Control: no-store\r\n"));
	CU_ASSERT_TRUE(ends_well(&v));
	CU_ASSERT_FALSE(visit_broken);
	CU_ASSERT(house_sql_is(&visit_house, "1", "SELECT COUNT(*) FROM"
	    " audit_event WHERE action = 'AUDIT_EXPORT' AND outcome ="
	    " 'succeeded' AND actor_label = '" VISIT_EMAIL "'"));
	v.method = "HEAD";
	ASSERT_ANSWER(&v, 200, name);
	CU_ASSERT_STRING_EQUAL(visit_body(&v), "");
	v.path = SIG_PATH;
	ASSERT_ANSWER(&v, 200, ".xml.minisig\"\r\n");
	CU_ASSERT_STRING_EQUAL(visit_body(&v), "");
	visit_free(&v);
}

static void
the_signature_is_that_of_the_file(void)
{
	struct visit file = { .path = FILE_PATH, .query = sized,
	    .cookie = visit_session };
	struct visit v = { .path = SIG_PATH, .query = sized,
	    .cookie = visit_session };
	const struct keyset * set = keystore_hold(visit_worker.keys);
	uint8_t public_key[SIGN_PUBLIC_LEN], hash[MINISIG_HASH_LEN];
	struct minisig_hash * h = NULL;
	struct minisig sig;
	const char * text;

	CU_ASSERT_PTR_NOT_NULL_FATAL(set);
	sign_public(keyset_sign_key(set), public_key);
	keyset_release(&set);
	ASSERT_ANSWER(&file, 200, NULL);
	ASSERT_ANSWER(&v, 200, "Content-Type: text/plain; charset=utf-8\r\n");
	CU_ASSERT_TRUE(visit_has(&v, ".xml.minisig\"\r\n"));
	ASSERT_ERR_FATAL(minisig_begin(&h), SR_OK);
	text = visit_body(&file);
	minisig_add(h, text, strlen(text));
	minisig_end(&h, hash);
	text = visit_body(&v);
	CU_ASSERT_TRUE_FATAL(minisig_parse(text, strlen(text), &sig));
	CU_ASSERT_TRUE(minisig_verify(&sig, public_key, hash));
	hash[7] ^= 1;
	CU_ASSERT_FALSE(minisig_verify(&sig, public_key, hash));
	CU_ASSERT_PTR_NOT_NULL(strstr(sig.comment, sized + 5));
	visit_free(&file);
	visit_free(&v);
}

static void
refused(const char * path, const char * query, int status,
    const char * error)
{
	struct visit v = { .path = path, .query = query,
	    .cookie = visit_session, .accept = "application/json" };

	ASSERT_ANSWER(&v, status, error);
	CU_ASSERT_TRUE(visit_has(&v, "application/problem+json"));
	CU_ASSERT_FALSE(visit_has(&v, "Content-Disposition"));
	v.accept = "application/xml";
	ASSERT_ANSWER(&v, status, error);
	CU_ASSERT_TRUE(visit_has(&v, "application/problem+xml"));
	v.accept = "text/html";
	ASSERT_ANSWER(&v, status, error);
	CU_ASSERT_TRUE(visit_has(&v, "<!DOCTYPE html>"));
	visit_free(&v);
}

static void
what_is_no_size_and_what_is_no_checkpoint_is_refused(void)
{
	static const char * const wrong[] = { "size=0", "size=x", "size=-1",
	    "size=01", "size=1%20", "size=99999999999999999999999",
	    "size=9999999999999999999", "from=yesterday&size=1" };
	static const char * const paths[] = { FILE_PATH, SIG_PATH };

	for (size_t p = 0; p < COUNTOF(paths); p++) {
		for (size_t i = 0; i < COUNTOF(wrong); i++)
			refused(paths[p], wrong[i], 422,
			    "audit_filter_invalid");
		refused(paths[p], "size=999999999", 404,
		    "audit_checkpoint_not_found");
	}
	/* The newest signature is not that of the file somebody has. */
	refused(SIG_PATH, NULL, 422, "audit_filter_invalid");
	refused(FILE_PATH, "from=2030-01-01&to=2029-01-01", 422,
	    "audit_filter_invalid");
}

/* It is not said again, not even in a header. */
static void
a_secret_in_the_query_is_not_echoed(void)
{
	static const char token[] = "gh" "p_"
	    "x7Kd02mQp9LrT4vBn81sWzYh3cEfGu5aJ6oi";
	struct visit v = { .path = FILE_PATH, .cookie = visit_session };
	char query[128];

	(void)snprintf(query, sizeof(query), "actor=%s", token);
	v.query = query;
	ASSERT_ANSWER(&v, 422, "audit_filter_invalid");
	CU_ASSERT_FALSE(visit_has(&v, token));
	(void)snprintf(query, sizeof(query), "actor=%s&%s", token, sized);
	ASSERT_ANSWER(&v, 200, NULL);
	CU_ASSERT_FALSE(visit_has(&v, token));
	CU_ASSERT_TRUE(ends_well(&v));
	visit_free(&v);
}

static void
a_key_with_the_scope_exports_and_another_is_told(void)
{
	char * good = api_bearer("audit:read", NULL, NULL);
	char * other = api_bearer("secrets:read", NULL, NULL);
	char * limited = api_bearer("audit:read",
	    "0198c0de-0000-7000-8000-00000000000a", NULL);
	struct visit v = { .path = FILE_PATH, .query = sized,
	    .accept = "*/*", .authorization = good };

	ASSERT_ANSWER(&v, 200, END_TAG);
	CU_ASSERT(house_sql_is(&visit_house, "1", "SELECT COUNT(*) FROM"
	    " audit_event WHERE action = 'AUDIT_EXPORT' AND actor_kind ="
	    " 'api_key' AND outcome = 'succeeded'"));
	v.path = SIG_PATH;
	ASSERT_ANSWER(&v, 200, "untrusted comment: ");
	v.authorization = other;
	ASSERT_ANSWER(&v, 403, "application/problem+json");
	CU_ASSERT_TRUE(visit_has(&v, "api_key_scope_missing"));
	CU_ASSERT(house_sql_is(&visit_house, "1", "SELECT COUNT(*) FROM"
	    " audit_event WHERE action = 'AUDIT_EXPORT' AND outcome ="
	    " 'failed' AND error_type = 'api_key_scope_missing'"));
	v.authorization = limited;
	ASSERT_ANSWER(&v, 403, "api_key_project_forbidden");
	v.path = FILE_PATH;
	ASSERT_ANSWER(&v, 403, "api_key_project_forbidden");
	CU_ASSERT(house_sql_is(&visit_house, "2", "SELECT COUNT(*) FROM"
	    " audit_event WHERE action = 'AUDIT_EXPORT' AND error_type ="
	    " 'api_key_project_forbidden'"));
	v.path = SIG_PATH;
	v.authorization = "Bearer nonsense";
	ASSERT_ANSWER(&v, 401, "WWW-Authenticate: Bearer");
	v.authorization = NULL;
	v.accept = "text/html";
	ASSERT_ANSWER(&v, 303, "Location: /login?next=" SIG_PATH);
	visit_free(&v);
	free(good);
	free(other);
	free(limited);
}

static void
without_its_audit_row_nothing_is_exported(void)
{

	CU_ASSERT_TRUE(house_do(&visit_house, "RENAME TABLE audit_pending TO"
	    " gone"));
	refused(FILE_PATH, sized, 503, "secret_audit_persistence_failed");
	refused(SIG_PATH, sized, 503, "secret_audit_persistence_failed");
	CU_ASSERT_TRUE(house_do(&visit_house, "RENAME TABLE gone TO"
	    " audit_pending"));
}

static void
more_than_a_few_at_a_time_are_refused(void)
{
	struct visit v = { .path = FILE_PATH, .query = sized,
	    .cookie = visit_session };

	atomic_store(&visit_worker.exports, 1);
	refused(FILE_PATH, sized, 503, "audit_export_busy");
	refused(SIG_PATH, sized, 503, "audit_export_busy");
	ASSERT_ANSWER(&v, 503, "Retry-After: ");
	atomic_store(&visit_worker.exports, 0);
	ASSERT_ANSWER(&v, 200, NULL);
	CU_ASSERT_EQUAL(atomic_load(&visit_worker.exports), 0);
	visit_free(&v);
}

/* What happens when the first bytes of the body are on their way. */
static enum { GONE, LOST, STALE } happens;
static size_t head_len;
static bool done;

static bool
happen(size_t before)
{

	if (head_len == 0 || before < head_len || done)
		return (true);
	done = true;
	if (happens == GONE)
		return (false);
	if (happens == LOST)
		return (house_do(&visit_house, "RENAME TABLE audit_leaf TO"
		    " leaf_gone"));
	redact_mark(visit_house.store.redact, REDACT_STALE);
	return (true);
}

/* An export that fails on its way, as ${as}; whether it was broken off. */
static bool
fails(struct visit * v, unsigned as)
{

	happens = as;
	done = false;
	visit_hook = happen;
	(void)visit(v);
	visit_hook = NULL;
	if (as == LOST)
		CU_ASSERT_TRUE(house_do(&visit_house, "RENAME TABLE leaf_gone"
		    " TO audit_leaf"));
	return (done && visit_broken && visit_status(v) == 200 &&
	    !visit_has(v, END_TAG));
}

static void
what_fails_on_its_way_is_broken_off(void)
{
	struct visit v = { .path = FILE_PATH, .query = sized,
	    .cookie = visit_session };

	ASSERT_ANSWER(&v, 200, NULL);
	head_len = (size_t)(visit_body(&v) - strbuf_str(&v.answer));
	CU_ASSERT_TRUE(fails(&v, GONE));
	CU_ASSERT_TRUE(fails(&v, LOST));
	CU_ASSERT_TRUE(fails(&v, STALE));
	/* And the next one is whole again. */
	ASSERT_ANSWER(&v, 200, NULL);
	CU_ASSERT_TRUE(ends_well(&v));
	CU_ASSERT_FALSE(visit_broken);
	CU_ASSERT_EQUAL(atomic_load(&visit_worker.exports), 0);
	visit_free(&v);
}

static void
the_page_leads_to_the_file_and_its_signature(void)
{
	struct visit v = { .path = "/settings/security/audit",
	    .query = "action=CREATE", .cookie = visit_session };
	struct visit newest = { .path = FILE_PATH, .cookie = visit_session };
	char want[160];

	ASSERT_ANSWER(&newest, 303, NULL);
	free(sized);
	sized = visit_between(&newest, FILE_PATH "?", '\r');
	visit_free(&newest);
	visit_both(&v, 200, "audit");
	(void)snprintf(want, sizeof(want), "href=\"" FILE_PATH
	    "?action=CREATE&amp;%s\"", sized);
	CU_ASSERT_TRUE(visit_has(&v, want));
	(void)snprintf(want, sizeof(want), "href=\"" SIG_PATH
	    "?action=CREATE&amp;%s\"", sized);
	CU_ASSERT_TRUE(visit_has(&v, want));
	visit_free(&v);
}

static const struct suite_test tests[] = {
	TEST(without_a_size_it_shows_the_way_to_the_newest),
	TEST(it_is_a_file_that_is_not_kept_by_caches),
	TEST(the_signature_is_that_of_the_file),
	TEST(what_is_no_size_and_what_is_no_checkpoint_is_refused),
	TEST(a_secret_in_the_query_is_not_echoed),
	TEST(a_key_with_the_scope_exports_and_another_is_told),
	TEST(without_its_audit_row_nothing_is_exported),
	TEST(more_than_a_few_at_a_time_are_refused),
	TEST(what_fails_on_its_way_is_broken_off),
	TEST(the_page_leads_to_the_file_and_its_signature),
};

SUITE_MAIN("cgi/export", tests, open_site, close_site)
