#ifndef SR_CORE_REDACT_FLUSH_INTERNAL_H
#define SR_CORE_REDACT_FLUSH_INTERNAL_H

/* For core/redact alone: what of an unfinished text a terminal may show. */

#include "core/redact/scan_internal.h"

/* So much of a secret may be seen. */
#define FLUSH_SEEN	((size_t)7)

/**
 * flush_known(with, text, len, at, typed):
 * Where in [at, len) what may be shown ends, for fear of known secrets: no
 * more than FLUSH_SEEN bytes of any. ${typed}: so many of the last bytes were
 * typed by whoever looks at them.
 */
size_t flush_known(const struct scan_with * with, const char * text,
    size_t len, size_t at, size_t typed);

/** flush_rules(text, len, at): the same for what rules may yet find. */
size_t flush_rules(const char * text, size_t len, size_t at);

#endif /* !SR_CORE_REDACT_FLUSH_INTERNAL_H */
