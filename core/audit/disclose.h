#ifndef SR_CORE_AUDIT_DISCLOSE_H
#define SR_CORE_AUDIT_DISCLOSE_H

/*
 * What must leave in the clear: a session cookie, a set-up cookie, an API key
 * shown once, a resolved value. A struct disclosed is a value together with
 * the committed audit row that says it left. vault/resolve and access/ make
 * them; cgi's and cli's one sending function each opens them.
 */

#include "core/audit/audit.h"

struct disclosed;
struct secbuf;

/**
 * disclose(receipt, value, out):
 * Takes ${value} over (*value becomes NULL). Errors: OUT_OF_MEMORY; ${value}
 * is freed then. Caller frees ${out}.
 */
SR_NODISCARD enum sr_error disclose(const struct audit_receipt * receipt,
    struct secbuf ** value, struct disclosed ** out);

/** disclosed_free(d): wipe and release; *d becomes NULL; may be NULL. */
void disclosed_free(struct disclosed ** d);

/** disclosed_value(d): the value; for the sending functions alone (lint). */
const struct secbuf * disclosed_value(const struct disclosed * d);

/** disclosed_event(d): id of the audit row. */
struct sr_id disclosed_event(const struct disclosed * d);

#endif /* !SR_CORE_AUDIT_DISCLOSE_H */
