#ifndef SR_CORE_VAULT_SEARCH_H
#define SR_CORE_VAULT_SEARCH_H

/*
 * Looking for secrets by the begin of the name and by what state they are in,
 * a page at a time by key. Needs no root key.
 */

#include "core/vault/secret.h"

/* What a person would call the state of a secret. */
enum secret_state {
	SECRET_ANY,
	SECRET_ACTIVE,		/* Usable: neither expired nor revoked. */
	SECRET_SOON,		/* Of these, expiring within warning_days. */
	SECRET_OVERDUE,		/* Of these, not rotated for rotation_days. */
	SECRET_EXPIRED,
	SECRET_REVOKED,
	SECRET_STATE__MAX
};

/* By which times states are told; see posture.h too. */
struct secret_times {
	sr_time now;
	unsigned rotation_days;
	unsigned warning_days;
};

struct secret_filter {
	const char * prefix;		/* Of the name; "": any. */
	enum secret_state state;
	struct secret_times times;
};

/** secret_state_name / _parse: "any" "active" "soon" "overdue" … */
const char * secret_state_name(enum secret_state state);
SR_NODISCARD bool secret_state_parse(const char * text,
    enum secret_state * out);

/**
 * secret_state(meta, times):
 * SECRET_ACTIVE, _SOON, _EXPIRED or _REVOKED; whether it is overdue too is
 * secret_overdue's to say.
 */
enum secret_state secret_state(const struct secret_meta * meta,
    const struct secret_times * times);
SR_NODISCARD bool secret_overdue(const struct secret_meta * meta,
    const struct secret_times * times);

/**
 * secret_prefix(text): whether a name may begin with ${text}; "" is fine.
 */
SR_NODISCARD bool secret_prefix(const char * text);

/**
 * secret_search(db, filter, after, limit, fn, cookie):
 * As secret_list, of the secrets that ${filter} describes; each page costs what
 * it shows when no state is asked for, and is read off an index else. Errors:
 * SECRET_METADATA_UNAVAILABLE, and what ${fn} returns.
 */
SR_NODISCARD enum sr_error secret_search(struct db * db,
    const struct secret_filter * filter, const struct sr_id * after,
    unsigned limit, secret_meta_fn * fn, void * cookie);

#endif /* !SR_CORE_VAULT_SEARCH_H */
