#ifndef SR_CGI_GUARD_H
#define SR_CGI_GUARD_H

/*
 * Who is asking, may they, and did they mean to. The session cookie finds a
 * session; the route's row says which role it needs. A form carries _csrf: the
 * HMAC of a label under a token that the browser holds, which is the session's
 * token after sign-in and before it the random cookie sr_form.
 */

#include "core/access/session.h"
#include "core/keys/mac.h"

struct exchange;

struct visitor {
	bool signed_in;
	struct session session;
	enum sr_error ended;	/* Why the cookie gives no session. */
};

/** guard_anonymous(x): until a session is found, the actor is the address. */
void guard_anonymous(struct exchange * x);

/**
 * guard_visitor(x):
 * Find the session, fill in x->visitor and x->actor; a session that has ended
 * has its cookie taken away. Errors: those of the database.
 */
SR_NODISCARD enum sr_error guard_visitor(struct exchange * x);

/**
 * guard_role(x):
 * Hold the visitor against the route's row. Errors: SESSION_REQUIRED,
 * SESSION_EXPIRED, ROLE_FORBIDDEN.
 */
SR_NODISCARD enum sr_error guard_role(const struct exchange * x);

/**
 * guard_origin(x): CSRF_TOKEN_INVALID if a browser says that the request came
 * from another site.
 */
SR_NODISCARD enum sr_error guard_origin(const struct exchange * x);

/** guard_csrf(x): hold the form's _csrf against the browser's token. */
SR_NODISCARD enum sr_error guard_csrf(const struct exchange * x);

/**
 * guard_token(x, out):
 * The _csrf for forms of this answer; before sign-in it also sets sr_form
 * when the browser has none. Errors: RANDOM_UNAVAILABLE, OUT_OF_MEMORY.
 */
SR_NODISCARD enum sr_error guard_token(struct exchange * x,
    uint8_t out[MAC_LEN]);

/**
 * guard_next(text):
 * Whether ${text} is a path of this site that a redirect may go to: it starts
 * with one slash and has the characters of a name only.
 */
SR_NODISCARD bool guard_next(const char * text);

#endif /* !SR_CGI_GUARD_H */
