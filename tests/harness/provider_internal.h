#ifndef SR_TESTS_HARNESS_PROVIDER_INTERNAL_H
#define SR_TESTS_HARNESS_PROVIDER_INTERNAL_H

/* Kin of provider.c and provider_tls.c. */

#include <openssl/ssl.h>

#include "tests/harness/provider.h"

/**
 * provider_tls(certificate, ca): a server's context with a new key and
 * certificate, which is written to ${ca}; NULL if that fails.
 */
SSL_CTX * provider_tls(enum provider_certificate certificate,
    const char * ca);

#endif /* !SR_TESTS_HARNESS_PROVIDER_INTERNAL_H */
