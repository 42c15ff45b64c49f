#include "core/log/log.h"
#include "core/store/db.h"

#include "core/access/purge.h"

/**
 * access_purge(db, more):
 * One step of deleting old sessions and counters.
 */
enum sr_error
access_purge(struct db * db, bool * more)
{
	uint64_t sessions = 0, counters = 0, steps = 0;
	enum sr_error err;

	*more = false;
	if ((err = db_exec(db, STMT_SESSION_PURGE,
	    DB_ARGS(DB_INT(ACCESS_PURGE_STEP)), &sessions)) != SR_OK ||
	    (err = db_exec(db, STMT_THROTTLE_PURGE,
	    DB_ARGS(DB_INT(ACCESS_PURGE_STEP)), &counters)) != SR_OK ||
	    (err = db_exec(db, STMT_STEP_PURGE,
	    DB_ARGS(DB_INT(ACCESS_PURGE_STEP)), &steps)) != SR_OK)
		return (err);
	if (sessions + counters + steps != 0)
		LOG(ACCESS_PURGED, log_u64("sessions", sessions),
		    log_u64("counters", counters));
	*more = sessions == ACCESS_PURGE_STEP ||
	    counters == ACCESS_PURGE_STEP || steps == ACCESS_PURGE_STEP;
	return (SR_OK);
}
