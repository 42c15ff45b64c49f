#ifndef SR_CGI_VIEW_SECURITY_H
#define SR_CGI_VIEW_SECURITY_H

#include "cgi/view.h"

/**
 * view_security(x, after, refused):
 * Answer the security settings: the form, the metadata after the secret
 * ${after} (NULL: from the first), the recent history. ${refused} is why a
 * save was not accepted; then what was typed is kept, except the value.
 */
SR_NODISCARD enum sr_error view_security(struct exchange * x,
    const struct sr_id * after, enum sr_error refused);

#endif /* !SR_CGI_VIEW_SECURITY_H */
