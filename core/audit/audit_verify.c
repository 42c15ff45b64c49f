#include "core/audit/audit.h"
#include "core/audit/walk_internal.h"
#include "core/log/log.h"
#include "core/store/db.h"
#include "core/store/keystore.h"

/* One chain, up to the first row that does not hold. */
struct one_chain {
	struct walk walk;
	uint32_t good;
	enum sr_error said;
};

static enum sr_error
broken(const struct chain_row * r, enum audit_finding_kind kind)
{

	return (sr_fail(SR_E_INTERNAL_ERROR, log_id("chain_id", r->chain_id),
	    log_u64("chain_seq", r->chain_seq),
	    log_const("chain", audit_finding_name(kind))));
}

static enum sr_error
check_row(struct one_chain * c, const struct read_row * r)
{
	const struct chain_row * row = &r->row;
	struct walked found;
	enum sr_error err;

	if ((err = walk_row(&c->walk, r, &found)) != SR_OK)
		return (sr_fail(err, log_id("chain_id", row->chain_id)));
	if (found.missing_before)
		return (broken(row, FINDING_ROW_MISSING));
	if (found.moved)
		return (broken(row, FINDING_ROW_MOVED));
	if (found.unsealed)
		return (broken(row, FINDING_ROW_UNSEALED));
	if (found.changed)
		return (broken(row, FINDING_ROW_CHANGED));
	if (found.rightly_unsealed)
		LOG(AUDIT_UNSEALED, log_id("chain_id", row->chain_id),
		    log_u64("chain_seq", row->chain_seq),
		    log_id("id", row->id));
	else
		c->good++;
	return (SR_OK);
}

static enum sr_error
take_row(const struct db_row * row, void * cookie)
{
	struct one_chain * c = cookie;
	struct read_row r;

	row_read(row, &r);
	c->said = check_row(c, &r);
	return (c->said);
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
	struct one_chain c = { .good = 0 };
	enum sr_error err;

	*rows = 0;
	if (set == NULL)
		return (SR_E_SECRET_ENCRYPTION_UNAVAILABLE);
	walk_begin(&c.walk, keyset_audit_key(set));
	err = db_query(store->db, STMT_AUDIT_CHAIN,
	    DB_ARGS(DB_UUID(chain_id)), take_row, &c);
	if (err != SR_OK && c.said == SR_OK)
		err = SR_E_SECRET_AUDIT_UNAVAILABLE;
	*rows = c.good;
	walk_end(&c.walk);
	keyset_release(&set);
	return (err);
}
