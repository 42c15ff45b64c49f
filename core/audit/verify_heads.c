#include "core/audit/checkpoint_heads.h"
#include "core/audit/verify_internal.h"

#define NODE_STEP	8
#define LEVEL_MAX	56

/*
 * Heads are held against stored checkpoints, which were verified, or, where
 * there is none of that size, against what the leaves and nodes give.
 */

struct prefix {
	struct merkle tree;
	unsigned level;
	bool whole;
};

static enum sr_error
take_part(const struct db_row * row, void * cookie)
{
	struct prefix * p = cookie;
	const uint8_t * hash;
	size_t len;

	hash = db_col_bytes(row, 1, &len);
	p->whole = p->whole && len == MERKLE_LEN &&
	    (uint64_t)db_col_int(row, 0) == p->tree.size >> p->level &&
	    merkle_append(&p->tree, p->level, hash);
	return (SR_OK);
}

/* The tree of the first ${size} leaves: its large parts by their nodes. */
static enum sr_error
build_prefix(struct db * db, uint64_t size, struct prefix * p)
{
	enum sr_error err = SR_OK;
	unsigned level = LEVEL_MAX + NODE_STEP;
	uint64_t from, to;

	merkle_init(&p->tree);
	p->whole = true;
	while (level > 0 && err == SR_OK) {
		level -= NODE_STEP;
		from = p->tree.size >> level;
		to = size >> level;
		p->level = level;
		if (from == to)
			continue;
		if (level > 0)
			err = db_query(db, STMT_NODE_PAGE, DB_ARGS(
			    DB_INT(level), DB_INT(from), DB_INT(to)),
			    take_part, p);
		else
			err = db_query(db, STMT_LEAF_PAGE, DB_ARGS(
			    DB_INT(from), DB_INT(to), DB_INT(to - from)),
			    take_part, p);
	}
	p->whole = p->whole && p->tree.size == size;
	return (err);
}

static enum sr_error
say(struct verification * v, enum audit_finding_kind kind,
    const struct checkpoint * head)
{
	const struct audit_finding f = { .kind = kind,
	    .leaf_index = FINDING_NO_NUMBER, .tree_size = head->tree_size };

	return (verify_found(v, &f));
}

static enum sr_error
check_prefix(struct verification * v, const struct checkpoint * head)
{
	uint8_t root[MERKLE_LEN];
	struct prefix p;
	enum sr_error err;

	if ((err = build_prefix(v->store->db, head->tree_size, &p)) != SR_OK)
		return (err);
	merkle_root(&p.tree, root);
	if (p.whole && same_bytes(root, head->root, MERKLE_LEN))
		return (say(v, FINDING_CHECKPOINT_MISSING, head));
	return (say(v, FINDING_HEAD_CONTRADICTS, head));
}

static enum sr_error
take_head(const struct checkpoint * parsed, void * cookie)
{
	struct verification * v = cookie;
	struct checkpoint head = *parsed, stored;
	enum sr_error err;
	bool found;

	if (!checkpoint_take_key(&head, v->public_key)) {
		v->out->foreign_heads++;
		return (SR_OK);
	}
	v->out->heads++;
	if (!checkpoint_verify(&head))
		return (say(v, FINDING_HEAD_SIGNATURE, &head));
	if ((err = checkpoint_at(v->store->db, head.tree_size, &stored,
	    &found)) != SR_OK)
		return (err);
	if (found)
		return (same_bytes(stored.root, head.root, MERKLE_LEN) ?
		    SR_OK : say(v, FINDING_HEAD_CONTRADICTS, &head));
	/* Heads are written after their checkpoint is committed. */
	if ((err = checkpoint_latest(v->store->db, &stored, &found)) != SR_OK)
		return (err);
	if (!found || stored.tree_size < head.tree_size)
		return (say(v, FINDING_DATABASE_ROLLED_BACK, &head));
	return (check_prefix(v, &head));
}

/**
 * verify_heads(v, fd): what was kept outside. Heads that say nothing about this
 * database prove nothing, also when there is none at all: a log that was
 * emptied must not look like one that was held against it.
 */
enum sr_error
verify_heads(struct verification * v, int fd)
{
	struct audit_finding f = FINDING(HEAD_FOREIGN);
	enum sr_error err;

	err = checkpoint_heads_read(fd, take_head, v);
	if (err == SR_OK && v->out->heads == 0 &&
	    (v->out->foreign_heads > 0 || v->checkpoints_to > 0))
		err = verify_found(v, &f);
	return (err);
}
