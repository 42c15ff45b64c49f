#ifndef SR_CGI_VIEW_H
#define SR_CGI_VIEW_H

/*
 * Views: from what a handler knows to the model of a page. The frame (who is
 * signed in, notices) is the same on all of them.
 */

#include "cgi/page.h"
#include "cgi/ready.h"
#include "core/vault/secret.h"

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

/** view_notice(page, kind): a notice such as "signed-out" on the page's top. */
void view_notice(struct page * page, const char * kind);

/** view_csrf(x, page): the attribute csrf for forms in the open element. */
SR_NODISCARD enum sr_error view_csrf(struct exchange * x, struct page * page);

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

/** view_secret(page, meta): an element secret with its metadata. */
void view_secret(struct page * page, const struct secret_meta * meta);

/** view_event(page, row): an element event of a history. */
void view_event(struct page * page, const struct audit_row * row);

#endif /* !SR_CGI_VIEW_H */
