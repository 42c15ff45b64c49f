#include <stdlib.h>

#include "core/log/log.h"
#include "core/store/tx.h"

#include "core/vault/change.h"
#include "core/vault/retention.h"

/* The secrets that have expired forms, and the change that tells so. */
struct expired {
	unsigned days;
	struct sr_id secrets[RETENTION_STEP];
	struct sr_id changes[RETENTION_STEP];
	bool purged[RETENTION_STEP];
	size_t n;
	uint64_t deleted;
};

static enum sr_error
secret_row(const struct db_row * row, void * cookie)
{
	struct expired * e = cookie;

	must(e->n < RETENTION_STEP);
	e->secrets[e->n] = db_col_uuid(row, 0);
	return (sr_id_new(&e->changes[e->n++]));
}

/* In one order for all, so that two purges do not wait for each other. */
static enum sr_error
note_purged(struct db * db, const struct expired * e, size_t n)
{
	enum sr_error err = SR_OK;
	unsigned shard;
	size_t i;

	for (shard = 0; shard < CHANGE_SHARDS; shard++) {
		for (i = 0; i < n && err == SR_OK; i++) {
			if (e->purged[i] &&
			    change_shard(&e->secrets[i]) == shard)
				err = change_note(db, &e->changes[i],
				    &e->secrets[i]);
		}
	}
	return (err);
}

/* Delete, and tell all processes: both or neither. */
static enum sr_error
purge_tx(struct tx * tx, void * cookie)
{
	struct expired * e = cookie;
	struct db * db = tx_db(tx);
	uint64_t deleted;
	enum sr_error err;
	size_t i;

	e->deleted = 0;
	for (i = 0; i < e->n && e->deleted < RETENTION_STEP; i++) {
		deleted = 0;
		if ((err = db_exec(db, STMT_VARIANT_PURGE,
		    DB_ARGS(DB_UUID(&e->secrets[i]), DB_INT(e->days),
		    DB_INT(RETENTION_STEP - e->deleted)), &deleted)) != SR_OK)
			return (err);
		e->purged[i] = deleted != 0;
		e->deleted += deleted;
	}
	return (note_purged(db, e, i));
}

static enum sr_error
purge_forms(struct db * db, unsigned days, uint64_t * deleted)
{
	struct expired * e;
	enum sr_error err;

	*deleted = 0;
	if ((e = calloc(1, sizeof(*e))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	e->days = days;
	err = db_query(db, STMT_VARIANT_EXPIRED,
	    DB_ARGS(DB_INT(days), DB_INT(RETENTION_STEP)), secret_row, e);
	if (err == SR_OK && e->n != 0)
		err = tx_run(db, NULL, purge_tx, e);
	if (err == SR_OK)
		*deleted = e->deleted;
	free(e);
	/* Nothing is lost if it was not done: the next step finds it. */
	return (err == SR_E_COMMIT_OUTCOME_UNKNOWN ?
	    SR_E_DATABASE_UNAVAILABLE : err);
}

/**
 * retention_purge(store, days, more):
 * One step of deleting expired forms, old changes and old requests.
 */
enum sr_error
retention_purge(const struct store * store, unsigned days, bool * more)
{
	uint64_t forms, changes = 0, requests = 0;
	enum sr_error err;

	*more = false;
	if ((err = purge_forms(store->db, days, &forms)) != SR_OK ||
	    (err = db_exec(store->db, STMT_CHANGE_PURGE,
	    DB_ARGS(DB_INT(RETENTION_STEP)), &changes)) != SR_OK ||
	    (err = db_exec(store->db, STMT_IDEMPOTENCY_PURGE,
	    DB_ARGS(DB_INT(RETENTION_STEP)), &requests)) != SR_OK)
		return (err);
	if (forms + changes + requests != 0)
		LOG(RETENTION_PURGED, log_u64("forms", forms),
		    log_u64("changes", changes),
		    log_u64("requests", requests));
	*more = forms == RETENTION_STEP || changes == RETENTION_STEP ||
	    requests == RETENTION_STEP;
	return (SR_OK);
}
