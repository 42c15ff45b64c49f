#ifndef SR_CGI_VIEW_H
#define SR_CGI_VIEW_H

/*
 * Views: from what a handler knows to the model of a page. The frame (who is
 * signed in, notices) is the same on all of them.
 */

#include "cgi/page.h"
#include "cgi/ready.h"
#include "core/audit/query.h"
#include "core/redact/redact.h"
#include "core/vault/search.h"

struct disclosed;
struct exchange;

/** view_begin(x, name, page): a page with its frame. Errors: OUT_OF_MEMORY. */
SR_NODISCARD enum sr_error view_begin(struct exchange * x,
    enum page_name name, struct page ** page);

/**
 * view_end(x, status, page, err):
 * Render and answer with ${status}, unless ${err} says that making the page
 * failed; frees the page in any case. A page that the scan hit is logged and
 * audited. Returns ${err}, or the error of rendering.
 */
SR_NODISCARD enum sr_error view_end(struct exchange * x, int status,
    struct page ** page, enum sr_error err);

/**
 * view_end_disclosed(x, page, err, values, n):
 * As view_end with status 200, of a page with ${n} times page_disclosure, where
 * ${values} are sent in their order; they are taken over in any case. A page
 * that the scan hit does not show them.
 */
SR_NODISCARD enum sr_error view_end_disclosed(struct exchange * x,
    struct page ** page, enum sr_error err, struct disclosed ** values,
    size_t n);

/** view_notice(page, kind): a notice such as "signed-out" on the page's top. */
void view_notice(struct page * page, const char * kind);

/** view_csrf(x, page): the attribute csrf for forms in the open element. */
SR_NODISCARD enum sr_error view_csrf(struct exchange * x, struct page * page);

/**
 * view_request(page): the attribute request for a form in the open element: an
 * idempotency key of its own, so that sending the form twice is one change.
 */
SR_NODISCARD enum sr_error view_request(struct page * page);

/** view_error(page, err): an element error with the catalogue's row. */
void view_error(struct page * page, enum sr_error err);

/**
 * view_refusal(x, page, err): as view_error, with the field and the policy of
 * x->complaint: why this request was refused.
 */
void view_refusal(const struct exchange * x, struct page * page,
    enum sr_error err);

/** view_checks(page, results): the system check. */
void view_checks(struct page * page, const enum sr_error results[CHECK__MAX]);

/** view_times(x): by what the states of secrets are told now. */
struct secret_times view_times(const struct exchange * x);

/** view_secret(x, page, meta): an element secret with its metadata. */
void view_secret(const struct exchange * x, struct page * page,
    const struct secret_meta * meta);

/** view_event(page, row): an element event of a history. */
void view_event(struct page * page, const struct audit_row * row);

/**
 * view_history(x, page, filter, before, rows):
 * An element history: ${rows} of what ${filter} asks for, older than the row
 * ${before} (NULL: the newest), and where the next page begins. Errors, which
 * the element shows: those of audit_find.
 */
enum sr_error view_history(struct exchange * x, struct page * page,
    const struct audit_filter * filter, const struct sr_id * before,
    unsigned rows);

/** view_channel_name(channel): what people call it: "events". Static. */
const char * view_channel_name(enum redact_channel channel);

/** view_worse(status, err): ${status}, or that of ${err} if it was 200. */
int view_worse(int status, enum sr_error err);

#endif /* !SR_CGI_VIEW_H */
