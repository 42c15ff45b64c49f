#include <string.h>

#include "core/redact/known_set_internal.h"

/**
 * known_find(k, mac, length, base64):
 * The form, or NULL. If several secrets share it, the one whose label sorts
 * first, so that every worker gives the same mask.
 */
const struct known_form *
known_find(const struct known * k, const uint8_t mac[REDACT_MAC_LEN],
    size_t length, bool base64)
{
	const struct known_form * found = NULL;
	const struct known_form * f;

	f = k->forms[known_bucket(k->forms_mask, mac)];
	for (; f != NULL; f = f->next) {
		if (f->length != length || f->base64 != base64 ||
		    memcmp(f->mac, mac, REDACT_MAC_LEN) != 0)
			continue;
		if (found == NULL ||
		    strcmp(f->secret->label, found->secret->label) < 0)
			found = f;
	}
	return (found);
}

/** known_form_label(form): what masks call it. */
const char *
known_form_label(const struct known_form * form)
{

	return (form->secret->label);
}

/** known_form_tag(form): its secret's tag. */
const char *
known_form_tag(const struct known_form * form)
{

	return (form->tag);
}
