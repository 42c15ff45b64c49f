#ifndef SR_CORE_ACCESS_APIKEY_H
#define SR_CORE_ACCESS_APIKEY_H

/*
 * API keys of programs: shown once, stored as the SHA-256 of their text
 * (token.h says why that is enough). A key has scopes, may be limited to
 * projects, may expire, and stops working with the commit that revokes it.
 */

#include "core/access/account.h"

/* As bits; KEY_SCOPE_NONE is no scope at all. */
enum key_scope {
	KEY_SCOPE_NONE = 0,
	KEY_SCOPE_SECRETS_WRITE = 1 << 0,	/* "secrets:write" */
	KEY_SCOPE_SECRETS_READ = 1 << 1,	/* "secrets:read" */
	KEY_SCOPE_SECRETS_RESOLVE = 1 << 2,	/* "secrets:resolve" */
	KEY_SCOPE_RUNS_WRITE = 1 << 3,		/* "runs:write" */
	KEY_SCOPE_AUDIT_READ = 1 << 4,		/* "audit:read" */
	KEY_SCOPE_METRICS_READ = 1 << 5,	/* "metrics:read" */
	KEY_SCOPE_LAST = KEY_SCOPE_METRICS_READ
};

#define API_KEY_NAME_MAX	160
#define API_KEY_HINT_MAX	16
#define API_KEY_PROJECTS_MAX	32

/* What is known about a key; safe to show. */
struct api_key {
	struct sr_id id;
	char name[API_KEY_NAME_MAX + 1];	/* Grammar of policy_name. */
	char hint[API_KEY_HINT_MAX + 1];	/* Last 4 characters of it. */
	unsigned scopes;			/* Bits of enum key_scope. */
	bool all_projects;
	char created_by[ACTOR_LABEL_MAX + 1];
	sr_time created_at;
	sr_time expires_at;			/* SR_TIME_NONE: never. */
	sr_time last_used_at;			/* To the minute. */
	sr_time revoked_at;			/* SR_TIME_NONE: it is not. */
	sr_time held_at;	/* By a restore; SR_TIME_NONE: it is not. */
};

/* A key to be made, as given; checked in api_key_create. */
struct api_key_request {
	const char * name;
	const char * scopes;		/* "secrets:read,audit:read" */
	const char * projects;		/* UUIDs with commas; ""/NULL: all. */
	const char * expires_at;	/* As clock_parse; ""/NULL: never. */
	const char * idempotency_key;	/* ""/NULL: none. */
};

/** key_scope_name(scope) / key_scope_parse(text, out): one scope. */
const char * key_scope_name(enum key_scope scope);
SR_NODISCARD bool key_scope_parse(const char * text, enum key_scope * out);

/** api_key_status_name(key, now): "active", "held", "expired" or
 * "revoked". */
const char * api_key_status_name(const struct api_key * key, sr_time now);

/**
 * api_key_create(store, actor, request, field, token, out):
 * Make a key, in one transaction with its audit row. ${token} is its text, to
 * be shown once; caller frees. ${field} receives the field a refusal is about
 * (a constant such as "scopes"). A refusal is audited. A request that came
 * before with its idempotency key makes no other one: ${out} is the key that it
 * made, as it is now, and ${token} is NULL, since it was shown. Errors:
 * IDEMPOTENCY_KEY_INVALID, IDEMPOTENCY_KEY_REUSED,
 * API_KEY_NAME_INVALID, API_KEY_SCOPES_INVALID, API_KEY_PROJECTS_INVALID,
 * API_KEY_EXPIRY_INVALID, PLAINTEXT_SECRET_PERSISTENCE_BLOCKED,
 * SECRET_ENCRYPTION_UNAVAILABLE or ROOT_KEY_MISMATCH (its audit row needs a
 * root key), DATABASE_*, SECRET_AUDIT_PERSISTENCE_FAILED.
 */
SR_NODISCARD enum sr_error api_key_create(const struct store * store,
    const struct actor * actor, const struct api_key_request * request,
    const char ** field, struct disclosed ** token, struct api_key * out);

/**
 * api_key_revoke(store, actor, id, out):
 * It stops working with the commit. Errors: API_KEY_NOT_FOUND,
 * API_KEY_ALREADY_REVOKED (nothing is changed; audited), and those of create's
 * transaction.
 */
SR_NODISCARD enum sr_error api_key_revoke(const struct store * store,
    const struct actor * actor, const struct sr_id * id, struct api_key * out);

/**
 * api_key_confirm(store, actor, id, out):
 * A key that a restore holds works again, if it has not expired. Errors:
 * API_KEY_NOT_FOUND, API_KEY_NOT_HELD (also of one that is revoked; nothing is
 * changed; audited), and those of create's transaction.
 */
SR_NODISCARD enum sr_error api_key_confirm(const struct store * store,
    const struct actor * actor, const struct sr_id * id, struct api_key * out);

/**
 * api_key_confirm_all(store, actor, n):
 * All that are held, each in a transaction of its own; ${n}: how many were
 * confirmed. Errors: as api_key_confirm.
 */
SR_NODISCARD enum sr_error api_key_confirm_all(const struct store * store,
    const struct actor * actor, uint64_t * n);

typedef enum sr_error api_key_fn(const struct api_key * key, void * cookie);

/** api_key_list(db, after, limit, fn, cookie): newest first; as secret_list. */
SR_NODISCARD enum sr_error api_key_list(struct db * db,
    const struct sr_id * after, unsigned limit, api_key_fn * fn, void * cookie);

/**
 * api_key_projects(db, id, out, n):
 * The projects that a key is limited to; none: all. Errors: as db_query.
 */
SR_NODISCARD enum sr_error api_key_projects(struct db * db,
    const struct sr_id * id, struct sr_id out[API_KEY_PROJECTS_MAX],
    size_t * n);

/**
 * api_key_find(db, token, out):
 * The key of a request; notes its use, at most once a minute. Errors:
 * API_KEY_INVALID (not the form of one, or no such key; one answer for both),
 * API_KEY_EXPIRED, API_KEY_REVOKED, API_KEY_HELD, DATABASE_*.
 */
SR_NODISCARD enum sr_error api_key_find(struct db * db,
    const struct secbuf * token, struct api_key * out);

/**
 * api_key_admits(db, key, scope, project_id):
 * Whether ${key} may do what needs ${scope} to something of ${project_id} (nil:
 * not of a project; only a key for all projects may). Errors:
 * API_KEY_SCOPE_MISSING, API_KEY_PROJECT_FORBIDDEN, DATABASE_*.
 */
SR_NODISCARD enum sr_error api_key_admits(struct db * db,
    const struct api_key * key, enum key_scope scope,
    const struct sr_id * project_id);

#endif /* !SR_CORE_ACCESS_APIKEY_H */
