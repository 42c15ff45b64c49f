/* Heads that are kept outside: how they are read, and what they prove. */

#include <fcntl.h>
#include <sys/wait.h>

#include "core/base/strbuf.h"
#include "core/redact/redact.h"
#include "tests/core/audit/tree.h"
#include "tests/core/audit/vectors.h"

static char log_path[200];
static uint64_t rows;

/* Seal, with the log in a file, through a gate as in the program. */
static void
seal_into_log(void)
{
	struct redact * r;
	int fd = open(log_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC,
	    0600);

	CU_ASSERT_FATAL(fd != -1);
	ASSERT_ERR_FATAL(redact_new(&r), SR_OK);
	log_open(r, fd);
	(void)seal_all();
	LOG(LOG_REOPENED, log_text("note", "other lines are \"event\":"
	    "\"audit_checkpoint\",\"size\":9 passed over"));
	log_open(NULL, 2);
	redact_free(&r);
	(void)close(fd);
}

static void
add_rows(unsigned n)
{
	struct sr_id chain = new_id();

	rows += n;
	while (n-- > 0)
		add_to_chain(&chain);
}

struct counted {
	unsigned n;
	unsigned ours;
	uint64_t last;
	enum sr_error say;
};

static enum sr_error
count_head(const struct checkpoint * head, void * cookie)
{
	struct counted * c = cookie;
	struct checkpoint h = *head, newest;
	bool found;

	c->n++;
	c->last = head->tree_size;
	if (checkpoint_latest(db, &newest, &found) == SR_OK && found &&
	    checkpoint_take_key(&h, newest.public_key) &&
	    checkpoint_verify(&h))
		c->ours++;
	return (c->say);
}

/* What is read out of ${text}. */
static struct counted
read_text(const char * text, size_t len)
{
	struct counted c = { .say = SR_OK };
	FILE * f = tmpfile();

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL(fwrite(text, 1, len, f), len);
	CU_ASSERT_EQUAL(fflush(f), 0);
	CU_ASSERT_EQUAL(lseek(fileno(f), 0, SEEK_SET), 0);
	ASSERT_ERR(checkpoint_heads_read(fileno(f), count_head, &c), SR_OK);
	(void)fclose(f);
	return (c);
}

static void
each_checkpoint_is_in_the_log(void)
{
	struct audit_verified v;
	struct findings f;
	struct counted c = { .say = SR_OK };
	unsigned i;
	int fd;

	(void)snprintf(log_path, sizeof(log_path), "%s/log", suite_tmpdir());
	for (i = 0; i < 5; i++) {
		add_rows(60);
		seal_into_log();
	}
	fd = open(log_path, O_RDONLY | O_CLOEXEC);
	CU_ASSERT_FATAL(fd != -1);
	ASSERT_ERR(checkpoint_heads_read(fd, count_head, &c), SR_OK);
	(void)close(fd);
	CU_ASSERT_EQUAL(c.n, 5);
	CU_ASSERT_EQUAL(c.ours, 5);
	CU_ASSERT_EQUAL(c.last, rows);
	verify(log_path, &f, &v);
	CU_ASSERT_EQUAL(f.all, 0);
	CU_ASSERT_EQUAL(v.heads, 5);
	CU_ASSERT_EQUAL(v.foreign_heads, 0);
}

/* Bare notes, in a file with anything else, with either line end. */
static void
notes_are_read_among_other_lines(void)
{
	char note[CHECKPOINT_NOTE_MAX];
	size_t len = vector_only("note", note, sizeof(note));
	struct strbuf b;
	struct counted c;
	size_t i;

	strbuf_init(&b, (size_t)1024 * 1024);
	strbuf_puts(&b, "# heads of our own\nstrongroom.audit/24f6\n\n");
	strbuf_add(&b, note, len);
	strbuf_add(&b, note, len / 2);
	strbuf_putc(&b, '\n');
	strbuf_add(&b, note, len);
	for (i = 0; i < 20000; i++)
		strbuf_puts(&b, "a long line");
	strbuf_puts(&b, "\n");
	for (i = 0; i < len; i++) {
		if (note[i] == '\n')
			strbuf_putc(&b, '\r');
		strbuf_putc(&b, note[i]);
	}
	strbuf_putc(&b, '\0');
	strbuf_putc(&b, '\n');
	/* The last one lacks its line end. */
	strbuf_add(&b, note, len - 1);
	ASSERT_ERR_FATAL(strbuf_status(&b), SR_OK);
	c = read_text(strbuf_str(&b), b.len);
	CU_ASSERT_EQUAL(c.n, 4);
	CU_ASSERT_EQUAL(c.ours, 0);
	CU_ASSERT_EQUAL(c.last, 2);
	c = read_text("", 0);
	CU_ASSERT_EQUAL(c.n, 0);
	strbuf_free(&b);
}

/* The lines as syslog and containers pass them on. */
static void
log_lines_are_read_with_what_is_around_them(void)
{
	char * line = NULL;
	struct strbuf b, outer;
	struct counted c;
	FILE * f = fopen(log_path, "r");
	size_t cap = 0;
	ssize_t n = -1;

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	do {
		n = getline(&line, &cap, f);
	} while (n > 0 && strstr(line, "audit_checkpoint\"") == NULL);
	CU_ASSERT_FATAL(n > 0);
	(void)fclose(f);
	line[--n] = '\0';
	strbuf_init(&b, 65536);
	strbuf_printf(&b, "Nov 24 05:30:43 host strongroom-worker[7]: %s\r\n",
	    line);
	strbuf_puts(&b, "{\"log\":\"");
	strbuf_json(&b, line, (size_t)n);
	strbuf_puts(&b, "\\n\",\"stream\":\"stderr\"}\n");
	c = read_text(strbuf_str(&b), b.len);
	CU_ASSERT_EQUAL(c.n, 2);
	CU_ASSERT_EQUAL(c.ours, 2);
	/* A text within another event's line is no event. */
	strbuf_reset(&b);
	strbuf_puts(&b, "{\"event\":\"request\",\"agent\":\"");
	strbuf_json(&b, line, (size_t)n);
	strbuf_puts(&b, "\"}");
	/* Nor one within that, in a container's log. */
	strbuf_init(&outer, 65536);
	strbuf_puts(&outer, "{\"log\":\"");
	strbuf_json(&outer, strbuf_str(&b), b.len);
	strbuf_puts(&outer, "\"}\n");
	strbuf_putc(&b, '\n');
	strbuf_add(&b, strbuf_str(&outer), outer.len);
	strbuf_free(&outer);
	c = read_text(strbuf_str(&b), b.len);
	CU_ASSERT_EQUAL(c.n, 0);
	strbuf_free(&b);
	free(line);
}

static void
a_cut_line_is_no_head(void)
{
	char * log, * end;
	struct counted c;
	FILE * f = fopen(log_path, "r");
	size_t len, i;

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	log = malloc(65536);
	CU_ASSERT_PTR_NOT_NULL_FATAL(log);
	len = fread(log, 1, 65535, f);
	log[len] = '\0';
	(void)fclose(f);
	end = strchr(log, '\n');
	CU_ASSERT_PTR_NOT_NULL_FATAL(end);
	len = (size_t)(end - log);
	for (i = 0; i + 2 < len; i += 7) {
		c = read_text(log, i);
		CU_ASSERT_EQUAL(c.n, 0);
	}
	free(log);
}

static void
reading_fails_and_ends_as_it_should(void)
{
	struct counted c = { .say = SR_E_OUTPUT_FAILED };
	struct audit_verified v;
	struct findings f = { .all = 0 };
	int fd = open(log_path, O_RDONLY | O_CLOEXEC);

	CU_ASSERT_FATAL(fd != -1);
	ASSERT_ERR(checkpoint_heads_read(fd, count_head, &c),
	    SR_E_OUTPUT_FAILED);
	CU_ASSERT_EQUAL(c.n, 1);
	(void)close(fd);
	fd = open(suite_tmpdir(), O_RDONLY | O_CLOEXEC);
	CU_ASSERT_FATAL(fd != -1);
	ASSERT_ERR(checkpoint_heads_read(fd, count_head, &c),
	    SR_E_INPUT_UNREADABLE);
	ASSERT_ERR(audit_verify_database(&store, fd, note_finding, &f, &v),
	    SR_E_INPUT_UNREADABLE);
	(void)close(fd);
}

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

static void
an_old_database_put_back_is_found(void)
{

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
	TEST(each_checkpoint_is_in_the_log),
	TEST(notes_are_read_among_other_lines),
	TEST(log_lines_are_read_with_what_is_around_them),
	TEST(a_cut_line_is_no_head),
	TEST(reading_fails_and_ends_as_it_should),
	TEST(an_old_database_put_back_is_found),
	TEST(a_tree_made_anew_is_found),
	TEST(a_checkpoint_taken_out_is_found),
	TEST(heads_of_any_size_are_held_against_the_tree),
	TEST(forged_and_foreign_heads_are_told_apart),
	TEST(heads_of_another_key_alone_are_a_finding),
	TEST(a_signing_key_that_was_taken_away_is_not_replaced),
};
SUITE_MAIN("core/audit/heads", tests, audit_start, audit_stop)
