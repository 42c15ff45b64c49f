#ifndef SR_CGI_VIEW_SECURITY_H
#define SR_CGI_VIEW_SECURITY_H

#include "cgi/view.h"

/* What a refusal on the security settings is about. */
enum security_form { SECURITY_SECRET, SECURITY_API_KEY,
    SECURITY_ROTATION, SECURITY_SESSION };

struct rotation;

/* From which rows on the lists of the page are shown; NULL: the first. */
struct security_place {
	const struct sr_id * after;		/* A secret. */
	const struct sr_id * keys_after;	/* An API key. */
	const struct sr_id * sessions_after;	/* A session. */
	/* What is known of a rotation that was refused. */
	const struct rotation * rotation;
};

/**
 * view_security(x, place, form, refused):
 * Answer the security settings: posture, the secret form, the list, providers
 * and their rotation, API keys, the recent history. ${refused} is why what was
 * sent with ${form} was not accepted; then what was typed is kept, except a
 * value.
 */
SR_NODISCARD enum sr_error view_security(struct exchange * x,
    const struct security_place * place, enum security_form form,
    enum sr_error refused);

/**
 * view_secrets(x, page, after) / view_api_keys(x, page, after, refused) /
 * view_sessions(x, page, after, refused) / view_posture(x, page):
 * Sections of it. Errors, which the sections show: those of the lists.
 */
enum sr_error view_secrets(struct exchange * x, struct page * page,
    const struct sr_id * after);
enum sr_error view_api_keys(struct exchange * x, struct page * page,
    const struct sr_id * after, enum sr_error refused);
enum sr_error view_sessions(struct exchange * x, struct page * page,
    const struct sr_id * after, enum sr_error refused);
enum sr_error view_posture(struct exchange * x, struct page * page);

/** view_api_key(x, page, key): an element api-key. */
SR_NODISCARD enum sr_error view_api_key(struct exchange * x,
    struct page * page, const struct api_key * key);

#endif /* !SR_CGI_VIEW_SECURITY_H */
