#include <stdlib.h>

#include "core/audit/disclose.h"
#include "core/base/secbuf.h"
#include "core/log/log.h"

struct disclosed {
	struct secbuf * value;
	struct sr_id event_id;
};

/**
 * disclose(receipt, value, out):
 * Takes ${value} over.
 */
enum sr_error
disclose(const struct audit_receipt * receipt, struct secbuf ** value,
    struct disclosed ** out)
{
	struct disclosed * d;

	/* No value leaves without the row that says so. */
	must(!sr_id_is_nil(&receipt->event_id) && *value != NULL);
	*out = NULL;
	if ((d = calloc(1, sizeof(*d))) == NULL) {
		secbuf_free(value);
		return (sr_fail(SR_E_OUT_OF_MEMORY,
		    log_id("event_id", receipt->event_id)));
	}
	d->value = *value;
	d->event_id = receipt->event_id;
	*value = NULL;
	*out = d;
	return (SR_OK);
}

/** disclosed_free(d): wipe and release. */
void
disclosed_free(struct disclosed ** d)
{

	if (*d == NULL)
		return;
	secbuf_free(&(*d)->value);
	free(*d);
	*d = NULL;
}

/** disclosed_value(d): the value; for the sending functions alone. */
const struct secbuf *
disclosed_value(const struct disclosed * d)
{

	return (d->value);
}

/** disclosed_event(d): id of the audit row. */
struct sr_id
disclosed_event(const struct disclosed * d)
{

	return (d->event_id);
}
