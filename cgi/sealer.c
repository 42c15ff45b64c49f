#include <stdlib.h>

#include "cgi/background.h"
#include "cgi/ready.h"
#include "cgi/sealer.h"
#include "cgi/worker.h"
#include "core/audit/checkpoint.h"
#include "core/log/log.h"
#include "core/store/chore.h"
#include "core/store/db.h"

#define SEAL		"seal"
#define SWEEP		"sweep"
#define SWEEP_SECONDS	3600
/* A little more than the chore's time, or it would just not be due. */
#define LATER_MS	20
/* Between attempts while something is wrong: from first to last by doubling. */
#define PAUSE_FIRST_MS	500
#define PAUSE_MAX_MS	15000
/* A tree that was tampered with does not mend itself. */
#define BROKEN_SECONDS	60
/* Checkpoints that are still made when the worker is to end. */
#define LAST_ROUNDS	4

struct sealer {
	struct background * background;
	enum sr_error state;	/* What the last turn came to. */
	unsigned pause_ms;
};

/* What waits, or as much of it as is allowed at the end. */
static enum sr_error
seal(const struct background_turn * t, bool at_the_end)
{
	const struct store store = { .db = t->db, .keys = t->worker->keys,
	    .redact = t->worker->redact };
	unsigned rounds = 0;
	enum sr_error err;
	uint64_t n;
	bool more;

	do {
		err = checkpoint_seal(&store, &n, &more);
	} while (err == SR_OK && more && (at_the_end ?
	    ++rounds < LAST_ROUNDS : !background_stopping(t->self)));
	/* Committed or not: the next sealing goes on from what is there. */
	return (err == SR_E_COMMIT_OUTCOME_UNKNOWN ? SR_OK : err);
}

static enum sr_error
sweep(const struct background_turn * t)
{
	struct sr_id after = sr_id_nil;
	uint64_t added = 0;
	enum sr_error err;
	bool end = false;

	do {
		err = checkpoint_sweep_page(t->db, &after, &added, &end);
	} while (err == SR_OK && !end && !background_stopping(t->self));
	return (err);
}

/* Without the root key nothing can be signed; others need not wait for us. */
static enum sr_error
work(const struct background_turn * t)
{
	enum sr_error err;
	bool mine;

	if ((err = ready_background(t->worker, t->db)) != SR_OK ||
	    (err = chore_claim(t->db, SEAL, t->worker->seal_seconds, &mine)) !=
	    SR_OK)
		return (err);
	if (mine && (err = seal(t, false)) != SR_OK)
		return (err);
	if ((err = chore_claim(t->db, SWEEP, SWEEP_SECONDS, &mine)) != SR_OK)
		return (err);
	return (mine ? sweep(t) : SR_OK);
}

/* One line for each change. */
static void
note(struct sealer * s, enum sr_error err)
{

	if (err == s->state)
		return;
	if (err != SR_OK)
		LOG(SEALER_WAITS, log_error(err));
	else
		LOG0(SEALER_WORKS);
	s->state = err;
}

static unsigned
turn(const struct background_turn * t)
{
	struct sealer * s = t->cookie;
	enum sr_error err = work(t);

	if (err == SR_E_AUDIT_CHAIN_BROKEN &&
	    chore_soon(t->db, SEAL, BROKEN_SECONDS) != SR_OK)
		err = SR_E_DATABASE_UNAVAILABLE;
	ready_lost(t->worker, err);
	note(s, err);
	if (err == SR_OK)
		s->pause_ms = t->worker->seal_seconds * 1000 + LATER_MS;
	else if (s->pause_ms < PAUSE_MAX_MS)
		s->pause_ms *= 2;
	return (s->pause_ms);
}

static void
end(const struct background_turn * t)
{
	struct sealer * s = t->cookie;

	if (s->state == SR_OK)
		note(s, seal(t, true));
}

enum sr_error
sealer_start(struct worker * w, struct sealer ** out)
{
	struct background_work all = { .turn = turn, .end = end };
	struct sealer * s;
	enum sr_error err;

	*out = NULL;
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	s->pause_ms = PAUSE_FIRST_MS;
	all.cookie = s;
	if ((err = background_start(w, &all, &s->background)) != SR_OK) {
		free(s);
		return (err);
	}
	*out = s;
	return (SR_OK);
}

void
sealer_stop(struct sealer ** s)
{

	if (*s == NULL)
		return;
	background_stop(&(*s)->background);
	free(*s);
	*s = NULL;
}
