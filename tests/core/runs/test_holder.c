/* The runs that hold a secret. */

#include "core/runs/holder.h"
#include "tests/core/vault/put.h"

static struct house h;
static struct project project;
static struct secret_meta meta;
static struct holders all;

static int
setup(void)
{
	const struct project_write p = { "billing", "Billing", NULL };
	const struct binding_write b = { .variable = "TOKEN",
	    .scope = "instance", .name = "held/token" };
	struct binding_write bound = b;

	if (house_open(&h) != 0 || put_into(&h.store, &h.actor, "instance",
	    "held/token", "a value that is held 1", NULL, &meta) != SR_OK ||
	    project_create(&h.store, &h.actor, &p, NULL, &project) != SR_OK)
		return (1);
	bound.project_id = project.id;
	return (binding_set(&h.store, &h.actor, &bound, NULL) == SR_OK ? 0 :
	    1);
}

static int
teardown(void)
{

	house_close(&h);
	return (0);
}

static void
start(struct run * out)
{
	const struct run_write w = { .project_id = project.id,
	    .workflow_name = "nightly", .workflow_version = "1",
	    .trigger = "test", .name = "the one" };

	ASSERT_ERR_FATAL(run_create(&h.store, &h.actor, &w, 15, NULL, out),
	    SR_OK);
}

static void
who_holds_it_is_named_until_it_ends(void)
{
	struct run one, two;

	ASSERT_ERR(holders_read(h.store.db, &meta.id, &all), SR_OK);
	CU_ASSERT(all.n == 0 && all.complete);
	start(&one);
	ASSERT_ERR_FATAL(put_into(&h.store, &h.actor, "instance",
	    "held/token", "a value that is held 2", NULL, NULL), SR_OK);
	start(&two);
	ASSERT_ERR(holders_read(h.store.db, &meta.id, &all), SR_OK);
	CU_ASSERT_EQUAL_FATAL(all.n, 2);
	CU_ASSERT(all.complete);
	CU_ASSERT(sr_id_equal(&all.v[0].run_id, &one.id));
	CU_ASSERT(sr_id_equal(&all.v[0].project_id, &project.id));
	CU_ASSERT_STRING_EQUAL(all.v[0].project, "billing");
	CU_ASSERT_STRING_EQUAL(all.v[0].workflow_name, "nightly");
	CU_ASSERT_STRING_EQUAL(all.v[0].name, "the one");
	CU_ASSERT_EQUAL(all.v[0].status, RUN_RUNNING);
	CU_ASSERT_EQUAL(all.v[0].key_version, 1);
	CU_ASSERT_EQUAL(all.v[1].key_version, 2);
	ASSERT_ERR(run_move(&h.store, &one.id, RUN_COMPLETED, 15, &one),
	    SR_OK);
	CU_ASSERT(house_do(&h, "UPDATE credential_lease SET expires_at ="
	    " '2020-01-01' WHERE key_version = 2"));
	ASSERT_ERR(holders_read(h.store.db, &meta.id, &all), SR_OK);
	CU_ASSERT_EQUAL(all.n, 0);
}

static void
more_than_are_named_are_said_to_be_there(void)
{
	struct run r;

	for (unsigned i = 0; i <= HOLDERS_MAX; i++)
		start(&r);
	ASSERT_ERR(holders_read(h.store.db, &meta.id, &all), SR_OK);
	CU_ASSERT_EQUAL(all.n, HOLDERS_MAX);
	CU_ASSERT_FALSE(all.complete);
}

static void
what_cannot_be_read_is_not_complete(void)
{

	CU_ASSERT(house_do(&h, "RENAME TABLE credential_lease TO hidden"));
	ASSERT_ERR(holders_read(h.store.db, &meta.id, &all),
	    SR_E_RUN_UNAVAILABLE);
	CU_ASSERT(all.n == 0 && !all.complete);
	CU_ASSERT(house_do(&h, "RENAME TABLE hidden TO credential_lease"));
}

static const struct suite_test tests[] = {
	TEST(who_holds_it_is_named_until_it_ends),
	TEST(more_than_are_named_are_said_to_be_there),
	TEST(what_cannot_be_read_is_not_complete),
};

SUITE_MAIN("core/runs/holder", tests, setup, teardown)
