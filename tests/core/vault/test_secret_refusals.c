#include "tests/core/vault/put.h"

#include "core/redact/redact.h"
#include "core/vault/liveset.h"
#include "core/vault/policy.h"

static struct house h;

/* A redactor that knows what is stored, as that of a process in service. */
static void
make_ready(void)
{
	struct liveset * live;

	must(liveset_new(&live) == SR_OK);
	must(liveset_refresh(live, &h.store) == SR_OK);
	liveset_free(&live);
}

/* A write that is refused leaves its audit row, and the row's place among those
 * that wait for their leaf; every other count stays. */
static bool
only_one_audit_row_more(const char * before, const char * after)
{
	unsigned long a, b;
	char t[65], u[65];
	int n, o;

	while (sscanf(before, "%64s %lu %n", t, &a, &n) == 2 &&
	    sscanf(after, "%64s %lu %n", u, &b, &o) == 2) {
		if (strcmp(t, "audit_event") == 0 ||
		    strcmp(t, "audit_pending") == 0)
			a++;
		if (strcmp(t, u) != 0 || a != b)
			return (false);
		before += n;
		after += o;
	}
	return (*before == '\0' && *after == '\0');
}

#define LAST_AUDIT	"SELECT action, outcome, error_type, "		\
    "IFNULL(scope, '-'), IFNULL(name, '-'), actor_kind, actor_label "	\
    "FROM audit_event ORDER BY occurred_at DESC LIMIT 1"

static void
refuse(const struct secret_write * w, enum sr_error error, const char * field,
    const char * audit)
{
	struct secret_complaint c = { "unset", "unset" };
	struct secret_meta m;
	char * before = house_counts(&h);
	char * after;

	ASSERT_ERR(secret_put(&h.store, &h.actor, w, &c, &m), error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(c.field);
	CU_ASSERT_STRING_EQUAL(c.field, field);
	if (error == SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED)
		CU_ASSERT_STRING_EQUAL(c.policy, POLICY_PLAINTEXT)
	else
		CU_ASSERT_PTR_NULL(c.policy);
	after = house_counts(&h);
	CU_ASSERT(only_one_audit_row_more(before, after));
	CU_ASSERT(house_sql_is(&h, audit, LAST_AUDIT));
	free(before);
	free(after);
}

static void
a_scope_that_is_none_is_refused(void)
{
	static const char * const bad[] = { "", "Instance", "global",
	    "instance ", "sk-not-a-scope" };
	struct secbuf * value = house_secret("value-number-one");
	struct secret_write w = { .name = "scope/bad", .value = value };
	size_t i;

	refuse(&w, SR_E_SECRET_SCOPE_INVALID, "scope", "CREATE\tfailed\t"
	    "secret_scope_invalid\t-\t-\taccount\tlead@example.org");
	for (i = 0; i < COUNTOF(bad); i++) {
		w.scope = bad[i];
		refuse(&w, SR_E_SECRET_SCOPE_INVALID, "scope",
		    "CREATE\tfailed\tsecret_scope_invalid\t-\t-\taccount\t"
		    "lead@example.org");
	}
	secbuf_free(&value);
}

static void
scope_project_needs_a_project_and_the_others_none(void)
{
	static const char * const bad[] = { NULL, "", "not-a-uuid",
	    "00000000-0000-0000-0000-000000000000" };
	struct secbuf * value = house_secret("value-number-one");
	struct secret_write w = { .scope = "project", .name = "project/bad",
	    .value = value };
	size_t i;

	for (i = 0; i < COUNTOF(bad); i++) {
		w.project = bad[i];
		refuse(&w, SR_E_SECRET_SCOPE_INVALID, "project",
		    "CREATE\tfailed\tsecret_scope_invalid\t-\t-\taccount\t"
		    "lead@example.org");
	}
	w.scope = "instance";
	w.project = "01936d2e-0000-7000-8000-000000000001";
	refuse(&w, SR_E_SECRET_SCOPE_INVALID, "project",
	    "CREATE\tfailed\tsecret_scope_invalid\t-\t-\taccount\t"
	    "lead@example.org");
	secbuf_free(&value);
}

static void
a_name_outside_of_the_grammar_is_refused_and_not_audited(void)
{
	static const char * const bad[] = { NULL, "", "with space", "a//b",
	    "tab\there", "\xff\xfe" };
	struct secbuf * value = house_secret("value-number-one");
	struct secret_write w = { .scope = "instance", .value = value };
	size_t i;

	for (i = 0; i < COUNTOF(bad); i++) {
		w.name = bad[i];
		refuse(&w, SR_E_SECRET_NAME_INVALID, "name", "CREATE\tfailed\t"
		    "secret_name_invalid\tinstance\t-\taccount\t"
		    "lead@example.org");
	}
	secbuf_free(&value);
}

static void
values_too_short_too_long_or_no_text_are_refused(void)
{
	struct secbuf * bad[5];
	struct secret_write w = { .scope = "instance", .name = "value/bad" };
	char * long_one = house_random(65537);
	size_t i;

	bad[0] = NULL;
	bad[1] = house_secret("");
	bad[2] = house_secret("seven77");
	bad[3] = house_secret(long_one);
	bad[4] = house_secret("not utf-8 \xff\xfe at all");
	for (i = 0; i < COUNTOF(bad); i++) {
		w.value = bad[i];
		refuse(&w, SR_E_SECRET_VALUE_INVALID, "value", "CREATE\tfailed"
		    "\tsecret_value_invalid\tinstance\tvalue/bad\taccount\t"
		    "lead@example.org");
		secbuf_free(&bad[i]);
	}
	ASSERT_ERR_FATAL(secbuf_copy("with\0a NUL", 10, &bad[0]), SR_OK);
	w.value = bad[0];
	refuse(&w, SR_E_SECRET_VALUE_INVALID, "value", "CREATE\tfailed\t"
	    "secret_value_invalid\tinstance\tvalue/bad\taccount\t"
	    "lead@example.org");
	secbuf_free(&bad[0]);
	free(long_one);
}

static void
a_value_of_more_forms_than_can_be_kept_is_refused(void)
{
	char * text = malloc(60001);
	struct secbuf * value;
	struct secret_write w = { .scope = "instance", .name = "value/lines" };
	size_t i;

	/* 6000 different lines of 9 bytes. */
	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	for (i = 0; i < 6000; i++)
		(void)snprintf(text + i * 10, 11, "line-%04zu\n", i);
	value = house_secret(text);
	w.value = value;
	refuse(&w, SR_E_SECRET_VALUE_INVALID, "value", "CREATE\tfailed\t"
	    "secret_value_invalid\tinstance\tvalue/lines\taccount\t"
	    "lead@example.org");
	secbuf_free(&value);
	free(text);
}

static void
an_expiry_that_is_no_time_or_past_is_refused(void)
{
	static const char * const bad[] = { "soon", "2001-01-01T00:00:00Z",
	    "2030-13-01", "2030-01-31T12:00:00+02:00" };
	struct secbuf * value = house_secret("value-number-one");
	struct secret_write w = { .scope = "instance", .name = "expiry/bad",
	    .value = value };
	size_t i;

	for (i = 0; i < COUNTOF(bad); i++) {
		w.expires_at = bad[i];
		refuse(&w, SR_E_SECRET_EXPIRY_INVALID, "expires_at",
		    "CREATE\tfailed\tsecret_expiry_invalid\tinstance\t"
		    "expiry/bad\taccount\tlead@example.org");
	}
	secbuf_free(&value);
}

static void
a_refusal_for_a_name_that_exists_is_in_its_history(void)
{
	struct secbuf * value = house_secret("short");
	struct secret_write w = { .scope = "instance", .name = "exists/one",
	    .value = value };
	struct secret_meta m;

	ASSERT_ERR_FATAL(put(&h, "exists/one", "value-number-one", &m), SR_OK);
	refuse(&w, SR_E_SECRET_VALUE_INVALID, "value", "ROTATE\tfailed\t"
	    "secret_value_invalid\tinstance\texists/one\taccount\t"
	    "lead@example.org");
	CU_ASSERT(house_sql_is(&h, "1", "SELECT COUNT(*) FROM audit_event a"
	    " JOIN secret_ref r ON r.id = a.target_id"
	    " WHERE r.name = 'exists/one' AND a.outcome = 'failed'"
	    " AND a.key_version = 1"));
	CU_ASSERT(opens_to(&h.store, &m.id, 1, "value-number-one"));
	secbuf_free(&value);
}

static void
st_sec_002_ac1_a_token_shaped_name_is_refused(void)
{
	struct secbuf * value = house_secret("value-number-one");
	struct secret_write w = { .scope = "instance", .name = TOKEN_SHAPED,
	    .value = value };

	refuse(&w, SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED, "name",
	    "CREATE\tblocked\tplaintext_secret_persistence_blocked\tinstance\t"
	    "-\taccount\tlead@example.org");
	/* Also inside of a longer text that is no name at all. */
	w.name = "token is " TOKEN_SHAPED " (new)";
	refuse(&w, SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED, "name",
	    "CREATE\tblocked\tplaintext_secret_persistence_blocked\tinstance\t"
	    "-\taccount\tlead@example.org");
	secbuf_free(&value);
}

static void
st_sec_002_ac1_a_name_that_is_the_value_is_refused(void)
{
	struct secbuf * value = house_secret("correct-horse-battery");
	struct secret_write w = { .scope = "instance",
	    .name = "correct-horse-battery", .value = value };

	refuse(&w, SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED, "name",
	    "CREATE\tblocked\tplaintext_secret_persistence_blocked\tinstance\t"
	    "-\taccount\tlead@example.org");
	secbuf_free(&value);
}

static void
st_sec_002_ac1_a_name_that_holds_the_value_is_refused(void)
{
	static const struct {
		const char * name;
		const char * value;
	} pairs[] = {
		{ "prod-zebrafish99xx", "zebrafish99xx" },
		{ "quagga77quagga77", "quagga77quagga77\nsecond-line-of-it" },
		{ "of/okapi555okapi/x", "{\"a\":\"okapi555okapi\"}" },
		{ "in/emVicmFmaXNoOTl4eHl5", "zebrafish99xxyy" },
	};

	for (size_t i = 0; i < COUNTOF(pairs); i++) {
		struct secbuf * value = house_secret(pairs[i].value);
		struct secret_write w = { .scope = "instance",
		    .name = pairs[i].name, .value = value };

		refuse(&w, SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED, "name",
		    "CREATE\tblocked\tplaintext_secret_persistence_blocked\t"
		    "instance\t-\taccount\tlead@example.org");
		secbuf_free(&value);
	}
}

/* Nobody can hold the name against the live set then: it may be a value. */
static void
a_refusal_while_the_gate_is_locked_keeps_no_new_name(void)
{
	struct secbuf * value = house_secret("short");
	struct secret_write w = { .scope = "instance",
	    .name = "hunter2hunter2", .value = value };

	redact_lock(h.store.redact);
	refuse(&w, SR_E_SECRET_VALUE_INVALID, "value",
	    "CREATE\tfailed\tsecret_value_invalid\tinstance\t-\taccount\t"
	    "lead@example.org");
	secbuf_free(&value);
	make_ready();
}

static void
st_sec_002_ac1_a_name_with_a_known_secret_is_refused(void)
{
	struct secbuf * value = house_secret("value-number-one");
	struct secret_write w = { .scope = "instance",
	    .name = "backup-of/winter-marble-7781", .value = value };
	struct liveset * live;

	ASSERT_ERR_FATAL(put(&h, "known/one", "winter-marble-7781", NULL),
	    SR_OK);
	ASSERT_ERR_FATAL(liveset_new(&live), SR_OK);
	ASSERT_ERR_FATAL(liveset_refresh(live, &h.store), SR_OK);
	refuse(&w, SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED, "name",
	    "CREATE\tblocked\tplaintext_secret_persistence_blocked\tinstance\t"
	    "-\taccount\tlead@example.org");
	liveset_free(&live);
	redact_lock(h.store.redact);
	secbuf_free(&value);
}

static void
st_sec_002_ac2_a_refused_write_leaves_no_trace_of_its_text(void)
{
	char * dump;

	st_sec_002_ac1_a_token_shaped_name_is_refused();
	dump = mariadb_dump(h.m);
	CU_ASSERT_PTR_NOT_NULL_FATAL(dump);
	CU_ASSERT_PTR_NOT_NULL(strstr(dump, "CREATE TABLE `secret_ref`"));
	CU_ASSERT_PTR_NULL(strstr(dump, TOKEN_SHAPED));
	CU_ASSERT_PTR_NULL(strstr(dump, "not-a-scope"));
	free(dump);
}

static void
st_sec_002_ac3_the_answer_names_field_and_policy(void)
{
	struct secret_complaint c;
	const struct sr_error_row * row;
	enum sr_error err;

	err = put_into(&h.store, &h.actor, "instance", TOKEN_SHAPED,
	    "value-number-one", &c, NULL);
	ASSERT_ERR_FATAL(err, SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED);
	CU_ASSERT_STRING_EQUAL(c.field, "name");
	CU_ASSERT_STRING_EQUAL(c.policy,
	    "operational_secret_plaintext_forbidden");
	row = sr_error_row(err);
	CU_ASSERT_STRING_EQUAL(row->name,
	    "plaintext_secret_persistence_blocked");
	CU_ASSERT_EQUAL(row->status, 422);
	CU_ASSERT_PTR_NOT_NULL(strstr(row->remedy, "SecretRef"));
}

static void
a_refusal_needs_no_complaint_to_be_written_to(void)
{
	ASSERT_ERR(put(&h, "bad name", "value-number-one", NULL),
	    SR_E_SECRET_NAME_INVALID);
}

static int
setup(void)
{

	if (house_open(&h) != 0)
		return (-1);
	make_ready();
	return (0);
}

static int
teardown(void)
{
	house_close(&h);
	return (0);
}

static const struct suite_test tests[] = {
	TEST(a_scope_that_is_none_is_refused),
	TEST(scope_project_needs_a_project_and_the_others_none),
	TEST(a_name_outside_of_the_grammar_is_refused_and_not_audited),
	TEST(values_too_short_too_long_or_no_text_are_refused),
	TEST(a_value_of_more_forms_than_can_be_kept_is_refused),
	TEST(an_expiry_that_is_no_time_or_past_is_refused),
	TEST(a_refusal_for_a_name_that_exists_is_in_its_history),
	TEST(st_sec_002_ac1_a_token_shaped_name_is_refused),
	TEST(st_sec_002_ac1_a_name_that_is_the_value_is_refused),
	TEST(st_sec_002_ac1_a_name_that_holds_the_value_is_refused),
	TEST(a_refusal_while_the_gate_is_locked_keeps_no_new_name),
	TEST(st_sec_002_ac1_a_name_with_a_known_secret_is_refused),
	TEST(st_sec_002_ac2_a_refused_write_leaves_no_trace_of_its_text),
	TEST(st_sec_002_ac3_the_answer_names_field_and_policy),
	TEST(a_refusal_needs_no_complaint_to_be_written_to),
};
SUITE_MAIN("core/vault/secret_refusals", tests, setup, teardown)
