#ifndef SR_CORE_REDACT_COMMON_H
#define SR_CORE_REDACT_COMMON_H

/*
 * Values that are no secret because texts of all kinds hold them: masking one
 * would black out pages and logs, and tell by the masks what it is. Common is
 * what
 *   - occurs in our own texts, which the caller gives,
 *   - is a row of common.def, whatever its case,
 *   - is one mark over and over, a date, or a mask of ours.
 * Blanks at both ends do not count. Nothing else is taken for common, however
 * much it looks like a word or a host's name: a pass phrase does too.
 */

#include "core/redact/variant.h"

/**
 * redact_forms_thin(key, value, own, own_len, forms):
 * Take out of ${forms}, which redact_forms_of(key, value) made, those of lines
 * and leaves that are common; the whole value's stay. ${own} is text of our
 * own. Errors: SECRET_VALUE_COMMON (the value as a whole is common; ${forms}
 * as they were), OUT_OF_MEMORY, RANDOM_UNAVAILABLE. Reentrant.
 */
SR_NODISCARD enum sr_error redact_forms_thin(const struct secbuf * key,
    const struct secbuf * value, const unsigned char * own, size_t own_len,
    struct redact_forms * forms);

#endif /* !SR_CORE_REDACT_COMMON_H */
