#include <pthread.h>
#include <stdlib.h>

#include "core/base/secbuf.h"
#include "core/log/log.h"
#include "core/store/db.h"
#include "core/store/keystore_internal.h"

/* How many loads in a row may come between keystore_take's steps. */
#define TAKE_ROUNDS	4

/*
 * ${mutex} guards all of it and is never held over a call of the database.
 * ${generation} grows with each load, so that a bind which began before a load
 * cannot install the former keys after it.
 */
struct keystore {
	pthread_mutex_t mutex;
	struct keyset * loaded;	/* Root keys alone, not yet bound; or NULL. */
	struct keyset * bound;	/* What is in use; or NULL. */
	enum sr_error reason;	/* SR_OK: bound. ROOT_KEY_MISMATCH while bound:
				   the version that wraps is not loaded. */
	uint64_t generation;
};

/** keystore_new(out): empty; reason ROOT_KEY_MISSING. */
enum sr_error
keystore_new(struct keystore ** out)
{
	struct keystore * ks;

	*out = NULL;
	if ((ks = calloc(1, sizeof(*ks))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	if (pthread_mutex_init(&ks->mutex, NULL) != 0) {
		free(ks);
		return (SR_E_OUT_OF_MEMORY);
	}
	ks->reason = SR_E_ROOT_KEY_MISSING;
	*out = ks;
	return (SR_OK);
}

/** keystore_free(ks): release; keysets that are held live on. */
void
keystore_free(struct keystore ** ks)
{

	if (*ks == NULL)
		return;
	keyset_drop(&(*ks)->loaded);
	keyset_drop(&(*ks)->bound);
	(void)pthread_mutex_destroy(&(*ks)->mutex);
	free(*ks);
	*ks = NULL;
}

static void
lock(const struct keystore * ks)
{

	must(pthread_mutex_lock((pthread_mutex_t *)(uintptr_t)&ks->mutex) == 0);
}

static void
unlock(const struct keystore * ks)
{

	must(pthread_mutex_unlock(
	    (pthread_mutex_t *)(uintptr_t)&ks->mutex) == 0);
}

/* With the lock held. A line for each change, not for each call. */
static void
set_reason(struct keystore * ks, enum sr_error reason)
{

	if (ks->reason != reason && reason != SR_OK)
		LOG(ROOT_KEY_UNAVAILABLE, log_error(reason));
	ks->reason = reason;
}

/**
 * keystore_load(ks, sources):
 * Read the root keys again. What was in use is let go in any case: when the
 * source has failed, the keys that it held before are not to be used either.
 */
enum sr_error
keystore_load(struct keystore * ks, const struct keyring_sources * sources)
{
	struct keyset * loaded = NULL, * former[2];
	enum sr_error err;

	err = keyset_load(sources, &loaded);
	lock(ks);
	former[0] = ks->loaded;
	former[1] = ks->bound;
	ks->loaded = loaded;
	ks->bound = NULL;
	ks->generation++;
	/* Loaded, and not yet held against the database. */
	if (err == SR_OK)
		ks->reason = SR_E_DATABASE_UNAVAILABLE;
	else
		set_reason(ks, err);
	unlock(ks);
	keyset_drop(&former[0]);
	keyset_drop(&former[1]);
	return (err);
}

/* What a bind begins with: the loaded keys, or that there is nothing to do. */
static enum sr_error
begin_bind(struct keystore * ks, struct keyset ** loaded, uint64_t * generation)
{
	enum sr_error err = SR_OK;

	*loaded = NULL;
	lock(ks);
	*generation = ks->generation;
	if (ks->bound == NULL && ks->loaded == NULL)
		err = ks->reason;
	else if (ks->bound == NULL)
		*loaded = keyset_share(ks->loaded);
	unlock(ks);
	return (err);
}

/* Takes *bound over. */
static enum sr_error
end_bind(struct keystore * ks, uint64_t generation, enum sr_error err,
    struct keyset ** bound)
{

	lock(ks);
	if (ks->generation != generation) {
		/* Loaded anew meanwhile: this result is about other keys. */
		if (err == SR_OK)
			err = SR_E_DATABASE_UNAVAILABLE;
	} else if (ks->bound != NULL) {
		err = SR_OK;	/* Another thread was faster. */
	} else {
		set_reason(ks, err);
		if (err == SR_OK) {
			ks->bound = *bound;
			*bound = NULL;
			LOG(ROOT_KEY_LOADED, log_u64("kek_version",
			    keyset_wrapping(ks->bound)));
		}
	}
	unlock(ks);
	keyset_drop(bound);
	return (err);
}

/**
 * keystore_bind(ks, db):
 * Hold the loaded keys against the database and open the system keys. Several
 * threads may do it at once; all come to the same.
 */
enum sr_error
keystore_bind(struct keystore * ks, struct db * db)
{
	struct keyset * loaded, * bound = NULL;
	uint64_t generation;
	enum sr_error err;

	err = begin_bind(ks, &loaded, &generation);
	if (err != SR_OK || loaded == NULL)
		return (err);
	err = keyset_bind(loaded, db, &bound);
	keyset_drop(&loaded);
	return (end_bind(ks, generation, err, &bound));
}

/* What is to be bound anew; NULL: the keys in use wrap as they should. */
static enum sr_error
begin_follow(struct keystore * ks, uint32_t wrapping, struct keyset ** loaded,
    uint64_t * generation)
{
	enum sr_error err = SR_OK;

	*loaded = NULL;
	lock(ks);
	*generation = ks->generation;
	if (ks->bound == NULL || keyset_wrapping(ks->bound) == wrapping) {
		/* A load came between, whose bind reads it; or it is done. */
	} else if (!keyring_has(keyset_keyring(ks->bound), wrapping)) {
		err = SR_E_ROOT_KEY_MISMATCH;
		set_reason(ks, err);
	} else
		*loaded = keyset_share(ks->loaded);
	unlock(ks);
	return (err);
}

/* Put ${next} in the place of what is bound. Takes it over. */
static void
end_follow(struct keystore * ks, uint64_t generation, struct keyset * next)
{

	lock(ks);
	if (ks->generation == generation) {
		struct keyset * former = ks->bound;

		ks->bound = next;
		next = former;
		set_reason(ks, SR_OK);
		LOG(ROOT_KEY_LOADED, log_u64("kek_version",
		    keyset_wrapping(ks->bound)));
	}
	unlock(ks);
	keyset_drop(&next);
}

/**
 * keystore_follow(ks, db):
 * Bind anew if another version wraps than the keys in use think. What fails
 * for another reason than the version leaves them in use.
 */
enum sr_error
keystore_follow(struct keystore * ks, struct db * db)
{
	struct keyset * loaded, * next;
	uint64_t generation;
	uint32_t wrapping = 0;
	enum sr_error err;

	if ((err = keyset_look(db, &wrapping)) != SR_OK)
		return (err);
	err = begin_follow(ks, wrapping, &loaded, &generation);
	if (err != SR_OK || loaded == NULL)
		return (err);
	if ((err = keyset_bind(loaded, db, &next)) == SR_OK)
		end_follow(ks, generation, next);
	keyset_drop(&loaded);
	return (err);
}

/** keystore_reason(ks): SR_OK when bound, else why not. */
enum sr_error
keystore_reason(const struct keystore * ks)
{
	enum sr_error reason;

	lock(ks);
	reason = ks->reason;
	unlock(ks);
	return (reason);
}

/** keystore_write_error(ks): what a refused write says. */
enum sr_error
keystore_write_error(const struct keystore * ks)
{
	enum sr_error reason = keystore_reason(ks);

	if (reason == SR_OK || reason == SR_E_ROOT_KEY_MISMATCH)
		return (reason);
	return (SR_E_SECRET_ENCRYPTION_UNAVAILABLE);
}

/** keystore_hold(ks): the keyset in use, or NULL. */
const struct keyset *
keystore_hold(struct keystore * ks)
{
	const struct keyset * set = NULL;

	lock(ks);
	if (ks->bound != NULL)
		set = keyset_share(ks->bound);
	unlock(ks);
	return (set);
}

static uint64_t
loads(const struct keystore * ks)
{
	uint64_t n;

	lock(ks);
	n = ks->generation;
	unlock(ks);
	return (n);
}

/**
 * keystore_take(ks, db, out):
 * Hold the keys, binding them first if they are not. A bind that fails is
 * repeated only when it was about keys that are not those loaded any more.
 */
enum sr_error
keystore_take(struct keystore * ks, struct db * db, const struct keyset ** out)
{
	enum sr_error err = SR_E_DATABASE_UNAVAILABLE;
	uint64_t before;
	unsigned i;

	for (i = 0; i < TAKE_ROUNDS; i++) {
		if ((*out = keystore_hold(ks)) != NULL)
			return (SR_OK);
		before = loads(ks);
		err = keystore_bind(ks, db);
		if (err != SR_OK && loads(ks) == before)
			return (err);
	}
	return (err == SR_OK ? SR_E_DATABASE_UNAVAILABLE : err);
}
