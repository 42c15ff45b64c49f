#ifndef SR_CORE_AUDIT_MINISIG_H
#define SR_CORE_AUDIT_MINISIG_H

/*
 * Detached signatures in the format of minisign, so that anybody can check a
 * file that Strongroom signed with a tool he has: Ed25519 over BLAKE2b-512 of
 * the file (algorithm "ED"), and over that signature and a trusted comment.
 * A key is called by the first 8 bytes of SHA-256 of its public half, as in
 * the heads of checkpoint.FORMAT.
 */

#include "core/keys/sign.h"

struct compose;
struct redacted;
struct secbuf;

#define MINISIG_ID_LEN		8
#define MINISIG_HASH_LEN	64
#define MINISIG_COMMENT_MAX	512
#define MINISIG_FILE_MAX	((size_t)4096)

/* The hash of a file that comes in pieces. */
struct minisig_hash;

/** minisig_begin(out): Errors: OUT_OF_MEMORY. Caller frees. */
SR_NODISCARD enum sr_error minisig_begin(struct minisig_hash ** out);
void minisig_add(struct minisig_hash * h, const void * bytes, size_t len);
/** minisig_end(h, out): the hash of what was added; frees; *h is NULL after. */
void minisig_end(struct minisig_hash ** h, uint8_t out[MINISIG_HASH_LEN]);
/** minisig_drop(h): free; *h becomes NULL, and may be. */
void minisig_drop(struct minisig_hash ** h);

/* What is in a signature file. */
struct minisig {
	uint8_t key_id[MINISIG_ID_LEN];
	uint8_t signature[SIGN_LEN];	/* Of the hash. */
	char comment[MINISIG_COMMENT_MAX + 1];	/* The trusted one. */
	uint8_t global[SIGN_LEN];	/* Of signature and comment. */
};

/** minisig_key_id(public_key, out): what the key is called. */
void minisig_key_id(const uint8_t public_key[SIGN_PUBLIC_LEN],
    uint8_t out[MINISIG_ID_LEN]);

/**
 * minisig_sign(seed, hash, comment, out):
 * ${comment}: one line of at most MINISIG_COMMENT_MAX bytes, as it will stand
 * in the file.
 */
void minisig_sign(const struct secbuf * seed,
    const uint8_t hash[MINISIG_HASH_LEN], const struct redacted * comment,
    struct minisig * out);

/** minisig_compose(c, sig, comment): the text of a signature file. */
void minisig_compose(struct compose * c, const struct minisig * sig,
    const struct redacted * comment);

/** minisig_compose_public(c, public_key): that of a public key's file. */
void minisig_compose_public(struct compose * c,
    const uint8_t public_key[SIGN_PUBLIC_LEN]);

/**
 * minisig_parse(text, len, out):
 * Read a signature file. False if it is none, or of another algorithm.
 */
SR_NODISCARD bool minisig_parse(const char * text, size_t len,
    struct minisig * out);

/**
 * minisig_verify(sig, public_key, hash): whether both signatures are that
 * key's, over that hash and that comment.
 */
SR_NODISCARD bool minisig_verify(const struct minisig * sig,
    const uint8_t public_key[SIGN_PUBLIC_LEN],
    const uint8_t hash[MINISIG_HASH_LEN]);

/**
 * minisig_public_parse(text, len, public_key):
 * Read a public key's file, or its second line alone. The id in it is not
 * looked at. False if it is none.
 */
SR_NODISCARD bool minisig_public_parse(const char * text, size_t len,
    uint8_t public_key[SIGN_PUBLIC_LEN]);

#endif /* !SR_CORE_AUDIT_MINISIG_H */
