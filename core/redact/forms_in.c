#include <string.h>

#include "core/redact/known_internal.h"

/* Whether one of them is short enough to be in ${len} bytes. Reading what is
 * escaped gives as many bytes or fewer. */
static bool
may_be_in(const struct redact_forms * forms, size_t len)
{
	size_t i;

	for (i = 0; i < forms->n; i++) {
		if (forms->v[i].length <= len)
			return (true);
	}
	return (false);
}

/**
 * redact_forms_in(key, forms, text, found):
 * Whether one of ${forms} is in ${text}.
 */
enum sr_error
redact_forms_in(const struct secbuf * key, const struct redact_forms * forms,
    const char * text, bool * found)
{
	struct fingerprint * f = NULL;
	struct known * k = NULL;
	enum sr_error err;

	*found = false;
	if (!may_be_in(forms, strlen(text)))
		return (SR_OK);
	if ((err = fingerprint_new(key, &f)) != SR_OK ||
	    (err = known_new(&k)) != SR_OK ||
	    (err = known_put(k, &sr_id_nil, 1, "secret", forms->v,
	    forms->n)) != SR_OK)
		goto out;
	*found = known_within(k, f, text, strlen(text));

out:
	known_free(&k);
	fingerprint_free(&f);
	return (err);
}
