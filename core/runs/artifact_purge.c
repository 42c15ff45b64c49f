#include "core/log/log.h"
#include "core/runs/artifact_internal.h"

/* What was never ended and grew no more is deleted after this: a pipe may be
 * silent for long. */
#define LEFT_AFTER	(24 * 3600 * SR_SECOND)
#define BATCH		256

struct ids {
	struct sr_id v[BATCH];
	size_t n;
};

static enum sr_error
keep_id(const struct db_row * row, void * cookie)
{
	struct ids * ids = cookie;

	if (ids->n < COUNTOF(ids->v))
		ids->v[ids->n++] = db_col_uuid(row, 0);
	return (SR_OK);
}

static enum sr_error
remove_stored(struct tx * tx, void * cookie)
{

	return (artifact_remove(tx_db(tx), cookie, STMT_ARTIFACT_DELETE));
}

/* One transaction for each: its chunks may be many. */
static enum sr_error
purge(struct db * db, enum stmt stmt, enum artifact_kind kind, sr_time before,
    unsigned limit, unsigned * gone)
{
	struct ids ids = { .n = 0 };
	enum sr_error err;
	size_t i;

	if (limit > BATCH)
		limit = BATCH;
	err = db_query(db, stmt, DB_ARGS(DB_TEXT(artifact_kind_name(kind)),
	    DB_TIME(before), DB_INT(limit)), keep_id, &ids);
	for (i = 0; err == SR_OK && i < ids.n; i++) {
		err = tx_run(db, NULL, remove_stored, &ids.v[i]);
		if (err == SR_OK)
			++*gone;
		if (err == SR_E_ARTIFACT_NOT_FOUND)
			err = SR_OK;	/* Somebody else was faster. */
	}
	return (runs_error(err));
}

/** artifact_purge(db, kind, before, limit, gone): see artifact.h. */
enum sr_error
artifact_purge(struct db * db, enum artifact_kind kind, sr_time before,
    unsigned limit, unsigned * gone)
{
	enum sr_error err;

	*gone = 0;
	if ((err = purge(db, STMT_ARTIFACT_OLD, kind, before, limit, gone)) !=
	    SR_OK || *gone >= limit)
		return (err);
	return (purge(db, STMT_ARTIFACT_LEFT, kind, clock_now() - LEFT_AFTER,
	    limit - *gone, gone));
}
