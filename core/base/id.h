#ifndef SR_CORE_BASE_ID_H
#define SR_CORE_BASE_ID_H

/*
 * Identifiers of rows: UUID version 7 (RFC 9562, 5.7), minted here and not by
 * the database, so that what is sealed can be bound to an id before BEGIN.
 */

#include "core/base/error.h"

#define SR_ID_STRLEN	36

struct sr_id {
	uint8_t b[16];
};

extern const struct sr_id sr_id_nil;

/**
 * sr_id_new(id):
 * Mint a UUIDv7 into ${id}: 48 bits of Unix time in ms, 74 random bits.
 * Errors: RANDOM_UNAVAILABLE. Thread-safe. Ids minted by one process order by
 * their millisecond; within a millisecond their order is random.
 */
SR_NODISCARD enum sr_error sr_id_new(struct sr_id * id);

/**
 * sr_id_format(id, out):
 * Write the lower-case 8-4-4-4-12 form and a NUL into ${out}.
 */
void sr_id_format(const struct sr_id * id, char out[SR_ID_STRLEN + 1]);

/**
 * sr_id_parse(text, id):
 * Parse the 8-4-4-4-12 form, either case, nothing before or after. Return
 * false and leave ${id} alone if ${text} is anything else. Any version.
 */
SR_NODISCARD bool sr_id_parse(const char * text, struct sr_id * id);

/** sr_id_equal(a, b): whether the two are the same id. Ids are no secrets. */
bool sr_id_equal(const struct sr_id * a, const struct sr_id * b);

/** sr_id_is_nil(id): whether ${id} is the nil UUID, our "none". */
bool sr_id_is_nil(const struct sr_id * id);

#endif /* !SR_CORE_BASE_ID_H */
