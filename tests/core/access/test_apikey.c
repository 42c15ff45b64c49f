#include "tests/core/access/api_keys.h"

static void
a_key_is_made_found_and_revoked_with_audit_rows_of_its_chain(void)
{
	const struct api_key_request request = { .name = "ci/deploy",
	    .scopes = READS };
	struct disclosed * token;
	struct api_key made, found;

	fresh();
	ASSERT_ERR_FATAL(make(&request, &token, &made, NULL), SR_OK);
	CU_ASSERT(house_sql_is(&h, "API_KEY_CREATE\tsucceeded\t-\taccount\t"
	    "ci/deploy\t1\t1", LAST_KEY_AUDIT));
	ASSERT_ERR_FATAL(find(token, &found), SR_OK);
	CU_ASSERT(sr_id_equal(&made.id, &found.id));
	CU_ASSERT_STRING_EQUAL(found.name, "ci/deploy");
	CU_ASSERT_STRING_EQUAL(found.hint, made.hint);
	CU_ASSERT_EQUAL(strlen(found.hint), 4);
	CU_ASSERT_EQUAL(found.scopes,
	    KEY_SCOPE_SECRETS_READ | KEY_SCOPE_AUDIT_READ);
	CU_ASSERT_TRUE(found.all_projects);
	CU_ASSERT_STRING_EQUAL(found.created_by, owner.label);
	CU_ASSERT_EQUAL(found.expires_at, SR_TIME_NONE);
	ASSERT_ERR(api_key_revoke(&h.store, &owner, &made.id, &found), SR_OK);
	CU_ASSERT_NOT_EQUAL(found.revoked_at, SR_TIME_NONE);
	CU_ASSERT(house_sql_is(&h, "API_KEY_REVOKE\tsucceeded\t-\taccount\t"
	    "ci/deploy\t1\t1", LAST_KEY_AUDIT));
	ASSERT_ERR(find(token, &found), SR_E_API_KEY_REVOKED);
	disclosed_free(&token);
}

static void
only_the_hash_of_a_key_is_stored(void)
{
	const struct api_key_request request = { .name = "ci", .scopes =
	    "runs:write" };
	struct disclosed * token;
	char * dump;
	char * sql;
	char text[64] = "";
	size_t len;

	fresh();
	ASSERT_ERR_FATAL(make(&request, &token, NULL, NULL), SR_OK);
	len = secbuf_len(disclosed_value(token));
	CU_ASSERT_EQUAL_FATAL(len, 53);
	memcpy(text, secbuf_bytes(disclosed_value(token)), len);
	dump = mariadb_dump(h.m);
	CU_ASSERT_PTR_NOT_NULL_FATAL(dump);
	CU_ASSERT_PTR_NULL(strstr(dump, text));
	sql = text_format("SELECT token_hash = UNHEX(SHA2('%s', 256))"
	    " FROM api_key", text);
	CU_ASSERT(house_sql_is(&h, "1", sql));
	free(sql);
	free(dump);
	disclosed_free(&token);
}

static void
refused(const struct api_key_request * request, enum sr_error error,
    const char * field, const char * outcome)
{
	struct disclosed * token;
	const char * named = NULL;
	char * row;

	ASSERT_ERR(make(request, &token, NULL, &named), error);
	CU_ASSERT_PTR_NULL(token);
	CU_ASSERT_PTR_NOT_NULL_FATAL(named);
	CU_ASSERT_STRING_EQUAL(named, field);
	row = text_format("API_KEY_CREATE\t%s\t%s\taccount\t-\t0\t1", outcome,
	    sr_error_name(error));
	CU_ASSERT(house_sql_is(&h, row, LAST_KEY_AUDIT));
	free(row);
}

static void
what_is_not_acceptable_is_refused_named_and_audited(void)
{
	static const char * const names[] = { NULL, "", "a b", "/a", "a/",
	    "a//b", "name\n" };
	static const char * const scopes[] = { NULL, "", ",", "secrets",
	    "secrets:read,", ",secrets:read", "secrets:read,secrets:read",
	    "secrets:read, audit:read", "SECRETS:READ" };
	static const char * const projects[] = { ",", P1 ",", P1 "," P1,
	    P1 " " P2, "00000000-0000-0000-0000-000000000000", "x" };
	static const char * const times[] = { "tomorrow", "2020-01-01",
	    "2030-13-01" };
	size_t i;

	fresh();
	for (i = 0; i < COUNTOF(names); i++)
		refused(&(struct api_key_request){ .name = names[i],
		    .scopes = READS }, SR_E_API_KEY_NAME_INVALID, "name",
		    "failed");
	for (i = 0; i < COUNTOF(scopes); i++)
		refused(&(struct api_key_request){ .name = "a",
		    .scopes = scopes[i] }, SR_E_API_KEY_SCOPES_INVALID,
		    "scopes", "failed");
	for (i = 0; i < COUNTOF(projects); i++)
		refused(&(struct api_key_request){ .name = "a",
		    .scopes = READS, .projects = projects[i] },
		    SR_E_API_KEY_PROJECTS_INVALID, "projects", "failed");
	for (i = 0; i < COUNTOF(times); i++)
		refused(&(struct api_key_request){ .name = "a",
		    .scopes = READS, .expires_at = times[i] },
		    SR_E_API_KEY_EXPIRY_INVALID, "expires_at", "failed");
	CU_ASSERT(house_sql_is(&h, "0", "SELECT COUNT(*) FROM api_key"));
}

static void
a_name_that_is_a_token_is_blocked(void)
{
	fresh();
	refused(&(struct api_key_request){ .scopes = READS, .name =
	    "gh" "p_" "x7Kd02mQp9LrT4vBn81sWzYh3cEfGu0kFOMf" },
	    SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED, "name", "blocked");
	CU_ASSERT(house_sql_is(&h, "0", "SELECT COUNT(*) FROM api_key"));
}

static void
a_token_in_any_field_is_blocked_and_the_field_named(void)
{
	static const char token[] =
	    "gh" "p_" "x7Kd02mQp9LrT4vBn81sWzYh3cEfGu0kFOMf";

	fresh();
	refused(&(struct api_key_request){ .name = "a", .scopes = token },
	    SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED, "scopes", "blocked");
	refused(&(struct api_key_request){ .name = "a", .scopes = READS,
	    .projects = token }, SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED,
	    "projects", "blocked");
	refused(&(struct api_key_request){ .name = "a", .scopes = READS,
	    .expires_at = token }, SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED,
	    "expires_at", "blocked");
	CU_ASSERT(house_sql_is(&h, "0", "SELECT COUNT(*) FROM api_key"));
}

static void
at_most_32_projects(void)
{
	char list[33 * 37 + 1] = "";
	struct api_key_request request = { .name = "a", .scopes = READS,
	    .projects = list };
	struct sr_id got[API_KEY_PROJECTS_MAX];
	struct api_key key;
	size_t n = 0, i;

	fresh();
	for (i = 0; i < 32; i++)
		(void)snprintf(list + strlen(list), sizeof(list) -
		    strlen(list), "%s0190a0b0-0000-7000-8000-%012zu",
		    i == 0 ? "" : ",", i);
	ASSERT_ERR_FATAL(make(&request, NULL, &key, NULL), SR_OK);
	CU_ASSERT_FALSE(key.all_projects);
	ASSERT_ERR(api_key_projects(h.store.db, &key.id, got, &n), SR_OK);
	CU_ASSERT_EQUAL(n, 32);
	(void)snprintf(list + strlen(list), sizeof(list) - strlen(list),
	    ",0190a0b0-0000-7000-8000-00000000000f");
	memset(list + strlen(list) - 12, 'f', 12);
	refused(&request, SR_E_API_KEY_PROJECTS_INVALID, "projects", "failed");
}

static void
a_revoked_key_is_not_revoked_again_and_its_state_stays(void)
{
	const struct api_key_request request = { .name = "a",
	    .scopes = READS };
	struct api_key key, again;
	struct sr_id other;

	fresh();
	ASSERT_ERR_FATAL(make(&request, NULL, &key, NULL), SR_OK);
	ASSERT_ERR_FATAL(api_key_revoke(&h.store, &owner, &key.id, &key),
	    SR_OK);
	ASSERT_ERR(api_key_revoke(&h.store, &owner, &key.id, &again),
	    SR_E_API_KEY_ALREADY_REVOKED);
	CU_ASSERT_EQUAL(again.revoked_at, key.revoked_at);
	CU_ASSERT(house_sql_is(&h, "API_KEY_REVOKE\tfailed\t"
	    "api_key_already_revoked\taccount\ta\t1\t1", LAST_KEY_AUDIT));
	ASSERT_ERR_FATAL(sr_id_new(&other), SR_OK);
	ASSERT_ERR(api_key_revoke(&h.store, &owner, &other, &again),
	    SR_E_API_KEY_NOT_FOUND);
	CU_ASSERT(house_sql_is(&h, "API_KEY_REVOKE\tfailed\t"
	    "api_key_not_found\taccount\t-\t0\t1", LAST_KEY_AUDIT));
}

static void
without_its_audit_row_nothing_is_made_or_revoked(void)
{
	const struct api_key_request request = { .name = "a",
	    .scopes = READS, .projects = P1 "," P2 };
	struct disclosed * token;
	struct api_key key;

	fresh();
	ASSERT_ERR_FATAL(make(&request, &token, &key, NULL), SR_OK);
	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE audit_event TO hidden"));
	ASSERT_ERR(make(&request, NULL, NULL, NULL),
	    SR_E_SECRET_AUDIT_PERSISTENCE_FAILED);
	ASSERT_ERR(api_key_revoke(&h.store, &owner, &key.id, &key),
	    SR_E_SECRET_AUDIT_PERSISTENCE_FAILED);
	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE hidden TO audit_event"));
	CU_ASSERT(house_sql_is(&h, "1\t2", "SELECT (SELECT COUNT(*) FROM"
	    " api_key), (SELECT COUNT(*) FROM api_key_project)"));
	ASSERT_ERR(find(token, &key), SR_OK);
	disclosed_free(&token);
}

static void
without_a_root_key_nothing_is_made_or_revoked(void)
{
	const struct api_key_request request = { .name = "a",
	    .scopes = READS };
	struct disclosed * token;
	struct api_key key;

	fresh();
	ASSERT_ERR_FATAL(make(&request, &token, &key, NULL), SR_OK);
	CU_ASSERT_NOT_EQUAL(house_load_key(&h, NULL), SR_OK);
	ASSERT_ERR(make(&request, NULL, NULL, NULL),
	    SR_E_SECRET_ENCRYPTION_UNAVAILABLE);
	ASSERT_ERR(api_key_revoke(&h.store, &owner, &key.id, &key),
	    SR_E_SECRET_ENCRYPTION_UNAVAILABLE);
	ASSERT_ERR(find(token, &key), SR_OK);
	ASSERT_ERR_FATAL(house_load_key(&h, h.key_file), SR_OK);
	disclosed_free(&token);
}

static const struct suite_test tests[] = {
	TEST(a_key_is_made_found_and_revoked_with_audit_rows_of_its_chain),
	TEST(only_the_hash_of_a_key_is_stored),
	TEST(what_is_not_acceptable_is_refused_named_and_audited),
	TEST(a_name_that_is_a_token_is_blocked),
	TEST(a_token_in_any_field_is_blocked_and_the_field_named),
	TEST(at_most_32_projects),
	TEST(a_revoked_key_is_not_revoked_again_and_its_state_stays),
	TEST(without_its_audit_row_nothing_is_made_or_revoked),
	TEST(without_a_root_key_nothing_is_made_or_revoked),
};
SUITE_MAIN("core/access/apikey", tests, api_keys_open, api_keys_close)
