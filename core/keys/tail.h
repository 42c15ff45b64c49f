#ifndef SR_CORE_KEYS_TAIL_H
#define SR_CORE_KEYS_TAIL_H

/*
 * Sealing what is held back of a stream of a run until its next chunk comes
 * (seal.FORMAT, 7): AES-256-GCM under a key of that stream alone, derived from
 * the system key. The AAD binds run, stream and the number of the chunk that
 * is awaited: a tail of another stream, or a former one, does not open. Reads
 * no configuration, clock or database. Reentrant.
 */

#include "core/base/error.h"
#include "core/base/id.h"

struct secbuf;

#define TAIL_OVERHEAD	32	/* magic 4, nonce 12, tag 16 */
#define TAIL_STREAM_MAX	64

/* The row that a tail belongs to. */
struct tail_place {
	struct sr_id run_id;
	const char * stream;		/* 1..TAIL_STREAM_MAX bytes */
	uint64_t chunk;			/* The next one. */
};

/* Bytes that are fit for the database. */
struct tail_sealed {
	uint8_t * bytes;		/* Heap. */
	size_t len;
};

/** tail_sealed_free(t): release; empty after. */
void tail_sealed_free(struct tail_sealed * t);

/**
 * tail_seal(key, place, plain, out):
 * ${key} is the system key (32 bytes). Caller frees ${out}, which is empty on
 * error. Errors: SECRET_ENCRYPTION_FAILED (no such name), RANDOM_UNAVAILABLE,
 * OUT_OF_MEMORY.
 */
SR_NODISCARD enum sr_error tail_seal(const struct secbuf * key,
    const struct tail_place * place, const struct secbuf * plain,
    struct tail_sealed * out);

/**
 * tail_open(key, place, bytes, len, out):
 * ${out} is a new secbuf, caller frees. Errors: SECRET_ENCRYPTION_FAILED (form,
 * tag or AAD differ), OUT_OF_MEMORY. *out is NULL on error.
 */
SR_NODISCARD enum sr_error tail_open(const struct secbuf * key,
    const struct tail_place * place, const uint8_t * bytes, size_t len,
    struct secbuf ** out);

#endif /* !SR_CORE_KEYS_TAIL_H */
