#include <mysql.h>

#include "core/log/log.h"
#include "core/store/migrate_files.h"
#include "core/store/migrate_internal.h"

/** migrate_script_name(script): "0001-foundation", "schema_lock", "grants". */
const char *
migrate_script_name(unsigned script)
{
	size_t i;

	for (i = 0; i < migrate_files_count; i++) {
		if (migrate_files[i].version == script)
			return (migrate_files[i].name);
	}
	return (script == MIGRATE_LOCK ? "schema_lock" : "grants");
}

/**
 * migrate_sql(db, script, number, sql, len, affected):
 * Run one statement of a migration.
 */
enum sr_error
migrate_sql(struct db * db, unsigned script, unsigned number,
    const char * sql, size_t len, uint64_t * affected)
{
	enum sr_error err;

	if (db->my == NULL)
		return (SR_E_DATABASE_UNAVAILABLE);
	if (mysql_real_query(db->my, sql, len) == 0) {
		if (affected != NULL)
			*affected = mysql_affected_rows(db->my);
		return (SR_OK);
	}
	db->err_no = mysql_errno(db->my);
	err = db_classify(db->err_no);
	if (err != SR_E_DATABASE_UNAVAILABLE)
		err = SR_E_MIGRATION_FAILED;
	LOG(MIGRATION_FAILED, log_error(err),
	    log_const("file", migrate_script_name(script)),
	    log_u64("statement", number), log_u64("errno", db->err_no),
	    log_text("message", mysql_error(db->my)));
	if (db_lost(db->err_no))
		db_close(db);
	return (err);
}
