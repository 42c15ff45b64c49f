#ifndef SR_CORE_KEYS_BASE64_H
#define SR_CORE_KEYS_BASE64_H

#include "core/base/error.h"

struct secbuf;

/**
 * base64_secret(text, len, out):
 * Decode ${text} (RFC 4648, 4, with padding, nothing else in it) into a new
 * secbuf; caller frees. Errors: INPUT_MALFORMED, LIMIT_EXCEEDED,
 * OUT_OF_MEMORY. Reentrant.
 */
SR_NODISCARD enum sr_error base64_secret(const char * text, size_t len,
    struct secbuf ** out);

#endif /* !SR_CORE_KEYS_BASE64_H */
