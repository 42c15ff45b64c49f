/*
 * Goal: the life of a secret on the pages, in a real browser and without
 * JavaScript: stored, refused, rotated, revoked; its history, the audit, the
 * posture, API keys. Pictures of each page are kept under build/screenshots.
 */

#include "tests/browser/picture.h"
#include "tests/harness/mariadb.h"

#define VALUE	"life-of-a-secret-value-51d2"
#define NEXT	"next-of-a-secret-value-8ac4"
#define NAME	"providers/life_api_key"
#define FORM	"#settings-security-secret-form"
#define HISTORY	"#settings-security-secret-audit-log"

/* Shaped like a GitHub token, put together here so that no scanner barks. */
#define TOKEN	"gh" "p_" "x7Kd02mQp9LrT4vBn81sWzYh3cEfGu5aJ6oi"

static char * detail;		/* Path of the secret's page. */

static void
save(const char * name, const char * value)
{

	go("/settings/security");
	type_into("security_secret[name]", name);
	type_into("security_secret[value]", value);
	press(FORM " button");
}

static void
st_sec_001_ac2_the_list_shows_metadata_and_no_value(void)
{
	struct http * h = instance_client(inst);

	CU_ASSERT_EQUAL_FATAL(walk_owner(inst, h), 0);
	http_free(&h);
	sign_in_there();
	save(NAME, VALUE);
	arrives("#notice");
	CU_ASSERT(shows("#settings-security-secret-metadata", NAME));
	CU_ASSERT(shows("#settings-security-secret-metadata", "onboarding"));
	CU_ASSERT(shows("[id^='settings-security-secret-key-version-']", "1"));
	CU_ASSERT(shows("[id^='settings-security-secret-rotated-at-']", "UTC"));
	CU_ASSERT(shows("#settings-security-posture-active", "1"));
	CU_ASSERT(source_is_free_of(VALUE));
	detail = webdriver_attribute(w,
	    "#settings-security-secret-metadata tbody a", "href");
	CU_ASSERT_PTR_NOT_NULL_FATAL(detail);
}

/* Without scrolling, on a window as people have them. */
static bool
complaint_is_in_view(void)
{
	char * seen;
	bool in;

	seen = webdriver_script(w, "const e = document.getElementById("
	    "'settings-security-secret-error'), r = e.getBoundingClientRect();"
	    "return String(e === document.activeElement && r.top >= 0 && "
	    "r.bottom <= window.innerHeight);");
	in = seen != NULL && strcmp(seen, "true") == 0;
	free(seen);
	return (in);
}

static void
st_sec_002_ac3_a_token_in_the_name_is_refused_with_the_policy(void)
{

	save(TOKEN, "another-long-value-77f0");
	arrives("#settings-security-secret-error-type");
	CU_ASSERT(shows("#settings-security-secret-error-type",
	    "plaintext_secret_persistence_blocked"));
	CU_ASSERT(shows("#settings-security-secret-error-policy",
	    "operational_secret_plaintext_forbidden"));
	CU_ASSERT(shows("#settings-security-secret-error-recovery",
	    "SecretRef"));
	CU_ASSERT(source_is_free_of(TOKEN));
	CU_ASSERT(complaint_is_in_view());
	picture("life-refused");
	/* The attempt is in the record, with who made it. */
	press("#settings-security-posture-blocked a");
	arrives(HISTORY " tbody tr");
	CU_ASSERT(shows(HISTORY, "outcome=blocked"));
	CU_ASSERT(shows(HISTORY, WALK_EMAIL));
	CU_ASSERT(source_is_free_of(TOKEN));
}

static void
st_sec_002_ac1_a_secret_in_a_filter_is_refused(void)
{

	go("/settings/security");
	type_into("name", TOKEN);
	press("#settings-security-secret-filter button");
	arrives("#settings-security-secret-filter-error-type");
	CU_ASSERT(shows("#settings-security-secret-filter-error-type",
	    "secret_filter_invalid"));
	CU_ASSERT(source_is_free_of(TOKEN));
	go("/settings/security/audit");
	type_into("actor", VALUE);
	press("#settings-security-audit-filter button");
	arrives("#settings-security-audit-filter");
	CU_ASSERT(source_is_free_of(VALUE));
}

static void
rotate_to(const char * value)
{

	type_into("security_secret[value]", value);
	press("#security-secret-confirm");
	press("#settings-security-secret-rotate-form button");
}

static void
st_sec_003_ac1_a_rotation_shows_the_next_version_and_its_time(void)
{

	go(detail);
	picture("life-detail");
	rotate_to(NEXT);
	arrives("#notice");
	CU_ASSERT(shows("[id^='settings-security-secret-key-version-']", "2"));
	CU_ASSERT(shows("[id^='settings-security-secret-source-value-']",
	    "rotation"));
	CU_ASSERT(shows("#secret-version-1", "superseded"));
	CU_ASSERT(shows("#secret-version-2", "active"));
	CU_ASSERT(shows(HISTORY, "ROTATE"));
	CU_ASSERT(source_is_free_of(NEXT));
}

/* Somebody else was faster, at another window. */
static void
st_sec_003_ac2_a_stale_rotation_is_a_conflict(void)
{
	struct http * h = walk_in(inst);

	CU_ASSERT_PTR_NOT_NULL_FATAL(h);
	go(detail);
	CU_ASSERT_TRUE(walk_stored(h, "instance", NAME,
	    "value-of-somebody-else-1"));
	http_free(&h);
	rotate_to("mine-comes-too-late-2");
	arrives("#settings-security-secret-changed");
	CU_ASSERT(shows("#settings-security-secret-error-type",
	    "secret_version_conflict"));
	CU_ASSERT(shows("#settings-security-secret-changed", "version 3"));
	CU_ASSERT(source_is_free_of("mine-comes-too-late"));
	picture("life-conflict");
	rotate_to("mine-comes-too-late-2");
	arrives("#notice");
	CU_ASSERT(shows("[id^='settings-security-secret-key-version-']", "4"));
}

static void
st_sec_010_ac3_without_the_audit_nothing_is_revoked(void)
{
	struct mariadb * m = instance_database(inst);

	go("/settings/security");
	press("[id^='settings-security-secret-revoke-'] button");
	arrives("#settings-security-secret-revoke-confirm-form");
	CU_ASSERT(shows("#revoke-what", "DEKs"));
	picture("life-revoke");
	free(mariadb_sql(m, "RENAME TABLE audit_event TO gone"));
	press("[name='confirm']");
	press("#settings-security-secret-revoke-confirm-form button");
	arrives("[id$='error-type']");
	free(mariadb_sql(m, "RENAME TABLE gone TO audit_event"));
	go(detail);
	CU_ASSERT(shows("#secret-status", "active"));
}

static void
st_sec_010_ac1_the_history_has_the_whole_life_with_its_actor(void)
{
	static const char * const actions[] = { "CREATE", "ROTATE",
	    "REVOKE" };

	go(detail);
	press("[id^='settings-security-secret-revoke-'] button");
	arrives("#settings-security-secret-revoke-confirm-form");
	press("[name='confirm']");
	press("#settings-security-secret-revoke-confirm-form button");
	arrives("#notice");
	CU_ASSERT(shows("#secret-status", "revoked"));
	for (size_t i = 0; i < COUNTOF(actions); i++)
		CU_ASSERT(shows(HISTORY, actions[i]));
	CU_ASSERT(shows(HISTORY, "outcome=succeeded"));
	CU_ASSERT(shows(HISTORY, WALK_EMAIL));
	CU_ASSERT(shows(HISTORY, "UTC"));
	picture("life-revoked");
}

static void
the_audit_is_searched(void)
{

	go("/settings/security/audit");
	arrives(HISTORY " tbody tr");
	CU_ASSERT(shows(HISTORY, "AUDIT_READ"));
	picture("audit");
	type_into("action", "REVOKE");
	type_into("secret", "instance/" NAME);
	press("#settings-security-audit-filter button");
	arrives(HISTORY " tbody tr");
	CU_ASSERT(shows(HISTORY, "REVOKE"));
	CU_ASSERT_FALSE(webdriver_has(w, HISTORY " tbody tr:nth-child(3)"));
	type_into("from", "yesterday");
	press("#settings-security-audit-filter button");
	arrives("#settings-security-audit-error-type");
	CU_ASSERT(shows("#settings-security-audit-error-type",
	    "audit_filter_invalid"));
	picture("audit-refused");
}

static void
a_key_is_made_shown_once_and_revoked(void)
{
	char * key;

	go("/settings/security");
	press("#settings-security-api-keys summary");
	type_into("api_key[name]", "ci/deploy");
	press("[value='secrets:read']");
	press("[value='audit:read']");
	press("#settings-security-api-key-form button");
	arrives("#settings-security-api-key-value");
	key = webdriver_text(w, "#settings-security-api-key-value");
	CU_ASSERT_PTR_NOT_NULL_FATAL(key);
	CU_ASSERT_TRUE(strlen(key) >= 32);
	picture("api-key");
	go("/settings/security");
	CU_ASSERT(shows("#settings-security-api-key-list", "ci/deploy"));
	CU_ASSERT(shows("[id^='settings-security-api-key-status-']",
	    "active"));
	CU_ASSERT(source_is_free_of(key));
	press("[id^='settings-security-revoke-api-key-'] button");
	arrives("#settings-security-revoke-api-key-confirm-form");
	picture("api-key-revoke");
	press("[name='confirm']");
	press("#settings-security-revoke-api-key-confirm-form button");
	arrives("#notice");
	CU_ASSERT(shows("[id^='settings-security-api-key-status-']",
	    "revoked"));
	CU_ASSERT(shows("[id^='settings-security-api-key-revoked-at-']",
	    "UTC"));
	free(key);
}

/* A fuller instance, to look at: long names, states, some weeks of actions. */
static void
many_secrets_fit_on_the_page(void)
{
	struct mariadb * m = instance_database(inst);

	free(mariadb_sql(m, "INSERT INTO secret_ref SELECT UUID(), 'project',"
	    " '0198aaaa-0000-7000-8000-000000000001', CONCAT(REPEAT("
	    "'a-long-name/of-parts.', 6), seq), seq, 'rotation',"
	    " IF(seq % 9 = 0, 'revoked', 'active'), UTC_TIMESTAMP(6) -"
	    " INTERVAL seq * 7 DAY, IF(seq % 5 = 0, UTC_TIMESTAMP(6) +"
	    " INTERVAL CAST(seq AS SIGNED) - 20 DAY, NULL), UTC_TIMESTAMP(6),"
	    " UTC_TIMESTAMP(6) FROM seq_1_to_60"));
	free(mariadb_sql(m, "INSERT INTO secret_ref VALUES (UUID(), 'instance',"
	    " '00000000-0000-0000-0000-000000000000', REPEAT('n', 160), 1,"
	    " 'onboarding', 'active', UTC_TIMESTAMP(6), NULL,"
	    " UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))"));
	free(mariadb_sql(m, "INSERT INTO audit_event SELECT UUID(), UUID(), 1,"
	    " UTC_TIMESTAMP(6) - INTERVAL seq * 7 HOUR, 'system', NULL, 'x',"
	    " 'CREATE', 'secret', NULL, NULL, NULL, NULL, ELT(1 + (seq % 7 ="
	    " 0) + (seq % 11 = 0), 'succeeded', 'failed', 'blocked'), NULL,"
	    " UUID(), NULL, NULL FROM seq_1_to_90"));
	go("/settings/security");
	CU_ASSERT(shows("#settings-security-posture-overdue", "41"));
	picture("security-full");
	press("#settings-security-posture-soon a");
	arrives("#settings-security-secret-metadata tbody tr");
	CU_ASSERT(shows("#settings-security-secret-metadata",
	    "expires soon"));
	go("/settings/security?name=nnnn");
	press("#settings-security-secret-metadata tbody a");
	arrives("#secret-name");
	picture("detail-long");
}

/* The root key is gone: what is known stays on the page, saving is refused. */
static void
st_sec_001_ac3_without_a_root_key_the_page_says_what_to_do(void)
{

	CU_ASSERT_EQUAL_FATAL(instance_set_key(inst, INSTANCE_KEY_GONE), 0);
	CU_ASSERT_EQUAL_FATAL(instance_restart_workers(inst), 0);
	save("locked/one", "value-that-is-not-kept");
	arrives("#settings-security-secret-error-type");
	CU_ASSERT(shows("#settings-security-secret-error-type",
	    "secret_encryption_unavailable"));
	CU_ASSERT(shows("#settings-security-secret-error-recovery",
	    "strongroom rootkey new"));
	CU_ASSERT(source_is_free_of("value-that-is-not-kept"));
	picture("life-locked");
}

static void
no_page_complained_in_the_console(void)
{
	char * said = webdriver_console(w);

	CU_ASSERT_PTR_NOT_NULL_FATAL(said);
	CU_ASSERT_PTR_NULL(strstr(said, "Content Security Policy"));
	if (strstr(said, "Content Security Policy") != NULL)
		suite_note("%s", said);
	free(said);
	free(detail);
}

static const struct suite_test tests[] = {
	TEST(st_sec_001_ac2_the_list_shows_metadata_and_no_value),
	TEST(st_sec_002_ac3_a_token_in_the_name_is_refused_with_the_policy),
	TEST(st_sec_002_ac1_a_secret_in_a_filter_is_refused),
	TEST(st_sec_003_ac1_a_rotation_shows_the_next_version_and_its_time),
	TEST(st_sec_003_ac2_a_stale_rotation_is_a_conflict),
	TEST(st_sec_010_ac3_without_the_audit_nothing_is_revoked),
	TEST(st_sec_010_ac1_the_history_has_the_whole_life_with_its_actor),
	TEST(the_audit_is_searched),
	TEST(a_key_is_made_shown_once_and_revoked),
	TEST(many_secrets_fit_on_the_page),
	TEST(st_sec_001_ac3_without_a_root_key_the_page_says_what_to_do),
	TEST(no_page_complained_in_the_console),
};

SUITE_MAIN("browser/secret_life", tests, start, stop)
