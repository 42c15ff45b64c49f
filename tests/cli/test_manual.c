/*
 * Goal: the manual says of each program what the program says of itself: every
 * command, every option, every setting and every exit code is in both.
 */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "core/base/strbuf.h"
#include "tests/harness/files.h"
#include "tests/harness/process.h"
#include "tests/harness/suite.h"

#define TEXT_MAX	((size_t)1024 * 1024)

static char folder[128];

static const struct { const char * section, * key; } settings[] = {
#define CONFIG(id, section, key, type, standard, help) { section, key },
#include "core/base/config.def"
#undef CONFIG
};

static char *
program(const char * name)
{
	const char * build = getenv("STRONGROOM_TEST_BUILD");

	return (text_format("%s/%s", build != NULL ? build : "build", name));
}

static char *
told(const char * name, const char * a, const char * b)
{
	char * path = program(name), * out = NULL;
	const char * argv[] = { path, a, b, NULL };

	CU_ASSERT_EQUAL_FATAL(process_run(argv, NULL, &out, NULL), 0);
	free(path);
	return (out);
}

static int
make(void)
{
	char * path = program("manpages");
	const char * argv[] = { path, folder, NULL };
	char * err = NULL;
	int rc = -1;

	if (temp_folder("sr-manual", folder, sizeof(folder)) == 0 &&
	    (rc = process_run(argv, NULL, NULL, &err)) != 0)
		suite_note("%s: %d %s", path, rc, err);
	free(err);
	free(path);
	return (rc);
}

static int
clean(void)
{

	remove_tree(folder);
	return (0);
}

/* A page without roff's own marks for a hyphen and a typeface. */
static char *
page(const char * name, int section)
{
	char * path = text_format("%s/%s.%d", folder, name, section);
	char * text = file_read(path, NULL);
	char * to = text;

	if (text == NULL)
		suite_note("no page %s", path);
	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	for (const char * p = text; *p != '\0'; p++) {
		if (p[0] == '\\' && p[1] == '-') {
			*to++ = *++p;
		} else if (p[0] == '\\' && p[1] == 'f') {
			p += 2;
		} else
			*to++ = *p;
	}
	*to = '\0';
	free(path);
	return (text);
}

/* What follows ${before} in each place of ${text}, up to a blank, as lines. */
static char *
names_after(const char * text, const char * before)
{
	struct strbuf b;
	char * out;

	strbuf_init(&b, TEXT_MAX);
	strbuf_puts(&b, "\n");
	for (const char * p = text; (p = strstr(p, before)) != NULL;) {
		p += strlen(before);
		strbuf_add(&b, p, strcspn(p, " \n]"));
		strbuf_puts(&b, "\n");
	}
	out = strdup(strbuf_str(&b));
	strbuf_free(&b);
	return (out);
}

/* Whether each line of ${some} is one of ${all}. */
static bool
among(const char * some, const char * all, const char * what)
{
	bool good = true;

	for (const char * p = some + 1; *p != '\0'; p += strcspn(p, "\n") + 1) {
		char * line = text_format("\n%.*s\n", (int)strcspn(p, "\n"),
		    p);

		if (strstr(all, line) == NULL) {
			suite_note("%s: one alone has %s", what, line);
			good = false;
		}
		free(line);
	}
	return (good);
}

static void
same(const char * help, const char * help_mark, const char * manual,
    const char * manual_mark, const char * what)
{
	char * a = names_after(help, help_mark);
	char * b = names_after(manual, manual_mark);

	CU_ASSERT(strlen(a) > 1);
	CU_ASSERT(among(a, b, what));
	CU_ASSERT(among(b, a, what));
	free(a);
	free(b);
}

/* Options that must be given stand as they are, others in brackets. */
static void
expect_synopsis(enum command command, const char * manual)
{
	char * text = text_format("%.*s", (int)(strstr(manual,
	    "\n.SH DESCRIPTION") - manual), manual);
	char * required = names_after(text, "\n--");
	char * optional = names_after(text, "\n[--");

	for (unsigned o = 0; o < OPT__MAX; o++) {
		const uint64_t bit = UINT64_C(1) << o;
		char * line = text_format("\n%s\n",
		    option_row((enum command_option)o)->name);

		CU_ASSERT_EQUAL((command_row(command)->required & bit) != 0,
		    strstr(required, line) != NULL);
		CU_ASSERT_EQUAL((command_row(command)->optional & bit) != 0,
		    strstr(optional, line) != NULL);
		free(line);
	}
	free(optional);
	free(required);
	free(text);
}

static void
each_command_has_a_page_with_its_options(void)
{
	for (size_t i = 0; i < CMD__MAX; i++) {
		const char * words = command_row((enum command)i)->name;
		char * name = text_format("strongroom-%s", words);
		char * help = told("strongroom", "help", words);
		char * manual;

		for (char * p = name; *p != '\0'; p++)
			*p = *p == ' ' ? '-' : *p;
		manual = page(name, 1);
		same(help, "\n  --", manual, "\n.TP\n--", words);
		expect_synopsis((enum command)i, manual);
		free(manual);
		free(help);
		free(name);
	}
}

static void
no_page_is_of_what_is_not_there(void)
{
	DIR * d = opendir(folder);
	struct dirent * e;
	size_t n = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(d);
	while ((e = readdir(d)) != NULL)
		n += e->d_name[0] != '.';
	(void)closedir(d);
	/* strongroom(1), strongroom.conf(5), strongroom-worker(8). */
	CU_ASSERT_EQUAL(n, CMD__MAX + 3);
}

static void
the_overview_has_all_commands_and_exit_codes(void)
{
	char * help = told("strongroom", "--help", NULL);
	char * manual = page("strongroom", 1);
	const char * commands = strstr(help, "\nCommands\n");
	const char * options = strstr(help, "\nOptions of all");
	const char * codes = strstr(help, "\nExit codes\n");

	CU_ASSERT_FATAL(commands != NULL && options != NULL && codes != NULL);
	for (size_t i = 0; i < CMD__MAX; i++) {
		const char * words = command_row((enum command)i)->name;
		char * line = text_format("\n  %s ", words);
		char * item = text_format("\n.BR strongroom-%s (1)\n", words);

		for (char * p = item + 4; p[1] != '('; p++)
			*p = *p == ' ' ? '-' : *p;
		memcpy(item, "\n.BR ", 5);
		CU_ASSERT_PTR_NOT_NULL(strstr(commands, line));
		CU_ASSERT_PTR_NOT_NULL(strstr(manual, item));
		free(line);
		free(item);
	}
	/* --json is of nearly all of them, and the page says so. */
	CU_ASSERT_PTR_NOT_NULL(strstr(manual, "\n.TP\n--json\n"));
	for (const char * p = options; (p = strstr(p, "\n  --")) != NULL &&
	    p < codes; p++) {
		char * item = text_format("\n.TP\n--%.*s",
		    (int)strcspn(p + 5, " "), p + 5);

		CU_ASSERT_PTR_NOT_NULL(strstr(manual, item));
		free(item);
	}
	for (size_t i = 0; exit_row(i) != NULL; i++) {
		char * item = text_format("\n.TP\n.B %u\n",
		    (unsigned)exit_row(i)->code);

		CU_ASSERT_PTR_NOT_NULL(strstr(manual, item));
		free(item);
	}
	free(manual);
	free(help);
}

static void
the_worker_says_the_same_as_its_page(void)
{
	char * help = told("strongroom-worker", "--help", NULL);
	char * manual = page("strongroom-worker", 8);

	same(help, "\n  --", manual, "\n.TP\n--", "strongroom-worker");
	CU_ASSERT_PTR_NOT_NULL(strstr(manual, "SIGHUP"));
	CU_ASSERT_PTR_NOT_NULL(strstr(manual, "SIGTERM"));
	free(manual);
	free(help);
}

static void
each_setting_is_in_its_section(void)
{
	char * manual = page("strongroom.conf", 5);

	for (size_t i = 0; i < COUNTOF(settings); i++) {
		char * head = text_format("\n.SH \"[%s]\"\n",
		    settings[i].section);
		char * item = text_format("\n.TP\n.B %s\n", settings[i].key);
		const char * from = strstr(manual, head);
		const char * at, * end;

		CU_ASSERT_PTR_NOT_NULL_FATAL(from);
		end = strstr(from + 1, "\n.SH ");
		at = strstr(from, item);
		if (at == NULL || (end != NULL && at > end))
			suite_note("no %s.%s", settings[i].section,
			    settings[i].key);
		CU_ASSERT(at != NULL && (end == NULL || at < end));
		free(item);
		free(head);
	}
	free(manual);
}

static const struct suite_test tests[] = {
	TEST(each_command_has_a_page_with_its_options),
	TEST(no_page_is_of_what_is_not_there),
	TEST(the_overview_has_all_commands_and_exit_codes),
	TEST(the_worker_says_the_same_as_its_page),
	TEST(each_setting_is_in_its_section),
};

SUITE_MAIN("cli/manual", tests, make, clean)
