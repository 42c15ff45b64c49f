#include <pthread.h>

#include "core/access/account.h"
#include "core/base/secbuf.h"
#include "core/log/log.h"

#include "core/access/hashing.h"

#define COST_MAX	11

static pthread_mutex_t turn_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turn_free = PTHREAD_COND_INITIALIZER;
static unsigned turns = 2;
static unsigned turns_taken;
static unsigned turns_awaited;

static pthread_mutex_t decoy_lock = PTHREAD_MUTEX_INITIALIZER;
static char decoys[COST_MAX + 1][PASSWORD_HASH_MAX];

/**
 * access_set_parallel(n):
 * How many password hashes this process computes at a time.
 */
void
access_set_parallel(unsigned n)
{
	must(pthread_mutex_lock(&turn_lock) == 0);
	turns = n == 0 ? 1 : n;
	must(pthread_cond_broadcast(&turn_free) == 0);
	must(pthread_mutex_unlock(&turn_lock) == 0);
}

static struct timespec
deadline(void)
{
	struct timespec t;

	must(clock_gettime(CLOCK_MONOTONIC, &t) == 0);
	t.tv_sec += HASHING_WAIT_MS / 1000;
	return (t);
}

/**
 * hashing_begin():
 * Take a turn.
 */
enum sr_error
hashing_begin(void)
{
	const struct timespec until = deadline();
	bool taken, late = false;

	must(pthread_mutex_lock(&turn_lock) == 0);
	if (turns_taken >= turns && turns_awaited < HASHING_WAITERS) {
		turns_awaited++;
		while (turns_taken >= turns && !late)
			late = pthread_cond_clockwait(&turn_free, &turn_lock,
			    CLOCK_MONOTONIC, &until) != 0;
		turns_awaited--;
	}
	if ((taken = turns_taken < turns))
		turns_taken++;
	must(pthread_mutex_unlock(&turn_lock) == 0);
	if (!taken)
		return (sr_fail(SR_E_SERVER_BUSY,
		    log_const("what", "password hash")));
	return (SR_OK);
}

/**
 * hashing_end():
 * Give the turn back.
 */
void
hashing_end(void)
{
	must(pthread_mutex_lock(&turn_lock) == 0);
	must(turns_taken > 0);
	turns_taken--;
	must(pthread_cond_signal(&turn_free) == 0);
	must(pthread_mutex_unlock(&turn_lock) == 0);
}

/**
 * hashing_decoy(cost, out):
 * The process's decoy hash of that cost.
 */
enum sr_error
hashing_decoy(unsigned cost, char out[PASSWORD_HASH_MAX])
{
	enum sr_error err = SR_OK;

	if (cost > COST_MAX)
		return (sr_fail(SR_E_INTERNAL_ERROR,
		    log_u64("password_cost", cost)));
	must(pthread_mutex_lock(&decoy_lock) == 0);
	if (decoys[cost][0] == '\0')
		err = password_decoy(cost, decoys[cost]);
	if (err == SR_OK)
		memcpy(out, decoys[cost], PASSWORD_HASH_MAX);
	else
		decoys[cost][0] = '\0';
	must(pthread_mutex_unlock(&decoy_lock) == 0);
	return (err);
}

/** hashing_password(password, cost, out): the hash of a new password. */
enum sr_error
hashing_password(const struct secbuf * password, unsigned cost,
    char out[PASSWORD_HASH_MAX])
{
	enum sr_error err;

	if (password == NULL || secbuf_len(password) < PASSWORD_MIN ||
	    secbuf_len(password) > PASSWORD_MAX)
		return (SR_E_PASSWORD_INVALID);
	if ((err = hashing_begin()) != SR_OK)
		return (err);
	err = password_hash(password, cost, out);
	hashing_end();
	return (err);
}
