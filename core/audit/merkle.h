#ifndef SR_CORE_AUDIT_MERKLE_H
#define SR_CORE_AUDIT_MERKLE_H

/*
 * The Merkle tree of RFC 9162, section 2.1, with SHA-256: a leaf's hash is of
 * 0x00 and its bytes, a node's of 0x01 and both children. A struct merkle is
 * the frontier of a tree: the roots of its perfect subtrees, the largest
 * first, one for each bit of the size. It grows by leaves, or by whole perfect
 * subtrees, so a proof that leaves out parts of the tree is read like a tree
 * whose parts are given as hashes. Pure and reentrant.
 */

#include "core/base/error.h"

#define MERKLE_LEN	32
#define MERKLE_LEVELS	64

struct merkle {
	uint64_t size;
	uint8_t node[MERKLE_LEVELS][MERKLE_LEN];	/* By set bits of size,
							   highest first. */
};

/** merkle_leaf(bytes, len, out) / merkle_node(left, right, out): hashes. */
void merkle_leaf(const void * bytes, size_t len, uint8_t out[MERKLE_LEN]);
void merkle_node(const uint8_t left[MERKLE_LEN],
    const uint8_t right[MERKLE_LEN], uint8_t out[MERKLE_LEN]);

/** merkle_init(m): the empty tree. */
void merkle_init(struct merkle * m);

/**
 * merkle_append(m, level, hash):
 * Add a perfect subtree of 2^${level} leaves (level 0: one leaf's hash) at the
 * end. False, ${m} unchanged, if the size is no multiple of 2^level (it cannot
 * stand there) or the tree would have too many leaves.
 */
SR_NODISCARD bool merkle_append(struct merkle * m, unsigned level,
    const uint8_t hash[MERKLE_LEN]);

/**
 * merkle_grow(m, level, hash, fn, cookie):
 * As merkle_append, and call ${fn} (may be NULL) with each perfect subtree that
 * is complete now, from the one appended upwards: number ${index} of those of
 * 2^${level} leaves, counted from 0.
 */
typedef void merkle_node_fn(unsigned level, uint64_t index,
    const uint8_t hash[MERKLE_LEN], void * cookie);
SR_NODISCARD bool merkle_grow(struct merkle * m, unsigned level,
    const uint8_t hash[MERKLE_LEN], merkle_node_fn * fn, void * cookie);

/** merkle_root(m, out): the tree's hash; of the empty tree SHA-256 of "". */
void merkle_root(const struct merkle * m, uint8_t out[MERKLE_LEN]);

/** merkle_peaks(size): how many nodes a frontier of that size has. */
size_t merkle_peaks(uint64_t size);

#endif /* !SR_CORE_AUDIT_MERKLE_H */
