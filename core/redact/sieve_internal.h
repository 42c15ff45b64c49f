#ifndef SR_CORE_REDACT_SIEVE_INTERNAL_H
#define SR_CORE_REDACT_SIEVE_INTERNAL_H

/*
 * For core/redact alone: windows of a text are hashed and held against a
 * filter in one go. Hashing is work for the AES units and filtering is loads,
 * so a machine does the one while the other waits.
 */

#include "core/redact/fingerprint_internal.h"
#include "core/redact/window_internal.h"

/* Windows at once. */
#define SIEVE_MAX	((size_t)256)

struct sieved {
	uint64_t hashes[SIEVE_MAX];
	uint64_t pass[SIEVE_MAX / 64];	/* What the filter lets through. */
};

/* All give the same; the latter two where the machine can. */
fingerprint_sieve sieve_portable;
fingerprint_sieve sieve_aesni;
fingerprint_sieve sieve_vaes;

/** sieve_can(sieve): whether this machine can run it. */
bool sieve_can(fingerprint_sieve * sieve);

/** sieve_best(): the fastest that it can. */
fingerprint_sieve * sieve_best(void);

/** sieve_best_rows(): the same for rows. */
fingerprint_row_sieve * sieve_best_rows(void);

/* Both give the same; the latter where sieve_vaes can. */
fingerprint_row_sieve sieve_rows_portable;
fingerprint_row_sieve sieve_rows_vaes;

/** sieve_fold(p, len): as the standard alphabet of base64 has it. */
void sieve_fold(uint8_t * p, size_t len);

/** sieve_filter(f, first, end, out): set pass of hashes [first, end). */
void sieve_filter(const struct window_filter * f, size_t first, size_t end,
    struct sieved * out);

#endif /* !SR_CORE_REDACT_SIEVE_INTERNAL_H */
