#ifndef SR_CORE_VAULT_OWN_TEXT_H
#define SR_CORE_VAULT_OWN_TEXT_H

/*
 * What Strongroom itself says on pages, in log lines, in answers and at the
 * command line, one text after another. scripts/embed-texts makes it from the
 * templates, the catalogues and the sources when the program is built. A value
 * that occurs in it would black out our own pages, and is refused.
 */

#include "core/base/base.h"

extern const unsigned char own_text[];
extern const size_t own_text_len;

#endif /* !SR_CORE_VAULT_OWN_TEXT_H */
