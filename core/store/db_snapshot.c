#include <mysql.h>

#include "core/store/db_internal.h"
#include "core/store/snapshot.h"

/* What fn got to see goes with the transaction; there is nothing to commit. */
static void
end(struct db * db)
{
	unsigned err_no = db->err_no;

	if (db->my != NULL && mysql_real_query(db->my, "ROLLBACK", 8) != 0)
		db_close(db);
	db->err_no = err_no;
}

/** db_snapshot(db, fn, cookie): run ${fn} on one moment of the database. */
enum sr_error
db_snapshot(struct db * db, db_snapshot_fn * fn, void * cookie)
{
	enum sr_error err;

	must(!db->in_tx);
	db->broken = SR_OK;
	if ((err = db_ready(db)) != SR_OK ||
	    (err = db_text(db, DB_AT_BEGIN, "SET TRANSACTION ISOLATION LEVEL"
	    " REPEATABLE READ", NULL)) != SR_OK ||
	    (err = db_text(db, DB_AT_BEGIN, "START TRANSACTION WITH CONSISTENT"
	    " SNAPSHOT, READ ONLY", NULL)) != SR_OK)
		return (err);
	db->in_tx = true;
	err = fn(db, cookie);
	if (db->broken != SR_OK)
		err = db->broken;
	end(db);
	db->in_tx = false;
	db->broken = SR_OK;
	return (err);
}
