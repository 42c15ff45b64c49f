#include <blake2.h>
#include <stdlib.h>
#include <string.h>

#include "core/audit/minisig.h"
#include "core/keys/base64.h"
#include "core/keys/mac.h"
#include "core/redact/compose.h"

_Static_assert(MINISIG_HASH_LEN == BLAKE2B_OUTBYTES, "the hash's length");

#define ALGORITHM	"ED"
#define PUBLIC_ALGORITHM "Ed"
#define UNTRUSTED	"untrusted comment: "
#define TRUSTED		"trusted comment: "

struct minisig_hash {
	blake2b_state state;
};

/** minisig_begin(out): the hash of a file. */
enum sr_error
minisig_begin(struct minisig_hash ** out)
{

	if ((*out = calloc(1, sizeof(**out))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	must(blake2b_init(&(*out)->state, MINISIG_HASH_LEN) == 0);
	return (SR_OK);
}

/** minisig_add(h, bytes, len): its next piece. */
void
minisig_add(struct minisig_hash * h, const void * bytes, size_t len)
{

	must(blake2b_update(&h->state, bytes, len) == 0);
}

/** minisig_end(h, out): the hash; *h becomes NULL. */
void
minisig_end(struct minisig_hash ** h, uint8_t out[MINISIG_HASH_LEN])
{

	must(blake2b_final(&(*h)->state, out, MINISIG_HASH_LEN) == 0);
	minisig_drop(h);
}

/** minisig_drop(h): free; *h becomes NULL, and may be. */
void
minisig_drop(struct minisig_hash ** h)
{

	free(*h);
	*h = NULL;
}

/** minisig_key_id(public_key, out): the start of its SHA-256. */
void
minisig_key_id(const uint8_t public_key[SIGN_PUBLIC_LEN],
    uint8_t out[MINISIG_ID_LEN])
{
	uint8_t digest[MAC_LEN];

	digest_compute(public_key, SIGN_PUBLIC_LEN, digest);
	memcpy(out, digest, MINISIG_ID_LEN);
}

/* What the global signature is over. */
struct global {
	uint8_t bytes[SIGN_LEN + MINISIG_COMMENT_MAX];
	size_t len;
};

static void
global_of(const struct minisig * sig, struct global * g)
{
	size_t len = strlen(sig->comment);

	memcpy(g->bytes, sig->signature, SIGN_LEN);
	memcpy(g->bytes + SIGN_LEN, sig->comment, len);
	g->len = SIGN_LEN + len;
}

/** minisig_sign(seed, hash, comment, out): both signatures. */
void
minisig_sign(const struct secbuf * seed, const uint8_t hash[MINISIG_HASH_LEN],
    const struct redacted * comment, struct minisig * out)
{
	uint8_t public_key[SIGN_PUBLIC_LEN];
	struct global g;

	must(redacted_len(comment) <= MINISIG_COMMENT_MAX);
	memset(out, 0, sizeof(*out));
	sign_public(seed, public_key);
	minisig_key_id(public_key, out->key_id);
	sign_message(seed, hash, MINISIG_HASH_LEN, out->signature);
	memcpy(out->comment, redacted_bytes(comment), redacted_len(comment));
	global_of(out, &g);
	sign_message(seed, g.bytes, g.len, out->global);
}

/* One line of ${text}, without its end. */
struct line {
	const char * p;
	size_t len;
};

static bool
next_line(const char ** text, size_t * len, struct line * out)
{
	const char * end;

	if (*len == 0)
		return (false);
	end = memchr(*text, '\n', *len);
	out->p = *text;
	out->len = end == NULL ? *len : (size_t)(end - *text);
	*text += out->len + (end != NULL);
	*len -= out->len + (end != NULL);
	/* Files that went through another system. */
	if (out->len > 0 && out->p[out->len - 1] == '\r')
		out->len--;
	return (true);
}

static bool
begins(const struct line * l, const char * with)
{

	return (l->len >= strlen(with) &&
	    strncmp(l->p, with, strlen(with)) == 0);
}

static bool
take_comment(const struct line * l, char out[MINISIG_COMMENT_MAX + 1])
{
	size_t n = strlen(TRUSTED);

	if (!begins(l, TRUSTED) || l->len - n > MINISIG_COMMENT_MAX ||
	    memchr(l->p, '\0', l->len) != NULL)
		return (false);
	memcpy(out, l->p + n, l->len - n);
	out[l->len - n] = '\0';
	return (true);
}

/** minisig_parse(text, len, out): whether it is a signature file. */
bool
minisig_parse(const char * text, size_t len, struct minisig * out)
{
	uint8_t sig[2 + MINISIG_ID_LEN + SIGN_LEN];
	struct line l;

	memset(out, 0, sizeof(*out));
	if (!next_line(&text, &len, &l) || !begins(&l, UNTRUSTED) ||
	    !next_line(&text, &len, &l) ||
	    !base64_exactly(l.p, l.len, sig, sizeof(sig)) ||
	    strncmp((const char *)sig, ALGORITHM, 2) != 0)
		return (false);
	memcpy(out->key_id, sig + 2, MINISIG_ID_LEN);
	memcpy(out->signature, sig + 2 + MINISIG_ID_LEN, SIGN_LEN);
	return (next_line(&text, &len, &l) && take_comment(&l, out->comment) &&
	    next_line(&text, &len, &l) &&
	    base64_exactly(l.p, l.len, out->global, SIGN_LEN) && len == 0);
}

/** minisig_verify(sig, public_key, hash): whether both are that key's. */
bool
minisig_verify(const struct minisig * sig,
    const uint8_t public_key[SIGN_PUBLIC_LEN],
    const uint8_t hash[MINISIG_HASH_LEN])
{
	struct global g;

	global_of(sig, &g);
	return (sign_verify(public_key, hash, MINISIG_HASH_LEN,
	    sig->signature) &&
	    sign_verify(public_key, g.bytes, g.len, sig->global));
}

/** minisig_public_parse(text, len, public_key): a public key's file. */
bool
minisig_public_parse(const char * text, size_t len,
    uint8_t public_key[SIGN_PUBLIC_LEN])
{
	uint8_t key[2 + MINISIG_ID_LEN + SIGN_PUBLIC_LEN];
	struct line l;

	if (!next_line(&text, &len, &l))
		return (false);
	/* The key alone, as it is given on a command line, is enough. */
	if (begins(&l, UNTRUSTED) && !next_line(&text, &len, &l))
		return (false);
	if (!base64_exactly(l.p, l.len, key, sizeof(key)) || len != 0 ||
	    strncmp((const char *)key, PUBLIC_ALGORITHM, 2) != 0)
		return (false);
	memcpy(public_key, key + 2 + MINISIG_ID_LEN, SIGN_PUBLIC_LEN);
	return (true);
}

/* minisign prints an id as a number, its last byte first. */
static void
compose_key_id(struct compose * c, const uint8_t id[MINISIG_ID_LEN])
{
	uint8_t turned[MINISIG_ID_LEN];
	size_t i;

	for (i = 0; i < MINISIG_ID_LEN; i++)
		turned[i] = id[MINISIG_ID_LEN - 1 - i];
	compose_hex(c, turned, sizeof(turned));
}

/** minisig_compose(c, sig, comment): the text of a signature file. */
void
minisig_compose(struct compose * c, const struct minisig * sig,
    const struct redacted * comment)
{
	uint8_t line[2 + MINISIG_ID_LEN + SIGN_LEN];

	memcpy(line, ALGORITHM, 2);
	memcpy(line + 2, sig->key_id, MINISIG_ID_LEN);
	memcpy(line + 2 + MINISIG_ID_LEN, sig->signature, SIGN_LEN);
	compose_lit(c, UNTRUSTED "signature of Strongroom, key ");
	compose_key_id(c, sig->key_id);
	compose_lit(c, "\n");
	compose_base64(c, line, sizeof(line));
	compose_lit(c, "\n" TRUSTED);
	compose_redacted(c, comment);
	compose_lit(c, "\n");
	compose_base64(c, sig->global, SIGN_LEN);
	compose_lit(c, "\n");
}

/** minisig_compose_public(c, public_key): the text of a public key's file. */
void
minisig_compose_public(struct compose * c,
    const uint8_t public_key[SIGN_PUBLIC_LEN])
{
	uint8_t line[2 + MINISIG_ID_LEN + SIGN_PUBLIC_LEN];

	memcpy(line, PUBLIC_ALGORITHM, 2);
	minisig_key_id(public_key, line + 2);
	memcpy(line + 2 + MINISIG_ID_LEN, public_key, SIGN_PUBLIC_LEN);
	compose_lit(c, UNTRUSTED "public key of Strongroom, ");
	compose_key_id(c, line + 2);
	compose_lit(c, "\n");
	compose_base64(c, line, sizeof(line));
	compose_lit(c, "\n");
}
