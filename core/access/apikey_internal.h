#ifndef SR_CORE_ACCESS_APIKEY_INTERNAL_H
#define SR_CORE_ACCESS_APIKEY_INTERNAL_H

/* What the files that implement apikey.h share. Not for other rooms. */

#include "core/access/apikey.h"
#include "core/store/db.h"

/* A request that was checked. */
struct api_key_checked {
	const char * name;	/* NULL: not valid, not to be named. */
	unsigned scopes;
	sr_time expires_at;
	struct sr_id project[API_KEY_PROJECTS_MAX];
	size_t projects;	/* 0: all. */
};

/**
 * api_key_check(store, request, now, out, field):
 * Hold ${request} against grammar and policy. Errors: API_KEY_*_INVALID,
 * PLAINTEXT_SECRET_PERSISTENCE_BLOCKED, with ${field} filled in.
 */
SR_NODISCARD enum sr_error api_key_check(const struct store * store,
    const struct api_key_request * request, sr_time now,
    struct api_key_checked * out, const char ** field);

/** api_key_scopes_text(scopes, out): as the column has them. */
#define API_KEY_SCOPES_MAX	96
void api_key_scopes_text(unsigned scopes, char out[API_KEY_SCOPES_MAX]);

/** api_key_scopes_parse(text, out): one or more, with commas, none twice. */
SR_NODISCARD bool api_key_scopes_parse(const char * text, unsigned * out);

/** api_key_from_row(row, out): the columns of API_KEY_COLS in stmt.def. */
SR_NODISCARD enum sr_error api_key_from_row(const struct db_row * row,
    struct api_key * out);

/**
 * api_key_changer(db, key, now):
 * In the transaction that holds ${key}'s row: write the change to the table
 * and to ${key}, or say why it may not be. It can run more than once.
 */
typedef enum sr_error api_key_changer(struct db * db, struct api_key * key,
    sr_time now);

/**
 * api_key_change(store, actor, id, action, apply, out):
 * Change the key ${id} by ${apply}, in one transaction with an audit row of
 * ${action}; what is refused gets a row of its own. ${out} is the key as it is
 * then; ${id} must not lie in it. Errors: API_KEY_NOT_FOUND, those of
 * ${apply}, of the transaction and of the keys.
 */
SR_NODISCARD enum sr_error api_key_change(const struct store * store,
    const struct actor * actor, const struct sr_id * id,
    enum audit_action action, api_key_changer * apply, struct api_key * out);

/**
 * api_key_refused(store, audit, error):
 * Log ${error} and write the row of a refusal, which is ${audit} but for its
 * id and outcome. A name that nobody could hold against the live set may be a
 * value: it must not be in ${audit}.
 */
void api_key_refused(const struct store * store,
    const struct audit_entry * audit, enum sr_error error);

#endif /* !SR_CORE_ACCESS_APIKEY_INTERNAL_H */
