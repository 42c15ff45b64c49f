/* /api/v1/audit */

#include "cgi/api.h"
#include "core/audit/query.h"

static enum sr_error
list_row(const struct audit_row * row, void * cookie)
{
	struct api_list * l = cookie;
	struct doc * d = &l->doc;

	if (!api_list_room(l, &row->id))
		return (SR_OK);
	doc_begin(d, "event");
	doc_id(d, "id", &row->id);
	doc_time(d, "occurred_at", row->occurred_at);
	doc_name(d, "actor_kind", row->actor_kind);
	doc_name(d, "actor", row->actor_label);
	doc_name(d, "action", row->action);
	doc_name(d, "outcome", row->outcome);
	doc_name(d, "error_type", row->error_type);
	doc_name(d, "target_kind", row->target_kind);
	doc_id(d, "target", &row->target_id);
	doc_name(d, "scope", row->scope);
	doc_name(d, "name", row->name);
	doc_u64(d, "key_version", row->key_version);
	doc_id(d, "correlation_id", &row->correlation_id);
	doc_end(d);
	return (SR_OK);
}

/* What was asked for; the reading is written down before it is answered. */
static enum sr_error
read_filter(struct exchange * x, struct audit_filter * out)
{
	const struct audit_filter_text text = {
		.from = form_text(x->form, FIELD_API_AUDIT_FROM),
		.to = form_text(x->form, FIELD_API_AUDIT_TO),
		.actor = form_text(x->form, FIELD_API_AUDIT_ACTOR),
		.action = form_text(x->form, FIELD_API_AUDIT_ACTION),
		.outcome = form_text(x->form, FIELD_API_AUDIT_OUTCOME),
		.secret = form_text(x->form, FIELD_API_AUDIT_SECRET),
	};
	enum sr_error err;

	err = audit_filter_parse(&text, out, &x->complaint.field);
	if (err != SR_OK)
		return (err);
	return (audit_reading(&x->store, &x->actor, AUDIT_AUDIT_READ, out,
	    NULL));
}

enum sr_error
h_api_audit(struct exchange * x)
{
	struct audit_filter filter;
	struct api_page page;
	struct api_list l;
	enum sr_error err;

	/* The audit is of no project: a key that is limited does not see it. */
	if ((err = guard_project(x, &sr_id_nil)) != SR_OK)
		return (err);
	err = api_page(x, FIELD_API_AUDIT_AFTER, FIELD_API_AUDIT_LIMIT, &page);
	if (err != SR_OK || (err = read_filter(x, &filter)) != SR_OK)
		return (err);
	api_list_new(&l, x, page.limit);
	err = audit_find(x->store.db, &filter, page.has_after ? &page.after :
	    NULL, page.limit + 1, list_row, &l);
	return (api_list_send(&l, err));
}
