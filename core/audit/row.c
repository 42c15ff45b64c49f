#include <string.h>

#include "core/audit/audit.h"
#include "core/audit/row_internal.h"
#include "core/base/strbuf.h"

static const char *
text_or_null(const struct db_row * row, size_t i)
{

	return (db_col_null(row, i) ? NULL : db_col_text(row, i));
}

static const struct sr_id *
id_or_null(const struct db_row * row, size_t i, struct sr_id * id)
{

	*id = db_col_uuid(row, i);
	return (db_col_null(row, i) ? NULL : id);
}

/* One of another length is as good as none: the column is BINARY(32). */
static const uint8_t *
mac_or_null(const struct db_row * row, size_t i)
{
	const uint8_t * mac;
	size_t len;

	mac = db_col_bytes(row, i, &len);
	return (len == MAC_LEN ? mac : NULL);
}

/** row_read(from, out): valid as long as ${from} is. */
void
row_read(const struct db_row * from, struct read_row * out)
{
	struct chain_row * r = &out->row;

	r->id = db_col_uuid(from, 0);
	r->chain_id = db_col_uuid(from, 1);
	r->chain_seq = (uint32_t)db_col_int(from, 2);
	r->occurred_at = db_col_time(from, 3);
	r->actor_kind = db_col_text(from, 4);
	r->actor_id = id_or_null(from, 5, &out->actor_id);
	r->actor_label = db_col_text(from, 6);
	r->action = db_col_text(from, 7);
	r->target_kind = text_or_null(from, 8);
	r->target_id = id_or_null(from, 9, &out->target_id);
	r->scope = text_or_null(from, 10);
	r->name = text_or_null(from, 11);
	r->key_version = (uint32_t)db_col_int(from, 12);
	r->outcome = db_col_text(from, 13);
	r->error_type = text_or_null(from, 14);
	r->correlation_id = db_col_uuid(from, 15);
	r->prev_mac = mac_or_null(from, ROW_PREV_MAC);
	out->mac = mac_or_null(from, ROW_MAC);
}

/** row_digests(key, r, scratch, mac, leaf): what both must be. */
enum sr_error
row_digests(const struct secbuf * key, const struct read_row * r,
    struct strbuf * scratch, uint8_t mac[MAC_LEN], uint8_t leaf[MERKLE_LEN])
{
	enum sr_error err;

	strbuf_reset(scratch);
	chain_encode(&r->row, scratch);
	if ((err = strbuf_status(scratch)) != SR_OK)
		return (err);
	mac_compute(key, strbuf_str(scratch), scratch->len, mac);
	chain_encode_mac(r->mac, scratch);
	if ((err = strbuf_status(scratch)) != SR_OK)
		return (err);
	merkle_leaf(strbuf_str(scratch), scratch->len, leaf);
	return (SR_OK);
}

/** row_may_be_unsealed(r): what audit.c writes without a key, and no more. */
bool
row_may_be_unsealed(const struct chain_row * r)
{

	return (r->chain_seq == 1 && sr_id_equal(&r->id, &r->chain_id) &&
	    (strcmp(r->outcome, "succeeded") != 0 ||
	    strcmp(r->action, audit_action_name(AUDIT_SIGN_IN)) == 0 ||
	    strcmp(r->action, audit_action_name(AUDIT_SECOND_FACTOR_ASK)) ==
	    0 ||
	    strcmp(r->action, audit_action_name(AUDIT_SIGN_OUT)) == 0));
}
