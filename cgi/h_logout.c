#include "cgi/exchange.h"
#include "core/redact/compose.h"

enum sr_error
h_logout(struct exchange * x)
{
	struct compose * c = NULL;
	enum sr_error err;

	/* The web server would sign in again with the next request. */
	if (x->visitor.by_web_server)
		return (SR_E_REMOTE_USER_REQUIRED);
	err = session_end(&x->store, &x->actor, &x->visitor.session);
	if (err != SR_OK)
		return (err);
	response_forget(&x->response, COOKIE_SESSION);
	if ((err = compose_new(NULL, REDACT_UI, 256, &c)) != SR_OK)
		return (err);
	compose_lit(c, "/login?notice=signed-out");
	return (response_redirect(&x->response, &c));
}
