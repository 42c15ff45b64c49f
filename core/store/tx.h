#ifndef SR_CORE_STORE_TX_H
#define SR_CORE_STORE_TX_H

/*
 * Transactions as a function: tx_run owns BEGIN, COMMIT, ROLLBACK and the
 * retry. What must not happen outside of a transaction takes a struct tx *.
 */

#include "core/store/db.h"

struct tx;

/*
 * The longest time from BEGIN to COMMIT. Until the server has read COMMIT it
 * takes idle_transaction_timeout more at the most.
 */
#define TX_SECONDS_MAX		60
#define TX_IDLE_SECONDS		30

/* May run more than once: it must not change anything but the database and
 * its own results. Ids are minted before tx_run, so a repeat is the same. */
typedef enum sr_error tx_fn(struct tx * tx, void * cookie);

/**
 * tx_run(db, witness, fn, cookie):
 * BEGIN, ${fn}, COMMIT; BEGIN goes with the first statement, COMMIT with what
 * db_later left to be sent, if there is a witness. A deadlock,
 * a lock-wait timeout or a connection lost
 * before COMMIT was sent: roll back and run again, up to 5 times in all, with a
 * short random pause. So is one that took longer than TX_SECONDS_MAX, even if
 * the machine was suspended meanwhile: it is not committed. If the reply to
 * COMMIT is lost, ${witness} (the id of an audit row that ${fn} writes; NULL if
 * it writes none) is looked up on a new connection: found is committed; absent
 * is run again; without a witness or an answer: COMMIT_OUTCOME_UNKNOWN. Any
 * other result of ${fn} rolls back and is returned. Errors:
 * TRANSACTION_CONFLICT, DATABASE_UNAVAILABLE, DATABASE_REFUSED,
 * COMMIT_OUTCOME_UNKNOWN, and what ${fn} returns.
 */
SR_NODISCARD enum sr_error tx_run(struct db * db, const struct sr_id * witness,
    tx_fn * fn, void * cookie);

/** Whether what ${cookie} tells of was committed; with a locking read. */
typedef enum sr_error tx_look_fn(struct db * db, void * cookie, bool * found);

/**
 * tx_run_seen(db, look, fn, cookie):
 * As tx_run, for what writes no audit row: ${look} is asked in place of looking
 * the witness up.
 */
SR_NODISCARD enum sr_error tx_run_seen(struct db * db, tx_look_fn * look,
    tx_fn * fn, void * cookie);

/** tx_db(tx): the connection, for db_exec and db_query inside of ${fn}. */
struct db * tx_db(struct tx * tx);

#endif /* !SR_CORE_STORE_TX_H */
