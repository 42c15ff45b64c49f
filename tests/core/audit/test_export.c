#include "tests/core/audit/export.h"

static void
a_whole_export_is_proved(void)
{
	struct audit_export_counts n;
	struct export_answer a;
	char * text;

	write_rows();
	text = exported(0, &all, &n);
	CU_ASSERT_EQUAL(n.events, ROWS);
	verify(text, &a);
	CU_ASSERT_EQUAL(a.findings, 0);
	CU_ASSERT_EQUAL(a.events, ROWS);
	CU_ASSERT_EQUAL(a.proved, ROWS);
	CU_ASSERT_EQUAL(a.earlier, 7);
	CU_ASSERT_EQUAL(a.head.tree_size, ROWS);
	free(text);
}

static void
a_filtered_export_is_proved_and_small(void)
{
	struct audit_filter f = rare();
	struct audit_export_counts n;
	struct export_answer a;
	char * text;

	write_rows();
	text = exported(0, &f, &n);
	CU_ASSERT(n.events > 20 && n.events + n.omitted == ROWS);
	verify(text, &a);
	CU_ASSERT_EQUAL(a.findings, 0);
	CU_ASSERT_EQUAL(a.proved, n.events);
	CU_ASSERT_EQUAL(a.omitted, n.omitted);
	CU_ASSERT_EQUAL(a.earlier, 7);
	free(text);
	(void)snprintf(f.name, sizeof(f.name), "never");
	text = exported(0, &f, &n);
	CU_ASSERT_EQUAL(n.events, 0);
	verify(text, &a);
	CU_ASSERT_EQUAL(a.findings, 0);
	CU_ASSERT_EQUAL(a.omitted, ROWS);
	free(text);
}

static void
every_checkpoint_can_be_exported_and_no_other_size(void)
{
	struct audit_export_counts n;
	struct export_answer a;
	struct checkpoint cp;
	uint64_t size;
	char * text;

	write_rows();
	for (size = 40; size < ROWS; size += 40) {
		text = exported(size, &all, &n);
		verify(text, &a);
		CU_ASSERT_EQUAL(a.findings, 0);
		CU_ASSERT_EQUAL(a.head.tree_size, size);
		free(text);
	}
	ASSERT_ERR(audit_export_head(db, 41, &cp),
	    SR_E_AUDIT_CHECKPOINT_NOT_FOUND);
}

static void
the_schema_accepts_each(void)
{
	struct audit_filter f = rare(), none = rare();
	const struct audit_filter * const filters[] = { &all, &f, &none };
	char * path = text_format("%s/export.xml", suite_tmpdir());
	struct audit_export_counts n;
	char * text;
	size_t i;

	write_rows();
	(void)snprintf(none.name, sizeof(none.name), "never");
	for (i = 0; i < COUNTOF(filters); i++) {
		text = exported(0, filters[i], &n);
		must(file_write(path, 0600, text) == 0);
		CU_ASSERT_EQUAL(process_run((const char * const[]){ "xmllint",
		    "--noout", "--nonet", "--schema",
		    "schema/audit-export.xsd", path, NULL }, NULL, NULL,
		    NULL), 0);
		free(text);
	}
	free(path);
}

static void
a_row_that_is_gone_is_told(void)
{
	struct audit_export_counts n;
	struct export_answer a;
	char * text;

	write_rows();
	admin("CREATE TABLE kept AS SELECT e.* FROM audit_event e JOIN "
	    "audit_leaf l ON l.event_id = e.id WHERE l.leaf_index = 100");
	admin("DELETE FROM audit_event WHERE id IN (SELECT id FROM kept)");
	text = exported(0, &all, &n);
	admin("INSERT INTO audit_event SELECT * FROM kept");
	CU_ASSERT_EQUAL(n.missing, 1);
	verify(text, &a);
	CU_ASSERT_EQUAL(a.findings, 1);
	CU_ASSERT_EQUAL(a.found[FINDING_ROW_MISSING], 1);
	free(text);
}

/* Text that is masked is not proved, and its place is. */
static void
masked_events_keep_their_place(void)
{
	struct audit_entry e;
	struct actor actor = owner;
	struct sr_id target = new_id();
	struct audit_export_counts n;
	struct export_answer a;
	uint64_t sealed;
	char * text;
	bool more;

	write_rows();
	e = entry_about(&target);
	e.actor = &actor;
	/* Put together here, so that this file holds no token. */
	(void)snprintf(actor.label, sizeof(actor.label), "%s_%s", "ghp",
	    "x9Kd83jfKs02LdkWq71mZpTt5bRy4cVn0aQe");
	ASSERT_ERR(append_one(db, &store, &e), SR_OK);
	(void)snprintf(actor.label, sizeof(actor.label), "bell \x07");
	e.id = new_id();
	ASSERT_ERR(append_one(db, &store, &e), SR_OK);
	ASSERT_ERR(checkpoint_seal(&store, &sealed, &more), SR_OK);
	text = exported(0, &all, &n);
	CU_ASSERT_EQUAL(n.masked, 2);
	CU_ASSERT_PTR_NULL(strstr(text, "x9Kd83jf"));
	verify(text, &a);
	CU_ASSERT_EQUAL(a.findings, 0);
	CU_ASSERT_EQUAL(a.masked, 2);
	CU_ASSERT_EQUAL(a.proved, ROWS);
	free(text);
}

static void
without_the_gate_nothing_leaves(void)
{
	struct audit_export x = { .filter = all };
	struct audit_export_counts n;
	struct strbuf b;

	write_rows();
	strbuf_init(&b, 65536);
	redact_mark(store.redact, REDACT_STALE);
	ASSERT_ERR(audit_export_head(db, 0, &x.head), SR_OK);
	ASSERT_ERR(audit_export(&store, &x, collect, &b, &n),
	    SR_E_CHANNEL_REDACTION_FAILED);
	CU_ASSERT_PTR_NULL(strstr(strbuf_str(&b), "</audit-export>"));
	redact_mark(store.redact, REDACT_READY);
	strbuf_free(&b);
}

static const struct suite_test tests[] = {
	TEST(a_whole_export_is_proved),
	TEST(a_filtered_export_is_proved_and_small),
	TEST(every_checkpoint_can_be_exported_and_no_other_size),
	TEST(the_schema_accepts_each),
	TEST(a_row_that_is_gone_is_told),
	TEST(masked_events_keep_their_place),
	TEST(without_the_gate_nothing_leaves),
};
SUITE_MAIN("core/audit/export", tests, export_start, export_stop)
