#ifndef SR_CGI_VIEW_LOGIN_H
#define SR_CGI_VIEW_LOGIN_H

#include "cgi/view.h"

/**
 * view_login(x, next, email, refused):
 * Answer the sign-in page. ${next} is where to go afterwards (ignored unless
 * guard_next), ${email} what was typed, ${refused} why it was not accepted.
 */
SR_NODISCARD enum sr_error view_login(struct exchange * x, const char * next,
    const char * email, enum sr_error refused);

/**
 * view_code(x, next, refused): answer the page that asks for the code of a
 * second factor.
 */
SR_NODISCARD enum sr_error view_code(struct exchange * x, const char * next,
    enum sr_error refused);

/** login_redirect(x, next): to ${next}, or to the security settings. */
SR_NODISCARD enum sr_error login_redirect(struct exchange * x,
    const char * next);

/** login_end_former(x): the session that the browser had before, if any. */
void login_end_former(struct exchange * x);

#endif /* !SR_CGI_VIEW_LOGIN_H */
