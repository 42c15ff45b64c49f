/* The log of changes: what is behind its numbers is loaded, and no more. */

#include "tests/core/vault/process.h"

static struct house h;

/* In the transaction that stores live/late: others commit meanwhile. */
static enum sr_error
meanwhile(struct tx * tx, const struct secret_meta * meta, void * cookie)
{
	struct process * p = cookie;

	(void)tx;
	(void)meta;
	ASSERT_ERR_FATAL(put_into(&p->store, &h.actor, "instance",
	    "live/early", "amber-lantern-two", NULL, NULL), SR_OK);
	ASSERT_ERR_FATAL(liveset_refresh(p->live, &p->store), SR_OK);
	CU_ASSERT(masked_as(p, "amber-lantern-two", "instance/live/early@1"));
	CU_ASSERT(passes(p, "amber-lantern-one"));
	return (SR_OK);
}

/*
 * A change whose transaction takes long is seen when it is committed, however
 * many others were in between; its number cannot be behind theirs.
 */
static void
a_change_that_commits_late_is_seen(void)
{
	struct secbuf * value = house_secret("amber-lantern-one");
	struct process p;
	struct secret_write w = { .scope = "instance", .name = "live/late",
	    .value = value, .also = meanwhile, .also_cookie = &p };

	process_open(&h, &p);
	ASSERT_ERR_FATAL(liveset_refresh(p.live, &p.store), SR_OK);
	ASSERT_ERR_FATAL(secret_put(&h.store, &h.actor, &w, NULL, NULL), SR_OK);
	CU_ASSERT(passes(&p, "amber-lantern-one"));
	ASSERT_ERR_FATAL(liveset_refresh(p.live, &p.store), SR_OK);
	CU_ASSERT(masked_as(&p, "amber-lantern-one", "instance/live/late@1"));
	secbuf_free(&value);
	process_close(&p);
}

/* What was seen is not read again, however much it is. */
static void
what_was_loaded_is_not_read_again(void)
{
	struct process p;
	unsigned i;

	process_open(&h, &p);
	ASSERT_ERR_FATAL(liveset_refresh(p.live, &p.store), SR_OK);
	for (i = 0; i < 40; i++)
		ASSERT_ERR_FATAL(put(&h, "live/often", i % 2 ?
		    "rose-lantern-one" : "rose-lantern-two", NULL), SR_OK);
	ASSERT_ERR_FATAL(liveset_refresh(p.live, &p.store), SR_OK);
	/* The log itself was not touched: all rows can be gone. */
	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE redaction_change TO away"));
	ASSERT_ERR(liveset_refresh(p.live, &p.store), SR_OK);
	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE away TO redaction_change"));
	process_close(&p);
}

/* The numbers of an older copy of the database are behind what was seen. */
static void
a_database_that_is_another_one_is_loaded_anew(void)
{
	struct process p;

	ASSERT_ERR_FATAL(put(&h, "live/copy", "jade-lantern-one", NULL), SR_OK);
	process_open(&h, &p);
	ASSERT_ERR_FATAL(liveset_refresh(p.live, &p.store), SR_OK);
	CU_ASSERT(!passes(&p, "jade-lantern-one"));
	CU_ASSERT_FATAL(house_do(&h, "DELETE v FROM redaction_variant v"
	    " JOIN secret_ref r ON r.id = v.secret_id"
	    " WHERE r.name = 'live/copy';"
	    " UPDATE redaction_head SET n = 0"));
	ASSERT_ERR_FATAL(liveset_refresh(p.live, &p.store), SR_OK);
	CU_ASSERT(passes(&p, "jade-lantern-one"));
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
	TEST(a_change_that_commits_late_is_seen),
	TEST(what_was_loaded_is_not_read_again),
	TEST(a_database_that_is_another_one_is_loaded_anew),
};

SUITE_MAIN("core/vault/change", tests, setup, teardown)
