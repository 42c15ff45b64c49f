/* Finding secrets by name and state, and the posture, on rows made by hand. */

#include "core/vault/posture.h"
#include "tests/core/vault/put.h"

#define DAY	(INT64_C(86400) * SR_SECOND)

static struct house h;
static struct secret_times times;

static int
start(void)
{
	times = (struct secret_times){ .rotation_days = 90,
	    .warning_days = 14 };
	return (house_open(&h));
}

static int
stop(void)
{
	house_close(&h);
	return (0);
}

/* A row of the table and no more: ages and expiries in days from now. */
static void
row(unsigned n, const char * scope, unsigned project, const char * name,
    const char * status, int rotated, const char * expires)
{
	char * sql = text_format("INSERT INTO secret_ref VALUES ("
	    "'0198bbbb-0000-7000-8000-%012u', '%s',"
	    " '%s-0000-0000-0000-%012u', '%s', 1, 'onboarding', '%s',"
	    " UTC_TIMESTAMP(6) - INTERVAL %d DAY, %s, UTC_TIMESTAMP(6),"
	    " UTC_TIMESTAMP(6))", n, scope, "00000000", project, name, status,
	    rotated, expires);

	CU_ASSERT_TRUE(house_do(&h, sql));
	free(sql);
}

#define IN_DAYS(n)	"UTC_TIMESTAMP(6) + INTERVAL " #n " DAY"

static void
some_secrets(void)
{
	(void)house_do(&h, "DELETE FROM secret_ref");
	row(1, "instance", 0, "a/new", "active", 1, "NULL");
	row(2, "instance", 0, "a/old", "active", 100, "NULL");
	row(3, "instance", 0, "b/soon", "active", 40, IN_DAYS(5));
	row(4, "project", 1, "a/later", "active", 91, IN_DAYS(30));
	row(5, "project", 2, "a/expired", "active", 400, IN_DAYS(-1));
	row(6, "project", 2, "a_revoked", "revoked", 400, "NULL");
	row(7, "integration", 0, "a/z", "active", 365, IN_DAYS(13));
	times.now = clock_now();
}

/* The last digits of the ids that were found, in their order. */
struct found {
	char digits[64];
	struct sr_id last;
	unsigned stop_at;		/* 0: never. */
};

static enum sr_error
note(const struct secret_meta * meta, void * cookie)
{
	struct found * f = cookie;
	char id[SR_ID_STRLEN + 1];

	sr_id_format(&meta->id, id);
	f->last = meta->id;
	(void)snprintf(f->digits + strlen(f->digits),
	    sizeof(f->digits) - strlen(f->digits), "%s",
	    id + SR_ID_STRLEN - 1);
	return (f->stop_at == strlen(f->digits) ? SR_E_LIMIT_EXCEEDED :
	    SR_OK);
}

/* What is found, page after page of ${limit} rows. */
static void
finds(const char * prefix, enum secret_state state, unsigned limit,
    const char * expected)
{
	const struct secret_filter filter = { .prefix = prefix,
	    .state = state, .times = times };
	struct found f = { .digits = "" };
	size_t before;

	do {
		before = strlen(f.digits);
		ASSERT_ERR(secret_search(h.store.db, &filter,
		    before == 0 ? NULL : &f.last, limit, note, &f), SR_OK);
		CU_ASSERT_TRUE(strlen(f.digits) <= before + limit);
	} while (strlen(f.digits) > before);
	CU_ASSERT_STRING_EQUAL(f.digits, expected);
	if (strcmp(f.digits, expected) != 0)
		suite_note("\"%s\" %s: %s, not %s", prefix,
		    secret_state_name(state), f.digits, expected);
}

static void
secrets_are_found_by_the_begin_of_their_name(void)
{
	unsigned limit;

	some_secrets();
	for (limit = 1; limit <= 8; limit++) {
		finds("", SECRET_ANY, limit, "1234567");
		finds("a", SECRET_ANY, limit, "124567");
		finds("a/", SECRET_ANY, limit, "12457");
		/* "_" is a character like others. */
		finds("a_", SECRET_ANY, limit, "6");
		finds("A", SECRET_ANY, limit, "");
		finds("b/soon", SECRET_ANY, limit, "3");
		finds("b/soon/", SECRET_ANY, limit, "");
	}
	/* What no name begins with finds nothing, whatever it would do. */
	finds("a%", SECRET_ANY, 8, "");
	finds("a~", SECRET_ANY, 8, "");
	finds("' OR 1 -- ", SECRET_ANY, 8, "");
}

static void
secrets_are_found_by_their_state(void)
{
	unsigned limit;

	some_secrets();
	for (limit = 1; limit <= 8; limit++) {
		finds("", SECRET_ACTIVE, limit, "12347");
		finds("", SECRET_SOON, limit, "37");
		finds("", SECRET_OVERDUE, limit, "247");
		finds("", SECRET_EXPIRED, limit, "5");
		finds("", SECRET_REVOKED, limit, "6");
		finds("a/", SECRET_SOON, limit, "7");
		finds("a", SECRET_OVERDUE, limit, "247");
		finds("b", SECRET_OVERDUE, limit, "");
	}
}

static void
an_id_of_nobody_is_no_place(void)
{
	const struct secret_filter filter = { .prefix = "",
	    .state = SECRET_ANY, .times = times };
	const struct sr_id nobody = { { 9 } };
	struct found f = { .digits = "" };

	some_secrets();
	ASSERT_ERR(secret_search(h.store.db, &filter, &nobody, 8, note, &f),
	    SR_OK);
	CU_ASSERT_STRING_EQUAL(f.digits, "1234567");
	f = (struct found){ .digits = "", .stop_at = 3 };
	ASSERT_ERR(secret_search(h.store.db, &filter, NULL, 8, note, &f),
	    SR_E_LIMIT_EXCEEDED);
	CU_ASSERT_STRING_EQUAL(f.digits, "123");
}

static enum sr_error
state_row(const struct secret_meta * meta, void * cookie)
{
	static const char * const expected[] = { "active", "active", "soon",
	    "active", "expired", "revoked", "soon" };
	static const bool late[] = { false, true, false, true, false, false,
	    true };
	unsigned * n = cookie;

	CU_ASSERT_STRING_EQUAL(secret_state_name(secret_state(meta, &times)),
	    expected[*n]);
	CU_ASSERT_EQUAL(secret_overdue(meta, &times), late[*n]);
	++*n;
	return (SR_OK);
}

static void
the_state_of_a_row_is_what_it_is_found_by(void)
{
	enum secret_state state;
	unsigned n = 0;

	some_secrets();
	ASSERT_ERR(secret_list(h.store.db, NULL, 8, state_row, &n), SR_OK);
	CU_ASSERT_EQUAL(n, 7);
	CU_ASSERT_TRUE(secret_state_parse("overdue", &state));
	CU_ASSERT_EQUAL(state, SECRET_OVERDUE);
	CU_ASSERT_FALSE(secret_state_parse("late", &state));
	CU_ASSERT_FALSE(secret_state_parse("", &state));
}

static void
the_posture_counts_states_and_ages(void)
{
	static const uint64_t ages[POSTURE_AGES] = { 1, 1, 0, 2, 0, 1 };
	struct posture p;
	size_t i;

	some_secrets();
	ASSERT_ERR_FATAL(posture_read(h.store.db, &times, &p), SR_OK);
	CU_ASSERT_EQUAL(p.active, 5);
	CU_ASSERT_EQUAL(p.soon, 2);
	CU_ASSERT_EQUAL(p.overdue, 3);
	CU_ASSERT_EQUAL(p.expired, 1);
	CU_ASSERT_EQUAL(p.revoked, 1);
	for (i = 0; i < POSTURE_AGES; i++)
		CU_ASSERT_EQUAL(p.ages[i], ages[i]);
	(void)house_do(&h, "DELETE FROM secret_ref");
	ASSERT_ERR(posture_read(h.store.db, &times, &p), SR_OK);
	CU_ASSERT_EQUAL(p.active + p.expired + p.revoked, 0);
}

/* An audit row of ${days} ago at that day's begin, by hand. */
static void
event(unsigned n, const char * outcome, int days)
{
	char * sql = text_format("INSERT INTO audit_event VALUES ("
	    "'0198cccc-0000-7000-8000-%012u', '0198cccc-0000-7000-8000-%012u',"
	    " 1, UTC_DATE() - INTERVAL %d DAY, 'system', NULL, 'x', 'CREATE',"
	    " 'secret', NULL, NULL, NULL, NULL, '%s', NULL,"
	    " '0198cccc-0000-7000-8000-000000000000', NULL, NULL)", n, n,
	    days, outcome);

	CU_ASSERT_TRUE(house_do(&h, sql));
	free(sql);
}

static void
the_posture_counts_actions_by_day_and_outcome(void)
{
	struct posture_day week;
	struct posture p;

	(void)house_do(&h, "DELETE FROM audit_event");
	times.now = clock_now();
	event(1, "succeeded", 0);
	event(2, "succeeded", 0);
	event(3, "blocked", 6);
	event(4, "failed", 7);
	event(5, "failed", 29);
	event(6, "failed", 30);
	ASSERT_ERR_FATAL(posture_read(h.store.db, &times, &p), SR_OK);
	CU_ASSERT_EQUAL(p.days[POSTURE_DAYS - 1].succeeded, 2);
	CU_ASSERT_EQUAL(p.days[POSTURE_DAYS - 7].blocked, 1);
	CU_ASSERT_EQUAL(p.days[POSTURE_DAYS - 8].failed, 1);
	CU_ASSERT_EQUAL(p.days[0].failed, 1);
	CU_ASSERT_EQUAL(p.first_day % DAY, 0);
	week = posture_week(&p);
	CU_ASSERT_EQUAL(week.succeeded, 2);
	CU_ASSERT_EQUAL(week.blocked, 1);
	CU_ASSERT_EQUAL(week.failed, 0);
	CU_ASSERT_EQUAL(posture_week_begins(&p),
	    p.first_day + (POSTURE_DAYS - POSTURE_WEEK) * DAY);
}

/* What walks the table row by row, or sorts it, would do so for 100,000. */
static void
lists_and_counts_are_read_off_an_index(void)
{
	char * plan = mariadb_sql(h.m, "EXPLAIN SELECT r.id FROM secret_ref r"
	    " FORCE INDEX (secret_ref_state) WHERE r.status = 'active'"
	    " AND r.scope = 'project'"
	    " AND (r.project_id > '00000000-0000-0000-0000-000000000001'"
	    " OR (r.project_id = '00000000-0000-0000-0000-000000000001'"
	    " AND r.name > 'a')) AND r.name >= 'a' AND r.name < 'a~'"
	    " AND r.last_rotated_at < '9999-12-31'"
	    " ORDER BY r.project_id, r.name LIMIT 51");

	CU_ASSERT_PTR_NOT_NULL_FATAL(plan);
	CU_ASSERT_PTR_NOT_NULL(strstr(plan, "\trange\t"));
	CU_ASSERT_PTR_NOT_NULL(strstr(plan, "secret_ref_state"));
	CU_ASSERT_PTR_NULL(strstr(plan, "filesort"));
	if (strstr(plan, "filesort") != NULL)
		suite_note("%s", plan);
	free(plan);
	plan = mariadb_sql(h.m, "EXPLAIN SELECT COUNT(*) FROM secret_ref"
	    " FORCE INDEX (secret_ref_age) WHERE status = 'active'"
	    " AND expires_at IS NULL AND last_rotated_at < '2026-01-01'");
	CU_ASSERT_PTR_NOT_NULL_FATAL(plan);
	CU_ASSERT_PTR_NOT_NULL(strstr(plan, "\trange\t"));
	CU_ASSERT_PTR_NOT_NULL(strstr(plan, "Using index"));
	free(plan);
}

static void
a_table_that_is_gone_is_said(void)
{
	const struct secret_filter filter = { .prefix = "",
	    .state = SECRET_ANY, .times = times };
	struct found f = { .digits = "" };
	struct posture p;

	CU_ASSERT_TRUE(house_do(&h, "RENAME TABLE audit_event TO gone"));
	ASSERT_ERR(posture_read(h.store.db, &times, &p),
	    SR_E_SECRET_AUDIT_UNAVAILABLE);
	CU_ASSERT_TRUE(house_do(&h, "RENAME TABLE gone TO audit_event,"
	    " secret_ref TO away"));
	ASSERT_ERR(posture_read(h.store.db, &times, &p),
	    SR_E_SECRET_METADATA_UNAVAILABLE);
	ASSERT_ERR(secret_search(h.store.db, &filter, NULL, 8, note, &f),
	    SR_E_SECRET_METADATA_UNAVAILABLE);
	CU_ASSERT_TRUE(house_do(&h, "RENAME TABLE away TO secret_ref"));
}

static const struct suite_test tests[] = {
	TEST(secrets_are_found_by_the_begin_of_their_name),
	TEST(secrets_are_found_by_their_state),
	TEST(an_id_of_nobody_is_no_place),
	TEST(the_state_of_a_row_is_what_it_is_found_by),
	TEST(the_posture_counts_states_and_ages),
	TEST(the_posture_counts_actions_by_day_and_outcome),
	TEST(lists_and_counts_are_read_off_an_index),
	TEST(a_table_that_is_gone_is_said),
};

SUITE_MAIN("vault/search", tests, start, stop)
