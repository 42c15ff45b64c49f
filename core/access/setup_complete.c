#include "core/store/keystore.h"
#include "core/store/tx.h"
#include "core/vault/provider_status.h"

#include "core/access/setup_internal.h"

#include "core/access/account.h"

/** setup_providers_done(db, done): whether the second step is behind us. */
enum sr_error
setup_providers_done(struct db * db, bool * done)
{
	struct setup_state s;
	enum sr_error err;

	if ((err = setup_read(db, STMT_SETUP_READ, &s)) == SR_OK)
		*done = s.providers_done_at != SR_TIME_NONE;
	return (err);
}

struct completion {
	const struct store * store;
	const struct providers * providers;
	struct audit_entry audit;
};

static enum sr_error
one_is_active(struct db * db, const struct providers * providers)
{
	const struct provider * p;
	struct provider_state s;
	enum sr_error err;
	size_t i;

	for (i = 0; (p = providers_at(providers, i)) != NULL; i++) {
		if ((err = provider_state_read(db, p, &s)) != SR_OK)
			return (err);
		if (s.status == PROVIDER_ACTIVE)
			return (SR_OK);
	}
	return (SR_E_SETUP_PROVIDER_REQUIRED);
}

static enum sr_error
complete_tx(struct tx * tx, void * cookie)
{
	struct completion * c = cookie;
	struct db * db = tx_db(tx);
	struct setup_state s;
	enum sr_error err;

	if ((err = setup_read(db, STMT_SETUP_LOCK, &s)) != SR_OK)
		return (err);
	if (s.providers_done_at != SR_TIME_NONE)
		return (SR_OK);
	if ((err = one_is_active(db, c->providers)) != SR_OK ||
	    (err = db_exec(db, STMT_SETUP_PROVIDERS_DONE,
	    DB_ARGS(DB_TIME(c->audit.occurred_at)), NULL)) != SR_OK)
		return (err);
	return (audit_append(tx, c->store, &c->audit));
}

/** setup_complete(store, actor, providers): say that set-up is done. */
enum sr_error
setup_complete(const struct store * store, const struct actor * actor,
    const struct providers * providers)
{
	struct completion c = { .store = store, .providers = providers,
	    .audit = { .occurred_at = clock_now(), .actor = actor,
	    .action = AUDIT_SETUP_COMPLETE, .outcome = AUDIT_SUCCEEDED,
	    .target_kind = "setup" } };
	const struct keyset * keys = NULL;
	bool done = false;
	enum sr_error err;

	if ((err = setup_providers_done(store->db, &done)) != SR_OK || done)
		return (err);
	if ((err = setup_take_keys(store, &keys)) == SR_OK &&
	    (err = sr_id_new(&c.audit.id)) == SR_OK) {
		c.audit.keys = keys;
		err = tx_run(store->db, &c.audit.id, complete_tx, &c);
	}
	keyset_release(&keys);
	return (err);
}
