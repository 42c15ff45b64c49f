#ifndef SR_CORE_BASE_SECBUF_BYTES_H
#define SR_CORE_BASE_SECBUF_BYTES_H

/*
 * The inside of a secbuf, for the files listed in scripts/lint alone: what
 * seals, hashes or fingerprints a value, and what discloses one on purpose.
 */

#include "core/base/secbuf.h"

/** secbuf_bytes(b): the bytes, secbuf_len(b) of them; die with ${b}. */
const uint8_t * secbuf_bytes(const struct secbuf * b);

/** secbuf_writable(b): the bytes to write, up to secbuf_cap(b) of them. */
uint8_t * secbuf_writable(struct secbuf * b);

/** secbuf_cap(b): the room it has. */
size_t secbuf_cap(const struct secbuf * b);

/**
 * secbuf_set_len(b, len): ${len} bytes are in use; what is cut off is wiped.
 */
void secbuf_set_len(struct secbuf * b, size_t len);

#endif /* !SR_CORE_BASE_SECBUF_BYTES_H */
