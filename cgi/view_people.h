#ifndef SR_CGI_VIEW_PEOPLE_H
#define SR_CGI_VIEW_PEOPLE_H

/* Pages about accounts: one's own, all of them, an invitation. */

#include "cgi/view.h"
#include "core/access/factor.h"
#include "core/access/people.h"

/* What a refusal on one's own page is about. */
enum account_form { ACCOUNT_FORM_PASSWORD, ACCOUNT_FORM_FACTOR };

/**
 * view_account(x, form, refused):
 * Answer the visitor's own page. ${refused} is why what was sent with ${form}
 * was not accepted.
 */
SR_NODISCARD enum sr_error view_account(struct exchange * x,
    enum account_form form, enum sr_error refused);

/** view_factor(x, shown): the seed, this once; ${shown} is taken over. */
SR_NODISCARD enum sr_error view_factor(struct exchange * x,
    struct factor_shown * shown);

/** view_recovery_codes(x, codes): this once; they are taken over. */
SR_NODISCARD enum sr_error view_recovery_codes(struct exchange * x,
    struct disclosed * codes[RECOVERY_CODES]);

/**
 * view_accounts(x, invite, refused):
 * Answer the list of accounts and open invitations. ${refused} is why
 * something was not done; ${invite}: by the form that invites, whose fields
 * are kept.
 */
SR_NODISCARD enum sr_error view_accounts(struct exchange * x, bool invite,
    enum sr_error refused);

/** view_invited(x, one, token): the link, this once; it is taken over. */
SR_NODISCARD enum sr_error view_invited(struct exchange * x,
    const struct invitation * one, struct disclosed ** token);

/** view_invitation(x, one, refused): what whoever is invited sees. */
SR_NODISCARD enum sr_error view_invitation(struct exchange * x,
    const struct invitation * one, enum sr_error refused);

#endif /* !SR_CGI_VIEW_PEOPLE_H */
