#ifndef SR_CORE_RUNS_RUN_H
#define SR_CORE_RUNS_RUN_H

/*
 * Runs of a project's workflows. A run takes its leases when it starts, keeps
 * them by calling now and then, and lets go of them when it ends.
 *
 *   pending            running, cancelled
 *   running            awaiting_approval, completed, failed, cancelled
 *   awaiting_approval  running, failed, cancelled
 *   completed, failed, cancelled: ends
 */

#include "core/runs/project.h"

#define RUN_NAME_MAX	160
#define RUN_VERSION_MAX	64
#define RUN_TRIGGER_MAX	64

enum run_status { RUN_PENDING, RUN_RUNNING, RUN_AWAITING_APPROVAL,
    RUN_COMPLETED, RUN_FAILED, RUN_CANCELLED, RUN_STATUS__MAX };

struct run {
	struct sr_id id;
	struct sr_id project_id;
	char workflow_name[RUN_NAME_MAX + 1];
	char workflow_version[RUN_VERSION_MAX + 1];
	char trigger[RUN_TRIGGER_MAX + 1];
	char name[RUN_NAME_MAX + 1];	/* "": none. */
	enum run_status status;
	struct sr_id api_key_id;	/* Of who started it; nil: none. */
	sr_time created_at;
	sr_time started_at;
	sr_time completed_at;
	sr_time heartbeat_at;
};

struct run_write {
	struct sr_id project_id;
	const char * workflow_name;
	const char * workflow_version;
	const char * trigger;
	const char * name;		/* NULL: "". */
	bool pending;			/* Do not start it yet. */
};

const char * run_status_name(enum run_status status);
SR_NODISCARD bool run_status_parse(const char * text, enum run_status * out);

/** run_ended(status): whether it has. */
SR_NODISCARD bool run_ended(enum run_status status);

/** run_may_move(from, to): the table above. */
SR_NODISCARD bool run_may_move(enum run_status from, enum run_status to);

/**
 * run_create(store, actor, write, lease_minutes, complaint, out):
 * Start it, and take a lease of the current version of every secret that its
 * project binds; one that is revoked or expired is left out, and resolving it
 * says so. Its event run_started is written. Errors: PROJECT_NOT_FOUND,
 * RUN_INVALID,
 * PLAINTEXT_SECRET_PERSISTENCE_BLOCKED (audited), RUN_UNAVAILABLE,
 * TRANSACTION_CONFLICT.
 */
SR_NODISCARD enum sr_error run_create(const struct store * store,
    const struct actor * actor, const struct run_write * write,
    unsigned lease_minutes, struct secret_complaint * complaint,
    struct run * out);

/** run_show(db, id, out): Errors: RUN_NOT_FOUND, RUN_UNAVAILABLE. */
SR_NODISCARD enum sr_error run_show(struct db * db, const struct sr_id * id,
    struct run * out);

typedef enum sr_error run_fn(const struct run * run, void * cookie);

/**
 * run_list(db, project_id, before, limit, fn, cookie):
 * Newest first, those created before ${before} (SR_TIME_NONE: all). Errors:
 * RUN_UNAVAILABLE, and what ${fn} returns.
 */
SR_NODISCARD enum sr_error run_list(struct db * db,
    const struct sr_id * project_id, sr_time before, unsigned limit,
    run_fn * fn, void * cookie);

/**
 * run_list_below(db, after, limit, fn, cookie):
 * As run_list, of the project of ${after}, which is not in it: those that come
 * after it, also where several were created at the same time.
 */
SR_NODISCARD enum sr_error run_list_below(struct db * db,
    const struct run * after, unsigned limit, run_fn * fn, void * cookie);

/**
 * run_move(store, id, to, lease_minutes, out):
 * To another status; the same one again is no error and changes nothing. An
 * ended run's leases are let go in the same transaction, one that starts takes
 * them, and the event that says so is written (event.h). Errors:
 * RUN_NOT_FOUND, RUN_TRANSITION_INVALID, RUN_UNAVAILABLE,
 * TRANSACTION_CONFLICT.
 */
SR_NODISCARD enum sr_error run_move(const struct store * store,
    const struct sr_id * id, enum run_status to, unsigned lease_minutes,
    struct run * out);

/**
 * run_move_by(store, actor, id, to, lease_minutes, out):
 * As run_move, for somebody who called. A run that awaits approval goes on when
 * a person says so: not for an API key. What a person decides, that it goes on
 * or is cancelled, has an audit row in the same transaction. Errors: +
 * APPROVAL_NEEDS_PERSON, SECRET_AUDIT_PERSISTENCE_FAILED.
 */
SR_NODISCARD enum sr_error run_move_by(const struct store * store,
    const struct actor * actor, const struct sr_id * id, enum run_status to,
    unsigned lease_minutes, struct run * out);

/**
 * run_beat(store, id, lease_minutes):
 * The run lives: its leases are held for so long from now. Any call of a run is
 * one. Errors: RUN_UNAVAILABLE.
 */
SR_NODISCARD enum sr_error run_beat(const struct store * store,
    const struct sr_id * id, unsigned lease_minutes);

/**
 * run_reap(store, status, before, limit, reaped):
 * Those of ${status}, which is no end, that have not called since ${before}
 * have ended, and the last event says why: running ones have failed
 * (heartbeat_lost: their program is gone), those that await approval too
 * (approval_expired: nobody decided), pending ones are cancelled
 * (never_started). For the job. Errors: RUN_UNAVAILABLE, TRANSACTION_CONFLICT.
 */
SR_NODISCARD enum sr_error run_reap(const struct store * store,
    enum run_status status, sr_time before, unsigned limit, unsigned * reaped);

#endif /* !SR_CORE_RUNS_RUN_H */
