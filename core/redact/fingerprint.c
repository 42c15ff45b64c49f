#include <stdlib.h>
#include <string.h>

#include <nettle/hkdf.h>
#include <nettle/sha2.h>

#include "core/base/secbuf_bytes.h"
#include "core/redact/sieve_internal.h"

const struct window_shape window_shapes[WINDOW__MAX] = {
	[WINDOW_SHORT] = { .least = REDACT_FORM_MIN, .width = 8, .count = 1 },
	[WINDOW_MEDIUM] = { .least = 15, .width = 8, .count = 8 },
	[WINDOW_LONG] = { .least = 31, .width = 16, .count = 16 },
};

struct fingerprint {
	struct secbuf * pages;
};

/* A secbuf ends at a page's end: a capacity of whole lines aligns its start. */
#define KEYS_ALIGN	((size_t)64)
#define KEYS_CAP	((sizeof(struct fingerprint_keys) + KEYS_ALIGN - 1) / \
			    KEYS_ALIGN * KEYS_ALIGN)

/** window_class_of(length): the class of a form of ${length} bytes. */
enum window_class
window_class_of(size_t length)
{

	if (length >= window_shapes[WINDOW_LONG].least)
		return (WINDOW_LONG);
	if (length >= window_shapes[WINDOW_MEDIUM].least)
		return (WINDOW_MEDIUM);
	return (WINDOW_SHORT);
}

static void
expand(struct hmac_sha256_ctx * prk, const char * info, size_t len,
    uint8_t * out)
{

	hkdf_expand(prk, (nettle_hash_update_func *)hmac_sha256_update,
	    (nettle_hash_digest_func *)hmac_sha256_digest, SHA256_DIGEST_SIZE,
	    strlen(info), (const uint8_t *)info, len, out);
}

static void
derive(const uint8_t * key, struct fingerprint_keys * k)
{
	static const uint8_t salt[SHA256_DIGEST_SIZE];
	struct hmac_sha256_ctx ctx;
	uint8_t prk[SHA256_DIGEST_SIZE], okm[SHA256_DIGEST_SIZE];

	hmac_sha256_set_key(&ctx, sizeof(salt), salt);
	hkdf_extract(&ctx, (nettle_hash_update_func *)hmac_sha256_update,
	    (nettle_hash_digest_func *)hmac_sha256_digest, sizeof(prk),
	    FINGERPRINT_KEY_LEN, key, prk);
	hmac_sha256_set_key(&ctx, sizeof(prk), prk);

	expand(&ctx, "strongroom redaction window 1", AES128_KEY_SIZE, okm);
	aes128_set_encrypt_key(&k->window, okm);
	fingerprint_aes_setup(k, okm);
	k->sieve = sieve_best();
	k->row_sieve = sieve_best_rows();
	expand(&ctx, "strongroom redaction mac 1", sizeof(okm), okm);
	hmac_sha256_set_key(&k->mac, sizeof(okm), okm);
	expand(&ctx, "strongroom redaction tag 1", sizeof(okm), okm);
	hmac_sha256_set_key(&k->tag, sizeof(okm), okm);

	explicit_bzero(&ctx, sizeof(ctx));
	explicit_bzero(prk, sizeof(prk));
	explicit_bzero(okm, sizeof(okm));
}

/** fingerprint_new(key, out): expand the 32-byte ${key}. */
enum sr_error
fingerprint_new(const struct secbuf * key, struct fingerprint ** out)
{
	struct fingerprint * f;
	enum sr_error err;

	*out = NULL;
	if (secbuf_len(key) != FINGERPRINT_KEY_LEN)
		return (SR_E_INTERNAL_ERROR);
	if ((f = calloc(1, sizeof(*f))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	if ((err = secbuf_new(KEYS_CAP, &f->pages)) != SR_OK) {
		free(f);
		return (err);
	}
	secbuf_set_len(f->pages, KEYS_CAP);
	must((uintptr_t)secbuf_writable(f->pages) % KEYS_ALIGN == 0);
	derive(secbuf_bytes(key), (void *)secbuf_writable(f->pages));
	*out = f;
	return (SR_OK);
}

/** fingerprint_free(f): wipe and release; *f becomes NULL, and may be. */
void
fingerprint_free(struct fingerprint ** f)
{

	if (f == NULL || *f == NULL)
		return;
	secbuf_free(&(*f)->pages);
	free(*f);
	*f = NULL;
}

/** fingerprint_keys(f): the keys; panics in a forked child. */
const struct fingerprint_keys *
fingerprint_keys(const struct fingerprint * f)
{

	return ((const void *)secbuf_bytes(f->pages));
}

static enum fingerprint_begin
begin_of(const uint8_t * p)
{
	enum fingerprint_begin begin = FINGERPRINT_WORD;
	size_t i;

	for (i = 0; i < 8; i++) {
		if (p[i] <= ' ' || p[i] > '~')
			return (FINGERPRINT_ANY);
		if ((p[i] < '0' || p[i] > '9') &&
		    ((p[i] | 0x20) < 'a' || (p[i] | 0x20) > 'z'))
			begin = FINGERPRINT_GRAPHIC;
	}
	return (begin);
}

/** fingerprint_base64(kind): whether forms of ${kind} are in base64. */
bool
fingerprint_base64(enum redact_kind kind)
{

	return (kind == REDACT_BASE64_0 || kind == REDACT_BASE64_1 ||
	    kind == REDACT_BASE64_2);
}

/** fingerprint_windows(k, p, length, form): the windows of ${p}. */
void
fingerprint_windows(const struct fingerprint_keys * k, const uint8_t * p,
    size_t length, struct redact_form * form)
{
	const enum window_class class = window_class_of(length);
	const struct window_shape * shape = &window_shapes[class];
	uint8_t block[FINGERPRINT_BLOCK], hash[FINGERPRINT_BLOCK];
	size_t i;

	for (i = 0; i < shape->count; i++) {
		memset(block, 0, sizeof(block));
		memcpy(block, &p[i], shape->width);
		aes128_encrypt(&k->window, sizeof(block), hash, block);
		memcpy(&form->windows[8 * i], hash, 8);
	}
	form->windows_len = (uint8_t)(8 * shape->count);
	if (class == WINDOW_SHORT && !fingerprint_base64(form->kind))
		form->windows[form->windows_len++] = (uint8_t)begin_of(p);
	explicit_bzero(block, sizeof(block));
}

/** fingerprint_windows_ok(form): whether they are as its length demands. */
bool
fingerprint_windows_ok(const struct redact_form * form)
{
	const enum window_class class = window_class_of(form->length);
	const size_t len = 8 * window_shapes[class].count;

	if (class == WINDOW_SHORT && form->windows_len == len + 1)
		return (form->windows[len] < FINGERPRINT_BEGIN__MAX &&
		    !fingerprint_base64(form->kind));
	return (form->windows_len == len);
}

/** fingerprint_begin(form): what a short form begins with. */
enum fingerprint_begin
fingerprint_begin(const struct redact_form * form)
{

	return (form->windows_len == 9 ?
	    (enum fingerprint_begin)form->windows[8] : FINGERPRINT_ANY);
}

/** fingerprint_mac(k, p, len, mac): the MAC of a form. */
void
fingerprint_mac(const struct fingerprint_keys * k, const uint8_t * p,
    size_t len, uint8_t mac[REDACT_MAC_LEN])
{
	struct hmac_sha256_ctx ctx = k->mac;

	hmac_sha256_update(&ctx, len, p);
	hmac_sha256_digest(&ctx, REDACT_MAC_LEN, mac);
	explicit_bzero(&ctx, sizeof(ctx));
}

/** fingerprint_tag(k, p, len, tag): the tag of a value. */
void
fingerprint_tag(const struct fingerprint_keys * k, const void * p, size_t len,
    char tag[REDACT_TAG_LEN + 1])
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
	struct hmac_sha256_ctx ctx = k->tag;
	uint8_t digest[4];
	uint32_t bits;
	size_t i;

	hmac_sha256_update(&ctx, len, p);
	hmac_sha256_digest(&ctx, sizeof(digest), digest);
	explicit_bzero(&ctx, sizeof(ctx));
	bits = (uint32_t)digest[0] << 24 | (uint32_t)digest[1] << 16 |
	    (uint32_t)digest[2] << 8 | digest[3];
	for (i = 0; i < REDACT_TAG_LEN; i++)
		tag[i] = alphabet[bits >> (27 - 5 * i) & 31];
	tag[REDACT_TAG_LEN] = '\0';
}
