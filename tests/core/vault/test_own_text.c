/*
 * Values that Strongroom's own pages, log lines and messages hold are refused,
 * whichever way they are saved.
 */

#include "tests/core/vault/put.h"

#include "core/redact/redact.h"
#include "core/vault/liveset.h"
#include "core/vault/own_site.h"
#include "core/vault/own_text.h"

static struct house h;

static bool
in_own_text(const char * text)
{
	return (memmem(own_text, own_text_len, text, strlen(text)) != NULL);
}

static void
what_stands_on_our_pages_is_in_the_text(void)
{
	static const char * const texts[] = {
	    /* templates, catalogues of errors, log, routes, fields, actions */
	    "Metadata of stored secrets; values are never shown",
	    "settings-security-secret-metadata", "class=\"site-header\"",
	    "The configuration is not valid", "secret_value_common",
	    "live_set_loaded", "/settings/security/secrets/:id",
	    "security_secret[name]", "PAGE_SUPPRESSED", "retention_days",
	    "redaction.retention_days", "STRONGROOM_DATABASE_PASSWORD",
	    "bring the database's tables up to this version",
	    "[REDACTED:", REDACT_SUPPRESSED, "github_token", "SECRET_INSERT",
	    /* of sources: names in log lines, what is built from literals */
	    "correlation_id", "load_secret", "application/problem+json",
	    "operational_secret_plaintext_forbidden", "GITHUB_APP_PRIVATE_KEY",
	    "usage: strongroom-worker [--config FILE] [--listen PATH]",
	    "Serves Strongroom over FastCGI.\n"
	};
	size_t i;

	for (i = 0; i < COUNTOF(texts); i++) {
		CU_ASSERT(in_own_text(texts[i]));
		if (!in_own_text(texts[i]))
			suite_note("not in own_text: %s", texts[i]);
	}
}

static void
what_never_stands_there_is_not_in_the_text(void)
{
	/* Examples of rules, SQL, alphabets. */
	static const char * const texts[] = { "FROM secret_ref", "12345678",
	    "abcdefgh", ("AIza" "SyTooShort"), "docs.github.com" };
	size_t i;

	for (i = 0; i < COUNTOF(texts); i++) {
		CU_ASSERT_FALSE(in_own_text(texts[i]));
		if (in_own_text(texts[i]))
			suite_note("in own_text: %s", texts[i]);
	}
}

static void
values_of_our_own_texts_are_refused_and_audited(void)
{
	static const char * const values[] = { "Security settings",
	    "settings-security-secret-metadata", "integration", "REDACTED",
	    "REDACTED:", REDACT_SUPPRESSED, "correlation_id",
	    "secret_value_invalid", "Signed in as", "localhost" };
	struct secret_complaint c;
	size_t i;

	for (i = 0; i < COUNTOF(values); i++) {
		c = (struct secret_complaint){ NULL, NULL };
		if (strlen(values[i]) < 8)
			continue;
		ASSERT_ERR(put_into(&h.store, &h.actor, "instance", "own/text",
		    values[i], &c, NULL), SR_E_SECRET_VALUE_COMMON);
		CU_ASSERT_PTR_NOT_NULL_FATAL(c.field);
		CU_ASSERT_STRING_EQUAL(c.field, "value");
	}
	CU_ASSERT(house_sql_is(&h, "0", "SELECT COUNT(*) FROM secret_ref"));
	CU_ASSERT(house_sql_is(&h, "10\tfailed\tsecret_value_common",
	    "SELECT COUNT(*), outcome, error_type FROM audit_event"
	    " GROUP BY outcome, error_type"));
}

/* The other leaves of such a key are masked, and our pages stay legible. */
static void
common_leaves_do_not_black_out_pages(void)
{
	static const char value[] = "{\"type\":\"service_account\","
	    "\"database\":\"strongroom\",\"page\":\"Security settings\","
	    "\"private_key_id\":\"Zk4nBq81vXw0TtLp\"}";
	struct liveset * live;
	struct redact_hits hits;

	ASSERT_ERR_FATAL(put(&h, "own/json", value, NULL), SR_OK);
	ASSERT_ERR_FATAL(liveset_new(&live), SR_OK);
	ASSERT_ERR_FATAL(liveset_refresh(live, &h.store), SR_OK);
	ASSERT_ERR(redact_scan(h.store.redact, REDACT_UI,
	    (const char *)own_text, own_text_len, &hits), SR_OK);
	CU_ASSERT_EQUAL(hits.known, 0);
	ASSERT_ERR(redact_scan(h.store.redact, REDACT_UI, "Zk4nBq81vXw0TtLp",
	    16, &hits), SR_OK);
	CU_ASSERT_EQUAL(hits.known, 1);
	ASSERT_ERR(redact_scan(h.store.redact, REDACT_UI, value,
	    strlen(value), &hits), SR_OK);
	CU_ASSERT(hits.known >= 1);
	liveset_free(&live);
}

static int
setup(void)
{
	return (house_open(&h));
}

static int
teardown(void)
{
	house_close(&h);
	return (0);
}

/* Across the prefix and a path of ours: it would be on every page. */
static void
what_pages_hold_below_the_address_is_ours(void)
{
	static const char * const ours[] = { "strongroom/settings",
	    "room/settings/security", "example/strongroom/settings",
	    "vault.example", "https://vault.example/strongroom",
	    "strongroom/projects", "trongroom/errors/" };
	static const char * const others[] = { "strongroom/elsewhere",
	    "wrongroom/settings", "7c/settings/security-of-it" };
	struct own_site own;
	struct store former = h.store;
	size_t i;

	ASSERT_ERR_FATAL(own_site_new("https://vault.example/strongroom/",
	    &own), SR_OK);
	h.store.own_site = &own;
	for (i = 0; i < COUNTOF(ours); i++)
		ASSERT_ERR(put(&h, "own/below", ours[i], NULL),
		    SR_E_SECRET_VALUE_COMMON);
	for (i = 0; i < COUNTOF(others); i++)
		ASSERT_ERR(put(&h, "own/not-below", others[i], NULL), SR_OK);
	h.store = former;
	ASSERT_ERR(put(&h, "own/elsewhere", "strongroom/settings",
	    NULL), SR_OK);
	own_site_free(&own);
}

static const struct suite_test tests[] = {
	TEST(what_stands_on_our_pages_is_in_the_text),
	TEST(what_never_stands_there_is_not_in_the_text),
	TEST(values_of_our_own_texts_are_refused_and_audited),
	TEST(common_leaves_do_not_black_out_pages),
	TEST(what_pages_hold_below_the_address_is_ours),
};
SUITE_MAIN("core/vault/own_text", tests, setup, teardown)
