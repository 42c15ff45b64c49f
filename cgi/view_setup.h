#ifndef SR_CGI_VIEW_SETUP_H
#define SR_CGI_VIEW_SETUP_H

#include "cgi/view.h"

/**
 * view_setup(x, refused):
 * Answer the set-up page: the system check and, while set-up is open, the
 * owner's form. ${refused} is the error that the form shows, or SR_OK.
 */
SR_NODISCARD enum sr_error view_setup(struct exchange * x,
    enum sr_error refused);

#endif /* !SR_CGI_VIEW_SETUP_H */
