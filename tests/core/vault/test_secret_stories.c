#include "tests/core/vault/put.h"

#include "core/store/keystore.h"

static struct house h;

/* --- ST-SEC-001 ---------------------------------------------------------- */

#define SECRETS	200

static void
to_hex(const char * text, char * out, bool upper)
{
	const char * digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";

	for (; *text != '\0'; text++) {
		*out++ = digits[(unsigned char)*text >> 4];
		*out++ = digits[(unsigned char)*text & 15];
	}
	*out = '\0';
}

/* The base64 of what is at ${offset} bytes after a multiple of three. */
static void
to_base64(const char * text, size_t offset, char * out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char * p = (const unsigned char *)text + offset;
	size_t n = strlen(text) - offset;

	for (; n >= 3; n -= 3, p += 3) {
		*out++ = digits[p[0] >> 2];
		*out++ = digits[(p[0] & 3) << 4 | p[1] >> 4];
		*out++ = digits[(p[1] & 15) << 2 | p[2] >> 6];
		*out++ = digits[p[2] & 63];
	}
	*out = '\0';
}

static bool
holds_in_any_form(const char * dump, const char * value)
{
	char form[256];
	size_t i;

	if (strstr(dump, value) != NULL)
		return (true);
	to_hex(value, form, true);
	if (strstr(dump, form) != NULL)
		return (true);
	to_hex(value, form, false);
	if (strstr(dump, form) != NULL)
		return (true);
	for (i = 0; i < 3; i++) {
		to_base64(value, i, form);
		if (strstr(dump, form) != NULL)
			return (true);
	}
	return (false);
}

/* A dump, byte for byte and with binary columns in hex: both are searched. */
static void
st_sec_001_ac1_ciphertext_only_in_ciphertext_column(void)
{
	char * values[SECRETS];
	char * name;
	char * dump;
	char * hex;
	size_t i;

	for (i = 0; i < SECRETS; i++) {
		values[i] = house_random(10 + i % 50);
		name = text_format("dump/secret-%zu", i % (SECRETS / 2));
		ASSERT_ERR_FATAL(put(&h, name, values[i], NULL), SR_OK);
		free(name);
	}
	dump = mariadb_dump(h.m);
	hex = mariadb_sql(h.m, "SELECT HEX(ciphertext), HEX(wrapped_dek)"
	    " FROM secret_version UNION SELECT HEX(windows), HEX(mac)"
	    " FROM redaction_variant UNION SELECT HEX(wrapped), purpose"
	    " FROM system_key");
	CU_ASSERT_PTR_NOT_NULL_FATAL(dump);
	CU_ASSERT_PTR_NOT_NULL_FATAL(hex);
	CU_ASSERT_PTR_NOT_NULL(strstr(dump, "dump/secret-0"));
	for (i = 0; i < SECRETS; i++) {
		CU_ASSERT(!holds_in_any_form(dump, values[i]));
		CU_ASSERT(!holds_in_any_form(hex, values[i]));
		free(values[i]);
	}
	/* Every version is sealed, by its magic "SRv1". */
	CU_ASSERT(house_sql_is(&h, "200\t200", "SELECT COUNT(*),"
	    " SUM(LEFT(ciphertext, 4) = 'SRv1') FROM secret_version"));
	free(dump);
	free(hex);
}

/* The search itself must be able to find. */
static void
the_search_of_the_dump_finds_every_form(void)
{
	CU_ASSERT(holds_in_any_form("x abcdefghij y", "abcdefghij"));
	CU_ASSERT(holds_in_any_form("x 6162636465666768696a y", "abcdefghij"));
	CU_ASSERT(holds_in_any_form("x 6162636465666768696A y", "abcdefghij"));
	CU_ASSERT(holds_in_any_form("x YWJjZGVmZ2hpag== y", "abcdefghij"));
	CU_ASSERT(holds_in_any_form("x LWFiY2RlZmdoaWo= y", "abcdefghij"));
	CU_ASSERT(holds_in_any_form("x LS1hYmNkZWZnaGlq y", "abcdefghij"));
	CU_ASSERT(!holds_in_any_form("x abcdefghi j y", "abcdefghij"));
}

static enum sr_error
count_meta(const struct secret_meta * m, void * cookie)
{
	unsigned * n = cookie;

	CU_ASSERT(m->key_version >= 1);
	CU_ASSERT(m->name[0] != '\0');
	(*n)++;
	return (SR_OK);
}

static void
st_sec_001_ac2_metadata_without_key(void)
{
	struct secret_meta put_one, m;
	struct keystore * keys = h.store.keys;
	unsigned n = 0;

	ASSERT_ERR_FATAL(put(&h, "meta/one", "value-number-one", &put_one),
	    SR_OK);
	ASSERT_ERR_FATAL(keystore_new(&h.store.keys), SR_OK);
	ASSERT_ERR(secret_list(h.store.db, NULL, 1000, count_meta, &n), SR_OK);
	CU_ASSERT(n >= 1);
	ASSERT_ERR(secret_show(h.store.db, &put_one.id, &m), SR_OK);
	CU_ASSERT_EQUAL(memcmp(&m.id, &put_one.id, sizeof(m.id)), 0);
	CU_ASSERT_EQUAL(m.key_version, put_one.key_version);
	CU_ASSERT_EQUAL(m.last_rotated_at, put_one.last_rotated_at);
	CU_ASSERT_EQUAL(m.created_at, put_one.created_at);
	CU_ASSERT_EQUAL(m.updated_at, put_one.updated_at);
	CU_ASSERT_STRING_EQUAL(m.source, put_one.source);
	ASSERT_ERR(secret_find(h.store.db, SCOPE_INSTANCE, &sr_id_nil,
	    "meta/one", &m), SR_OK);
	keystore_free(&h.store.keys);
	h.store.keys = keys;
}

/* --- ST-SEC-003 ---------------------------------------------------------- */

static void
st_sec_003_ac1_version_and_rotation_time_after_create_and_rotate(void)
{
	struct secret_meta m;
	const sr_time start = clock_now();
	sr_time created;
	uint32_t i;

	for (i = 1; i <= 5; i++) {
		ASSERT_ERR_FATAL(put(&h, "versions/one", "value-of-a-secret",
		    NULL), SR_OK);
		ASSERT_ERR_FATAL(secret_find(h.store.db, SCOPE_INSTANCE,
		    &sr_id_nil, "versions/one", &m), SR_OK);
		CU_ASSERT_EQUAL(m.key_version, i);
		CU_ASSERT(m.last_rotated_at >= start);
		CU_ASSERT(m.last_rotated_at <= clock_now());
		CU_ASSERT_STRING_EQUAL(m.source,
		    i == 1 ? "onboarding" : "rotation");
		if (i == 1)
			created = m.created_at;
		CU_ASSERT_EQUAL(m.created_at, created);
	}
}

static void
st_sec_003_ac2_metadata_and_active_value_change_together(void)
{
	struct secret_meta m;

	ASSERT_ERR_FATAL(put(&h, "atomic/one", "value-number-one", &m), SR_OK);
	ASSERT_ERR_FATAL(put(&h, "atomic/one", "value-number-two", &m), SR_OK);
	CU_ASSERT(house_sql_is(&h, "2\t2\t1\t1", "SELECT r.key_version,"
	    " v.key_version, r.last_rotated_at = v.created_at,"
	    " r.updated_at = r.last_rotated_at FROM secret_ref r"
	    " JOIN secret_version v ON v.secret_id = r.id"
	    " AND v.state = 'active' WHERE r.name = 'atomic/one'"));
	CU_ASSERT(opens_to(&h.store, &m.id, m.key_version, "value-number-two"));
}

/* --- ST-SEC-010 ---------------------------------------------------------- */

struct history {
	struct audit_row rows[8];
	unsigned n;
};

static enum sr_error
keep_row(const struct audit_row * row, void * cookie)
{
	struct history * hist = cookie;

	if (hist->n < COUNTOF(hist->rows))
		hist->rows[hist->n++] = *row;
	return (SR_OK);
}

static void
st_sec_010_ac1_create_and_rotate_keep_actor_and_time(void)
{
	struct history hist = { .n = 0 };
	struct actor other = h.actor;
	struct secret_meta m;
	const sr_time start = clock_now();
	unsigned i;

	(void)snprintf(other.label, sizeof(other.label), "second@example.org");
	ASSERT_ERR_FATAL(sr_id_new(&other.id), SR_OK);
	ASSERT_ERR_FATAL(put(&h, "audited/one", "value-number-one", &m), SR_OK);
	ASSERT_ERR_FATAL(put_into(&h.store, &other, "instance", "audited/one",
	    "value-number-two", NULL, &m), SR_OK);
	ASSERT_ERR_FATAL(audit_of_target(h.store.db, &m.id, 8, keep_row, &hist),
	    SR_OK);
	CU_ASSERT_EQUAL_FATAL(hist.n, 2);
	CU_ASSERT_STRING_EQUAL(hist.rows[1].actor_label, "lead@example.org");
	CU_ASSERT_STRING_EQUAL(hist.rows[0].actor_label, "second@example.org");
	for (i = 0; i < 2; i++) {
		CU_ASSERT_STRING_EQUAL(hist.rows[i].actor_kind, "account");
		CU_ASSERT(hist.rows[i].occurred_at >= start);
		CU_ASSERT(hist.rows[i].occurred_at <= clock_now());
		CU_ASSERT(sr_id_equal(&hist.rows[i].correlation_id,
		    &h.actor.correlation_id));
	}
	CU_ASSERT(hist.rows[0].occurred_at > hist.rows[1].occurred_at);
}

static void
st_sec_010_ac2_action_target_and_outcome_are_in_the_row(void)
{
	struct history hist = { .n = 0 };
	struct secret_meta m;
	uint32_t rows = 0;

	ASSERT_ERR_FATAL(put(&h, "audited/two", "value-number-one", &m), SR_OK);
	ASSERT_ERR_FATAL(put(&h, "audited/two", "value-number-two", &m), SR_OK);
	ASSERT_ERR(put(&h, "audited/two", "short", NULL),
	    SR_E_SECRET_VALUE_INVALID);
	ASSERT_ERR_FATAL(audit_of_target(h.store.db, &m.id, 8, keep_row, &hist),
	    SR_OK);
	CU_ASSERT_EQUAL_FATAL(hist.n, 3);
	CU_ASSERT_STRING_EQUAL(hist.rows[2].action, "CREATE");
	CU_ASSERT_STRING_EQUAL(hist.rows[1].action, "ROTATE");
	CU_ASSERT_STRING_EQUAL(hist.rows[1].outcome, "succeeded");
	CU_ASSERT_STRING_EQUAL(hist.rows[1].target_kind, "secret");
	CU_ASSERT_STRING_EQUAL(hist.rows[1].scope, "instance");
	CU_ASSERT_STRING_EQUAL(hist.rows[1].name, "audited/two");
	CU_ASSERT_EQUAL(hist.rows[1].key_version, 2);
	CU_ASSERT_STRING_EQUAL(hist.rows[0].outcome, "failed");
	CU_ASSERT_STRING_EQUAL(hist.rows[0].error_type, "secret_value_invalid");
	ASSERT_ERR(audit_verify_chain(&h.store, &hist.rows[1].chain_id, &rows),
	    SR_OK);
	CU_ASSERT_EQUAL(rows, 2);
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

static const struct suite_test tests[] = {
	TEST(st_sec_001_ac1_ciphertext_only_in_ciphertext_column),
	TEST(the_search_of_the_dump_finds_every_form),
	TEST(st_sec_001_ac2_metadata_without_key),
	TEST(st_sec_003_ac1_version_and_rotation_time_after_create_and_rotate),
	TEST(st_sec_003_ac2_metadata_and_active_value_change_together),
	TEST(st_sec_010_ac1_create_and_rotate_keep_actor_and_time),
	TEST(st_sec_010_ac2_action_target_and_outcome_are_in_the_row),
};
SUITE_MAIN("core/vault/secret_stories", tests, setup, teardown)
