#include <stdio.h>
#include <string.h>

#include "core/base/secbuf.h"
#include "core/keys/sign.h"
#include "tests/harness/suite.h"

/* RFC 8032, 7.1: tests 1, 2, 3 and SHA(abc). */
static const struct {
	const char * seed;
	const char * public_key;
	const char * message;
	const char * signature;
} vectors[] = {
	{
	    "9d61b19deffd5a60ba844af492ec2cc4"
	    "4449c5697b326919703bac031cae7f60",
	    "d75a980182b10ab7d54bfed3c964073a"
	    "0ee172f3daa62325af021a68f707511a",
	    "",
	    "e5564300c360ac729086e2cc806e828a"
	    "84877f1eb8e5d974d873e06522490155"
	    "5fb8821590a33bacc61e39701cf9b46b"
	    "d25bf5f0595bbe24655141438e7a100b" },
	{
	    "4ccd089b28ff96da9db6c346ec114e0f"
	    "5b8a319f35aba624da8cf6ed4fb8a6fb",
	    "3d4017c3e843895a92b70aa74d1b7ebc"
	    "9c982ccf2ec4968cc0cd55f12af4660c",
	    "72",
	    "92a009a9f0d4cab8720e820b5f642540"
	    "a2b27b5416503f8fb3762223ebdb69da"
	    "085ac1e43e15996e458f3613d0f11d8c"
	    "387b2eaeb4302aeeb00d291612bb0c00" },
	{
	    "c5aa8df43f9f837bedb7442f31dcb7b1"
	    "66d38535076f094b85ce3a2e0b4458f7",
	    "fc51cd8e6218a1a38da47ed00230f058"
	    "0816ed13ba3303ac5deb911548908025",
	    "af82",
	    "6291d657deec24024827e69c3abe01a3"
	    "0ce548a284743a445e3680d7db5ac3ac"
	    "18ff9b538d16f290ae67f760984dc659"
	    "4a7c15e9716ed28dc027beceea1ec40a" },
	{
	    "833fe62409237b9d62ec77587520911e"
	    "9a759cec1d19755b7da901b96dca3d42",
	    "ec172b93ad5e563bf4932c70e1245034"
	    "c35467ef2efd4d64ebf819683467e2bf",
	    "ddaf35a193617abacc417349ae204131"
	    "12e6fa4e89a97ea20a9eeee64b55d39a"
	    "2192992a274fc1a836ba3c23a3feebbd"
	    "454d4423643ce80e2a9ac94fa54ca49f",
	    "dc2a4459e7369633a52b1bf277839a00"
	    "201009a3efbf3ecb69bea2186c26b589"
	    "09351fc9ac90b3ecfdfbc7c66431e030"
	    "3dca179c138ac17ad9bef1177331a704" },
};

static size_t
unhex(const char * text, uint8_t * out)
{
	unsigned byte;
	size_t n;

	for (n = 0; sscanf(text, "%2x", &byte) == 1; text += 2)
		out[n++] = (uint8_t)byte;
	return (n);
}

static void
the_test_vectors_of_rfc_8032_come_out(void)
{
	uint8_t seed[32], public_key[SIGN_PUBLIC_LEN], message[64],
	    signature[SIGN_LEN], own[SIGN_LEN], own_key[SIGN_PUBLIC_LEN];
	struct secbuf * s;
	size_t i, len;

	for (i = 0; i < COUNTOF(vectors); i++) {
		(void)unhex(vectors[i].seed, seed);
		(void)unhex(vectors[i].public_key, public_key);
		len = unhex(vectors[i].message, message);
		(void)unhex(vectors[i].signature, signature);
		ASSERT_ERR_FATAL(secbuf_copy(seed, sizeof(seed), &s), SR_OK);
		sign_public(s, own_key);
		CU_ASSERT_EQUAL(memcmp(own_key, public_key, sizeof(own_key)),
		    0);
		sign_message(s, message, len, own);
		CU_ASSERT_EQUAL(memcmp(own, signature, sizeof(own)), 0);
		CU_ASSERT_TRUE(sign_verify(public_key, message, len,
		    signature));
		secbuf_free(&s);
	}
}

static void
one_bit_anywhere_and_it_is_no_signature(void)
{
	uint8_t key[SIGN_PUBLIC_LEN], sig[SIGN_LEN], message[20] = { 7 };
	struct secbuf * s;
	size_t i;

	ASSERT_ERR_FATAL(secbuf_random(32, &s), SR_OK);
	sign_public(s, key);
	sign_message(s, message, sizeof(message), sig);
	CU_ASSERT_TRUE(sign_verify(key, message, sizeof(message), sig));
	CU_ASSERT_FALSE(sign_verify(key, message, sizeof(message) - 1, sig));
	for (i = 0; i < sizeof(sig) * 8; i++) {
		sig[i / 8] ^= (uint8_t)(1 << i % 8);
		CU_ASSERT_FALSE(sign_verify(key, message, sizeof(message),
		    sig));
		sig[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	for (i = 0; i < sizeof(message) * 8; i++) {
		message[i / 8] ^= (uint8_t)(1 << i % 8);
		CU_ASSERT_FALSE(sign_verify(key, message, sizeof(message),
		    sig));
		message[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	for (i = 0; i < sizeof(key) * 8; i++) {
		key[i / 8] ^= (uint8_t)(1 << i % 8);
		CU_ASSERT_FALSE(sign_verify(key, message, sizeof(message),
		    sig));
		key[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	secbuf_free(&s);
}

static const struct suite_test tests[] = {
	TEST(the_test_vectors_of_rfc_8032_come_out),
	TEST(one_bit_anywhere_and_it_is_no_signature),
};
SUITE_MAIN("core/keys/sign", tests, NULL, NULL)
