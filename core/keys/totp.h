#ifndef SR_CORE_KEYS_TOTP_H
#define SR_CORE_KEYS_TOTP_H

/*
 * Second factors: time-based one-time passwords (RFC 6238: HMAC-SHA-1, six
 * digits, steps of 30 seconds, as every authenticator takes them) and recovery
 * codes. A seed is stored nowhere: it is HMAC-SHA256 of account and salt under
 * a system key, so it is as well kept as what the root key wraps, and changing
 * the root key changes no seed. Reads no clock and no database. Reentrant.
 */

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/id.h"
#include "core/keys/mac.h"

struct secbuf;

#define TOTP_SALT_LEN	32
#define TOTP_SEED_LEN	20		/* RFC 4226, 4, R6: 160 bits. */
#define RECOVERY_CODES	10

/**
 * totp_seed(key, account, salt, out): the seed of an account; caller frees.
 * Errors: as secbuf_new.
 */
SR_NODISCARD enum sr_error totp_seed(const struct secbuf * key,
    const struct sr_id * account, const uint8_t salt[TOTP_SALT_LEN],
    struct secbuf ** out);

/**
 * totp_check(seed, code, now, step):
 * Whether ${code} is the one of the step of ${now}, of the one before or of the
 * one after it; ${step} receives which. A caller that lets a step through once
 * only refuses what is sent again. Errors: SECOND_FACTOR_REFUSED (also for
 * what is not six digits), as secbuf_new, INTERNAL_ERROR.
 */
SR_NODISCARD enum sr_error totp_check(const struct secbuf * seed,
    const struct secbuf * code, sr_time now, uint64_t * step);

/**
 * totp_code(seed, now, out): the code of the step of ${now}: what a person's
 * authenticator shows. Errors: as secbuf_new, INTERNAL_ERROR. Caller frees.
 */
SR_NODISCARD enum sr_error totp_code(const struct secbuf * seed, sr_time now,
    struct secbuf ** out);

/** totp_text(seed, out): in base32 (RFC 4648, 6) without padding. */
SR_NODISCARD enum sr_error totp_text(const struct secbuf * seed,
    struct secbuf ** out);

/**
 * totp_picture(seed, email, path, size):
 * The QR code of what an authenticator reads (otpauth://totp/…), as the data of
 * an SVG path whose stroke is as wide as a module; ${size} modules to a side.
 * It has letters, digits, blanks and minus signs alone. Caller frees ${path}.
 * Errors: as secbuf_new; INTERNAL_ERROR.
 */
SR_NODISCARD enum sr_error totp_picture(const struct secbuf * seed,
    const char * email, struct secbuf ** path, unsigned * size);

/**
 * recovery_new(out): a new code: 80 random bits as four groups of four
 * characters of base32, with minus signs between. Caller frees. Errors: as
 * secbuf_random.
 */
SR_NODISCARD enum sr_error recovery_new(struct secbuf ** out);

/**
 * recovery_hash(code, account, out):
 * SHA-256 of code and account, whatever the case of its letters and whatever
 * stands between the groups; false, ${out} untouched, if it has not the form of
 * a code. 80 random bits that work at one place, under a throttle, need no
 * slower hash.
 */
SR_NODISCARD bool recovery_hash(const struct secbuf * code,
    const struct sr_id * account, uint8_t out[MAC_LEN]);

#endif /* !SR_CORE_KEYS_TOTP_H */
