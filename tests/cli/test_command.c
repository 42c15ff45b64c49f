#include <string.h>

#include "cli/command.h"
#include "tests/harness/suite.h"

#define ARGS_MAX	12

/* A command line as one text, cut at blanks. */
static enum sr_error
parse(const char * line, struct invocation * in,
    struct command_complaint * complaint)
{
	static char text[256];
	char * argv[ARGS_MAX + 1] = { text };
	int argc = 1;
	char * p;

	CU_ASSERT_FATAL(strlen(line) + 12 < sizeof(text));
	memcpy(text, "strongroom ", 11);
	memcpy(&text[11], line, strlen(line) + 1);
	for (p = text; (p = strchr(p, ' ')) != NULL && argc < ARGS_MAX;) {
		*p++ = '\0';
		if (*p != '\0')
			argv[argc++] = p;
	}
	argv[argc] = NULL;
	return (command_parse(argc, argv, in, complaint));
}

static void
good_command_lines_are_understood(void)
{
	static const struct {
		const char * line;
		enum command command;
		const char * argument;
	} rows[] = {
		{ "migrate", CMD_MIGRATE, NULL },
		{ "migrate --json", CMD_MIGRATE, NULL },
		{ "--json migrate --config /x", CMD_MIGRATE, NULL },
		{ "--config=/x doctor", CMD_DOCTOR, NULL },
		{ "rootkey new /some/file", CMD_ROOTKEY_NEW, "/some/file" },
		{ "rootkey --number 2 new f", CMD_ROOTKEY_NEW, "f" },
		{ "rootkey list", CMD_ROOTKEY_LIST, NULL },
		{ "rootkey new -- --file", CMD_ROOTKEY_NEW, "--file" },
		{ "owner create --email a@b", CMD_OWNER_CREATE, NULL },
		{ "owner link", CMD_OWNER_LINK, NULL },
		{ "owner reset --json", CMD_OWNER_RESET, NULL },
		{ "doctor --verbose", CMD_DOCTOR, NULL },
		{ "secret put --scope s --name n", CMD_SECRET_PUT, NULL },
		{ "secret list", CMD_SECRET_LIST, NULL },
		{ "secret show --name n --scope s", CMD_SECRET_SHOW, NULL },
		{ "redact", CMD_REDACT, NULL },
		{ "--help", CMD_HELP, NULL },
		{ "help", CMD_HELP, NULL },
		{ "help secret put", CMD_HELP, "secret put" },
		{ "secret put --help", CMD_HELP, "secret put" },
		{ "--help migrate", CMD_HELP, "migrate" },
	};
	struct command_complaint complaint;
	struct invocation in;
	size_t i;

	for (i = 0; i < COUNTOF(rows); i++) {
		if (parse(rows[i].line, &in, &complaint) != SR_OK)
			suite_note("refused: %s", rows[i].line);
		CU_ASSERT_EQUAL(in.command, rows[i].command);
		CU_ASSERT_PTR_NULL(complaint.title);
		CU_ASSERT_TRUE((in.argument == NULL) ==
		    (rows[i].argument == NULL));
		if (in.argument != NULL && rows[i].argument != NULL)
			CU_ASSERT_STRING_EQUAL(in.argument, rows[i].argument);
	}
}

static void
options_carry_their_values(void)
{
	struct command_complaint complaint;
	struct invocation in;

	ASSERT_ERR_FATAL(parse("secret put --scope project --project=p1 "
	    "--name a/b --expires 2030-01-01 --json", &in, &complaint), SR_OK);
	CU_ASSERT_STRING_EQUAL(in.option[OPT_SCOPE], "project");
	CU_ASSERT_STRING_EQUAL(in.option[OPT_PROJECT], "p1");
	CU_ASSERT_STRING_EQUAL(in.option[OPT_NAME], "a/b");
	CU_ASSERT_STRING_EQUAL(in.option[OPT_EXPIRES], "2030-01-01");
	CU_ASSERT_STRING_EQUAL(in.option[OPT_JSON], "");
	CU_ASSERT_PTR_NULL(in.option[OPT_CONFIG]);
}

static void
bad_command_lines_are_usage_errors(void)
{
	static const struct {
		const char * line;
		enum command command;
		enum command_option option;
	} rows[] = {
		{ "", CMD__MAX, OPT__MAX },
		{ "--json", CMD__MAX, OPT__MAX },
		{ "bogus", CMD__MAX, OPT__MAX },
		{ "secret", CMD__MAX, OPT__MAX },
		{ "secret bogus", CMD__MAX, OPT__MAX },
		{ "secretput", CMD__MAX, OPT__MAX },
		{ "help bogus", CMD__MAX, OPT__MAX },
		{ "help secret put now", CMD__MAX, OPT__MAX },
		{ "migrate --bogus", CMD__MAX, OPT__MAX },
		{ "migrate --json=x", CMD__MAX, OPT_JSON },
		{ "migrate -j", CMD__MAX, OPT__MAX },
		{ "doctor --config", CMD__MAX, OPT_CONFIG },
		{ "doctor --json --json", CMD__MAX, OPT_JSON },
		{ "doctor --email a@b", CMD_DOCTOR, OPT_EMAIL },
		{ "owner create", CMD_OWNER_CREATE, OPT_EMAIL },
		{ "secret put --name n", CMD_SECRET_PUT, OPT_SCOPE },
		{ "secret put --scope s", CMD_SECRET_PUT, OPT_NAME },
		{ "secret put --scope s --name n value", CMD_SECRET_PUT,
		    OPT__MAX },
		{ "rootkey new", CMD_ROOTKEY_NEW, OPT__MAX },
		{ "rootkey new a b", CMD_ROOTKEY_NEW, OPT__MAX },
		{ "redact file", CMD_REDACT, OPT__MAX },
	};
	struct command_complaint complaint;
	struct invocation in;
	size_t i;

	for (i = 0; i < COUNTOF(rows); i++) {
		if (parse(rows[i].line, &in, &complaint) != SR_E_USAGE)
			suite_note("taken: %s", rows[i].line);
		CU_ASSERT_PTR_NOT_NULL(complaint.title);
		CU_ASSERT_EQUAL(complaint.command, rows[i].command);
		CU_ASSERT_EQUAL(complaint.option, rows[i].option);
	}
}

/* scripts/strongroom gives one, and the user's comes after it. */
static void
the_last_of_two_configurations_counts(void)
{
	struct command_complaint complaint;
	struct invocation in;

	ASSERT_ERR(parse("--config /a secret list --config /b", &in,
	    &complaint), SR_OK);
	CU_ASSERT_STRING_EQUAL(in.option[OPT_CONFIG], "/b");
	ASSERT_ERR(parse("--config /a --config", &in, &complaint), SR_E_USAGE);
}

static void
a_group_can_be_asked_about(void)
{
	static const char * const asks[] = { "secret --help", "--help secret",
	    "help secret" };
	struct command_complaint complaint;
	struct invocation in;
	size_t i;

	for (i = 0; i < COUNTOF(asks); i++) {
		ASSERT_ERR(parse(asks[i], &in, &complaint), SR_OK);
		CU_ASSERT_EQUAL(in.command, CMD_HELP);
		CU_ASSERT_EQUAL(in.group, CMD_SECRET_PUT);
	}
	ASSERT_ERR(parse("owner", &in, &complaint), SR_E_USAGE);
	CU_ASSERT_EQUAL(complaint.group, CMD_OWNER_CREATE);
	ASSERT_ERR(parse("owner bogus", &in, &complaint), SR_E_USAGE);
	CU_ASSERT_EQUAL(complaint.group, CMD_OWNER_CREATE);
	ASSERT_ERR(parse("bogus --help", &in, &complaint), SR_E_USAGE);
	CU_ASSERT_EQUAL(complaint.group, CMD__MAX);
	CU_ASSERT_EQUAL(command_group("doctor"), CMD__MAX);
	CU_ASSERT_EQUAL(command_group(""), CMD__MAX);
	CU_ASSERT_TRUE(command_grouped(CMD_SECRET_PUT, CMD_SECRET_LIST));
	CU_ASSERT_FALSE(command_grouped(CMD_SECRET_PUT, CMD_OWNER_LINK));
	CU_ASSERT_FALSE(command_grouped(CMD_MIGRATE, CMD_OWNER_LINK));
}

/* A typing error is named; what may be a value is not. */
static void
an_unknown_option_is_named_if_it_looks_like_one(void)
{
	static const struct {
		const char * line;
		const char * named;
	} rows[] = {
		{ "doctor --jsno", "--jsno" },
		{ "doctor --no-such=value", "--no-such" },
		{ "doctor -j", "-j" },
		{ "doctor -jsecret", "-j" },
		{ "doctor -7", "" },
		{ "doctor --hunter2", "" },
		{ "doctor --hunter2=x", "" },
		{ "doctor --Tr0ub4dor", "" },
		{ "doctor --=x", "" },
		{ "doctor --abcdefghijklmnopqrstuvwxyzabcdefghij", "" },
	};
	struct command_complaint complaint;
	struct invocation in;
	size_t i;

	for (i = 0; i < COUNTOF(rows); i++) {
		ASSERT_ERR(parse(rows[i].line, &in, &complaint), SR_E_USAGE);
		CU_ASSERT_EQUAL(complaint.option, OPT__MAX);
		CU_ASSERT_STRING_EQUAL(complaint.unknown, rows[i].named);
	}
}

static void
rows_are_complete_and_names_unique(void)
{
	const struct command_row * a, * b;
	size_t i, j;

	for (i = 0; i < CMD__MAX; i++) {
		a = command_row((enum command)i);
		CU_ASSERT(a->name[0] != '\0' && a->help[0] != '\0');
		CU_ASSERT_EQUAL(a->required & a->optional, 0);
		/* The list of commands has a column for names. */
		CU_ASSERT(strlen(a->name) < 18);
		for (j = 0; j < i; j++) {
			b = command_row((enum command)j);
			CU_ASSERT_STRING_NOT_EQUAL(a->name, b->name);
			CU_ASSERT_PTR_NOT_EQUAL(a->run, b->run);
		}
	}
	for (i = 0; i < OPT__MAX; i++)
		CU_ASSERT(option_row((enum command_option)i)->help[0] != '\0');
}

static void
every_exit_code_of_an_error_is_explained(void)
{
	size_t i;
	int err;

	for (err = SR_OK + 1; err < SR_E__MAX; err++) {
		for (i = 0; exit_row(i) != NULL; i++) {
			if (exit_row(i)->code ==
			    sr_error_row((enum sr_error)err)->exit_code)
				break;
		}
		CU_ASSERT_PTR_NOT_NULL(exit_row(i));
	}
}

static const struct suite_test tests[] = {
	TEST(good_command_lines_are_understood),
	TEST(options_carry_their_values),
	TEST(bad_command_lines_are_usage_errors),
	TEST(the_last_of_two_configurations_counts),
	TEST(a_group_can_be_asked_about),
	TEST(an_unknown_option_is_named_if_it_looks_like_one),
	TEST(rows_are_complete_and_names_unique),
	TEST(every_exit_code_of_an_error_is_explained),
};

SUITE_MAIN("cli/command", tests, NULL, NULL)
