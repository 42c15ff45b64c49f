#ifndef SR_CORE_RUNS_RUNS_INTERNAL_H
#define SR_CORE_RUNS_RUNS_INTERNAL_H

/* What the files of this room share. */

#include <stdio.h>

#include "core/redact/redact.h"
#include "core/runs/run.h"
#include "core/store/tx.h"
#include "core/vault/policy.h"

/** runs_text(text, least, most): text of so many bytes, without controls. */
SR_NODISCARD bool runs_text(const char * text, size_t least, size_t most);

/** runs_error(err): what a failed statement is called up here. */
SR_NODISCARD enum sr_error runs_error(enum sr_error err);

/** run_of_row(row, out): from the columns RUN_COLS, the first of a row. */
SR_NODISCARD enum sr_error run_of_row(const struct db_row * row,
    struct run * out);

/**
 * run_shift(tx, run, to, until):
 * Move a run whose row is locked, with its leases. Errors:
 * RUN_TRANSITION_INVALID, and those of db_exec.
 */
SR_NODISCARD enum sr_error run_shift(struct tx * tx, struct run * run,
    enum run_status to, sr_time until);

/**
 * runs_lock(db, id, out): the run, its row locked, in a transaction. Errors:
 * RUN_NOT_FOUND, and as db_query.
 */
SR_NODISCARD enum sr_error runs_lock(struct db * db, const struct sr_id * id,
    struct run * out);

/** runs_living(run): Errors: RUN_NOT_STARTED, RUN_FINISHED. */
SR_NODISCARD enum sr_error runs_living(const struct run * run);

/**
 * runs_know(store): bring the redactor's live set up to date, if anybody keeps
 * it, also in a transaction. Errors: as liveset_refresh.
 */
SR_NODISCARD enum sr_error runs_know(const struct store * store);

/**
 * runs_guess(store, actor, run, channel, hits): run_guess for a text that may
 * be large, or come again and again. Guesses are secrets that the run is not
 * bound to; its own it may read, so a text that has one in each line is noisy,
 * and counts as one hit.
 */
SR_NODISCARD enum sr_error runs_guess(const struct store * store,
    const struct actor * actor, const struct run * run,
    enum redact_channel channel, const struct redact_hits * hits);

/**
 * runs_plain(store, about, channel, fields, n, complaint):
 * policy_admit for plain fields of the run that is the target of ${about}. A
 * refusal tells as much as a mask does, so a field that has a secret is a guess
 * (run_alert.h). Errors: PLAINTEXT_SECRET_PERSISTENCE_BLOCKED, or those of
 * run_guess in its place.
 */
SR_NODISCARD enum sr_error runs_plain(const struct store * store,
    const struct audit_entry * about, enum redact_channel channel,
    const struct policy_field * fields, size_t n,
    struct secret_complaint * complaint);

/** runs_blocked(store, actor, run_id, channel, fields, n): one was refused. */
SR_NODISCARD enum sr_error runs_blocked(const struct store * store,
    const struct actor * actor, const struct sr_id * run_id,
    enum redact_channel channel, const struct policy_field * fields, size_t n);

/* run_move.c: what people decide about runs. */

/** decision_type(actor, type): Errors: APPROVAL_NEEDS_PERSON. */
SR_NODISCARD enum sr_error decision_type(const struct actor * actor,
    const char * type);

/** decision_move(actor, from, to): Errors: APPROVAL_NEEDS_PERSON. */
SR_NODISCARD enum sr_error decision_move(const struct actor * actor,
    enum run_status from, enum run_status to);

/**
 * decision_audit(tx, store, actor, run_id, type): with the run's row locked, if
 * it is a decision and a person's. Errors: as audit_append.
 */
SR_NODISCARD enum sr_error decision_audit(struct tx * tx,
    const struct store * store, const struct actor * actor,
    const struct sr_id * run_id, const char * type);

#endif /* !SR_CORE_RUNS_RUNS_INTERNAL_H */
