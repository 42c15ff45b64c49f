#ifndef SR_CORE_AUDIT_CHECKPOINT_H
#define SR_CORE_AUDIT_CHECKPOINT_H

/*
 * Checkpoints bind all audit rows into one whole. Every few seconds one worker
 * numbers the rows that have no leaf yet (table audit_pending, written with the
 * row), adds their leaves to the Merkle tree, signs its root with Ed25519 and
 * writes the signed head to the log, so that a copy lives outside of the
 * database. checkpoint.FORMAT describes leaf, tree and head byte by byte.
 * Leaves are numbered here and not by the writers, since ids do not follow the
 * order of commits.
 */

#include "core/audit/chain.h"
#include "core/audit/merkle.h"
#include "core/keys/sign.h"
#include "core/store/store.h"

struct secbuf;
struct strbuf;

/* Bytes of a note that name its key: 8 of its origin, 4 of its signature. */
#define CHECKPOINT_NAMED_LEN	12
#define CHECKPOINT_NOTE_MAX	((size_t)512)

struct checkpoint {
	uint64_t tree_size;
	uint8_t root[MERKLE_LEN];
	sr_time made_at;
	uint32_t key_version;
	uint8_t public_key[SIGN_PUBLIC_LEN];
	uint8_t signature[SIGN_LEN];
	uint8_t named[CHECKPOINT_NAMED_LEN];
};

/**
 * checkpoint_leaf(row, mac, out):
 * The leaf hash of a row: over the message of chain.FORMAT and its mac (NULL
 * for an unsealed row). Errors: OUT_OF_MEMORY, LIMIT_EXCEEDED.
 */
SR_NODISCARD enum sr_error checkpoint_leaf(const struct chain_row * row,
    const uint8_t * mac, uint8_t out[MERKLE_LEN]);

/**
 * checkpoint_seal(store, sealed, more):
 * Number pending rows, at most some thousands, and make a checkpoint, in one
 * transaction; nothing when there are none. ${sealed} receives how many;
 * ${more} that there are others. Errors: SECRET_ENCRYPTION_UNAVAILABLE,
 * ROOT_KEY_MISMATCH, AUDIT_CHAIN_BROKEN (the tree in the database does not
 * continue its last checkpoint: nothing is written, an alert is logged),
 * DATABASE_*.
 */
SR_NODISCARD enum sr_error checkpoint_seal(const struct store * store,
    uint64_t * sealed, bool * more);

/**
 * checkpoint_sweep(db, added):
 * Put rows into audit_pending that have neither a leaf nor a place there: rows
 * written by hand, or whose place was taken away. ${added}: how many, each of
 * them logged as an alert.
 */
SR_NODISCARD enum sr_error checkpoint_sweep(struct db * db, uint64_t * added);

/**
 * checkpoint_sweep_page(db, after, added, end):
 * The same for one page of rows behind the id *after (at first nil), which
 * becomes the page's last; ${added} counts on. ${end}: that there was none.
 */
SR_NODISCARD enum sr_error checkpoint_sweep_page(struct db * db,
    struct sr_id * after, uint64_t * added, bool * end);

/**
 * checkpoint_latest(db, out, found) / checkpoint_at(db, size, out, found):
 * The newest one; the one of exactly that tree size. Errors:
 * SECRET_AUDIT_UNAVAILABLE.
 */
SR_NODISCARD enum sr_error checkpoint_latest(struct db * db,
    struct checkpoint * out, bool * found);
SR_NODISCARD enum sr_error checkpoint_at(struct db * db, uint64_t size,
    struct checkpoint * out, bool * found);

/**
 * checkpoint_backlog(db, seconds, out):
 * How many rows wait for their leaf (of more than 100,000: that many), and
 * whether that is a fault: one of them was taken away, or is older than that
 * while no checkpoint is younger. Errors: SECRET_AUDIT_UNAVAILABLE.
 */
struct checkpoint_backlog {
	uint64_t rows;
	bool overdue;
};
SR_NODISCARD enum sr_error checkpoint_backlog(struct db * db, unsigned seconds,
    struct checkpoint_backlog * out);

/**
 * checkpoint_state(store, seconds, out):
 * The newest checkpoint, whether it is ours (its signature and, when a key is
 * loaded, its key), and the backlog. Errors: SECRET_AUDIT_UNAVAILABLE.
 */
struct checkpoint_state {
	bool found;
	bool ours;
	struct checkpoint newest;
	struct checkpoint_backlog backlog;
};
SR_NODISCARD enum sr_error checkpoint_state(const struct store * store,
    unsigned seconds, struct checkpoint_state * out);

/* How long a row may wait for its leaf before that is a fault. */
#define CHECKPOINT_WAIT_SECONDS	120

/**
 * checkpoint_sign(cp, seed):
 * Sign what ${cp} says, as the seed's public key, which goes into it.
 */
void checkpoint_sign(struct checkpoint * cp, const struct secbuf * seed);

/** checkpoint_verify(cp): whether its signature is that of its public key. */
SR_NODISCARD bool checkpoint_verify(const struct checkpoint * cp);

/**
 * checkpoint_note(cp, out) / checkpoint_note_parse(text, len, cp):
 * The head as text: a signed note in the form of C2SP tlog-checkpoint (see
 * checkpoint.FORMAT). Parsing does not verify, and does not know the public key
 * (${cp->public_key} is zeroed) nor its version. False if it is not one.
 */
void checkpoint_note(const struct checkpoint * cp, struct strbuf * out);
SR_NODISCARD bool checkpoint_note_parse(const char * text, size_t len,
    struct checkpoint * cp);

/**
 * checkpoint_take_key(cp, public_key):
 * Put the key into a parsed head, for checkpoint_verify. False, ${cp}
 * unchanged, when the head names another one: it is another instance's.
 */
SR_NODISCARD bool checkpoint_take_key(struct checkpoint * cp,
    const uint8_t public_key[SIGN_PUBLIC_LEN]);

#endif /* !SR_CORE_AUDIT_CHECKPOINT_H */
