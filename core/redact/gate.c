#include <stdlib.h>
#include <string.h>

#include "core/base/secbuf.h"
#include "core/redact/gate_internal.h"

static const char * const cause_names[REDACT_CAUSE__MAX] = {
	[REDACT_CAUSE_NONE] = "none",
	[REDACT_CAUSE_LOCKED] = "locked",
	[REDACT_CAUSE_STALE] = "stale",
	[REDACT_CAUSE_MEMORY] = "memory",
	[REDACT_CAUSE_LIMIT] = "limit",
	[REDACT_CAUSE_ENGINE] = "engine",
};

/* Writers go first, or a busy server would never learn of a new secret. */
static void
init_lock(pthread_rwlock_t * lock)
{
	pthread_rwlockattr_t attr;

	must(pthread_rwlockattr_init(&attr) == 0);
	must(pthread_rwlockattr_setkind_np(&attr,
	    PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP) == 0);
	must(pthread_rwlock_init(lock, &attr) == 0);
	(void)pthread_rwlockattr_destroy(&attr);
}

static bool
make_counters(struct redact * r)
{
	size_t rows = 0, i;

	while (rule_row((unsigned)rows) != NULL)
		rows++;
	for (i = 0; i < REDACT__MAX; i++) {
		r->counters[i].by_rule = calloc(rows + 1,
		    sizeof(*r->counters[i].by_rule));
		if (r->counters[i].by_rule == NULL)
			return (false);
	}
	return (true);
}

/** gate_new(rules, out): an engine, locked. */
enum sr_error
gate_new(struct rules * rules, struct redact ** out)
{
	struct redact * r;
	enum sr_error err;

	*out = NULL;
	if ((r = calloc(1, sizeof(*r))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	r->rules = rules;
	r->owns_rules = rules == NULL;
	init_lock(&r->lock);
	must(pthread_mutex_init(&r->pool_lock, NULL) == 0);
	atomic_store(&r->state, REDACT_LOCKED);
	err = make_counters(r) ? SR_OK : SR_E_OUT_OF_MEMORY;
	if (err == SR_OK && rules == NULL)
		err = rules_new(&r->rules);
	if (err == SR_OK)
		*out = r;
	else
		redact_free(&r);
	return (err);
}

/** redact_new(out): an engine in state REDACT_LOCKED. */
enum sr_error
redact_new(struct redact ** out)
{

	return (gate_new(NULL, out));
}

/** redact_free(r): release; *r becomes NULL. */
void
redact_free(struct redact ** r)
{
	struct gate_work * w;
	struct gate_work * next;
	size_t i;

	if (r == NULL || *r == NULL)
		return;
	for (w = (*r)->pool; w != NULL; w = next) {
		next = w->next;
		rule_scratch_free(&w->scratch);
		scan_free(&w->scan);
		free(w);
	}
	redact_lock(*r);
	for (i = 0; i < REDACT__MAX; i++)
		free((*r)->counters[i].by_rule);
	if ((*r)->owns_rules)
		rules_free(&(*r)->rules);
	(void)pthread_mutex_destroy(&(*r)->pool_lock);
	(void)pthread_rwlock_destroy(&(*r)->lock);
	free(*r);
	*r = NULL;
}

static bool
has_key(struct redact * r, const struct secbuf * key)
{
	bool same;

	must(pthread_rwlock_rdlock(&r->lock) == 0);
	same = r->key != NULL && secbuf_equal(r->key, key);
	must(pthread_rwlock_unlock(&r->lock) == 0);
	return (same);
}

/* Exchange key and live set with the caller's, who frees the former ones. */
static void
swap_key(struct redact * r, enum redact_state state, struct secbuf ** key,
    struct fingerprint ** fingerprint, struct known ** known)
{
	struct secbuf * old_key;
	struct fingerprint * old_fingerprint;
	struct known * old_known;

	must(pthread_rwlock_wrlock(&r->lock) == 0);
	old_key = r->key;
	old_fingerprint = r->fingerprint;
	old_known = r->known;
	r->key = *key;
	r->fingerprint = *fingerprint;
	r->known = *known;
	atomic_fetch_add(&r->generation, 1);
	atomic_store(&r->state, state);
	must(pthread_rwlock_unlock(&r->lock) == 0);
	*key = old_key;
	*fingerprint = old_fingerprint;
	*known = old_known;
}

/** redact_unlock(r, key): take the 32-byte fingerprint key. */
enum sr_error
redact_unlock(struct redact * r, const struct secbuf * key)
{
	struct fingerprint * fingerprint = NULL;
	struct known * known = NULL;
	struct secbuf * copy = NULL;
	enum sr_error err;

	if (has_key(r, key))
		return (SR_OK);
	if ((err = fingerprint_new(key, &fingerprint)) != SR_OK ||
	    (err = known_new(&known)) != SR_OK ||
	    (err = secbuf_clone(key, &copy)) != SR_OK)
		goto out;
	swap_key(r, REDACT_STALE, &copy, &fingerprint, &known);

out:
	fingerprint_free(&fingerprint);
	known_free(&known);
	secbuf_free(&copy);
	return (err);
}

/** redact_lock(r): forget key and live set. */
void
redact_lock(struct redact * r)
{
	struct fingerprint * fingerprint = NULL;
	struct known * known = NULL;
	struct secbuf * key = NULL;

	swap_key(r, REDACT_LOCKED, &key, &fingerprint, &known);
	fingerprint_free(&fingerprint);
	known_free(&known);
	secbuf_free(&key);
}

/** redact_mark(r, state): whether the live set is current. */
void
redact_mark(struct redact * r, enum redact_state state)
{
	int was = atomic_load(&r->state);

	must(state == REDACT_READY || state == REDACT_STALE);
	while (was != REDACT_LOCKED && was != (int)state) {
		if (atomic_compare_exchange_weak(&r->state, &was, (int)state))
			break;
	}
}

/** redact_state(r): the state now. */
enum redact_state
redact_state(const struct redact * r)
{

	return ((enum redact_state)atomic_load(&r->state));
}

/** redact_generation(r): another number whenever the live set has changed. */
uint64_t
redact_generation(const struct redact * r)
{

	return (atomic_load(&r->generation));
}

/** redact_cause_name(cause): constant name. */
const char *
redact_cause_name(enum redact_cause cause)
{

	must(cause < REDACT_CAUSE__MAX);
	return (cause_names[cause]);
}

/*
 * Around a change of the live set, which readers do not wait for. The live
 * set, or NULL: there is none.
 */
static struct known *
change_begin(struct redact * r)
{

	must(pthread_rwlock_rdlock(&r->lock) == 0);
	atomic_fetch_add(&r->changing, 1);
	atomic_fetch_add(&r->generation, 1);
	return (r->known);
}

static void
change_end(struct redact * r)
{

	atomic_fetch_add(&r->generation, 1);
	atomic_fetch_sub(&r->changing, 1);
	must(pthread_rwlock_unlock(&r->lock) == 0);
}

/** redact_known_put(r, secret_id, key_version, label, forms, n): replace. */
enum sr_error
redact_known_put(struct redact * r, const struct sr_id * secret_id,
    uint32_t key_version, const char * label,
    const struct redact_form * forms, size_t n)
{
	struct known * known = change_begin(r);
	enum sr_error err = SR_E_INTERNAL_ERROR;

	if (known != NULL)
		err = known_put(known, secret_id, key_version, label, forms,
		    n);
	if (err != SR_OK)
		redact_mark(r, REDACT_STALE);
	change_end(r);
	return (err);
}

/** redact_known_drop(r, secret_id): forget every version of that secret. */
void
redact_known_drop(struct redact * r, const struct sr_id * secret_id)
{
	struct known * known = change_begin(r);

	if (known != NULL)
		known_drop(known, secret_id);
	change_end(r);
}

/** redact_known_from(r, secret_id, key_version): forget those before. */
void
redact_known_from(struct redact * r, const struct sr_id * secret_id,
    uint32_t key_version)
{
	struct known * known = change_begin(r);

	if (known != NULL)
		known_from(known, secret_id, key_version);
	change_end(r);
}

/** redact_known_count(r): versions in the live set. */
size_t
redact_known_count(struct redact * r)
{
	size_t n = 0;

	must(pthread_rwlock_rdlock(&r->lock) == 0);
	if (r->known != NULL)
		n = known_count(r->known);
	must(pthread_rwlock_unlock(&r->lock) == 0);
	return (n);
}
