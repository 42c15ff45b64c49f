#ifndef SR_CGI_TEXT_H
#define SR_CGI_TEXT_H

/* Cleaning text at the edge: what enters a page's model is well-formed. */

#include "core/base/error.h"

/**
 * text_clean(bytes, len, lines, changed, out):
 * A NUL-terminated copy in which every control character, every byte that is
 * not well-formed UTF-8 and every character that XML 1.0 has not is replaced
 * by U+FFFD; line ends and tabs stay if ${lines}. ${changed} (may be NULL)
 * says whether anything was. Caller frees. Errors: OUT_OF_MEMORY.
 */
SR_NODISCARD enum sr_error text_clean(const char * bytes, size_t len,
    bool lines, bool * changed, char ** out);

#endif /* !SR_CGI_TEXT_H */
