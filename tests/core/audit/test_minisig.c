#include <stdlib.h>
#include <string.h>

#include "core/audit/minisig.h"
#include "core/base/secbuf.h"
#include "core/redact/compose.h"
#include "tests/harness/process.h"
#include "tests/harness/suite.h"

#define COMMENT	"size:7 file:audit-7.xml"

static struct secbuf * seed;
static uint8_t public_key[SIGN_PUBLIC_LEN];

static struct redacted *
composed(void (*fn)(struct compose * c, const void * cookie),
    const void * cookie)
{
	struct compose * c;
	struct redacted * t;

	must(compose_new(NULL, REDACT_ARTIFACT, 4096, &c) == SR_OK);
	fn(c, cookie);
	must(compose_finish(&c, &t) == SR_OK);
	return (t);
}

static void
comment(struct compose * c, const void * cookie)
{

	(void)cookie;
	compose_lit(c, COMMENT);
}

static void
signature(struct compose * c, const void * cookie)
{
	struct redacted * said = composed(comment, NULL);

	minisig_compose(c, cookie, said);
	redacted_free(&said);
}

static void
key_file(struct compose * c, const void * cookie)
{

	minisig_compose_public(c, cookie);
}

static void
hash_of(const char * text, uint8_t out[MINISIG_HASH_LEN])
{
	struct minisig_hash * h;

	must(minisig_begin(&h) == SR_OK);
	/* In two pieces. */
	minisig_add(h, text, strlen(text) / 2);
	minisig_add(h, text + strlen(text) / 2,
	    strlen(text) - strlen(text) / 2);
	minisig_end(&h, out);
	must(h == NULL);
}

static void
sign(const char * text, struct minisig * sig)
{
	struct redacted * said = composed(comment, NULL);
	uint8_t hash[MINISIG_HASH_LEN];

	hash_of(text, hash);
	minisig_sign(seed, hash, said, sig);
	redacted_free(&said);
}

static char *
text_of(struct redacted * t)
{
	char * text = strndup(redacted_bytes(t), redacted_len(t));

	redacted_free(&t);
	must(text != NULL);
	return (text);
}

/* What minisign says of the file, with 0 or another code. */
static int
minisign(const char * file, const char * key, char ** said)
{

	return (process_run((const char * const[]){ "minisign", "-V", "-m",
	    file, "-p", key, NULL }, NULL, said, NULL));
}

static void
stock_minisign_accepts_file_and_key(void)
{
	char * file = text_format("%s/audit.xml", suite_tmpdir());
	char * sig_file = text_format("%s.minisig", file);
	char * key_file_path = text_format("%s/key.pub", suite_tmpdir());
	char * sig_text, * key_text, * said = NULL;
	struct minisig sig;

	sign("<audit/>\n", &sig);
	sig_text = text_of(composed(signature, &sig));
	key_text = text_of(composed(key_file, public_key));
	CU_ASSERT_EQUAL(file_write(file, 0600, "<audit/>\n"), 0);
	CU_ASSERT_EQUAL(file_write(sig_file, 0600, sig_text), 0);
	CU_ASSERT_EQUAL(file_write(key_file_path, 0600, key_text), 0);
	CU_ASSERT_EQUAL(minisign(file, key_file_path, &said), 0);
	CU_ASSERT(said != NULL && strstr(said, COMMENT) != NULL);
	CU_ASSERT_EQUAL(file_write(file, 0600, "<audit>\n"), 0);
	CU_ASSERT_NOT_EQUAL(minisign(file, key_file_path, NULL), 0);
	free(said);
	free(sig_text);
	free(key_text);
	free(file);
	free(sig_file);
	free(key_file_path);
}

static void
what_is_written_reads_back_and_verifies(void)
{
	char * text;
	struct minisig sig, read;
	uint8_t hash[MINISIG_HASH_LEN], key[SIGN_PUBLIC_LEN];

	sign("text", &sig);
	hash_of("text", hash);
	text = text_of(composed(signature, &sig));
	CU_ASSERT_FATAL(minisig_parse(text, strlen(text), &read));
	CU_ASSERT_STRING_EQUAL(read.comment, COMMENT);
	CU_ASSERT(minisig_verify(&read, public_key, hash));
	free(text);
	text = text_of(composed(key_file, public_key));
	CU_ASSERT(minisig_public_parse(text, strlen(text), key));
	CU_ASSERT(memcmp(key, public_key, sizeof(key)) == 0);
	/* Its second line alone. */
	CU_ASSERT(minisig_public_parse(strchr(text, '\n') + 1,
	    strlen(strchr(text, '\n') + 1), key));
	free(text);
}

static void
every_changed_byte_is_found(void)
{
	char * text, * copy;
	struct minisig sig, read;
	uint8_t hash[MINISIG_HASH_LEN];
	size_t i, len, first, refused = 0, parsed = 0;

	sign("text", &sig);
	hash_of("text", hash);
	text = text_of(composed(signature, &sig));
	len = strlen(text);
	/* The first line is said to be untrusted, and the id is a hint. */
	first = (size_t)(strchr(text, '\n') - text) + 1 + 14;
	for (i = first; i + 1 < len; i++) {
		copy = strdup(text);
		must(copy != NULL);
		copy[i] ^= 1;
		if (minisig_parse(copy, len, &read)) {
			parsed++;
			CU_ASSERT_FALSE(minisig_verify(&read, public_key,
			    hash));
		} else {
			refused++;
		}
		free(copy);
	}
	CU_ASSERT(parsed > 100 && refused > 3);
	for (i = 0; i + 1 < len; i++)
		CU_ASSERT_FALSE(minisig_parse(text, i, &read));
	free(text);
}

static void
another_key_or_file_does_not_verify(void)
{
	uint8_t hash[MINISIG_HASH_LEN], key[SIGN_PUBLIC_LEN];
	struct minisig sig;

	sign("text", &sig);
	hash_of("Text", hash);
	CU_ASSERT_FALSE(minisig_verify(&sig, public_key, hash));
	hash_of("text", hash);
	memcpy(key, public_key, sizeof(key));
	key[0] ^= 1;
	CU_ASSERT_FALSE(minisig_verify(&sig, key, hash));
}

/* Of RFC 7693, appendix A. */
static void
the_hash_is_blake2b(void)
{
	static const uint8_t expected[] = { 0xba, 0x80, 0xa5, 0x3f, 0x98, 0x1c,
	    0x4d, 0x0d };
	uint8_t hash[MINISIG_HASH_LEN];

	hash_of("abc", hash);
	CU_ASSERT(memcmp(hash, expected, sizeof(expected)) == 0);
}

static int
start(void)
{

	if (secbuf_random(32, &seed) != SR_OK)
		return (-1);
	sign_public(seed, public_key);
	return (0);
}

static int
stop(void)
{

	secbuf_free(&seed);
	return (0);
}

static const struct suite_test tests[] = {
	TEST(stock_minisign_accepts_file_and_key),
	TEST(what_is_written_reads_back_and_verifies),
	TEST(every_changed_byte_is_found),
	TEST(another_key_or_file_does_not_verify),
	TEST(the_hash_is_blake2b),
};
SUITE_MAIN("core/audit/minisig", tests, start, stop)
