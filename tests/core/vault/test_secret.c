#include "tests/core/vault/put.h"

static struct house h;

static void
a_new_name_creates_version_one(void)
{
	struct secret_meta m;

	ASSERT_ERR_FATAL(put(&h, "create/one", "value-number-one", &m), SR_OK);
	CU_ASSERT_EQUAL(m.scope, SCOPE_INSTANCE);
	CU_ASSERT_STRING_EQUAL(m.name, "create/one");
	CU_ASSERT_EQUAL(m.key_version, 1);
	CU_ASSERT_STRING_EQUAL(m.source, "onboarding");
	CU_ASSERT_STRING_EQUAL(m.status, "active");
	CU_ASSERT(sr_id_is_nil(&m.project_id));
	CU_ASSERT_EQUAL(m.expires_at, SR_TIME_NONE);
	CU_ASSERT_EQUAL(m.last_rotated_at, m.created_at);
	CU_ASSERT(opens_to(&h.store, &m.id, 1, "value-number-one"));
	CU_ASSERT(house_sql_is(&h, "active\t1",
	    "SELECT state, kek_version FROM secret_version v JOIN secret_ref r"
	    " ON r.id = v.secret_id WHERE r.name = 'create/one'"));
}

static void
a_name_that_exists_is_rotated(void)
{
	struct secret_meta one, two;

	ASSERT_ERR_FATAL(put(&h, "rotate/me", "value-number-one", &one), SR_OK);
	ASSERT_ERR_FATAL(put(&h, "rotate/me", "value-number-two", &two), SR_OK);
	CU_ASSERT(sr_id_equal(&one.id, &two.id));
	CU_ASSERT_EQUAL(two.key_version, 2);
	CU_ASSERT_STRING_EQUAL(two.source, "rotation");
	CU_ASSERT_EQUAL(two.created_at, one.created_at);
	CU_ASSERT(two.last_rotated_at > one.last_rotated_at);
	CU_ASSERT(opens_to(&h.store, &two.id, 2, "value-number-two"));
	CU_ASSERT(opens_to(&h.store, &two.id, 1, "value-number-one"));
	CU_ASSERT(house_sql_is(&h, "1\tsuperseded\n2\tactive",
	    "SELECT v.key_version, state FROM secret_version v JOIN secret_ref"
	    " r ON r.id = v.secret_id WHERE r.name = 'rotate/me' ORDER BY 1"));
	/* The former value is still masked: its forms stay, retired. */
	CU_ASSERT(house_sql_is(&h, "1\t1\n2\t0",
	    "SELECT DISTINCT v.key_version, retired_at IS NOT NULL"
	    " FROM redaction_variant v JOIN secret_ref r ON r.id = v.secret_id"
	    " WHERE r.name = 'rotate/me' ORDER BY 1"));
	CU_ASSERT(house_sql_is(&h, "2",
	    "SELECT COUNT(*) FROM redaction_change c JOIN secret_ref r"
	    " ON r.id = c.secret_id WHERE r.name = 'rotate/me'"));
}

static void
a_revoked_name_is_created_again_and_counts_on(void)
{
	struct secret_meta m;

	ASSERT_ERR_FATAL(put(&h, "revoked/one", "value-number-one", &m), SR_OK);
	CU_ASSERT_FATAL(house_do(&h, "UPDATE secret_ref SET status = 'revoked'"
	    " WHERE name = 'revoked/one'"));
	ASSERT_ERR_FATAL(put(&h, "revoked/one", "value-number-two", &m), SR_OK);
	CU_ASSERT_EQUAL(m.key_version, 2);
	CU_ASSERT_STRING_EQUAL(m.source, "onboarding");
	CU_ASSERT(house_sql_is(&h, "CREATE\nCREATE",
	    "SELECT action FROM audit_event WHERE name = 'revoked/one'"));
	CU_ASSERT(house_sql_is(&h, "active",
	    "SELECT status FROM secret_ref WHERE name = 'revoked/one'"));
}

static void
the_same_name_in_another_scope_is_another_secret(void)
{
	static const char project[] = "01936d2e-0000-7000-8000-000000000001";
	struct secbuf * value = house_secret("value-of-project");
	struct secret_write w = { .scope = "project", .project = project,
	    .name = "same/name", .value = value };
	struct secret_meta a, b, c;
	struct sr_id id;

	ASSERT_ERR_FATAL(put(&h, "same/name", "value-of-instance", &a), SR_OK);
	ASSERT_ERR_FATAL(put_into(&h.store, &h.actor, "integration",
	    "same/name", "value-of-integration", NULL, &b), SR_OK);
	ASSERT_ERR_FATAL(secret_put(&h.store, &h.actor, &w, NULL, &c), SR_OK);
	CU_ASSERT(!sr_id_equal(&a.id, &b.id) && !sr_id_equal(&b.id, &c.id));
	CU_ASSERT_EQUAL(a.key_version + b.key_version + c.key_version, 3);
	CU_ASSERT(sr_id_parse(project, &id));
	CU_ASSERT(sr_id_equal(&c.project_id, &id));
	CU_ASSERT(opens_to(&h.store, &c.id, 1, "value-of-project"));
	ASSERT_ERR(secret_find(h.store.db, SCOPE_PROJECT, &id, "same/name",
	    &a), SR_OK);
	CU_ASSERT(sr_id_equal(&a.id, &c.id));
	secbuf_free(&value);
}

static void
names_compare_byte_by_byte(void)
{
	struct secret_meta a, b;

	ASSERT_ERR_FATAL(put(&h, "case/Name", "value-number-one", &a), SR_OK);
	ASSERT_ERR_FATAL(put(&h, "case/name", "value-number-one", &b), SR_OK);
	CU_ASSERT(!sr_id_equal(&a.id, &b.id));
	CU_ASSERT_EQUAL(b.key_version, 1);
}

static void
expiry_is_kept_and_dropped_by_the_next_write(void)
{
	struct secbuf * value = house_secret("value-that-expires");
	struct secret_write w = { .scope = "instance", .name = "expires/one",
	    .value = value, .expires_at = "2090-01-31T12:00:00Z" };
	struct secret_meta m;
	char text[SR_TIME_STRLEN + 1];

	ASSERT_ERR_FATAL(secret_put(&h.store, &h.actor, &w, NULL, NULL), SR_OK);
	ASSERT_ERR_FATAL(secret_find(h.store.db, SCOPE_INSTANCE, &sr_id_nil,
	    "expires/one", &m), SR_OK);
	clock_format(m.expires_at, text);
	CU_ASSERT_STRING_EQUAL(text, "2090-01-31T12:00:00.000000Z");
	w.expires_at = "";
	ASSERT_ERR_FATAL(secret_put(&h.store, &h.actor, &w, NULL, &m), SR_OK);
	CU_ASSERT_EQUAL(m.expires_at, SR_TIME_NONE);
	secbuf_free(&value);
}

static void
values_of_every_allowed_length_come_back(void)
{
	static const size_t lengths[] = { 8, 14, 15, 30, 31, 4096, 65536 };
	struct secret_meta m;
	char * value;
	size_t i;

	for (i = 0; i < COUNTOF(lengths); i++) {
		value = house_random(lengths[i]);
		ASSERT_ERR(put(&h, "length/all", value, &m), SR_OK);
		CU_ASSERT(opens_to(&h.store, &m.id, m.key_version, value));
		free(value);
	}
}

static void
what_is_not_there_is_not_found(void)
{
	const struct sr_id nobody = { { 9, 9 } };
	struct secret_meta m;
	struct secbuf * value;

	ASSERT_ERR(secret_show(h.store.db, &nobody, &m), SR_E_SECRET_NOT_FOUND);
	ASSERT_ERR(secret_find(h.store.db, SCOPE_INSTANCE, &sr_id_nil,
	    "no/such/name", &m), SR_E_SECRET_NOT_FOUND);
	ASSERT_ERR(secret_open(&h.store, &nobody, 1, &value),
	    SR_E_SECRET_NOT_FOUND);
	ASSERT_ERR_FATAL(put(&h, "there/one", "value-number-one", &m), SR_OK);
	ASSERT_ERR(secret_open(&h.store, &m.id, 2, &value),
	    SR_E_SECRET_NOT_FOUND);
	/* A version whose key was destroyed is history. */
	CU_ASSERT_FATAL(house_do(&h, "UPDATE secret_version v JOIN secret_ref r"
	    " ON r.id = v.secret_id SET wrapped_dek = NULL, state = 'revoked'"
	    " WHERE r.name = 'there/one'"));
	ASSERT_ERR(secret_open(&h.store, &m.id, 1, &value),
	    SR_E_SECRET_REVOKED);
	CU_ASSERT_PTR_NULL(value);
}

static void
a_sealed_value_copied_to_another_row_does_not_open(void)
{
	struct secret_meta a, b;
	struct secbuf * value;

	ASSERT_ERR_FATAL(put(&h, "copy/from", "value-to-be-copied", &a), SR_OK);
	ASSERT_ERR_FATAL(put(&h, "copy/to", "value-of-its-own", &b), SR_OK);
	CU_ASSERT_FATAL(house_do(&h, "UPDATE secret_version t"
	    " JOIN secret_ref tr ON tr.id = t.secret_id AND tr.name = 'copy/to'"
	    " JOIN secret_ref fr ON fr.name = 'copy/from'"
	    " JOIN secret_version f ON f.secret_id = fr.id"
	    " SET t.ciphertext = f.ciphertext, t.wrapped_dek = f.wrapped_dek"));
	ASSERT_ERR(secret_open(&h.store, &b.id, 1, &value),
	    SR_E_SECRET_ENCRYPTION_FAILED);
	CU_ASSERT_PTR_NULL(value);
	CU_ASSERT(opens_to(&h.store, &a.id, 1, "value-to-be-copied"));
	/* Nor does it after its row was renamed. */
	CU_ASSERT_FATAL(house_do(&h, "UPDATE secret_ref SET name = 'copy/moved'"
	    " WHERE name = 'copy/from'"));
	ASSERT_ERR(secret_open(&h.store, &a.id, 1, &value),
	    SR_E_SECRET_ENCRYPTION_FAILED);
}

static void
the_database_refuses_plaintext_in_place_of_a_sealed_value(void)
{
	struct secret_meta m;
	char id[SR_ID_STRLEN + 1];
	char * sql;
	char * message;

	ASSERT_ERR_FATAL(put(&h, "refuse/plain", "value-number-one", &m),
	    SR_OK);
	sr_id_format(&m.id, id);
	sql = text_format("INSERT INTO secret_version (secret_id, key_version,"
	    " ciphertext, kek_version, state, created_at) VALUES ('%s', 9,"
	    " 'a-plain-value-of-more-than-thirty-three-bytes', 1, 'active',"
	    " UTC_TIMESTAMP(6))", id);
	message = mariadb_sql_error(h.m, sql);
	CU_ASSERT_PTR_NOT_NULL_FATAL(message);
	CU_ASSERT_PTR_NOT_NULL(strstr(message, "4025"));
	CU_ASSERT_PTR_NOT_NULL(strstr(message, "secret_version_is_sealed"));
	free(message);
	free(sql);
}

struct names {
	char text[4096];
	struct sr_id last;
	unsigned n;
};

static enum sr_error
add_name(const struct secret_meta * m, void * cookie)
{
	struct names * names = cookie;
	size_t len = strlen(names->text);

	(void)snprintf(names->text + len, sizeof(names->text) - len, "%s/%s ",
	    secret_scope_name(m->scope), m->name);
	names->last = m->id;
	names->n++;
	return (SR_OK);
}

static enum sr_error
stop_at_once(const struct secret_meta * m, void * cookie)
{
	(void)m;
	(void)cookie;
	return (SR_E_LIMIT_EXCEEDED);
}

static void
the_list_is_paged_in_order_and_misses_none(void)
{
	struct names all = { .n = 0 };
	struct names paged = { .n = 0 };
	const struct sr_id nobody = { { 9, 9 } };
	unsigned before;

	ASSERT_ERR_FATAL(put_into(&h.store, &h.actor, "integration", "list/a",
	    "value-number-one", NULL, NULL), SR_OK);
	ASSERT_ERR_FATAL(put(&h, "list/b", "value-number-one", NULL), SR_OK);
	ASSERT_ERR_FATAL(put(&h, "list/a", "value-number-one", NULL), SR_OK);
	ASSERT_ERR(secret_list(h.store.db, NULL, 1000, add_name, &all), SR_OK);
	CU_ASSERT_PTR_NOT_NULL(strstr(all.text,
	    "instance/list/a instance/list/b "));
	CU_ASSERT(all.n > 5);
	ASSERT_ERR(secret_list(h.store.db, NULL, 2, add_name, &paged), SR_OK);
	do {
		before = paged.n;
		ASSERT_ERR_FATAL(secret_list(h.store.db, &paged.last, 2,
		    add_name, &paged), SR_OK);
	} while (paged.n > before);
	CU_ASSERT_STRING_EQUAL(paged.text, all.text);
	/* After an id that no secret has comes the first page. */
	paged = (struct names){ .n = 0 };
	ASSERT_ERR(secret_list(h.store.db, &nobody, 1000, add_name, &paged),
	    SR_OK);
	CU_ASSERT_STRING_EQUAL(paged.text, all.text);
	ASSERT_ERR(secret_list(h.store.db, NULL, 2, stop_at_once, NULL),
	    SR_E_LIMIT_EXCEEDED);
}

static void
metadata_that_cannot_be_read_says_so(void)
{
	const struct sr_id nobody = { { 9, 9 } };
	struct secret_meta m;
	struct secbuf * value;

	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE secret_ref TO hidden"));
	ASSERT_ERR(secret_list(h.store.db, NULL, 2, stop_at_once, NULL),
	    SR_E_SECRET_METADATA_UNAVAILABLE);
	ASSERT_ERR(secret_show(h.store.db, &nobody, &m),
	    SR_E_SECRET_METADATA_UNAVAILABLE);
	ASSERT_ERR(secret_find(h.store.db, SCOPE_INSTANCE, &sr_id_nil, "a", &m),
	    SR_E_SECRET_METADATA_UNAVAILABLE);
	ASSERT_ERR(secret_open(&h.store, &nobody, 1, &value),
	    SR_E_SECRET_METADATA_UNAVAILABLE);
	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE hidden TO secret_ref"));
	ASSERT_ERR(secret_show(h.store.db, &nobody, &m), SR_E_SECRET_NOT_FOUND);
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
	TEST(a_new_name_creates_version_one),
	TEST(a_name_that_exists_is_rotated),
	TEST(a_revoked_name_is_created_again_and_counts_on),
	TEST(the_same_name_in_another_scope_is_another_secret),
	TEST(names_compare_byte_by_byte),
	TEST(expiry_is_kept_and_dropped_by_the_next_write),
	TEST(values_of_every_allowed_length_come_back),
	TEST(what_is_not_there_is_not_found),
	TEST(a_sealed_value_copied_to_another_row_does_not_open),
	TEST(the_database_refuses_plaintext_in_place_of_a_sealed_value),
	TEST(the_list_is_paged_in_order_and_misses_none),
	TEST(metadata_that_cannot_be_read_says_so),
};
SUITE_MAIN("core/vault/secret", tests, setup, teardown)
