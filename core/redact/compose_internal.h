#ifndef SR_CORE_REDACT_COMPOSE_INTERNAL_H
#define SR_CORE_REDACT_COMPOSE_INTERNAL_H

/* For compose*.c alone. */

#include "core/base/strbuf.h"
#include "core/redact/compose.h"
#include "core/redact/memo_internal.h"

struct compose {
	struct redact * r;
	enum redact_channel channel;
	struct strbuf text;
	enum redact_cause withheld;	/* The first cause. */
	struct redact_hits hits;
	struct redact_memo * memo;	/* NULL until compose_remember. */
};

/** compose_withhold(c, cause): text was withheld. */
void compose_withhold(struct compose * c, enum redact_cause cause);

#endif /* !SR_CORE_REDACT_COMPOSE_INTERNAL_H */
