#include <string.h>

#include "core/base/secbuf.h"
#include "core/keys/password.h"
#include "core/log/log.h"
#include "tests/harness/suite.h"

/* The cheapest cost: these tests are about right and wrong, not time. */
#define COST	1

static struct secbuf *
text(const char * s)
{
	struct secbuf * b = NULL;

	ASSERT_ERR_FATAL(secbuf_copy(s, strlen(s), &b), SR_OK);
	return (b);
}

static enum sr_error
verify(const char * password, const char * hash)
{
	struct secbuf * b = text(password);
	enum sr_error err = password_verify(b, hash);

	secbuf_free(&b);
	return (err);
}

static void
a_hash_verifies_its_password_and_no_other(void)
{
	struct secbuf * b = text("correct horse battery");
	char hash[PASSWORD_HASH_MAX], other[PASSWORD_HASH_MAX];

	ASSERT_ERR_FATAL(password_hash(b, COST, hash), SR_OK);
	CU_ASSERT_EQUAL(strncmp(hash, "$y$", 3), 0);
	ASSERT_ERR(password_verify(b, hash), SR_OK);
	ASSERT_ERR(verify("correct horse batterx", hash),
	    SR_E_SIGN_IN_REFUSED);
	ASSERT_ERR(verify("correct horse batter", hash),
	    SR_E_SIGN_IN_REFUSED);
	ASSERT_ERR(verify("", hash), SR_E_SIGN_IN_REFUSED);
	/* A salt of its own each time. */
	ASSERT_ERR_FATAL(password_hash(b, COST, other), SR_OK);
	CU_ASSERT_STRING_NOT_EQUAL(hash, other);
	ASSERT_ERR(password_verify(b, other), SR_OK);
	secbuf_free(&b);
}

static void
the_lengths_have_limits(void)
{
	char hash[PASSWORD_HASH_MAX], most[PASSWORD_MAX + 2];
	struct secbuf * b;

	b = text("elevenchars");
	ASSERT_ERR(password_hash(b, COST, hash), SR_E_PASSWORD_INVALID);
	CU_ASSERT_STRING_EQUAL(hash, "");
	secbuf_free(&b);
	b = text("twelve chars");
	ASSERT_ERR(password_hash(b, COST, hash), SR_OK);
	secbuf_free(&b);
	memset(most, 'x', sizeof(most));
	most[PASSWORD_MAX] = '\0';
	b = text(most);
	ASSERT_ERR(password_hash(b, COST, hash), SR_OK);
	ASSERT_ERR(password_verify(b, hash), SR_OK);
	secbuf_free(&b);
	/* The whole of it counts, and one byte more is not cut off. */
	most[PASSWORD_MAX - 1] = 'y';
	ASSERT_ERR(verify(most, hash), SR_E_SIGN_IN_REFUSED);
	memset(most, 'x', sizeof(most));
	most[PASSWORD_MAX + 1] = '\0';
	ASSERT_ERR(verify(most, hash), SR_E_SIGN_IN_REFUSED);
	b = text(most);
	ASSERT_ERR(password_hash(b, COST, hash), SR_E_PASSWORD_INVALID);
	secbuf_free(&b);
}

static void
nul_bytes_do_not_end_a_password(void)
{
	char hash[PASSWORD_HASH_MAX];
	struct secbuf * b = text("before the nul");

	ASSERT_ERR_FATAL(password_hash(b, COST, hash), SR_OK);
	secbuf_free(&b);
	ASSERT_ERR_FATAL(secbuf_copy("before the nul\0after", 20, &b), SR_OK);
	ASSERT_ERR(password_verify(b, hash), SR_E_SIGN_IN_REFUSED);
	ASSERT_ERR(password_hash(b, COST, hash), SR_E_PASSWORD_INVALID);
	secbuf_free(&b);
}

static void
costs_outside_of_the_range_are_refused(void)
{
	char hash[PASSWORD_HASH_MAX];
	struct secbuf * b = text("correct horse battery");

	ASSERT_ERR(password_hash(b, 0, hash), SR_E_INTERNAL_ERROR);
	ASSERT_ERR(password_hash(b, 12, hash), SR_E_INTERNAL_ERROR);
	secbuf_free(&b);
}

static void
a_broken_hash_lets_nobody_in(void)
{
	static const char * const broken[] = { "", "*", "*0", "!", "$y$",
		"$y$j75$", "x", "$unknown$abc$def" };
	size_t i;

	for (i = 0; i < COUNTOF(broken); i++)
		ASSERT_ERR(verify("correct horse battery", broken[i]),
		    SR_E_SIGN_IN_REFUSED);
}

static void
the_decoy_is_a_hash_of_that_cost_that_nothing_verifies(void)
{
	char one[PASSWORD_HASH_MAX], two[PASSWORD_HASH_MAX];

	ASSERT_ERR_FATAL(password_decoy(COST, one), SR_OK);
	ASSERT_ERR_FATAL(password_decoy(COST, two), SR_OK);
	CU_ASSERT_EQUAL(strncmp(one, two, 7), 0);
	CU_ASSERT_STRING_NOT_EQUAL(one, two);
	ASSERT_ERR(verify("correct horse battery", one),
	    SR_E_SIGN_IN_REFUSED);
	ASSERT_ERR(password_decoy(0, one), SR_E_INTERNAL_ERROR);
}

/* Every refusal here is meant; its log line tells nothing new. */
static int
setup(void)
{

	log_set_level(LOG_ALERT);
	return (0);
}

static const struct suite_test tests[] = {
	TEST(a_hash_verifies_its_password_and_no_other),
	TEST(the_lengths_have_limits),
	TEST(nul_bytes_do_not_end_a_password),
	TEST(costs_outside_of_the_range_are_refused),
	TEST(a_broken_hash_lets_nobody_in),
	TEST(the_decoy_is_a_hash_of_that_cost_that_nothing_verifies),
};

SUITE_MAIN("core/keys/password", tests, setup, NULL)
