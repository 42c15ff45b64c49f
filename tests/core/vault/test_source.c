/* Which source wins, as the table of source.h says, row by row. */

#include "core/vault/environment.h"
#include "core/vault/source.h"
#include "tests/core/vault/put.h"

#define VARIABLE	"ANTHROPIC_API_KEY"
#define NAME		"providers/anthropic_api_key"
#define ENV_VALUE	"made-up-value-of-the-environment"
#define REF_VALUE	"made-up-value-of-the-reference"

static struct house h;
static struct environment * environment;
static const struct source_binding binding = { .variable = VARIABLE,
    .scope = SCOPE_INTEGRATION, .name = NAME };

static void
environment_is(const char * value)
{

	environment_free(&environment);
	if (value != NULL)
		CU_ASSERT_EQUAL(setenv(VARIABLE, value, 1), 0);
	ASSERT_ERR_FATAL(environment_read(&environment, NULL), SR_OK);
}

enum reference { REF_NONE, REF_ACTIVE, REF_REVOKED, REF_EXPIRED, REF_CLOSED,
    REF_UNREADABLE };

/* Make the reference anew in the state that is wanted. */
static void
reference_is(enum reference r)
{
	struct secret_meta meta;

	CU_ASSERT_FATAL(house_do(&h, "DELETE FROM redaction_variant; "
	    "DELETE FROM secret_version; DELETE FROM secret_ref"));
	if (r == REF_NONE)
		return;
	ASSERT_ERR_FATAL(put_into(&h.store, &h.actor, "integration", NAME,
	    REF_VALUE, NULL, &meta), SR_OK);
	if (r == REF_REVOKED)
		ASSERT_ERR_FATAL(secret_revoke(&h.store, &h.actor,
		    &(struct secret_revocation){ .id = meta.id }, NULL),
		    SR_OK);
	if (r == REF_EXPIRED)
		CU_ASSERT_FATAL(house_do(&h, "UPDATE secret_ref SET"
		    " expires_at = '2020-01-01'"));
	if (r == REF_CLOSED)
		CU_ASSERT_FATAL(house_do(&h, "UPDATE secret_version SET"
		    " wrapped_dek = CONCAT(LEFT(wrapped_dek, 60),"
		    " REPEAT('x', 8))"));
	if (r == REF_UNREADABLE)
		CU_ASSERT_FATAL(house_do(&h,
		    "RENAME TABLE secret_ref TO hidden"));
}

static bool
value_is(const struct secbuf * value, const char * expected)
{
	struct secbuf * b;
	bool same;

	if (value == NULL || expected == NULL)
		return (value == NULL && expected == NULL);
	b = house_secret(expected);
	same = secbuf_equal(b, value);
	secbuf_free(&b);
	return (same);
}

static const struct {
	bool set;
	enum reference reference;
	enum source_kind winner;
	enum source_state state;
	enum sr_error error, cause;
	const char * value;
} table[] = {
	{ true, REF_NONE, SOURCE_ENVIRONMENT, SOURCE_ABSENT, SR_OK, SR_OK,
	    ENV_VALUE },
	{ true, REF_ACTIVE, SOURCE_ENVIRONMENT, SOURCE_PRESENT, SR_OK, SR_OK,
	    ENV_VALUE },
	{ true, REF_REVOKED, SOURCE_ENVIRONMENT, SOURCE_REVOKED, SR_OK,
	    SR_E_SECRET_REVOKED, ENV_VALUE },
	{ true, REF_EXPIRED, SOURCE_ENVIRONMENT, SOURCE_EXPIRED, SR_OK,
	    SR_E_SECRET_EXPIRED, ENV_VALUE },
	{ true, REF_CLOSED, SOURCE_ENVIRONMENT, SOURCE_PRESENT, SR_OK, SR_OK,
	    ENV_VALUE },
	{ true, REF_UNREADABLE, SOURCE_ENVIRONMENT, SOURCE_UNREADABLE, SR_OK,
	    SR_E_SECRET_METADATA_UNAVAILABLE, ENV_VALUE },
	{ false, REF_ACTIVE, SOURCE_REFERENCE, SOURCE_PRESENT, SR_OK, SR_OK,
	    REF_VALUE },
	{ false, REF_NONE, SOURCE_NONE, SOURCE_ABSENT,
	    SR_E_PROVIDER_SECRET_UNAVAILABLE, SR_OK, NULL },
	{ false, REF_REVOKED, SOURCE_NONE, SOURCE_REVOKED,
	    SR_E_PROVIDER_SECRET_UNAVAILABLE, SR_E_SECRET_REVOKED, NULL },
	{ false, REF_EXPIRED, SOURCE_NONE, SOURCE_EXPIRED,
	    SR_E_PROVIDER_SECRET_UNAVAILABLE, SR_E_SECRET_EXPIRED, NULL },
	{ false, REF_CLOSED, SOURCE_REFERENCE, SOURCE_CLOSED,
	    SR_E_PROVIDER_SECRET_RESOLUTION_FAILED,
	    SR_E_SECRET_ENCRYPTION_FAILED, NULL },
	{ false, REF_UNREADABLE, SOURCE_REFERENCE, SOURCE_UNREADABLE,
	    SR_E_PROVIDER_SECRET_RESOLUTION_FAILED,
	    SR_E_SECRET_METADATA_UNAVAILABLE, NULL },
};

static void
check_row(size_t i)
{
	struct source_answer a;
	struct secbuf * value;

	environment_is(table[i].set ? ENV_VALUE : NULL);
	reference_is(table[i].reference);
	ASSERT_ERR(source_resolve(&h.store, environment, &binding, &a, &value),
	    table[i].error);
	CU_ASSERT_EQUAL(a.winner, table[i].winner);
	CU_ASSERT_EQUAL(a.environment,
	    table[i].set ? SOURCE_PRESENT : SOURCE_ABSENT);
	CU_ASSERT_EQUAL(a.reference, table[i].state);
	ASSERT_ERR(a.error, table[i].error);
	ASSERT_ERR(a.cause, table[i].cause);
	CU_ASSERT(value_is(value, table[i].value));
	secbuf_free(&value);
	/* Explaining comes to the same and gives nothing. */
	ASSERT_ERR(source_resolve(&h.store, environment, &binding, &a, NULL),
	    table[i].error);
	CU_ASSERT_EQUAL(a.winner, table[i].winner);
	printf("  %-11s %-13s -> %-11s %s\n",
	    source_state_name(a.environment), source_state_name(a.reference),
	    source_kind_name(a.winner), source_why(&a));
	if (table[i].reference == REF_UNREADABLE)
		CU_ASSERT_FATAL(house_do(&h,
		    "RENAME TABLE hidden TO secret_ref"));
}

static void
st_sec_009_ac1_the_environment_wins_then_the_reference(void)
{
	size_t i;

	for (i = 0; i < COUNTOF(table); i++)
		check_row(i);
}

/* Every row has a sentence of its own, and none holds a value. */
static void
st_sec_009_ac2_the_diagnosis_shows_the_source_and_no_value(void)
{
	struct source_answer a;

	environment_is(ENV_VALUE);
	reference_is(REF_ACTIVE);
	ASSERT_ERR(source_resolve(&h.store, environment, &binding, &a, NULL),
	    SR_OK);
	CU_ASSERT_STRING_EQUAL(a.meta.name, NAME);
	CU_ASSERT_EQUAL(a.meta.key_version, 1);
	CU_ASSERT_PTR_NULL(memmem(&a, sizeof(a), "made-up-value", 13));
	CU_ASSERT_PTR_NULL(strstr(source_why(&a), "made-up-value"));
	CU_ASSERT_PTR_NOT_NULL(strstr(source_why(&a), "always wins"));
}

static void
st_sec_009_ac3_without_a_source_the_error_is_typed_and_at_once(void)
{
	struct source_answer a;
	struct secbuf * value;

	environment_is(NULL);
	reference_is(REF_NONE);
	ASSERT_ERR(source_resolve(&h.store, environment, &binding, &a, &value),
	    SR_E_PROVIDER_SECRET_UNAVAILABLE);
	CU_ASSERT_PTR_NULL(value);
}

/* Without a root key the reference does not open; nothing else is tried. */
static void
a_reference_without_a_root_key_does_not_open(void)
{
	struct source_answer a;
	struct secbuf * value;

	environment_is(NULL);
	reference_is(REF_ACTIVE);
	(void)(house_load_key(&h, NULL) == SR_OK);
	ASSERT_ERR(source_resolve(&h.store, environment, &binding, &a, &value),
	    SR_E_PROVIDER_SECRET_RESOLUTION_FAILED);
	CU_ASSERT_EQUAL(a.reference, SOURCE_CLOSED);
	ASSERT_ERR(a.cause, SR_E_SECRET_ENCRYPTION_UNAVAILABLE);
	CU_ASSERT_PTR_NULL(value);
	ASSERT_ERR(house_load_key(&h, h.key_file), SR_OK);
}

/* A provider of the configuration has a variable of its own. */
static void
an_added_variable_is_a_source_too(void)
{
	const struct source_binding acme = { .variable = "ACME_KEY",
	    .scope = SCOPE_INTEGRATION, .name = "providers/acme" };
	struct source_answer a;
	struct secbuf * value;

	environment_is(NULL);
	CU_ASSERT_EQUAL(setenv("ACME_KEY", ENV_VALUE, 1), 0);
	ASSERT_ERR(environment_add(environment, "ACME_KEY"), SR_OK);
	ASSERT_ERR(environment_add(environment, "ACME_KEY"), SR_OK);
	CU_ASSERT_PTR_NULL(getenv("ACME_KEY"));
	ASSERT_ERR(source_resolve(&h.store, environment, &acme, &a, &value),
	    SR_OK);
	CU_ASSERT(value_is(value, ENV_VALUE));
	secbuf_free(&value);
	CU_ASSERT_EQUAL(setenv("ACME_KEY2", ENV_VALUE, 1), 0);
	CU_ASSERT_EQUAL(setenv("ACME_KEY2_FILE", "/x", 1), 0);
	ASSERT_ERR(environment_add(environment, "ACME_KEY2"),
	    SR_E_CONFIG_SOURCES_CONFLICT);
	CU_ASSERT_EQUAL(unsetenv("ACME_KEY2_FILE"), 0);
}

static int
setup(void)
{

	return (house_open(&h));
}

static int
teardown(void)
{

	environment_free(&environment);
	house_close(&h);
	return (0);
}

static const struct suite_test tests[] = {
	TEST(st_sec_009_ac1_the_environment_wins_then_the_reference),
	TEST(st_sec_009_ac2_the_diagnosis_shows_the_source_and_no_value),
	TEST(st_sec_009_ac3_without_a_source_the_error_is_typed_and_at_once),
	TEST(a_reference_without_a_root_key_does_not_open),
	TEST(an_added_variable_is_a_source_too),
};

SUITE_MAIN("core/vault/source", tests, setup, teardown)
