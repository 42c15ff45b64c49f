#include <string.h>

#include "core/audit/walk_internal.h"

/** walk_begin(w, key): before the first row. */
void
walk_begin(struct walk * w, const struct secbuf * key)
{

	*w = (struct walk){ .key = key };
	strbuf_init(&w->scratch, CHAIN_MESSAGE_MAX);
}

/** walk_end(w): after the last. */
void
walk_end(struct walk * w)
{

	strbuf_free(&w->scratch);
}

/* Whether the row continues the one before it. Nothing follows a row that has
 * no MAC: such a row is a chain of its own. */
static bool
follows(const struct walk * w, const struct chain_row * r)
{

	if (r->chain_seq == 1)
		return (r->prev_mac == NULL);
	return (w->sealed && r->prev_mac != NULL &&
	    mac_equal(w->mac, r->prev_mac));
}

/** walk_row(w, r, out): the next row. */
enum sr_error
walk_row(struct walk * w, const struct read_row * r, struct walked * out)
{
	const struct chain_row * row = &r->row;
	uint8_t own[MAC_LEN];
	enum sr_error err;

	memset(out, 0, sizeof(*out));
	if ((err = row_digests(w->key, r, &w->scratch, own, out->leaf)) !=
	    SR_OK)
		return (err);
	if (w->seq == 0 || !sr_id_equal(&w->chain_id, &row->chain_id)) {
		w->chain_id = row->chain_id;
		w->seq = 0;
		w->sealed = false;
		w->chains++;
	}
	out->missing_before = row->chain_seq != w->seq + 1;
	/* Behind a gap there is nothing to continue. */
	out->moved = !out->missing_before && !follows(w, row);
	out->rightly_unsealed = r->mac == NULL && row_may_be_unsealed(row);
	out->unsealed = r->mac == NULL && !out->rightly_unsealed;
	out->changed = r->mac != NULL && !mac_equal(own, r->mac);
	w->rows++;
	w->good += r->mac != NULL && !out->changed;
	w->unsealed += out->rightly_unsealed;
	w->seq = row->chain_seq;
	w->sealed = r->mac != NULL;
	if (w->sealed)
		memcpy(w->mac, r->mac, MAC_LEN);
	return (SR_OK);
}
