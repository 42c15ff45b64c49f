#include <stdlib.h>
#include <string.h>

#include "core/base/secbuf.h"
#include "core/base/secbuf_bytes.h"
#include "core/keys/keyring.h"
#include "core/keys/seal.h"
#include "core/log/log.h"
#include "tests/harness/suite.h"

#define KEYS							\
	"1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"		\
	"2://///////////////////////////////////////wA=\n"

static struct keyring * kr, * one, * wrong;
static struct secbuf * value;
static struct sealed sealed;
static struct seal_aad aad = { .scope = 1, .name = "db/password",
	.key_version = 1 };

static int
load(const char * lines, struct keyring ** out)
{
	struct keyring_sources sources = { .file = NULL };
	struct secbuf * text;
	enum sr_error err;

	if (secbuf_copy(lines, strlen(lines), &text) != SR_OK)
		return (-1);
	sources.value = text;
	err = keyring_load(&sources, out);
	secbuf_free(&text);
	return (err == SR_OK ? 0 : -1);
}

static int
setup(void)
{

	/* Every refusal here is meant; its log line tells nothing new. */
	log_set_level(LOG_ALERT);
	if (load(KEYS, &kr) != 0 ||
	    load("1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", &one) != 0 ||
	    load("1:" "/////////////////////////////////////////wA=",
	    &wrong) != 0 ||
	    sr_id_new(&aad.secret_id) != SR_OK ||
	    sr_id_new(&aad.project_id) != SR_OK ||
	    secbuf_copy("a value to seal", 15, &value) != SR_OK)
		return (-1);
	return (seal_value(kr, 1, &aad, value, &sealed) == SR_OK ? 0 : -1);
}

static int
teardown(void)
{

	keyring_free(&kr);
	keyring_free(&one);
	keyring_free(&wrong);
	secbuf_free(&value);
	sealed_free(&sealed);
	sealed_free(&sealed);
	return (0);
}

/* Open what may have been changed; a success must give ${value}. */
static enum sr_error
open_as(const struct keyring * keys, const struct seal_aad * row,
    const struct sealed * s)
{
	struct secbuf * opened = NULL;
	enum sr_error err = seal_open(keys, row, s, &opened);

	CU_ASSERT_TRUE(err == SR_OK ? secbuf_equal(opened, value) :
	    opened == NULL);
	secbuf_free(&opened);
	return (err);
}

static void
a_sealed_value_opens_in_its_row(void)
{

	ASSERT_ERR(open_as(kr, &aad, &sealed), SR_OK);
	CU_ASSERT_EQUAL(sealed.ciphertext_len, 15 + SEAL_OVERHEAD);
	CU_ASSERT_EQUAL(sealed.kek_version, 1);
	CU_ASSERT_EQUAL(memcmp(sealed.ciphertext, "SRv1", 4), 0);
	CU_ASSERT_EQUAL(memcmp(sealed.wrapped_dek, "SRw1\0\0\0\1", 8), 0);
	CU_ASSERT_PTR_NULL(memmem(sealed.ciphertext, sealed.ciphertext_len,
	    "value", 5));
}

static void
the_same_value_seals_differently_each_time(void)
{
	struct sealed again;

	ASSERT_ERR_FATAL(seal_value(kr, 1, &aad, value, &again), SR_OK);
	CU_ASSERT_NOT_EQUAL(memcmp(&again.ciphertext[4],
	    &sealed.ciphertext[4], 12), 0);
	CU_ASSERT_NOT_EQUAL(memcmp(&again.ciphertext[16],
	    &sealed.ciphertext[16], 15), 0);
	CU_ASSERT_NOT_EQUAL(memcmp(again.wrapped_dek, sealed.wrapped_dek,
	    SEAL_WRAPPED_LEN), 0);
	sealed_free(&again);
	CU_ASSERT_PTR_NULL(again.ciphertext);
}

static void
a_value_copied_to_another_row_does_not_open(void)
{
	struct seal_aad row;

	row = aad;
	row.secret_id.b[15] ^= 1;
	ASSERT_ERR(open_as(kr, &row, &sealed), SR_E_SECRET_ENCRYPTION_FAILED);
	row = aad;
	row.scope = 2;
	ASSERT_ERR(open_as(kr, &row, &sealed), SR_E_SECRET_ENCRYPTION_FAILED);
	row = aad;
	row.project_id.b[0] ^= 0x80;
	ASSERT_ERR(open_as(kr, &row, &sealed), SR_E_SECRET_ENCRYPTION_FAILED);
	row = aad;
	row.name = "db/passwore";
	ASSERT_ERR(open_as(kr, &row, &sealed), SR_E_SECRET_ENCRYPTION_FAILED);
	row.name = "db/passwor";
	ASSERT_ERR(open_as(kr, &row, &sealed), SR_E_SECRET_ENCRYPTION_FAILED);
	row.name = "";
	ASSERT_ERR(open_as(kr, &row, &sealed), SR_E_SECRET_ENCRYPTION_FAILED);
	row = aad;
	row.key_version = 2;
	ASSERT_ERR(open_as(kr, &row, &sealed), SR_E_SECRET_ENCRYPTION_FAILED);
}

static void
halves_of_two_values_do_not_open_together(void)
{
	struct sealed other, mixed;

	ASSERT_ERR_FATAL(seal_value(kr, 1, &aad, value, &other), SR_OK);
	mixed = sealed;
	memcpy(mixed.wrapped_dek, other.wrapped_dek, SEAL_WRAPPED_LEN);
	ASSERT_ERR(open_as(kr, &aad, &mixed), SR_E_SECRET_ENCRYPTION_FAILED);
	sealed_free(&other);
}

static void
every_flipped_bit_is_noticed(void)
{
	struct sealed bent = sealed;
	size_t bit;
	enum sr_error err;

	bent.ciphertext = malloc(sealed.ciphertext_len);
	CU_ASSERT_PTR_NOT_NULL_FATAL(bent.ciphertext);
	memcpy(bent.ciphertext, sealed.ciphertext, sealed.ciphertext_len);
	for (bit = 0; bit < sealed.ciphertext_len * 8; bit++) {
		bent.ciphertext[bit / 8] ^= (uint8_t)(1 << (bit % 8));
		ASSERT_ERR(open_as(kr, &aad, &bent),
		    SR_E_SECRET_ENCRYPTION_FAILED);
		bent.ciphertext[bit / 8] ^= (uint8_t)(1 << (bit % 8));
	}
	for (bit = 0; bit < (size_t)SEAL_WRAPPED_LEN * 8; bit++) {
		bent.wrapped_dek[bit / 8] ^= (uint8_t)(1 << (bit % 8));
		err = open_as(kr, &aad, &bent);
		CU_ASSERT_EQUAL(err, SR_E_SECRET_ENCRYPTION_FAILED);
		bent.wrapped_dek[bit / 8] ^= (uint8_t)(1 << (bit % 8));
	}
	ASSERT_ERR(open_as(kr, &aad, &bent), SR_OK);
	sealed_free(&bent);
}

static void
truncated_or_lengthened_values_do_not_open(void)
{
	struct sealed cut = sealed;
	uint8_t longer[64] = { 0 };

	for (cut.ciphertext_len = 0;
	    cut.ciphertext_len < sealed.ciphertext_len; cut.ciphertext_len++)
		ASSERT_ERR(open_as(kr, &aad, &cut),
		    SR_E_SECRET_ENCRYPTION_FAILED);
	memcpy(longer, sealed.ciphertext, sealed.ciphertext_len);
	cut.ciphertext = longer;
	cut.ciphertext_len = sealed.ciphertext_len + 1;
	ASSERT_ERR(open_as(kr, &aad, &cut), SR_E_SECRET_ENCRYPTION_FAILED);
	cut.ciphertext_len = SEAL_VALUE_MAX + SEAL_OVERHEAD + 1;
	ASSERT_ERR(open_as(kr, &aad, &cut), SR_E_SECRET_ENCRYPTION_FAILED);
	cut.ciphertext = NULL;
	ASSERT_ERR(open_as(kr, &aad, &cut), SR_E_SECRET_ENCRYPTION_FAILED);
}

static void
only_the_kek_that_wraps_opens(void)
{
	struct sealed by_two, claims;

	ASSERT_ERR(open_as(wrong, &aad, &sealed),
	    SR_E_SECRET_ENCRYPTION_FAILED);
	ASSERT_ERR_FATAL(seal_value(kr, 2, &aad, value, &by_two), SR_OK);
	ASSERT_ERR(open_as(kr, &aad, &by_two), SR_OK);
	ASSERT_ERR(open_as(one, &aad, &by_two), SR_E_ROOT_KEY_MISMATCH);
	/* The row's kek_version is held against the wrapped key's own. */
	claims = by_two;
	claims.kek_version = 1;
	ASSERT_ERR(open_as(kr, &aad, &claims), SR_E_SECRET_ENCRYPTION_FAILED);
	sealed_free(&by_two);
	ASSERT_ERR(seal_value(kr, 3, &aad, value, &by_two),
	    SR_E_ROOT_KEY_MISMATCH);
	CU_ASSERT_PTR_NULL(by_two.ciphertext);
}

static void
a_rewrap_changes_the_kek_and_nothing_else(void)
{
	struct sealed rewrapped = sealed;
	uint8_t again[SEAL_WRAPPED_LEN];

	ASSERT_ERR_FATAL(seal_rewrap(kr, 2, &aad, sealed.wrapped_dek,
	    rewrapped.wrapped_dek), SR_OK);
	rewrapped.kek_version = 2;
	ASSERT_ERR(open_as(kr, &aad, &rewrapped), SR_OK);
	ASSERT_ERR(open_as(one, &aad, &rewrapped), SR_E_ROOT_KEY_MISMATCH);
	ASSERT_ERR(open_as(one, &aad, &sealed), SR_OK);
	ASSERT_ERR(seal_rewrap(kr, 1, &aad, rewrapped.wrapped_dek, again),
	    SR_OK);
	CU_ASSERT_NOT_EQUAL(memcmp(again, sealed.wrapped_dek,
	    SEAL_WRAPPED_LEN), 0);
}

static void
a_rewrap_fails_as_opening_does(void)
{
	struct seal_aad row = aad;
	uint8_t out[SEAL_WRAPPED_LEN], bent[SEAL_WRAPPED_LEN];

	ASSERT_ERR(seal_rewrap(one, 2, &aad, sealed.wrapped_dek, out),
	    SR_E_ROOT_KEY_MISMATCH);
	row.key_version = 9;
	ASSERT_ERR(seal_rewrap(kr, 2, &row, sealed.wrapped_dek, out),
	    SR_E_SECRET_ENCRYPTION_FAILED);
	memcpy(bent, sealed.wrapped_dek, sizeof(bent));
	bent[0] ^= 1;
	ASSERT_ERR(seal_rewrap(kr, 2, &aad, bent, out),
	    SR_E_SECRET_ENCRYPTION_FAILED);
	/* A revoked one, overwritten with zeros. */
	memset(bent, 0, sizeof(bent));
	ASSERT_ERR(seal_rewrap(kr, 2, &aad, bent, out),
	    SR_E_SECRET_ENCRYPTION_FAILED);
}

static void
values_and_names_have_limits(void)
{
	char name[162];
	struct seal_aad row = aad;
	struct secbuf * b;
	struct sealed s;

	ASSERT_ERR_FATAL(secbuf_new(SEAL_VALUE_MAX + 1, &b), SR_OK);
	ASSERT_ERR(seal_value(kr, 1, &aad, b, &s),
	    SR_E_SECRET_ENCRYPTION_FAILED);
	secbuf_set_len(b, SEAL_VALUE_MAX + 1);
	ASSERT_ERR(seal_value(kr, 1, &aad, b, &s),
	    SR_E_SECRET_ENCRYPTION_FAILED);
	CU_ASSERT_PTR_NULL(s.ciphertext);
	secbuf_set_len(b, SEAL_VALUE_MAX);
	ASSERT_ERR(seal_value(kr, 1, &aad, b, &s), SR_OK);
	secbuf_free(&b);
	ASSERT_ERR(seal_open(kr, &aad, &s, &b), SR_OK);
	CU_ASSERT_EQUAL(secbuf_len(b), SEAL_VALUE_MAX);
	secbuf_free(&b);
	sealed_free(&s);
	memset(name, 'n', sizeof(name));
	name[161] = '\0';
	row.name = name;
	ASSERT_ERR(seal_value(kr, 1, &row, value, &s),
	    SR_E_SECRET_ENCRYPTION_FAILED);
	name[160] = '\0';
	ASSERT_ERR(seal_value(kr, 1, &row, value, &s), SR_OK);
	sealed_free(&s);
	row.name = NULL;
	ASSERT_ERR(seal_value(kr, 1, &row, value, &s),
	    SR_E_SECRET_ENCRYPTION_FAILED);
}

static void
a_system_key_opens_for_its_purpose_and_version(void)
{
	struct secbuf * key, * out;
	uint8_t w[SEAL_WRAPPED_LEN];

	ASSERT_ERR_FATAL(secbuf_random(32, &key), SR_OK);
	ASSERT_ERR_FATAL(system_key_wrap(kr, 2, "audit", 1, key, w), SR_OK);
	ASSERT_ERR_FATAL(system_key_unwrap(kr, "audit", 1, w, &out), SR_OK);
	CU_ASSERT_TRUE(secbuf_equal(key, out));
	secbuf_free(&out);
	ASSERT_ERR(system_key_unwrap(kr, "audis", 1, w, &out),
	    SR_E_SECRET_ENCRYPTION_FAILED);
	ASSERT_ERR(system_key_unwrap(kr, "audit", 2, w, &out),
	    SR_E_SECRET_ENCRYPTION_FAILED);
	ASSERT_ERR(system_key_unwrap(one, "audit", 1, w, &out),
	    SR_E_ROOT_KEY_MISMATCH);
	w[67] ^= 1;
	ASSERT_ERR(system_key_unwrap(kr, "audit", 1, w, &out),
	    SR_E_SECRET_ENCRYPTION_FAILED);
	CU_ASSERT_PTR_NULL(out);
	w[0] = 'x';
	ASSERT_ERR(system_key_unwrap(kr, "audit", 1, w, &out),
	    SR_E_SECRET_ENCRYPTION_FAILED);
	ASSERT_ERR(system_key_wrap(kr, 2, "", 1, key, w),
	    SR_E_SECRET_ENCRYPTION_FAILED);
	secbuf_set_len(key, 31);
	ASSERT_ERR(system_key_wrap(kr, 2, "audit", 1, key, w),
	    SR_E_SECRET_ENCRYPTION_FAILED);
	secbuf_free(&key);
}

static void
a_system_key_does_not_pass_for_a_dek(void)
{
	struct sealed mixed = sealed;
	struct secbuf * key, * out = NULL;

	ASSERT_ERR_FATAL(secbuf_random(32, &key), SR_OK);
	ASSERT_ERR_FATAL(system_key_wrap(kr, 1, "audit", 1, key,
	    mixed.wrapped_dek), SR_OK);
	ASSERT_ERR(open_as(kr, &aad, &mixed), SR_E_SECRET_ENCRYPTION_FAILED);
	ASSERT_ERR(system_key_unwrap(kr, "audit", 1, sealed.wrapped_dek,
	    &out), SR_E_SECRET_ENCRYPTION_FAILED);
	secbuf_free(&key);
}

static const struct suite_test tests[] = {
	TEST(a_sealed_value_opens_in_its_row),
	TEST(the_same_value_seals_differently_each_time),
	TEST(a_value_copied_to_another_row_does_not_open),
	TEST(halves_of_two_values_do_not_open_together),
	TEST(truncated_or_lengthened_values_do_not_open),
	TEST(only_the_kek_that_wraps_opens),
	TEST(a_rewrap_changes_the_kek_and_nothing_else),
	TEST(a_rewrap_fails_as_opening_does),
	TEST(values_and_names_have_limits),
	TEST(a_system_key_opens_for_its_purpose_and_version),
	TEST(a_system_key_does_not_pass_for_a_dek),
	TEST(every_flipped_bit_is_noticed),
};

SUITE_MAIN("core/keys/seal", tests, setup, teardown)
