#include "tests/core/store/fixture.h"

#include "core/keys/seal.h"

static const sr_time then = INT64_C(1795498241123456);

/* A secret's row with the given name; its id. */
static struct sr_id
put_secret(const char * name, sr_time expires)
{
	struct sr_id id = new_id();
	uint64_t affected = 0;

	ASSERT_ERR(db_exec(db, STMT_SECRET_INSERT, DB_ARGS(DB_UUID(&id),
	    DB_TEXT("instance"), DB_UUID(&sr_id_nil), DB_TEXT(name),
	    DB_INT(1), DB_TEXT("onboarding"), DB_TIME(then), DB_TIME(expires),
	    DB_TIME(then), DB_TIME(then)), &affected), SR_OK);
	CU_ASSERT_EQUAL(affected, 1);
	return (id);
}

static enum sr_error
put_version(const struct sr_id * id, int64_t version, const void * sealed,
    size_t len)
{
	uint8_t wrapped[SEAL_WRAPPED_LEN] = "SRw1";

	/* It is written under the root key that wraps, or not at all. */
	admin("INSERT IGNORE INTO kek VALUES (1, REPEAT('k', 32),"
	    " 'wrapping', UTC_TIMESTAMP(6))");
	return (db_exec(db, STMT_SECRET_VERSION_INSERT, DB_ARGS(DB_UUID(id),
	    DB_INT(version), DB_BYTES(sealed, len),
	    DB_BYTES(wrapped, sizeof(wrapped)), DB_TIME(then), DB_INT(1)),
	    NULL));
}

struct seen {
	unsigned rows;
	struct sr_id id;
	struct sr_id project_id;
	char name[700];
	int64_t key_version;
	sr_time rotated;
	sr_time expires;
	bool expires_null;
};

static enum sr_error
see(const struct db_row * row, void * cookie)
{
	struct seen * s = cookie;

	s->rows++;
	s->id = db_col_uuid(row, 0);
	s->project_id = db_col_uuid(row, 2);
	(void)snprintf(s->name, sizeof(s->name), "%s", db_col_text(row, 3));
	s->key_version = db_col_int(row, 4);
	s->rotated = db_col_time(row, 7);
	s->expires = db_col_time(row, 8);
	s->expires_null = db_col_null(row, 8);
	return (SR_OK);
}

static struct seen
read_secret(const struct sr_id * id)
{
	struct seen s;

	memset(&s, 0, sizeof(s));
	ASSERT_ERR(db_query(db, STMT_SECRET_BY_ID, DB_ARGS(DB_UUID(id)), see,
	    &s), SR_OK);
	return (s);
}

static void
answers_a_ping(void)
{

	ASSERT_ERR(db_ping(db), SR_OK);
	ASSERT_ERR(db_ping(db), SR_OK);
}

static void
values_come_back_as_they_went(void)
{
	struct sr_id id = put_secret("there/and.back", then + 1);
	struct seen s = read_secret(&id);

	CU_ASSERT_EQUAL(s.rows, 1);
	CU_ASSERT(sr_id_equal(&s.id, &id));
	CU_ASSERT(sr_id_is_nil(&s.project_id));
	CU_ASSERT_STRING_EQUAL(s.name, "there/and.back");
	CU_ASSERT_EQUAL(s.key_version, 1);
	CU_ASSERT_EQUAL(s.rotated, then);
	CU_ASSERT_EQUAL(s.expires, then + 1);
	CU_ASSERT_FALSE(s.expires_null);
}

static void
null_comes_back_as_none(void)
{
	struct sr_id id = put_secret("null", SR_TIME_NONE);
	struct seen s = read_secret(&id);

	CU_ASSERT_EQUAL(s.expires, SR_TIME_NONE);
	CU_ASSERT_TRUE(s.expires_null);
}

static void
times_keep_their_microsecond_from_year_1_to_9999(void)
{
	static const char * const times[] = { "0001-01-01T00:00:00Z",
	    "1969-12-31T23:59:59.999999Z", "1970-01-01T00:00:00Z",
	    "2000-02-29T12:00:00.000001Z", "2100-03-01T00:00:00Z",
	    "2400-02-29T23:59:59.5Z", "9999-12-31T23:59:59.999999Z" };
	char name[32];
	sr_time t;
	size_t i;

	for (i = 0; i < COUNTOF(times); i++) {
		CU_ASSERT_TRUE_FATAL(clock_parse(times[i], &t));
		(void)snprintf(name, sizeof(name), "time%zu", i);
		struct sr_id id = put_secret(name, t);

		CU_ASSERT_EQUAL(read_secret(&id).expires, t);
	}
	/* The server and we agree on what that moment is called. */
	CU_ASSERT(admin_says("SELECT expires_at FROM secret_ref"
	    " WHERE name = 'time3'", "2000-02-29 12:00:00.000001"));
}

static void
long_and_wide_text_comes_back_whole(void)
{
	char name[4 * 160 + 1];
	size_t i;

	for (i = 0; i < 160; i++)
		memcpy(name + 4 * i, "\xf0\x9f\x94\x91", 4);
	name[sizeof(name) - 1] = '\0';
	struct sr_id id = put_secret(name, SR_TIME_NONE);
	struct seen s = read_secret(&id);

	CU_ASSERT_STRING_EQUAL(s.name, name);
	id = put_secret("short-again", SR_TIME_NONE);
	s = read_secret(&id);
	CU_ASSERT_STRING_EQUAL(s.name, "short-again");
}

struct blob {
	const uint8_t * expected;
	size_t len;
	unsigned rows;
	bool same;
};

static enum sr_error
see_blob(const struct db_row * row, void * cookie)
{
	struct blob * b = cookie;
	const uint8_t * p;
	size_t len;

	b->rows++;
	p = db_col_bytes(row, 3, &len);
	b->same = len == b->len && memcmp(p, b->expected, len) == 0;
	return (SR_OK);
}

static void
long_bytes_come_back_whole_in_any_order(void)
{
	static const size_t sizes[] = { 33, 65568, 40, 300, 255, 256, 257, 33 };
	struct sr_id id = put_secret("bytes", SR_TIME_NONE);
	static uint8_t sealed[65568];
	struct blob b = { .expected = sealed };
	size_t i;

	for (i = 0; i < sizeof(sealed); i++)
		sealed[i] = (uint8_t)(i * 7);
	memcpy(sealed, "SRv1", 4);
	for (i = 0; i < COUNTOF(sizes); i++)
		ASSERT_ERR(put_version(&id, (int64_t)i + 1, sealed, sizes[i]),
		    SR_OK);
	for (i = 0; i < COUNTOF(sizes); i++) {
		b.len = sizes[i];
		b.same = false;
		ASSERT_ERR(db_query(db, STMT_SECRET_VERSION_READ,
		    DB_ARGS(DB_UUID(&id), DB_INT(i + 1)), see_blob, &b),
		    SR_OK);
		CU_ASSERT_TRUE(b.same);
	}
	CU_ASSERT_EQUAL(b.rows, COUNTOF(sizes));
}

static enum sr_error
see_long_name(const struct db_row * row, void * cookie)
{
	unsigned * seen = cookie;

	*seen += strlen(db_col_text(row, 3)) == 640;
	return (SR_OK);
}

/* Each row's buffer must be the one that is bound when it is fetched. */
static void
long_values_of_several_rows_come_back_whole(void)
{
	char name[641];
	unsigned seen = 0;

	for (unsigned i = 0; i < 3; i++) {
		for (size_t at = 0; at < 640; at += 4)
			memcpy(&name[at], "\xf0\x9f\x97\x9d", 4);
		name[640] = '\0';
		name[3] = (char)(name[3] + (char)i);
		(void)put_secret(name, SR_TIME_NONE);
	}
	ASSERT_ERR(db_query(db, STMT_SECRET_LIST, DB_ARGS(DB_INT(50)),
	    see_long_name, &seen), SR_OK);
	CU_ASSERT(seen >= 3);
}

static enum sr_error
stop_at_second(const struct db_row * row, void * cookie)
{
	unsigned * rows = cookie;

	(void)row;
	return (++*rows == 2 ? SR_E_LIMIT_EXCEEDED : SR_OK);
}

static void
a_row_function_can_end_the_query(void)
{
	unsigned rows = 0;

	ASSERT_ERR(db_query(db, STMT_SECRET_LIST, DB_ARGS(DB_INT(50)),
	    stop_at_second, &rows), SR_E_LIMIT_EXCEEDED);
	CU_ASSERT_EQUAL(rows, 2);
	/* What it left unread does not disturb the next statement. */
	ASSERT_ERR(db_ping(db), SR_OK);
}

static void
a_query_without_rows_calls_nothing(void)
{
	struct sr_id id = new_id();

	CU_ASSERT_EQUAL(read_secret(&id).rows, 0);
}

static void
a_duplicate_key_is_told_apart(void)
{
	struct sr_id id = new_id();

	ASSERT_ERR(put_change(db, &id), SR_OK);
	CU_ASSERT_FALSE(db_duplicate(db));
	ASSERT_ERR(put_change(db, &id), SR_E_DATABASE_REFUSED);
	CU_ASSERT_TRUE(db_duplicate(db));
	CU_ASSERT_EQUAL(db_errno(db), 1062);
	id = new_id();
	ASSERT_ERR(put_change(db, &id), SR_OK);
	CU_ASSERT_FALSE(db_duplicate(db));
}

static void
the_database_refuses_a_value_that_is_not_sealed(void)
{
	struct sr_id id = put_secret("plain", SR_TIME_NONE);
	static const char plain[] = "a password that nobody has sealed at all";

	ASSERT_ERR(put_version(&id, 1, plain, sizeof(plain)),
	    SR_E_DATABASE_REFUSED);
	CU_ASSERT_EQUAL(db_errno(db), 4025);
	ASSERT_ERR(put_version(&id, 1, "SRv1", 4), SR_E_DATABASE_REFUSED);
	CU_ASSERT_EQUAL(db_errno(db), 4025);
}

static void
what_does_not_fit_is_refused_and_not_cut(void)
{
	char name[162];
	struct sr_id id = new_id();

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	ASSERT_ERR(db_exec(db, STMT_SECRET_INSERT, DB_ARGS(DB_UUID(&id),
	    DB_TEXT("instance"), DB_UUID(&sr_id_nil), DB_TEXT(name),
	    DB_INT(1), DB_TEXT("onboarding"), DB_TIME(then), DB_NULL,
	    DB_TIME(then), DB_TIME(then)), NULL), SR_E_DATABASE_REFUSED);
	CU_ASSERT_EQUAL(db_errno(db), 1406);
	ASSERT_ERR(db_exec(db, STMT_SECRET_INSERT, DB_ARGS(DB_UUID(&id),
	    DB_TEXT("galaxy"), DB_UUID(&sr_id_nil), DB_TEXT("x"),
	    DB_INT(1), DB_TEXT("onboarding"), DB_TIME(then), DB_NULL,
	    DB_TIME(then), DB_TIME(then)), NULL), SR_E_DATABASE_REFUSED);
	CU_ASSERT_EQUAL(db_errno(db), 1265);
}

static void
names_compare_byte_by_byte(void)
{
	struct sr_id id = put_secret("Case", SR_TIME_NONE);
	struct seen s;

	(void)put_secret("case", SR_TIME_NONE);
	(void)put_secret("case ", SR_TIME_NONE);
	memset(&s, 0, sizeof(s));
	ASSERT_ERR(db_query(db, STMT_SECRET_BY_NAME,
	    DB_ARGS(DB_TEXT("instance"), DB_UUID(&sr_id_nil), DB_TEXT("Case")),
	    see, &s), SR_OK);
	CU_ASSERT_EQUAL(s.rows, 1);
	CU_ASSERT(sr_id_equal(&s.id, &id));
}

static void
affected_counts_rows_that_were_there(void)
{
	struct sr_id id = new_id();
	uint64_t affected = 9;

	/* The same update twice: the second changes nothing but finds it. */
	ASSERT_ERR(db_exec(db, STMT_SETUP_SET_TOKEN,
	    DB_ARGS(DB_BYTES("0123456789abcdef0123456789abcdef", 32),
	    DB_TIME(then)), &affected), SR_OK);
	CU_ASSERT_EQUAL(affected, 1);
	ASSERT_ERR(db_exec(db, STMT_SETUP_SET_TOKEN,
	    DB_ARGS(DB_BYTES("0123456789abcdef0123456789abcdef", 32),
	    DB_TIME(then)), &affected), SR_OK);
	CU_ASSERT_EQUAL(affected, 1);
	ASSERT_ERR(db_exec(db, STMT_SESSION_END,
	    DB_ARGS(DB_TIME(then), DB_UUID(&id)), &affected), SR_OK);
	CU_ASSERT_EQUAL(affected, 0);
}

static enum sr_error
see_now(const struct db_row * row, void * cookie)
{
	sr_time * now = cookie;

	*now = db_col_time(row, 2);
	return (SR_OK);
}

/* The fixture's server is lax, in another time zone and would wait for ever;
 * the refusals above show that sessions are strict all the same. */
static void
a_session_overrides_what_the_server_is_set_to(void)
{
	sr_time now = 0;

	CU_ASSERT(admin_says("SELECT @@global.sql_mode, "
	    "@@global.time_zone, @@global.tx_isolation",
	    "\t+05:00\tSERIALIZABLE"));
	ASSERT_ERR(db_query(db, STMT_CHANGE_HEADS, DB_NOARGS, see_now, &now),
	    SR_OK);
	CU_ASSERT(llabs(now - clock_now()) < 5 * SR_SECOND);
}

static void
statements_have_names(void)
{

	CU_ASSERT_STRING_EQUAL(db_stmt_name(STMT_PING), "PING");
	CU_ASSERT_STRING_EQUAL(db_stmt_name(STMT_SECRET_INSERT),
	    "SECRET_INSERT");
}

static const struct suite_test tests[] = {
	TEST(answers_a_ping),
	TEST(values_come_back_as_they_went),
	TEST(null_comes_back_as_none),
	TEST(times_keep_their_microsecond_from_year_1_to_9999),
	TEST(long_and_wide_text_comes_back_whole),
	TEST(long_bytes_come_back_whole_in_any_order),
	TEST(long_values_of_several_rows_come_back_whole),
	TEST(a_row_function_can_end_the_query),
	TEST(a_query_without_rows_calls_nothing),
	TEST(a_duplicate_key_is_told_apart),
	TEST(the_database_refuses_a_value_that_is_not_sealed),
	TEST(what_does_not_fit_is_refused_and_not_cut),
	TEST(names_compare_byte_by_byte),
	TEST(affected_counts_rows_that_were_there),
	TEST(a_session_overrides_what_the_server_is_set_to),
	TEST(statements_have_names),
};
SUITE_MAIN("core/store/db", tests, fixture_start, fixture_stop)
