/* What goes wrong with an artifact leaves nothing of it. */

#include "tests/core/runs/gate_fault.h"
#include "tests/core/runs/artifact_visit.h"
#include "tests/harness/dbproxy.h"

static void
limits_are_kept(void)
{
	struct artifact_write w = artifact_named("big", NULL);
	char * text = calloc(1, 300001);
	struct artifact a;

	must(text != NULL);
	memset(text, 'a', 300000);
	w.limits.each = 300000;
	ASSERT_ERR(artifact_put(&w, text, 300001, 999, NULL),
	    SR_E_ARTIFACT_TOO_LARGE);
	ASSERT_ERR(artifact_put(&w, text, 300000, 999, &a), SR_OK);
	CU_ASSERT_EQUAL(a.size, 300000);
	/* A run's share counts what is on its way too, and some for each. */
	w.name = "more";
	w.limits.run = 300000 + 2 * 4096 + 299999;
	ASSERT_ERR(artifact_put(&w, text, 300000, 300000, NULL),
	    SR_E_RUN_ARTIFACTS_TOO_LARGE);
	w.limits.run++;
	ASSERT_ERR(artifact_put(&w, text, 300000, 300000, NULL), SR_OK);
	w.name = "none";
	ASSERT_ERR(artifact_put(&w, "", 0, 1, NULL),
	    SR_E_RUN_ARTIFACTS_TOO_LARGE);
	nothing_is_left("2");
	/* Masks may be longer than what they stand for. */
	w = artifact_named("longer", NULL);
	w.limits.each = 60;
	ASSERT_ERR(artifact_put(&w, BOUND " " BOUND "\n", strlen(BOUND) + 1,
	    99, NULL), SR_OK);
	w.limits.each = 39;
	ASSERT_ERR(artifact_put(&w, BOUND "\n", strlen(BOUND) + 1, 99, NULL),
	    SR_E_ARTIFACT_TOO_LARGE);
	free(text);
	nothing_is_left("3");
}

static void
one_that_breaks_off_leaves_the_former_one(void)
{
	const struct artifact_write w = artifact_named("again", NULL);
	struct artifact_up * up = NULL;
	char * text = calloc(1, 600000);
	struct artifact a;
	struct strbuf b;

	must(text != NULL);
	memset(text, 'x', 600000);
	ASSERT_ERR_FATAL(artifact_text("again", "the first\n", NULL), SR_OK);
	ASSERT_ERR_FATAL(artifact_begin(&h.store, &h.actor, &w, NULL, &up),
	    SR_OK);
	ASSERT_ERR(artifact_feed(up, text, 600000), SR_OK);
	/* Two chunks of it are stored, and nobody sees them. */
	CU_ASSERT(house_sql_is(&h, "2", "SELECT COUNT(*) FROM artifact_chunk c"
	    " JOIN artifact a ON a.id = c.artifact_id WHERE a.state ="
	    " 'writing'"));
	ASSERT_ERR(artifact_get("again", &b), SR_OK);
	CU_ASSERT_STRING_EQUAL(strbuf_str(&b), "the first\n");
	strbuf_free(&b);
	artifact_drop(&up);
	CU_ASSERT_PTR_NULL(up);
	nothing_is_left("4");
	ASSERT_ERR_FATAL(artifact_put(&w, text, 600000, 70000, &a), SR_OK);
	CU_ASSERT(a.replaced);
	ASSERT_ERR(artifact_get("again", &b), SR_OK);
	CU_ASSERT_EQUAL(b.len, 600000);
	strbuf_free(&b);
	free(text);
	nothing_is_left("4");
}

static void
st_sec_005_ac3_a_gate_that_fails_stores_nothing(void)
{
	static const enum redact_cause causes[] = { REDACT_CAUSE_STALE,
	    REDACT_CAUSE_MEMORY, REDACT_CAUSE_ENGINE, REDACT_CAUSE_LOCKED };
	static const char * const names[] = { "gate", "gate.json" };
	struct liveset * live = h.store.live;
	struct artifact_write w;
	struct artifact_up * up;
	struct artifact a;
	enum sr_error err;

	for (size_t i = 0; i < 2 * COUNTOF(causes); i++) {
		w = artifact_named(names[i % 2], NULL);
		ASSERT_ERR_FATAL(artifact_begin(&h.store, &h.actor, &w, NULL,
		    &up), SR_OK);
		ASSERT_ERR(artifact_feed(up, "{\"a\": \"first words\",", 20),
		    SR_OK);
		/* Nobody puts it right while it goes on. */
		h.store.live = NULL;
		gate_fault(h.store.redact, causes[i / 2]);
		err = artifact_feed(up, "\"b\": 1}", 7);
		if (err == SR_OK)
			err = artifact_end(up, &a);
		ASSERT_ERR(err, causes[i / 2] == REDACT_CAUSE_MEMORY &&
		    err == SR_E_OUT_OF_MEMORY ? err :
		    SR_E_CHANNEL_REDACTION_FAILED);
		gate_fault(h.store.redact, REDACT_CAUSE_NONE);
		h.store.live = live;
		ASSERT_ERR(liveset_refresh(live, &h.store), SR_OK);
		/* It does not go on as if nothing had been. */
		ASSERT_ERR(artifact_feed(up, "x", 1), err);
		ASSERT_ERR(artifact_end(up, &a), err);
		artifact_drop(&up);
	}
	nothing_is_left("4");
	CU_ASSERT(house_sql_is(&h, "channel_refused\tartifact", "SELECT kind,"
	    " channel FROM run_alert WHERE kind = 'channel_refused'"));
}

/* A secret that is stored while it is on its way. */
static void
what_came_to_be_known_meanwhile_is_masked(void)
{
	static const char later[] = "known-only-later-77b1f0a9c3d5";
	static const char * const names[] = { "later", "later.json" };
	struct artifact_write w;
	struct artifact_up * up;
	struct artifact a;
	struct strbuf b;
	char text[200], name[40];

	for (size_t i = 0; i < COUNTOF(names); i++) {
		w = artifact_named(names[i], NULL);
		(void)snprintf(text, sizeof(text), "[\"say %s%zu\"]\n", later,
		    i);
		(void)snprintf(name, sizeof(name), "late/secret%zu", i);
		ASSERT_ERR_FATAL(artifact_begin(&h.store, &h.actor, &w, NULL,
		    &up), SR_OK);
		ASSERT_ERR(artifact_feed(up, text, strlen(text)), SR_OK);
		(void)snprintf(text, sizeof(text), "%s%zu", later, i);
		ASSERT_ERR_FATAL(put(&h, name, text, NULL), SR_OK);
		ASSERT_ERR_FATAL(artifact_end(up, &a), SR_OK);
		artifact_drop(&up);
		CU_ASSERT_EQUAL(a.known, 1);
		ASSERT_ERR(artifact_get(names[i], &b), SR_OK);
		CU_ASSERT_PTR_NULL(strstr(strbuf_str(&b), later));
		CU_ASSERT_PTR_NOT_NULL(strstr(strbuf_str(&b),
		    "[\"say [REDACTED:secret:"));
		CU_ASSERT_EQUAL(b.len, a.size);
		strbuf_free(&b);
	}
	nothing_is_left("6");
}

/* And one that is stored after it: on the way out. */
static void
what_came_to_be_known_later_is_masked_on_the_way_out(void)
{
	static const char late[] = "stored-after-it-was-sent-5c1e7";
	struct artifact a;
	struct strbuf b;
	char * text = NULL;

	must(asprintf(&text, "[\"%s\"]", late) > 0);
	ASSERT_ERR_FATAL(artifact_text("before", text, NULL), SR_OK);
	ASSERT_ERR_FATAL(artifact_put(&(struct artifact_write){ .run_id =
	    run.id, .name = "before.json", .limits = { EACH, 16 * EACH } },
	    text, strlen(text), 5, NULL), SR_OK);
	ASSERT_ERR_FATAL(project_allow_binary(&h.store, &h.actor, &project.id,
	    true, NULL), SR_OK);
	ASSERT_ERR_FATAL(artifact_put(&(struct artifact_write){ .run_id =
	    run.id, .name = "before.bin", .media_type = "image/png",
	    .limits = { EACH, 16 * EACH } }, text, strlen(text), 5, NULL),
	    SR_OK);
	ASSERT_ERR_FATAL(put(&h, "late/third", late, NULL), SR_OK);
	ASSERT_ERR(artifact_get("before", &b), SR_OK);
	CU_ASSERT_PTR_NULL(strstr(strbuf_str(&b), late));
	strbuf_free(&b);
	ASSERT_ERR(artifact_get("before.json", &b), SR_OK);
	CU_ASSERT_PTR_NULL(strstr(strbuf_str(&b), late));
	strbuf_free(&b);
	ASSERT_ERR(artifact_get("before.bin", &b), SR_E_ARTIFACT_UNSAFE);
	CU_ASSERT_EQUAL(b.len, 0);
	strbuf_free(&b);
	gate_fault(h.store.redact, REDACT_CAUSE_ENGINE);
	ASSERT_ERR(artifact_get("before", &b), SR_E_CHANNEL_REDACTION_FAILED);
	CU_ASSERT_EQUAL(b.len, 0);
	strbuf_free(&b);
	gate_fault(h.store.redact, REDACT_CAUSE_NONE);
	/* One that is gone while it is read has no end. */
	ASSERT_ERR_FATAL(artifact_show(h.store.db, &run.id, "before", &a),
	    SR_OK);
	CU_ASSERT_FATAL(house_do(&h, "DELETE FROM artifact_chunk"));
	strbuf_init(&b, EACH);
	ASSERT_ERR(artifact_read(&h.store, &a, artifact_collect, &b),
	    SR_E_ARTIFACT_NOT_FOUND);
	strbuf_free(&b);
	CU_ASSERT_FATAL(house_do(&h, "DELETE FROM artifact; UPDATE run SET"
	    " artifact_bytes = 0"));
	free(text);
}

static void
a_database_that_is_lost_on_the_way_leaves_nothing(void)
{
	const struct artifact_write w = artifact_named("lost", NULL);
	static const enum dbproxy_what what[] = { DBPROXY_COMMIT,
	    DBPROXY_EXECUTE };
	const struct store direct = h.store;
	struct dbproxy * proxy = NULL;
	struct db_options o;
	char * text = calloc(1, 600000);
	struct artifact a;
	unsigned kinds[2] = { 0, 0 };
	enum sr_error err;

	must(text != NULL);
	memset(text, 'y', 600000);
	for (unsigned i = 0; i < 60; i++) {
		CU_ASSERT_FATAL(dbproxy_start(mariadb_socket(h.m), &proxy) ==
		    0);
		mariadb_worker_options(h.m, &o);
		o.socket = dbproxy_socket(proxy);
		o.timeout_seconds = 2;
		ASSERT_ERR_FATAL(db_new(&o, &h.store.db), SR_OK);
		dbproxy_refuse_after(proxy, true);
		dbproxy_arm(proxy, what[i % 2], i / 2 + 1, i % 4 < 2 ?
		    DBPROXY_CUT_AFTER : DBPROXY_CUT_BEFORE);
		err = artifact_put(&w, text, 600000, 50000, &a);
		kinds[err == SR_OK]++;
		if (err != SR_OK && err != SR_E_RUN_UNAVAILABLE &&
		    err != SR_E_COMMIT_OUTCOME_UNKNOWN)
			suite_note("%u: %s", i, sr_error_name(err));
		CU_ASSERT(err == SR_OK || err == SR_E_RUN_UNAVAILABLE ||
		    err == SR_E_COMMIT_OUTCOME_UNKNOWN);
		db_free(&h.store.db);
		dbproxy_stop(&proxy);
		h.store = direct;
		ASSERT_ERR(liveset_refresh(h.store.live, &h.store), SR_OK);
	}
	CU_ASSERT(kinds[0] > 4 && kinds[1] > 4);
	free(text);
	/* What could not be deleted then is the purge's, a day later. */
	CU_ASSERT_FATAL(house_do(&h, "UPDATE artifact SET created_at ="
	    " created_at - INTERVAL 25 HOUR WHERE state = 'writing'"));
	for (unsigned gone = 1; gone > 0;)
		ASSERT_ERR_FATAL(artifact_purge(h.store.db, ARTIFACT_LOG,
		    clock_now() - 3600 * SR_SECOND, 100, &gone), SR_OK);
	nothing_is_left("1");
}

static void
only_a_run_that_goes_on_takes_artifacts(void)
{
	struct run_write w = { .project_id = project.id, .workflow_name = "w",
	    .workflow_version = "1", .trigger = "t", .pending = true };
	struct artifact_write a = artifact_named("x", NULL);
	struct artifact_up * up = NULL;
	struct artifact out;
	struct run r;

	ASSERT_ERR_FATAL(run_create(&h.store, &h.actor, &w, 15, NULL, &r),
	    SR_OK);
	a.run_id = r.id;
	ASSERT_ERR(artifact_put(&a, "x", 1, 1, NULL), SR_E_RUN_NOT_STARTED);
	ASSERT_ERR(run_move(&h.store, &r.id, RUN_RUNNING, 1, NULL), SR_OK);
	ASSERT_ERR(artifact_begin(&h.store, &h.actor, &a, NULL, &up), SR_OK);
	ASSERT_ERR(run_move(&h.store, &r.id, RUN_FAILED, 1, NULL), SR_OK);
	ASSERT_ERR(artifact_end(up, &out), SR_E_RUN_FINISHED);
	artifact_drop(&up);
	ASSERT_ERR(artifact_put(&a, "x", 1, 1, NULL), SR_E_RUN_FINISHED);
	a.run_id = project.id;
	ASSERT_ERR(artifact_put(&a, "x", 1, 1, NULL), SR_E_RUN_NOT_FOUND);
	nothing_is_left("1");
}

static void
who_guesses_is_held_back(void)
{
	struct artifact_write w = artifact_named("guess.png", "image/png");
	enum sr_error err = SR_OK;
	struct strbuf b;

	h.store.guess_limit = 3;
	strbuf_init(&b, EACH);
	/* Its own, as often as it likes. */
	for (unsigned i = 0; i < 500; i++)
		strbuf_puts(&b, "line " BOUND "\n");
	ASSERT_ERR(artifact_text("noisy", strbuf_str(&b), NULL), SR_OK);
	strbuf_free(&b);
	ASSERT_ERR(artifact_text("guess", UNBOUND " " UNBOUND, NULL), SR_OK);
	ASSERT_ERR(artifact_text("guess", UNBOUND " " UNBOUND, NULL),
	    SR_E_RUN_THROTTLED);
	/* What is refused because something is in it tells as much. */
	CU_ASSERT_FATAL(house_do(&h, "DELETE FROM run_alert"));
	for (unsigned i = 0; i < 9 && err != SR_E_RUN_THROTTLED; i++) {
		err = artifact_put(&w, UNBOUND, strlen(UNBOUND), 99, NULL);
		CU_ASSERT(err == SR_E_ARTIFACT_UNSAFE ||
		    err == SR_E_RUN_THROTTLED);
	}
	ASSERT_ERR(err, SR_E_RUN_THROTTLED);
	h.store.guess_limit = UINT32_MAX;
	nothing_is_left("3");
}

/* Masks are longer than what they stand for: it can be read all the same. */
static void
a_tree_that_grew_can_be_read(void)
{
	const struct artifact_write w = { .run_id = run.id, .name =
	    "grown.json", .limits = { 16 * EACH, 32 * EACH } };
	struct strbuf text, b;
	struct artifact a;

	strbuf_init(&text, 16 * EACH);
	strbuf_puts(&text, "[");
	while (text.len < 7 * 1024 * 1024)
		strbuf_puts(&text, "{\"password\":\"abcdefgh\"},");
	strbuf_puts(&text, "1]");
	ASSERT_ERR_FATAL(artifact_put(&w, strbuf_str(&text), text.len, 300000,
	    &a), SR_OK);
	CU_ASSERT(a.size > 8 * 1024 * 1024);
	ASSERT_ERR(artifact_get("grown.json", &b), SR_OK);
	CU_ASSERT_EQUAL(b.len, a.size);
	strbuf_free(&text);
	strbuf_free(&b);
}

static void
the_old_ones_go(void)
{
	unsigned gone;

	CU_ASSERT_FATAL(house_do(&h, "DELETE FROM artifact; UPDATE run SET"
	    " artifact_bytes = 0"));
	for (unsigned i = 0; i < 5; i++)
		ASSERT_ERR_FATAL(artifact_text((char[]){ (char)('a' + i), 0 },
		    "old", NULL), SR_OK);
	CU_ASSERT_FATAL(house_do(&h, "UPDATE artifact SET created_at ="
	    " created_at - INTERVAL 31 DAY WHERE name < 'd'"));
	ASSERT_ERR(artifact_purge(h.store.db, ARTIFACT_DIFF, clock_now(), 100,
	    &gone), SR_OK);
	CU_ASSERT_EQUAL(gone, 0);
	ASSERT_ERR(artifact_purge(h.store.db, ARTIFACT_LOG, clock_now() -
	    30 * 86400 * SR_SECOND, 2, &gone), SR_OK);
	CU_ASSERT_EQUAL(gone, 2);
	ASSERT_ERR(artifact_purge(h.store.db, ARTIFACT_LOG, clock_now() -
	    30 * 86400 * SR_SECOND, 2, &gone), SR_OK);
	CU_ASSERT_EQUAL(gone, 1);
	nothing_is_left("2");
}

static const struct suite_test tests[] = {
	TEST(limits_are_kept),
	TEST(one_that_breaks_off_leaves_the_former_one),
	TEST(st_sec_005_ac3_a_gate_that_fails_stores_nothing),
	TEST(what_came_to_be_known_meanwhile_is_masked),
	TEST(what_came_to_be_known_later_is_masked_on_the_way_out),
	TEST(a_database_that_is_lost_on_the_way_leaves_nothing),
	TEST(only_a_run_that_goes_on_takes_artifacts),
	TEST(who_guesses_is_held_back),
	TEST(a_tree_that_grew_can_be_read),
	TEST(the_old_ones_go),
};

SUITE_MAIN("core/runs/artifact faults", tests, runs_open, runs_close)
