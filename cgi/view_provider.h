#ifndef SR_CGI_VIEW_PROVIDER_H
#define SR_CGI_VIEW_PROVIDER_H

/*
 * Providers on the pages: set-up's second step and the security settings show
 * the same facts of each. What is shown of a source is found out while the page
 * is made; a status is what the last check found.
 */

#include "cgi/view.h"
#include "core/vault/rotation.h"

/* What was sent to set-up's page and refused. */
struct setup_refusal {
	const char * provider;		/* Whose form; NULL: the whole step. */
	enum sr_error error;
};

/**
 * view_provider_list(x, page, refusal):
 * An element providers with an element provider for each of the registry.
 * ${refusal} may be NULL. Errors, which the element shows:
 * PROVIDER_CREDENTIAL_UNAVAILABLE, OUT_OF_MEMORY, RANDOM_UNAVAILABLE.
 */
enum sr_error view_provider_list(struct exchange * x, struct page * page,
    const struct setup_refusal * refusal);

/**
 * view_rotation(x, page, refused, of):
 * An element rotation-form with what the latest rotation of all providers came
 * to, or what ${of} says of the one that was ${refused}, with why. Errors,
 * which the element shows: as above.
 */
enum sr_error view_rotation(struct exchange * x, struct page * page,
    enum sr_error refused, const struct rotation * of);

#endif /* !SR_CGI_VIEW_PROVIDER_H */
