#include "core/log/log.h"
#include "core/vault/rotation_internal.h"

static const struct {
	const char * name;
	bool open;
	const char * meaning;
} states[ROTATION__MAX] = {
#define ROTATION_STATE(id, name, open, meaning, next)			\
	[ROTATION_##id] = { name, open, meaning },
#include "core/vault/rotation.def"
#undef ROTATION_STATE
};

static const char * const checks[] = {
	[ROTATION_UNCHECKED] = "unchecked", [ROTATION_PASSED] = "passed",
	[ROTATION_REFUSED] = "refused", [ROTATION_FAILED] = "failed",
};

/* A step is one check at most; half a minute for the database. */
#define STEP_SECONDS	30
/* So long after its time came a worker would have taken it. */
#define STUCK_SECONDS	60

/** rotation_limits_of(config, out): the configured limits. */
void
rotation_limits_of(const struct config * config, struct rotation_limits * out)
{

	*out = (struct rotation_limits){
		.attempts = (unsigned)config_number(config,
		    CFG_ROTATION_ATTEMPTS),
		.pause_seconds = (unsigned)config_number(config,
		    CFG_ROTATION_PAUSE),
		.deadline_seconds = (unsigned)config_number(config,
		    CFG_ROTATION_DEADLINE),
		.claim_seconds = (unsigned)(config_number(config,
		    CFG_PROVIDER_ATTEMPTS) * config_number(config,
		    CFG_PROVIDER_TIMEOUT)) + STEP_SECONDS,
	};
}

const char *
rotation_state_name(enum rotation_state state)
{

	must(state < ROTATION__MAX);
	return (states[state].name);
}

const char *
rotation_state_meaning(enum rotation_state state)
{

	must(state < ROTATION__MAX);
	return (states[state].meaning);
}

bool
rotation_is_open(enum rotation_state state)
{

	must(state < ROTATION__MAX);
	return (states[state].open);
}

const char *
rotation_check_name(enum rotation_check check)
{

	return (checks[check]);
}

/** rotation_stuck(rotation, now): it is open, and nobody goes on with it. */
bool
rotation_stuck(const struct rotation * rotation, sr_time now)
{

	return (rotation_is_open(rotation->state) &&
	    (rotation->deadline < now || rotation->next_at <
	    now - (sr_time)STUCK_SECONDS * SR_SECOND));
}

/** rotation_outcome(rotation): what its end is called. */
enum sr_error
rotation_outcome(const struct rotation * rotation)
{
	enum sr_error unproved = rotation->after == ROTATION_UNCHECKED ?
	    SR_E_PROVIDER_ROTATION_CANCELLED :
	    SR_E_PROVIDER_ROTATION_VALIDATION_FAILED;

	switch (rotation->state) {
	case ROTATION_CONFIRMING:
	case ROTATION_ROLLED_BACK:
		return (unproved);
	case ROTATION_CANCELLED:
		return (SR_E_PROVIDER_ROTATION_CANCELLED);
	case ROTATION_PRECHECKED:
	case ROTATION_SWITCHED:
	case ROTATION_DONE:
	case ROTATION__MAX:
		break;
	}
	return (SR_OK);
}

/** rotation_check_of(verdict): its outcome in a rotation's words. */
enum rotation_check
rotation_check_of(const struct provider_verdict * verdict)
{

	switch (verdict->outcome) {
	case PROVIDER_PASSED:
		return (ROTATION_PASSED);
	case PROVIDER_REFUSED:
		return (ROTATION_REFUSED);
	case PROVIDER_FAILED:
		break;
	}
	return (ROTATION_FAILED);
}

/** rotation_error(err): what a failed transaction is called. */
enum sr_error
rotation_error(enum sr_error err)
{

	if (err == SR_E_DATABASE_UNAVAILABLE || err == SR_E_DATABASE_REFUSED ||
	    err == SR_E_SCHEMA_MISMATCH)
		return (SR_E_PROVIDER_CREDENTIAL_UNAVAILABLE);
	return (err);
}

static bool
parse_state(const char * text, enum rotation_state * out)
{
	size_t i;

	for (i = 0; i < ROTATION__MAX; i++)
		if (strcmp(states[i].name, text) == 0) {
			*out = (enum rotation_state)i;
			return (true);
		}
	return (false);
}

static enum rotation_check
parse_check(const char * text)
{
	size_t i;

	for (i = 0; i < COUNTOF(checks); i++)
		if (strcmp(checks[i], text) == 0)
			return ((enum rotation_check)i);
	return (ROTATION_UNCHECKED);
}

/** rotation_row(row, out): the columns of ROTATION_COLS in stmt.def. */
enum sr_error
rotation_row(const struct db_row * row, struct rotation * out)
{

	*out = (struct rotation){ .id = db_col_uuid(row, 0),
	    .secret_id = db_col_uuid(row, 2),
	    .from_version = (uint32_t)db_col_int(row, 3),
	    .to_version = (uint32_t)db_col_int(row, 4),
	    .before = parse_check(db_col_text(row, 6)),
	    .before_failure = provider_failure_parse(db_col_text(row, 7)),
	    .after = parse_check(db_col_text(row, 8)),
	    .after_failure = provider_failure_parse(db_col_text(row, 9)),
	    .attempts = (unsigned)db_col_int(row, 10),
	    .rolled_back = db_col_int(row, 11) != 0,
	    .continuity_alarm = db_col_int(row, 12) != 0,
	    .started_at = db_col_time(row, 13),
	    .next_at = db_col_time(row, 14), .deadline = db_col_time(row, 15),
	    .finished_at = db_col_time(row, 16) };
	snprintf(out->provider, sizeof(out->provider), "%s",
	    db_col_text(row, 1));
	if (!parse_state(db_col_text(row, 5), &out->state))
		return (sr_fail(SR_E_SCHEMA_MISMATCH,
		    log_const("column", "rotation.state")));
	return (SR_OK);
}

struct one {
	struct rotation * rotation;
	bool found;
};

static enum sr_error
take_one(const struct db_row * row, void * cookie)
{
	struct one * one = cookie;

	one->found = true;
	return (rotation_row(row, one->rotation));
}

/** rotation_latest(db, provider, out, found): the one begun last. */
enum sr_error
rotation_latest(struct db * db, const struct provider * provider,
    struct rotation * out, bool * found)
{
	struct one one = { .rotation = out };
	enum sr_error err;

	err = db_query(db, STMT_ROTATION_LATEST,
	    DB_ARGS(DB_TEXT(provider->name)), take_one, &one);
	*found = one.found;
	return (rotation_error(err));
}

/** rotation_audit(r, provider, action, rotation, e): fill in ${e}. */
enum sr_error
rotation_audit(const struct rotating * r, const struct provider * provider,
    enum audit_action action, const struct rotation * rotation,
    struct audit_entry * e)
{

	*e = (struct audit_entry){ .actor = r->with.actor, .action = action,
	    .outcome = AUDIT_SUCCEEDED, .error = SR_OK,
	    .target_kind = "secret", .target_id = rotation->secret_id,
	    .scope = secret_scope_name(SCOPE_INTEGRATION),
	    .name = provider->secret, .key_version = rotation->to_version,
	    .occurred_at = clock_now() };
	return (sr_id_new(&e->id));
}

static enum sr_error
take_state(const struct db_row * row, void * cookie)
{
	enum rotation_state * state = cookie;

	return (parse_state(db_col_text(row, 0), state) ? SR_OK :
	    SR_E_SCHEMA_MISMATCH);
}

/** rotation_end_write(tx, e): to the next state, if it is where it was. */
enum sr_error
rotation_end_write(struct tx * tx, struct rotation_end * e)
{
	enum rotation_state now = ROTATION__MAX;
	struct rotation * n = e->rotation;
	struct db * db = tx_db(tx);
	bool open = rotation_is_open(e->to);
	enum sr_error err;

	e->overtaken = false;
	if ((err = db_query(db, STMT_ROTATION_LOCK, DB_ARGS(DB_UUID(&n->id)),
	    take_state, &now)) != SR_OK)
		return (err);
	if (now != e->from) {
		e->overtaken = true;
		return (SR_OK);
	}
	return (db_exec(db, STMT_ROTATION_WRITE,
	    DB_ARGS(DB_TEXT(rotation_state_name(e->to)),
	    DB_INT(n->to_version), DB_TEXT(rotation_check_name(n->after)),
	    DB_TEXT(provider_failure_name(n->after_failure)),
	    DB_INT(n->attempts), DB_INT(n->rolled_back),
	    DB_INT(n->continuity_alarm), DB_TIME(n->next_at),
	    DB_TIME(open ? SR_TIME_NONE : clock_now()),
	    open ? DB_INT(1) : DB_NULL, DB_UUID(&n->id)), NULL));
}

/** rotation_status(db, provider, status, rotation, now): of the provider. */
enum sr_error
rotation_status(struct db * db, const struct provider * provider,
    enum provider_status status, const struct rotation * rotation, sr_time now)
{
	bool verified = status == PROVIDER_ACTIVE;
	uint32_t version = rotation->rolled_back ? rotation->from_version :
	    rotation->to_version;
	enum sr_error err;

	err = db_exec(db, STMT_PROVIDER_ENSURE,
	    DB_ARGS(DB_TEXT(provider->name), DB_TIME(now)), NULL);
	if (err != SR_OK)
		return (err);
	return (db_exec(db, STMT_PROVIDER_MOVE,
	    DB_ARGS(DB_TIME(now), DB_TEXT(provider_status_name(status)),
	    DB_TIME(verified ? now : SR_TIME_NONE),
	    DB_TEXT(status == PROVIDER_INVALID ?
	    sr_error_name(SR_E_PROVIDER_CREDENTIALS_INVALID) : NULL),
	    DB_INT(version), DB_UUID(&rotation->secret_id),
	    DB_TEXT(provider->name)), NULL));
}
