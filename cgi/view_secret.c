/* Rows that several pages show: a secret's metadata, an audit event. */

#include "cgi/exchange.h"
#include "cgi/view.h"
#include "core/base/clock.h"

void
view_secret(struct page * page, const struct secret_meta * meta)
{

	page_begin(page, "secret");
	page_id(page, "id", &meta->id);
	page_constant(page, "scope", secret_scope_name(meta->scope));
	if (!sr_id_is_nil(&meta->project_id))
		page_id(page, "project", &meta->project_id);
	page_name(page, "secret-name", meta->name);
	page_u64(page, "key-version", meta->key_version);
	page_name(page, "source", meta->source);
	page_name(page, "status", meta->status);
	page_time(page, "rotated-at", meta->last_rotated_at);
	page_time(page, "created-at", meta->created_at);
	page_time(page, "updated-at", meta->updated_at);
	if (meta->expires_at != SR_TIME_NONE) {
		page_time(page, "expires-at", meta->expires_at);
		page_yes(page, "expired", meta->expires_at <= clock_now());
	}
	page_end(page);
}

void
view_event(struct page * page, const struct audit_row * row)
{

	page_begin(page, "event");
	page_id(page, "id", &row->id);
	page_time(page, "at", row->occurred_at);
	page_name(page, "action", row->action);
	page_name(page, "outcome", row->outcome);
	page_name(page, "actor-kind", row->actor_kind);
	page_label(page, "actor", row->actor_label);
	if (!sr_id_is_nil(&row->target_id))
		page_id(page, "target", &row->target_id);
	if (row->scope[0] != '\0')
		page_name(page, "scope", row->scope);
	if (row->name[0] != '\0')
		page_label(page, "secret-name", row->name);
	if (row->key_version > 0)
		page_u64(page, "key-version", row->key_version);
	if (row->error_type[0] != '\0')
		page_name(page, "error-type", row->error_type);
	page_id(page, "correlation-id", &row->correlation_id);
	page_end(page);
}
