#include <string.h>

#include "core/log/log.h"
#include "core/store/tx.h"

#include "core/vault/lease.h"
#include "core/vault/secret_internal.h"

/* As many at a time; each is a transaction of its own. */
#define TIDY_MAX	100

struct candidate {
	struct sr_id secret_id;
	uint32_t key_version;
};

struct candidates {
	struct candidate v[TIDY_MAX];
	size_t n;
};

static enum sr_error
take_candidate(const struct db_row * row, void * cookie)
{
	struct candidates * c = cookie;

	c->v[c->n].secret_id = db_col_uuid(row, 0);
	c->v[c->n++].key_version = (uint32_t)db_col_int(row, 1);
	return (SR_OK);
}

/* One version on its way out. */
struct destruction {
	const struct store * store;
	struct candidate what;
	unsigned grace_minutes;
	struct audit_entry audit;
	struct secret_meta meta;
	bool found;
	uint64_t done;
};

static enum sr_error
take_meta(const struct db_row * row, void * cookie)
{
	struct destruction * d = cookie;

	d->found = true;
	return (secret_meta_row(row, &d->meta));
}

/*
 * Whoever takes a lease locks the secret's row as well, so with the lock held
 * the question whether somebody holds the version has one answer.
 */
static enum sr_error
destroy(struct tx * tx, void * cookie)
{
	struct destruction * d = cookie;
	struct db * db = tx_db(tx);
	sr_time now = clock_now();
	enum sr_error err;

	d->found = false;
	d->done = 0;
	if ((err = db_query(db, STMT_SECRET_LOCK_ID,
	    DB_ARGS(DB_UUID(&d->what.secret_id)), take_meta, d)) != SR_OK ||
	    (err = db_exec(db, STMT_VERSION_DESTROY,
	    DB_ARGS(DB_UUID(&d->what.secret_id), DB_INT(d->what.key_version),
	    DB_INT(d->grace_minutes)), &d->done)) != SR_OK)
		return (err);
	if (d->done == 0)
		return (SR_OK);
	d->audit.occurred_at = now > d->meta.updated_at ? now :
	    d->meta.updated_at;
	d->audit.scope = secret_scope_name(d->meta.scope);
	d->audit.name = d->meta.name;
	return (audit_append(tx, d->store, &d->audit));
}

static enum sr_error
destroy_one(const struct store * store, const struct actor * actor,
    const struct candidate * what, unsigned grace_minutes, uint64_t * destroyed)
{
	struct destruction d = { .store = store, .what = *what,
	    .grace_minutes = grace_minutes };
	enum sr_error err;

	d.audit = (struct audit_entry){ .actor = actor,
	    .action = AUDIT_DESTROY, .outcome = AUDIT_SUCCEEDED,
	    .error = SR_OK, .target_kind = "secret",
	    .target_id = what->secret_id, .key_version = what->key_version };
	/* Nothing is audited when nothing was done, so there is no witness to
	 * a lost reply then: it is looked at again the next time. */
	if ((err = sr_id_new(&d.audit.id)) != SR_OK ||
	    (err = tx_run(store->db, &d.audit.id, destroy, &d)) != SR_OK)
		return (err);
	if (d.done != 0) {
		++*destroyed;
		LOG(VERSION_DESTROYED, log_id("secret_id", what->secret_id),
		    log_u64("key_version", what->key_version));
	}
	return (SR_OK);
}

/** lease_tidy(store, actor, grace_minutes, destroyed, more): see lease.h. */
enum sr_error
lease_tidy(const struct store * store, const struct actor * actor,
    unsigned grace_minutes, uint64_t * destroyed, bool * more)
{
	struct candidates c = { .n = 0 };
	enum sr_error err;
	size_t i;

	*destroyed = 0;
	*more = false;
	if ((err = db_exec(store->db, STMT_LEASE_EXPIRE, DB_NOARGS, NULL)) !=
	    SR_OK ||
	    (err = db_exec(store->db, STMT_LEASE_KEEP_FORMS, DB_NOARGS,
	    NULL)) != SR_OK ||
	    (err = db_query(store->db, STMT_VERSION_UNHELD,
	    DB_ARGS(DB_INT(grace_minutes), DB_INT(TIDY_MAX)), take_candidate,
	    &c)) != SR_OK)
		return (err);
	for (i = 0; err == SR_OK && i < c.n; i++)
		err = destroy_one(store, actor, &c.v[i], grace_minutes,
		    destroyed);
	*more = c.n == TIDY_MAX;
	return (err);
}
