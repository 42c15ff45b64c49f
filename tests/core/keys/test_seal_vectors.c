#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nettle/base64.h>

#include "core/base/secbuf.h"
#include "core/base/secbuf_bytes.h"
#include "core/keys/mac.h"
#include "core/keys/seal_internal.h"
#include "tests/harness/suite.h"

/*
 * Known answers: what an independent program made from seal.FORMAT opens, and
 * sealing the same inputs gives the same bytes. Run from the top folder.
 */

#define VECTORS	"tests/core/keys/seal_vectors.txt"

struct bytes {
	uint8_t b[4096];
	size_t len;
};

/* One block of the file. */
struct vector {
	char kind[16];
	char title[64];
	unsigned long kek_version;
	unsigned long key_version;
	unsigned long scope;
	char secret_id[64];
	char project_id[64];
	char name[256];
	struct bytes kek, value, dek, value_nonce, wrap_nonce, ciphertext,
	    wrapped, check;
};

static void
unhex(const char * text, struct bytes * out)
{
	unsigned byte;

	for (out->len = 0; sscanf(text, "%2x", &byte) == 1; text += 2)
		out->b[out->len++] = (uint8_t)byte;
}

static void
copy(char * out, size_t len, const char * text)
{

	CU_ASSERT_FATAL(strlen(text) < len);
	memcpy(out, text, strlen(text) + 1);
}

static bool
take_text(struct vector * v, const char * key, const char * value)
{

	if (strstr(key, "_case") != NULL) {
		copy(v->kind, sizeof(v->kind), key);
		copy(v->title, sizeof(v->title), value);
	} else if (strcmp(key, "kek_version") == 0) {
		v->kek_version = strtoul(value, NULL, 10);
	} else if (strcmp(key, "key_version") == 0) {
		v->key_version = strtoul(value, NULL, 10);
	} else if (strcmp(key, "scope") == 0) {
		v->scope = strtoul(value, NULL, 10);
	} else if (strcmp(key, "secret_id") == 0) {
		copy(v->secret_id, sizeof(v->secret_id), value);
	} else if (strcmp(key, "project_id") == 0) {
		copy(v->project_id, sizeof(v->project_id), value);
	} else if (strcmp(key, "name") == 0) {
		copy(v->name, sizeof(v->name), value);
	} else {
		return (false);
	}
	return (true);
}

static void
take(struct vector * v, const char * key, const char * value)
{
	const struct {
		const char * key;
		struct bytes * into;
	} fields[] = {
		{ "kek", &v->kek }, { "value", &v->value },
		{ "dek", &v->dek }, { "value_nonce", &v->value_nonce },
		{ "wrap_nonce", &v->wrap_nonce },
		{ "ciphertext", &v->ciphertext }, { "wrapped", &v->wrapped },
		{ "check", &v->check },
	};
	size_t i;

	if (take_text(v, key, value))
		return;
	for (i = 0; i < COUNTOF(fields); i++) {
		if (strcmp(key, fields[i].key) == 0) {
			unhex(value, fields[i].into);
			return;
		}
	}
	suite_note("unknown key %s", key);
	CU_FAIL("the file has keys that nothing reads");
}

/* Read the next block. False at the end of the file. */
static bool
next(FILE * f, struct vector * v)
{
	static char line[9000];
	char * equals;

	memset(v, 0, sizeof(*v));
	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '\0' && v->kind[0] != '\0')
			return (true);
		if ((equals = strstr(line, " = ")) == NULL)
			continue;
		*equals = '\0';
		take(v, line, equals + 3);
	}
	return (v->kind[0] != '\0');
}

static struct keyring *
keyring_of(const struct vector * v)
{
	struct keyring_sources sources = { .file = NULL };
	struct secbuf * text = NULL;
	struct keyring * kr = NULL;
	char lines[64], base64[BASE64_ENCODE_RAW_LENGTH(32) + 1] = "";

	CU_ASSERT_EQUAL_FATAL(v->kek.len, 32);
	base64_encode_raw(base64, 32, v->kek.b);
	(void)snprintf(lines, sizeof(lines), "%lu:%s", v->kek_version, base64);
	ASSERT_ERR_FATAL(secbuf_copy(lines, strlen(lines), &text), SR_OK);
	sources.value = text;
	ASSERT_ERR_FATAL(keyring_load(&sources, &kr), SR_OK);
	secbuf_free(&text);
	return (kr);
}

static struct secbuf *
secret(const struct bytes * bytes)
{
	struct secbuf * b = NULL;

	ASSERT_ERR_FATAL(secbuf_copy(bytes->b, bytes->len, &b), SR_OK);
	return (b);
}

static void
row_of(const struct vector * v, struct seal_aad * aad)
{

	CU_ASSERT_TRUE(sr_id_parse(v->secret_id, &aad->secret_id));
	CU_ASSERT_TRUE(sr_id_parse(v->project_id, &aad->project_id));
	aad->scope = (uint8_t)v->scope;
	aad->name = v->name;
	aad->key_version = (uint32_t)v->key_version;
}

static void
value_opens(const struct vector * v, const struct keyring * kr,
    const struct seal_aad * aad)
{
	static uint8_t copy_of[4096];
	struct secbuf * value = secret(&v->value), * opened = NULL;
	struct sealed s = { .ciphertext = copy_of,
		.ciphertext_len = v->ciphertext.len,
		.kek_version = (uint32_t)v->kek_version };

	memcpy(copy_of, v->ciphertext.b, v->ciphertext.len);
	CU_ASSERT_EQUAL_FATAL(v->wrapped.len, SEAL_WRAPPED_LEN);
	memcpy(s.wrapped_dek, v->wrapped.b, SEAL_WRAPPED_LEN);
	ASSERT_ERR(seal_open(kr, aad, &s, &opened), SR_OK);
	CU_ASSERT_TRUE(opened != NULL && secbuf_equal(opened, value));
	secbuf_free(&opened);
	secbuf_free(&value);
}

static void
value_seals_to_the_same_bytes(const struct vector * v,
    const struct keyring * kr, const struct seal_aad * aad)
{
	struct secbuf * value = secret(&v->value), * dek = secret(&v->dek);
	struct seal_given given = { .dek = dek };
	struct sealed s;

	memcpy(given.value_nonce, v->value_nonce.b, SEAL_NONCE_LEN);
	memcpy(given.wrap_nonce, v->wrap_nonce.b, SEAL_NONCE_LEN);
	ASSERT_ERR_FATAL(seal_value_with(kr, (uint32_t)v->kek_version, aad,
	    value, &given, &s), SR_OK);
	CU_ASSERT_EQUAL(s.ciphertext_len, v->ciphertext.len);
	CU_ASSERT_EQUAL(memcmp(s.ciphertext, v->ciphertext.b,
	    s.ciphertext_len), 0);
	CU_ASSERT_EQUAL(memcmp(s.wrapped_dek, v->wrapped.b,
	    SEAL_WRAPPED_LEN), 0);
	sealed_free(&s);
	secbuf_free(&value);
	secbuf_free(&dek);
}

static void
system_key_case(const struct vector * v, const struct keyring * kr)
{
	struct secbuf * key = secret(&v->dek), * opened = NULL;
	uint8_t made[SEAL_WRAPPED_LEN];
	struct seal_aad_bytes aad;

	ASSERT_ERR(system_key_unwrap(kr, v->name, (uint32_t)v->key_version,
	    v->wrapped.b, &opened), SR_OK);
	CU_ASSERT_TRUE(opened != NULL && secbuf_equal(opened, key));
	CU_ASSERT_TRUE(seal_aad_system(v->name, (uint32_t)v->key_version,
	    (uint32_t)v->kek_version, &aad));
	ASSERT_ERR(seal_wrap_with(kr, (uint32_t)v->kek_version,
	    KEK_WRAP_SYSTEM_KEY, &aad, key, v->wrap_nonce.b, made), SR_OK);
	CU_ASSERT_EQUAL(memcmp(made, v->wrapped.b, SEAL_WRAPPED_LEN), 0);
	secbuf_free(&opened);
	secbuf_free(&key);
}

static void
check_case(const struct vector * v, const struct keyring * kr)
{
	uint8_t check[KEK_CHECK_LEN];

	ASSERT_ERR(keyring_check_value(kr, (uint32_t)v->kek_version, check),
	    SR_OK);
	CU_ASSERT_TRUE(mac_equal(check, v->check.b));
}

/* Run all blocks of one kind; how many there were. */
static unsigned
run(const char * kind)
{
	static struct vector v;
	struct seal_aad aad;
	struct keyring * kr;
	unsigned n = 0, before;
	FILE * f = fopen(VECTORS, "r");

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	while (next(f, &v)) {
		if (strcmp(v.kind, kind) != 0)
			continue;
		n++;
		before = CU_get_number_of_failures();
		kr = keyring_of(&v);
		if (strcmp(kind, "value_case") == 0) {
			row_of(&v, &aad);
			value_opens(&v, kr, &aad);
			value_seals_to_the_same_bytes(&v, kr, &aad);
		} else if (strcmp(kind, "system_case") == 0) {
			system_key_case(&v, kr);
		} else {
			check_case(&v, kr);
		}
		keyring_free(&kr);
		if (CU_get_number_of_failures() != before)
			suite_note("in case: %s", v.title);
	}
	(void)fclose(f);
	return (n);
}

static void
values_open_and_seal_as_the_format_says(void)
{

	CU_ASSERT_EQUAL(run("value_case"), 5);
}

static void
system_keys_wrap_as_the_format_says(void)
{

	CU_ASSERT_EQUAL(run("system_case"), 2);
}

static void
check_values_are_as_the_format_says(void)
{

	CU_ASSERT_EQUAL(run("check_case"), 2);
}

static const struct suite_test tests[] = {
	TEST(values_open_and_seal_as_the_format_says),
	TEST(system_keys_wrap_as_the_format_says),
	TEST(check_values_are_as_the_format_says),
};

SUITE_MAIN("core/keys/seal_vectors", tests, NULL, NULL)
