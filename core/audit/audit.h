#ifndef SR_CORE_AUDIT_AUDIT_H
#define SR_CORE_AUDIT_AUDIT_H

/*
 * Audit rows: who did what to what, when, with which outcome. A row is
 * written inside the transaction of the change it tells of (audit_append takes
 * a struct tx *); a refusal has a transaction of its own (audit_refusal).
 * Rows about a target form a chain of keyed MACs over every column; a row
 * without a target is a chain of its own. Without a root key a refusal, a
 * sign-in or a sign-out is written unsealed (mac NULL), which verification
 * names; what changes anything else is not done then.
 */

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/id.h"
#include "core/store/store.h"

struct keyset;
struct tx;

enum actor_kind { ACTOR_ANONYMOUS, ACTOR_ACCOUNT, ACTOR_API_KEY,
    ACTOR_OPERATOR, ACTOR_SYSTEM };

#define ACTOR_LABEL_MAX	254

/* Who acts, and in which request. */
struct actor {
	enum actor_kind kind;
	struct sr_id id;		/* Account or API key; else nil. */
	char label[ACTOR_LABEL_MAX + 1]; /* E-mail, key name, system user. */
	struct sr_id correlation_id;
};

enum audit_action {
#define AUDIT_ACTION(id, name) AUDIT_##id,
#include "core/audit/action.def"
#undef AUDIT_ACTION
	AUDIT__MAX
};

enum audit_outcome { AUDIT_SUCCEEDED, AUDIT_FAILED, AUDIT_BLOCKED };

struct audit_entry {
	struct sr_id id;		/* Of the caller: tx_run's witness. */
	sr_time occurred_at;
	const struct actor * actor;
	enum audit_action action;
	enum audit_outcome outcome;
	enum sr_error error;		/* SR_OK, or what was answered. */
	const char * target_kind;	/* "secret", "account"; or NULL. */
	struct sr_id target_id;		/* nil: a chain of its own. */
	const char * scope;		/* Of a secret; NULL else. */
	const char * name;		/* Of a secret; NULL else. */
	uint32_t key_version;		/* 0: none. */
	/* The target is made by this very transaction, under an id of its own:
	 * its chain is empty, and need not be looked at. */
	bool target_is_new;
	/* The keys that the caller holds, so that a reload which comes between
	 * does not take them from its row; NULL: the store's. */
	const struct keyset * keys;
};

/* Proof that a row was committed: made by audit_committed alone. */
struct audit_receipt {
	struct sr_id event_id;
};

/**
 * audit_append(tx, store, entry):
 * Write the row in ${tx}. Take the target's row lock before: it keeps the
 * chain's order. Errors: SECRET_AUDIT_PERSISTENCE_FAILED when the database
 * refuses the row, or when there is no key for one that must be sealed (in a
 * target's chain, or AUDIT_SUCCEEDED other than SIGN_IN, SECOND_FACTOR_ASK and
 * SIGN_OUT);
 * API_KEY_REVOKED when the actor is a key that was revoked meanwhile (its row
 * is shared until the commit);
 * DATABASE_UNAVAILABLE and TRANSACTION_CONFLICT pass through (tx_run retries
 * them).
 */
SR_NODISCARD enum sr_error audit_append(struct tx * tx,
    const struct store * store, const struct audit_entry * entry);

/**
 * audit_append_alone(tx, store, entry):
 * The same as a chain of its own, for what happens to a target without changing
 * it and too often for one chain. Errors: as audit_append.
 */
SR_NODISCARD enum sr_error audit_append_alone(struct tx * tx,
    const struct store * store, const struct audit_entry * entry);

/**
 * audit_refusal(store, entry):
 * Write and commit a row about something that was refused or has failed; a
 * chain of its own. ${entry->id} is minted here when nil. Errors: as tx_run.
 * The caller answers the refusal's own error in any case; a failure to audit
 * it is logged here.
 */
enum sr_error audit_refusal(const struct store * store,
    struct audit_entry * entry);

/** audit_committed(entry): the receipt, after tx_run returned SR_OK. */
struct audit_receipt audit_committed(const struct audit_entry * entry);

/* A row as read back. */
struct audit_row {
	struct sr_id id;
	struct sr_id chain_id;
	uint32_t chain_seq;
	sr_time occurred_at;
	char actor_kind[16];
	char actor_label[ACTOR_LABEL_MAX + 1];
	char action[41];
	char target_kind[33];
	struct sr_id target_id;
	char scope[17];
	char name[161];
	uint32_t key_version;
	char outcome[16];
	char error_type[65];
	struct sr_id correlation_id;
};

typedef enum sr_error audit_row_fn(const struct audit_row * row, void * cookie);

/**
 * audit_of_target(db, target_id, limit, fn, cookie) /
 * audit_recent(db, target_kind, limit, fn, cookie):
 * Rows about one target, or about targets of a kind ("secret"; refused attempts
 * among them). Newest first. Errors: SECRET_AUDIT_UNAVAILABLE, and what ${fn}
 * returns.
 */
SR_NODISCARD enum sr_error audit_of_target(struct db * db,
    const struct sr_id * target_id, unsigned limit, audit_row_fn * fn,
    void * cookie);
SR_NODISCARD enum sr_error audit_recent(struct db * db,
    const char * target_kind, unsigned limit, audit_row_fn * fn, void * cookie);

/**
 * audit_verify_chain(store, chain_id, rows):
 * Recompute the MACs of a chain from its first row. ${rows} receives how many
 * rows hold; an unsealed row that audit_append or audit_refusal may have
 * written, for which nothing vouches, is a line in the log (audit_unsealed) and
 * not counted; any other is a breach. Rows cut off at the end do not show here
 * (chain.FORMAT); audit_verify_database finds them. Errors:
 * SECRET_AUDIT_UNAVAILABLE; INTERNAL_ERROR when a row does not verify or is
 * missing; SECRET_ENCRYPTION_UNAVAILABLE without a key.
 */
SR_NODISCARD enum sr_error audit_verify_chain(const struct store * store,
    const struct sr_id * chain_id, uint32_t * rows);

/** audit_action_name(a): "CREATE", "ROTATE", "SIGN_IN" … */
const char * audit_action_name(enum audit_action a);

#endif /* !SR_CORE_AUDIT_AUDIT_H */
