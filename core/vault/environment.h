#ifndef SR_CORE_VAULT_ENVIRONMENT_H
#define SR_CORE_VAULT_ENVIRONMENT_H

/*
 * Root secrets of the environment (environment.def): read once when the
 * program starts, taken out of the environment, held in secbufs, and known to
 * the redactor as "env/NAME" whenever it has a key. Read-only after
 * environment_read; then shared by all threads.
 */

#include "core/base/error.h"
#include "core/base/id.h"

struct environment;
struct redact;
struct secbuf;

enum environment_id {
#define ENVIRONMENT(id, name) ENVIRONMENT_##id,
#include "core/vault/environment.def"
#undef ENVIRONMENT
	ENVIRONMENT__MAX
};

/**
 * environment_read(out, which):
 * Take the secrets out of the environment: their variables are overwritten and
 * unset, also when this fails; a second call does not find them. One newline
 * at a value's end is dropped; an empty variable counts as not set. A value
 * that cannot be masked is not taken and a log line says so: one of less than
 * 8 or more than 65536 bytes, with more pieces than have forms, or common
 * (core/redact/common.h). Call before threads are started. Errors:
 * CONFIG_SOURCES_CONFLICT (NAME and NAME_FILE are both set), CONFIG_INVALID
 * (a file cannot be read), OUT_OF_MEMORY, RANDOM_UNAVAILABLE; logged with the
 * variable's name, and the variable is put into ${which}, which may be NULL.
 * Caller frees.
 */
SR_NODISCARD enum sr_error environment_read(struct environment ** out,
    enum environment_id * which);

/**
 * environment_take(name, out):
 * What the variable ${name} holds, which is overwritten and unset, or the file
 * that ${name}_FILE names: as it is, for one that is no root secret. ${out} is
 * NULL if there is none; caller frees. Errors: CONFIG_SOURCES_CONFLICT (both
 * are set), CONFIG_INVALID, OUT_OF_MEMORY.
 */
SR_NODISCARD enum sr_error environment_take(const char * name,
    struct secbuf ** out);

/* Variables that environment_add may add to those of environment.def. */
#define ENVIRONMENT_MORE	64

/**
 * environment_add(e, name):
 * Take one more variable, ${name} (of at most 57 characters), in the same way:
 * that of a provider of the configuration. Before threads are started. Nothing
 * happens when it is known already. Errors: as environment_read; CONFIG_INVALID
 * also for one too many.
 */
SR_NODISCARD enum sr_error environment_add(struct environment * e,
    const char * name);

/** environment_free(e): wipe and release; *e becomes NULL, and may be. */
void environment_free(struct environment ** e);

/** environment_name(id): the variable's name. */
const char * environment_name(enum environment_id id);

/** environment_secret(e, id): the value, which lives with ${e}; or NULL. */
const struct secbuf * environment_secret(const struct environment * e,
    enum environment_id id);

/** environment_find(e, name): the value of that variable, or NULL. */
const struct secbuf * environment_find(const struct environment * e,
    const char * name);

/* Under so many ids, of no row, the redactor may know such values. */
#define ENVIRONMENT_KNOWN_MAX	(ENVIRONMENT__MAX + ENVIRONMENT_MORE)

/** environment_known_id(i): one of them. */
struct sr_id environment_known_id(size_t i);

/**
 * environment_known(e, redact, key):
 * Put the forms of every value, made under ${key}, which ${redact} has, into
 * its live set. Errors: OUT_OF_MEMORY, ….
 */
SR_NODISCARD enum sr_error environment_known(const struct environment * e,
    struct redact * redact, const struct secbuf * key);

#endif /* !SR_CORE_VAULT_ENVIRONMENT_H */
