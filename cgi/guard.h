#ifndef SR_CGI_GUARD_H
#define SR_CGI_GUARD_H

/*
 * Who is asking, may they, and did they mean to. An API key or else the session
 * cookie says who; the route's row says which role a session needs, and which
 * scope a key. A form carries _csrf: the
 * HMAC of a label under a token that the browser holds, which is the session's
 * token after sign-in and before it the random cookie sr_form.
 */

#include "core/access/apikey.h"
#include "core/access/session.h"
#include "core/keys/mac.h"

struct exchange;

struct visitor {
	bool signed_in;
	struct session session;
	enum sr_error ended;	/* Why the cookie gives no session. */
	bool by_web_server;	/* REMOTE_USER; the session has no id. */
	bool by_key;		/* An API key; then no session is looked at. */
	struct api_key key;
};

/**
 * guard_tls(x):
 * Where site.url is https, nothing but /healthz and /readyz is answered to who
 * came without TLS, before anything of the request is looked at. Errors:
 * HTTPS_REQUIRED.
 */
SR_NODISCARD enum sr_error guard_tls(const struct exchange * x);

/** guard_anonymous(x): until a session is found, the actor is the address. */
void guard_anonymous(struct exchange * x);

/**
 * guard_visitor(x):
 * Find the API key or the session, fill in x->visitor and x->actor; a session
 * that has ended has its cookie taken away. Errors: those of the database;
 * API_KEY_INVALID, API_KEY_EXPIRED, API_KEY_REVOKED; SIGN_IN_THROTTLED from an
 * address that sent too many that are none. A good key passes in any case.
 */
SR_NODISCARD enum sr_error guard_visitor(struct exchange * x);

/**
 * guard_remote_user(x): guard_visitor's part where the web server signs people
 * in: the account whose address the FastCGI parameter REMOTE_USER is. Errors:
 * those of the database. Who has none is not signed in, and ${ended} says why.
 */
SR_NODISCARD enum sr_error guard_remote_user(struct exchange * x);

/** guard_account(x): what guard_visitor does with a session that it found. */
void guard_account(struct exchange * x);

/** guard_key(x): guard_visitor's part for a request with a key. */
SR_NODISCARD enum sr_error guard_key(struct exchange * x);

/**
 * guard_role(x):
 * Hold the visitor against the route's row. Errors: SESSION_REQUIRED,
 * SESSION_EXPIRED, REMOTE_USER_REQUIRED, REMOTE_USER_UNKNOWN,
 * ACCOUNT_DISABLED, ROLE_FORBIDDEN, SECOND_FACTOR_REQUIRED,
 * API_KEY_SCOPE_MISSING.
 */
SR_NODISCARD enum sr_error guard_role(const struct exchange * x);

/**
 * guard_again(x): visitor and role once more, when the body is there: it may
 * have come long after the head, and the session, the role or the key may have
 * ended meanwhile. Errors: as guard_role; API_KEY_*; those of the database.
 */
SR_NODISCARD enum sr_error guard_again(struct exchange * x);

/**
 * guard_project(x, project_id):
 * Whether the visitor may do what the route does to something of that project
 * (nil: of none): a key may be limited. A refusal is audited. Errors:
 * API_KEY_PROJECT_FORBIDDEN, DATABASE_*.
 */
SR_NODISCARD enum sr_error guard_project(struct exchange * x,
    const struct sr_id * project_id);

/**
 * guard_guess(x): before the handler of what stores names; guard_guessed(x,
 * error): what it came to. Who was refused for a secret in a plain field, or
 * for a project that his key may not use, again and again (throttle.h), is told
 * GUESSES_THROTTLED for a time. Errors: that; DATABASE_*.
 */
SR_NODISCARD enum sr_error guard_guess(struct exchange * x);
void guard_guessed(struct exchange * x, enum sr_error error);

/**
 * guard_refused(x, error):
 * Audit that somebody known tried what the route does and was refused before
 * anything that audits by itself saw it. Nothing of what was sent is in it.
 */
void guard_refused(struct exchange * x, enum sr_error error);

/**
 * guard_origin(x): CSRF_TOKEN_INVALID if a browser says that the request came
 * from another site.
 */
SR_NODISCARD enum sr_error guard_origin(const struct exchange * x);

/** guard_csrf(x): hold the form's _csrf against the browser's token. */
SR_NODISCARD enum sr_error guard_csrf(const struct exchange * x);

/**
 * guard_api(x): as both, for a call of a session: X-CSRF-Token, and an Origin,
 * which must be there. A key needs neither: no browser sends it by itself.
 */
SR_NODISCARD enum sr_error guard_api(const struct exchange * x);

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
