#ifndef SR_CORE_VAULT_REWRAP_INTERNAL_H
#define SR_CORE_VAULT_REWRAP_INTERNAL_H

/* What rewrap*.c share. Not for other files. */

#include "core/vault/rewrap.h"

struct keyset;

struct rewrap {
	const struct store * store;
	const struct actor * actor;
	const struct rewrap_watch * watch;
	const struct keyset * keys;
	struct rewrap_progress p;
	bool unsure;	/* A batch was perhaps written and not counted. */
};

/** rewrap_report(r): tell ${r->watch} how far it is. */
SR_NODISCARD enum sr_error rewrap_report(struct rewrap * r);

/** rewrap_report_failed(r, secret_id, key_version, why): that one, counted. */
SR_NODISCARD enum sr_error rewrap_report_failed(struct rewrap * r,
    const struct sr_id * secret_id, uint32_t key_version, enum sr_error why);

/**
 * rewrap_system_keys(r) / rewrap_secrets(r):
 * Walk once through the rows under versions older than r->p.to and rewrap
 * them. Errors: as rewrap_rotate.
 */
SR_NODISCARD enum sr_error rewrap_system_keys(struct rewrap * r);
SR_NODISCARD enum sr_error rewrap_secrets(struct rewrap * r);

#endif /* !SR_CORE_VAULT_REWRAP_INTERNAL_H */
