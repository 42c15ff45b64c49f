#ifndef SR_CORE_ACCESS_PEOPLE_H
#define SR_CORE_ACCESS_PEOPLE_H

/*
 * Accounts beside the first owner: who there is, invitations, and changes of
 * who may do what. Each change is one transaction with its audit row, ends the
 * sessions that it concerns with its commit, and takes its turn at one row, so
 * that the last owner who can sign in stays.
 */

#include "core/access/account.h"

struct account {
	struct sr_id id;
	char email[EMAIL_MAX + 1];
	enum role role;
	sr_time created_at;
	sr_time disabled_at;		/* SR_TIME_NONE: it may sign in. */
	bool factor;			/* A second factor is asked for. */
};

typedef enum sr_error account_fn(const struct account * account,
    void * cookie);

/** account_list(db, fn, cookie): all, the oldest first. Errors: as db_query. */
SR_NODISCARD enum sr_error account_list(struct db * db, account_fn * fn,
    void * cookie);

/**
 * account_find(db, email, out):
 * The one with that address, which is folded here. Errors: ACCOUNT_NOT_FOUND
 * (also for what is no address), DATABASE_*.
 */
SR_NODISCARD enum sr_error account_find(struct db * db, const char * email,
    struct account * out);

enum account_step { ACCOUNT_STEP_ROLE, ACCOUNT_STEP_DISABLE,
    ACCOUNT_STEP_ENABLE, ACCOUNT_STEP_REMOVE, ACCOUNT_STEP_RESET_FACTOR };

/**
 * account_change(store, actor, step, id, role, out):
 * Do ${step} to account ${id}; ${role} (its name) is for ACCOUNT_STEP_ROLE.
 * ${out} is the account as it was. A lower role, disabling and removing end its
 * sessions and withdraw its invitations; resetting the second factor ends its
 * sessions. A role that it has already is
 * no change. An actor that is an account must be an owner when it is committed.
 * A refusal is audited. Errors: ACCOUNT_NOT_FOUND, ACCOUNT_ROLE_INVALID,
 * ACCOUNT_LAST_OWNER, ACCOUNT_ALREADY_DISABLED, ACCOUNT_ALREADY_ENABLED,
 * SECOND_FACTOR_MISSING, ROLE_FORBIDDEN; SECRET_ENCRYPTION_UNAVAILABLE or
 * ROOT_KEY_MISMATCH (its audit row needs a root key), DATABASE_*,
 * SECRET_AUDIT_PERSISTENCE_FAILED.
 */
SR_NODISCARD enum sr_error account_change(const struct store * store,
    const struct actor * actor, enum account_step step,
    const struct sr_id * id, const char * role, struct account * out);

struct invitation {
	struct sr_id id;
	char email[EMAIL_MAX + 1];
	enum role role;
	char invited_by[ACTOR_LABEL_MAX + 1];
	sr_time created_at;
	sr_time expires_at;
};

typedef enum sr_error invitation_fn(const struct invitation * invitation,
    void * cookie);

/** invitation_list(db, fn, cookie): the open ones, also those out of time. */
SR_NODISCARD enum sr_error invitation_list(struct db * db, invitation_fn * fn,
    void * cookie);

/**
 * invitation_make(store, actor, email, role, hours, field, token, out):
 * Invite ${email} to be a ${role} (its name); a former invitation of the
 * address ends. ${token} is the link's, to be shown once; caller frees.
 * ${field} receives the field a refusal is about. A refusal is audited. Errors:
 * EMAIL_INVALID, ACCOUNT_ROLE_INVALID, ACCOUNT_EXISTS, ROLE_FORBIDDEN,
 * PLAINTEXT_SECRET_PERSISTENCE_BLOCKED; those of account_change's transaction.
 */
SR_NODISCARD enum sr_error invitation_make(const struct store * store,
    const struct actor * actor, const char * email, const char * role,
    unsigned hours, const char ** field, struct disclosed ** token,
    struct invitation * out);

/** invitation_withdraw(store, actor, id): Errors: INVITATION_NOT_FOUND, …. */
SR_NODISCARD enum sr_error invitation_withdraw(const struct store * store,
    const struct actor * actor, const struct sr_id * id);

/**
 * invitation_look(store, actor, token, out, retry_after):
 * The invitation of a link. A wrong one is counted against the address, which
 * is the anonymous actor's label. Errors: INVITATION_INVALID (wrong, used,
 * withdrawn, out of time: one answer for all), SIGN_IN_THROTTLED with the
 * seconds to wait, DATABASE_*. The right one passes in any case.
 */
SR_NODISCARD enum sr_error invitation_look(const struct store * store,
    const struct actor * actor, const struct secbuf * token,
    struct invitation * out, unsigned * retry_after);

/**
 * invitation_accept(store, actor, token, password, cost, out, retry_after):
 * Make the account with that password; the link is used up. Of several at once
 * one succeeds. Errors: those of invitation_look, PASSWORD_INVALID,
 * ACCOUNT_EXISTS, SERVER_BUSY; those of account_change's transaction.
 */
SR_NODISCARD enum sr_error invitation_accept(const struct store * store,
    const struct actor * actor, const struct secbuf * token,
    const struct secbuf * password, unsigned cost, struct invitation * out,
    unsigned * retry_after);

#endif /* !SR_CORE_ACCESS_PEOPLE_H */
