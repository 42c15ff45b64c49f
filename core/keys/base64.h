#ifndef SR_CORE_KEYS_BASE64_H
#define SR_CORE_KEYS_BASE64_H

#include "core/base/error.h"

struct secbuf;
struct strbuf;

/**
 * base64_secret(text, len, out):
 * Decode ${text} (RFC 4648, 4, with padding, nothing else in it) into a new
 * secbuf; caller frees. Errors: INPUT_MALFORMED, LIMIT_EXCEEDED,
 * OUT_OF_MEMORY. Reentrant.
 */
SR_NODISCARD enum sr_error base64_secret(const char * text, size_t len,
    struct secbuf ** out);

/**
 * base64_add(bytes, len, out):
 * Append bytes that are no secret (a key's public half, a signature, a hash),
 * with padding. Errors stick in ${out}.
 */
void base64_add(const void * bytes, size_t len, struct strbuf * out);

/**
 * base64_exactly(text, len, out, size):
 * Decode such text, all of it, into exactly ${size} bytes; false if it is
 * anything else, or not the one text that base64_add writes for them. At most
 * BASE64_EXACTLY_MAX bytes.
 */
#define BASE64_EXACTLY_MAX	128
SR_NODISCARD bool base64_exactly(const char * text, size_t len, void * out,
    size_t size);

#endif /* !SR_CORE_KEYS_BASE64_H */
