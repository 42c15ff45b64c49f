#ifndef SR_CORE_REDACT_ENTITY_INTERNAL_H
#define SR_CORE_REDACT_ENTITY_INTERNAL_H

/* For core/redact alone. */

#include "core/base/base.h"

/**
 * entity_decode(to, text, len):
 * Undo the entities that HTML and XML writers use (&amp; &lt; &gt; &quot;
 * &apos; and numeric ones) into ${to}, which has room for ${len} bytes.
 * Return the length. What is no such entity is copied.
 */
size_t entity_decode(char * to, const char * text, size_t len);

#endif /* !SR_CORE_REDACT_ENTITY_INTERNAL_H */
