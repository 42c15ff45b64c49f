#ifndef SR_CORE_VAULT_PROVIDER_H
#define SR_CORE_VAULT_PROVIDER_H

/*
 * The registry of providers: those of provider.def, changed by sections
 * [provider NAME] of the configuration, and those that such sections add.
 * Read-only after providers_new; then shared by all threads.
 */

#include "core/base/config.h"
#include "core/base/error.h"

enum provider_kind { PROVIDER_KEY, PROVIDER_GITHUB_APP };

#define PROVIDER_REFUSED_MAX	8
#define PROVIDER_ERROR_MAX	96

/* Texts live with the registry. */
struct provider {
	const char * name;		/* "anthropic" */
	const char * title;		/* "Anthropic" */
	const char * variable;		/* "ANTHROPIC_API_KEY" */
	const char * secret;		/* Name in scope integration. */
	enum provider_kind kind;
	const char * base_url;		/* Without a slash at its end. */
	const char * path;		/* Begins with one. */
	const char * header;		/* "Authorization: Bearer " */
	const char * extra;		/* More header lines, "\n" between. */
	unsigned refused[PROVIDER_REFUSED_MAX];	/* Statuses; 0 ends them. */
	const char * proof;		/* Member of the answer; "": any. */
	const char * hint;
	const char * app_id;		/* GITHUB_APP_ID, or "". */
};

struct providers;

/**
 * providers_new(config, complaint, complaint_len, out):
 * Caller frees. On error one line into ${complaint} that names the section and
 * the setting. Errors: CONFIG_INVALID (a new provider without env, base_url or
 * check_header; a URL that is not https, or http of a loopback address; a name
 * of a secret that has not the grammar; a header or status that is none),
 * OUT_OF_MEMORY.
 */
SR_NODISCARD enum sr_error providers_new(const struct config * config,
    char * complaint, size_t complaint_len, struct providers ** out);

/** providers_free(p): release; *p becomes NULL; may be NULL. */
void providers_free(struct providers ** p);

/** providers_at(p, i): the i-th, NULL past the last. */
const struct provider * providers_at(const struct providers * p, size_t i);

/** providers_find(p, name): or NULL. */
const struct provider * providers_find(const struct providers * p,
    const char * name);

/** providers_by_variable(p, variable): the one whose it is, or NULL. */
const struct provider * providers_by_variable(const struct providers * p,
    const char * variable);

/**
 * provider_error_name(provider, err, out):
 * The public name of an error about a provider: for the rows whose name begins
 * with provider_ and that stand for one of its errors, with the provider's name
 * in that place ("anthropic_credentials_invalid"); of another, as it is.
 */
void provider_error_name(const struct provider * provider, enum sr_error err,
    char out[PROVIDER_ERROR_MAX + 1]);

/**
 * provider_error_by_name(p, name): the error that has this public name with one
 * of the providers; SR_OK if there is none.
 */
enum sr_error provider_error_by_name(const struct providers * p,
    const char * name);

#endif /* !SR_CORE_VAULT_PROVIDER_H */
