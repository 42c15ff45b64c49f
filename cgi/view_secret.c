/* Rows that several pages show: a secret's metadata, audit events. */

#include "cgi/exchange.h"
#include "cgi/view.h"

struct secret_times
view_times(const struct exchange * x)
{

	return ((struct secret_times){ .now = clock_now(),
	    .rotation_days = x->worker->rotation_days,
	    .warning_days = x->worker->expiry_warning_days });
}

void
view_secret(const struct exchange * x, struct page * page,
    const struct secret_meta * meta)
{
	const struct secret_times times = view_times(x);

	page_begin(page, "secret");
	page_id(page, "id", &meta->id);
	page_constant(page, "scope", secret_scope_name(meta->scope));
	if (!sr_id_is_nil(&meta->project_id))
		page_id(page, "project", &meta->project_id);
	page_name(page, "secret-name", meta->name);
	page_u64(page, "key-version", meta->key_version);
	page_name(page, "source", meta->source);
	page_name(page, "status", meta->status);
	page_constant(page, "state",
	    secret_state_name(secret_state(meta, &times)));
	page_yes(page, "overdue", secret_overdue(meta, &times));
	page_time(page, "rotated-at", meta->last_rotated_at);
	page_time(page, "created-at", meta->created_at);
	page_time(page, "updated-at", meta->updated_at);
	if (meta->expires_at != SR_TIME_NONE)
		page_time(page, "expires-at", meta->expires_at);
	page_end(page);
}

void
view_event(struct page * page, const struct audit_row * row)
{

	page_begin(page, "event");
	/* An id right behind the word "secret" looks like one to the rules. */
	page_id(page, "id", &row->id);
	page_id(page, "correlation-id", &row->correlation_id);
	if (!sr_id_is_nil(&row->target_id))
		page_id(page, "target", &row->target_id);
	if (row->target_kind[0] != '\0')
		page_name(page, "target-kind", row->target_kind);
	page_time(page, "at", row->occurred_at);
	page_name(page, "action", row->action);
	page_name(page, "outcome", row->outcome);
	page_name(page, "actor-kind", row->actor_kind);
	page_label(page, "actor", row->actor_label);
	if (row->scope[0] != '\0')
		page_name(page, "scope", row->scope);
	if (row->name[0] != '\0')
		page_label(page, "target-name", row->name);
	if (row->key_version > 0)
		page_u64(page, "key-version", row->key_version);
	if (row->error_type[0] != '\0')
		page_name(page, "error-type", row->error_type);
	page_end(page);
}

struct history {
	struct page * page;
	unsigned rows;
	unsigned n;
	bool more;
	struct sr_id last;
};

static enum sr_error
history_row(const struct audit_row * row, void * cookie)
{
	struct history * h = cookie;

	if (h->n == h->rows) {
		h->more = true;
		return (SR_OK);
	}
	view_event(h->page, row);
	h->last = row->id;
	h->n++;
	return (SR_OK);
}

enum sr_error
view_history(struct exchange * x, struct page * page,
    const struct audit_filter * filter, const struct sr_id * before,
    unsigned rows)
{
	struct history h = { .page = page, .rows = rows };
	enum sr_error err;

	page_begin(page, "history");
	page_yes(page, "first", before == NULL);
	err = audit_find(x->store.db, filter, before, rows + 1, history_row,
	    &h);
	if (h.more)
		page_id(page, "next", &h.last);
	if (err != SR_OK)
		view_error(page, err);
	page_end(page);
	return (err);
}
