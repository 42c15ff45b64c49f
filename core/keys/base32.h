#ifndef SR_CORE_KEYS_BASE32_H
#define SR_CORE_KEYS_BASE32_H

#include "core/base/base.h"

/* RFC 4648, 6: eight characters for five bytes. */
#define BASE32_LEN(bytes)	(((bytes) * 8 + 4) / 5)

/**
 * base32_write(bytes, len, out):
 * ${len} bytes as BASE32_LEN(len) characters, without padding and without a
 * NUL. Reentrant.
 */
void base32_write(const uint8_t * bytes, size_t len, uint8_t * out);

/** base32_has(c): whether ${c} is one of its characters (A-Z, 2-7). */
bool base32_has(uint8_t c);

#endif /* !SR_CORE_KEYS_BASE32_H */
