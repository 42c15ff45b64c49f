#include <sys/eventfd.h>

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "cgi/ready.h"
#include "cgi/sealer.h"
#include "cgi/worker.h"
#include "core/audit/checkpoint.h"
#include "core/log/log.h"
#include "core/store/chore.h"
#include "core/store/db.h"
#include "core/store/keystore.h"

#define SEAL		"seal"
#define SWEEP		"sweep"
#define SWEEP_SECONDS	3600
/* A little more than the chore's time, or it would just not be due. */
#define LATER_MS	20
/* Between attempts while something is wrong: doubled up to this. */
#define PAUSE_MAX_MS	15000
/* A tree that was tampered with does not mend itself. */
#define BROKEN_SECONDS	60
/* Checkpoints that are still made when the worker is to end. */
#define LAST_ROUNDS	4

struct sealer {
	struct worker * worker;
	int stop;		/* eventfd; readable for ever once written. */
	bool started;
	pthread_t thread;
};

/* The thread's own. */
struct sealing {
	struct sealer * s;
	struct db * db;
	enum sr_error state;	/* What the last attempt came to. */
	unsigned pause_ms;
};

/* Wait, or until it is time to end; whether it is. */
static bool
stopped(const struct sealer * s, unsigned ms)
{
	struct pollfd fd = { .fd = s->stop, .events = POLLIN };
	int n;

	do {
		n = poll(&fd, 1, (int)ms);
	} while (n == -1 && errno == EINTR);
	return (n != 0);
}

/* What waits, or as much of it as is allowed at the end. */
static enum sr_error
seal(struct sealing * t, bool at_the_end)
{
	const struct store store = { .db = t->db, .keys = t->s->worker->keys,
	    .redact = t->s->worker->redact };
	unsigned rounds = 0;
	enum sr_error err;
	uint64_t n;
	bool more;

	do {
		err = checkpoint_seal(&store, &n, &more);
	} while (err == SR_OK && more && (at_the_end ?
	    ++rounds < LAST_ROUNDS : !stopped(t->s, 0)));
	/* Committed or not: the next sealing goes on from what is there. */
	return (err == SR_E_COMMIT_OUTCOME_UNKNOWN ? SR_OK : err);
}

static enum sr_error
sweep(struct sealing * t)
{
	struct sr_id after = sr_id_nil;
	uint64_t added = 0;
	enum sr_error err;
	bool end = false;

	do {
		err = checkpoint_sweep_page(t->db, &after, &added, &end);
	} while (err == SR_OK && !end && !stopped(t->s, 0));
	return (err);
}

/* Without the root key nothing can be signed; others need not wait for us. */
static enum sr_error
key(struct sealing * t)
{
	const struct keyset * set = NULL;
	enum sr_error err;

	if ((err = keystore_take(t->s->worker->keys, t->db, &set)) == SR_OK)
		keyset_release(&set);
	return (err);
}

static enum sr_error
turn(struct sealing * t)
{
	struct worker * w = t->s->worker;
	enum sr_error err;
	bool mine;

	if ((err = ready_schema(w, t->db)) != SR_OK ||
	    (err = key(t)) != SR_OK ||
	    (err = chore_claim(t->db, SEAL, w->seal_seconds, &mine)) != SR_OK)
		return (err);
	if (mine && (err = seal(t, false)) != SR_OK)
		return (err);
	if ((err = chore_claim(t->db, SWEEP, SWEEP_SECONDS, &mine)) != SR_OK)
		return (err);
	return (mine ? sweep(t) : SR_OK);
}

/* One line for each change. */
static void
note(struct sealing * t, enum sr_error err)
{

	if (err == t->state)
		return;
	if (err != SR_OK)
		LOG(SEALER_WAITS, log_error(err));
	else
		LOG0(SEALER_WORKS);
	t->state = err;
}

static void
take_turn(struct sealing * t)
{
	enum sr_error err = turn(t);

	if (err == SR_E_AUDIT_CHAIN_BROKEN &&
	    chore_soon(t->db, SEAL, BROKEN_SECONDS) != SR_OK)
		err = SR_E_DATABASE_UNAVAILABLE;
	/* As for a request: the next one looks at the schema again. */
	if (err == SR_E_DATABASE_UNAVAILABLE || err == SR_E_DATABASE_REFUSED ||
	    err == SR_E_SCHEMA_MISMATCH)
		atomic_store(&t->s->worker->schema_good, false);
	note(t, err);
	if (err == SR_OK)
		t->pause_ms = t->s->worker->seal_seconds * 1000 + LATER_MS;
	else if (t->pause_ms < PAUSE_MAX_MS)
		t->pause_ms *= 2;
}

static void *
thread_main(void * cookie)
{
	struct sealing t = { .s = cookie, .state = SR_OK, .pause_ms = 500 };

	if (worker_connection(t.s->worker, &t.db) == SR_OK) {
		do {
			take_turn(&t);
		} while (!stopped(t.s, t.pause_ms));
		if (t.state == SR_OK)
			note(&t, seal(&t, true));
	}
	db_free(&t.db);
	db_thread_end();
	return (NULL);
}

enum sr_error
sealer_start(struct worker * w, struct sealer ** out)
{
	struct sealer * s;

	*out = NULL;
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	s->worker = w;
	s->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->stop == -1 ||
	    pthread_create(&s->thread, NULL, thread_main, s) != 0) {
		sealer_stop(&s);
		return (sr_fail(SR_E_INTERNAL_ERROR,
		    log_const("step", "sealer")));
	}
	s->started = true;
	*out = s;
	return (SR_OK);
}

void
sealer_stop(struct sealer ** sealer)
{
	struct sealer * s = *sealer;

	if (s == NULL)
		return;
	if (s->stop != -1)
		(void)eventfd_write(s->stop, 1);
	if (s->started)
		(void)pthread_join(s->thread, NULL);
	if (s->stop != -1)
		(void)close(s->stop);
	free(s);
	*sealer = NULL;
}
