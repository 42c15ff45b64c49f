#include "core/store/chore.h"
#include "core/store/db.h"

/** chore_claim(db, name, seconds, mine): whether it was due and is ours. */
enum sr_error
chore_claim(struct db * db, const char * name, unsigned seconds, bool * mine)
{
	uint64_t claimed = 0;
	enum sr_error err;

	*mine = false;
	err = db_exec(db, STMT_CHORE_CLAIM,
	    DB_ARGS(DB_INT(seconds), DB_TEXT(name)), &claimed);
	/* Another process is claiming it at this moment. */
	if (err == SR_E_TRANSACTION_CONFLICT)
		return (SR_OK);
	*mine = err == SR_OK && claimed == 1;
	return (err);
}

/** chore_soon(db, name, seconds): it is due in ${seconds}. */
enum sr_error
chore_soon(struct db * db, const char * name, unsigned seconds)
{

	return (db_exec(db, STMT_CHORE_SOON,
	    DB_ARGS(DB_INT(seconds), DB_TEXT(name)), NULL));
}

/** chore_now(db, name): it is due. */
enum sr_error
chore_now(struct db * db, const char * name)
{

	return (db_exec(db, STMT_CHORE_NOW, DB_ARGS(DB_TEXT(name)), NULL));
}
