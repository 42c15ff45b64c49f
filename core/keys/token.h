#ifndef SR_CORE_KEYS_TOKEN_H
#define SR_CORE_KEYS_TOKEN_H

/*
 * Bearer tokens (sessions, set-up links): 32 random bytes shown as 43
 * characters of base64url (RFC 4648, 5). Stored is only their SHA-256; a token
 * of 256 random bits needs no key and no salt. A CSRF token is the HMAC of a
 * label under the browser's own token, so it needs no storage either.
 */

#include "core/base/error.h"
#include "core/keys/mac.h"

struct secbuf;

#define TOKEN_STRLEN	43

/** token_new(out): a new token's text in a secbuf; caller frees. */
SR_NODISCARD enum sr_error token_new(struct secbuf ** out);

/**
 * token_hash(token, out): SHA-256 of the text. False if it has not the form
 * of a token (length, alphabet); ${out} is untouched then.
 */
SR_NODISCARD bool token_hash(const struct secbuf * token, uint8_t out[MAC_LEN]);

/** token_csrf(token, label, out): HMAC of ${label} under ${token}. */
void token_csrf(const struct secbuf * token, const char * label,
    uint8_t out[MAC_LEN]);

#endif /* !SR_CORE_KEYS_TOKEN_H */
