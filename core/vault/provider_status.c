#include <string.h>

#include "core/base/metric.h"
#include "core/base/random.h"
#include "core/base/secbuf.h"
#include "core/log/log.h"
#include "core/store/chore.h"
#include "core/store/db.h"
#include "core/store/tx.h"
#include "core/vault/provider_status.h"

static const struct {
	const char * name;
	const char * title;
} statuses[PROVIDER_STATUS__MAX] = {
	[PROVIDER_ACTIVE] = { "active", "Active" },
	[PROVIDER_INVALID] = { "invalid", "Invalid" },
	[PROVIDER_NOT_SET] = { "not_set", "Not set" },
	[PROVIDER_ROTATING] = { "rotating", "Rotating" },
};

const char *
provider_status_name(enum provider_status s)
{

	must(s < PROVIDER_STATUS__MAX);
	return (statuses[s].name);
}

const char *
provider_status_title(enum provider_status s)
{

	must(s < PROVIDER_STATUS__MAX);
	return (statuses[s].title);
}

/* False, ${out} untouched, for a word that is none. */
static bool
parse_status(const char * text, enum provider_status * out)
{
	size_t i;

	for (i = 0; i < PROVIDER_STATUS__MAX; i++)
		if (strcmp(statuses[i].name, text) == 0) {
			*out = (enum provider_status)i;
			return (true);
		}
	return (false);
}

/* The columns of PROVIDER_COLS in stmt.def. */
static enum sr_error
take_state(const struct db_row * row, void * cookie)
{
	struct provider_state * s = cookie;
	const char * source = db_col_text(row, 7);

	if (!parse_status(db_col_text(row, 0), &s->status))
		return (sr_fail(SR_E_SCHEMA_MISMATCH,
		    log_const("column", "provider_credential.status")));
	s->has_former = parse_status(db_col_text(row, 1), &s->former);
	s->changed_at = db_col_time(row, 2);
	s->verified_at = db_col_time(row, 3);
	s->checked_at = db_col_time(row, 4);
	s->error = sr_error_by_name(db_col_text(row, 5));
	s->failure = provider_failure_parse(db_col_text(row, 6));
	s->source = source[0] == '\0' ? SOURCE_NONE :
	    strcmp(source, "env") == 0 ? SOURCE_ENVIRONMENT : SOURCE_REFERENCE;
	s->checked_version = (uint32_t)db_col_int(row, 8);
	s->due_at = db_col_time(row, 9);
	return (SR_OK);
}

static void
never_looked_at(struct provider_state * s)
{

	*s = (struct provider_state){ .status = PROVIDER_NOT_SET,
	    .former = PROVIDER_NOT_SET, .changed_at = SR_TIME_NONE,
	    .verified_at = SR_TIME_NONE, .checked_at = SR_TIME_NONE,
	    .due_at = SR_TIME_NONE };
}

/** provider_state_read(db, provider, out): the row, or what none means. */
enum sr_error
provider_state_read(struct db * db, const struct provider * provider,
    struct provider_state * out)
{

	never_looked_at(out);
	if (db_query(db, STMT_PROVIDER_READ, DB_ARGS(DB_TEXT(provider->name)),
	    take_state, out) != SR_OK)
		return (SR_E_PROVIDER_CREDENTIAL_UNAVAILABLE);
	return (SR_OK);
}

/** provider_binding(provider): where its credential is looked for. */
struct source_binding
provider_binding(const struct provider * provider)
{

	return ((struct source_binding){ .variable = provider->variable,
	    .scope = SCOPE_INTEGRATION, .project_id = sr_id_nil,
	    .name = provider->secret });
}

/* One check, between what was found and what is written. */
struct finding {
	const struct provider_checking * with;
	const struct provider * provider;
	struct source_answer answer;
	enum provider_status status;
	enum provider_failure failure;
	enum sr_error error;
	sr_time now;
	sr_time due_at;
	struct audit_entry audit;
	struct provider_state * state;
};

/* Ask, or say why there is nothing to ask. */
static enum sr_error
find_out(struct finding * f)
{
	const struct source_binding binding = provider_binding(f->provider);
	struct provider_verdict verdict;
	struct secbuf * value = NULL;
	enum sr_error err;

	err = source_resolve(f->with->store, f->with->environment, &binding,
	    &f->answer, &value);
	if (err != SR_OK) {
		f->status = err == SR_E_PROVIDER_SECRET_UNAVAILABLE ?
		    PROVIDER_NOT_SET : PROVIDER_INVALID;
		f->error = err;
		return (err == SR_E_OUT_OF_MEMORY ? err : SR_OK);
	}
	err = provider_ask(f->provider, value, f->with->limits, &verdict);
	secbuf_free(&value);
	if (err == SR_E_PROVIDER_CREDENTIAL_VALUE_INVALID) {
		/* No provider takes it: as good as refused. */
		f->status = PROVIDER_INVALID;
		f->error = SR_E_PROVIDER_CREDENTIALS_INVALID;
		f->failure = PROVIDER_FAILURE_REFUSED;
		return (SR_OK);
	}
	f->status = verdict.outcome == PROVIDER_PASSED ? PROVIDER_ACTIVE :
	    PROVIDER_INVALID;
	f->error = verdict.error;
	f->failure = verdict.failure;
	return (err);
}

/* From what the row says and what was found, what it will say. */
static void
move(const struct finding * f, struct provider_state * s)
{
	enum provider_status next =
	    s->status == PROVIDER_ROTATING ? PROVIDER_ROTATING : f->status;

	if (next != s->status || s->changed_at == SR_TIME_NONE) {
		s->has_former = true;
		s->former = s->status;
		s->changed_at = f->now;
	}
	s->status = next;
	s->checked_at = f->now;
	if (f->status == PROVIDER_ACTIVE)
		s->verified_at = f->now;
	s->error = f->error;
	s->failure = f->failure;
	s->source = f->answer.winner;
	s->checked_version = f->answer.winner == SOURCE_REFERENCE ?
	    f->answer.meta.key_version : 0;
	s->due_at = f->due_at;
}

static const char *
source_word(enum source_kind kind)
{

	return (kind == SOURCE_NONE ? NULL :
	    kind == SOURCE_ENVIRONMENT ? "env" : "reference");
}

static enum sr_error
write_state(struct db * db, const struct finding * f,
    const struct provider_state * s)
{
	const struct sr_id * secret =
	    f->answer.reference == SOURCE_ABSENT ||
	    f->answer.reference == SOURCE_UNREADABLE ? NULL :
	    &f->answer.meta.id;

	return (db_exec(db, STMT_PROVIDER_WRITE,
	    DB_ARGS(DB_TEXT(f->provider->name), DB_UUID(secret),
	    DB_TEXT(provider_status_name(s->status)),
	    DB_TEXT(s->has_former ? provider_status_name(s->former) : NULL),
	    DB_TIME(s->changed_at), DB_TIME(s->verified_at),
	    DB_TIME(s->checked_at),
	    DB_TEXT(s->error == SR_OK ? NULL : sr_error_name(s->error)),
	    DB_TEXT(s->failure == PROVIDER_FAILURE_NONE ? NULL :
	    provider_failure_name(s->failure)),
	    DB_TEXT(source_word(s->source)),
	    s->checked_version == 0 ? DB_NULL : DB_INT(s->checked_version),
	    DB_TIME(s->due_at)), NULL));
}

static enum sr_error
record(struct tx * tx, void * cookie)
{
	struct finding * f = cookie;
	struct db * db = tx_db(tx);
	struct provider_state s;
	enum sr_error err;

	never_looked_at(&s);
	/* A row to lock: two first checks would both insert else. */
	if ((err = db_exec(db, STMT_PROVIDER_ENSURE,
	    DB_ARGS(DB_TEXT(f->provider->name), DB_TIME(f->now)), NULL)) !=
	    SR_OK ||
	    (err = db_query(db, STMT_PROVIDER_LOCK,
	    DB_ARGS(DB_TEXT(f->provider->name)), take_state, &s)) != SR_OK)
		return (err);
	move(f, &s);
	if ((err = write_state(db, f, &s)) != SR_OK)
		return (err);
	*f->state = s;
	return (audit_append(tx, f->with->store, &f->audit));
}

/* Up to a tenth of the time later, so that not all are due at once. */
static sr_time
next_check(const struct finding * f)
{
	uint64_t every = f->with->every_seconds;
	uint32_t jitter = 0;

	if (random_bytes(&jitter, sizeof(jitter)) == SR_OK)
		every += jitter % (every / 10 + 1);
	return (f->now + (sr_time)every * SR_SECOND);
}

/** provider_check(with, provider, state, answer): check it, now. */
enum sr_error
provider_check(const struct provider_checking * with,
    const struct provider * provider, struct provider_state * state,
    struct source_answer * answer)
{
	struct finding f = { .with = with, .provider = provider,
	    .state = state };
	enum sr_error err;

	if ((err = find_out(&f)) != SR_OK ||
	    (err = provider_state_read(with->store->db, provider, state)) !=
	    SR_OK)
		return (err);
	f.now = clock_now();
	f.due_at = next_check(&f);
	f.audit = (struct audit_entry){ .occurred_at = f.now,
	    .actor = with->actor, .action = AUDIT_PROVIDER_CHECK,
	    .outcome = f.error == SR_OK ? AUDIT_SUCCEEDED : AUDIT_FAILED,
	    .error = f.error, .target_kind = "provider",
	    .scope = secret_scope_name(SCOPE_INTEGRATION),
	    .name = provider->secret,
	    .key_version = f.answer.winner == SOURCE_REFERENCE ?
	    f.answer.meta.key_version : 0 };
	if ((err = sr_id_new(&f.audit.id)) != SR_OK)
		return (err);
	if ((err = tx_run(with->store->db, &f.audit.id, record, &f)) != SR_OK)
		return (err);
	metric_count(METRIC_PROVIDER_CHECKS);
	LOG(PROVIDER_CHECKED, log_name("provider", provider->name),
	    log_const("status", provider_status_name(state->status)));
	if (answer != NULL)
		*answer = f.answer;
	return (SR_OK);
}

/** provider_check_due(state, answer, now): whether it would tell something. */
bool
provider_check_due(const struct provider_state * state,
    const struct source_answer * answer, sr_time now)
{
	const uint32_t version = answer->winner == SOURCE_REFERENCE ?
	    answer->meta.key_version : 0;

	if (state->status == PROVIDER_ROTATING)
		return (false);
	if (state->status == PROVIDER_NOT_SET &&
	    answer->winner == SOURCE_NONE)
		return (false);
	return (state->checked_at == SR_TIME_NONE ||
	    state->due_at == SR_TIME_NONE || state->due_at <= now ||
	    state->source != answer->winner ||
	    state->checked_version != version);
}

/** provider_check_soon(db): a provider's secret may have been changed. */
void
provider_check_soon(struct db * db)
{
	enum sr_error err = chore_now(db, PROVIDER_CHORE);

	if (err != SR_OK)
		LOG(CHECK_NOT_NOTED, log_error(err));
}
