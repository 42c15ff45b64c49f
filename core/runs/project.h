#ifndef SR_CORE_RUNS_PROJECT_H
#define SR_CORE_RUNS_PROJECT_H

/*
 * Projects, and their bindings: which environment variable of a project's runs
 * holds which stored secret. Their texts are plain, so the policy looks at each
 * before it is kept.
 */

#include "core/vault/secret.h"

#define PROJECT_SLUG_MAX	64
#define PROJECT_NAME_MAX	160	/* Bytes. */
#define PROJECT_TEXT_MAX	1000
#define BINDING_VARIABLE_MAX	128
#define BINDINGS_MAX		256	/* Of a project. */

struct project {
	struct sr_id id;
	char slug[PROJECT_SLUG_MAX + 1];
	char name[PROJECT_NAME_MAX + 1];
	char description[PROJECT_TEXT_MAX + 1];
	bool binary_artifacts;		/* Its runs may keep what is no text. */
	sr_time created_at;
	sr_time updated_at;
};

struct project_write {
	const char * slug;
	const char * name;
	const char * description;	/* NULL: "". */
	bool binary_artifacts;
};

/**
 * project_create(store, actor, write, complaint, out):
 * With its audit row, in one transaction; refusals are audited. Errors:
 * PROJECT_SLUG_INVALID, PROJECT_INVALID, PROJECT_EXISTS,
 * PLAINTEXT_SECRET_PERSISTENCE_BLOCKED, SECRET_ENCRYPTION_UNAVAILABLE or
 * ROOT_KEY_MISMATCH (the audit row needs a root key), RUN_UNAVAILABLE,
 * SECRET_AUDIT_PERSISTENCE_FAILED, TRANSACTION_CONFLICT,
 * COMMIT_OUTCOME_UNKNOWN.
 */
SR_NODISCARD enum sr_error project_create(const struct store * store,
    const struct actor * actor, const struct project_write * write,
    struct secret_complaint * complaint, struct project * out);

/**
 * project_show(db, id, out) / project_by_slug(db, slug, out):
 * Errors: PROJECT_NOT_FOUND, RUN_UNAVAILABLE.
 */
SR_NODISCARD enum sr_error project_show(struct db * db,
    const struct sr_id * id, struct project * out);
SR_NODISCARD enum sr_error project_by_slug(struct db * db, const char * slug,
    struct project * out);

/**
 * project_allow_binary(store, actor, id, allow, out):
 * Whether its runs may keep artifacts that are no text; with its audit row.
 * What was kept so far stays. ${out} may be NULL. Errors: PROJECT_NOT_FOUND,
 * and those of project_create's transaction.
 */
SR_NODISCARD enum sr_error project_allow_binary(const struct store * store,
    const struct actor * actor, const struct sr_id * id, bool allow,
    struct project * out);

typedef enum sr_error project_fn(const struct project * project,
    void * cookie);

/**
 * project_list(db, after, limit, fn, cookie):
 * By slug, those after the slug ${after} (NULL or "": from the first). Errors:
 * RUN_UNAVAILABLE, and what ${fn} returns.
 */
SR_NODISCARD enum sr_error project_list(struct db * db, const char * after,
    unsigned limit, project_fn * fn, void * cookie);

struct binding {
	char variable[BINDING_VARIABLE_MAX + 1];
	struct sr_id secret_id;
	enum secret_scope scope;
	struct sr_id project_id;	/* Of the secret. */
	char name[SECRET_NAME_MAX + 1];
	sr_time created_at;
};

struct binding_write {
	struct sr_id project_id;
	const char * variable;
	const char * scope;
	const char * name;		/* A secret of the project's own for
					   scope project. */
};

/**
 * binding_set(store, actor, write, complaint):
 * Bind, or bind to another secret. Errors: PROJECT_NOT_FOUND, BINDING_INVALID,
 * SECRET_NOT_FOUND, BINDING_LIMIT_REACHED (it has BINDINGS_MAX others), and
 * those of project_create's transaction.
 */
SR_NODISCARD enum sr_error binding_set(const struct store * store,
    const struct actor * actor, const struct binding_write * write,
    struct secret_complaint * complaint);

/** binding_remove(store, actor, write): BINDING_INVALID if there is none. */
SR_NODISCARD enum sr_error binding_remove(const struct store * store,
    const struct actor * actor, const struct binding_write * write);

typedef enum sr_error binding_fn(const struct binding * binding,
    void * cookie);

/** binding_list(db, project_id, fn, cookie): by variable. As project_list. */
SR_NODISCARD enum sr_error binding_list(struct db * db,
    const struct sr_id * project_id, binding_fn * fn, void * cookie);

#endif /* !SR_CORE_RUNS_PROJECT_H */
