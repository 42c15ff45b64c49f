#include "core/log/log.h"
#include "core/runs/holder.h"
#include "core/runs/runs_internal.h"

static enum sr_error
take_holder(const struct db_row * row, void * cookie)
{
	struct holders * all = cookie;
	struct holder * h;

	if (all->n == HOLDERS_MAX) {
		all->complete = false;
		return (SR_OK);
	}
	h = &all->v[all->n];
	*h = (struct holder){ .run_id = db_col_uuid(row, 0),
	    .project_id = db_col_uuid(row, 1),
	    .key_version = (uint32_t)db_col_int(row, 6) };
	(void)snprintf(h->project, sizeof(h->project), "%s",
	    db_col_text(row, 2));
	(void)snprintf(h->workflow_name, sizeof(h->workflow_name), "%s",
	    db_col_text(row, 3));
	(void)snprintf(h->name, sizeof(h->name), "%s", db_col_text(row, 4));
	if (!run_status_parse(db_col_text(row, 5), &h->status))
		return (sr_fail(SR_E_SCHEMA_MISMATCH,
		    log_const("column", "run.status")));
	all->n++;
	return (SR_OK);
}

/** holders_read(db, secret_id, out): the runs that hold a version of it. */
enum sr_error
holders_read(struct db * db, const struct sr_id * secret_id,
    struct holders * out)
{
	enum sr_error err;

	out->n = 0;
	out->complete = true;
	err = db_query(db, STMT_HOLDER_LIST, DB_ARGS(DB_UUID(secret_id),
	    DB_INT(HOLDERS_MAX + 1)), take_holder, out);
	if (err != SR_OK)
		out->complete = false;
	return (runs_error(err));
}
