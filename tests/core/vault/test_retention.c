/*
 * Former values stay masked for the retention time and no longer, by the
 * database's clock, and every process forgets what was deleted.
 */

#include "tests/core/vault/process.h"

#include "core/vault/retention.h"

static struct house h;

#define DAYS	30

/* As if ${name}'s former values had been retired so many days ago. */
static void
age(const char * name, const char * days)
{
	char * sql = text_format("UPDATE redaction_variant v"
	    " JOIN secret_ref r ON r.id = v.secret_id SET v.retired_at ="
	    " UTC_TIMESTAMP(6) - INTERVAL %s WHERE r.name = '%s'"
	    " AND v.retired_at IS NOT NULL", days, name);

	CU_ASSERT_FATAL(house_do(&h, sql));
	free(sql);
}

static bool
purge(unsigned days)
{
	bool more = true;

	ASSERT_ERR_FATAL(retention_purge(&h.store, days, &more), SR_OK);
	return (more);
}

static void
rotations(const char * name, unsigned n, const char * prefix)
{
	char value[64];
	unsigned i;

	for (i = 1; i <= n; i++) {
		(void)snprintf(value, sizeof(value), "%s-value-%u", prefix, i);
		ASSERT_ERR_FATAL(put(&h, name, value, NULL), SR_OK);
	}
}

static void
a_former_value_is_retired_by_the_databases_clock(void)
{
	rotations("keep/clock", 2, "clock");
	CU_ASSERT(house_sql_is(&h, "1\t1", "SELECT MIN(v.retired_at >"
	    " UTC_TIMESTAMP(6) - INTERVAL 1 MINUTE), MIN(v.retired_at <="
	    " UTC_TIMESTAMP(6)) FROM redaction_variant v JOIN secret_ref r"
	    " ON r.id = v.secret_id WHERE r.name = 'keep/clock'"
	    " AND v.key_version = 1"));
	CU_ASSERT(house_sql_is(&h, "0", "SELECT COUNT(v.retired_at) FROM"
	    " redaction_variant v JOIN secret_ref r ON r.id = v.secret_id"
	    " WHERE r.name = 'keep/clock' AND v.key_version = 2"));
}

static void
former_values_are_masked_for_the_retention_time(void)
{
	struct process p;

	rotations("keep/young", 2, "young");
	rotations("keep/old", 2, "old");
	age("keep/young", "29 DAY");
	age("keep/old", "31 DAY");
	process_open(&h, &p);
	ASSERT_ERR_FATAL(liveset_refresh(p.live, &p.store), SR_OK);
	CU_ASSERT(masked_as(&p, "young-value-1", "instance/keep/young@1"));
	CU_ASSERT(masked_as(&p, "young-value-2", "instance/keep/young@2"));
	CU_ASSERT(passes(&p, "old-value-1"));
	CU_ASSERT(masked_as(&p, "old-value-2", "instance/keep/old@2"));
	process_close(&p);
	/* Another setting, another time. */
	process_open(&h, &p);
	liveset_retain(p.live, 60);
	ASSERT_ERR_FATAL(liveset_refresh(p.live, &p.store), SR_OK);
	CU_ASSERT(masked_as(&p, "old-value-1", "instance/keep/old@1"));
	process_close(&p);
}

static void
what_is_purged_is_forgotten_by_every_process(void)
{
	struct process p, q;

	rotations("keep/gone", 3, "gone");
	process_open(&h, &p);
	process_open(&h, &q);
	ASSERT_ERR_FATAL(liveset_refresh(p.live, &p.store), SR_OK);
	ASSERT_ERR_FATAL(liveset_refresh(q.live, &q.store), SR_OK);
	age("keep/gone", "31 DAY");
	/* Loaded already: masked until it is deleted. */
	ASSERT_ERR_FATAL(liveset_refresh(p.live, &p.store), SR_OK);
	CU_ASSERT(masked_as(&p, "gone-value-1", "instance/keep/gone@1"));
	CU_ASSERT_FALSE(purge(DAYS));
	ASSERT_ERR_FATAL(liveset_refresh(p.live, &p.store), SR_OK);
	ASSERT_ERR_FATAL(liveset_refresh(q.live, &q.store), SR_OK);
	CU_ASSERT(passes(&p, "gone-value-1"));
	CU_ASSERT(passes(&q, "gone-value-2"));
	CU_ASSERT(masked_as(&p, "gone-value-3", "instance/keep/gone@3"));
	CU_ASSERT(masked_as(&q, "gone-value-3", "instance/keep/gone@3"));
	CU_ASSERT(house_sql_is(&h, "3", "SELECT GROUP_CONCAT(DISTINCT"
	    " v.key_version) FROM redaction_variant v JOIN secret_ref r"
	    " ON r.id = v.secret_id WHERE r.name = 'keep/gone'"));
	process_close(&q);
	process_close(&p);
}

static void
values_in_use_are_never_purged_however_old(void)
{
	rotations("keep/active", 1, "active");
	CU_ASSERT_FATAL(house_do(&h, "UPDATE secret_version SET created_at ="
	    " created_at - INTERVAL 900 DAY"));
	(void)purge(1);
	CU_ASSERT(house_sql_is(&h, "1", "SELECT COUNT(*) > 0 FROM"
	    " redaction_variant v JOIN secret_ref r ON r.id = v.secret_id"
	    " WHERE r.name = 'keep/active'"));
}

static void
a_step_deletes_a_bounded_number_of_rows(void)
{
	char * value = malloc(64 * 1024);
	size_t i, n = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(value);
	for (i = 0; i < 600; i++)
		n += (size_t)snprintf(value + n, 64, "bounded-line-%zu\n", i);
	ASSERT_ERR_FATAL(put(&h, "keep/many", value, NULL), SR_OK);
	ASSERT_ERR_FATAL(put(&h, "keep/many", "many-value-2", NULL), SR_OK);
	(void)purge(DAYS);
	age("keep/many", "31 DAY");
	CU_ASSERT(purge(DAYS));
	CU_ASSERT(house_sql_is(&h, "1404", "SELECT COUNT(*) FROM"
	    " redaction_variant v JOIN secret_ref r ON r.id = v.secret_id"
	    " WHERE r.name = 'keep/many' AND v.retired_at IS NOT NULL"));
	CU_ASSERT(purge(DAYS));
	CU_ASSERT_FALSE(purge(DAYS));
	CU_ASSERT(house_sql_is(&h, "0", "SELECT COUNT(*) FROM"
	    " redaction_variant WHERE retired_at < UTC_TIMESTAMP(6)"
	    " - INTERVAL 30 DAY"));
	free(value);
}

static void
changes_are_kept_for_a_day(void)
{
	CU_ASSERT_FATAL(house_do(&h, "DELETE FROM redaction_change;"
	    " INSERT INTO redaction_change"
	    " (id, secret_id, changed_at) VALUES"
	    " (UUID(), UUID(), UTC_TIMESTAMP(6) - INTERVAL 23 HOUR),"
	    " (UUID(), UUID(), UTC_TIMESTAMP(6) - INTERVAL 25 HOUR)"));
	CU_ASSERT_FALSE(purge(DAYS));
	CU_ASSERT(house_sql_is(&h, "1\t1", "SELECT COUNT(*),"
	    " SUM(changed_at > UTC_TIMESTAMP(6) - INTERVAL 1 DAY)"
	    " FROM redaction_change"));
}

/*
 * A process that has not looked while changes came and were purged: it finds
 * neither, and must learn of what is new and forget what is gone.
 */
static void
who_has_slept_through_a_day_begins_anew(void)
{
	struct process p;
	struct store later;

	CU_ASSERT_FATAL(house_do(&h, "DELETE FROM redaction_change"));
	rotations("keep/asleep", 1, "asleep");
	process_open(&h, &p);
	ASSERT_ERR_FATAL(liveset_refresh(p.live, &p.store), SR_OK);
	CU_ASSERT(masked_as(&p, "asleep-value-1", "instance/keep/asleep@1"));
	ASSERT_ERR_FATAL(put(&h, "keep/asleep", "awake-value-2", NULL), SR_OK);
	CU_ASSERT_FATAL(house_do(&h, "DELETE FROM redaction_change;"
	    " DELETE FROM redaction_variant WHERE retired_at IS NOT NULL"));
	/* Not a day: nothing of it is known here. */
	ASSERT_ERR_FATAL(liveset_refresh(p.live, &p.store), SR_OK);
	CU_ASSERT(passes(&p, "awake-value-2"));
	/* For a new connection it is 13 hours later. */
	CU_ASSERT_FATAL(house_do(&h, "SET GLOBAL init_connect ="
	    " 'SET timestamp = UNIX_TIMESTAMP() + 13 * 3600'"));
	CU_ASSERT_FATAL(house_thread(&h, &later) == 0);
	db_free(&p.store.db);
	p.store.db = later.db;
	ASSERT_ERR_FATAL(liveset_refresh(p.live, &p.store), SR_OK);
	CU_ASSERT(masked_as(&p, "awake-value-2", "instance/keep/asleep@2"));
	CU_ASSERT(passes(&p, "asleep-value-1"));
	CU_ASSERT_EQUAL(redact_state(p.store.redact), REDACT_READY);
	CU_ASSERT_FATAL(house_do(&h, "SET GLOBAL init_connect = ''"));
	process_close(&p);
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
	TEST(a_former_value_is_retired_by_the_databases_clock),
	TEST(former_values_are_masked_for_the_retention_time),
	TEST(what_is_purged_is_forgotten_by_every_process),
	TEST(values_in_use_are_never_purged_however_old),
	TEST(a_step_deletes_a_bounded_number_of_rows),
	TEST(changes_are_kept_for_a_day),
	TEST(who_has_slept_through_a_day_begins_anew),
};
SUITE_MAIN("core/vault/retention", tests, setup, teardown)
