#ifndef SR_CORE_KEYS_API_TOKEN_H
#define SR_CORE_KEYS_API_TOKEN_H

/*
 * The text of an API key: "srk_", 43 random characters of [0-9A-Za-z] (256
 * bits), and 6 more that hold the CRC-32 (RFC 1952, 8) of these 43, also in
 * base 62, its highest digit first. The prefix and the checksum let a scanner
 * tell a leaked key from a text that looks like one, and a typing error is
 * refused without a question to the database. Stored is only the SHA-256 of
 * the whole text; token.h says why that is enough.
 */

#include "core/base/error.h"
#include "core/keys/mac.h"

struct secbuf;

#define API_TOKEN_PREFIX	"srk_"
#define API_TOKEN_STRLEN	53
#define API_TOKEN_HINT		4

/** api_token_new(out): a new key's text in a secbuf; caller frees. */
SR_NODISCARD enum sr_error api_token_new(struct secbuf ** out);

/**
 * api_token_hash(token, out):
 * SHA-256 of the text. False if it has not the form of a key (prefix, length,
 * alphabet, checksum); ${out} is untouched then.
 */
SR_NODISCARD bool api_token_hash(const struct secbuf * token,
    uint8_t out[MAC_LEN]);

/** api_token_hint(token, out): the last API_TOKEN_HINT characters of a key. */
void api_token_hint(const struct secbuf * token, char out[API_TOKEN_HINT + 1]);

#endif /* !SR_CORE_KEYS_API_TOKEN_H */
