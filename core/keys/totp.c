#include <pthread.h>
#include <string.h>

#include <liboath/oath.h>

#include "core/base/secbuf.h"
#include "core/base/secbuf_bytes.h"
#include "core/keys/totp.h"
#include "core/log/log.h"

#define DIGITS		6
#define STEP_SECONDS	30
#define AROUND		1	/* Steps before and after: clocks differ. */

_Static_assert(TOTP_SEED_LEN <= MAC_LEN, "a seed is cut from a MAC");

/**
 * totp_seed(key, account, salt, out):
 * The seed of an account.
 */
enum sr_error
totp_seed(const struct secbuf * key, const struct sr_id * account,
    const uint8_t salt[TOTP_SALT_LEN], struct secbuf ** out)
{
	const struct mac_part parts[] = { mac_text("second factor"),
	    MAC_BYTES(account->b, sizeof(account->b)),
	    MAC_BYTES(salt, TOTP_SALT_LEN) };
	enum sr_error err;

	if ((err = secbuf_new(MAC_LEN, out)) != SR_OK)
		return (sr_fail(err, log_const("reason", "totp_seed")));
	mac_parts(key, parts, COUNTOF(parts), secbuf_writable(*out));
	secbuf_set_len(*out, MAC_LEN);
	secbuf_set_len(*out, TOTP_SEED_LEN);
	return (SR_OK);
}

static void
library_init(void)
{

	must(oath_init() == OATH_OK);
}

static void
library_once(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	must(pthread_once(&once, library_init) == 0);
}

static bool
is_code(const struct secbuf * code)
{
	const uint8_t * p = secbuf_bytes(code);

	if (secbuf_len(code) != DIGITS)
		return (false);
	for (size_t i = 0; i < DIGITS; i++) {
		if (p[i] < '0' || p[i] > '9')
			return (false);
	}
	return (true);
}

static const char *
characters(const struct secbuf * b)
{
	const void * p = secbuf_bytes(b);

	return (p);
}

/**
 * totp_check(seed, code, now, step):
 * Whether ${code} is the one of the step of ${now}, or of its neighbours.
 */
enum sr_error
totp_check(const struct secbuf * seed, const struct secbuf * code, sr_time now,
    uint64_t * step)
{
	struct secbuf * text = NULL;
	uint64_t counter = 0;
	enum sr_error err;
	int rc;

	if (!is_code(code))
		return (SR_E_SECOND_FACTOR_REFUSED);
	/* The library wants a NUL behind it. */
	if ((err = secbuf_new(DIGITS + 1, &text)) != SR_OK)
		return (sr_fail(err, log_const("reason", "totp_check")));
	memcpy(secbuf_writable(text), secbuf_bytes(code), DIGITS);
	secbuf_set_len(text, DIGITS + 1);
	library_once();
	rc = oath_totp_validate4(characters(seed), TOTP_SEED_LEN,
	    (time_t)(now / SR_SECOND), STEP_SECONDS,
	    OATH_TOTP_DEFAULT_START_TIME, AROUND, NULL, &counter, 0,
	    characters(text));
	secbuf_free(&text);
	if (rc == OATH_INVALID_OTP)
		return (SR_E_SECOND_FACTOR_REFUSED);
	if (rc < 0)
		return (sr_fail(SR_E_INTERNAL_ERROR, log_i64("oath", rc)));
	*step = counter;
	return (SR_OK);
}

/** totp_code(seed, now, out): the code of the step of ${now}. */
enum sr_error
totp_code(const struct secbuf * seed, sr_time now, struct secbuf ** out)
{
	void * to;
	enum sr_error err;
	int rc;

	if ((err = secbuf_new(DIGITS + 1, out)) != SR_OK)
		return (sr_fail(err, log_const("reason", "totp_code")));
	to = secbuf_writable(*out);
	library_once();
	rc = oath_totp_generate2(characters(seed), TOTP_SEED_LEN,
	    (time_t)(now / SR_SECOND), STEP_SECONDS,
	    OATH_TOTP_DEFAULT_START_TIME, DIGITS, 0, to);
	if (rc != OATH_OK) {
		secbuf_free(out);
		return (sr_fail(SR_E_INTERNAL_ERROR, log_i64("oath", rc)));
	}
	secbuf_set_len(*out, DIGITS);
	return (SR_OK);
}
