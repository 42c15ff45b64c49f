/*
 * A database whose disk is full: its one data file may not grow any more. What
 * was acknowledged is there, what was refused left nothing; killed like this
 * and started with room, it goes on.
 */

#include "core/audit/verify.h"
#include "tests/core/vault/put.h"

#define VALUE_LEN	((size_t)60000)
#define TRIES_MOST	400
#define TRIES_FULL	30

#define DATA_FILE	"--innodb-data-file-path=ibdata1:12M:autoextend"

static struct house h;
static const char * args[] = { "--innodb-file-per-table=0",
    DATA_FILE ":max:16M", NULL };

static int
open_house(void)
{

	return (house_open_with(args, &h));
}

static int
close_house(void)
{

	house_close(&h);
	return (0);
}

static enum sr_error
put_large(unsigned n)
{
	char * value = house_random(VALUE_LEN);
	char name[40];
	enum sr_error err;

	(void)snprintf(name, sizeof(name), "full/%u", n % 7);
	err = put(&h, name, value, NULL);
	free(value);
	return (err);
}

static enum sr_error
note_finding(const struct audit_finding * f, void * cookie)
{

	(void)cookie;
	suite_note("found: %s", audit_finding_name(f->kind));
	return (SR_OK);
}

/* Each acknowledged change is a version and an audit row, and no other is. */
static void
holds(unsigned acknowledged)
{
	struct audit_verified v;
	char expected[60];

	(void)snprintf(expected, sizeof(expected), "%u\t%u", acknowledged,
	    acknowledged);
	CU_ASSERT(house_sql_is(&h, expected, "SELECT (SELECT COUNT(*) FROM"
	    " secret_version), (SELECT COUNT(*) FROM audit_event WHERE action"
	    " IN ('CREATE', 'ROTATE') AND outcome = 'succeeded')"));
	CU_ASSERT(house_sql_is(&h, "0", "SELECT COUNT(*) FROM secret_ref r"
	    " LEFT JOIN secret_version v ON v.secret_id = r.id AND"
	    " v.key_version = r.key_version AND v.state = 'active'"
	    " WHERE v.secret_id IS NULL"));
	ASSERT_ERR(audit_verify_database(&h.store, -1, note_finding, NULL,
	    &v), SR_OK);
	CU_ASSERT_EQUAL(v.findings, 0);
}

static void
a_full_disk_refuses_and_room_is_used(void)
{
	unsigned acknowledged = 0, refused = 0, i;
	enum sr_error err = SR_OK;
	struct secret_meta m;

	for (i = 0; err == SR_OK && i < TRIES_MOST; i++) {
		err = put_large(i);
		acknowledged += err == SR_OK;
	}
	CU_ASSERT_NOT_EQUAL(err, SR_OK);
	for (i = 0; i < TRIES_FULL; i++) {
		err = put_large(i);
		acknowledged += err == SR_OK;
		refused += err != SR_OK;
		CU_ASSERT(err == SR_OK ||
		    err == SR_E_SECRET_PERSISTENCE_FAILED ||
		    err == SR_E_SECRET_AUDIT_PERSISTENCE_FAILED);
	}
	suite_note("%u changes acknowledged, then %u of %u refused",
	    acknowledged, refused, TRIES_FULL);
	CU_ASSERT(refused > 0);
	holds(acknowledged);
	mariadb_kill9(h.m);
	args[1] = DATA_FILE;
	CU_ASSERT_EQUAL_FATAL(mariadb_restart(h.m), 0);
	holds(acknowledged);
	ASSERT_ERR_FATAL(put(&h, "full/after", "value-when-there-is-room", &m),
	    SR_OK);
	CU_ASSERT(opens_to(&h.store, &m.id, m.key_version,
	    "value-when-there-is-room"));
	holds(acknowledged + 1);
}

static const struct suite_test tests[] = {
	TEST(a_full_disk_refuses_and_room_is_used),
};

SUITE_MAIN("core/vault/secret_full", tests, open_house, close_house)
