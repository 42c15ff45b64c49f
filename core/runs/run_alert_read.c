/* What was noticed and masked in a run, and whose names it may read. */

#include <stdlib.h>
#include <string.h>

#include "core/log/log.h"
#include "core/runs/alert_internal.h"
#include "core/runs/runs_internal.h"
#include "core/vault/environment.h"

#define GROW	64

struct collecting {
	struct run_reader * out;
	size_t cap;
};

static enum sr_error
keep_id(struct collecting * c, struct sr_id id)
{
	struct run_reader * r = c->out;
	struct sr_id * ids;

	if (r->reader.n == c->cap) {
		c->cap += GROW;
		if ((ids = reallocarray(r->ids, c->cap, sizeof(*ids))) == NULL)
			return (sr_fail(SR_E_OUT_OF_MEMORY,
			    log_u64("secrets", c->cap)));
		r->ids = ids;
		r->reader.named = ids;
	}
	r->ids[r->reader.n++] = id;
	return (SR_OK);
}

static enum sr_error
take_secret(const struct db_row * row, void * cookie)
{

	return (keep_id(cookie, db_col_uuid(row, 0)));
}

/** run_reader_of(db, project_id, out): whose names its masks may say. */
enum sr_error
run_reader_of(struct db * db, const struct sr_id * project_id,
    struct run_reader * out)
{
	struct collecting c = { .out = out };
	enum sr_error err = SR_OK;
	size_t i;

	*out = (struct run_reader){ .ids = NULL };
	for (i = 0; err == SR_OK && i < ENVIRONMENT_KNOWN_MAX; i++)
		err = keep_id(&c, environment_known_id(i));
	if (err == SR_OK)
		err = db_query(db, STMT_RUN_READER,
		    DB_ARGS(DB_UUID(project_id)), take_secret, &c);
	if (err != SR_OK)
		run_reader_end(out);
	return (runs_error(err));
}

void
run_reader_end(struct run_reader * r)
{

	free(r->ids);
	*r = (struct run_reader){ .ids = NULL };
}

struct reading {
	run_alert_fn * fn;
	void * cookie;
	enum sr_error said;
};

static bool
parse_kind(const char * name, enum run_alert_kind * out)
{
	size_t i;

	for (i = 0; i < RUN_ALERT_KIND__MAX; i++) {
		*out = (enum run_alert_kind)i;
		if (strcmp(name, run_alert_kind_name(*out)) == 0)
			return (true);
	}
	return (false);
}

static enum sr_error
take_alert(const struct db_row * row, void * cookie)
{
	struct reading * r = cookie;
	struct run_alert a = { .hits = (unsigned)db_col_int(row, 2),
	    .first_at = db_col_time(row, 3), .last_at = db_col_time(row, 4) };

	if (!parse_kind(db_col_text(row, 0), &a.kind) ||
	    !alert_channel_parse(db_col_text(row, 1), &a.channel))
		return (sr_fail(SR_E_SCHEMA_MISMATCH,
		    log_const("column", "run_alert.kind")));
	return (r->said = r->fn(&a, r->cookie));
}

/** run_alerts(db, run_id, fn, cookie): all of a run's. */
enum sr_error
run_alerts(struct db * db, const struct sr_id * run_id, run_alert_fn * fn,
    void * cookie)
{
	struct reading r = { .fn = fn, .cookie = cookie, .said = SR_OK };
	enum sr_error err;

	err = db_query(db, STMT_RUN_ALERT_LIST, DB_ARGS(DB_UUID(run_id)),
	    take_alert, &r);
	return (r.said != SR_OK ? r.said : runs_error(err));
}

static enum sr_error
take_masked(const struct db_row * row, void * cookie)
{
	struct run_masked * m = cookie;
	enum redact_channel channel;

	if (!alert_channel_parse(db_col_text(row, 0), &channel))
		return (SR_E_INTERNAL_ERROR);
	m->known[channel] = (uint64_t)db_col_int(row, 1);
	m->rules[channel] = (uint64_t)db_col_int(row, 2);
	return (SR_OK);
}

/** run_masked_of(db, run_id, out): from what is stored of it. */
enum sr_error
run_masked_of(struct db * db, const struct sr_id * run_id,
    struct run_masked * out)
{

	*out = (struct run_masked){ .known = { 0 } };
	return (runs_error(db_query(db, STMT_RUN_MASKED,
	    DB_ARGS(DB_UUID(run_id), DB_UUID(run_id), DB_UUID(run_id)),
	    take_masked, out)));
}
