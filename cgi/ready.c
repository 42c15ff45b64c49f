#include "cgi/exchange.h"
#include "cgi/ready.h"
#include "core/audit/checkpoint.h"
#include "core/redact/redact.h"
#include "core/store/db.h"
#include "core/store/keystore.h"
#include "core/store/migrate.h"
#include "core/vault/liveset.h"

const char *
check_name(enum check check)
{
	static const char * const names[CHECK__MAX] = {
		[CHECK_DATABASE] = "database",
		[CHECK_SCHEMA] = "schema",
		[CHECK_ROOT_KEY] = "root_key",
		[CHECK_REDACTION] = "redaction",
		[CHECK_AUDIT] = "audit_checkpoint",
	};

	must(check < CHECK__MAX);
	return (names[check]);
}

/* Preparing every statement is too much for each request: once is enough. */
enum sr_error
ready_schema(struct worker * w, struct db * db)
{
	enum sr_error err;

	if (atomic_load(&w->schema_good))
		return (SR_OK);
	if ((err = migrate_status(db)) != SR_OK ||
	    (err = db_check_schema(db, NULL)) != SR_OK)
		return (err);
	atomic_store(&w->schema_good, true);
	return (SR_OK);
}

enum sr_error
ready_store(struct exchange * x)
{
	enum sr_error err;

	if ((err = ready_schema(x->worker, x->store.db)) != SR_OK)
		return (err);
	err = liveset_refresh(x->worker->live, &x->store);
	return (err == SR_E_DATABASE_UNAVAILABLE ? err : SR_OK);
}

enum sr_error
ready_background(struct worker * w, struct db * db)
{
	const struct keyset * set = NULL;
	enum sr_error err;

	if ((err = ready_schema(w, db)) == SR_OK &&
	    (err = keystore_take(w->keys, db, &set)) == SR_OK)
		keyset_release(&set);
	return (err);
}

void
ready_lost(struct worker * w, enum sr_error err)
{

	if (err == SR_E_DATABASE_UNAVAILABLE || err == SR_E_DATABASE_REFUSED ||
	    err == SR_E_SCHEMA_MISMATCH)
		atomic_store(&w->schema_good, false);
}

static enum sr_error
redaction(const struct exchange * x)
{

	if (x->worker->selftest != SR_OK ||
	    redact_state(x->worker->redact) != REDACT_READY)
		return (SR_E_REDACTION_UNAVAILABLE);
	return (SR_OK);
}

/* Sealing has stopped when rows have been waiting for long. */
static enum sr_error
audit(struct exchange * x)
{
	struct checkpoint_backlog backlog;
	enum sr_error err;

	if ((err = checkpoint_backlog(x->store.db, CHECKPOINT_WAIT_SECONDS,
	    &backlog)) != SR_OK)
		return (err);
	return (backlog.overdue ? SR_E_AUDIT_CHECKPOINT_OVERDUE : SR_OK);
}

void
ready_checks(struct exchange * x, enum sr_error results[CHECK__MAX])
{

	/* Not a second wait for a database that has just not answered. */
	results[CHECK_DATABASE] = x->store_error == SR_E_DATABASE_UNAVAILABLE ?
	    x->store_error : db_ping(x->store.db);
	results[CHECK_SCHEMA] = results[CHECK_DATABASE] == SR_OK ?
	    ready_schema(x->worker, x->store.db) : results[CHECK_DATABASE];
	/* It answers: what is missing are the migrations and their grants. */
	if (results[CHECK_DATABASE] == SR_E_SCHEMA_OUTDATED)
		results[CHECK_DATABASE] = SR_OK;
	/* Binds the keys too; what fails shows in the two checks below. */
	if (results[CHECK_SCHEMA] == SR_OK &&
	    liveset_refresh(x->worker->live, &x->store) != SR_OK)
		redact_mark(x->worker->redact, REDACT_STALE);
	results[CHECK_ROOT_KEY] = keystore_reason(x->worker->keys);
	results[CHECK_REDACTION] = redaction(x);
	results[CHECK_AUDIT] = results[CHECK_SCHEMA] == SR_OK ? audit(x) :
	    results[CHECK_SCHEMA];
}
