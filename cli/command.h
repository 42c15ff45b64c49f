#ifndef SR_CLI_COMMAND_H
#define SR_CLI_COMMAND_H

/*
 * The rows of command.def, and an invocation: a command line that was
 * understood. Nothing of a command line is echoed but the name of an option
 * that there is not, if it is made as names of options are: a value that was
 * given as an argument by mistake must not get into a terminal's log as well.
 */

#include "core/base/error.h"

struct cli;

enum command_option {
#define OPTION(id, name, value, help) OPT_##id,
#include "cli/command.def"
#undef OPTION
	OPT__MAX
};

enum command {
#define COMMAND(id, name, argument, required, optional, function, summary, \
    detail) CMD_##id,
#include "cli/command.def"
#undef COMMAND
	CMD__MAX
};

typedef enum sr_error command_fn(struct cli * cli);

struct command_row {
	const char * name;	/* "secret put" */
	const char * key;	/* "FILE", or NULL. */
	uint64_t required;	/* Bits 1 << enum command_option. */
	uint64_t optional;
	command_fn * run;
	const char * help;
	const char * detail;
};

struct option_row {
	const char * name;
	const char * key;	/* "FILE", or NULL. */
	const char * help;
};

struct exit_row {
	int code;
	const char * help;
};

#define COMMAND_MORE	2

/* What was asked for. Texts point into argv. */
struct invocation {
	enum command command;
	const char * option[OPT__MAX];	/* NULL: not given; "" without value. */
	const char * argument;		/* NULL: none. */
	char ** rest;			/* What follows --, ends with NULL. */
	const char * more[COMMAND_MORE];	/* Those behind it, or NULL. */
	enum command group;		/* CMD_HELP: the first of the group that
					   help is wanted about; CMD__MAX. */
};

#define COMPLAINT_NAME_MAX	32

/* What is wrong with a command line, in words of ours. */
struct command_complaint {
	const char * title;		/* "is missing" …; NULL: nothing. */
	enum command_option option;	/* OPT__MAX: none. */
	enum command command;		/* CMD__MAX: none was found. */
	enum command group;		/* First of the group; CMD__MAX. */
	char unknown[COMPLAINT_NAME_MAX + 1];	/* "--nmae", or "". */
};

/** command_row(c), option_row(o): the rows. Static storage. */
const struct command_row * command_row(enum command c);
const struct option_row * option_row(enum command_option o);

/** exit_row(i): row ${i} of the exit codes, NULL past the last. */
const struct exit_row * exit_row(size_t i);

/**
 * command_parse(argc, argv, out, complaint):
 * Understand a command line. --help without a command, or none at all with
 * it, is CMD_HELP. Errors: USAGE, with ${complaint} filled in. Permutes argv.
 * Not thread-safe (getopt).
 */
SR_NODISCARD enum sr_error command_parse(int argc, char ** argv,
    struct invocation * out, struct command_complaint * complaint);

/**
 * command_find(words, n, used): the command they begin with, CMD__MAX: none.
 */
enum command command_find(char * const * words, size_t n, size_t * used);

/** command_group(word): the first "WORD …" of the rows, CMD__MAX: none. */
enum command command_group(const char * word);

/** command_grouped(a, b): whether both are of one group. */
bool command_grouped(enum command a, enum command b);

/* The functions of the commands; declared for the table. */
#define COMMAND(id, name, argument, required, optional, function, summary, \
    detail) command_fn function;
#include "cli/command.def"
#undef COMMAND

#endif /* !SR_CLI_COMMAND_H */
