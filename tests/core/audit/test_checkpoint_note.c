#include <stdio.h>
#include <string.h>

#include "core/audit/checkpoint.h"
#include "core/base/random.h"
#include "core/base/secbuf.h"
#include "core/base/strbuf.h"
#include "tests/core/audit/known_row.h"
#include "tests/core/audit/vectors.h"
#include "tests/harness/suite.h"

/* The seed of the known answer: 0x20 .. 0x3f. */
static struct secbuf *
known_seed(void)
{
	struct secbuf * seed;
	uint8_t bytes[32];
	size_t i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(0x20 + i);
	must(secbuf_copy(bytes, sizeof(bytes), &seed) == SR_OK);
	return (seed);
}

static const uint8_t *
known_mac(void)
{
	static uint8_t mac[MAC_LEN];

	known_row_mac(mac);
	return (mac);
}

static struct checkpoint
known_head(void)
{
	struct checkpoint cp = { .tree_size = 2, .key_version = 1 };
	struct secbuf * seed = known_seed();
	struct chain_row r = known_row();
	uint8_t leaf[MERKLE_LEN];
	struct merkle m;

	merkle_init(&m);
	must(checkpoint_leaf(&r, known_mac(), leaf) == SR_OK);
	must(merkle_append(&m, 0, leaf));
	must(checkpoint_leaf(&r, NULL, leaf) == SR_OK);
	must(merkle_append(&m, 0, leaf));
	merkle_root(&m, cp.root);
	must(clock_parse("2026-11-24T05:30:43.000001Z", &cp.made_at));
	checkpoint_sign(&cp, seed);
	secbuf_free(&seed);
	return (cp);
}

static void
the_known_leaves_come_out(void)
{
	uint8_t expected[MERKLE_LEN], leaf[MERKLE_LEN];
	struct chain_row r = known_row();

	ASSERT_ERR(checkpoint_leaf(&r, known_mac(), leaf), SR_OK);
	CU_ASSERT_EQUAL(vector_only("sealed", expected, MERKLE_LEN),
	    MERKLE_LEN);
	CU_ASSERT_EQUAL(memcmp(leaf, expected, MERKLE_LEN), 0);
	ASSERT_ERR(checkpoint_leaf(&r, NULL, leaf), SR_OK);
	CU_ASSERT_EQUAL(vector_only("unsealed", expected, MERKLE_LEN),
	    MERKLE_LEN);
	CU_ASSERT_EQUAL(memcmp(leaf, expected, MERKLE_LEN), 0);
}

static void
the_known_note_comes_out(void)
{
	struct checkpoint cp = known_head();
	char expected[CHECKPOINT_NOTE_MAX];
	uint8_t key[SIGN_PUBLIC_LEN];
	struct strbuf note;
	size_t len;

	CU_ASSERT_EQUAL(vector_only("public", key, sizeof(key)), sizeof(key));
	CU_ASSERT_EQUAL(memcmp(cp.public_key, key, sizeof(key)), 0);
	len = vector_only("note", expected, sizeof(expected));
	strbuf_init(&note, CHECKPOINT_NOTE_MAX);
	checkpoint_note(&cp, &note);
	ASSERT_ERR(strbuf_status(&note), SR_OK);
	CU_ASSERT_EQUAL_FATAL(note.len, len);
	CU_ASSERT_EQUAL(memcmp(strbuf_str(&note), expected, len), 0);
	CU_ASSERT_TRUE(checkpoint_verify(&cp));
	strbuf_free(&note);
}

static void
what_was_written_is_read_back(void)
{
	struct checkpoint cp = known_head(), back;
	char text[CHECKPOINT_NOTE_MAX];
	size_t len = vector_only("note", text, sizeof(text));

	CU_ASSERT_TRUE_FATAL(checkpoint_note_parse(text, len, &back));
	CU_ASSERT_EQUAL(back.tree_size, 2);
	CU_ASSERT_EQUAL(back.made_at, cp.made_at);
	CU_ASSERT_EQUAL(memcmp(back.root, cp.root, MERKLE_LEN), 0);
	CU_ASSERT_EQUAL(memcmp(back.signature, cp.signature, SIGN_LEN), 0);
	CU_ASSERT_FALSE(checkpoint_verify(&back));
	CU_ASSERT_TRUE(checkpoint_take_key(&back, cp.public_key));
	CU_ASSERT_TRUE(checkpoint_verify(&back));
	cp.public_key[3] ^= 1;
	CU_ASSERT_FALSE(checkpoint_take_key(&back, cp.public_key));
	CU_ASSERT_TRUE(checkpoint_verify(&back));
	len = vector_only("largest", text, sizeof(text));
	CU_ASSERT_TRUE_FATAL(checkpoint_note_parse(text, len, &back));
	CU_ASSERT_EQUAL(back.tree_size, UINT64_MAX);
}

/* Every byte of the note, every bit of it: either no note any more, or one of
 * another key, or one whose signature is wrong. */
static void
no_bit_of_a_note_can_change(void)
{
	struct checkpoint cp = known_head(), back;
	char text[CHECKPOINT_NOTE_MAX];
	size_t i, len = vector_only("note", text, sizeof(text));
	unsigned accepted = 0, bit;

	for (i = 0; i < len; i++) {
		for (bit = 0; bit < 8; bit++) {
			text[i] ^= (char)(1 << bit);
			if (checkpoint_note_parse(text, len, &back) &&
			    checkpoint_take_key(&back, cp.public_key) &&
			    checkpoint_verify(&back))
				accepted++;
			text[i] ^= (char)(1 << bit);
		}
	}
	CU_ASSERT_EQUAL(accepted, 0);
	for (i = 0; i < len; i++)
		CU_ASSERT_FALSE(checkpoint_note_parse(text, i, &back));
	text[len] = '\n';
	CU_ASSERT_FALSE(checkpoint_note_parse(text, len + 1, &back));
}

static void
every_part_of_a_head_is_signed(void)
{
	struct checkpoint cp = known_head(), c;

	c = cp;
	c.tree_size++;
	CU_ASSERT_FALSE(checkpoint_verify(&c));
	c = cp;
	c.made_at++;
	CU_ASSERT_FALSE(checkpoint_verify(&c));
	c = cp;
	c.root[31] ^= 1;
	CU_ASSERT_FALSE(checkpoint_verify(&c));
	c = cp;
	c.public_key[0] ^= 1;
	CU_ASSERT_FALSE(checkpoint_verify(&c));
	c = cp;
	c.signature[63] ^= 1;
	CU_ASSERT_FALSE(checkpoint_verify(&c));
	CU_ASSERT_TRUE(checkpoint_verify(&cp));
}

static void
rubbish_is_no_note(void)
{
	struct checkpoint back;
	char text[CHECKPOINT_NOTE_MAX];
	uint8_t junk[600];
	size_t len = vector_only("note", text, sizeof(text)), n;
	unsigned i;
	uint16_t r;

	for (i = 0; i < 2000; i++) {
		ASSERT_ERR_FATAL(random_bytes(junk, sizeof(junk)), SR_OK);
		ASSERT_ERR_FATAL(random_bytes(&r, sizeof(r)), SR_OK);
		n = r % (len + 1);
		/* What a note begins with, then rubbish. */
		memcpy(junk, text, n);
		CU_ASSERT_FALSE(checkpoint_note_parse((const char *)junk,
		    n == len ? len - 1 : sizeof(junk), &back));
	}
}

static const struct suite_test tests[] = {
	TEST(the_known_leaves_come_out),
	TEST(the_known_note_comes_out),
	TEST(what_was_written_is_read_back),
	TEST(no_bit_of_a_note_can_change),
	TEST(every_part_of_a_head_is_signed),
	TEST(rubbish_is_no_note),
};
SUITE_MAIN("core/audit/checkpoint_note", tests, NULL, NULL)
