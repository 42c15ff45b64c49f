#ifndef SR_CORE_VAULT_IDEMPOTENCY_H
#define SR_CORE_VAULT_IDEMPOTENCY_H

/*
 * A request that comes twice (a double click, a lost reply) is one change. Who
 * asks may send a key of his own with a request; what it made is kept with two
 * MACs under the request key: of who asked and the key, and of all that was
 * asked, the value included. Nothing else of the request is stored. The row is
 * written in the transaction of the change, so there are both or neither. It
 * lives for config idempotency.hours, by the database's clock, and is deleted
 * by retention.c afterwards. A refused request leaves no row: its repetition is
 * tried anew.
 *
 *   idempotency_begin … idempotency_find: it came before, and that is it; or
 *   tx_run { lock, idempotency_keep, conditions, change }; taken: _find again.
 */

#include "core/audit/audit.h"
#include "core/keys/mac.h"

struct db;

#define IDEMPOTENCY_KEY_MIN	8
#define IDEMPOTENCY_KEY_MAX	128

/* A request as it is known again. */
struct idempotency {
	bool asked;			/* It has a key. */
	uint8_t key_mac[MAC_LEN];
	uint8_t request_mac[MAC_LEN];
	unsigned hours;
	bool over;	/* A row with that key is there whose time is over. */
	bool taken;	/* Out of idempotency_keep: another was faster. */
};

/* What it made. */
struct idempotency_result {
	struct sr_id id;
	uint32_t version;
};

/** idempotency_asked(key): whether there is one: not NULL, not "". */
SR_NODISCARD bool idempotency_asked(const char * key);

/**
 * idempotency_begin(store, keys, actor, key, parts, n, out):
 * ${parts} are all that is asked, the operation first. Without a key nothing
 * is done here, nor by the functions below. Errors: IDEMPOTENCY_KEY_INVALID.
 */
SR_NODISCARD enum sr_error idempotency_begin(const struct store * store,
    const struct keyset * keys, const struct actor * actor, const char * key,
    const struct mac_part * parts, size_t n, struct idempotency * out);

/**
 * idempotency_find(db, request, made, found):
 * Whether it came before, and what it made. Errors: IDEMPOTENCY_KEY_REUSED
 * (with other contents); as db_query.
 */
SR_NODISCARD enum sr_error idempotency_find(struct db * db,
    struct idempotency * request, struct idempotency_result * made,
    bool * found);

/**
 * idempotency_keep(tx, request, made):
 * Write the row; waits for another request with that key, if one is being
 * done. Errors: as db_exec; IDEMPOTENCY_KEY_REUSED with ${request->taken} set
 * when there is such a row meanwhile: roll back, and idempotency_find.
 */
SR_NODISCARD enum sr_error idempotency_keep(struct tx * tx,
    struct idempotency * request, const struct idempotency_result * made);

#endif /* !SR_CORE_VAULT_IDEMPOTENCY_H */
