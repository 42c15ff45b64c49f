#ifndef SR_CORE_KEYS_JWT_H
#define SR_CORE_KEYS_JWT_H

/*
 * A JSON Web Token (RFC 7519) signed with RS256 (RFC 7518, 3.3), as GitHub
 * Apps sign in with: issuer, issued a minute ago, good for nine minutes.
 */

#include "core/base/clock.h"
#include "core/base/error.h"

struct secbuf;

#define JWT_ISSUER_MAX	64

/**
 * jwt_rs256(pem, issuer, now, out):
 * Sign for ${issuer} (letters, digits, . _ -) with the RSA private key in
 * ${pem}: PKCS#1 ("RSA PRIVATE KEY") or PKCS#8 ("PRIVATE KEY"), not encrypted;
 * line ends may also be written as \n. Caller frees ${out}. Errors:
 * PROVIDER_CREDENTIAL_VALUE_INVALID (no such key, or not of 2048 bits or more),
 * LIMIT_EXCEEDED (the issuer), RANDOM_UNAVAILABLE, OUT_OF_MEMORY. Reentrant.
 */
SR_NODISCARD enum sr_error jwt_rs256(const struct secbuf * pem,
    const char * issuer, sr_time now, struct secbuf ** out);

#endif /* !SR_CORE_KEYS_JWT_H */
