#include <string.h>

#include "core/audit/merkle.h"
#include "core/keys/mac.h"

_Static_assert(MERKLE_LEN == MAC_LEN, "hashes are SHA-256");

/** merkle_leaf(bytes, len, out): the hash of a leaf. */
void
merkle_leaf(const void * bytes, size_t len, uint8_t out[MERKLE_LEN])
{
	static const uint8_t prefix = 0x00;

	digest_compute_two(&prefix, sizeof(prefix), bytes, len, out);
}

/** merkle_node(left, right, out): the hash of a node. */
void
merkle_node(const uint8_t left[MERKLE_LEN], const uint8_t right[MERKLE_LEN],
    uint8_t out[MERKLE_LEN])
{
	uint8_t all[1 + 2 * MERKLE_LEN];

	all[0] = 0x01;
	memcpy(all + 1, left, MERKLE_LEN);
	memcpy(all + 1 + MERKLE_LEN, right, MERKLE_LEN);
	digest_compute(all, sizeof(all), out);
}

/** merkle_peaks(size): how many nodes a frontier of that size has. */
size_t
merkle_peaks(uint64_t size)
{
	size_t n;

	for (n = 0; size != 0; size &= size - 1)
		n++;
	return (n);
}

/** merkle_init(m): the empty tree. */
void
merkle_init(struct merkle * m)
{

	m->size = 0;
}

/**
 * merkle_grow(m, level, hash, fn, cookie):
 * As merkle_append; ${fn} sees the nodes that this completes.
 */
bool
merkle_grow(struct merkle * m, unsigned level, const uint8_t hash[MERKLE_LEN],
    merkle_node_fn * fn, void * cookie)
{
	size_t n = merkle_peaks(m->size);
	uint8_t carry[MERKLE_LEN];
	uint64_t size;

	if (level >= MERKLE_LEVELS || m->size % (UINT64_C(1) << level) != 0 ||
	    m->size > UINT64_MAX - (UINT64_C(1) << level))
		return (false);
	size = m->size + (UINT64_C(1) << level);
	memcpy(carry, hash, MERKLE_LEN);
	/* A peak of the same height and the new one become one of the next:
	 * the carry of adding 2^level to the size. */
	for (;;) {
		if (fn != NULL)
			fn(level, (size >> level) - 1, carry, cookie);
		if ((m->size >> level & 1) == 0)
			break;
		merkle_node(m->node[--n], carry, carry);
		level++;
	}
	memcpy(m->node[n], carry, MERKLE_LEN);
	m->size = size;
	return (true);
}

/** merkle_append(m, level, hash): a perfect subtree at the end. */
bool
merkle_append(struct merkle * m, unsigned level,
    const uint8_t hash[MERKLE_LEN])
{

	return (merkle_grow(m, level, hash, NULL, NULL));
}

/** merkle_root(m, out): the tree's hash. */
void
merkle_root(const struct merkle * m, uint8_t out[MERKLE_LEN])
{
	size_t n = merkle_peaks(m->size);

	if (n == 0) {
		digest_compute("", 0, out);
		return;
	}
	memcpy(out, m->node[--n], MERKLE_LEN);
	while (n > 0)
		merkle_node(m->node[--n], out, out);
}
