#include "core/base/secbuf.h"
#include "core/store/tx.h"
#include "tests/core/store/fixture.h"
#include "tests/harness/dbproxy.h"

#define ROWS	600	/* More than go to the server at once. */
#define COLUMNS	18	/* Of AUDIT_INSERT: every letter, NULLs among them. */

/* One call of db_exec_many in a transaction. */
struct many {
	enum stmt stmt;
	const struct db_param * rows;
	size_t n;
	size_t columns;
	uint64_t affected;
};

static enum sr_error
many_tx(struct tx * tx, void * cookie)
{
	struct many * c = cookie;

	return (db_exec_many(tx_db(tx), c->stmt, c->rows, c->n, c->columns,
	    &c->affected));
}

struct events {
	struct sr_id id[ROWS];
	struct sr_id actor[ROWS];
	struct db_param rows[ROWS * COLUMNS];
	uint8_t mac[32];
};

/* Every third row has NULLs where there may be some, the first one too. */
static void
fill(struct events * e)
{
	size_t i;

	memset(e->mac, 0x5a, sizeof(e->mac));
	for (i = 0; i < ROWS; i++) {
		bool some = i % 3 != 0;
		const struct db_param row[COLUMNS] = { DB_UUID(&e->id[i]),
		    DB_UUID(&e->id[i]), DB_INT(i + 1),
		    DB_TIME((sr_time)i * SR_SECOND + 123456),
		    DB_TEXT("account"), DB_UUID(some ? &e->actor[i] : NULL),
		    DB_TEXT(i % 2 == 0 ? "" : "a label, \xc3\xa9"),
		    DB_TEXT("CREATE"), DB_TEXT(some ? "secret" : NULL),
		    DB_UUID(some ? &e->id[i] : NULL), DB_NULL,
		    DB_TEXT(some ? "many/rows" : NULL),
		    some ? DB_INT(i) : DB_NULL, DB_TEXT("succeeded"), DB_NULL,
		    DB_UUID(&e->actor[i]), DB_NULL,
		    DB_BYTES(some ? e->mac : NULL, sizeof(e->mac)) };

		e->id[i] = new_id();
		e->actor[i] = new_id();
		memcpy(e->rows + i * COLUMNS, row, sizeof(row));
	}
}

/* The columns that differ, in a sum that does not depend on the ids. */
#define SUM	"SELECT COUNT(*), SUM(chain_seq), COUNT(actor_id), "	\
    "COUNT(name), SUM(key_version), SUM(CRC32(actor_label)), "		\
    "SUM(CRC32(occurred_at)), SUM(CRC32(HEX(mac))), "			\
    "SUM(actor_id = correlation_id), SUM(target_id = id), "		\
    "COUNT(scope) FROM audit_event"

static char *
sum_of(struct db * to, struct events * e)
{
	struct many c = { STMT_AUDIT_INSERT, e->rows, ROWS, COLUMNS, 0 };

	admin("DELETE FROM audit_event");
	fill(e);
	ASSERT_ERR(tx_run(to, NULL, many_tx, &c), SR_OK);
	CU_ASSERT_EQUAL(c.affected, ROWS);
	return (mariadb_sql(m, SUM));
}

static void
rows_arrive_alike_at_once_and_one_by_one(void)
{
	struct events * e = calloc(1, sizeof(*e));
	struct db_options o;
	struct db * single;
	char * at_once;
	char * one_by_one;
	size_t i;

	must(e != NULL);
	mariadb_worker_options(m, &o);
	o.row_by_row = true;
	must(db_new(&o, &single) == SR_OK);
	at_once = sum_of(db, e);
	one_by_one = sum_of(single, e);
	CU_ASSERT_PTR_NOT_NULL_FATAL(at_once);
	CU_ASSERT_PTR_NOT_NULL_FATAL(one_by_one);
	CU_ASSERT_STRING_EQUAL(at_once, one_by_one);
	CU_ASSERT(admin_says("SELECT COUNT(*), SUM(actor_id ="
	    " correlation_id), COUNT(mac), SUM(mac = UNHEX(REPEAT('5A', 32)))"
	    " FROM audit_event", "600\t400\t400\t400"));
	CU_ASSERT(admin_says("SELECT occurred_at, actor_label, key_version"
	    " FROM audit_event WHERE chain_seq = 600",
	    "1970-01-01 00:09:59.123456\ta label, \xc3\xa9\t599"));
	for (i = 0; i < 2; i++) {
		free(i == 0 ? at_once : one_by_one);
	}
	db_free(&single);
	free(e);
}

static void
a_statement_serves_single_rows_again(void)
{
	struct sr_id id[3] = { new_id(), new_id(), new_id() };
	const struct db_param rows[] = {
	    DB_UUID(&id[0]), DB_UUID(&id[0]), DB_INT(0),
	    DB_UUID(&id[1]), DB_UUID(&id[1]), DB_INT(0) };
	struct many c = { STMT_CHANGE_INSERT, rows, 2, 3, 0 };

	ASSERT_ERR(tx_run(db, NULL, many_tx, &c), SR_OK);
	ASSERT_ERR(put_change(db, &id[2]), SR_OK);
	CU_ASSERT(change_exists(&id[0]) && change_exists(&id[1]) &&
	    change_exists(&id[2]));
	/* None and one need no array, and no transaction. */
	id[0] = new_id();
	ASSERT_ERR(db_exec_many(db, STMT_CHANGE_INSERT, rows, 0, 3, NULL),
	    SR_OK);
	ASSERT_ERR(db_exec_many(db, STMT_CHANGE_INSERT, rows, 1, 3,
	    &c.affected), SR_OK);
	CU_ASSERT_EQUAL(c.affected, 1);
	CU_ASSERT(change_exists(&id[0]));
}

static void
a_row_that_is_refused_takes_all_with_it(void)
{
	struct sr_id id[2] = { new_id(), new_id() };
	const struct db_param rows[] = {
	    DB_UUID(&id[0]), DB_UUID(&id[0]), DB_INT(0),
	    DB_UUID(&id[1]), DB_UUID(&id[1]), DB_INT(0), DB_UUID(&id[0]),
	    DB_UUID(&id[0]), DB_INT(0) };
	struct many c = { STMT_CHANGE_INSERT, rows, 3, 3, 0 };

	ASSERT_ERR(tx_run(db, NULL, many_tx, &c), SR_E_DATABASE_REFUSED);
	CU_ASSERT(db_duplicate(db));
	CU_ASSERT(!change_exists(&id[0]) && !change_exists(&id[1]));
	c.n = 2;
	ASSERT_ERR(tx_run(db, NULL, many_tx, &c), SR_OK);
	CU_ASSERT(change_exists(&id[0]) && change_exists(&id[1]));
	admin("RENAME TABLE redaction_change TO elsewhere");
	ASSERT_ERR(tx_run(db, NULL, many_tx, &c), SR_E_DATABASE_REFUSED);
	admin("RENAME TABLE elsewhere TO redaction_change");
	id[0] = new_id();
	id[1] = new_id();
	ASSERT_ERR(tx_run(db, NULL, many_tx, &c), SR_OK);
}

static void
a_connection_that_is_lost_under_it_is_made_up_for(void)
{
	struct sr_id id[2] = { new_id(), new_id() };
	const struct db_param rows[] = {
	    DB_UUID(&id[0]), DB_UUID(&id[0]), DB_INT(0),
	    DB_UUID(&id[1]), DB_UUID(&id[1]), DB_INT(0) };
	struct many c = { STMT_CHANGE_INSERT, rows, 2, 3, 0 };
	struct dbproxy * proxy;
	struct db * through;

	must(dbproxy_start(mariadb_socket(m), &proxy) == 0);
	through = worker_with(dbproxy_socket(proxy), MARIADB_TEST_TIMEOUT);
	dbproxy_arm(proxy, DBPROXY_EXECUTE, 1, DBPROXY_CUT_AFTER);
	ASSERT_ERR(tx_run(through, NULL, many_tx, &c), SR_OK);
	CU_ASSERT_EQUAL(dbproxy_broken(proxy), 1);
	CU_ASSERT(change_exists(&id[0]) && change_exists(&id[1]));
	db_free(&through);
	dbproxy_stop(&proxy);
}

static const struct suite_test tests[] = {
	TEST(rows_arrive_alike_at_once_and_one_by_one),
	TEST(a_statement_serves_single_rows_again),
	TEST(a_row_that_is_refused_takes_all_with_it),
	TEST(a_connection_that_is_lost_under_it_is_made_up_for),
};

SUITE_MAIN("core/store/db_many", tests, fixture_start, fixture_stop)
