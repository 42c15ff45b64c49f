/* A session is revoked, on the security settings. */

#include "cgi/exchange.h"
#include "cgi/view_security.h"
#include "core/redact/compose.h"

static enum sr_error
revoke(struct exchange * x)
{
	const struct session * own = &x->visitor.session;
	struct session_row row;
	struct sr_id id;

	if (!sr_id_parse(x->param.text, &id))
		return (SR_E_SESSION_NOT_FOUND);
	return (session_revoke(&x->store, &x->actor, &id,
	    own->role == ROLE_OWNER ? NULL : &own->account_id,
	    &x->worker->limits, &row));
}

enum sr_error
h_session_revoke(struct exchange * x)
{
	static const struct security_place first = { .after = NULL };
	struct compose * c = NULL;
	enum sr_error err;

	if ((err = revoke(x)) == SR_OK) {
		if ((err = compose_new(NULL, REDACT_UI, 256, &c)) != SR_OK)
			return (err);
		compose_lit(c, "/settings/security?notice=session-revoked");
		return (response_redirect(&x->response, &c));
	}
	if (x->request.format != FORMAT_HTML)
		return (err);
	return (view_security(x, &first, SECURITY_SESSION, err));
}
