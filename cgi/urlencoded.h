#ifndef SR_CGI_URLENCODED_H
#define SR_CGI_URLENCODED_H

/* application/x-www-form-urlencoded (WHATWG URL, 5.1), decoded in place. */

#include "core/base/error.h"

#define URLENCODED_PAIRS_MAX	64

/* Called for each pair; the two point into the buffer that is walked. */
typedef enum sr_error pair_fn(const char * name, size_t name_len,
    const char * value, size_t value_len, void * cookie);

/**
 * urlencoded_walk(bytes, len, fn, cookie):
 * Decode each name=value pair of ${bytes}, which is overwritten, and call
 * ${fn}; empty pairs are skipped. Errors: FORM_MALFORMED (a broken % escape,
 * an empty name, more than URLENCODED_PAIRS_MAX pairs), and what ${fn} says.
 */
SR_NODISCARD enum sr_error urlencoded_walk(char * bytes, size_t len,
    pair_fn * fn, void * cookie);

#endif /* !SR_CGI_URLENCODED_H */
