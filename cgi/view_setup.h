#ifndef SR_CGI_VIEW_SETUP_H
#define SR_CGI_VIEW_SETUP_H

#include "cgi/view.h"

/**
 * view_setup(x, provider, refused):
 * Answer the set-up page: the system check; while set-up is open, the owner's
 * form; for who is signed in, the step of the providers. ${refused} is the
 * error that a form shows, that of ${provider} if it is not NULL, or SR_OK.
 */
SR_NODISCARD enum sr_error view_setup(struct exchange * x,
    const char * provider, enum sr_error refused);

#endif /* !SR_CGI_VIEW_SETUP_H */
