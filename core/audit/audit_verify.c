#include <string.h>

#include "core/audit/audit.h"
#include "core/audit/chain.h"
#include "core/log/log.h"
#include "core/store/db.h"
#include "core/store/keystore.h"

/* Where a verification stands in the chain. */
struct walk {
	const struct secbuf * key;
	uint32_t seq;			/* Of the row before. */
	bool sealed;			/* Whether that one has a MAC. */
	uint8_t mac[MAC_LEN];
	uint32_t good;
	enum sr_error said;
};

/* A column of the row as the chain's encoding wants it. */
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

/* A MAC column; *right is false when it has another length. */
static const uint8_t *
mac_column(const struct db_row * row, size_t i, bool * right)
{
	const uint8_t * mac;
	size_t len;

	mac = db_col_bytes(row, i, &len);
	*right = mac == NULL || len == MAC_LEN;
	return (*right ? mac : NULL);
}

/* In which way a chain is broken. */
enum breach { ROW_MISSING, ROW_MOVED, ROW_CHANGED, ROW_UNSEALED,
    MAC_MALFORMED };

static const char *
breach_name(enum breach breach)
{
	static const char * const names[] = {
		[ROW_MISSING] = "a row is missing before this one",
		[ROW_MOVED] = "does not continue the row before it",
		[ROW_CHANGED] = "the row was changed",
		[ROW_UNSEALED] = "the row is never written without a MAC",
		[MAC_MALFORMED] = "a MAC has the wrong length",
	};

	return (names[breach]);
}

static enum sr_error
broken(const struct chain_row * r, enum breach breach)
{

	return (sr_fail(SR_E_INTERNAL_ERROR, log_id("chain_id", r->chain_id),
	    log_u64("chain_seq", r->chain_seq),
	    log_const("chain", breach_name(breach))));
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

/* What audit.c writes without a key, and no more. */
static bool
may_be_unsealed(const struct chain_row * r)
{

	return (r->chain_seq == 1 && sr_id_equal(&r->id, &r->chain_id) &&
	    (strcmp(r->outcome, "succeeded") != 0 ||
	    strcmp(r->action, audit_action_name(AUDIT_SIGN_IN)) == 0 ||
	    strcmp(r->action, audit_action_name(AUDIT_SIGN_OUT)) == 0));
}

static enum sr_error
check_row(struct walk * w, const struct chain_row * r, const uint8_t * mac)
{
	uint8_t own[MAC_LEN];
	enum sr_error err;

	if (r->chain_seq != w->seq + 1)
		return (broken(r, ROW_MISSING));
	w->seq = r->chain_seq;
	if (!follows(w, r))
		return (broken(r, ROW_MOVED));
	w->sealed = mac != NULL;
	if (mac == NULL && !may_be_unsealed(r))
		return (broken(r, ROW_UNSEALED));
	if (mac == NULL) {
		LOG(AUDIT_UNSEALED, log_id("chain_id", r->chain_id),
		    log_u64("chain_seq", r->chain_seq), log_id("id", r->id));
		return (SR_OK);
	}
	if ((err = chain_mac(w->key, r, own)) != SR_OK)
		return (sr_fail(err, log_id("chain_id", r->chain_id)));
	if (!mac_equal(own, mac))
		return (broken(r, ROW_CHANGED));
	memcpy(w->mac, mac, MAC_LEN);
	w->good++;
	return (SR_OK);
}

static enum sr_error
take_row(const struct db_row * row, void * cookie)
{
	struct walk * w = cookie;
	struct sr_id actor_id, target_id;
	struct chain_row r = { .id = db_col_uuid(row, 0) };
	const uint8_t * mac;
	bool right_prev, right_mac;

	r.chain_id = db_col_uuid(row, 1);
	r.chain_seq = (uint32_t)db_col_int(row, 2);
	r.occurred_at = db_col_time(row, 3);
	r.actor_kind = db_col_text(row, 4);
	r.actor_id = id_or_null(row, 5, &actor_id);
	r.actor_label = db_col_text(row, 6);
	r.action = db_col_text(row, 7);
	r.target_kind = text_or_null(row, 8);
	r.target_id = id_or_null(row, 9, &target_id);
	r.scope = text_or_null(row, 10);
	r.name = text_or_null(row, 11);
	r.key_version = (uint32_t)db_col_int(row, 12);
	r.outcome = db_col_text(row, 13);
	r.error_type = text_or_null(row, 14);
	r.correlation_id = db_col_uuid(row, 15);
	r.prev_mac = mac_column(row, 16, &right_prev);
	mac = mac_column(row, 17, &right_mac);
	w->said = right_prev && right_mac ? check_row(w, &r, mac) :
	    broken(&r, MAC_MALFORMED);
	return (w->said);
}

/**
 * audit_verify_chain(store, chain_id, rows):
 * Recompute the MACs of a chain from its first row.
 */
enum sr_error
audit_verify_chain(const struct store * store, const struct sr_id * chain_id,
    uint32_t * rows)
{
	const struct keyset * set = keystore_hold(store->keys);
	struct walk w = { .seq = 0 };
	enum sr_error err;

	*rows = 0;
	if (set == NULL)
		return (SR_E_SECRET_ENCRYPTION_UNAVAILABLE);
	w.key = keyset_audit_key(set);
	err = db_query(store->db, STMT_AUDIT_CHAIN,
	    DB_ARGS(DB_UUID(chain_id)), take_row, &w);
	if (err != SR_OK && w.said == SR_OK)
		err = SR_E_SECRET_AUDIT_UNAVAILABLE;
	*rows = w.good;
	keyset_release(&set);
	return (err);
}
