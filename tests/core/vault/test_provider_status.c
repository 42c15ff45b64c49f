/* How the status of a provider's credential moves, against a real server. */

#include "core/vault/environment.h"
#include "core/vault/provider_status.h"
#include "tests/core/vault/put.h"
#include "tests/harness/needles.h"
#include "tests/harness/provider.h"

#define NAME		"providers/anthropic_api_key"
#define GOOD_KEY	"sk-" "ant-test-5Zr8Qk2LmW9xTv4BnP7s"
#define BAD_KEY		"sk-" "ant-test-not-this-one-1234567"

static struct house h;
static struct environment * environment;
static struct provider_server * server;
static struct provider_limits limits = { .attempts = 2, .pause_ms = 1,
    .connect_ms = 5000, .total_ms = 10000, .reply_max = 65536,
    .ca_file = "", .proxy = "" };
static struct provider provider = { .name = "anthropic",
    .title = "Anthropic", .variable = "ANTHROPIC_API_KEY", .secret = NAME,
    .kind = PROVIDER_KEY, .path = "/v1/models", .header = "x-api-key: ",
    .extra = "", .refused = { 401, 403 }, .proof = "data", .hint = "",
    .app_id = "" };

static int
setup(void)
{

	if (provider_library_init() != SR_OK || house_open(&h) != 0 ||
	    environment_read(&environment, NULL) != SR_OK)
		return (1);
	server = provider_server_start(suite_tmpdir(),
	    PROVIDER_CERTIFICATE_GOOD);
	if (server == NULL)
		return (1);
	provider_server_good(server, GOOD_KEY);
	provider.base_url = provider_server_url(server);
	limits.ca_file = provider_server_ca(server);
	return (0);
}

static int
teardown(void)
{

	provider_server_stop(&server);
	environment_free(&environment);
	house_close(&h);
	provider_library_end();
	return (0);
}

static struct provider_checking
checking(void)
{

	return ((struct provider_checking){ .store = &h.store,
	    .environment = environment, .limits = &limits,
	    .actor = &h.actor, .every_seconds = 900 });
}

static struct provider_state
check(void)
{
	const struct provider_checking with = checking();
	struct provider_state s, read;

	ASSERT_ERR_FATAL(provider_check(&with, &provider, &s, NULL), SR_OK);
	ASSERT_ERR(provider_state_read(h.store.db, &provider, &read), SR_OK);
	CU_ASSERT_EQUAL(read.status, s.status);
	CU_ASSERT_EQUAL(read.verified_at, s.verified_at);
	CU_ASSERT_EQUAL(read.checked_at, s.checked_at);
	CU_ASSERT_EQUAL(read.failure, s.failure);
	ASSERT_ERR(read.error, s.error);
	return (s);
}

static void
store_key(const char * key)
{

	ASSERT_ERR_FATAL(put_into(&h.store, &h.actor, "integration", NAME,
	    key, NULL, NULL), SR_OK);
}

static void
st_sec_007_ac1_checks_move_the_status(void)
{
	struct provider_state s;

	ASSERT_ERR(provider_state_read(h.store.db, &provider, &s), SR_OK);
	CU_ASSERT_EQUAL(s.status, PROVIDER_NOT_SET);
	CU_ASSERT_EQUAL(s.checked_at, SR_TIME_NONE);
	s = check();
	CU_ASSERT_EQUAL(s.status, PROVIDER_NOT_SET);
	ASSERT_ERR(s.error, SR_E_PROVIDER_SECRET_UNAVAILABLE);
	CU_ASSERT_FALSE(s.has_former);
	store_key(GOOD_KEY);
	s = check();
	CU_ASSERT_EQUAL(s.status, PROVIDER_ACTIVE);
	CU_ASSERT(s.has_former && s.former == PROVIDER_NOT_SET);
	CU_ASSERT_EQUAL(s.checked_version, 1);
	CU_ASSERT_EQUAL(s.source, SOURCE_REFERENCE);
	store_key(BAD_KEY);
	s = check();
	CU_ASSERT_EQUAL(s.status, PROVIDER_INVALID);
	CU_ASSERT(s.has_former && s.former == PROVIDER_ACTIVE);
	ASSERT_ERR(s.error, SR_E_PROVIDER_CREDENTIALS_INVALID);
	CU_ASSERT_EQUAL(s.checked_version, 2);
	store_key(GOOD_KEY);
	s = check();
	CU_ASSERT_EQUAL(s.status, PROVIDER_ACTIVE);
	CU_ASSERT(s.has_former && s.former == PROVIDER_INVALID);
	/* A rotation owns this status. */
	CU_ASSERT(house_do(&h, "UPDATE provider_credential SET"
	    " status = 'rotating'"));
	s = check();
	CU_ASSERT_EQUAL(s.status, PROVIDER_ROTATING);
	CU_ASSERT(house_do(&h, "UPDATE provider_credential SET"
	    " status = 'active'"));
}

static void
st_sec_007_ac2_success_alone_moves_the_verification(void)
{
	struct provider_state before, s;

	provider_server_mode(server, PROVIDER_MODE_KEYS);
	before = check();
	CU_ASSERT_EQUAL(before.status, PROVIDER_ACTIVE);
	CU_ASSERT_EQUAL(before.verified_at, before.checked_at);
	provider_server_mode(server, PROVIDER_MODE_401);
	s = check();
	CU_ASSERT_EQUAL(s.verified_at, before.verified_at);
	CU_ASSERT(s.checked_at > before.checked_at);
	provider_server_mode(server, PROVIDER_MODE_500);
	s = check();
	CU_ASSERT_EQUAL(s.verified_at, before.verified_at);
	provider_server_mode(server, PROVIDER_MODE_KEYS);
	s = check();
	CU_ASSERT_EQUAL(s.verified_at, s.checked_at);
	CU_ASSERT(s.verified_at > before.verified_at);
	CU_ASSERT(s.due_at > s.checked_at);
}

static void
st_sec_007_ac3_an_endpoints_error_is_invalid_with_its_class(void)
{
	static const struct {
		enum provider_mode mode;
		enum provider_failure failure;
	} cases[] = {
		{ PROVIDER_MODE_500, PROVIDER_FAILURE_SERVER_ERROR },
		{ PROVIDER_MODE_429, PROVIDER_FAILURE_RATE_LIMITED },
		{ PROVIDER_MODE_GARBAGE, PROVIDER_FAILURE_MALFORMED_REPLY },
		{ PROVIDER_MODE_CLOSE, PROVIDER_FAILURE_UNREACHABLE },
		{ PROVIDER_MODE_REDIRECT, PROVIDER_FAILURE_REDIRECTED },
	};
	char name[PROVIDER_ERROR_MAX + 1];
	struct provider_state s;
	size_t i;

	for (i = 0; i < COUNTOF(cases); i++) {
		provider_server_mode(server, cases[i].mode);
		s = check();
		CU_ASSERT_EQUAL(s.status, PROVIDER_INVALID);
		CU_ASSERT_EQUAL(s.failure, cases[i].failure);
		provider_error_name(&provider, s.error, name);
		CU_ASSERT_STRING_EQUAL(name,
		    "anthropic_provider_check_failed");
	}
	provider_server_mode(server, PROVIDER_MODE_KEYS);
}

static void
what_does_not_open_is_invalid_and_nothing_is_sent(void)
{
	unsigned before;
	struct provider_state s;

	CU_ASSERT_FATAL(house_do(&h, "UPDATE secret_version SET wrapped_dek ="
	    " CONCAT(LEFT(wrapped_dek, 60), REPEAT('x', 8))"));
	before = provider_server_requests(server);
	s = check();
	CU_ASSERT_EQUAL(s.status, PROVIDER_INVALID);
	ASSERT_ERR(s.error, SR_E_PROVIDER_SECRET_RESOLUTION_FAILED);
	CU_ASSERT_EQUAL(provider_server_requests(server), before);
	store_key(GOOD_KEY);
}

/* A provider that shows the key in its answer gives nothing away. */
static void
an_echoed_credential_is_nowhere(void)
{
	char * dump;

	provider_server_mode(server, PROVIDER_MODE_ECHO);
	CU_ASSERT_EQUAL(check().status, PROVIDER_INVALID);
	dump = mariadb_dump(h.m);
	CU_ASSERT_PTR_NOT_NULL_FATAL(dump);
	CU_ASSERT_PTR_NULL(strstr(dump, GOOD_KEY));
	CU_ASSERT_PTR_NULL(strstr(dump, "ant-test-"));
	free(dump);
	provider_server_mode(server, PROVIDER_MODE_KEYS);
}

#define CHECKS "SELECT COUNT(*) FROM audit_event"			\
    " WHERE action = 'PROVIDER_CHECK'"

static void
a_check_that_cannot_be_audited_changes_nothing(void)
{
	const struct provider_checking with = checking();
	struct provider_state before, s, after;
	char * rows_before, * rows_after;

	before = check();
	rows_before = mariadb_sql(h.m, CHECKS);
	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE audit_event TO hidden"));
	ASSERT_ERR(provider_check(&with, &provider, &s, NULL),
	    SR_E_SECRET_AUDIT_PERSISTENCE_FAILED);
	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE hidden TO audit_event"));
	ASSERT_ERR(provider_state_read(h.store.db, &provider, &after), SR_OK);
	CU_ASSERT_EQUAL(after.checked_at, before.checked_at);
	rows_after = mariadb_sql(h.m, CHECKS);
	CU_ASSERT_STRING_EQUAL(rows_after, rows_before);
	free(rows_before);
	free(rows_after);
}

static void
a_check_is_due_when_it_would_tell_something(void)
{
	struct source_answer a = { .winner = SOURCE_REFERENCE,
	    .meta = { .key_version = 3 } };
	struct provider_state s = { .status = PROVIDER_ACTIVE,
	    .checked_at = 10, .due_at = 100, .source = SOURCE_REFERENCE,
	    .checked_version = 3 };

	CU_ASSERT_FALSE(provider_check_due(&s, &a, 50));
	CU_ASSERT(provider_check_due(&s, &a, 100));
	a.meta.key_version = 4;
	CU_ASSERT(provider_check_due(&s, &a, 50));
	s.status = PROVIDER_ROTATING;
	CU_ASSERT_FALSE(provider_check_due(&s, &a, 50));
	s.status = PROVIDER_ACTIVE;
	a.winner = SOURCE_NONE;
	CU_ASSERT(provider_check_due(&s, &a, 50));
	s.status = PROVIDER_NOT_SET;
	CU_ASSERT_FALSE(provider_check_due(&s, &a, 5000));
	a.winner = SOURCE_ENVIRONMENT;
	CU_ASSERT(provider_check_due(&s, &a, 50));
	s.checked_version = 0;
	s.source = SOURCE_ENVIRONMENT;
	CU_ASSERT_FALSE(provider_check_due(&s, &a, 50));
	s.checked_at = SR_TIME_NONE;
	CU_ASSERT(provider_check_due(&s, &a, 50));
}

#define CHORE	"SELECT due_at <= UTC_TIMESTAMP(6) FROM chore"		\
    " WHERE name = 'check'"

static void
not_due(void)
{

	CU_ASSERT_FATAL(house_do(&h, "UPDATE chore SET due_at = '2999-01-01'"
	    " WHERE name = 'check'"));
}

/* Whoever saves or revokes it, by whatever way. */
static void
a_changed_secret_is_asked_about_soon(void)
{
	struct provider_state s;
	struct source_answer a;
	const struct source_binding b = provider_binding(&provider);
	struct secret_meta meta;

	(void)check();
	not_due();
	ASSERT_ERR(put_into(&h.store, &h.actor, "instance", "other/secret",
	    "a value of something else", NULL, NULL), SR_OK);
	CU_ASSERT(house_sql_is(&h, "0", CHORE));
	ASSERT_ERR(put_into(&h.store, &h.actor, "integration",
	    provider.secret, GOOD_KEY, NULL, &meta), SR_OK);
	CU_ASSERT(house_sql_is(&h, "1", CHORE));
	ASSERT_ERR(source_resolve(&h.store, environment, &b, &a, NULL), SR_OK);
	ASSERT_ERR(provider_state_read(h.store.db, &provider, &s), SR_OK);
	CU_ASSERT(provider_check_due(&s, &a, clock_now()));
	s = check();
	CU_ASSERT_FALSE(provider_check_due(&s, &a, clock_now()));
	not_due();
	ASSERT_ERR(secret_revoke(&h.store, &h.actor,
	    &(struct secret_revocation){ .id = meta.id }, NULL), SR_OK);
	CU_ASSERT(house_sql_is(&h, "1", CHORE));
	/* It is stored, whether that can be noted or not. */
	CU_ASSERT(house_do(&h, "RENAME TABLE chore TO hidden"));
	ASSERT_ERR(put_into(&h.store, &h.actor, "integration",
	    provider.secret, GOOD_KEY, NULL, &meta), SR_OK);
	CU_ASSERT(house_do(&h, "RENAME TABLE hidden TO chore"));
}

static const struct suite_test tests[] = {
	TEST(st_sec_007_ac1_checks_move_the_status),
	TEST(st_sec_007_ac2_success_alone_moves_the_verification),
	TEST(st_sec_007_ac3_an_endpoints_error_is_invalid_with_its_class),
	TEST(what_does_not_open_is_invalid_and_nothing_is_sent),
	TEST(an_echoed_credential_is_nowhere),
	TEST(a_check_that_cannot_be_audited_changes_nothing),
	TEST(a_check_is_due_when_it_would_tell_something),
	TEST(a_changed_secret_is_asked_about_soon),
};

SUITE_MAIN("core/vault/provider_status", tests, setup, teardown)
