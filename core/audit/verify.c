#include "core/audit/verify_internal.h"
#include "core/log/log.h"

static enum sr_error
take_end(const struct db_row * row, void * cookie)
{
	struct verification * v = cookie;

	v->leaves = (uint64_t)db_col_int(row, 0);
	v->checkpoints_to = (uint64_t)db_col_int(row, 1);
	return (SR_OK);
}

static enum sr_error
verify_all(struct verification * v, int heads)
{
	enum sr_error err;

	if ((err = db_query(v->store->db, STMT_AUDIT_VERIFY_END, DB_NOARGS,
	    take_end, v)) != SR_OK ||
	    (err = verify_rows(v)) != SR_OK ||
	    (err = verify_tree(v)) != SR_OK ||
	    (err = verify_orphans(v)) != SR_OK)
		return (err);
	return (heads == -1 ? SR_OK : verify_heads(v, heads));
}

/**
 * audit_verify_database(store, heads, fn, cookie, out):
 * Verify everything there is.
 */
enum sr_error
audit_verify_database(const struct store * store, int heads,
    audit_finding_fn * fn, void * cookie, struct audit_verified * out)
{
	struct verification v = { .store = store, .fn = fn, .cookie = cookie,
	    .out = out, .said = SR_OK };
	enum sr_error err;

	*out = (struct audit_verified){ .newest = SR_TIME_NONE };
	if ((err = keystore_take(store->keys, store->db, &v.set)) != SR_OK) {
		if (err == SR_E_OUT_OF_MEMORY)
			return (err);
		if (err != SR_E_DATABASE_UNAVAILABLE)
			err = keystore_write_error(store->keys);
		return (err == SR_OK || err == SR_E_DATABASE_UNAVAILABLE ?
		    SR_E_SECRET_AUDIT_UNAVAILABLE : err);
	}
	sign_public(keyset_sign_key(v.set), v.public_key);
	err = verify_all(&v, heads);
	keyset_release(&v.set);
	if (err == SR_OK || v.said != SR_OK || err == SR_E_OUT_OF_MEMORY ||
	    err == SR_E_INPUT_UNREADABLE)
		return (err);
	return (SR_E_SECRET_AUDIT_UNAVAILABLE);
}
