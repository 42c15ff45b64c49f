#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/secbuf.h"
#include "core/base/secbuf_bytes.h"
#include "core/keys/jwt.h"
#include "tests/harness/suite.h"

/* Another library makes the keys and checks the signatures. */
static EVP_PKEY * key;

static int
setup(void)
{

	key = EVP_RSA_gen(2048);
	return (key == NULL ? 1 : 0);
}

static int
teardown(void)
{

	EVP_PKEY_free(key);
	return (0);
}

enum form { FORM_PKCS1, FORM_PKCS8, FORM_ONE_LINE };

static struct secbuf *
pem_of(EVP_PKEY * k, enum form form)
{
	BIO * bio = BIO_new(BIO_s_mem());
	struct secbuf * out = NULL;
	char * text, one[8192];
	long len, i, n = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(bio);
	CU_ASSERT_EQUAL((form == FORM_PKCS8 ?
	    PEM_write_bio_PKCS8PrivateKey(bio, k, NULL, NULL, 0, NULL, NULL) :
	    PEM_write_bio_PrivateKey_traditional(bio, k, NULL, NULL, 0, NULL,
	    NULL)), 1);
	len = BIO_get_mem_data(bio, &text);
	for (i = 0; form == FORM_ONE_LINE && i < len; i++) {
		if (text[i] == '\n')
			one[n++] = '\\';
		one[n++] = text[i] == '\n' ? 'n' : text[i];
	}
	if (form == FORM_ONE_LINE)
		ASSERT_ERR_FATAL(secbuf_copy(one, (size_t)n, &out), SR_OK);
	else
		ASSERT_ERR_FATAL(secbuf_copy(text, (size_t)len, &out), SR_OK);
	BIO_free(bio);
	return (out);
}

/* base64url without padding; ${len} is what ${out} has room for. */
static size_t
unbase64(const char * text, size_t n, uint8_t * out)
{
	static const char abc[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnop"
	    "qrstuvwxyz0123456789-_";
	uint32_t bits = 0;
	size_t i, len = 0;
	unsigned have = 0;

	for (i = 0; i < n; i++) {
		const char * at = strchr(abc, text[i]);

		CU_ASSERT_PTR_NOT_NULL_FATAL(at);
		bits = bits << 6 | (uint32_t)(at - abc);
		if ((have += 6) >= 8)
			out[len++] = (uint8_t)(bits >> (have -= 8));
	}
	return (len);
}

static bool
verifies(const char * token, size_t signed_len, size_t len)
{
	uint8_t sig[1024];
	size_t n = unbase64(token + signed_len + 1, len - signed_len - 1, sig);
	EVP_MD_CTX * ctx = EVP_MD_CTX_new();
	bool good;

	good = EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
	    EVP_DigestVerify(ctx, sig, n, (const uint8_t *)token,
	    signed_len) == 1;
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return (good);
}

static void
check_form(enum form form)
{
	struct secbuf * pem = pem_of(key, form), * token = NULL;
	char text[4096], payload[512];
	char * dot;
	size_t n;

	ASSERT_ERR_FATAL(jwt_rs256(pem, "123456",
	    INT64_C(1800000000) * SR_SECOND, &token), SR_OK);
	n = secbuf_len(token);
	CU_ASSERT_FATAL(n < sizeof(text));
	memcpy(text, secbuf_bytes(token), n);
	text[n] = '\0';
	CU_ASSERT_EQUAL(strncmp(text, "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.",
	    37), 0);
	dot = strrchr(text, '.');
	CU_ASSERT_PTR_NOT_NULL_FATAL(dot);
	payload[unbase64(text + 37, (size_t)(dot - text) - 37,
	    (uint8_t *)payload)] = '\0';
	CU_ASSERT_STRING_EQUAL(payload, "{\"iat\":1799999940,"
	    "\"exp\":1800000540,\"iss\":\"123456\"}");
	CU_ASSERT(verifies(text, (size_t)(dot - text), n));
	text[40] ^= 1;
	CU_ASSERT_FALSE(verifies(text, (size_t)(dot - text), n));
	secbuf_free(&token);
	secbuf_free(&pem);
}

static void
a_token_verifies_for_each_form_of_key(void)
{

	check_form(FORM_PKCS1);
	check_form(FORM_PKCS8);
	check_form(FORM_ONE_LINE);
}

static void
refused(const char * text)
{
	struct secbuf * pem, * token = NULL;

	ASSERT_ERR_FATAL(secbuf_copy(text, strlen(text), &pem), SR_OK);
	ASSERT_ERR(jwt_rs256(pem, "1", 0, &token),
	    SR_E_PROVIDER_CREDENTIAL_VALUE_INVALID);
	CU_ASSERT_PTR_NULL(token);
	secbuf_free(&pem);
}

static void
what_is_no_key_is_refused(void)
{
	EVP_PKEY * short_key = EVP_RSA_gen(1024);
	EVP_PKEY * ec = EVP_EC_gen("P-256");
	struct secbuf * pem, * token = NULL;

	refused("");
	refused("ghp_0000000000000000000000000000000000");
	refused("-----BEGIN RSA PRIVATE KEY-----\nAAAA\n");
	refused("-----BEGIN RSA PRIVATE KEY-----\n$$$$\n"
	    "-----END RSA PRIVATE KEY-----\n");
	refused("-----BEGIN RSA PRIVATE KEY-----\nAAAA\n"
	    "-----END RSA PRIVATE KEY-----\n");
	refused("-----BEGIN PRIVATE KEY-----\nMAMCAQA=\n"
	    "-----END PRIVATE KEY-----\n");
	pem = pem_of(short_key, FORM_PKCS1);
	ASSERT_ERR(jwt_rs256(pem, "1", 0, &token),
	    SR_E_PROVIDER_CREDENTIAL_VALUE_INVALID);
	secbuf_free(&pem);
	pem = pem_of(ec, FORM_PKCS8);
	ASSERT_ERR(jwt_rs256(pem, "1", 0, &token),
	    SR_E_PROVIDER_CREDENTIAL_VALUE_INVALID);
	secbuf_free(&pem);
	EVP_PKEY_free(short_key);
	EVP_PKEY_free(ec);
}

/* Every cut of a key and every flipped byte: an error or a token, no crash. */
static void
a_damaged_key_is_no_crash(void)
{
	struct secbuf * pem = pem_of(key, FORM_PKCS8), * bad, * token;
	size_t i, len = secbuf_len(pem);

	for (i = 0; i < len; i += 7) {
		ASSERT_ERR_FATAL(secbuf_clone(pem, &bad), SR_OK);
		if (i % 2 == 0)
			secbuf_set_len(bad, i);
		else
			secbuf_writable(bad)[i] ^= 0x11;
		if (jwt_rs256(bad, "1", 0, &token) == SR_OK)
			secbuf_free(&token);
		secbuf_free(&bad);
	}
	secbuf_free(&pem);
}

static void
an_issuer_is_an_identifier(void)
{
	struct secbuf * pem = pem_of(key, FORM_PKCS1), * token = NULL;

	ASSERT_ERR(jwt_rs256(pem, "", 0, &token), SR_E_LIMIT_EXCEEDED);
	ASSERT_ERR(jwt_rs256(pem, "1\",\"x\":\"", 0, &token),
	    SR_E_LIMIT_EXCEEDED);
	secbuf_free(&pem);
}

static const struct suite_test tests[] = {
	TEST(a_token_verifies_for_each_form_of_key),
	TEST(what_is_no_key_is_refused),
	TEST(a_damaged_key_is_no_crash),
	TEST(an_issuer_is_an_identifier),
};

SUITE_MAIN("core/keys/jwt", tests, setup, teardown)
