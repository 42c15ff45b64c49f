#ifndef SR_TESTS_HARNESS_AUTHENTICATOR_H
#define SR_TESTS_HARNESS_AUTHENTICATOR_H

/* What a person's authenticator does: a seed as it was shown, and its codes. */

#include <string.h>

#include "core/base/secbuf.h"
#include "core/base/secbuf_bytes.h"
#include "core/keys/totp.h"
#include "tests/harness/suite.h"

/*
 * The code of ${text}, a seed in base32, ${steps} from now. The one of now and
 * the next one are taken, however slow the test is.
 */
static inline void
authenticator_code(const char * text, int steps, char out[7])
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	struct secbuf * seed = NULL, * code = NULL;
	uint8_t bytes[TOTP_SEED_LEN];
	unsigned held = 0, bits = 0;
	const char * at;
	size_t n = 0;

	CU_ASSERT_EQUAL_FATAL(strlen(text), 32);
	for (; *text != '\0'; text++) {
		at = strchr(digits, *text);
		CU_ASSERT_PTR_NOT_NULL_FATAL(at);
		held = (held << 5 | (unsigned)(at - digits)) & 0x1fff;
		bits += 5;
		if (bits >= 8) {
			bits -= 8;
			bytes[n++] = (uint8_t)(held >> bits & 0xff);
		}
	}
	ASSERT_ERR_FATAL(secbuf_copy(bytes, n, &seed), SR_OK);
	ASSERT_ERR_FATAL(totp_code(seed, clock_now() + steps * 30 * SR_SECOND,
	    &code), SR_OK);
	memcpy(out, secbuf_bytes(code), 6);
	out[6] = '\0';
	secbuf_free(&seed);
	secbuf_free(&code);
}

#endif /* !SR_TESTS_HARNESS_AUTHENTICATOR_H */
