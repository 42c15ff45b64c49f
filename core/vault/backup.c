#include "core/log/log.h"
#include "core/store/keystore.h"
#include "core/store/tx.h"

#include "core/vault/backup_internal.h"
#include "core/vault/secret_internal.h"

/* Sealings before a backup: what is pending may never end on a busy server. */
#define SEALINGS_MOST	1000

struct making {
	const struct store * store;
	struct audit_entry audit;
};

static enum sr_error
append(struct tx * tx, void * cookie)
{
	struct making * m = cookie;

	return (audit_append(tx, m->store, &m->audit));
}

/* So that its head is as new as can be, where no worker runs. A tree that is
 * broken is no reason against a backup. */
static void
seal_first(const struct store * store)
{
	uint64_t sealed;
	bool more = true;

	for (int i = 0; more && i < SEALINGS_MOST; i++) {
		if (checkpoint_seal(store, &sealed, &more) != SR_OK)
			return;
	}
}

static enum sr_error
write_it(struct making * m, struct backup_file * f,
    struct backup_manifest * out)
{
	struct db * db = m->store->db;
	enum sr_error err;

	if ((err = sr_id_new(&m->audit.id)) != SR_OK ||
	    (err = tx_run(db, &m->audit.id, append, m)) != SR_OK)
		return (err);
	seal_first(m->store);
	if ((err = backup_write(db, f->fd, keyset_sign_key(m->audit.keys),
	    out)) != SR_OK)
		return (err);
	return (backup_file_finish(f));
}

static void
refused(struct making * m, enum sr_error error)
{

	LOG(BACKUP_FAILED, log_error(error));
	if (error == SR_E_COMMIT_OUTCOME_UNKNOWN)
		return;
	m->audit.id = sr_id_nil;
	m->audit.keys = NULL;
	m->audit.error = error;
	m->audit.outcome = AUDIT_FAILED;
	(void)audit_refusal(m->store, &m->audit);
}

/**
 * backup_make(store, actor, path, out):
 * Write one moment of the database to a new file.
 */
enum sr_error
backup_make(const struct store * store, const struct actor * actor,
    const char * path, struct backup_manifest * out)
{
	struct making m = { .store = store, .audit = {
	    .occurred_at = clock_now(), .actor = actor,
	    .action = AUDIT_BACKUP, .outcome = AUDIT_SUCCEEDED,
	    .target_kind = "backup" } };
	struct backup_file f = { .fd = -1 };
	enum sr_error err;

	if ((err = secret_take_keys(store, &m.audit.keys)) == SR_OK &&
	    (err = backup_file_open(path, &f)) == SR_OK)
		err = write_it(&m, &f, out);
	backup_file_drop(&f);
	keyset_release(&m.audit.keys);
	if (err != SR_OK) {
		refused(&m, err);
		return (err);
	}
	LOG(BACKUP_MADE, log_u64("rows", out->rows),
	    log_u64("bytes", out->bytes));
	return (SR_OK);
}
