/*
 * The guard of specs/stories/00_traceability_matrix.md: every acceptance
 * criterion of every story has one row; a row that says "built" names tests,
 * and each test it names is in some suite's table; a row that says "open" names
 * none. And each test that is called after a story is in the matrix.
 */

#include <ctype.h>
#include <fts.h>

#include "core/base/strbuf.h"
#include "tests/harness/suite.h"

#define STORIES		10
#define CRITERIA	3
#define FILE_CAP	((size_t)4 * 1024 * 1024)
#define MATRIX		"specs/stories/00_traceability_matrix.md"

static struct strbuf matrix;
static struct strbuf sources;	/* All tests/ *.c, one after another. */

static void
append_file(struct strbuf * b, const char * path)
{
	char chunk[8192];
	FILE * f = fopen(path, "r");
	size_t n;

	/* Runs before any test: a missing file is an empty one. */
	if (f == NULL)
		return;
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		strbuf_add(b, chunk, n);
	fclose(f);
	strbuf_putc(b, '\n');
}

static int
read_tree(void)
{
	char root[] = "tests";
	char * roots[] = { root, NULL };
	FTSENT * e;
	FTS * fts;

	strbuf_init(&matrix, FILE_CAP);
	strbuf_init(&sources, FILE_CAP * 8);
	append_file(&matrix, MATRIX);
	if ((fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL)) == NULL)
		return (-1);
	while ((e = fts_read(fts)) != NULL) {
		size_t n = strlen(e->fts_name);

		if (e->fts_info == FTS_F && n > 2 &&
		    strncmp(e->fts_name, "test_", 5) == 0 &&
		    strcmp(e->fts_name + n - 2, ".c") == 0)
			append_file(&sources, e->fts_path);
	}
	fts_close(fts);
	return (strbuf_status(&sources) == SR_OK ? 0 : -1);
}

static int
forget_tree(void)
{

	strbuf_free(&matrix);
	strbuf_free(&sources);
	return (0);
}

static bool
in_a_table(const char * name, size_t len)
{
	char entry[160];

	snprintf(entry, sizeof(entry), "TEST(%.*s)", (int)len, name);
	return (strstr(strbuf_str(&sources), entry) != NULL);
}

/* Count the `st_sec_…` names of a row, checking each. */
static unsigned
check_names(const char * row, const char * end, const char * prefix)
{
	const char * p = row;
	unsigned n = 0;

	while ((p = strstr(p, "`st_")) != NULL && p < end) {
		const char * name = p + 1;
		size_t len = strspn(name,
		    "abcdefghijklmnopqrstuvwxyz0123456789_");

		if (!in_a_table(name, len)) {
			suite_note("the matrix names %.*s, which no suite has",
			    (int)len, name);
			CU_FAIL("a named test does not exist");
		}
		if (strncmp(name, prefix, strlen(prefix)) != 0) {
			suite_note("%.*s is in the row of %s", (int)len, name,
			    prefix);
			CU_FAIL("a test stands in another criterion's row");
		}
		n++;
		p = name + len;
	}
	return (n);
}

static void
check_criterion(unsigned story, unsigned ac)
{
	char head[32], prefix[32];
	const char * row;
	const char * end;
	unsigned names;
	bool built, open;

	snprintf(head, sizeof(head), "\n| ST-SEC-%03u | %u |", story, ac);
	snprintf(prefix, sizeof(prefix), "st_sec_%03u_ac%u_", story, ac);
	if ((row = strstr(strbuf_str(&matrix), head)) == NULL) {
		suite_note("no row for ST-SEC-%03u criterion %u", story, ac);
		CU_FAIL("a criterion has no row");
		return;
	}
	if (strstr(row + 1, head) != NULL) {
		suite_note("ST-SEC-%03u criterion %u has several rows", story,
		    ac);
		CU_FAIL("a criterion has several rows");
	}
	end = strchr(row + 1, '\n');
	CU_ASSERT_PTR_NOT_NULL_FATAL(end);
	built = memmem(row, (size_t)(end - row), "| built |", 9) != NULL;
	open = memmem(row, (size_t)(end - row), "| open |", 8) != NULL;
	CU_ASSERT(built != open);
	names = check_names(row, end, prefix);
	if (built ? names == 0 : names != 0)
		suite_note("ST-SEC-%03u criterion %u: state and tests disagree",
		    story, ac);
	CU_ASSERT(built ? names > 0 : names == 0);
}

static void
every_criterion_has_a_row_whose_tests_exist(void)
{

	for (unsigned story = 1; story <= STORIES; story++)
		for (unsigned ac = 1; ac <= CRITERIA; ac++)
			check_criterion(story, ac);
}

static void
every_story_test_is_in_the_matrix(void)
{
	const char * p = strbuf_str(&sources);
	unsigned seen = 0;

	while ((p = strstr(p, "TEST(st_sec_")) != NULL) {
		char quoted[160];
		size_t len;

		p += strlen("TEST(");
		/* Not a name: the text that is looked for here. */
		if (!isdigit((unsigned char)p[strlen("st_sec_")]))
			continue;
		len = strcspn(p, ")");
		snprintf(quoted, sizeof(quoted), "`%.*s`", (int)len, p);
		if (strstr(strbuf_str(&matrix), quoted) == NULL) {
			suite_note("%s is not in the matrix", quoted);
			CU_FAIL("a story's test is not in the matrix");
		}
		seen++;
	}
	CU_ASSERT(seen > 0);
}

static void
a_name_that_no_suite_has_is_noticed(void)
{
	static const char made_up[] = "st_sec_001_ac1_not_there";

	CU_ASSERT_FALSE(in_a_table(made_up, strlen(made_up)));
}

static const struct suite_test tests[] = {
	TEST(every_criterion_has_a_row_whose_tests_exist),
	TEST(every_story_test_is_in_the_matrix),
	TEST(a_name_that_no_suite_has_is_noticed),
};

SUITE_MAIN("spec/matrix", tests, read_tree, forget_tree)
