/* What heads that are kept outside prove. */

#include "tests/core/audit/heads.h"

static void
found_with_heads(const char * what, enum audit_finding_kind kind)
{
	struct audit_verified v;
	struct findings f;

	verify(log_path, &f, &v);
	suite_note("%-48s %s", what, findings_text(&f));
	CU_ASSERT(f.n[kind] > 0);
}

static void
not_found_without_heads(void)
{
	struct audit_verified v;
	struct findings f;

	verify(NULL, &f, &v);
	suite_note("the same, without heads: %s", f.all == 0 ? "nothing" :
	    findings_text(&f));
	CU_ASSERT_EQUAL(f.all, 0);
	CU_ASSERT_EQUAL(v.heads, 0);
}

/* The first test: those behind it begin with what it leaves. */
static void
an_old_database_put_back_is_found(void)
{

	heads_begin();
	tables_keep("old");
	add_rows(30);
	seal_into_log();
	add_rows(30);
	seal_into_log();
	tables_keep("new");
	tables_put_back("old");
	rows -= 60;
	not_found_without_heads();
	found_with_heads("an old database put back",
	    FINDING_DATABASE_ROLLED_BACK);
	/* The workers go on from there: other rows under the same numbers. */
	add_rows(100);
	(void)seal_all();
	not_found_without_heads();
	found_with_heads("an old database put back, and gone on with",
	    FINDING_HEAD_CONTRADICTS);
	tables_put_back("new");
	rows -= 40;
}

static void
a_tree_made_anew_is_found(void)
{
	uint64_t added;

	tables_keep("made");
	admin("DELETE FROM audit_checkpoint; DELETE FROM audit_node;"
	    "DELETE FROM audit_leaf; DELETE FROM audit_event WHERE chain_seq"
	    " = 60");
	ASSERT_ERR(checkpoint_sweep(db, &added), SR_OK);
	CU_ASSERT_EQUAL(added, rows - 5);
	(void)seal_all();
	not_found_without_heads();
	found_with_heads("tree thrown away, rows cut off, made anew",
	    FINDING_HEAD_CONTRADICTS);
	tables_put_back("made");
}

static void
a_checkpoint_taken_out_is_found(void)
{

	admin("DELETE FROM audit_checkpoint WHERE tree_size = 240");
	not_found_without_heads();
	found_with_heads("a checkpoint in the middle deleted",
	    FINDING_CHECKPOINT_MISSING);
	tables_put_back("made");
}

/* A head of a size at which there never was a checkpoint, but that is right. */
static void
heads_of_any_size_are_held_against_the_tree(void)
{
	char path[220];
	struct audit_verified v;
	struct findings f;
	const struct keyset * set = keystore_hold(store.keys);
	struct strbuf b;
	FILE * file;

	CU_ASSERT_PTR_NOT_NULL_FATAL(set);
	(void)snprintf(path, sizeof(path), "%s/notes", suite_tmpdir());
	strbuf_init(&b, 65536);
	/* Signed by our own key, of a root that is not this tree's. */
	for (uint64_t size = 1; size <= 20; size++) {
		struct checkpoint cp = { .tree_size = size,
		    .made_at = clock_now() };

		checkpoint_sign(&cp, keyset_sign_key(set));
		checkpoint_note(&cp, &b);
	}
	keyset_release(&set);
	file = fopen(path, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	CU_ASSERT_EQUAL(fwrite(strbuf_str(&b), 1, b.len, file), b.len);
	CU_ASSERT_EQUAL(fclose(file), 0);
	verify(path, &f, &v);
	CU_ASSERT_EQUAL(f.n[FINDING_HEAD_CONTRADICTS], 20);
	CU_ASSERT_EQUAL(f.all, 20);
	CU_ASSERT_EQUAL(v.heads, 20);
	strbuf_free(&b);
}

static void
forged_and_foreign_heads_are_told_apart(void)
{
	char path[220], note[CHECKPOINT_NOTE_MAX];
	size_t len = vector_only("note", note, sizeof(note));
	struct audit_verified v;
	struct checkpoint cp;
	struct findings f;
	struct strbuf b;
	FILE * file;
	bool found;

	(void)snprintf(path, sizeof(path), "%s/forged", suite_tmpdir());
	strbuf_init(&b, 65536);
	strbuf_add(&b, note, len);
	ASSERT_ERR_FATAL(checkpoint_latest(db, &cp, &found), SR_OK);
	cp.tree_size += 1000;
	checkpoint_note(&cp, &b);
	file = fopen(path, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	CU_ASSERT_EQUAL(fwrite(strbuf_str(&b), 1, b.len, file), b.len);
	CU_ASSERT_EQUAL(fclose(file), 0);
	verify(path, &f, &v);
	CU_ASSERT_EQUAL(v.foreign_heads, 1);
	CU_ASSERT_EQUAL(v.heads, 1);
	CU_ASSERT_EQUAL(f.n[FINDING_HEAD_SIGNATURE], 1);
	CU_ASSERT_EQUAL(f.all, 1);
	strbuf_free(&b);
}

/* A new key of its own would turn every head outside into another's. */
static void
heads_of_another_key_alone_are_a_finding(void)
{
	char path[220], note[CHECKPOINT_NOTE_MAX];
	size_t len = vector_only("note", note, sizeof(note));
	struct audit_verified v;
	struct findings f;
	FILE * file;

	(void)snprintf(path, sizeof(path), "%s/foreign", suite_tmpdir());
	file = fopen(path, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	CU_ASSERT_EQUAL(fwrite(note, 1, len, file), len);
	CU_ASSERT_EQUAL(fclose(file), 0);
	verify(path, &f, &v);
	CU_ASSERT_EQUAL(v.foreign_heads, 1);
	CU_ASSERT_EQUAL(v.heads, 0);
	CU_ASSERT_EQUAL(f.n[FINDING_HEAD_FOREIGN], 1);
	CU_ASSERT_EQUAL(f.all, 1);
}

/* A log that was emptied, or the wrong file, must not pass for a good one. */
static void
a_file_without_heads_is_a_finding(void)
{
	char path[220];
	struct audit_verified v;
	struct findings f;
	FILE * file;

	(void)snprintf(path, sizeof(path), "%s/empty", suite_tmpdir());
	file = fopen(path, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	CU_ASSERT(fputs("a log of something else\n", file) >= 0);
	CU_ASSERT_EQUAL(fclose(file), 0);
	verify(path, &f, &v);
	CU_ASSERT_EQUAL(v.heads + v.foreign_heads, 0);
	CU_ASSERT_EQUAL(f.n[FINDING_HEAD_FOREIGN], 1);
	CU_ASSERT_EQUAL(f.all, 1);
}

static void
a_signing_key_that_was_taken_away_is_not_replaced(void)
{
	struct store other = { .db = db };

	admin("CREATE TABLE kept SELECT * FROM system_key; DELETE FROM"
	    " system_key WHERE purpose = 'sign'");
	ASSERT_ERR(audit_keys(&other), SR_E_SECRET_ENCRYPTION_FAILED);
	CU_ASSERT(admin_says("SELECT COUNT(*) FROM system_key WHERE purpose ="
	    " 'sign'", "0"));
	admin("DELETE FROM system_key; INSERT INTO system_key SELECT * FROM"
	    " kept; DROP TABLE kept");
	keystore_free(&other.keys);
	ASSERT_ERR(audit_keys(&other), SR_OK);
	keystore_free(&other.keys);
}

static const struct suite_test tests[] = {
	TEST(an_old_database_put_back_is_found),
	TEST(a_tree_made_anew_is_found),
	TEST(a_checkpoint_taken_out_is_found),
	TEST(heads_of_any_size_are_held_against_the_tree),
	TEST(forged_and_foreign_heads_are_told_apart),
	TEST(heads_of_another_key_alone_are_a_finding),
	TEST(a_file_without_heads_is_a_finding),
	TEST(a_signing_key_that_was_taken_away_is_not_replaced),
};
SUITE_MAIN("core/audit/heads", tests, audit_start, audit_stop)
