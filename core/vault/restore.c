#include <string.h>

#include "core/log/log.h"
#include "core/store/keystore.h"
#include "core/store/migrate.h"
#include "core/store/tx.h"

#include "core/base/secbuf.h"
#include "core/vault/backup_internal.h"
#include "core/vault/secret.h"

#define PAGE	200

struct restore {
	const struct store * store;
	const struct restore_question * q;
	const struct restore_watch * watch;
	struct restore_answer * a;
	struct audit_entry audit;
};

/* --- Before the first row ------------------------------------------------ */

static enum sr_error
prove_file(struct restore * r)
{
	struct restore_keys keys = { .keyring = r->q->keyring };
	enum sr_error err;

	if ((err = migrate_status(r->store->db)) != SR_OK ||
	    (err = backup_empty(r->store->db, &r->a->filled)) != SR_OK)
		return (err);
	if (r->a->filled != BACKUP__MAX)
		return (sr_fail(SR_E_RESTORE_NOT_EMPTY, log_const("table",
		    backup_table_name(r->a->filled))));
	if ((err = backup_read(r->q->fd, restore_take_key, &keys,
	    &r->a->manifest)) != SR_OK ||
	    (err = restore_trust(r->q, &r->a->manifest, &keys)) != SR_OK)
		return (err);
	return (restore_age(r->q, r->a));
}

/* Of two restores at once one begins. */
static enum sr_error
begin(struct restore * r)
{
	uint64_t n = 0;
	enum sr_error err;

	err = db_exec(r->store->db, STMT_RESTORE_BEGIN,
	    DB_ARGS(DB_TIME(clock_now())), &n);
	if (err != SR_OK)
		return (err);
	if (n != 1)
		return (sr_fail(SR_E_RESTORE_INCOMPLETE,
		    log_const("at", "begin")));
	LOG(RESTORE_BEGUN, log_u64("rows", r->a->manifest.rows));
	return (SR_OK);
}

/* --- Loading ------------------------------------------------------------- */

/* The file is read once more, and may be another one by now. */
static enum sr_error
load(struct restore * r)
{
	struct backup_load * l = NULL;
	struct backup_manifest again;
	enum sr_error err;

	if ((err = backup_load_new(r->store->db, &l)) != SR_OK)
		return (err);
	err = backup_read(r->q->fd, backup_load_row, l, &again);
	if (err == SR_OK)
		err = backup_load_end(l);
	backup_load_free(&l);
	if (err == SR_OK && (!mac_equal(again.public_key,
	    r->a->manifest.public_key) || again.made_at !=
	    r->a->manifest.made_at || memcmp(again.table,
	    r->a->manifest.table, sizeof(again.table)) != 0))
		err = sr_fail(SR_E_BACKUP_INVALID,
		    log_const("at", "changed while it was read"));
	return (err);
}

/* --- Judging what is there now ------------------------------------------- */

static enum sr_error
found(const struct audit_finding * f, void * cookie)
{
	struct restore * r = cookie;

	if (f->kind == FINDING_DATABASE_ROLLED_BACK && r->q->accept_older)
		return (SR_OK);
	r->a->findings++;
	return (r->watch->finding(f, r->watch->cookie));
}

static enum sr_error
open_one(struct restore * r, const struct secret_meta * meta)
{
	struct secbuf * value = NULL;
	enum sr_error err;

	err = secret_open(r->store, &meta->id, meta->key_version, &value);
	secbuf_free(&value);
	if (err == SR_OK) {
		r->a->opened++;
		return (SR_OK);
	}
	if (err == SR_E_SECRET_METADATA_UNAVAILABLE || err ==
	    SR_E_OUT_OF_MEMORY)
		return (err);
	r->a->unopened++;
	return (r->watch->unopened(&meta->id, meta->key_version, err,
	    r->watch->cookie));
}

struct page {
	struct secret_meta rows[PAGE];
	size_t n;
};

static enum sr_error
keep_row(const struct secret_meta * meta, void * cookie)
{
	struct page * page = cookie;

	must(page->n < PAGE);
	page->rows[page->n++] = *meta;
	return (SR_OK);
}

static enum sr_error
open_all(struct restore * r)
{
	static struct page page;
	struct sr_id last = sr_id_nil;
	enum sr_error err;
	size_t i;

	do {
		page.n = 0;
		err = secret_list(r->store->db, &last, PAGE, keep_row, &page);
		for (i = 0; i < page.n && err == SR_OK; i++) {
			last = page.rows[i].id;
			if (strcmp(page.rows[i].status, "active") == 0)
				err = open_one(r, &page.rows[i]);
		}
	} while (err == SR_OK && page.n == PAGE);
	return (err);
}

static enum sr_error
judge(struct restore * r)
{
	enum sr_error err;

	if ((err = audit_verify_database(r->store, r->q->heads, found, r,
	    &r->a->audit)) != SR_OK || (err = open_all(r)) != SR_OK)
		return (err);
	if ((r->a->findings != 0 || r->a->unopened != 0) &&
	    !r->q->accept_findings)
		return (sr_fail(SR_E_RESTORE_UNPROVED,
		    log_u64("findings", r->a->findings),
		    log_u64("unopened", r->a->unopened)));
	return (SR_OK);
}

/* --- Its end ------------------------------------------------------------- */

static enum sr_error
end_tx(struct tx * tx, void * cookie)
{
	struct restore * r = cookie;
	struct db * db = tx_db(tx);
	enum sr_error err;

	if ((err = db_exec(db, STMT_API_KEY_HOLD,
	    DB_ARGS(DB_TIME(r->audit.occurred_at)),
	    &r->a->keys_held)) != SR_OK ||
	    (err = db_exec(db, STMT_RESTORE_SETUP, DB_NOARGS, NULL)) !=
	    SR_OK ||
	    (err = db_exec(db, STMT_RESTORE_END, DB_NOARGS, NULL)) != SR_OK)
		return (err);
	return (audit_append(tx, r->store, &r->audit));
}

static enum sr_error
end(struct restore * r)
{
	enum sr_error err;

	r->audit.occurred_at = clock_now();
	if ((err = keystore_take(r->store->keys, r->store->db,
	    &r->audit.keys)) == SR_OK &&
	    (err = sr_id_new(&r->audit.id)) == SR_OK)
		err = tx_run(r->store->db, &r->audit.id, end_tx, r);
	keyset_release(&r->audit.keys);
	if (err == SR_OK)
		LOG(RESTORE_DONE, log_u64("rows", r->a->manifest.rows),
		    log_u64("api_keys_held", r->a->keys_held));
	return (err);
}

/**
 * restore_run(store, actor, q, watch, a):
 * Fill an empty, migrated database.
 */
enum sr_error
restore_run(const struct store * store, const struct actor * actor,
    const struct restore_question * q, const struct restore_watch * watch,
    struct restore_answer * a)
{
	struct restore r = { .store = store, .q = q, .watch = watch, .a = a,
	    .audit = { .actor = actor, .action = AUDIT_RESTORE,
	    .outcome = AUDIT_SUCCEEDED, .target_kind = "backup" } };
	enum sr_error err;

	*a = (struct restore_answer){ .filled = BACKUP__MAX };
	if ((err = prove_file(&r)) != SR_OK || (err = begin(&r)) != SR_OK ||
	    (err = load(&r)) != SR_OK ||
	    (err = keystore_bind(store->keys, store->db)) != SR_OK ||
	    (err = judge(&r)) != SR_OK)
		return (err);
	return (end(&r));
}
