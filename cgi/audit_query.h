#ifndef SR_CGI_AUDIT_QUERY_H
#define SR_CGI_AUDIT_QUERY_H

/* What the audit is asked for in a query (field.def, set AUDIT_QUERY). */

#include "core/audit/query.h"

struct exchange;

/**
 * audit_query_subject(x):
 * The secret as it was typed. Links say "target" for it, because an id behind
 * the word "secret" looks like one to the redactor.
 */
const char * audit_query_subject(const struct exchange * x);

/**
 * audit_query(x, out):
 * Errors: AUDIT_FILTER_INVALID, with x->complaint.field filled in.
 */
SR_NODISCARD enum sr_error audit_query(struct exchange * x,
    struct audit_filter * out);

#endif /* !SR_CGI_AUDIT_QUERY_H */
