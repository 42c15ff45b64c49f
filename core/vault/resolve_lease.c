#include <string.h>

#include "core/base/secbuf.h"
#include "core/log/log.h"
#include "core/store/keystore.h"
#include "core/store/tx.h"

#include "core/vault/environment.h"
#include "core/vault/lease.h"
#include "core/vault/resolve.h"
#include "core/vault/secret_internal.h"

struct leased {
	const struct store * store;
	const struct resolve_run * run;
	const struct keyset * keys;
	struct audit_entry audit;
	struct secret_meta meta;
	uint32_t version;
	bool found;
};

static enum sr_error
take_meta(const struct db_row * row, void * cookie)
{
	struct leased * l = cookie;

	l->found = true;
	return (secret_meta_row(row, &l->meta));
}

static enum sr_error
take_run(const struct db_row * row, void * cookie)
{
	struct leased * l = cookie;

	(void)row;
	l->found = true;
	return (SR_OK);
}

/* With its row shared: it does not end before the commit. */
static enum sr_error
run_lives(struct tx * tx, struct leased * l)
{
	enum sr_error err;

	l->found = false;
	if ((err = db_query(tx_db(tx), STMT_RUN_SHARE_LIVING,
	    DB_ARGS(DB_UUID(&l->run->run_id)), take_run, l)) != SR_OK)
		return (err);
	return (l->found ? SR_OK : SR_E_RUN_FINISHED);
}

static enum sr_error
pin(struct tx * tx, void * cookie)
{
	struct leased * l = cookie;
	enum sr_error err;

	if ((err = run_lives(tx, l)) != SR_OK)
		return (err);
	return (lease_pin(tx, &l->run->run_id, &l->meta.id, l->run->until,
	    &l->version));
}

/*
 * With the row shared, nobody revokes it before the commit; others who read do
 * not wait. The row is a chain of its own: a chain of the secret would make all
 * runs that use it queue for its end.
 */
static enum sr_error
say_so(struct tx * tx, void * cookie)
{
	struct leased * l = cookie;
	enum sr_error err;

	if ((err = run_lives(tx, l)) != SR_OK)
		return (err);
	l->found = false;
	if ((err = db_query(tx_db(tx), STMT_SECRET_SHARE_ID,
	    DB_ARGS(DB_UUID(&l->audit.target_id)), take_meta, l)) != SR_OK)
		return (err);
	if (!l->found || strcmp(l->meta.status, "active") != 0)
		return (SR_E_SECRET_REVOKED);
	if (secret_expired(&l->meta, clock_now()))
		return (SR_E_SECRET_EXPIRED);
	l->audit.occurred_at = clock_now();
	return (audit_append_alone(tx, l->store, &l->audit));
}

static enum sr_error
error_of(enum sr_error err)
{

	if (err == SR_E_DATABASE_UNAVAILABLE ||
	    err == SR_E_DATABASE_REFUSED || err == SR_E_SCHEMA_MISMATCH)
		return (SR_E_SECRET_METADATA_UNAVAILABLE);
	return (err);
}

/* The version that the run holds, opened; pinned if it holds none. */
static enum sr_error
open_held(struct leased * l, struct secbuf ** value)
{
	enum sr_error err;

	if ((err = lease_held(l->store->db, &l->run->run_id, &l->meta.id,
	    &l->version)) != SR_OK)
		return (err);
	if (l->version == 0 && (err = tx_run(l->store->db, NULL, pin, l)) !=
	    SR_OK)
		return (err);
	return (secret_open(l->store, &l->meta.id, l->version, value));
}

static enum sr_error
give(struct leased * l, struct secbuf ** value, struct disclosed ** out)
{
	struct audit_receipt receipt;
	enum sr_error err;

	if ((err = sr_id_new(&l->audit.id)) != SR_OK ||
	    (err = tx_run(l->store->db, &l->audit.id, say_so, l)) != SR_OK) {
		secbuf_free(value);
		return (err);
	}
	receipt = audit_committed(&l->audit);
	return (disclose(&receipt, value, out));
}

static void
refused(struct leased * l, enum sr_error error)
{
	struct audit_entry e = l->audit;

	LOG(SECRET_REFUSED, log_error(error), log_const("field", "none"));
	if (error == SR_E_COMMIT_OUTCOME_UNKNOWN)
		return;
	e.id = sr_id_nil;
	e.occurred_at = clock_now();
	e.outcome = AUDIT_FAILED;
	e.error = error;
	(void)audit_refusal(l->store, &e);
}

/** resolve_leased(store, run, secret_id, version, out): see resolve.h. */
enum sr_error
resolve_leased(const struct store * store, const struct resolve_run * run,
    const struct sr_id * secret_id, uint32_t * version, struct disclosed ** out)
{
	struct leased l = { .store = store, .run = run };
	struct secbuf * value = NULL;
	enum sr_error err;

	*out = NULL;
	*version = 0;
	l.audit = (struct audit_entry){ .actor = run->actor,
	    .action = AUDIT_RESOLVE, .outcome = AUDIT_SUCCEEDED,
	    .error = SR_OK, .target_kind = "secret", .target_id = *secret_id };
	if ((err = secret_show(store->db, secret_id, &l.meta)) == SR_OK) {
		l.audit.scope = secret_scope_name(l.meta.scope);
		l.audit.name = l.meta.name;
		if ((err = secret_take_keys(store, &l.keys)) == SR_OK &&
		    (l.audit.keys = l.keys) != NULL &&
		    (err = open_held(&l, &value)) == SR_OK) {
			l.audit.key_version = l.version;
			err = give(&l, &value, out);
		}
	}
	err = error_of(err);
	if (err == SR_OK)
		*version = l.version;
	else
		refused(&l, err);
	keyset_release(&l.keys);
	return (err);
}

static enum sr_error
say_environment(struct tx * tx, void * cookie)
{
	struct leased * l = cookie;

	l->audit.occurred_at = clock_now();
	return (audit_append_alone(tx, l->store, &l->audit));
}

/** resolve_environment(store, run, environment, variable, name, out). */
enum sr_error
resolve_environment(const struct store * store, const struct resolve_run * run,
    const struct environment * environment, const char * variable,
    const char * name, struct disclosed ** out)
{
	struct leased l = { .store = store, .run = run };
	const struct secbuf * set = environment_find(environment, variable);
	struct secbuf * value = NULL;
	struct audit_receipt receipt;
	enum sr_error err;

	*out = NULL;
	if (set == NULL)
		return (SR_E_SECRET_NOT_FOUND);
	l.audit = (struct audit_entry){ .actor = run->actor,
	    .action = AUDIT_RESOLVE, .outcome = AUDIT_SUCCEEDED,
	    .error = SR_OK, .target_kind = "environment", .name = name };
	if ((err = secbuf_clone(set, &value)) != SR_OK)
		return (err);
	if ((err = sr_id_new(&l.audit.id)) != SR_OK ||
	    (err = tx_run(store->db, &l.audit.id, say_environment, &l)) !=
	    SR_OK) {
		secbuf_free(&value);
		return (error_of(err));
	}
	receipt = audit_committed(&l.audit);
	return (disclose(&receipt, &value, out));
}
