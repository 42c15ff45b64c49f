#ifndef SR_TESTS_CORE_VAULT_WRITERS_H
#define SR_TESTS_CORE_VAULT_WRITERS_H

/* Those who write while the root key is changed, each as a process. */

#include <pthread.h>
#include <stdatomic.h>

#include "tests/core/vault/process.h"
#include "tests/core/vault/rotate.h"

#define WRITERS		3

/* Saves, and revokes every fourth time, until it is told to end. */
struct writer {
	const struct house * h;
	pthread_t thread;
	unsigned no;
	struct process p;
	atomic_bool * end;
	atomic_uint reloads;
	unsigned saved, revoked;
	enum sr_error worst;
	struct secret_meta last;
	char value[64];
	bool gone;
};

static inline enum sr_error
write_once(struct writer * w, unsigned i)
{
	struct secret_revocation r = { .expected = 0 };
	char name[32];
	enum sr_error err;

	/* One name: a revocation destroys what came before, and a rotation's
	 * work stays small however long this goes on. */
	(void)snprintf(name, sizeof(name), "load/%u", w->no);
	(void)snprintf(w->value, sizeof(w->value), "value-%u-under-load-%u",
	    w->no, i);
	if ((err = put_into(&w->p.store, &w->h->actor, "instance", name,
	    w->value, NULL, &w->last)) != SR_OK)
		return (err);
	w->saved++;
	w->gone = false;
	if (i % 4 != 3)
		return (SR_OK);
	r.id = w->last.id;
	err = secret_revoke(&w->p.store, &w->h->actor, &r, NULL);
	if (err == SR_OK) {
		w->gone = true;
		w->revoked++;
	}
	return (err);
}

static inline void *
write_on(void * cookie)
{
	struct writer * w = cookie;
	enum sr_error err;
	unsigned i;

	for (i = 0; !atomic_load(w->end); i++) {
		if ((err = write_once(w, i)) != SR_OK)
			w->worst = err;
		if (reload_keys(w->h, &w->p.store) != SR_OK)
			w->worst = SR_E_ROOT_KEY_UNREADABLE;
		atomic_fetch_add(&w->reloads, 1);
		/* What is tried here is the rotation; it needs the machine. */
		sleep_ms(4);
	}
	db_free(&w->p.store.db);
	db_thread_end();
	return (NULL);
}

static inline void
writers_start(const struct house * h, struct writer w[WRITERS],
    atomic_bool * end)
{
	unsigned i;

	for (i = 0; i < WRITERS; i++) {
		w[i] = (struct writer){ .h = h, .no = i, .end = end };
		process_open(h, &w[i].p);
		CU_ASSERT_FATAL(pthread_create(&w[i].thread, NULL, write_on,
		    &w[i]) == 0);
	}
}

/* As after SIGHUP: each has read the file once more, from its begin. */
static inline void
wait_for_reloads(struct writer w[WRITERS])
{
	unsigned i, before[WRITERS];

	for (i = 0; i < WRITERS; i++)
		before[i] = atomic_load(&w[i].reloads);
	for (i = 0; i < WRITERS; i++)
		while (atomic_load(&w[i].reloads) - before[i] < 2)
			sleep_ms(1);
}

/* End them: none was refused, what they saved last opens, chains verify. */
static inline void
writers_end(const struct house * h, struct writer w[WRITERS],
    atomic_bool * end, unsigned * saved, unsigned * revoked)
{
	uint32_t rows;
	unsigned i;

	atomic_store(end, true);
	*saved = *revoked = 0;
	for (i = 0; i < WRITERS; i++) {
		(void)pthread_join(w[i].thread, NULL);
		ASSERT_ERR(w[i].worst, SR_OK);
		*saved += w[i].saved;
		*revoked += w[i].revoked;
		if (!w[i].gone)
			CU_ASSERT(opens_to(&h->store, &w[i].last.id,
			    w[i].last.key_version, w[i].value));
		ASSERT_ERR(audit_verify_chain(&h->store, &w[i].last.id,
		    &rows), SR_OK);
		process_close(&w[i].p);
	}
}

#endif /* !SR_TESTS_CORE_VAULT_WRITERS_H */
