#include <poll.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/keys/keyring.h"
#include "core/keys/mac.h"
#include "core/log/log.h"
#include "core/store/keystore.h"
#include "core/store/tx.h"

#include "core/vault/rewrap_internal.h"

#define TARGET_KIND	"root_key"

/* Walks in a row that nothing came of, and what is added to each pause. */
#define IDLE_WALKS	8
#define IDLE_PAUSE_MS	50

static enum sr_error
begin_entry(const struct rewrap * r, enum audit_action action,
    struct audit_entry * e)
{

	*e = (struct audit_entry){ .occurred_at = clock_now(),
	    .actor = r->actor, .action = action, .outcome = AUDIT_SUCCEEDED,
	    .target_kind = TARGET_KIND, .target_id = rewrap_target(r->p.to),
	    .key_version = r->p.to, .keys = r->keys };
	return (sr_id_new(&e->id));
}

/* --- Activation ---------------------------------------------------------- */

struct activation {
	struct rewrap * r;
	struct audit_entry entry;
	uint8_t check_value[KEK_CHECK_LEN];
	uint32_t wrapping;	/* What table kek says, locked. */
	bool known;		/* It has the new version's row, */
	bool same;		/* with our key's check value. */
	bool done;		/* Out: by this transaction. */
};

static enum sr_error
take_kek(const struct db_row * row, void * cookie)
{
	struct activation * a = cookie;
	uint32_t version = (uint32_t)db_col_int(row, 0);
	const uint8_t * check;
	size_t len;

	if (strcmp(db_col_text(row, 2), "wrapping") == 0)
		a->wrapping = version;
	if (version != a->r->p.to)
		return (SR_OK);
	check = db_col_bytes(row, 1, &len);
	a->known = true;
	a->same = len == KEK_CHECK_LEN && mac_equal(check, a->check_value);
	return (SR_OK);
}

/* The rows' locks order activations, and wait for the writes that have sealed
 * under the version that wrapped so far. */
static enum sr_error
activate_tx(struct tx * tx, void * cookie)
{
	struct activation * a = cookie;
	const uint32_t to = a->r->p.to;
	struct db * db = tx_db(tx);
	enum sr_error err;

	a->wrapping = 0;
	a->known = a->same = a->done = false;
	if ((err = db_query(db, STMT_KEK_LOCK, DB_NOARGS, take_kek, a)) !=
	    SR_OK)
		return (err);
	if (a->wrapping > to || (a->known && !a->same))
		return (sr_fail(SR_E_ROOT_KEY_MISMATCH,
		    log_u64("kek_version", to),
		    log_u64("wrapping_kek_version", a->wrapping)));
	if (a->wrapping == to)
		return (SR_OK);		/* Another run was faster. */
	if (!a->known && (err = db_exec(db, STMT_KEK_INSERT,
	    DB_ARGS(DB_INT(to), DB_BYTES(a->check_value, KEK_CHECK_LEN),
	    DB_TIME(a->entry.occurred_at)), NULL)) != SR_OK)
		return (err);
	if ((err = db_exec(db, STMT_KEK_ACTIVATE, DB_ARGS(DB_INT(to)),
	    NULL)) != SR_OK)
		return (err);
	a->done = true;
	return (audit_append(tx, a->r->store, &a->entry));
}

/* What could not be opened afterwards is found before anything is changed. */
static enum sr_error
all_loaded(struct rewrap * r)
{
	uint32_t version = 0;
	enum sr_error err;

	err = rewrap_missing(r->store->db, keyset_keyring(r->keys), &version);
	if (err == SR_OK && version != 0)
		err = sr_fail(SR_E_ROOT_KEY_VERSION_MISSING,
		    log_u64("kek_version", version));
	return (err);
}

static enum sr_error
activate(struct rewrap * r)
{
	struct activation a = { .r = r };
	enum sr_error err;

	if (r->p.from == r->p.to)
		return (SR_OK);
	if ((err = all_loaded(r)) != SR_OK ||
	    (err = keyring_check_value(keyset_keyring(r->keys), r->p.to,
	    a.check_value)) != SR_OK ||
	    (err = begin_entry(r, AUDIT_ROOT_KEY_ACTIVATE, &a.entry)) !=
	    SR_OK ||
	    (err = tx_run(r->store->db, &a.entry.id, activate_tx, &a)) !=
	    SR_OK)
		return (err);
	r->p.activated = a.done;
	if (a.done)
		LOG(ROOT_KEY_ACTIVATED, log_u64("kek_version", r->p.to),
		    log_u64("former", r->p.from));
	/* What this process writes from now on. */
	return (keystore_follow(r->store->keys, r->store->db));
}

/* --- Rewrapping ---------------------------------------------------------- */

struct older {
	uint32_t than;
	uint64_t keys;
};

static enum sr_error
add_older(const struct rewrap_count * count, void * cookie)
{
	struct older * o = cookie;

	if (count->kek_version < o->than)
		o->keys += count->secret_versions + count->system_keys;
	return (SR_OK);
}

static enum sr_error
count_older(const struct rewrap * r, uint64_t * keys)
{
	struct older o = { .than = r->p.to };
	enum sr_error err;

	err = rewrap_counts(r->store->db, add_older, &o);
	*keys = o.keys;
	return (err);
}

static enum sr_error
walk(struct rewrap * r, uint64_t * left)
{
	enum sr_error err;

	r->p.failed = 0;
	if ((err = rewrap_system_keys(r)) != SR_OK ||
	    (err = rewrap_secrets(r)) != SR_OK)
		return (err);
	return (count_older(r, left));
}

/* Walk through the tables until nothing is left but what does not open. What
 * is left and was not rewrapped here is in another run's hands for a moment. */
static enum sr_error
rewrap_all(struct rewrap * r, uint64_t * left)
{
	unsigned idle = 0;
	uint64_t before;
	enum sr_error err;

	if ((err = count_older(r, left)) != SR_OK)
		return (err);
	r->p.total = *left;
	if ((err = rewrap_report(r)) != SR_OK)
		return (err);
	for (;;) {
		before = *left;
		if ((err = walk(r, left)) != SR_OK || *left <= r->p.failed)
			return (err);
		idle = *left < before ? 0 : idle + 1;
		if (idle == IDLE_WALKS)
			return (SR_OK);
		(void)poll(NULL, 0, IDLE_PAUSE_MS * (int)idle);
	}
}

/* --- The end ------------------------------------------------------------- */

static enum sr_error
finish_tx(struct tx * tx, void * cookie)
{
	struct activation * a = cookie;
	enum sr_error err;

	if ((err = db_query(tx_db(tx), STMT_KEK_LOCK, DB_NOARGS, take_kek,
	    a)) != SR_OK)
		return (err);
	return (audit_append(tx, a->r->store, &a->entry));
}

static enum sr_error
take_action(const struct audit_row * row, void * cookie)
{
	bool * open = cookie;

	*open = strcmp(row->outcome, "succeeded") != 0 || strcmp(row->action,
	    audit_action_name(AUDIT_ROOT_KEY_ACTIVATE)) == 0;
	return (SR_OK);
}

/* Whether a run that was killed, or could not do all, left this to do. */
static enum sr_error
end_is_due(const struct rewrap * r, bool * due)
{
	const struct sr_id target = rewrap_target(r->p.to);
	bool open = false;
	enum sr_error err;

	err = audit_of_target(r->store->db, &target, 1, take_action, &open);
	*due = r->p.rewrapped != 0 || r->unsure || open;
	return (err == SR_E_SECRET_AUDIT_UNAVAILABLE ?
	    SR_E_DATABASE_UNAVAILABLE : err);
}

static enum sr_error
finish(struct rewrap * r)
{
	struct activation a = { .r = r };
	enum sr_error err;
	bool due;

	if ((err = end_is_due(r, &due)) != SR_OK || !due)
		return (err);
	if ((err = begin_entry(r, AUDIT_ROOT_KEY_REWRAPPED, &a.entry)) !=
	    SR_OK)
		return (err);
	err = tx_run(r->store->db, &a.entry.id, finish_tx, &a);
	if (err == SR_OK)
		LOG(ROOT_KEY_REWRAPPED, log_u64("kek_version", r->p.to),
		    log_u64("rewrapped", r->p.rewrapped));
	return (err);
}

static enum sr_error
incomplete(struct rewrap * r)
{
	struct audit_entry e;

	if (begin_entry(r, AUDIT_ROOT_KEY_REWRAPPED, &e) == SR_OK) {
		e.outcome = AUDIT_FAILED;
		e.error = SR_E_ROOT_KEY_REWRAP_INCOMPLETE;
		/* A failure to write it is logged there. */
		(void)audit_refusal(r->store, &e);
	}
	return (sr_fail(SR_E_ROOT_KEY_REWRAP_INCOMPLETE,
	    log_u64("failed", r->p.failed)));
}

static enum sr_error
rotate(struct rewrap * r)
{
	uint64_t left = 0;
	enum sr_error err;

	if ((err = activate(r)) != SR_OK ||
	    (err = rewrap_all(r, &left)) != SR_OK)
		return (err);
	return (left == 0 ? finish(r) : incomplete(r));
}

/**
 * rewrap_rotate(store, actor, watch, out):
 * Activate the newest version and rewrap what is under older ones.
 */
enum sr_error
rewrap_rotate(const struct store * store, const struct actor * actor,
    const struct rewrap_watch * watch, struct rewrap_progress * out)
{
	static const struct rewrap_watch nobody = { .batch = 0 };
	struct rewrap r = { .store = store, .actor = actor,
	    .watch = watch == NULL ? &nobody : watch };
	enum sr_error err;

	if ((err = keystore_take(store->keys, store->db, &r.keys)) == SR_OK) {
		r.p.from = keyset_wrapping(r.keys);
		r.p.to = keyring_newest(keyset_keyring(r.keys));
		err = rotate(&r);
	}
	if (out != NULL)
		*out = r.p;
	keyset_release(&r.keys);
	return (err);
}
