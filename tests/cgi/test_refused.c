/* What is refused before a handler sees it, and what is kept of it. */

#include "core/redact/redact.h"
#include "core/redact/variant.h"
#include "core/store/keystore.h"
#include "tests/cgi/visit.h"
#include "tests/harness/files.h"

#define VALUE	"refused-value-of-a-form-0123456789"
#define SAVE	"security_secret[scope]=instance&security_secret[name]=a/b"   \
    "&security_secret[value]=" VALUE

static unsigned
count(const char * condition)
{
	char * sql = text_format("SELECT COUNT(*) FROM audit_event WHERE %s",
	    condition);
	char * text = mariadb_sql(visit_house.m, sql);
	unsigned n = text == NULL ? 0 : (unsigned)atoi(text);

	free(text);
	free(sql);
	return (n);
}

/* One row of the account in the history of secrets, without any text. */
static void
one_row(const char * error, unsigned before)
{
	char * condition = text_format("error_type = '%s' AND actor_kind ="
	    " 'account' AND actor_label = '" VISIT_EMAIL "' AND action ="
	    " 'CREATE' AND outcome = 'failed' AND target_kind = 'secret' AND"
	    " target_id IS NULL AND name IS NULL AND mac IS NOT NULL", error);

	CU_ASSERT_EQUAL(count(condition), 1);
	CU_ASSERT_EQUAL(count("1"), before + 1);
	free(condition);
}

static void
refuse(struct visit * v, int status, const char * error)
{
	unsigned before = count("1");

	v->method = "POST";
	v->path = "/settings/security";
	v->cookie = visit_session;
	(void)visit(v);
	CU_ASSERT_EQUAL(visit_status(v), status);
	CU_ASSERT(visit_has(v, error));
	one_row(error, before);
}

static void
a_save_that_is_refused_before_its_handler_is_audited(void)
{
	static char large[230000];
	struct visit v = { .body = SAVE };
	char * dump;

	visit_sign_in();
	refuse(&v, 403, "csrf_token_invalid");
	v.type = "application/json";
	refuse(&v, 415, "media_type_unsupported");
	v.type = NULL;
	v.body = "_csrf=%&" SAVE;
	refuse(&v, 400, "form_malformed");
	memset(large, 'a', sizeof(large) - 1);
	v.body = large;
	refuse(&v, 413, "request_body_too_large");
	v.body = SAVE;
	CU_ASSERT_FATAL(house_do(&visit_house,
	    "UPDATE account SET role = 'auditor'"));
	refuse(&v, 403, "role_forbidden");
	CU_ASSERT_FATAL(house_do(&visit_house,
	    "UPDATE account SET role = 'owner'"));
	dump = mariadb_dump(visit_house.m);
	CU_ASSERT_PTR_NOT_NULL_FATAL(dump);
	CU_ASSERT_PTR_NULL(strstr(dump, VALUE));
	free(dump);
	visit_free(&v);
}

static void
a_stranger_leaves_no_row_and_nor_does_another_form(void)
{
	struct visit v = { .method = "POST", .path = "/settings/security",
	    .body = SAVE };
	unsigned before = count("1");

	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 401);
	v.cookie = visit_session;
	v.path = "/login";
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 400);
	CU_ASSERT_EQUAL(count("1"), before);
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

#define SUPPRESSED	"action = 'PAGE_SUPPRESSED'"

static void
a_suppressed_page_is_audited_once_a_minute(void)
{
	struct visit v = { .path = "/settings/security",
	    .cookie = visit_session };
	static const struct sr_id id = { { 7 } };
	unsigned i;

	know(&id, "settings-security-secret-metadata");
	for (i = 0; i < 5; i++) {
		(void)visit(&v);
		CU_ASSERT_EQUAL(visit_status(&v), 500);
	}
	CU_ASSERT_EQUAL(count(SUPPRESSED), 1);
	/* As if the last one were a minute ago. */
	atomic_fetch_sub(&visit_worker.suppressed_at[ROUTE_SECURITY_SHOW],
	    60000);
	(void)visit(&v);
	(void)visit(&v);
	CU_ASSERT_EQUAL(count(SUPPRESSED), 2);
	redact_known_drop(visit_worker.redact, &id);
	visit_free(&v);
}

#define HIDDEN	"amber-hidden-path-0001"

static void
nobody_is_sent_to_a_suppressed_place(void)
{
	static const struct sr_id id = { { 8 } };
	struct visit v = { .path = "/settings/security/secrets/" HIDDEN };
	char body[512], cookies[128];
	char * form, * csrf;

	know(&id, HIDDEN);
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 303);
	CU_ASSERT(visit_has(&v, "Location: /login?next=/\r\n"));
	v.path = "/settings/security/secrets/open-path";
	(void)visit(&v);
	CU_ASSERT(visit_has(&v, "Location: /login?next=/settings/security/"
	    "secrets/open-path\r\n"));
	v.path = "/login";
	(void)visit(&v);
	form = visit_between(&v, "Set-Cookie: sr_form=", ';');
	csrf = visit_between(&v, "name=\"_csrf\" value=\"", '"');
	(void)snprintf(cookies, sizeof(cookies), "sr_form=%s", form);
	(void)snprintf(body, sizeof(body), "_csrf=%s&login[email]=" VISIT_EMAIL
	    "&login[password]=several+plain+words&next="
	    "/settings/security/secrets/" HIDDEN, csrf);
	v.method = "POST";
	v.cookie = cookies;
	v.body = body;
	(void)visit(&v);
	if (visit_status(&v) != 303)
		suite_note("%s", strbuf_str(&v.answer));
	CU_ASSERT_EQUAL(visit_status(&v), 303);
	CU_ASSERT(visit_has(&v, "Location: /settings/security\r\n"));
	redact_known_drop(visit_worker.redact, &id);
	free(form);
	free(csrf);
	visit_free(&v);
}

/* Before the owner is there: the first test of the suite. */
static void
set_up_without_a_root_key_says_what_to_do(void)
{
	struct disclosed * d = NULL;
	struct visit v = { .path = "/setup" };
	char query[128];
	char * token;

	ASSERT_ERR_FATAL(setup_link(&visit_house.store, &visit_house.actor, 60,
	    &d), SR_OK);
	token = visit_token(d);
	disclosed_free(&d);
	(void)snprintf(query, sizeof(query), "token=%s", token);
	CU_ASSERT_NOT_EQUAL(house_load_key(&visit_house, NULL), SR_OK);
	visit_worker.keys = visit_house.store.keys;
	v.query = query;
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 503);
	CU_ASSERT(visit_has(&v, "secret_encryption_unavailable"));
	CU_ASSERT(visit_has(&v, "strongroom rootkey new"));
	ASSERT_ERR(house_load_key(&visit_house, visit_house.key_file), SR_OK);
	visit_worker.keys = visit_house.store.keys;
	/* The link was not used up. */
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 303);
	CU_ASSERT(visit_has(&v, "Location: /setup\r\n"));
	/* Now it is; who goes on with it is told to wait. */
	for (unsigned i = 0; i < 6; i++)
		(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 429);
	CU_ASSERT(visit_has(&v, "Retry-After: "));
	free(token);
	visit_free(&v);
}

static void
without_a_root_key(void)
{

	CU_ASSERT_NOT_EQUAL(house_load_key(&visit_house, NULL), SR_OK);
	visit_worker.keys = visit_house.store.keys;
}

static void
with_the_root_key(void)
{

	ASSERT_ERR(house_load_key(&visit_house, visit_house.key_file), SR_OK);
	visit_worker.keys = visit_house.store.keys;
}

/* The form comes back with the reason, and with what was typed in it. */
static void
the_owner_is_not_made_without_a_root_key(void)
{
	struct disclosed * d = NULL, * cookie = NULL;
	struct visit v = { .path = "/setup" };
	char body[512], cookies[256];
	char * form, * csrf, * token;

	ASSERT_ERR_FATAL(setup_link(&visit_house.store, &visit_house.actor, 60,
	    &d), SR_OK);
	ASSERT_ERR_FATAL(setup_exchange(&visit_house.store,
	    &visit_house.actor, disclosed_value(d), 60, &cookie, NULL), SR_OK);
	token = visit_token(cookie);
	(void)visit(&v);
	form = visit_between(&v, "Set-Cookie: sr_form=", ';');
	csrf = visit_between(&v, "name=\"_csrf\" value=\"", '"');
	(void)snprintf(cookies, sizeof(cookies), "sr_setup=%s; sr_form=%s",
	    token, form);
	(void)snprintf(body, sizeof(body), "_csrf=%s&setup[email]="
	    "first@example.org&setup[password]=several+plain+words"
	    "&setup[password_confirmation]=several+plain+words", csrf);
	v.method = "POST";
	v.cookie = cookies;
	v.body = body;
	without_a_root_key();
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 503);
	CU_ASSERT(visit_has(&v, "secret_encryption_unavailable"));
	CU_ASSERT(visit_has(&v, "value=\"first@example.org\""));
	CU_ASSERT(house_sql_is(&visit_house, "0",
	    "SELECT COUNT(*) FROM account"));
	with_the_root_key();
	disclosed_free(&d);
	disclosed_free(&cookie);
	free(token);
	free(form);
	free(csrf);
	visit_free(&v);
}

static const struct suite_test tests[] = {
	TEST(set_up_without_a_root_key_says_what_to_do),
	TEST(the_owner_is_not_made_without_a_root_key),
	TEST(a_save_that_is_refused_before_its_handler_is_audited),
	TEST(a_stranger_leaves_no_row_and_nor_does_another_form),
	TEST(a_suppressed_page_is_audited_once_a_minute),
	TEST(nobody_is_sent_to_a_suppressed_place),
};

SUITE_MAIN("cgi/refused", tests, visit_open, visit_close)
