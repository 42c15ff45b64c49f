#ifndef SR_CORE_VAULT_OWN_SITE_H
#define SR_CORE_VAULT_OWN_SITE_H

/*
 * Own text that own_text.h cannot know: our paths as pages have them, below the
 * address that the site was given. A value that lies across the two, such as
 * strongroom/settings below /strongroom, would black out every page, and is
 * refused as what own_text.h has is.
 */

#include "core/base/error.h"

struct store;

struct own_site {
	unsigned char * text;		/* Heap. */
	size_t len;
};

/** own_site_new(address, out): of site.url. Errors: OUT_OF_MEMORY. */
SR_NODISCARD enum sr_error own_site_new(const char * address,
    struct own_site * out);
void own_site_free(struct own_site * own);

#endif /* !SR_CORE_VAULT_OWN_SITE_H */
