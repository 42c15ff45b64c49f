#include <stdlib.h>
#include <string.h>

#include "core/audit/verify_internal.h"

#define LEAVES_PAGE	8192
#define STORED_PAGE	64
#define NODE_STEP	8
#define NODES_MAX	(LEAVES_PAGE / 256 + 8)
#define LEVEL_MAX	56

struct node {
	unsigned level;
	uint64_t index;
	uint8_t hash[MERKLE_LEN];
};

/*
 * The tree is built anew of the leaves in their order. Where it and a
 * checkpoint differ, that is said once and the building goes on from what the
 * checkpoint has stored, if that is good, so that what is broken is found
 * between two checkpoints.
 */
struct building {
	struct verification * v;
	struct merkle tree;
	uint64_t next;			/* The number that must come. */
	bool lost;			/* The tree is not known here. */
	struct node nodes[NODES_MAX];	/* Completed, not compared yet. */
	size_t n_nodes;
	size_t leaf_n;			/* This page of leaves: */
	size_t leaf_at;
	uint64_t leaf_index[LEAVES_PAGE];
	uint8_t leaf_hash[LEAVES_PAGE][MERKLE_LEN];
	uint64_t read_to;		/* Where the next page begins. */
	size_t stored_n;		/* This page of checkpoints: */
	size_t stored_at;
	struct stored_checkpoint stored[STORED_PAGE];
	uint64_t stored_to;
};

static enum sr_error
take_leaf(const struct db_row * row, void * cookie)
{
	struct building * b = cookie;
	const uint8_t * hash;
	size_t len;

	must(b->leaf_n < LEAVES_PAGE);
	b->leaf_index[b->leaf_n] = (uint64_t)db_col_int(row, 0);
	hash = db_col_bytes(row, 1, &len);
	memset(b->leaf_hash[b->leaf_n], 0, MERKLE_LEN);
	if (len == MERKLE_LEN)
		memcpy(b->leaf_hash[b->leaf_n], hash, MERKLE_LEN);
	b->leaf_n++;
	return (SR_OK);
}

static enum sr_error
take_stored(const struct db_row * row, void * cookie)
{
	struct building * b = cookie;

	must(b->stored_n < STORED_PAGE);
	stored_read(row, &b->stored[b->stored_n++]);
	return (SR_OK);
}

static enum sr_error
more_leaves(struct building * b)
{
	enum sr_error err;

	b->leaf_n = b->leaf_at = 0;
	if (b->read_to >= b->v->leaves)
		return (SR_OK);
	err = db_query(b->v->store->db, STMT_LEAF_PAGE, DB_ARGS(
	    DB_INT(b->read_to), DB_INT(b->v->leaves), DB_INT(LEAVES_PAGE)),
	    take_leaf, b);
	b->v->out->leaves += b->leaf_n;
	b->read_to = b->leaf_n == LEAVES_PAGE ?
	    b->leaf_index[LEAVES_PAGE - 1] + 1 : b->v->leaves;
	return (err);
}

static enum sr_error
more_stored(struct building * b)
{
	enum sr_error err;

	b->stored_n = b->stored_at = 0;
	err = db_query(b->v->store->db, STMT_CHECKPOINT_PAGE, DB_ARGS(
	    DB_INT(b->stored_to), DB_INT(b->v->checkpoints_to),
	    DB_INT(STORED_PAGE)), take_stored, b);
	if (b->stored_n > 0)
		b->stored_to = b->stored[b->stored_n - 1].cp.tree_size;
	return (err);
}

static void
take_node(unsigned level, uint64_t index, const uint8_t hash[MERKLE_LEN],
    void * cookie)
{
	struct building * b = cookie;
	struct node * node;

	if (level == 0 || level % NODE_STEP != 0)
		return;
	must(b->n_nodes < NODES_MAX);
	node = &b->nodes[b->n_nodes++];
	node->level = level;
	node->index = index;
	memcpy(node->hash, hash, MERKLE_LEN);
}

struct comparing {
	const struct node * node;
	bool same;
};

static enum sr_error
compare_node(const struct db_row * row, void * cookie)
{
	struct comparing * c = cookie;
	const uint8_t * hash;
	size_t len;

	hash = db_col_bytes(row, 1, &len);
	c->same = len == MERKLE_LEN &&
	    same_bytes(hash, c->node->hash, MERKLE_LEN);
	return (SR_OK);
}

static enum sr_error
say(struct building * b, enum audit_finding_kind kind, uint64_t leaf_index,
    uint64_t leaves, uint64_t tree_size)
{
	const struct audit_finding f = { .kind = kind,
	    .leaf_index = leaf_index, .leaves = leaves,
	    .tree_size = tree_size };

	return (verify_found(b->v, &f));
}

/* Hold what was completed against what is stored. */
static enum sr_error
compare_nodes(struct building * b)
{
	struct comparing c;
	enum sr_error err = SR_OK;
	size_t i;

	for (i = 0; i < b->n_nodes && err == SR_OK; i++) {
		c = (struct comparing){ .node = &b->nodes[i] };
		err = db_query(b->v->store->db, STMT_NODE_PAGE, DB_ARGS(
		    DB_INT(c.node->level), DB_INT(c.node->index),
		    DB_INT(c.node->index + 1)), compare_node, &c);
		if (err == SR_OK && !c.same)
			err = say(b, FINDING_TREE_BROKEN,
			    c.node->index << c.node->level,
			    UINT64_C(1) << c.node->level, FINDING_NO_NUMBER);
	}
	b->n_nodes = 0;
	return (err);
}

/* A checkpoint whose leaves have all come, or do not come any more. */
static enum sr_error
check_stored(struct building * b, const struct stored_checkpoint * s)
{
	enum audit_finding_kind wrong;
	uint8_t root[MERKLE_LEN];
	uint64_t size = s->cp.tree_size;
	enum sr_error err = SR_OK;

	b->v->out->checkpoints++;
	wrong = stored_check(s, b->v->public_key);
	if (wrong != FINDING__MAX)
		err = say(b, wrong, FINDING_NO_NUMBER, 0, size);
	if (err != SR_OK || wrong == FINDING_CHECKPOINT_SIGNATURE)
		return (err);
	b->v->out->newest = s->cp.made_at;
	if (b->next < size) {
		err = say(b, FINDING_LEAF_MISSING, b->next, size - b->next,
		    size);
		b->next = size;
		b->lost = true;
	} else if (!b->lost) {
		merkle_root(&b->tree, root);
		if (!same_bytes(root, s->cp.root, MERKLE_LEN)) {
			err = say(b, FINDING_TREE_BROKEN, FINDING_NO_NUMBER,
			    0, size);
			b->lost = true;
		}
	}
	if (b->lost && wrong == FINDING__MAX) {
		b->tree = s->frontier;
		b->lost = false;
	}
	return (err);
}

/* The checkpoints that end before leaf ${index}. */
static enum sr_error
check_until(struct building * b, uint64_t index)
{
	enum sr_error err = SR_OK;

	while (err == SR_OK && b->stored_at < b->stored_n &&
	    b->stored[b->stored_at].cp.tree_size <= index) {
		err = check_stored(b, &b->stored[b->stored_at++]);
		if (err == SR_OK && b->stored_at == b->stored_n)
			err = more_stored(b);
	}
	return (err);
}

static enum sr_error
add_leaf(struct building * b, uint64_t index, const uint8_t * hash)
{
	enum sr_error err;

	if ((err = check_until(b, index)) != SR_OK)
		return (err);
	if (index != b->next) {
		if ((err = say(b, FINDING_LEAF_MISSING, b->next,
		    index - b->next, FINDING_NO_NUMBER)) != SR_OK)
			return (err);
		b->next = index;
		b->lost = true;
	}
	b->next++;
	if (!b->lost)
		must(merkle_grow(&b->tree, 0, hash, take_node, b));
	return (SR_OK);
}

static enum sr_error
build(struct building * b)
{
	enum sr_error err;

	if ((err = more_stored(b)) != SR_OK)
		return (err);
	do {
		if ((err = more_leaves(b)) != SR_OK)
			return (err);
		for (; b->leaf_at < b->leaf_n && err == SR_OK; b->leaf_at++)
			err = add_leaf(b, b->leaf_index[b->leaf_at],
			    b->leaf_hash[b->leaf_at]);
		if (err == SR_OK)
			err = compare_nodes(b);
	} while (err == SR_OK && b->leaf_n > 0);
	if (err == SR_OK)
		err = check_until(b, UINT64_MAX);
	return (err);
}

static enum sr_error
take_count(const struct db_row * row, void * cookie)
{
	int64_t * n = cookie;

	*n = db_col_int(row, 0);
	return (SR_OK);
}

/* Leaves and nodes that no checkpoint covers: they are written together. */
static enum sr_error
check_excess(struct building * b)
{
	enum sr_error err = SR_OK;
	unsigned level;
	int64_t n;

	if (b->v->leaves > b->v->checkpoints_to)
		err = say(b, FINDING_CHECKPOINT_MISSING,
		    b->v->checkpoints_to, b->v->leaves - b->v->checkpoints_to,
		    b->v->leaves);
	for (level = NODE_STEP; level <= LEVEL_MAX && err == SR_OK;
	    level += NODE_STEP) {
		n = 0;
		err = db_query(b->v->store->db, STMT_NODE_EXCESS, DB_ARGS(
		    DB_INT(level), DB_INT(level)), take_count, &n);
		if (err == SR_OK && n != 0)
			err = say(b, FINDING_TREE_BROKEN, FINDING_NO_NUMBER,
			    0, b->v->leaves);
	}
	return (err);
}

/** verify_tree(v): leaves, nodes and checkpoints. */
enum sr_error
verify_tree(struct verification * v)
{
	struct building * b;
	enum sr_error err;

	if ((b = calloc(1, sizeof(*b))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	b->v = v;
	if ((err = build(b)) == SR_OK)
		err = check_excess(b);
	free(b);
	return (err);
}
