/* The security settings: saving, refusals, metadata, locked mode. */

#include "core/redact/redact.h"
#include "core/redact/variant.h"
#include "core/store/keystore.h"
#include "tests/cgi/visit.h"

/* POST the secret form; ${rest} is what follows the token. */
static void
save(struct visit * v, const char * rest)
{
	static char body[8192];

	(void)snprintf(body, sizeof(body), "_csrf=%s&%s", visit_csrf, rest);
	v->method = "POST";
	v->path = "/settings/security";
	v->cookie = visit_session;
	v->body = body;
	(void)visit(v);
}

#define VALUE	"vaLue-0123456789-of-the-secret-XYZ"

static void
a_saved_secret_is_shown_as_metadata_alone(void)
{
	struct visit v = { 0 };
	char * where, * id;
	char path[128], want[128];

	visit_sign_in();
	v = (struct visit){ .path = "/settings/security",
	    .cookie = visit_session };
	visit_both(&v, 200, "security");
	CU_ASSERT_TRUE(visit_has(&v, "No secret is stored yet."));
	CU_ASSERT_TRUE(visit_has(&v,
	    "id=\"settings-security-secret-metadata\""));
	CU_ASSERT_FALSE(visit_has(&v, "Metadata of stored secrets"));
	CU_ASSERT_FALSE(visit_has(&v, "class=\"pager\""));
	save(&v, "security_secret[scope]=instance&security_secret[project]="
	    "&security_secret[name]=providers/key&security_secret[value]="
	    VALUE "&security_secret[expires_at]=2099-01-31T12:00");
	CU_ASSERT_EQUAL_FATAL(visit_status(&v), 303);
	where = visit_between(&v, "Location: /settings/security?", '\r');
	id = strdup(strchr(where, '=') + 1);
	v = (struct visit){ .path = "/settings/security", .query = where,
	    .cookie = visit_session, .answer = v.answer };
	visit_both(&v, 200, "security");
	CU_ASSERT_TRUE(visit_has(&v, "id=\"notice\""));
	CU_ASSERT_TRUE(visit_has(&v, "id=\"settings-security-secret-form\""));
	CU_ASSERT_TRUE(visit_has(&v,
	    "id=\"settings-security-secret-metadata\""));
	CU_ASSERT_TRUE(visit_has(&v,
	    "id=\"settings-security-secret-audit-log\""));
	(void)snprintf(want, sizeof(want),
	    "id=\"settings-security-secret-key-version-%s\">1<", id);
	CU_ASSERT_TRUE(visit_has(&v, want));
	CU_ASSERT_FALSE(visit_has(&v, VALUE));
	(void)snprintf(path, sizeof(path), "/settings/security/secrets/%s",
	    id);
	v.path = path;
	v.query = NULL;
	visit_both(&v, 200, "secret");
	CU_ASSERT_TRUE(visit_has(&v, "outcome=succeeded"));
	CU_ASSERT_TRUE(visit_has(&v, VISIT_EMAIL));
	CU_ASSERT_TRUE(visit_has(&v, "2099-01-31T12:00:00Z"));
	CU_ASSERT_FALSE(visit_has(&v, VALUE));
	free(where);
	free(id);
	visit_free(&v);
}

static void
a_refused_save_keeps_all_but_the_value(void)
{
	static const struct { const char * form; const char * error;
	    const char * invalid; } rows[] = {
		{ "security_secret[scope]=nowhere&security_secret[name]=kept-x"
		    "&security_secret[value]=" VALUE, "secret_scope_invalid",
		    "security-secret-scope" },
		{ "security_secret[scope]=instance&security_secret[name]="
		    "kept%0Ax&security_secret[value]=" VALUE,
		    "secret_name_invalid", "security-secret-name" },
		{ "security_secret[scope]=instance&security_secret[name]="
		    "kept%FF&security_secret[value]=" VALUE,
		    "secret_name_invalid", "security-secret-name" },
		{ "security_secret[scope]=instance&security_secret[name]=kept-x"
		    "&security_secret[value]=short", "secret_value_invalid",
		    "security-secret-value" },
		{ "security_secret[scope]=instance&security_secret[name]=kept-x"
		    "&security_secret[value]=%FF" VALUE,
		    "secret_value_invalid", "security-secret-value" },
		{ "security_secret[scope]=instance&security_secret[name]=kept-x"
		    "&security_secret[value]=Metadata+of+stored+secrets",
		    "secret_value_common", "security-secret-value" },
		{ "security_secret[scope]=instance&security_secret[name]=kept-x"
		    "&security_secret[value]=" VALUE
		    "&security_secret[expires_at]=soon",
		    "secret_expiry_invalid", "security-secret-expires-at" },
	};
	struct visit v = { 0 };
	char * field;
	char start[64];

	for (size_t i = 0; i < COUNTOF(rows); i++) {
		save(&v, rows[i].form);
		CU_ASSERT_EQUAL(visit_status(&v), 422);
		CU_ASSERT_TRUE(visit_has(&v, rows[i].error));
		CU_ASSERT_TRUE(visit_has(&v,
		    "id=\"settings-security-secret-error-type\""));
		CU_ASSERT_TRUE(visit_has(&v,
		    "id=\"settings-security-secret-error-recovery\""));
		CU_ASSERT_TRUE(visit_has(&v, "value=\"kept"));
		CU_ASSERT_FALSE(visit_has(&v, VALUE));
		(void)snprintf(start, sizeof(start), "id=\"%s\"",
		    rows[i].invalid);
		field = visit_between(&v, start, '>');
		CU_ASSERT_PTR_NOT_NULL(strstr(field, "aria-invalid=\"true\""));
		free(field);
	}
	v.accept = "application/problem+json";
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 422);
	CU_ASSERT_TRUE(visit_has(&v, "\"field\":\"expires_at\""));
	visit_free(&v);
}

static void
st_sec_002_ac3_a_secret_in_a_plain_field_names_the_policy(void)
{
	struct visit v = { 0 };

	save(&v, "security_secret[scope]=instance&security_secret[name]="
	    VALUE "&security_secret[value]=another-long-value-1");
	CU_ASSERT_EQUAL(visit_status(&v), 422);
	CU_ASSERT_TRUE(visit_has(&v, "plaintext_secret_persistence_blocked"));
	CU_ASSERT_TRUE(visit_has(&v, "operational_secret_plaintext_forbidden"));
	CU_ASSERT_FALSE(visit_has(&v, VALUE));
	v.accept = "application/problem+json";
	(void)visit(&v);
	CU_ASSERT_TRUE(visit_has(&v,
	    "\"policy\":\"operational_secret_plaintext_forbidden\""));
	visit_free(&v);
}

static unsigned
count(const struct visit * v, const char * text)
{
	const char * p = strbuf_str(&v->answer);
	unsigned n = 0;

	while ((p = strstr(p, text)) != NULL) {
		p += strlen(text);
		n++;
	}
	return (n);
}

#define ROW	"id=\"settings-security-secret-key-version-"

/* The id in the last of the attributes that begin with ${text}. */
static char *
visit_last(const struct visit * v, const char * text)
{
	const char * p = strbuf_str(&v->answer);
	const char * found = NULL;

	while ((p = strstr(p, text)) != NULL)
		found = p += strlen(text);
	CU_ASSERT_PTR_NOT_NULL_FATAL(found);
	return (strndup(found, SR_ID_STRLEN));
}

static void
secrets_are_listed_fifty_a_page(void)
{
	struct visit v = { 0 };
	char form[256];
	char * after, * last;
	char query[64];

	for (unsigned i = 0; i < 52; i++) {
		(void)snprintf(form, sizeof(form),
		    "security_secret[scope]=integration&security_secret[name]="
		    "many/%02u&security_secret[value]=many-values-%06u", i, i);
		save(&v, form);
		CU_ASSERT_EQUAL(visit_status(&v), 303);
	}
	v = (struct visit){ .path = "/settings/security",
	    .cookie = visit_session, .answer = v.answer };
	visit_both(&v, 200, "security");
	after = visit_between(&v, "href=\"/settings/security?after=", '#');
	CU_ASSERT_EQUAL(strlen(after), SR_ID_STRLEN);
	CU_ASSERT_EQUAL(count(&v, ROW), 50);
	(void)snprintf(query, sizeof(query), "after=%s", after);
	v.query = query;
	visit_both(&v, 200, "security");
	/* The 52 of this test and the one that was there before. */
	CU_ASSERT_EQUAL(count(&v, ROW), 3);
	CU_ASSERT_TRUE(visit_has(&v, "First page"));
	CU_ASSERT_FALSE(visit_has(&v, "id=\"settings-security-secret-next\""));
	/* Nothing comes after the last one; an id of nobody is no place. */
	last = visit_last(&v, ROW);
	(void)snprintf(query, sizeof(query), "after=%s", last);
	visit_both(&v, 200, "security");
	CU_ASSERT_EQUAL(count(&v, ROW), 0);
	CU_ASSERT_TRUE(visit_has(&v, "There are no more secrets."));
	v.query = "after=00000000-0000-7000-8000-000000000000";
	visit_both(&v, 200, "security");
	CU_ASSERT_EQUAL(count(&v, ROW), 50);
	CU_ASSERT_FALSE(visit_has(&v, "No secret is stored yet."));
	free(last);
	v.query = "after=nonsense";
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 400);
	free(after);
	visit_free(&v);
}

static void
bodies_are_held_to_their_limits(void)
{
	static char body[230000];
	struct visit v = { .method = "POST", .path = "/settings/security",
	    .cookie = visit_session, .body = body };

	memset(body, 'a', sizeof(body) - 1);
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 413);
	CU_ASSERT_TRUE(visit_has(&v, "request_body_too_large"));
	v.body = "{}";
	v.type = "application/json";
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 415);
	v.type = NULL;
	v.body = "_csrf=%";
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 400);
	CU_ASSERT_TRUE(visit_has(&v, "form_malformed"));
	visit_free(&v);
}

/* Without a root key metadata stays readable and a save says what to do. */
static void
st_sec_001_ac3_without_a_root_key_a_save_is_refused(void)
{
	struct visit v = { .path = "/settings/security",
	    .cookie = visit_session };

	CU_ASSERT_NOT_EQUAL(house_load_key(&visit_house, NULL), SR_OK);
	visit_worker.keys = visit_house.store.keys;
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 200);
	CU_ASSERT_TRUE(visit_has(&v, "providers/key"));
	CU_ASSERT_TRUE(visit_has(&v, "secret_encryption_unavailable"));
	save(&v, "security_secret[scope]=instance&security_secret[name]=locked"
	    "&security_secret[value]=" VALUE);
	CU_ASSERT_EQUAL(visit_status(&v), 503);
	CU_ASSERT_TRUE(visit_has(&v, "secret_encryption_unavailable"));
	CU_ASSERT_TRUE(visit_has(&v, "strongroom rootkey new"));
	CU_ASSERT_TRUE(visit_has(&v, "value=\"locked\""));
	CU_ASSERT_FALSE(visit_has(&v, VALUE));
	CU_ASSERT_TRUE(house_sql_is(&visit_house, "0",
	    "SELECT COUNT(*) FROM secret_ref WHERE name = 'locked'"));
	v = (struct visit){ .path = "/readyz", .answer = v.answer };
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 503);
	CU_ASSERT_TRUE(visit_has(&v, "root_key root_key_missing"));
	v.path = "/setup";
	visit_both(&v, 200, "setup");
	ASSERT_ERR(house_load_key(&visit_house, visit_house.key_file), SR_OK);
	visit_worker.keys = visit_house.store.keys;
	visit_free(&v);
}

/* ${value} becomes a known secret of this process, called ${id}. */
static void
know(const struct sr_id * id, const char * value)
{
	const struct keyset * keys = keystore_hold(visit_worker.keys);
	struct secbuf * v = house_secret(value);
	struct redact_forms forms = { 0 };

	CU_ASSERT_PTR_NOT_NULL_FATAL(keys);
	ASSERT_ERR_FATAL(redact_forms_of(keyset_redaction_key(keys), v,
	    &forms), SR_OK);
	ASSERT_ERR_FATAL(redact_known_put(visit_worker.redact, id, 1,
	    "instance/x@1", forms.v, forms.n), SR_OK);
	redact_forms_free(&forms);
	secbuf_free(&v);
	keyset_release(&keys);
}

static void
st_sec_006_ac3_a_page_that_was_suppressed_is_audited(void)
{
	struct visit v = { .path = "/settings/security",
	    .cookie = visit_session };
	static const struct sr_id id = { { 7 } };

	/* In every page of this name, and not from the model's gate. */
	know(&id, "settings-security-secret-metadata");
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 500);
	CU_ASSERT_TRUE(visit_has(&v, "id=\"security-alert\""));
	CU_ASSERT_FALSE(visit_has(&v, "settings-security-secret-metadata"));
	CU_ASSERT_TRUE(house_sql_is(&visit_house, "1",
	    "SELECT COUNT(*) FROM audit_event WHERE action ="
	    " 'PAGE_SUPPRESSED' AND outcome = 'blocked' AND error_type ="
	    " 'ui_redaction_failed' AND actor_label = 'lead@example.org'"));
	redact_known_drop(visit_worker.redact, &id);
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 200);
	CU_ASSERT_TRUE(visit_has(&v, "PAGE_SUPPRESSED"));
	visit_free(&v);
}

static const struct suite_test tests[] = {
	TEST(a_saved_secret_is_shown_as_metadata_alone),
	TEST(a_refused_save_keeps_all_but_the_value),
	TEST(st_sec_002_ac3_a_secret_in_a_plain_field_names_the_policy),
	TEST(secrets_are_listed_fifty_a_page),
	TEST(bodies_are_held_to_their_limits),
	TEST(st_sec_006_ac3_a_page_that_was_suppressed_is_audited),
	TEST(st_sec_001_ac3_without_a_root_key_a_save_is_refused),
};

SUITE_MAIN("cgi/security", tests, visit_open, visit_close)
