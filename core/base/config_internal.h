#ifndef SR_CORE_BASE_CONFIG_INTERNAL_H
#define SR_CORE_BASE_CONFIG_INTERNAL_H

/* Shared by the files config*.c alone. */

#include "core/base/config.h"

enum config_level { LEVEL_DEFAULT, LEVEL_FILE, LEVEL_ENVIRONMENT };

struct config_setting {
	enum config_level level;
	char * text;
	uint64_t number;
	bool flag;
	struct secbuf * secret;
	char * secret_file;	/* The path of <NAME>_FILE. */
};

/* A section with a name. */
struct config_named {
	char name[CONFIG_NAME_MAX + 1];
	char * text[NAMED__MAX];
};

struct config {
	struct config_setting s[CFG__MAX];
	struct config_named named[CONFIG_NAMED_MAX];
	size_t n_named;
};

/* One run of config_load. ${err} is the first failure. */
struct config_load {
	struct config * c;
	char * complaint;
	size_t complaint_len;
	enum sr_error err;
};

/* A value as it was found. ${where} names the place in complaints. */
struct config_found {
	enum config_id id;
	enum config_level level;
	bool is_file_form;
	const char * value;
	const char * where;
};

/**
 * config_complain(load, err, format, …): keep the first failure; return false.
 */
bool config_complain(struct config_load * load, enum sr_error err,
    const char * format, ...) SR_PRINTF(3, 4);

/**
 * config_take(load, found): check and store a value; false after a complaint.
 */
bool config_take(struct config_load * load, const struct config_found * found);

/** config_read_file(load, path), config_read_environment(load): the sources. */
void config_read_file(struct config_load * load, const char * path);
void config_read_environment(struct config_load * load);

/** config_named_section(section): where its name begins, or NULL. */
const char * config_named_section(const char * section);

/**
 * config_take_named(load, name, key, value, where):
 * Take a line of a file's section; false after a complaint.
 */
bool config_take_named(struct config_load * load, const char * name,
    const char * key, const char * value, const char * where);

/** config_read_named(load): take what the environment says. */
void config_read_named(struct config_load * load);

/** config_free_named(c): release what the sections hold. */
void config_free_named(struct config * c);

/**
 * config_open(path):
 * Open a regular file for reading; -1, with errno, for whatever is none. A pipe
 * in the file's place does not hold us up.
 */
int config_open(const char * path);

#endif /* !SR_CORE_BASE_CONFIG_INTERNAL_H */
