/* The machine as ARCHITECTURE.md draws it is the one of rotation.def. */

#include <stdlib.h>
#include <string.h>

#include "core/vault/rotation.h"
#include "tests/harness/files.h"
#include "tests/harness/suite.h"

#define HEAD	"| state | open | what it means | what comes next |\n" \
    "|---|---|---|---|\n"

static const struct {
	const char * name;
	bool open;
	const char * meaning;
	const char * next;
} rows[ROTATION__MAX] = {
#define ROTATION_STATE(id, name, open, meaning, next)			\
	{ name, open, meaning, next },
#include "core/vault/rotation.def"
#undef ROTATION_STATE
};

static void
the_table_of_the_page_is_made_of_the_rows(void)
{
	char * page = file_read("ARCHITECTURE.md", NULL);
	const char * at;
	char * line;
	size_t i;

	CU_ASSERT_PTR_NOT_NULL_FATAL(page);
	at = strstr(page, HEAD);
	CU_ASSERT_PTR_NOT_NULL_FATAL(at);
	at += sizeof(HEAD) - 1;
	for (i = 0; i < ROTATION__MAX; i++) {
		line = text_format("| `%s` | %s | %s | %s |\n", rows[i].name,
		    rows[i].open ? "yes" : "no", rows[i].meaning,
		    rows[i].next[0] == '\0' ? "nothing" : rows[i].next);
		CU_ASSERT_EQUAL(strncmp(at, line, strlen(line)), 0);
		if (strncmp(at, line, strlen(line)) != 0)
			suite_note("ARCHITECTURE.md lacks: %s", line);
		at += strlen(line);
		free(line);
	}
	CU_ASSERT_EQUAL(*at, '\n');
	free(page);
}

static void
what_is_open_goes_on_and_what_has_ended_does_not(void)
{

	for (size_t i = 0; i < ROTATION__MAX; i++)
		CU_ASSERT_EQUAL(rows[i].open, rows[i].next[0] != '\0');
}

static const struct suite_test tests[] = {
	TEST(the_table_of_the_page_is_made_of_the_rows),
	TEST(what_is_open_goes_on_and_what_has_ended_does_not),
};

SUITE_MAIN("core/vault/rotation_table", tests, NULL, NULL)
