#ifndef SR_CORE_REDACT_RULE_DATABASE_INTERNAL_H
#define SR_CORE_REDACT_RULE_DATABASE_INTERNAL_H

/*
 * For core/redact/rule*.c alone: what Vectorscan makes of the anchors. That
 * takes it most of the time that a program needs to start, so it is done when
 * the program is built (scripts/ruledatabase.c), and only again where the
 * library or the processor is of another kind.
 */

#include <hs/hs.h>

#include "core/redact/rule_anchor_internal.h"

/* Made when the program is built, of so many rows; ${len} may be 0. */
extern const unsigned char rule_database[];
extern const size_t rule_database_len;
extern const unsigned rule_database_rows;

/**
 * rule_database_load(a, bytes, len, db):
 * Take ${len} ${bytes} as rule_database has them, or compile if they do not
 * fit. The id of an anchor is that of the first row that has it. Errors:
 * OUT_OF_MEMORY, INTERNAL_ERROR. Caller frees.
 */
SR_NODISCARD enum sr_error rule_database_load(const struct rule_anchors * a,
    const unsigned char * bytes, size_t len, hs_database_t ** db);

#endif /* !SR_CORE_REDACT_RULE_DATABASE_INTERNAL_H */
