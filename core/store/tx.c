#include <mysql.h>

#include <poll.h>
#include <string.h>

#include "core/base/metric.h"
#include "core/base/random.h"
#include "core/log/log.h"
#include "core/store/db_internal.h"
#include "core/store/tx.h"

#define ATTEMPTS		5
#define PAUSE_MS		4u	/* Doubled by each attempt. */
#define LOOK_UP_PAUSE_MS	20u	/* Doubled, up to: */
#define LOOK_UP_PAUSE_MAX_MS	1000u

struct tx {
	struct db * db;
	int64_t end;		/* By clock_boot_ms: too late to commit. */
};

/* How one attempt ended. */
enum ending {
	DONE,		/* Committed, or failed for good. */
	AGAIN,		/* Rolled back by circumstances. */
	UNKNOWN		/* COMMIT was sent and not answered. */
};

/** tx_db(tx): the connection, for db_exec and db_query. */
struct db *
tx_db(struct tx * tx)
{

	return (tx->db);
}

/* Two that collided must not meet again: half of the time is random. */
static void
pause_about(unsigned ms)
{
	uint16_t r = 0;

	if (random_bytes(&r, sizeof(r)) != SR_OK)
		r = 0;
	(void)poll(NULL, 0, (int)(ms / 2 + r % (ms / 2 + 1)));
}

static int64_t
limit_ms(const struct db * db)
{

	return ((int64_t)(db->o.timeout_seconds != 0 ? db->o.timeout_seconds :
	    DB_TIMEOUT_STANDARD) * 1000);
}

/* Too short a limit is for tests, too long a one would be for nobody. */
static int64_t
longest_ms(const struct db * db)
{
	unsigned s = db->o.tx_seconds;

	return ((int64_t)(s == 0 || s > TX_SECONDS_MAX ? TX_SECONDS_MAX : s) *
	    1000);
}

static enum sr_error
begin(struct db * db)
{
	enum sr_error err;

	db->broken = SR_OK;
	db->refused = false;
	db_queue_clear(db);
	if ((err = db_ready(db)) != SR_OK)
		return (err);
	/* Sent with the first statement. */
	db->begin_due = true;
	return (SR_OK);
}

/* If even this fails the connection goes, and the server rolls back. */
static void
roll_back(struct db * db)
{
	unsigned err_no = db->err_no;

	db_queue_clear(db);
	if (db->my != NULL && !db->begin_due &&
	    mysql_real_query(db->my, "ROLLBACK", 8) != 0)
		db_close(db);
	db->begin_due = false;
	/* Callers ask why the transaction failed, not how it was ended. */
	db->err_no = err_no;
}

/* COMMIT, with what waits before it if somebody can tell afterwards whether it
 * was done. ${doubt}: it failed, and may have been. */
static enum sr_error
send_commit(struct db * db, bool witnessed, bool * doubt)
{
	enum sr_error err;

	*doubt = false;
	if (witnessed && db->queue != NULL && db->queue->steps > 0)
		return (db_block_run(db, true, doubt));
	if ((err = db_catch_up(db)) != SR_OK)
		return (err);
	if (mysql_real_query(db->my, "COMMIT", 6) == 0)
		return (SR_OK);
	db->err_no = mysql_errno(db->my);
	*doubt = true;
	return (db_classify(db->err_no));
}

/* Only a conflict says for certain that nothing was committed. Whatever else
 * goes wrong with COMMIT leaves it open; then this connection must go, for as
 * long as it is there the server may be at it. */
static enum sr_error
commit(struct db * db, bool witnessed, enum ending * ending)
{
	enum sr_error err;
	bool doubt;

	if ((err = send_commit(db, witnessed, &doubt)) == SR_OK)
		return (SR_OK);
	if (!doubt || err == SR_E_TRANSACTION_CONFLICT) {
		if (db->broken != SR_OK || err == SR_E_TRANSACTION_CONFLICT)
			*ending = AGAIN;
		roll_back(db);
		return (err);
	}
	LOG(DATABASE_LOST, log_const("statement", "commit"),
	    log_u64("errno", db->err_no));
	*ending = UNKNOWN;
	db_close(db);
	return (SR_E_DATABASE_UNAVAILABLE);
}

/*
 * What was stamped long ago must not appear now: those who read the log of
 * changes have looked for it in vain and do not look there any more.
 */
static enum sr_error
commit_in_time(const struct tx * tx, bool witnessed, enum ending * ending)
{

	if (db_closed_by_server(tx->db)) {
		/* Idle for too long, say. COMMIT was not sent: no doubt. */
		LOG(DATABASE_LOST, log_const("statement", "before_commit"));
		db_close(tx->db);
		*ending = AGAIN;
		return (SR_E_DATABASE_UNAVAILABLE);
	}
	if (clock_boot_ms() < tx->end)
		return (commit(tx->db, witnessed, ending));
	LOG(TRANSACTION_EXPIRED, log_u64("seconds_max",
	    (uint64_t)longest_ms(tx->db) / 1000));
	*ending = AGAIN;
	roll_back(tx->db);
	return (SR_E_DATABASE_UNAVAILABLE);
}

static enum sr_error
attempt_once(struct db * db, bool witnessed, tx_fn * fn, void * cookie,
    enum ending * ending)
{
	struct tx tx = { .db = db, .end = clock_boot_ms() + longest_ms(db) };
	enum sr_error err;

	*ending = DONE;
	if ((err = begin(db)) != SR_OK) {
		if (err == SR_E_DATABASE_UNAVAILABLE)
			*ending = AGAIN;
		return (err);
	}
	db->in_tx = true;
	err = fn(&tx, cookie);
	/* Whatever fn made of it: the server has left this transaction. */
	if (db->broken != SR_OK)
		err = db->broken;
	else if (db->refused)
		err = SR_E_DATABASE_REFUSED;
	if (err == SR_OK) {
		err = commit_in_time(&tx, witnessed, ending);
	} else {
		if (db->broken != SR_OK || err == SR_E_TRANSACTION_CONFLICT)
			*ending = AGAIN;
		roll_back(db);
	}
	db->in_tx = db->begin_due = false;
	db->broken = SR_OK;
	db_queue_clear(db);
	return (err);
}

/* What was refused of several statements is told when they come alone. */
static enum sr_error
attempt(struct db * db, bool witnessed, tx_fn * fn, void * cookie,
    enum ending * ending)
{
	enum sr_error err;

	err = attempt_once(db, witnessed, fn, cookie, ending);
	if (!db->refused)
		return (err);
	db->apart = true;
	err = attempt_once(db, witnessed, fn, cookie, ending);
	db->apart = false;
	return (err);
}

static enum sr_error
note_row(const struct db_row * row, void * cookie)
{
	bool * found = cookie;

	(void)row;
	*found = true;
	return (SR_OK);
}

/* Who tells whether it was committed; NULL: nobody. */
struct witness {
	tx_look_fn * look;
	void * cookie;
};

static enum sr_error
look_at_audit(struct db * db, void * cookie, bool * found)
{
	const struct sr_id * id = cookie;

	return (db_query(db, STMT_AUDIT_WITNESS, DB_ARGS(DB_UUID(id)),
	    note_row, found));
}

/*
 * Whether the witness was committed. The read locks, so it waits for the
 * former connection if the server is still committing or rolling back there.
 */
static enum sr_error
look_up(struct db * db, const struct witness * witness, bool * found)
{
	int64_t end = clock_monotonic_ms() + limit_ms(db);
	unsigned pause = LOOK_UP_PAUSE_MS;
	enum sr_error err;

	for (;;) {
		*found = false;
		err = witness->look(db, witness->cookie, found);
		if (err != SR_E_DATABASE_UNAVAILABLE &&
		    err != SR_E_TRANSACTION_CONFLICT)
			break;
		if (clock_monotonic_ms() >= end)
			break;
		pause_about(pause);
		if (pause < LOOK_UP_PAUSE_MAX_MS)
			pause *= 2;
	}
	if (err != SR_OK)
		return (sr_fail(SR_E_COMMIT_OUTCOME_UNKNOWN,
		    log_error(err)));
	LOG(COMMIT_LOOKED_UP, log_const("found", *found ? "yes" : "no"));
	return (SR_OK);
}

/*
 * After a failed attempt: look up what an unanswered COMMIT did, now or in an
 * earlier attempt (on another Galera node it can arrive late; then this attempt
 * has failed on the same ids). SR_OK: it is committed.
 */
static enum sr_error
settle(struct db * db, const struct witness * witness, enum sr_error err,
    enum ending * ending, bool * open)
{
	enum sr_error looked;
	unsigned err_no = db->err_no;
	bool found;

	if (*ending == UNKNOWN && witness->look == NULL)
		return (sr_fail(SR_E_COMMIT_OUTCOME_UNKNOWN,
		    log_const("witness", "none")));
	if (*ending != UNKNOWN && !*open)
		return (err);
	if ((looked = look_up(db, witness, &found)) != SR_OK || found) {
		*ending = DONE;
		return (looked);
	}
	db->err_no = err_no;
	if (*ending == UNKNOWN)
		*ending = AGAIN;
	*open = true;
	return (err);
}

static enum sr_error
run(struct db * db, const struct witness * witness, tx_fn * fn, void * cookie)
{
	int64_t end = clock_monotonic_ms() + limit_ms(db);
	enum ending ending;
	enum sr_error err;
	bool open = false;
	unsigned n;

	must(!db->in_tx);
	for (n = 1;; n++) {
		err = attempt(db, witness->look != NULL, fn, cookie,
		    &ending);
		if (err != SR_OK)
			err = settle(db, witness, err, &ending, &open);
		if (err == SR_OK || ending != AGAIN)
			return (err);
		if (n == ATTEMPTS || clock_monotonic_ms() >= end)
			break;
		metric_count(METRIC_DATABASE_RETRIES);
		LOG(TRANSACTION_RETRIED, log_u64("attempt", n),
		    log_u64("errno", db->err_no), log_error(err));
		pause_about(PAUSE_MS << n);
	}
	/* A lost connection has its line; this is the first of a conflict. */
	if (err != SR_E_TRANSACTION_CONFLICT)
		return (err);
	return (sr_fail(err, log_u64("attempts", n),
	    log_u64("errno", db->err_no)));
}

/**
 * tx_run(db, witness, fn, cookie):
 * BEGIN, ${fn}, COMMIT, with retries; see tx.h.
 */
enum sr_error
tx_run(struct db * db, const struct sr_id * witness, tx_fn * fn, void * cookie)
{
	struct sr_id id = witness == NULL ? sr_id_nil : *witness;
	const struct witness w = { .look = witness == NULL ? NULL :
	    look_at_audit, .cookie = &id };

	return (run(db, &w, fn, cookie));
}

/** tx_run_seen(db, look, fn, cookie): with another witness. */
enum sr_error
tx_run_seen(struct db * db, tx_look_fn * look, tx_fn * fn, void * cookie)
{
	const struct witness w = { .look = look, .cookie = cookie };

	return (run(db, &w, fn, cookie));
}
