#include <stdlib.h>
#include <string.h>

#include "core/audit/checkpoint_internal.h"
#include "core/audit/row_internal.h"
#include "core/base/strbuf.h"
#include "core/log/log.h"
#include "core/store/keystore.h"
#include "core/store/tx.h"

/* Rows of one checkpoint, at most: some tenths of a second. */
#define SEAL_MAX	4096
/* Perfect subtrees that are kept are 2^8, 2^16 … leaves. */
#define NODE_STEP	8
#define NODES_MAX	(SEAL_MAX / 256 + 8)
/* Leaves that are sent at a time. */
#define AT_ONCE		((size_t)256)
#define LEAF_PARAMS	3

struct new_leaf {
	struct sr_id event_id;
	uint8_t hash[MERKLE_LEN];
};

struct new_node {
	unsigned level;
	uint64_t index;
	uint8_t hash[MERKLE_LEN];
};

/* One sealing. What the transaction makes of it begins anew with each run. */
struct sealing {
	const struct keyset * set;
	struct strbuf scratch;
	struct new_leaf * leaves;
	size_t n;
	struct merkle tree;
	struct new_node nodes[NODES_MAX];
	size_t n_nodes;
	struct checkpoint made;
};

static enum sr_error
broken(uint64_t size, enum audit_finding_kind kind)
{

	LOG(AUDIT_TREE_BROKEN, log_u64("size", size),
	    log_const("finding", audit_finding_name(kind)));
	return (SR_E_AUDIT_CHAIN_BROKEN);
}

static enum sr_error
take_number(const struct db_row * row, void * cookie)
{
	uint64_t * n = cookie;

	*n = (uint64_t)db_col_int(row, 0);
	return (SR_OK);
}

/*
 * The newest checkpoint, its row locked: who seals has that lock until his own
 * checkpoint is there. Who waited for it finds that another one is the newest
 * now. Where there is none yet, two meet at leaf 0.
 */
static enum sr_error
lock_newest(struct db * db, struct stored_checkpoint * last)
{
	uint64_t locked = 0;
	enum sr_error err;
	bool found;

	if ((err = db_query(db, STMT_CHECKPOINT_LOCK, DB_NOARGS, take_number,
	    &locked)) != SR_OK ||
	    (err = stored_latest(db, last, &found)) != SR_OK)
		return (err);
	if (!found) {
		*last = (struct stored_checkpoint){ .whole = true };
		return (locked == 0 ? SR_OK : SR_E_TRANSACTION_CONFLICT);
	}
	return (last->cp.tree_size == locked ? SR_OK :
	    SR_E_TRANSACTION_CONFLICT);
}

/* Nothing is built on a tree that was tampered with. */
static enum sr_error
check_newest(struct db * db, const struct sealing * s,
    const struct stored_checkpoint * last)
{
	uint8_t public_key[SIGN_PUBLIC_LEN];
	enum audit_finding_kind wrong = FINDING__MAX;
	uint64_t leaves = 0;
	enum sr_error err;

	if ((err = db_query(db, STMT_LEAF_COUNT, DB_NOARGS, take_number,
	    &leaves)) != SR_OK)
		return (err);
	if (leaves < last->cp.tree_size)
		return (broken(last->cp.tree_size, FINDING_LEAF_MISSING));
	/* Leaves and their checkpoint are written together. */
	if (leaves > last->cp.tree_size)
		return (broken(last->cp.tree_size,
		    FINDING_CHECKPOINT_MISSING));
	if (last->cp.tree_size == 0)
		return (SR_OK);
	sign_public(keyset_sign_key(s->set), public_key);
	wrong = stored_check(last, public_key);
	if (wrong != FINDING__MAX)
		return (broken(last->cp.tree_size, wrong));
	return (SR_OK);
}

/* A row that does not hold gets its leaf all the same: that it is here and as
 * it is now is what a leaf says. */
static enum sr_error
take_pending(const struct db_row * row, void * cookie)
{
	struct sealing * s = cookie;
	struct new_leaf * leaf = &s->leaves[s->n];
	uint8_t mac[MAC_LEN];
	struct read_row r;
	enum sr_error err;

	must(s->n < SEAL_MAX);
	row_read(row, &r);
	if ((err = row_digests(keyset_audit_key(s->set), &r, &s->scratch, mac,
	    leaf->hash)) != SR_OK)
		return (sr_fail(err, log_id("event_id", r.row.id)));
	if (r.mac == NULL ? !row_may_be_unsealed(&r.row) :
	    !mac_equal(mac, r.mac))
		LOG(AUDIT_ROW_BROKEN, log_id("event_id", r.row.id),
		    log_id("chain_id", r.row.chain_id),
		    log_u64("chain_seq", r.row.chain_seq));
	leaf->event_id = r.row.id;
	s->n++;
	return (SR_OK);
}

static void
take_node(unsigned level, uint64_t index, const uint8_t hash[MERKLE_LEN],
    void * cookie)
{
	struct sealing * s = cookie;
	struct new_node * node;

	if (level == 0 || level % NODE_STEP != 0)
		return;
	must(s->n_nodes < NODES_MAX);
	node = &s->nodes[s->n_nodes++];
	node->level = level;
	node->index = index;
	memcpy(node->hash, hash, MERKLE_LEN);
}

/* The leaves from ${from} on, ${n} of them, as rows of parameters. */
static void
leaf_rows(const struct sealing * s, uint64_t size, size_t from, size_t n,
    struct db_param * out)
{
	size_t i;

	for (i = 0; i < n; i++) {
		*out++ = DB_INT(size + from + i);
		*out++ = DB_UUID(&s->leaves[from + i].event_id);
		*out++ = DB_BYTES(s->leaves[from + i].hash, MERKLE_LEN);
	}
}

/* Who else seals the first rows has the same numbers. */
static enum sr_error
insert_leaves(struct db * db, struct sealing * s)
{
	struct db_param rows[AT_ONCE * LEAF_PARAMS];
	uint64_t size = s->tree.size;
	enum sr_error err = SR_OK;
	size_t i, n;

	for (i = 0; i < s->n && err == SR_OK; i += n) {
		n = s->n - i < AT_ONCE ? s->n - i : AT_ONCE;
		leaf_rows(s, size, i, n, rows);
		err = db_exec_many(db, STMT_LEAF_INSERT, rows, n, LEAF_PARAMS,
		    NULL);
	}
	if (err == SR_E_DATABASE_REFUSED && db_duplicate(db))
		err = SR_E_TRANSACTION_CONFLICT;
	for (i = 0; i < s->n; i++)
		must(merkle_grow(&s->tree, 0, s->leaves[i].hash, take_node,
		    s));
	return (err);
}

/* A number that is taken here was taken by hand: the leaves' were free. */
static enum sr_error
insert_above(struct db * db, struct sealing * s)
{
	struct checkpoint * cp = &s->made;
	enum sr_error err = SR_OK;
	size_t i;

	for (i = 0; i < s->n_nodes && err == SR_OK; i++)
		err = db_exec(db, STMT_NODE_INSERT, DB_ARGS(
		    DB_INT(s->nodes[i].level), DB_INT(s->nodes[i].index),
		    DB_BYTES(s->nodes[i].hash, MERKLE_LEN)), NULL);
	cp->tree_size = s->tree.size;
	merkle_root(&s->tree, cp->root);
	cp->made_at = clock_now();
	cp->key_version = CHECKPOINT_KEY_VERSION;
	checkpoint_sign(cp, keyset_sign_key(s->set));
	if (err == SR_OK)
		err = db_exec(db, STMT_CHECKPOINT_INSERT, DB_ARGS(
		    DB_INT(cp->tree_size), DB_BYTES(cp->root, MERKLE_LEN),
		    DB_BYTES(s->tree.node, merkle_peaks(cp->tree_size) *
		    MERKLE_LEN), DB_TIME(cp->made_at),
		    DB_INT(cp->key_version),
		    DB_BYTES(cp->public_key, SIGN_PUBLIC_LEN),
		    DB_BYTES(cp->signature, SIGN_LEN)), NULL);
	if (err == SR_E_DATABASE_REFUSED && db_duplicate(db))
		err = broken(cp->tree_size, FINDING_TREE_BROKEN);
	return (err);
}

static enum sr_error
seal(struct tx * tx, void * cookie)
{
	struct sealing * s = cookie;
	struct stored_checkpoint last;
	struct db * db = tx_db(tx);
	enum sr_error err;

	s->n = 0;
	s->n_nodes = 0;
	if ((err = lock_newest(db, &last)) != SR_OK ||
	    (err = check_newest(db, s, &last)) != SR_OK ||
	    (err = db_query(db, STMT_AUDIT_PENDING_ROWS,
	    DB_ARGS(DB_INT(SEAL_MAX)), take_pending, s)) != SR_OK ||
	    s->n == 0)
		return (err);
	s->tree = last.frontier;
	if ((err = insert_leaves(db, s)) != SR_OK ||
	    (err = insert_above(db, s)) != SR_OK)
		return (err);
	return (db_exec(db, STMT_AUDIT_PENDING_DELETE, DB_ARGS(
	    DB_INT(last.cp.tree_size), DB_INT(s->tree.size)), NULL));
}

static enum sr_error
key_error(const struct store * store, enum sr_error err)
{

	if (err == SR_E_DATABASE_UNAVAILABLE || err == SR_E_OUT_OF_MEMORY ||
	    err == SR_E_DATABASE_REFUSED)
		return (err);
	err = keystore_write_error(store->keys);
	return (err == SR_OK ? SR_E_DATABASE_UNAVAILABLE : err);
}

/**
 * checkpoint_seal(store, sealed, more):
 * Number pending rows and make a checkpoint, in one transaction.
 */
enum sr_error
checkpoint_seal(const struct store * store, uint64_t * sealed, bool * more)
{
	struct sealing * s;
	enum sr_error err;

	*sealed = 0;
	*more = false;
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	strbuf_init(&s->scratch, CHAIN_MESSAGE_MAX);
	if ((s->leaves = calloc(SEAL_MAX, sizeof(*s->leaves))) == NULL) {
		err = SR_E_OUT_OF_MEMORY;
	} else if ((err = keystore_take(store->keys, store->db, &s->set)) !=
	    SR_OK) {
		err = key_error(store, err);
	} else {
		err = tx_run(store->db, NULL, seal, s);
		if (err == SR_OK && s->n > 0) {
			*sealed = s->n;
			*more = s->n == SEAL_MAX;
			checkpoint_log(&s->made);
		}
		keyset_release(&s->set);
	}
	strbuf_free(&s->scratch);
	free(s->leaves);
	free(s);
	return (err);
}
