#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/audit/merkle.h"
#include "core/base/random.h"
#include "tests/core/audit/vectors.h"
#include "tests/harness/suite.h"

static void
leaf_of(uint64_t i, uint8_t out[MERKLE_LEN])
{
	char text[40];

	(void)snprintf(text, sizeof(text), "leaf %" PRIu64, i);
	merkle_leaf(text, strlen(text), out);
}

static void
grow_to(struct merkle * m, uint64_t size)
{
	uint8_t hash[MERKLE_LEN];

	while (m->size < size) {
		leaf_of(m->size, hash);
		CU_ASSERT_TRUE_FATAL(merkle_append(m, 0, hash));
	}
}

static void
the_roots_of_the_recursive_definition_come_out(void)
{
	uint8_t root[MERKLE_LEN], expected[MERKLE_LEN];
	struct vector v;
	struct merkle m;
	FILE * f = vectors_open();
	unsigned n = 0;

	merkle_init(&m);
	while (vectors_next(f, "root", &v)) {
		grow_to(&m, v.number);
		merkle_root(&m, root);
		CU_ASSERT_EQUAL(vector_bytes(&v, expected, MERKLE_LEN),
		    MERKLE_LEN);
		CU_ASSERT_EQUAL(memcmp(root, expected, MERKLE_LEN), 0);
		n++;
	}
	CU_ASSERT_EQUAL(n, 80);
	(void)fclose(f);
}

/* The tree that the tests of certificate transparency have used since 2012. */
static void
the_roots_of_certificate_transparency_come_out(void)
{
	static const char * const leaves[] = { "", "\x00", "\x10", "\x20\x21",
	    "\x30\x31", "\x40\x41\x42\x43",
	    "\x50\x51\x52\x53\x54\x55\x56\x57",
	    "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f"
	};
	static const size_t lengths[] = { 0, 1, 1, 2, 2, 4, 8, 16 };
	static const char last[] = "5dc9da79a70659a9ad559cb701ded9a2"
	    "ab9d823aad2f4960cfe370eff4604328";
	uint8_t hash[MERKLE_LEN], expected[MERKLE_LEN];
	struct vector v = { .number = 0 };
	struct merkle m;
	FILE * f = vectors_open();

	merkle_init(&m);
	while (vectors_next(f, "ct", &v)) {
		if (v.number > 0) {
			merkle_leaf(leaves[v.number - 1],
			    lengths[v.number - 1], hash);
			CU_ASSERT_TRUE(merkle_append(&m, 0, hash));
		}
		merkle_root(&m, hash);
		CU_ASSERT_EQUAL(vector_bytes(&v, expected, MERKLE_LEN),
		    MERKLE_LEN);
		CU_ASSERT_EQUAL(memcmp(hash, expected, MERKLE_LEN), 0);
	}
	CU_ASSERT_STRING_EQUAL(v.hex, last);
	(void)fclose(f);
}

/* The root of leaves ${from} .. ${from} + 2^level. */
static void
subtree(uint64_t from, unsigned level, uint8_t out[MERKLE_LEN])
{
	uint8_t left[MERKLE_LEN], right[MERKLE_LEN];

	if (level == 0) {
		leaf_of(from, out);
		return;
	}
	subtree(from, level - 1, left);
	subtree(from + (UINT64_C(1) << (level - 1)), level - 1, right);
	merkle_node(left, right, out);
}

/* Hundreds of trees, each grown by leaves and by random perfect subtrees. */
static void
leaves_and_whole_subtrees_give_the_same_root(void)
{
	uint8_t hash[MERKLE_LEN], by_leaves[MERKLE_LEN], mixed[MERKLE_LEN];
	struct merkle a, b;
	uint16_t r;
	unsigned i, level;

	for (i = 0; i < 400; i++) {
		ASSERT_ERR_FATAL(random_bytes(&r, sizeof(r)), SR_OK);
		merkle_init(&a);
		grow_to(&a, r % 700);
		merkle_init(&b);
		while (b.size < a.size) {
			ASSERT_ERR_FATAL(random_bytes(&r, sizeof(r)), SR_OK);
			level = r % 10;
			while (b.size + (UINT64_C(1) << level) > a.size ||
			    b.size % (UINT64_C(1) << level) != 0)
				level--;
			subtree(b.size, level, hash);
			CU_ASSERT_TRUE_FATAL(merkle_append(&b, level, hash));
		}
		merkle_root(&a, by_leaves);
		merkle_root(&b, mixed);
		CU_ASSERT_EQUAL(memcmp(by_leaves, mixed, MERKLE_LEN), 0);
		CU_ASSERT_EQUAL(merkle_peaks(a.size), merkle_peaks(b.size));
		CU_ASSERT_EQUAL(memcmp(a.node, b.node,
		    merkle_peaks(a.size) * MERKLE_LEN), 0);
	}
}

static void
a_subtree_stands_only_where_it_fits(void)
{
	uint8_t hash[MERKLE_LEN], before[MERKLE_LEN], after[MERKLE_LEN];
	struct merkle m;

	merkle_init(&m);
	grow_to(&m, 6);
	merkle_root(&m, before);
	subtree(8, 2, hash);
	CU_ASSERT_FALSE(merkle_append(&m, 2, hash));
	CU_ASSERT_FALSE(merkle_append(&m, MERKLE_LEVELS, hash));
	CU_ASSERT_EQUAL(m.size, 6);
	merkle_root(&m, after);
	CU_ASSERT_EQUAL(memcmp(before, after, MERKLE_LEN), 0);
	CU_ASSERT_TRUE(merkle_append(&m, 1, hash));
	CU_ASSERT_TRUE(merkle_append(&m, 3, hash));
	CU_ASSERT_EQUAL(m.size, 16);
	CU_ASSERT_EQUAL(merkle_peaks(m.size), 1);
}

static void
the_largest_tree_is_full(void)
{
	uint8_t hash[MERKLE_LEN] = { 1 }, root[MERKLE_LEN];
	struct merkle m;
	unsigned level;

	merkle_init(&m);
	for (level = MERKLE_LEVELS; level-- > 0;)
		CU_ASSERT_TRUE(merkle_append(&m, level, hash));
	CU_ASSERT_EQUAL(m.size, UINT64_MAX);
	CU_ASSERT_EQUAL(merkle_peaks(m.size), MERKLE_LEVELS);
	CU_ASSERT_FALSE(merkle_append(&m, 0, hash));
	CU_ASSERT_EQUAL(m.size, UINT64_MAX);
	merkle_root(&m, root);
}

struct seen {
	unsigned n;
	unsigned wrong;
};

static void
check_node(unsigned level, uint64_t index, const uint8_t hash[MERKLE_LEN],
    void * cookie)
{
	struct seen * s = cookie;
	uint8_t own[MERKLE_LEN];

	subtree(index << level, level, own);
	s->n++;
	if (memcmp(own, hash, MERKLE_LEN) != 0)
		s->wrong++;
}

/* Each perfect subtree once: 2n minus the set bits of n. */
static void
every_completed_subtree_is_seen_once(void)
{
	uint8_t hash[MERKLE_LEN];
	struct seen seen = { .n = 0 };
	struct merkle m;

	merkle_init(&m);
	while (m.size < 300) {
		leaf_of(m.size, hash);
		CU_ASSERT_TRUE(merkle_grow(&m, 0, hash, check_node, &seen));
		CU_ASSERT_EQUAL(seen.n, 2 * m.size - merkle_peaks(m.size));
	}
	CU_ASSERT_EQUAL(seen.wrong, 0);
}

static const struct suite_test tests[] = {
	TEST(the_roots_of_the_recursive_definition_come_out),
	TEST(the_roots_of_certificate_transparency_come_out),
	TEST(leaves_and_whole_subtrees_give_the_same_root),
	TEST(a_subtree_stands_only_where_it_fits),
	TEST(the_largest_tree_is_full),
	TEST(every_completed_subtree_is_seen_once),
};
SUITE_MAIN("core/audit/merkle", tests, NULL, NULL)
