#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/config_internal.h"

#define PREFIX		"STRONGROOM_"
#define NAME_MAX_LEN	96

/* The section's part of the name; "main" has none. */
static void
upper_name(char out[NAME_MAX_LEN], const char * section, const char * key)
{
	bool is_main = strcmp(section, "main") == 0;
	int len;
	char * p;

	len = snprintf(out, NAME_MAX_LEN, PREFIX "%s%s%s",
	    is_main ? "" : section, is_main ? "" : "_", key);
	must(len > 0 && len < NAME_MAX_LEN - 8);
	for (p = out; *p != '\0'; p++)
		*p = (char)toupper((unsigned char)*p);
}

/* Whoever can read /proc/PID/environ or a child's environment finds nothing. */
static void
forget(const char * name, char * value)
{

	explicit_bzero(value, strlen(value));
	(void)unsetenv(name);
}

static void
take_variable(struct config_load * load, enum config_id id, const char * name,
    bool is_file_form)
{
	struct config_found found = { .id = id, .level = LEVEL_ENVIRONMENT,
		.is_file_form = is_file_form, .where = name };
	bool secret = config_row(id)->type == CONFIG_SECRET && !is_file_form;
	char * value = getenv(name);

	if (value == NULL)
		return;
	found.value = value;
	/* An empty variable is how shells and unit files say "not set". */
	if (value[0] != '\0' && load->err == SR_OK)
		(void)config_take(load, &found);
	if (secret)
		forget(name, value);
}

/* Whether ${name} (up to its =) is the variable of a row. */
static bool
is_setting(const char * name, size_t len)
{
	const struct config_row * row;
	char known[NAME_MAX_LEN];
	size_t i, known_len;

	for (i = 0; i < CFG__MAX; i++) {
		row = config_row((enum config_id)i);
		upper_name(known, row->section, row->key);
		known_len = strlen(known);
		if (strncmp(name, known, known_len) != 0)
			continue;
		if (len == known_len)
			return (true);
		if (row->type == CONFIG_SECRET && len == known_len + 5 &&
		    strncmp(&name[known_len], "_FILE", 5) == 0)
			return (true);
	}
	return (false);
}

/* Whether ${name} starts as the variables of a section do. */
static bool
in_section(const char * name)
{
	const struct config_row * row;
	char prefix[NAME_MAX_LEN];
	size_t i;

	for (i = 0; i < CFG__MAX; i++) {
		row = config_row((enum config_id)i);
		if (strcmp(row->section, "main") == 0)
			continue;
		upper_name(prefix, row->section, "");
		if (strncmp(name, prefix, strlen(prefix)) == 0)
			return (true);
	}
	return (false);
}

/* A misspelt setting must not be passed over in silence. */
static void
check_unknown(struct config_load * load)
{
	char ** e;
	const char * end;
	size_t len;

	for (e = environ; e != NULL && *e != NULL; e++) {
		if ((end = strchr(*e, '=')) == NULL ||
		    strncmp(*e, PREFIX, strlen(PREFIX)) != 0)
			continue;
		len = (size_t)(end - *e);
		if (!is_setting(*e, len) && in_section(*e))
			(void)config_complain(load, SR_E_CONFIG_INVALID,
			    "%.*s: no setting has this name",
			    (int)(len < 200 ? len : 200), *e);
	}
}

/** config_read_environment(load): take the settings of the environment. */
void
config_read_environment(struct config_load * load)
{
	const struct config_row * row;
	char name[NAME_MAX_LEN];
	size_t i;

	for (i = 0; i < CFG__MAX; i++) {
		row = config_row((enum config_id)i);
		upper_name(name, row->section, row->key);
		take_variable(load, (enum config_id)i, name, false);
		if (row->type != CONFIG_SECRET)
			continue;
		memcpy(&name[strlen(name)], "_FILE", sizeof("_FILE"));
		take_variable(load, (enum config_id)i, name, true);
	}
	check_unknown(load);
}
