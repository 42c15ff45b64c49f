#include <getopt.h>
#include <string.h>

#include "cli/command.h"

#define O(id)	(UINT64_C(1) << OPT_##id)

static const struct command_row commands[] = {
#define COMMAND(id, name, argument, required, optional, function, summary, \
    detail)								\
	[CMD_##id] = { name, argument, required, optional, function,	\
	    summary, detail },
#include "cli/command.def"
#undef COMMAND
};

static const struct option_row options[] = {
#define OPTION(id, name, value, help) [OPT_##id] = { name, value, help },
#include "cli/command.def"
#undef OPTION
};

static const struct exit_row exits[] = {
#define EXIT_CODE(code, meaning) { code, meaning },
#include "cli/command.def"
#undef EXIT_CODE
};

static const char * const inputs[CMD__MAX] = {
#define INPUT(id, refusal) [CMD_##id] = refusal,
#include "cli/command.def"
#undef INPUT
};

/* These go with every command. */
#define EVERYWHERE	(O(CONFIG) | O(VERBOSE) | O(HELP) | O(VERSION))

_Static_assert(OPT__MAX <= 64, "options fit into a set");

/** command_row(c): its row. */
const struct command_row *
command_row(enum command c)
{

	must(c < CMD__MAX);
	return (&commands[c]);
}

/** option_row(o): its row. */
const struct option_row *
option_row(enum command_option o)
{

	must(o < OPT__MAX);
	return (&options[o]);
}

/** exit_row(i): row ${i} of the exit codes, NULL past the last. */
const struct exit_row *
exit_row(size_t i)
{

	return (i < COUNTOF(exits) ? &exits[i] : NULL);
}

/* Whether ${words} begin with those of ${name}, and with how many. */
static bool
begins(const char * name, char * const * words, size_t n, size_t * used)
{
	size_t i, len;

	for (i = 0; i < n; i++) {
		len = strlen(words[i]);
		if (strncmp(name, words[i], len) != 0)
			return (false);
		name += len;
		if (*name == '\0') {
			*used = i + 1;
			return (true);
		}
		if (*name++ != ' ')
			return (false);
	}
	return (false);
}

/** command_find(words, n, used): the command they begin with. */
enum command
command_find(char * const * words, size_t n, size_t * used)
{
	size_t c;

	*used = 0;
	for (c = 0; c < CMD__MAX; c++) {
		if (begins(commands[c].name, words, n, used))
			return ((enum command)c);
	}
	return (CMD__MAX);
}

/** command_group(word): the first "WORD …" of the rows, CMD__MAX: none. */
enum command
command_group(const char * word)
{
	size_t c, len = strlen(word);

	for (c = 0; c < CMD__MAX; c++) {
		if (strncmp(commands[c].name, word, len) == 0 &&
		    commands[c].name[len] == ' ')
			return ((enum command)c);
	}
	return (CMD__MAX);
}

/** command_grouped(a, b): whether both are of one group. */
bool
command_grouped(enum command a, enum command b)
{
	size_t len;

	must(a < CMD__MAX && b < CMD__MAX);
	len = strcspn(commands[a].name, " ") + 1;
	return (strncmp(commands[a].name, commands[b].name, len) == 0);
}

static enum sr_error
complain(struct command_complaint * complaint, const char * title,
    enum command_option option, enum command command)
{

	*complaint = (struct command_complaint){ .title = title,
	    .option = option, .command = command, .group = CMD__MAX };
	return (SR_E_USAGE);
}

/*
 * An option that there is not. ${given} is the word it stands in; what follows
 * a = is not looked at, and what has not the form of an option's name may be
 * anything.
 */
static enum sr_error
complain_unknown(struct command_complaint * complaint, const char * given,
    int letter)
{
	size_t len = strcspn(given, "=");

	(void)complain(complaint, "is not an option", OPT__MAX, CMD__MAX);
	if (letter >= 'a' && letter <= 'z') {
		complaint->unknown[0] = '-';
		complaint->unknown[1] = (char)letter;
	} else if (letter == 0 && len > 3 && len <= COMPLAINT_NAME_MAX &&
	    strspn(given, "abcdefghijklmnopqrstuvwxyz-") == len)
		memcpy(complaint->unknown, given, len);
	else
		complaint->title = "there is an option that is none of ours";
	return (SR_E_USAGE);
}

/* No command: these words name a group of them at best. */
static enum sr_error
complain_command(struct command_complaint * complaint, char * const * words,
    size_t n)
{
	enum command group = n == 0 ? CMD__MAX : command_group(words[0]);
	const char * title = "there is no such command";

	if (n == 0)
		title = "a command is missing";
	else if (group != CMD__MAX)
		title = n == 1 ? "it needs one more word:" :
		    "there is no such command; these there are:";
	(void)complain(complaint, title, OPT__MAX, CMD__MAX);
	complaint->group = group;
	return (SR_E_USAGE);
}

/* Read the options of a command line; the words are left for the caller. */
static enum sr_error
parse_options(int argc, char ** argv, struct invocation * out,
    struct command_complaint * complaint)
{
	struct option longs[OPT__MAX + 1] = { { 0 } };
	int c, i;

	for (i = 0; i < OPT__MAX; i++) {
		longs[i].name = options[i].name;
		longs[i].has_arg = options[i].key == NULL ? no_argument :
		    required_argument;
		longs[i].val = i;
	}
	opterr = 0;
	optind = 0;
	while ((c = getopt_long(argc, argv, ":", longs, NULL)) != -1) {
		if (c == ':')
			return (complain(complaint, "needs a value",
			    optopt < OPT__MAX ? (enum command_option)optopt :
			    OPT__MAX, CMD__MAX));
		/* OPT_CONFIG, which is 0 as well, takes a value. */
		if (c >= OPT__MAX && optopt > 0 && optopt < OPT__MAX)
			return (complain(complaint, "takes no value",
			    (enum command_option)optopt, CMD__MAX));
		if (c >= OPT__MAX)
			return (complain_unknown(complaint, argv[optind - 1],
			    optopt));
		/* scripts/strongroom gives one; the user's comes after it. */
		if (out->option[c] != NULL && c != OPT_CONFIG)
			return (complain(complaint, "was given twice",
			    (enum command_option)c, CMD__MAX));
		out->option[c] = optarg == NULL ? "" : optarg;
	}
	return (SR_OK);
}

/* Hold the options against the command's row. */
static enum sr_error
check_options(const struct invocation * in,
    struct command_complaint * complaint)
{
	const struct command_row * row = &commands[in->command];
	uint64_t taken = row->required | row->optional | EVERYWHERE;
	size_t i;

	for (i = 0; i < OPT__MAX; i++) {
		if (in->option[i] != NULL && !(taken & UINT64_C(1) << i))
			return (complain(complaint,
			    "does not go with this command",
			    (enum command_option)i, in->command));
		if (in->option[i] == NULL && row->required & UINT64_C(1) << i)
			return (complain(complaint, "is missing",
			    (enum command_option)i, in->command));
	}
	return (SR_OK);
}

/*
 * Where -- stands in ${argv}, before getopt moves words: the one that ended the
 * options stands right before the words then, and what follows it is not moved.
 */
struct dashes {
	int at[4];
	char * word[4];
	size_t n;
};

static struct dashes
find_dashes(int argc, char ** argv)
{
	struct dashes d = { .n = 0 };
	int i;

	for (i = 1; i < argc && d.n < COUNTOF(d.at); i++) {
		if (strcmp(argv[i], "--") != 0)
			continue;
		d.at[d.n] = i;
		d.word[d.n++] = argv[i];
	}
	return (d);
}

/* What follows --, NULL if it was not given. */
static char **
after_dashes(const struct dashes * d, char ** argv,
    const struct invocation * in)
{
	size_t i, j;

	for (i = 0; i < d->n; i++) {
		if (d->word[i] != argv[optind - 1])
			continue;
		for (j = 0; j < OPT__MAX; j++) {
			if (in->option[j] == d->word[i])
				return (NULL);
		}
		return (&argv[d->at[i] + 1]);
	}
	return (NULL);
}

/* How many arguments "RUN NAME [FILE]" are. */
static void
count_keys(const char * key, size_t * least, size_t * most)
{

	*least = *most = 0;
	while (key != NULL && *key != '\0') {
		++*most;
		*least += *key != '[';
		key += strcspn(key, " ");
		key += *key == ' ';
	}
	must(*most <= 1 + COMMAND_MORE);
}

static enum sr_error
check_words(char ** words, size_t n, struct invocation * in,
    struct command_complaint * complaint)
{
	const char * key = commands[in->command].key;
	const char * none = inputs[in->command];
	size_t i, least, most;

	if (key != NULL && key[0] == '-')
		return (in->rest == words && n != 0 ? SR_OK :
		    complain(complaint, none, OPT__MAX, in->command));
	if (none == NULL)
		none = "it takes no argument";
	count_keys(key, &least, &most);
	if (n > most)
		return (complain(complaint, key == NULL ? none : most == 1 ?
		    "it takes one argument" : "it takes fewer arguments",
		    OPT__MAX, in->command));
	if (n < least)
		return (complain(complaint, most == 1 ?
		    "its argument is missing" : "an argument is missing",
		    OPT__MAX, in->command));
	in->argument = n > 0 ? words[0] : NULL;
	for (i = 1; i < n; i++)
		in->more[i - 1] = words[i];
	return (SR_OK);
}

/* `help secret put` has two words for its one argument. */
static enum sr_error
parse_help(char * const * words, size_t n, struct invocation * out,
    struct command_complaint * complaint)
{
	enum command about;
	size_t used;

	if (n == 0)
		return (SR_OK);
	about = command_find(words, n, &used);
	if (about != CMD__MAX && used == n) {
		out->argument = commands[about].name;
		return (SR_OK);
	}
	if (about == CMD__MAX && n == 1)
		out->group = command_group(words[0]);
	return (out->group != CMD__MAX ? SR_OK :
	    complain_command(complaint, words, n));
}

/**
 * command_parse(argc, argv, out, complaint):
 * Understand a command line.
 */
enum sr_error
command_parse(int argc, char ** argv, struct invocation * out,
    struct command_complaint * complaint)
{
	const struct dashes dashes = find_dashes(argc, argv);
	size_t n, used;
	char ** words;
	enum sr_error err;

	*out = (struct invocation){ .command = CMD_HELP, .group = CMD__MAX };
	(void)complain(complaint, NULL, OPT__MAX, CMD__MAX);
	if ((err = parse_options(argc, argv, out, complaint)) != SR_OK)
		return (err);
	words = &argv[optind];
	out->rest = after_dashes(&dashes, argv, out);
	n = (size_t)(argc - optind);
	if (n == 0 && (out->option[OPT_HELP] != NULL ||
	    out->option[OPT_VERSION] != NULL))
		return (SR_OK);
	out->command = command_find(words, n, &used);
	if (out->command == CMD__MAX && out->option[OPT_HELP] != NULL) {
		out->command = CMD_HELP;
		return (parse_help(words, n, out, complaint));
	}
	if (out->command == CMD__MAX)
		return (complain_command(complaint, words, n));
	if (out->command == CMD_HELP)
		return (parse_help(&words[used], n - used, out, complaint));
	if (out->option[OPT_HELP] != NULL) {
		out->argument = commands[out->command].name;
		out->command = CMD_HELP;
		return (SR_OK);
	}
	if ((err = check_options(out, complaint)) != SR_OK)
		return (err);
	return (check_words(&words[used], n - used, out, complaint));
}
