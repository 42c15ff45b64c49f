#include "core/base/strbuf.h"
#include "core/runs/event.h"
#include "core/runs/runs_internal.h"

struct reading {
	event_fn * fn;
	void * cookie;
};

static enum sr_error
event_row(const struct db_row * row, void * cookie)
{
	const struct reading * r = cookie;
	struct event e = { .run_id = db_col_uuid(row, 0),
	    .seq = (uint64_t)db_col_int(row, 1), .type = db_col_text(row, 2),
	    .step = db_col_text(row, 3), .stream = db_col_text(row, 4),
	    .correlation_id = db_col_text(row, 5),
	    .occurred_at = db_col_time(row, 6), .payload = db_col_text(row, 7),
	    .workflow_name = db_col_text(row, 8),
	    .workflow_version = db_col_text(row, 9) };

	return (r->fn(&e, r->cookie));
}

enum sr_error
event_list(struct db * db, const struct sr_id * run_id, uint64_t after,
    unsigned limit, event_fn * fn, void * cookie)
{
	const struct event_watch w = { .run_id = *run_id, .after = after };

	return (event_poll(db, &w, 1, limit, fn, cookie));
}

enum sr_error
event_poll(struct db * db, const struct event_watch * watches, size_t n,
    unsigned limit, event_fn * fn, void * cookie)
{
	struct reading r = { .fn = fn, .cookie = cookie };
	char text[SR_ID_STRLEN + 1];
	struct strbuf b;
	enum sr_error err;

	strbuf_init(&b, 100 * n + 10);
	strbuf_putc(&b, '[');
	for (size_t i = 0; i < n; i++) {
		sr_id_format(&watches[i].run_id, text);
		strbuf_printf(&b, "%s{\"r\":\"%s\",\"a\":%llu}", i ? "," : "",
		    text, (unsigned long long)watches[i].after);
	}
	strbuf_putc(&b, ']');
	err = db_query(db, STMT_EVENT_POLL_TMP,
	    DB_ARGS(DB_TEXT(strbuf_str(&b)), DB_INT(limit)), event_row, &r);
	strbuf_free(&b);
	return (runs_error(err));
}
