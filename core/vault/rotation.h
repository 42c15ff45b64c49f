#ifndef SR_CORE_VAULT_ROTATION_H
#define SR_CORE_VAULT_ROTATION_H

/*
 * Rotating a provider's credential without an interruption: the current one
 * is checked, the new version stored and the reference switched in one
 * transaction, the new version checked, and then the rotation is done, or
 * rolled back in one transaction. Each step is a row in table rotation before
 * it is taken and an audit row after, so that any worker can go on where
 * another was killed (rotation_resume), and only one of them does: a step is a
 * transaction that begins with the state it expects. rotation.def has the
 * states.
 */

#include "core/vault/provider_status.h"

enum rotation_state {
#define ROTATION_STATE(id, name, open, meaning, next) ROTATION_##id,
#include "core/vault/rotation.def"
#undef ROTATION_STATE
	ROTATION__MAX
};

/* What a check of a rotation came to. */
enum rotation_check { ROTATION_UNCHECKED, ROTATION_PASSED, ROTATION_REFUSED,
    ROTATION_FAILED };

/* A row of table rotation; safe to show. */
struct rotation {
	struct sr_id id;
	char provider[CONFIG_NAME_MAX + 1];
	struct sr_id secret_id;
	uint32_t from_version;
	uint32_t to_version;		/* 0: not stored yet. */
	enum rotation_state state;
	enum rotation_check before;
	enum rotation_check after;
	enum provider_failure before_failure;
	enum provider_failure after_failure;
	unsigned attempts;		/* Checks of the new version. */
	bool rolled_back;
	bool continuity_alarm;		/* Nobody could confirm that the former
					   version works after a roll-back. */
	sr_time started_at;
	sr_time next_at;
	sr_time deadline;
	sr_time finished_at;		/* SR_TIME_NONE: it is open. */
};

struct rotation_limits {
	unsigned attempts;		/* Checks of the new version. */
	unsigned pause_seconds;		/* Between them; doubled each time. */
	unsigned deadline_seconds;
	unsigned claim_seconds;		/* A step of somebody else's that takes
					   longer is taken over. */
};

/** rotation_limits_of(config, out): the configured limits. */
void rotation_limits_of(const struct config * config,
    struct rotation_limits * out);

const char * rotation_state_name(enum rotation_state state);
/** rotation_state_meaning(state): what it means, for people. */
const char * rotation_state_meaning(enum rotation_state state);
bool rotation_is_open(enum rotation_state state);
const char * rotation_check_name(enum rotation_check check);

/**
 * rotation_stuck(rotation, now): it is open, and nobody goes on with it: its
 * time came a minute ago, or its deadline is over.
 */
SR_NODISCARD bool rotation_stuck(const struct rotation * rotation,
    sr_time now);

/**
 * rotation_outcome(rotation): SR_OK for one that is done or may still be,
 * else what its end is called.
 */
enum sr_error rotation_outcome(const struct rotation * rotation);

/* What a rotation works with. */
struct rotating {
	struct provider_checking with;
	const struct rotation_limits * limits;
};

/**
 * rotation_begin(r, provider, value, confirm, complaint, out):
 * Check the current credential, store ${value} and switch to it. ${confirm}: go
 * on although the precheck did not pass. What follows is rotation_step's.
 * Errors: PROVIDER_SOURCE_CONFLICT (the environment's value would win),
 * PROVIDER_CREDENTIAL_MISSING (there is none to rotate: save one),
 * PROVIDER_ROTATION_PRECHECK_FAILED (${out->before} says how; with ${confirm}
 * it goes on), PROVIDER_ROTATION_IN_PROGRESS, those of secret_put; nothing of
 * the credential is changed then. Refusals are audited.
 */
SR_NODISCARD enum sr_error rotation_begin(const struct rotating * r,
    const struct provider * provider, const struct secbuf * value,
    bool confirm, struct secret_complaint * complaint, struct rotation * out);

/**
 * rotation_step(r, provider, rotation, ended):
 * Take the next step of ${rotation} (which is brought up to date); ${ended}:
 * there is no other. Waits for nothing; the pause between checks is next_at.
 * A step that another worker took in the meantime is no error. Errors:
 * PROVIDER_ROTATION_ROLLBACK_FAILED (the roll-back could not be written: it is
 * open and tried again), PROVIDER_CREDENTIAL_UNAVAILABLE,
 * SECRET_AUDIT_PERSISTENCE_FAILED, DATABASE_*, ….
 */
SR_NODISCARD enum sr_error rotation_step(const struct rotating * r,
    const struct provider * provider, struct rotation * rotation,
    bool * ended);

/**
 * rotation_run(r, provider, rotation):
 * Steps to the end, with the pauses between. Errors: as rotation_step, and
 * rotation_outcome's.
 */
SR_NODISCARD enum sr_error rotation_run(const struct rotating * r,
    const struct provider * provider, struct rotation * rotation);

/**
 * rotation_cancel(r, provider, rotation):
 * End the open rotation of ${provider}, whatever keeps it from going on: one
 * that stored nothing ends as cancelled; after the switch the former version is
 * made active again and asked about (ROLLED_BACK, or CONFIRMING still when that
 * could not be written, then with an error). Each step is taken once, by whoever
 * is first. ${rotation} is how it ended. Errors: PROVIDER_ROTATION_NOT_OPEN
 * (there is none, or its end came first; audited), and as rotation_step.
 */
SR_NODISCARD enum sr_error rotation_cancel(const struct rotating * r,
    const struct provider * provider, struct rotation * rotation);

/**
 * rotation_resume(r, providers, taken):
 * Take one step of one rotation whose time has come; ${taken}: there was one.
 * For the workers' background. Errors: as rotation_step.
 */
SR_NODISCARD enum sr_error rotation_resume(const struct rotating * r,
    const struct providers * providers, bool * taken);

/**
 * rotation_latest(db, provider, out, found): the one begun last. Errors:
 * PROVIDER_CREDENTIAL_UNAVAILABLE.
 */
SR_NODISCARD enum sr_error rotation_latest(struct db * db,
    const struct provider * provider, struct rotation * out, bool * found);

#endif /* !SR_CORE_VAULT_ROTATION_H */
