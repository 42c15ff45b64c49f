#include <stdlib.h>
#include <string.h>

#include "core/log/log.h"
#include "core/runs/event_internal.h"
#include "core/runs/runs_internal.h"
#include "core/vault/lease.h"
#include "core/vault/policy.h"

#define MINUTE	(60 * SR_SECOND)

struct reading {
	run_fn * fn;
	void * cookie;
	enum sr_error said;
};

/** run_of_row(row, out): from the columns RUN_COLS, the first of a row. */
enum sr_error
run_of_row(const struct db_row * row, struct run * out)
{

	*out = (struct run){ .id = db_col_uuid(row, 0),
	    .project_id = db_col_uuid(row, 1),
	    .api_key_id = db_col_uuid(row, 7),
	    .created_at = db_col_time(row, 8),
	    .started_at = db_col_time(row, 9),
	    .completed_at = db_col_time(row, 10),
	    .heartbeat_at = db_col_time(row, 11) };
	(void)snprintf(out->workflow_name, sizeof(out->workflow_name), "%s",
	    db_col_text(row, 2));
	(void)snprintf(out->workflow_version, sizeof(out->workflow_version),
	    "%s", db_col_text(row, 3));
	(void)snprintf(out->trigger, sizeof(out->trigger), "%s",
	    db_col_text(row, 4));
	(void)snprintf(out->name, sizeof(out->name), "%s",
	    db_col_text(row, 5));
	if (!run_status_parse(db_col_text(row, 6), &out->status))
		return (sr_fail(SR_E_SCHEMA_MISMATCH,
		    log_const("column", "run.status")));
	return (SR_OK);
}

static enum sr_error
take_run(const struct db_row * row, void * cookie)
{
	struct reading * r = cookie;
	struct run run;
	enum sr_error err;

	if ((err = run_of_row(row, &run)) != SR_OK)
		return (err);
	return (r->said = r->fn(&run, r->cookie));
}

struct one {
	struct run * run;
	bool found;
};

static enum sr_error
keep_one(const struct run * run, void * cookie)
{
	struct one * one = cookie;

	*one->run = *run;
	one->found = true;
	return (SR_OK);
}

static enum sr_error
read_one(struct db * db, enum stmt stmt, const struct sr_id * id,
    struct run * out)
{
	struct one one = { .run = out };
	struct reading r = { .fn = keep_one, .cookie = &one };
	enum sr_error err;

	if ((err = db_query(db, stmt, DB_ARGS(DB_UUID(id)), take_run, &r)) !=
	    SR_OK)
		return (err);
	return (one.found ? SR_OK : SR_E_RUN_NOT_FOUND);
}

enum sr_error
run_show(struct db * db, const struct sr_id * id, struct run * out)
{

	return (runs_error(read_one(db, STMT_RUN_BY_ID, id, out)));
}

/** runs_lock(db, id, out): the run, its row locked, in a transaction. */
enum sr_error
runs_lock(struct db * db, const struct sr_id * id, struct run * out)
{

	return (read_one(db, STMT_RUN_LOCK, id, out));
}

/** runs_living(run): SR_OK for one that goes on. */
enum sr_error
runs_living(const struct run * run)
{

	if (run->status == RUN_PENDING)
		return (SR_E_RUN_NOT_STARTED);
	return (run_ended(run->status) ? SR_E_RUN_FINISHED : SR_OK);
}

enum sr_error
run_list(struct db * db, const struct sr_id * project_id, sr_time before,
    unsigned limit, run_fn * fn, void * cookie)
{
	struct reading r = { .fn = fn, .cookie = cookie, .said = SR_OK };
	enum sr_error err;

	/* The last time that MariaDB knows. */
	if (before == SR_TIME_NONE && !clock_parse("9999-12-31", &before))
		return (SR_E_INTERNAL_ERROR);
	err = db_query(db, STMT_RUN_LIST, DB_ARGS(DB_UUID(project_id),
	    DB_TIME(before), DB_INT(limit)), take_run, &r);
	return (r.said != SR_OK ? r.said : runs_error(err));
}

enum sr_error
run_list_below(struct db * db, const struct run * after, unsigned limit,
    run_fn * fn, void * cookie)
{
	struct reading r = { .fn = fn, .cookie = cookie, .said = SR_OK };
	enum sr_error err;

	err = db_query(db, STMT_RUN_LIST_BELOW,
	    DB_ARGS(DB_UUID(&after->project_id), DB_TIME(after->created_at),
	    DB_TIME(after->created_at), DB_UUID(&after->id), DB_INT(limit)),
	    take_run, &r);
	return (r.said != SR_OK ? r.said : runs_error(err));
}

/* A change of a run, on its way. */
struct step {
	const struct store * store;
	struct run run;
	enum run_status to;
	sr_time until;			/* Leases are held to this time. */
};

struct bound {
	struct binding bindings[BINDINGS_MAX];
	size_t n;
};

static enum sr_error
keep_binding(const struct binding * binding, void * cookie)
{
	struct bound * b = cookie;

	/* None is left out unsaid. */
	if (b->n == COUNTOF(b->bindings))
		return (SR_E_BINDING_LIMIT_REACHED);
	b->bindings[b->n++] = *binding;
	return (SR_OK);
}

static int
by_secret(const void * a, const void * b)
{
	const struct binding * x = a, * y = b;

	return (memcmp(x->secret_id.b, y->secret_id.b, sizeof(x->secret_id.b)));
}

/* In one order for all runs, so that two starts do not wait for each other. */
static enum sr_error
take_leases(struct tx * tx, const struct run * run, sr_time until)
{
	struct bound b = { .n = 0 };
	enum sr_error err;
	uint32_t version;
	size_t i;

	if ((err = binding_list(tx_db(tx), &run->project_id, keep_binding,
	    &b)) != SR_OK)
		return (err);
	qsort(b.bindings, b.n, sizeof(b.bindings[0]), by_secret);
	for (i = 0; i < b.n; i++) {
		err = lease_pin(tx, &run->id, &b.bindings[i].secret_id,
		    until, &version);
		if (err != SR_OK && err != SR_E_SECRET_REVOKED &&
		    err != SR_E_SECRET_EXPIRED && err != SR_E_SECRET_NOT_FOUND)
			return (err);
	}
	return (SR_OK);
}

static enum sr_error
insert(struct db * db, const struct run * r)
{
	const struct sr_id * key =
	    sr_id_is_nil(&r->api_key_id) ? NULL : &r->api_key_id;

	return (db_exec(db, STMT_RUN_INSERT, DB_ARGS(DB_UUID(&r->id),
	    DB_UUID(&r->project_id), DB_TEXT(r->workflow_name),
	    DB_TEXT(r->workflow_version), DB_TEXT(r->trigger),
	    DB_TEXT(r->name[0] == '\0' ? NULL : r->name),
	    DB_TEXT(run_status_name(r->status)), DB_UUID(key),
	    DB_TIME(r->created_at), DB_TIME(r->started_at),
	    DB_TIME(r->completed_at), DB_TIME(r->heartbeat_at)), NULL));
}

static enum sr_error
create_tx(struct tx * tx, void * cookie)
{
	struct step * s = cookie;
	enum sr_error err;

	if ((err = insert(tx_db(tx), &s->run)) != SR_OK ||
	    s->run.status != RUN_RUNNING ||
	    (err = take_leases(tx, &s->run, s->until)) != SR_OK)
		return (err);
	return (event_of_move(tx, s->store, &s->run, RUN_PENDING));
}

static enum sr_error
check(const struct run_write * w, struct secret_complaint * complaint)
{

	complaint->field = "workflow_name";
	if (w->workflow_name == NULL ||
	    !runs_text(w->workflow_name, 1, RUN_NAME_MAX))
		return (SR_E_RUN_INVALID);
	complaint->field = "workflow_version";
	if (w->workflow_version == NULL ||
	    !runs_text(w->workflow_version, 1, RUN_VERSION_MAX))
		return (SR_E_RUN_INVALID);
	complaint->field = "trigger";
	if (w->trigger == NULL || !runs_text(w->trigger, 1, RUN_TRIGGER_MAX))
		return (SR_E_RUN_INVALID);
	complaint->field = "name";
	if (w->name != NULL && !runs_text(w->name, 0, RUN_NAME_MAX))
		return (SR_E_RUN_INVALID);
	complaint->field = NULL;
	return (SR_OK);
}

static void
fill(struct run * r, const struct run_write * w, const struct actor * actor)
{

	r->project_id = w->project_id;
	(void)snprintf(r->workflow_name, sizeof(r->workflow_name), "%s",
	    w->workflow_name);
	(void)snprintf(r->workflow_version, sizeof(r->workflow_version), "%s",
	    w->workflow_version);
	(void)snprintf(r->trigger, sizeof(r->trigger), "%s", w->trigger);
	(void)snprintf(r->name, sizeof(r->name), "%s",
	    w->name == NULL ? "" : w->name);
	if (actor->kind == ACTOR_API_KEY)
		r->api_key_id = actor->id;
	r->created_at = r->heartbeat_at = clock_now();
	r->status = w->pending ? RUN_PENDING : RUN_RUNNING;
	r->started_at = w->pending ? SR_TIME_NONE : r->created_at;
	r->completed_at = SR_TIME_NONE;
}

static enum sr_error
admit(const struct store * store, const struct actor * actor,
    const struct run_write * w, struct secret_complaint * complaint)
{
	const struct audit_entry about = { .actor = actor,
	    .action = AUDIT_RUN_CREATE, .target_kind = "run" };
	const struct policy_field fields[] = {
		{ "workflow_name", w->workflow_name },
		{ "workflow_version", w->workflow_version },
		{ "trigger", w->trigger }, { "name", w->name },
	};
	struct project project;
	enum sr_error err;

	if ((err = policy_admit(store, &about, fields, COUNTOF(fields),
	    complaint)) != SR_OK || (err = check(w, complaint)) != SR_OK)
		return (err);
	return (project_show(store->db, &w->project_id, &project));
}

/** run_create(store, actor, write, lease_minutes, complaint, out). */
enum sr_error
run_create(const struct store * store, const struct actor * actor,
    const struct run_write * write, unsigned lease_minutes,
    struct secret_complaint * complaint, struct run * out)
{
	struct step s = { .store = store };
	struct secret_complaint unread;
	enum sr_error err;

	if (complaint == NULL)
		complaint = &unread;
	*complaint = (struct secret_complaint){ NULL, NULL };
	if ((err = admit(store, actor, write, complaint)) != SR_OK ||
	    (err = sr_id_new(&s.run.id)) != SR_OK)
		return (err);
	fill(&s.run, write, actor);
	s.until = s.run.created_at + (sr_time)lease_minutes * MINUTE;
	err = runs_error(tx_run(store->db, NULL, create_tx, &s));
	if (err != SR_OK)
		return (err);
	LOG(RUN_MOVED, log_id("run_id", s.run.id),
	    log_const("status", run_status_name(s.run.status)));
	if (out != NULL)
		*out = s.run;
	return (SR_OK);
}

/** run_shift(tx, run, to, until): a locked run to another status. */
enum sr_error
run_shift(struct tx * tx, struct run * r, enum run_status to, sr_time until)
{
	struct db * db = tx_db(tx);
	sr_time now = clock_now();
	enum sr_error err;

	if (!run_may_move(r->status, to))
		return (SR_E_RUN_TRANSITION_INVALID);
	if (r->started_at == SR_TIME_NONE && to == RUN_RUNNING)
		r->started_at = now;
	if (run_ended(to))
		r->completed_at = now;
	r->status = to;
	r->heartbeat_at = now;
	if ((err = db_exec(db, STMT_RUN_MOVE,
	    DB_ARGS(DB_TEXT(run_status_name(r->status)),
	    DB_TIME(r->started_at), DB_TIME(r->completed_at), DB_TIME(now),
	    DB_UUID(&r->id)), NULL)) != SR_OK)
		return (err);
	if (run_ended(to))
		return (lease_release(db, &r->id));
	return (to == RUN_RUNNING ? take_leases(tx, r, until) : SR_OK);
}

/** run_beat(store, id, lease_minutes): the run lives. */
enum sr_error
run_beat(const struct store * store, const struct sr_id * id,
    unsigned lease_minutes)
{
	sr_time now = clock_now();
	enum sr_error err;

	if ((err = db_exec(store->db, STMT_RUN_BEAT,
	    DB_ARGS(DB_TIME(now), DB_UUID(id)), NULL)) != SR_OK)
		return (runs_error(err));
	return (runs_error(lease_extend(store->db, id,
	    now + (sr_time)lease_minutes * MINUTE)));
}
