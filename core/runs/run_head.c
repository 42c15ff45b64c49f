#include "core/log/log.h"
#include "core/runs/run_head.h"
#include "core/runs/runs_internal.h"
#include "core/store/idlist.h"

struct reading {
	run_head_fn * fn;
	void * cookie;
};

static enum sr_error
head_row(const struct db_row * row, void * cookie)
{
	const struct reading * r = cookie;
	struct run_head h = { .id = db_col_uuid(row, 0),
	    .project_id = db_col_uuid(row, 1),
	    .last_seq = (uint64_t)db_col_int(row, 3) };

	if (!run_status_parse(db_col_text(row, 2), &h.status))
		return (sr_fail(SR_E_SCHEMA_MISMATCH,
		    log_const("column", "run.status")));
	return (r->fn(&h, r->cookie));
}

enum sr_error
run_heads(struct db * db, const struct sr_id * ids, size_t n,
    run_head_fn * fn, void * cookie)
{
	struct reading r = { .fn = fn, .cookie = cookie };
	struct strbuf list;
	enum sr_error err;

	if ((err = idlist(ids, n, &list)) == SR_OK)
		err = db_query(db, STMT_RUN_HEADS,
		    DB_ARGS(DB_TEXT(strbuf_str(&list))), head_row, &r);
	strbuf_free(&list);
	return (runs_error(err));
}

struct one {
	struct run_head * out;
	bool found;
};

static enum sr_error
one_head(const struct run_head * head, void * cookie)
{
	struct one * o = cookie;

	*o->out = *head;
	o->found = true;
	return (SR_OK);
}

enum sr_error
run_head_of(struct db * db, const struct sr_id * id, struct run_head * out)
{
	struct one o = { .out = out };
	enum sr_error err;

	if ((err = run_heads(db, id, 1, one_head, &o)) != SR_OK)
		return (err);
	return (o.found ? SR_OK : SR_E_RUN_NOT_FOUND);
}
