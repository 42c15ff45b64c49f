#include <string.h>

#include "core/log/log.h"
#include "core/store/tx.h"

#include "core/vault/lease.h"
#include "core/vault/secret_internal.h"

static enum sr_error
take_version(const struct db_row * row, void * cookie)
{
	uint32_t * version = cookie;

	*version = (uint32_t)db_col_int(row, 0);
	return (SR_OK);
}

/** lease_held(db, run_id, secret_id, version): 0 when it holds none. */
enum sr_error
lease_held(struct db * db, const struct sr_id * run_id,
    const struct sr_id * secret_id, uint32_t * version)
{

	*version = 0;
	return (db_query(db, STMT_LEASE_HELD,
	    DB_ARGS(DB_UUID(run_id), DB_UUID(secret_id)), take_version,
	    version));
}

struct locked {
	struct secret_meta meta;
	bool found;
};

static enum sr_error
take_meta(const struct db_row * row, void * cookie)
{
	struct locked * l = cookie;

	l->found = true;
	return (secret_meta_row(row, &l->meta));
}

/* What a new lease is of: the version before a rotation that goes on. */
static enum sr_error
current_version(struct db * db, const struct sr_id * secret_id,
    uint32_t * version)
{
	struct locked l = { .found = false };
	uint32_t before = 0;
	enum sr_error err;

	if ((err = db_query(db, STMT_SECRET_LOCK_ID,
	    DB_ARGS(DB_UUID(secret_id)), take_meta, &l)) != SR_OK)
		return (err);
	if (!l.found)
		return (SR_E_SECRET_NOT_FOUND);
	if (strcmp(l.meta.status, "active") != 0)
		return (SR_E_SECRET_REVOKED);
	if (secret_expired(&l.meta, clock_now()))
		return (SR_E_SECRET_EXPIRED);
	if ((err = db_query(db, STMT_ROTATION_FROM,
	    DB_ARGS(DB_UUID(secret_id)), take_version, &before)) != SR_OK)
		return (err);
	*version = before != 0 ? before : l.meta.key_version;
	return (SR_OK);
}

/** lease_pin(tx, run_id, secret_id, until, version): held, or taken now. */
enum sr_error
lease_pin(struct tx * tx, const struct sr_id * run_id,
    const struct sr_id * secret_id, sr_time until, uint32_t * version)
{
	struct db * db = tx_db(tx);
	enum sr_error err;

	/* With the secret's row locked, so that nobody destroys it meanwhile
	 * and two calls of a run do not take two versions. */
	uint32_t current;

	if ((err = current_version(db, secret_id, &current)) != SR_OK ||
	    (err = lease_held(db, run_id, secret_id, version)) != SR_OK)
		return (err);
	if (*version == 0)
		*version = current;
	return (db_exec(db, STMT_LEASE_WRITE,
	    DB_ARGS(DB_UUID(run_id), DB_UUID(secret_id), DB_INT(*version),
	    DB_TIME(clock_now()), DB_TIME(until)), NULL));
}

/** lease_extend(db, run_id, until): those that the run holds. */
enum sr_error
lease_extend(struct db * db, const struct sr_id * run_id, sr_time until)
{

	return (db_exec(db, STMT_LEASE_EXTEND,
	    DB_ARGS(DB_TIME(until), DB_UUID(run_id)), NULL));
}

/** lease_release(db, run_id): those that the run holds. */
enum sr_error
lease_release(struct db * db, const struct sr_id * run_id)
{

	return (db_exec(db, STMT_LEASE_RELEASE, DB_ARGS(DB_UUID(run_id)),
	    NULL));
}

struct listing {
	lease_fn * fn;
	void * cookie;
	enum sr_error said;
};

static enum sr_error
take_lease(const struct db_row * row, void * cookie)
{
	struct listing * l = cookie;
	const struct lease lease = { .run_id = db_col_uuid(row, 0),
	    .secret_id = db_col_uuid(row, 1),
	    .key_version = (uint32_t)db_col_int(row, 2),
	    .acquired_at = db_col_time(row, 3),
	    .expires_at = db_col_time(row, 4),
	    .released_at = db_col_time(row, 5) };

	return (l->said = l->fn(&lease, l->cookie));
}

static enum sr_error
list(struct db * db, enum stmt stmt, const struct sr_id * id, lease_fn * fn,
    void * cookie)
{
	struct listing l = { .fn = fn, .cookie = cookie, .said = SR_OK };
	enum sr_error err;

	err = db_query(db, stmt, DB_ARGS(DB_UUID(id)), take_lease, &l);
	if (l.said != SR_OK)
		return (l.said);
	return (err == SR_OK ? SR_OK : SR_E_SECRET_METADATA_UNAVAILABLE);
}

enum sr_error
lease_of_run(struct db * db, const struct sr_id * run_id, lease_fn * fn,
    void * cookie)
{

	return (list(db, STMT_LEASE_OF_RUN, run_id, fn, cookie));
}

enum sr_error
lease_of_secret(struct db * db, const struct sr_id * secret_id, lease_fn * fn,
    void * cookie)
{

	return (list(db, STMT_LEASE_OF_SECRET, secret_id, fn, cookie));
}
