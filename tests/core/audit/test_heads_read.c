/* How heads that are kept outside are read out of files. */

#include <unistd.h>

#include "tests/core/audit/heads.h"

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
	int fd;

	heads_begin();
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

static const struct suite_test tests[] = {
	TEST(each_checkpoint_is_in_the_log),
	TEST(notes_are_read_among_other_lines),
	TEST(log_lines_are_read_with_what_is_around_them),
	TEST(a_cut_line_is_no_head),
	TEST(reading_fails_and_ends_as_it_should),
};
SUITE_MAIN("core/audit/heads_read", tests, audit_start, audit_stop)
