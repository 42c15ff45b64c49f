/*
 * manpages FOLDER: the manual, made of the tables that the programs are made
 * of: strongroom(1), a page for each command, strongroom.conf(5) and
 * strongroom-worker(8). Run by `make man`; no part of the product.
 */

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum option {
#define OPTION(id, name, value, help) OPT_##id,
#include "cli/command.def"
#undef OPTION
	OPTIONS
};

#define O(id)	(UINT64_C(1) << OPT_##id)

struct option_row {
	const char * name;
	const char * value;
	const char * help;
};

struct command {
	const char * name;
	const char * argument;
	uint64_t required;
	uint64_t optional;
	const char * summary;
	const char * detail;
};

struct setting {
	const char * section;
	const char * key;
	int secret;
	const char * standard;
	const char * help;
};

static const struct option_row options[] = {
#define OPTION(id, name, value, help) { name, value, help },
#include "cli/command.def"
#undef OPTION
};

static const struct command commands[] = {
#define COMMAND(id, name, argument, required, optional, function, summary, \
    detail) { name, argument, required, optional, summary, detail },
#include "cli/command.def"
#undef COMMAND
};

static const struct { int code; const char * meaning; } codes[] = {
#define EXIT_CODE(code, meaning) { code, meaning },
#include "cli/command.def"
#undef EXIT_CODE
};

enum { CONFIG_TEXT, CONFIG_NUMBER, CONFIG_BOOL, CONFIG_SECRET };

static const struct setting settings[] = {
#define CONFIG(id, section, key, type, standard, help)			\
	{ section, key, type == CONFIG_SECRET, standard, help },
#include "core/base/config.def"
#undef CONFIG
};

static const struct { const char * section, * key, * help; } named[] = {
#define NAMED(id, section, key, help) { section, key, help },
#include "core/base/config_named.def"
#undef NAMED
};

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define EVERYWHERE	(O(CONFIG) | O(VERBOSE) | O(HELP))

/* Text of ours as roff takes it; a line never begins with a request. */
static void
text(FILE * f, const char * s)
{
	int begins = 1;

	for (; *s != '\0'; s++) {
		if (begins && (*s == '.' || *s == '\''))
			fputs("\\&", f);
		if (*s == '-')
			fputs("\\-", f);
		else if (*s == '\\')
			fputs("\\e", f);
		else if (*s == '`')
			fputs("\\(ga", f);
		else
			fputc(*s, f);
		begins = *s == '\n';
	}
}

static void
heading(FILE * f, const char * name, const char * section)
{

	fputs(".TH ", f);
	for (; *name != '\0'; name++)
		fputc(toupper((unsigned char)*name), f);
	fprintf(f, " %s \"\" \"Strongroom " SR_VERSION "\" Strongroom\n",
	    section);
}

/* "secret put" as the name of its page. */
static void
page_name(const char * command, char out[128])
{

	snprintf(out, 128, "strongroom-%s", command);
	for (; *out != '\0'; out++) {
		if (*out == ' ')
			*out = '-';
	}
}

static FILE *
begin(const char * folder, const char * name, const char * section)
{
	char path[4096];
	FILE * f;

	snprintf(path, sizeof(path), "%s/%s.%s", folder, name, section);
	if ((f = fopen(path, "w")) == NULL) {
		perror(path);
		exit(1);
	}
	heading(f, name, section);
	return (f);
}

static void
end(FILE * f)
{

	if (fclose(f) != 0) {
		perror("manpages");
		exit(1);
	}
}

static void
option_name(FILE * f, size_t i)
{

	fputs("\\fB\\-\\-", f);
	text(f, options[i].name);
	fputs("\\fR", f);
	if (options[i].value != NULL) {
		fputs(" \\fI", f);
		text(f, options[i].value);
		fputs("\\fR", f);
	}
}

static void
synopsis(FILE * f, const struct command * c)
{
	size_t i;

	fputs(".SH SYNOPSIS\n.B strongroom ", f);
	text(f, c->name);
	fputs("\n", f);
	for (i = 0; i < OPTIONS; i++) {
		if ((c->required & UINT64_C(1) << i) != 0) {
			option_name(f, i);
			fputs("\n", f);
		}
	}
	for (i = 0; i < OPTIONS; i++) {
		if ((c->optional & UINT64_C(1) << i) != 0) {
			fputs("[", f);
			option_name(f, i);
			fputs("]\n", f);
		}
	}
	if (c->argument != NULL) {
		fputs("\\fI", f);
		text(f, c->argument);
		fputs("\\fR\n", f);
	}
}

static void
option_list(FILE * f, uint64_t set)
{
	size_t i;

	fputs(".SH OPTIONS\n", f);
	for (i = 0; i < OPTIONS; i++) {
		if ((set & UINT64_C(1) << i) == 0)
			continue;
		fputs(".TP\n", f);
		option_name(f, i);
		fputs("\n", f);
		text(f, options[i].help);
		fputs("\n", f);
	}
}

static void
exit_status(FILE * f)
{
	size_t i;

	fputs(".SH \"EXIT STATUS\"\n", f);
	for (i = 0; i < COUNT(codes); i++) {
		fprintf(f, ".TP\n.B %d\n", codes[i].code);
		text(f, codes[i].meaning);
		fputs("\n", f);
	}
}

static void
command_page(const char * folder, const struct command * c)
{
	char name[128];
	FILE * f;

	page_name(c->name, name);
	f = begin(folder, name, "1");
	fputs(".SH NAME\n", f);
	text(f, name);
	fputs(" \\- ", f);
	text(f, c->summary);
	fputs("\n", f);
	synopsis(f, c);
	fputs(".SH DESCRIPTION\n", f);
	text(f, c->detail[0] != '\0' ? c->detail : c->summary);
	fputs(c->detail[0] != '\0' ? "" : ".\n", f);
	option_list(f, c->required | c->optional | EVERYWHERE);
	exit_status(f);
	fputs(".SH \"SEE ALSO\"\n.BR strongroom (1),\n"
	    ".BR strongroom.conf (5),\n.BR strongroom\\-worker (8)\n", f);
	end(f);
}

static void
overview(const char * folder)
{
	FILE * f = begin(folder, "strongroom", "1");
	char name[128];
	size_t i;

	fputs(".SH NAME\nstrongroom \\- operate a Strongroom\n.SH SYNOPSIS\n"
	    ".B strongroom\n.I COMMAND\n[\\fIOPTION\\fR...]\n"
	    ".SH DESCRIPTION\nStrongroom keeps secrets sealed in MariaDB, "
	    "audits every change and masks known secrets\nin what leaves it. "
	    "This is the operator\\(aqs command; each of its commands has a "
	    "page of its own.\n.SH COMMANDS\n", f);
	for (i = 0; i < COUNT(commands); i++) {
		page_name(commands[i].name, name);
		fputs(".TP\n.BR ", f);
		text(f, name);
		fputs(" (1)\n", f);
		text(f, commands[i].summary);
		fputs("\n", f);
	}
	option_list(f, EVERYWHERE | O(VERSION) | O(JSON));
	exit_status(f);
	fputs(".SH FILES\n.TP\n.I /etc/strongroom/strongroom.conf\n"
	    "settings, see\n.BR strongroom.conf (5)\n"
	    ".SH \"SEE ALSO\"\n.BR strongroom.conf (5),\n"
	    ".BR strongroom\\-worker (8)\n", f);
	end(f);
}

static void
variable(FILE * f, const char * section, const char * key)
{

	fputs("STRONGROOM_", f);
	if (strcmp(section, "main") != 0) {
		for (; *section != '\0'; section++)
			fputc(toupper((unsigned char)*section), f);
		fputc('_', f);
	}
	for (; *key != '\0'; key++)
		fputc(toupper((unsigned char)*key), f);
}

static void
setting(FILE * f, const struct setting * s)
{

	fputs(".TP\n.B ", f);
	text(f, s->key);
	fputs("\n", f);
	text(f, s->help);
	fputs(". ", f);
	if (s->standard[0] != '\0') {
		fputs("Default: ", f);
		text(f, s->standard);
		fputs(". ", f);
	}
	fputs("Environment: ", f);
	variable(f, s->section, s->key);
	if (s->secret) {
		fputs("; ", f);
		text(f, s->key);
		fputs("_file and ", f);
		variable(f, s->section, s->key);
		fputs("_FILE name a file that holds it", f);
	}
	fputs(".\n", f);
}

/* Sections in the order in which they come first. */
static void
settings_page(const char * folder)
{
	FILE * f = begin(folder, "strongroom.conf", "5");
	size_t i, k;

	fputs(".SH NAME\nstrongroom.conf \\- settings of Strongroom\n"
	    ".SH DESCRIPTION\nLines \\(lqkey = value\\(rq in sections "
	    "\\(lq[section]\\(rq; comments begin with ; or #.\nVariables of "
	    "the environment go before the file.\n", f);
	for (i = 0; i < COUNT(settings); i++) {
		for (k = 0; k < i && strcmp(settings[k].section,
		    settings[i].section) != 0; k++)
			continue;
		if (k < i)
			continue;
		fprintf(f, ".SH \"[%s]\"\n", settings[i].section);
		for (k = i; k < COUNT(settings); k++) {
			if (strcmp(settings[k].section,
			    settings[i].section) == 0)
				setting(f, &settings[k]);
		}
	}
	fputs(".SH \"[provider NAME]\"\n", f);
	for (i = 0; i < COUNT(named); i++) {
		fputs(".TP\n.B ", f);
		text(f, named[i].key);
		fputs("\n", f);
		text(f, named[i].help);
		fputs("\n", f);
	}
	fputs(".SH \"SEE ALSO\"\n.BR strongroom (1),\n"
	    ".BR strongroom\\-worker (8)\n", f);
	end(f);
}

static void
worker_page(const char * folder)
{
	FILE * f = begin(folder, "strongroom-worker", "8");

	fputs(".SH NAME\nstrongroom\\-worker \\- serve Strongroom over "
	    "FastCGI\n.SH SYNOPSIS\n.B strongroom\\-worker\n"
	    "[\\fB\\-\\-config\\fR \\fIFILE\\fR]\n"
	    "[\\fB\\-\\-listen\\fR \\fIPATH\\fR]\n"
	    "[\\fB\\-\\-user\\fR \\fIUSER\\fR]\n.SH DESCRIPTION\n"
	    "Serves on the socket that systemd gives it (LISTEN_FDS), that "
	    "is its standard input,\nor that it makes. It confines itself "
	    "before it serves, see worker.sandbox in\n"
	    ".BR strongroom.conf (5),\nand tells the service manager that "
	    "it serves, lives and ends (sd_notify).\n.SH OPTIONS\n"
	    ".TP\n\\fB\\-\\-config\\fR \\fIFILE\\fR\nsettings\n"
	    ".TP\n\\fB\\-\\-listen\\fR \\fIPATH\\fR\nunix socket to make, "
	    "mode 0660\n"
	    ".TP\n\\fB\\-\\-user\\fR \\fIUSER\\fR\nwhen started as root: be "
	    "that user from the start\n"
	    ".TP\n\\fB\\-\\-help\\fR\nprint help and end\n"
	    ".TP\n\\fB\\-\\-version\\fR\nprint the version and end\n"
	    ".SH SIGNALS\n.TP\n.B SIGTERM\nanswer what is in flight and end\n"
	    ".TP\n.B SIGHUP\nread the root keys again and open log.file "
	    "anew\n.SH \"SEE ALSO\"\n.BR strongroom (1),\n"
	    ".BR strongroom.conf (5)\n", f);
	end(f);
}

int
main(int argc, char ** argv)
{
	size_t i;

	if (argc != 2) {
		fputs("usage: manpages FOLDER\n", stderr);
		return (64);
	}
	overview(argv[1]);
	for (i = 0; i < COUNT(commands); i++)
		command_page(argv[1], &commands[i]);
	settings_page(argv[1]);
	worker_page(argv[1]);
	return (0);
}
