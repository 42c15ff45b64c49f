#ifndef SR_CGI_EXPORT_QUERY_H
#define SR_CGI_EXPORT_QUERY_H

/* Which export of the audit is asked for: the page's query, and a size. */

#include "core/audit/query.h"

struct exchange;

/**
 * export_query(x, filter, size):
 * ${size}: 0 when none is given. Errors: AUDIT_FILTER_INVALID, with
 * x->complaint.field filled in.
 */
SR_NODISCARD enum sr_error export_query(struct exchange * x,
    struct audit_filter * filter, uint64_t * size);

/**
 * export_redirect(x, size):
 * 303 to the same query with that size. Errors: AUDIT_FILTER_INVALID when
 * something in it is masked, so that it cannot be said again; compose_finish's.
 */
SR_NODISCARD enum sr_error export_redirect(struct exchange * x, uint64_t size);

#endif /* !SR_CGI_EXPORT_QUERY_H */
