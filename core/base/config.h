#ifndef SR_CORE_BASE_CONFIG_H
#define SR_CORE_BASE_CONFIG_H

/*
 * Settings: config.def gives each a section, a key, a type, a default and its
 * help. A value comes from the environment (STRONGROOM_<SECTION>_<KEY>), else
 * from the file (ini), else it is the default. A secret setting also takes
 * <NAME>_FILE (environment) and <key>_file (file); both forms set at one level
 * is an error. Read-only after config_load; then shared by all threads.
 */

#include "core/base/error.h"

struct config;
struct secbuf;

enum config_type { CONFIG_TEXT, CONFIG_NUMBER, CONFIG_BOOL, CONFIG_SECRET };

enum config_id {
#define CONFIG(id, section, key, type, standard, help) CFG_##id,
#include "core/base/config.def"
#undef CONFIG
	CFG__MAX
};

/* Settings of sections with a name of their own, [provider acme]. */
enum config_named_id {
#define NAMED(id, section, key, help) NAMED_##id,
#include "core/base/config_named.def"
#undef NAMED
	NAMED__MAX
};

#define CONFIG_NAME_MAX		32
#define CONFIG_NAMED_MAX	64

struct config_row {
	const char * section;
	const char * key;
	enum config_type type;
	const char * standard;	/* The default as text; "" is unset. */
	const char * help;
};

/**
 * config_load(path, complaint, complaint_len, out):
 * Read ${path} (NULL: no file) and the environment. On error write one line
 * that names the setting or the file's line, and never a value, into
 * ${complaint}. Errors: CONFIG_INVALID (unreadable file, unknown key, bad
 * value), CONFIG_SOURCES_CONFLICT (both forms of a secret at one level),
 * ROOT_KEY_SOURCES_CONFLICT (the root key twice at all), OUT_OF_MEMORY. Caller
 * frees ${out}. Values of secrets are taken out of the environment, so that a
 * second call does not find them; an empty variable counts as not set.
 */
SR_NODISCARD enum sr_error config_load(const char * path, char * complaint,
    size_t complaint_len, struct config ** out);

/** config_free(c): release; *c becomes NULL; *c may be NULL. */
void config_free(struct config ** c);

/**
 * config_text(c, id): a CONFIG_TEXT setting, "" when unset; lives with ${c}.
 */
const char * config_text(const struct config * c, enum config_id id);

/** config_number(c, id): a CONFIG_NUMBER setting. */
uint64_t config_number(const struct config * c, enum config_id id);

/** config_bool(c, id): a CONFIG_BOOL setting. */
bool config_bool(const struct config * c, enum config_id id);

/**
 * config_secret(c, id, out):
 * A copy of a CONFIG_SECRET setting, one newline at its end dropped; *out is
 * NULL when unset. Errors: CONFIG_INVALID, OUT_OF_MEMORY. Caller frees.
 */
SR_NODISCARD enum sr_error config_secret(const struct config * c,
    enum config_id id, struct secbuf ** out);

/**
 * config_secret_file(c, id):
 * The path that the _FILE form of a CONFIG_SECRET setting gives, "" if that
 * form is not used; lives with ${c}. The root key's file is opened by the
 * keyring, which checks who may read it: config_secret gives NULL for it.
 */
const char * config_secret_file(const struct config * c, enum config_id id);

/** config_is_default(c, id): whether neither a file nor a variable set it. */
bool config_is_default(const struct config * c, enum config_id id);

/**
 * config_named_name(c, i): the name of the i-th section [provider NAME], in the
 * order in which they were found; NULL past the last. Lives with ${c}.
 */
const char * config_named_name(const struct config * c, size_t i);

/** config_named_text(c, name, id): a setting of that section, "" if unset. */
const char * config_named_text(const struct config * c, const char * name,
    enum config_named_id id);

/** config_row(id): the row, for help and the manual. */
const struct config_row * config_row(enum config_id id);

#endif /* !SR_CORE_BASE_CONFIG_H */
