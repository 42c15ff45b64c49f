#ifndef SR_CORE_ACCESS_STANDING_H
#define SR_CORE_ACCESS_STANDING_H

/*
 * Sessions and API keys that are used for long at a time are looked at again
 * now and then: many of them with one query. Looking is no use of them.
 */

#include "core/access/apikey.h"
#include "core/access/session.h"

/* What of it still stands: a session's or account's role, a key's scopes. */
typedef void session_standing_fn(const struct sr_id * id, enum role role,
    void * cookie);
typedef void api_key_standing_fn(const struct sr_id * id, unsigned scopes,
    void * cookie);

/**
 * sessions_standing(db, ids, n, limits, fn, cookie):
 * Call ${fn} for each that is neither ended nor over; one that
 * cannot be read is left out. Errors: DATABASE_*,
 * OUT_OF_MEMORY.
 */
SR_NODISCARD enum sr_error sessions_standing(struct db * db,
    const struct sr_id * ids, size_t n, const struct session_limits * limits,
    session_standing_fn * fn, void * cookie);

/**
 * accounts_standing(db, ids, n, fn, cookie):
 * As sessions_standing, for those who have none, because the web server signs
 * them in: the accounts that are there and not disabled.
 */
SR_NODISCARD enum sr_error accounts_standing(struct db * db,
    const struct sr_id * ids, size_t n, session_standing_fn * fn,
    void * cookie);

/** api_keys_standing(db, ids, n, fn, cookie): neither revoked nor expired. */
SR_NODISCARD enum sr_error api_keys_standing(struct db * db,
    const struct sr_id * ids, size_t n, api_key_standing_fn * fn,
    void * cookie);

#endif /* !SR_CORE_ACCESS_STANDING_H */
