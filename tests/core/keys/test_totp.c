#include <ctype.h>
#include <string.h>

#include "core/base/secbuf.h"
#include "core/base/secbuf_bytes.h"
#include "core/keys/base32.h"
#include "core/keys/totp.h"
#include "tests/harness/suite.h"

static const struct sr_id one = { { 1, 2, 3 } };
static const struct sr_id other = { { 3, 2, 1 } };
static const uint8_t salt[TOTP_SALT_LEN] = { 7 };

static struct secbuf *
text(const char * s)
{
	struct secbuf * b = NULL;

	ASSERT_ERR_FATAL(secbuf_copy(s, strlen(s), &b), SR_OK);
	return (b);
}

static bool
holds(const struct secbuf * b, const char * s)
{

	return (secbuf_len(b) == strlen(s) &&
	    memcmp(secbuf_bytes(b), s, strlen(s)) == 0);
}

static enum sr_error
check(const struct secbuf * seed, const char * code, sr_time now,
    uint64_t * step)
{
	struct secbuf * b = text(code);
	enum sr_error err = totp_check(seed, b, now, step);

	secbuf_free(&b);
	return (err);
}

/* RFC 6238, appendix B, for SHA-1: the last six digits of its eight. */
static void
codes_are_those_of_the_rfc(void)
{
	static const struct {
		sr_time at;
		const char * code;
	} vectors[] = { { 59, "287082" }, { 1111111109, "081804" },
	    { 1111111111, "050471" }, { 1234567890, "005924" },
	    { 2000000000, "279037" }, { 20000000000, "353130" } };
	struct secbuf * seed = text("12345678901234567890");
	struct secbuf * code = NULL;
	uint64_t step;

	for (size_t i = 0; i < COUNTOF(vectors); i++) {
		const sr_time at = vectors[i].at * SR_SECOND;

		ASSERT_ERR(totp_code(seed, at, &code), SR_OK);
		CU_ASSERT(holds(code, vectors[i].code));
		secbuf_free(&code);
		step = 0;
		ASSERT_ERR(check(seed, vectors[i].code, at, &step), SR_OK);
		CU_ASSERT_EQUAL(step, (uint64_t)vectors[i].at / 30);
	}
	secbuf_free(&seed);
}

static void
a_step_before_and_after_is_taken_and_no_other(void)
{
	struct secbuf * seed = text("12345678901234567890");
	const sr_time at = 1234567890 * SR_SECOND;
	uint64_t step = 0;

	for (int64_t away = -3; away <= 3; away++) {
		bool near = away >= -1 && away <= 1;

		ASSERT_ERR(check(seed, "005924", at + away * 30 * SR_SECOND,
		    &step), near ? SR_OK : SR_E_SECOND_FACTOR_REFUSED);
		if (near)
			CU_ASSERT_EQUAL(step, 1234567890 / 30);
	}
	secbuf_free(&seed);
}

static void
what_is_not_six_digits_is_refused(void)
{
	static const char * const bad[] = { "", "28708", "2870820", "28708x",
	    " 287082", "-287082", "２８", "000000" };
	struct secbuf * seed = text("12345678901234567890");
	uint64_t step;

	for (size_t i = 0; i < COUNTOF(bad); i++)
		ASSERT_ERR(check(seed, bad[i], 59 * SR_SECOND, &step),
		    SR_E_SECOND_FACTOR_REFUSED);
	secbuf_free(&seed);
}

static void
each_account_and_salt_has_a_seed_of_its_own(void)
{
	struct secbuf * key = text("a key of thirty-two bytes, at least");
	const uint8_t next[TOTP_SALT_LEN] = { 8 };
	struct secbuf * a = NULL, * again = NULL, * b = NULL, * c = NULL;

	ASSERT_ERR_FATAL(totp_seed(key, &one, salt, &a), SR_OK);
	ASSERT_ERR_FATAL(totp_seed(key, &one, salt, &again), SR_OK);
	ASSERT_ERR_FATAL(totp_seed(key, &other, salt, &b), SR_OK);
	ASSERT_ERR_FATAL(totp_seed(key, &one, next, &c), SR_OK);
	CU_ASSERT_EQUAL(secbuf_len(a), TOTP_SEED_LEN);
	CU_ASSERT(secbuf_equal(a, again));
	CU_ASSERT_FALSE(secbuf_equal(a, b));
	CU_ASSERT_FALSE(secbuf_equal(a, c));
	secbuf_free(&a);
	secbuf_free(&again);
	secbuf_free(&b);
	secbuf_free(&c);
	secbuf_free(&key);
}

/* RFC 4648, 10. */
static void
base32_is_that_of_the_rfc(void)
{
	static const char * const vectors[][2] = { { "f", "MY" },
	    { "fo", "MZXQ" }, { "foo", "MZXW6" }, { "foob", "MZXW6YQ" },
	    { "fooba", "MZXW6YTB" }, { "foobar", "MZXW6YTBOI" } };
	struct secbuf * seed, * out = NULL;

	for (size_t i = 0; i < COUNTOF(vectors); i++) {
		seed = text(vectors[i][0]);
		ASSERT_ERR(totp_text(seed, &out), SR_OK);
		CU_ASSERT(holds(out, vectors[i][1]));
		secbuf_free(&out);
		secbuf_free(&seed);
	}
	CU_ASSERT_TRUE(base32_has('A') && base32_has('7'));
	CU_ASSERT_FALSE(base32_has('a') || base32_has('1') || base32_has('8'));
}

/* The three corners of a QR code, and nothing that HTML would read. */
static void
the_picture_is_a_qr_code(void)
{
	struct secbuf * seed = text("12345678901234567890");
	struct secbuf * path = NULL;
	char email[260], * s;
	unsigned size = 0;

	ASSERT_ERR_FATAL(totp_picture(seed, "lead+x@example.org", &path,
	    &size), SR_OK);
	CU_ASSERT(size >= 21 && (size - 17) % 4 == 0);
	s = calloc(1, secbuf_len(path) + 1);
	must(s != NULL);
	memcpy(s, secbuf_bytes(path), secbuf_len(path));
	CU_ASSERT_EQUAL(strncmp(s, "M0 0h7M", 7), 0);
	for (const char * p = s; *p != '\0'; p++)
		CU_ASSERT(isalnum((unsigned char)*p) || *p == ' ');
	free(s);
	secbuf_free(&path);
	/* The longest address, each byte of which is escaped. */
	memset(email, '+', 254);
	email[254] = '\0';
	ASSERT_ERR(totp_picture(seed, email, &path, &size), SR_OK);
	secbuf_free(&path);
	secbuf_free(&seed);
}

static void
recovery_codes_are_known_by_their_letters(void)
{
	struct secbuf * code = NULL, * next = NULL, * typed;
	uint8_t a[MAC_LEN], b[MAC_LEN];
	char lower[32] = "";
	size_t n = 0;

	ASSERT_ERR_FATAL(recovery_new(&code), SR_OK);
	ASSERT_ERR_FATAL(recovery_new(&next), SR_OK);
	CU_ASSERT_EQUAL(secbuf_len(code), 19);
	CU_ASSERT_FALSE(secbuf_equal(code, next));
	CU_ASSERT_TRUE(recovery_hash(code, &one, a));
	for (size_t i = 0; i < secbuf_len(code); i++) {
		if (secbuf_bytes(code)[i] != '-')
			lower[n++] = (char)tolower(secbuf_bytes(code)[i]);
	}
	typed = text(lower);
	CU_ASSERT_TRUE(recovery_hash(typed, &one, b));
	CU_ASSERT_TRUE(mac_equal(a, b));
	CU_ASSERT_TRUE(recovery_hash(code, &other, b));
	CU_ASSERT_FALSE(mac_equal(a, b));
	CU_ASSERT_TRUE(recovery_hash(next, &one, b));
	CU_ASSERT_FALSE(mac_equal(a, b));
	secbuf_free(&typed);
	secbuf_free(&code);
	secbuf_free(&next);
}

static void
what_is_no_recovery_code_has_no_hash(void)
{
	static const char * const bad[] = { "", "123456", "AAAA-AAAA-AAAA-AAA",
	    "AAAA-AAAA-AAAA-AAAAA", "AAAA-AAAA-AAAA-AAA1",
	    "AAAA_AAAA_AAAA_AAAA" };
	uint8_t unread[MAC_LEN];

	for (size_t i = 0; i < COUNTOF(bad); i++) {
		struct secbuf * b = text(bad[i]);

		CU_ASSERT_FALSE(recovery_hash(b, &one, unread));
		secbuf_free(&b);
	}
}

static const struct suite_test tests[] = {
	TEST(codes_are_those_of_the_rfc),
	TEST(a_step_before_and_after_is_taken_and_no_other),
	TEST(what_is_not_six_digits_is_refused),
	TEST(each_account_and_salt_has_a_seed_of_its_own),
	TEST(base32_is_that_of_the_rfc),
	TEST(the_picture_is_a_qr_code),
	TEST(recovery_codes_are_known_by_their_letters),
	TEST(what_is_no_recovery_code_has_no_hash),
};
SUITE_MAIN("core/keys/totp", tests, NULL, NULL)
