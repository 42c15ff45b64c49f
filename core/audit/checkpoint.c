#include <string.h>

#include "core/audit/checkpoint_internal.h"
#include "core/base/strbuf.h"
#include "core/log/log.h"
#include "core/store/keystore.h"

/** checkpoint_leaf(row, mac, out): the leaf hash of a row. */
enum sr_error
checkpoint_leaf(const struct chain_row * row, const uint8_t * mac,
    uint8_t out[MERKLE_LEN])
{
	struct strbuf leaf;
	enum sr_error err;

	strbuf_init(&leaf, CHAIN_MESSAGE_MAX);
	chain_encode(row, &leaf);
	chain_encode_mac(mac, &leaf);
	if ((err = strbuf_status(&leaf)) == SR_OK)
		merkle_leaf(strbuf_str(&leaf), leaf.len, out);
	strbuf_free(&leaf);
	return (err);
}

/* A column of fixed width; one of another width (somebody changed the table)
 * is all zeros, which no signature covers. */
static void
take_bytes(const struct db_row * row, size_t i, uint8_t * out, size_t size)
{
	const uint8_t * p;
	size_t len;

	p = db_col_bytes(row, i, &len);
	memset(out, 0, size);
	if (len == size)
		memcpy(out, p, size);
}

/** stored_read(row, out): columns CHECKPOINT_COLS. */
void
stored_read(const struct db_row * row, struct stored_checkpoint * out)
{
	struct checkpoint * cp = &out->cp;
	const uint8_t * frontier;
	size_t len;

	cp->tree_size = (uint64_t)db_col_int(row, 0);
	take_bytes(row, 1, cp->root, MERKLE_LEN);
	cp->made_at = db_col_time(row, 3);
	cp->key_version = (uint32_t)db_col_int(row, 4);
	take_bytes(row, 5, cp->public_key, SIGN_PUBLIC_LEN);
	take_bytes(row, 6, cp->signature, SIGN_LEN);
	checkpoint_name_key(cp->public_key, cp->named);
	frontier = db_col_bytes(row, 2, &len);
	merkle_init(&out->frontier);
	out->whole = len == merkle_peaks(cp->tree_size) * MERKLE_LEN;
	if (out->whole && len > 0) {
		out->frontier.size = cp->tree_size;
		memcpy(out->frontier.node, frontier, len);
	}
}

/** stored_check(s, public_key): FINDING__MAX, or what is wrong. */
enum audit_finding_kind
stored_check(const struct stored_checkpoint * s,
    const uint8_t public_key[SIGN_PUBLIC_LEN])
{
	uint8_t root[MERKLE_LEN];

	if (!same_bytes(s->cp.public_key, public_key, SIGN_PUBLIC_LEN) ||
	    !checkpoint_verify(&s->cp))
		return (FINDING_CHECKPOINT_SIGNATURE);
	merkle_root(&s->frontier, root);
	if (!s->whole || s->cp.key_version != CHECKPOINT_KEY_VERSION ||
	    !same_bytes(root, s->cp.root, MERKLE_LEN))
		return (FINDING_CHECKPOINT_CHANGED);
	return (FINDING__MAX);
}

struct taking {
	struct stored_checkpoint * out;
	bool found;
};

static enum sr_error
take_stored(const struct db_row * row, void * cookie)
{
	struct taking * t = cookie;

	stored_read(row, t->out);
	t->found = true;
	return (SR_OK);
}

/** stored_latest(db, out, found): the newest, with its frontier. */
enum sr_error
stored_latest(struct db * db, struct stored_checkpoint * out, bool * found)
{
	struct taking t = { .out = out };
	enum sr_error err;

	err = db_query(db, STMT_CHECKPOINT_LATEST, DB_NOARGS, take_stored, &t);
	*found = t.found;
	return (err);
}

static enum sr_error
give(enum sr_error err, bool was_found, const struct stored_checkpoint * s,
    struct checkpoint * out, bool * found)
{

	*found = err == SR_OK && was_found;
	if (*found)
		*out = s->cp;
	if (err == SR_OK || err == SR_E_OUT_OF_MEMORY)
		return (err);
	return (SR_E_SECRET_AUDIT_UNAVAILABLE);
}

/** checkpoint_latest(db, out, found): the newest one. */
enum sr_error
checkpoint_latest(struct db * db, struct checkpoint * out, bool * found)
{
	struct stored_checkpoint s;
	enum sr_error err;
	bool was_found;

	err = stored_latest(db, &s, &was_found);
	return (give(err, was_found, &s, out, found));
}

/** checkpoint_at(db, size, out, found): the one of exactly that tree size. */
enum sr_error
checkpoint_at(struct db * db, uint64_t size, struct checkpoint * out,
    bool * found)
{
	struct stored_checkpoint s;
	struct taking t = { .out = &s };
	enum sr_error err;

	err = db_query(db, STMT_CHECKPOINT_AT, DB_ARGS(DB_INT(size)),
	    take_stored, &t);
	return (give(err, t.found, &s, out, found));
}

static enum sr_error
take_backlog(const struct db_row * row, void * cookie)
{
	struct checkpoint_backlog * out = cookie;

	out->rows = (uint64_t)db_col_int(row, 0);
	out->overdue = db_col_int(row, 1) != 0;
	return (SR_OK);
}

/** checkpoint_backlog(db, seconds, out): what waits for its leaf. */
enum sr_error
checkpoint_backlog(struct db * db, unsigned seconds,
    struct checkpoint_backlog * out)
{
	enum sr_error err;

	*out = (struct checkpoint_backlog){ .rows = 0 };
	err = db_query(db, STMT_AUDIT_PENDING_STATE, DB_ARGS(DB_INT(seconds),
	    DB_INT(seconds)), take_backlog, out);
	if (err == SR_OK || err == SR_E_OUT_OF_MEMORY)
		return (err);
	return (SR_E_SECRET_AUDIT_UNAVAILABLE);
}

/** checkpoint_state(store, seconds, out): the newest one, and the backlog. */
enum sr_error
checkpoint_state(const struct store * store, unsigned seconds,
    struct checkpoint_state * out)
{
	uint8_t public_key[SIGN_PUBLIC_LEN];
	const struct keyset * set;
	enum sr_error err;

	*out = (struct checkpoint_state){ .found = false };
	if ((err = checkpoint_latest(store->db, &out->newest, &out->found)) !=
	    SR_OK)
		return (err);
	out->ours = out->found && checkpoint_verify(&out->newest);
	if (store->keys != NULL &&
	    (set = keystore_hold(store->keys)) != NULL) {
		sign_public(keyset_sign_key(set), public_key);
		out->ours = out->ours && same_bytes(public_key,
		    out->newest.public_key, SIGN_PUBLIC_LEN);
		keyset_release(&set);
	}
	return (checkpoint_backlog(store->db, seconds, &out->backlog));
}

/** checkpoint_log(cp): the head as a line of the log. */
void
checkpoint_log(const struct checkpoint * cp)
{

	LOG(AUDIT_CHECKPOINT, log_u64("size", cp->tree_size),
	    log_hex("root", cp->root, MERKLE_LEN),
	    log_time("made_at", cp->made_at),
	    log_hex("signer", cp->public_key, SIGN_PUBLIC_LEN),
	    log_hex("signature", cp->signature, SIGN_LEN));
}
