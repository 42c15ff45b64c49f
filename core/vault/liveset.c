#include <pthread.h>

#include "core/base/clock.h"
#include "core/log/log.h"
#include "core/redact/redact.h"
#include "core/store/keystore.h"

#include "core/vault/environment.h"
#include "core/vault/liveset_internal.h"

#include "core/vault/liveset.h"

/*
 * Changes are kept for a day (retention.h). Who has not looked for half of it
 * loads everything anew.
 */
#define GAP		(12 * 3600 * SR_SECOND)

struct liveset {
	unsigned days;		/* Retention of former values. */
	int64_t patience;	/* Milliseconds; 0: none. */
	const struct environment * environment;	/* NULL: none. */
	pthread_mutex_t lock;
	pthread_cond_t ended;
	bool running;		/* One thread refreshes at a time. */
	uint64_t begun;		/* Refreshes begun, */
	uint64_t good;		/* the last of them that succeeded, */
	uint64_t failed;	/* and the last that did not, and why. */
	enum sr_error error;

	/* Of the thread that refreshes. */
	const struct keyset * keys;	/* Those the redactor has; held. */
	bool loaded;			/* All forms were loaded under them. */
	struct change_heads seen;	/* How far changes are loaded. */
	int64_t good_ms;		/* When all of it was good last. */
};

/**
 * liveset_new(out):
 * A live set that has loaded nothing yet.
 */
enum sr_error
liveset_new(struct liveset ** out)
{
	struct liveset * l;

	if ((l = *out = calloc(1, sizeof(*l))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	l->days = LIVESET_RETENTION;
	must(pthread_mutex_init(&l->lock, NULL) == 0);
	must(pthread_cond_init(&l->ended, NULL) == 0);
	return (SR_OK);
}

/**
 * liveset_free(l):
 * Release; no thread may use it any more.
 */
void
liveset_free(struct liveset ** l)
{
	if (*l == NULL)
		return;
	must(!(*l)->running);
	keyset_release(&(*l)->keys);
	(void)pthread_cond_destroy(&(*l)->ended);
	(void)pthread_mutex_destroy(&(*l)->lock);
	free(*l);
	*l = NULL;
}

/**
 * liveset_retain(l, days):
 * How long forms of former values are loaded.
 */
void
liveset_retain(struct liveset * l, unsigned days)
{
	l->days = days;
}

/** liveset_patience(l, ms): how long an answer is not missed. */
void
liveset_patience(struct liveset * l, int64_t ms)
{
	l->patience = ms;
}

/**
 * liveset_environment(l, environment):
 * Know the secrets of ${environment} too.
 */
void
liveset_environment(struct liveset * l, const struct environment * environment)
{
	l->environment = environment;
}

/* What is known still counts: it was good a moment ago. */
static bool
patient(const struct liveset * l, enum sr_error err)
{
	return ((err == SR_E_DATABASE_UNAVAILABLE ||
	    err == SR_E_DATABASE_REFUSED || err == SR_E_TRANSACTION_CONFLICT) &&
	    l->loaded && clock_boot_ms() - l->good_ms < l->patience);
}

/* No keys: nothing can be vouched for. No database: perhaps only for now. */
static enum sr_error
without_keys(const struct liveset * l, const struct store * store,
    enum sr_error err)
{
	if (patient(l, err))
		return (err);
	if (err == SR_E_DATABASE_UNAVAILABLE)
		redact_mark(store->redact, REDACT_STALE);
	else
		redact_lock(store->redact);
	return (err);
}

/*
 * See that the redactor has the key of the keyset in use. We hold the set we
 * unlocked it with, so an equal pointer is the same set.
 */
static enum sr_error
refresh_keys(struct liveset * l, const struct store * store)
{
	const struct keyset * now;
	enum sr_error err;

	if ((err = keystore_take(store->keys, store->db, &now)) != SR_OK)
		return (without_keys(l, store, err));
	if (now == l->keys && redact_state(store->redact) != REDACT_LOCKED) {
		keyset_release(&now);
		return (SR_OK);
	}
	l->loaded = false;
	keyset_release(&l->keys);
	err = redact_unlock(store->redact, keyset_redaction_key(now));
	if (err == SR_OK && l->environment != NULL)
		err = environment_known(l->environment, store->redact,
		    keyset_redaction_key(now));
	if (err != SR_OK) {
		keyset_release(&now);
		redact_lock(store->redact);
		return (err);
	}
	l->keys = now;
	return (SR_OK);
}

/*
 * Changes may have been purged that were never seen here: begin anew, with an
 * empty set, since what is gone is not in what is loaded. The gate is closed
 * until then.
 */
static enum sr_error
start_over(struct liveset * l, const struct store * store)
{
	redact_lock(store->redact);
	return (refresh_keys(l, store));
}

/* Numbers only grow: a database that has fewer is another one. */
static bool
behind(const struct change_heads * heads, const struct change_heads * seen)
{
	size_t i;

	for (i = 0; i < CHANGE_SHARDS; i++)
		if (heads->n[i] < seen->n[i])
			return (true);
	return (false);
}

/*
 * How far the log is is read before the forms: what is committed by now is then
 * in the forms, and what commits later has a higher number the next time.
 */
static enum sr_error
refresh_forms(struct liveset * l, const struct store * store)
{
	struct change_heads heads;
	enum sr_error err;

	if ((err = change_heads_read(store->db, &heads)) != SR_OK)
		return (err);
	if (l->loaded && (heads.now - l->seen.now > GAP ||
	    behind(&heads, &l->seen)) &&
	    (err = start_over(l, store)) != SR_OK)
		return (err);
	if (!l->loaded) {
		if ((err = liveset_load_all(store, l->days)) != SR_OK)
			return (err);
		LOG(LIVE_SET_LOADED, log_u64("versions",
		    redact_known_count(store->redact)));
	} else if ((err = liveset_load_new(store, l->days, &l->seen,
	    &heads)) != SR_OK)
		return (err);
	l->loaded = true;
	l->seen = heads;
	return (SR_OK);
}

static enum sr_error
refresh(struct liveset * l, const struct store * store)
{
	enum sr_error err;

	if ((err = refresh_keys(l, store)) != SR_OK)
		return (err);
	err = refresh_forms(l, store);
	if (err == SR_OK)
		l->good_ms = clock_boot_ms();
	if (!patient(l, err))
		redact_mark(store->redact, err == SR_OK ? REDACT_READY :
		    REDACT_STALE);
	return (err);
}

/**
 * liveset_refresh(l, store):
 * Bring store->redact up to date. A caller may share the success of a refresh
 * that began after its call, never of one that began before it; but the failure
 * of any that ran while it waited: if each waiter tried for itself, one after
 * another would wait for a database that does not answer.
 */
enum sr_error
liveset_refresh(struct liveset * l, const struct store * store)
{
	enum sr_error err;
	uint64_t mine, need, seen;

	must(pthread_mutex_lock(&l->lock) == 0);
	need = l->begun + 1;
	seen = l->running ? l->begun : need;
	while (l->running && l->good < need && l->failed < seen)
		must(pthread_cond_wait(&l->ended, &l->lock) == 0);
	if (l->good >= need || l->failed >= seen) {
		err = l->good >= need ? SR_OK : l->error;
		must(pthread_mutex_unlock(&l->lock) == 0);
		return (err);
	}
	l->running = true;
	mine = ++l->begun;
	must(pthread_mutex_unlock(&l->lock) == 0);

	err = refresh(l, store);

	must(pthread_mutex_lock(&l->lock) == 0);
	l->running = false;
	if (err == SR_OK)
		l->good = mine;
	else {
		l->failed = mine;
		l->error = err;
	}
	must(pthread_cond_broadcast(&l->ended) == 0);
	must(pthread_mutex_unlock(&l->lock) == 0);
	return (err);
}
