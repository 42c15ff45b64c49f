#include "core/audit/checkpoint.h"
#include "core/log/log.h"
#include "core/store/db.h"

#define PAGE	20000	/* Rows that are looked at at a time. */
#define FOUND	1000	/* LIMIT of statement AUDIT_SWEEP_PAGE. */

struct found {
	struct sr_id id[FOUND];
	size_t n;
};

static enum sr_error
take_id(const struct db_row * row, void * cookie)
{
	struct found * f = cookie;

	must(f->n < FOUND);
	f->id[f->n++] = db_col_uuid(row, 0);
	return (SR_OK);
}

static enum sr_error
place(struct db * db, const struct sr_id * id, uint64_t * added)
{
	enum sr_error err;

	err = db_exec(db, STMT_AUDIT_PENDING_INSERT, DB_ARGS(DB_UUID(id)),
	    NULL);
	/* Another process sweeps as well. */
	if (err == SR_E_DATABASE_REFUSED && db_duplicate(db))
		return (SR_OK);
	if (err == SR_OK) {
		LOG(AUDIT_ROW_UNPLACED, log_id("event_id", *id));
		(*added)++;
	}
	return (err);
}

/**
 * checkpoint_sweep_page(db, after, added, end):
 * The rows of one page of ids.
 */
enum sr_error
checkpoint_sweep_page(struct db * db, struct sr_id * after, uint64_t * added,
    bool * end)
{
	struct found last = { .n = 0 }, f;
	enum sr_error err;
	size_t i;

	*end = false;
	if ((err = db_query(db, STMT_AUDIT_SWEEP_END, DB_ARGS(DB_UUID(after),
	    DB_INT(PAGE)), take_id, &last)) != SR_OK)
		return (err);
	if (last.n == 0) {
		*end = true;
		return (db_exec(db, STMT_AUDIT_PENDING_NEEDLESS, DB_NOARGS,
		    NULL));
	}
	do {
		f.n = 0;
		err = db_query(db, STMT_AUDIT_SWEEP_PAGE, DB_ARGS(
		    DB_UUID(after), DB_UUID(&last.id[0])), take_id, &f);
		for (i = 0; i < f.n && err == SR_OK; i++)
			err = place(db, &f.id[i], added);
	} while (err == SR_OK && f.n == FOUND);
	*after = last.id[0];
	return (err);
}

/** checkpoint_sweep(db, added): all of them. */
enum sr_error
checkpoint_sweep(struct db * db, uint64_t * added)
{
	struct sr_id after = sr_id_nil;
	enum sr_error err;
	bool end = false;

	*added = 0;
	do {
		err = checkpoint_sweep_page(db, &after, added, &end);
	} while (err == SR_OK && !end);
	return (err);
}
