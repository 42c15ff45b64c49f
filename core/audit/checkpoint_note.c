/* The head of the tree as text: checkpoint.FORMAT. */

#include <inttypes.h>
#include <string.h>

#include "core/audit/checkpoint_internal.h"
#include "core/base/strbuf.h"
#include "core/keys/base64.h"

#define ORIGIN		"strongroom.audit/"
#define ORIGIN_LEN	(sizeof(ORIGIN) - 1 + 16)
/* U+2014, a blank. */
#define DASH		"\xe2\x80\x94 "
#define KEY_HASH_LEN	4
#define ROOT_TEXT_LEN	44
#define SIZE_DIGITS	20
_Static_assert(CHECKPOINT_NAMED_LEN == 8 + KEY_HASH_LEN, "both names of a key");

/** same_bytes(a, b, len): whether they are; none of them is a secret. */
bool
same_bytes(const uint8_t * a, const uint8_t * b, size_t len)
{
	size_t i;

	for (i = 0; i < len && a[i] == b[i]; i++)
		continue;
	return (i == len);
}

static void
add_origin(const uint8_t named[CHECKPOINT_NAMED_LEN], struct strbuf * out)
{
	unsigned i;

	strbuf_puts(out, ORIGIN);
	for (i = 0; i < 8; i++)
		strbuf_printf(out, "%02x", named[i]);
}

/**
 * checkpoint_name_key(public_key, named):
 * What a note calls that key: the start of SHA-256 of the key, and the key hash
 * of C2SP signed-note, whose name is the origin.
 */
void
checkpoint_name_key(const uint8_t public_key[SIGN_PUBLIC_LEN],
    uint8_t named[CHECKPOINT_NAMED_LEN])
{
	static const char ed25519[2] = { '\n', 0x01 };
	uint8_t digest[MAC_LEN];
	struct strbuf b;

	digest_compute(public_key, SIGN_PUBLIC_LEN, digest);
	memcpy(named, digest, 8);
	strbuf_init(&b, CHECKPOINT_NOTE_MAX);
	add_origin(named, &b);
	strbuf_add(&b, ed25519, sizeof(ed25519));
	strbuf_add(&b, public_key, SIGN_PUBLIC_LEN);
	memset(named + 8, 0, KEY_HASH_LEN);
	if (strbuf_status(&b) == SR_OK) {
		digest_compute(strbuf_str(&b), b.len, digest);
		memcpy(named + 8, digest, KEY_HASH_LEN);
	}
	strbuf_free(&b);
}

/* What is signed: all before the blank line. */
static void
add_text(const struct checkpoint * cp, const uint8_t * named,
    struct strbuf * out)
{
	char time[SR_TIME_STRLEN + 1];

	add_origin(named, out);
	strbuf_printf(out, "\n%" PRIu64 "\n", cp->tree_size);
	base64_add(cp->root, MERKLE_LEN, out);
	clock_format(cp->made_at, time);
	strbuf_printf(out, "\ntime %s\n", time);
}

/** checkpoint_note(cp, out): the head as text. */
void
checkpoint_note(const struct checkpoint * cp, struct strbuf * out)
{
	uint8_t named[CHECKPOINT_NAMED_LEN];
	uint8_t sig[KEY_HASH_LEN + SIGN_LEN];

	checkpoint_name_key(cp->public_key, named);
	add_text(cp, named, out);
	strbuf_puts(out, "\n" DASH);
	add_origin(named, out);
	strbuf_putc(out, ' ');
	memcpy(sig, named + 8, KEY_HASH_LEN);
	memcpy(sig + KEY_HASH_LEN, cp->signature, SIGN_LEN);
	base64_add(sig, sizeof(sig), out);
	strbuf_putc(out, '\n');
}

/** checkpoint_sign(cp, seed): sign what ${cp} says. */
void
checkpoint_sign(struct checkpoint * cp, const struct secbuf * seed)
{
	struct strbuf b;

	sign_public(seed, cp->public_key);
	checkpoint_name_key(cp->public_key, cp->named);
	strbuf_init(&b, CHECKPOINT_NOTE_MAX);
	add_text(cp, cp->named, &b);
	/* Without memory: a signature that is none, which its reader says. */
	memset(cp->signature, 0, SIGN_LEN);
	if (strbuf_status(&b) == SR_OK)
		sign_message(seed, strbuf_str(&b), b.len, cp->signature);
	strbuf_free(&b);
}

/** checkpoint_verify(cp): whether its signature is that of its public key. */
bool
checkpoint_verify(const struct checkpoint * cp)
{
	uint8_t named[CHECKPOINT_NAMED_LEN];
	struct strbuf b;
	bool good;

	checkpoint_name_key(cp->public_key, named);
	strbuf_init(&b, CHECKPOINT_NOTE_MAX);
	add_text(cp, named, &b);
	good = strbuf_status(&b) == SR_OK &&
	    sign_verify(cp->public_key, strbuf_str(&b), b.len, cp->signature);
	strbuf_free(&b);
	return (good);
}

/** checkpoint_take_key(cp, public_key): for checkpoint_verify. */
bool
checkpoint_take_key(struct checkpoint * cp,
    const uint8_t public_key[SIGN_PUBLIC_LEN])
{
	uint8_t named[CHECKPOINT_NAMED_LEN];

	checkpoint_name_key(public_key, named);
	if (!same_bytes(named, cp->named, sizeof(named)))
		return (false);
	memcpy(cp->public_key, public_key, SIGN_PUBLIC_LEN);
	return (true);
}

/* The rest of a note that is read. */
struct rest {
	const char * p;
	size_t len;
};

static bool
skip(struct rest * r, const char * text)
{
	size_t n = strlen(text);

	if (r->len < n || strncmp(r->p, text, n) != 0)
		return (false);
	r->p += n;
	r->len -= n;
	return (true);
}

static bool
take_origin(struct rest * r, uint8_t named[8])
{
	static const char digits[] = "0123456789abcdef";
	const char * d;
	size_t i;

	if (r->len < ORIGIN_LEN || !skip(r, ORIGIN))
		return (false);
	memset(named, 0, 8);
	for (i = 0; i < 16; i++, r->p++, r->len--) {
		if (*r->p == '\0' || (d = strchr(digits, *r->p)) == NULL)
			return (false);
		named[i / 2] = (uint8_t)(named[i / 2] << 4 | (d - digits));
	}
	return (true);
}

static bool
take_size(struct rest * r, uint64_t * size)
{
	char again[SIZE_DIGITS + 1];
	size_t n;

	*size = 0;
	for (n = 0; n < r->len && n < SIZE_DIGITS && r->p[n] >= '0' &&
	    r->p[n] <= '9'; n++)
		*size = *size * 10 + (uint64_t)(r->p[n] - '0');
	/* No leading zeros, no number that has run over. */
	(void)snprintf(again, sizeof(again), "%" PRIu64, *size);
	return (n > 0 && skip(r, again) && strlen(again) == n);
}

static bool
take_base64(struct rest * r, size_t len, void * out, size_t size)
{

	if (r->len < len || !base64_exactly(r->p, len, out, size))
		return (false);
	r->p += len;
	r->len -= len;
	return (true);
}

static bool
take_time(struct rest * r, sr_time * t)
{
	char text[SR_TIME_STRLEN + 1], again[SR_TIME_STRLEN + 1];

	if (r->len < SR_TIME_STRLEN)
		return (false);
	memcpy(text, r->p, SR_TIME_STRLEN);
	text[SR_TIME_STRLEN] = '\0';
	if (!clock_parse(text, t))
		return (false);
	clock_format(*t, again);
	return (skip(r, again));
}

/** checkpoint_note_parse(text, len, cp): whether it is one. */
bool
checkpoint_note_parse(const char * text, size_t len, struct checkpoint * cp)
{
	struct rest r = { .p = text, .len = len };
	uint8_t signer[8], sig[KEY_HASH_LEN + SIGN_LEN];
	struct checkpoint c = { .tree_size = 0 };

	if (!take_origin(&r, c.named) || !skip(&r, "\n") ||
	    !take_size(&r, &c.tree_size) || !skip(&r, "\n") ||
	    !take_base64(&r, ROOT_TEXT_LEN, c.root, MERKLE_LEN) ||
	    !skip(&r, "\ntime ") || !take_time(&r, &c.made_at) ||
	    !skip(&r, "\n\n" DASH) || !take_origin(&r, signer) ||
	    !skip(&r, " ") || !take_base64(&r, 92, sig, sizeof(sig)) ||
	    !skip(&r, "\n") || r.len != 0)
		return (false);
	if (!same_bytes(signer, c.named, sizeof(signer)))
		return (false);
	memcpy(c.named + 8, sig, KEY_HASH_LEN);
	memcpy(c.signature, sig + KEY_HASH_LEN, SIGN_LEN);
	*cp = c;
	return (true);
}
