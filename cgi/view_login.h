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

#endif /* !SR_CGI_VIEW_LOGIN_H */
