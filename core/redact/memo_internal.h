#ifndef SR_CORE_REDACT_MEMO_INTERNAL_H
#define SR_CORE_REDACT_MEMO_INTERNAL_H

/*
 * For core/redact alone. Metadata of many rows is a few texts that come again
 * and again. A memo remembers texts that passed the gate as they are; what it
 * says holds as long as the engine is ready with the live set that passed them.
 */

#include "core/redact/redact.h"

struct redact_memo;

/** memo_new(out) / memo_free(m): Errors: OUT_OF_MEMORY. */
SR_NODISCARD enum sr_error memo_new(struct redact_memo ** out);
void memo_free(struct redact_memo ** m);

/**
 * memo_text(m, r, channel, text, len, hits, out):
 * As redact_text, but ${out} is NULL when ${text} passes as it is. ${m} may be
 * NULL.
 */
SR_NODISCARD enum sr_error memo_text(struct redact_memo * m,
    struct redact * r, enum redact_channel channel, const char * text,
    size_t len, struct redact_hits * hits, struct redacted ** out);

#endif /* !SR_CORE_REDACT_MEMO_INTERNAL_H */
