#ifndef SR_CGI_VIEW_DETAIL_H
#define SR_CGI_VIEW_DETAIL_H

#include "cgi/view.h"

/* From where on the two lists of the page are shown. */
struct detail_place {
	const struct sr_id * before;	/* History; NULL: the newest. */
	uint32_t below;			/* Versions; 0: the newest. */
};

/**
 * view_detail(x, meta, place, refused):
 * Answer a secret's page. ${refused} is why a rotation was not accepted; then
 * the form is there again without the value, for the version that ${meta} has.
 */
SR_NODISCARD enum sr_error view_detail(struct exchange * x,
    const struct secret_meta * meta, const struct detail_place * place,
    enum sr_error refused);

/**
 * view_revoke(x, meta, refused):
 * Answer the page that says what a revocation does and asks back.
 */
SR_NODISCARD enum sr_error view_revoke(struct exchange * x,
    const struct secret_meta * meta, enum sr_error refused);

#endif /* !SR_CGI_VIEW_DETAIL_H */
