/* /api/v1/secrets */

#include <stdlib.h>

#include "cgi/api.h"
#include "core/log/log.h"
#include "core/runs/holder.h"

static enum sr_error
list_row(const struct secret_meta * meta, void * cookie)
{
	struct api_list * l = cookie;

	if (!api_list_room(l, &meta->id))
		return (SR_OK);
	doc_begin(&l->doc, "secret");
	doc_secret(&l->doc, meta);
	doc_end(&l->doc);
	return (SR_OK);
}

enum sr_error
h_api_secret_list(struct exchange * x)
{
	const struct api_key * key = &x->visitor.key;
	const struct sr_id * after;
	struct api_page page;
	struct api_list l;
	enum sr_error err;

	err = api_page(x, FIELD_API_AFTER, FIELD_API_LIMIT, &page);
	if (err != SR_OK)
		return (err);
	after = page.has_after ? &page.after : NULL;
	api_list_new(&l, x, page.limit);
	if (x->visitor.by_key && !key->all_projects)
		err = secret_list_of_key(x->store.db, &key->id, after,
		    page.limit + 1, list_row, &l);
	else
		err = secret_list(x->store.db, after, page.limit + 1,
		    list_row, &l);
	return (api_list_send(&l, err));
}

/* The project of the query, or of the body; both must say the same. */
static enum sr_error
project_text(struct exchange * x, const char ** out)
{
	const bool put = x->request.method == METHOD_PUT;
	const struct form * query = x->query == NULL ? x->form : x->query;

	*out = form_text(query, FIELD_API_QUERY_PROJECT);
	if (!put || !form_has(x->form, FIELD_API_PROJECT))
		return (SR_OK);
	if (form_has(query, FIELD_API_QUERY_PROJECT) &&
	    strcmp(*out, form_text(x->form, FIELD_API_PROJECT)) != 0) {
		x->complaint.field = "project";
		return (SR_E_SECRET_SCOPE_INVALID);
	}
	*out = form_text(x->form, FIELD_API_PROJECT);
	return (SR_OK);
}

/* Find the secret that the path names, if the visitor may know of it. */
static enum sr_error
find(struct exchange * x, struct secret_meta * meta)
{
	struct sr_id project = sr_id_nil;
	enum secret_scope scope;
	const char * text = "";
	enum sr_error err;

	x->complaint.field = "scope";
	if (!secret_scope_parse(x->param.text, &scope))
		return (SR_E_SECRET_SCOPE_INVALID);
	x->complaint.field = "project";
	if ((err = project_text(x, &text)) != SR_OK)
		return (err);
	if ((scope == SCOPE_PROJECT) != (text[0] != '\0') ||
	    (text[0] != '\0' && !sr_id_parse(text, &project)))
		return (SR_E_SECRET_SCOPE_INVALID);
	x->complaint.field = NULL;
	if ((err = guard_project(x, &project)) != SR_OK)
		return (err);
	return (secret_find(x->store.db, scope, &project, x->param.rest,
	    meta));
}

static enum sr_error
answer(struct exchange * x, int status, const struct secret_meta * meta)
{
	struct doc d;
	enum sr_error err;

	doc_new(&d, x, "secret");
	doc_secret(&d, meta);
	if ((err = doc_send(&d, status, SR_OK)) == SR_OK)
		x->response.etag = meta->key_version;
	return (err);
}

enum sr_error
h_api_secret_show(struct exchange * x)
{
	struct secret_meta meta;
	enum sr_error err;

	if ((err = find(x, &meta)) != SR_OK)
		return (err);
	return (answer(x, 200, &meta));
}

/* Where it is from now on. */
static enum sr_error
locate(struct exchange * x, const struct secret_meta * meta)
{
	struct compose * c = NULL;
	enum sr_error err;

	err = compose_new(x->worker->redact, REDACT_UI, 1024, &c);
	if (err != SR_OK)
		return (err);
	compose_lit(c, "/api/v1/secrets/");
	compose_constant(c, secret_scope_name(meta->scope));
	compose_lit(c, "/");
	if (!compose_place(c, x->worker->redact, meta->name)) {
		compose_free(&c);
		return (SR_OK);
	}
	if (meta->scope == SCOPE_PROJECT) {
		compose_lit(c, "?project=");
		compose_id(c, &meta->project_id);
	}
	return (response_location(&x->response, &c));
}

static enum sr_error
put(struct exchange * x, const struct secret_write * write,
    struct secret_meta * meta)
{
	struct sr_id project = sr_id_nil;
	enum sr_error err;

	/* What is no id is refused by secret_put, unless the key is limited. */
	if (!sr_id_parse(write->project, &project))
		project = sr_id_nil;
	if ((err = guard_project(x, &project)) != SR_OK)
		return (err);
	/* A tag that no version has: whatever is there is not what was seen. */
	if (x->request.if_match == CONDITION_NEVER) {
		guard_refused(x, SR_E_SECRET_VERSION_CONFLICT);
		return (SR_E_SECRET_VERSION_CONFLICT);
	}
	return (secret_put(&x->store, &x->actor, write, &x->complaint, meta));
}

enum sr_error
h_api_secret_put(struct exchange * x)
{
	struct secret_write write = {
		.scope = x->param.text,
		.name = x->param.rest,
		.value = form_secret(x->form, FIELD_API_VALUE),
		.expires_at = form_text(x->form, FIELD_API_EXPIRES_AT),
		.expected = x->request.if_match_version,
		.expected_any = x->request.if_match == CONDITION_ANY,
		.only_create = x->request.if_none_match,
		.idempotency_key = x->request.idempotency_key,
	};
	struct secret_meta meta;
	enum sr_error err;
	bool made;

	if ((err = project_text(x, &write.project)) != SR_OK) {
		guard_refused(x, err);
		return (err);
	}
	if ((err = put(x, &write, &meta)) != SR_OK)
		return (err);
	made = strcmp(meta.source, "rotation") != 0;
	if ((err = answer(x, made ? 201 : 200, &meta)) != SR_OK)
		return (err);
	return (made ? locate(x, &meta) : SR_OK);
}

/*
 * With the runs that it cuts off: read after it, since none takes it any more.
 * It is done, whether they can be read or not.
 */
static enum sr_error
revoked(struct exchange * x, const struct secret_meta * meta)
{
	struct holders * all = calloc(1, sizeof(*all));
	struct doc d;

	doc_new(&d, x, "secret");
	doc_secret(&d, meta);
	doc_array(&d, "runs");
	if (all != NULL && holders_read(x->store.db, &meta->id, all) != SR_OK)
		LOG0(HOLDERS_UNREAD);
	for (size_t i = 0; all != NULL && i < all->n; i++) {
		doc_begin(&d, "run");
		doc_id(&d, "id", &all->v[i].run_id);
		doc_id(&d, "project", &all->v[i].project_id);
		doc_text(&d, "workflow_name", all->v[i].workflow_name);
		doc_text(&d, "name", all->v[i].name);
		doc_constant(&d, "status", run_status_name(all->v[i].status));
		doc_u64(&d, "key_version", all->v[i].key_version);
		doc_end(&d);
	}
	doc_end(&d);
	doc_bool(&d, "runs_complete", all != NULL && all->complete);
	free(all);
	return (doc_send(&d, 200, SR_OK));
}

enum sr_error
h_api_secret_revoke(struct exchange * x)
{
	struct secret_revocation r = {
		.expected = x->request.if_match_version,
		.idempotency_key = x->request.idempotency_key,
	};
	struct secret_meta meta;
	enum sr_error err;

	if ((err = find(x, &meta)) == SR_OK &&
	    x->request.if_match == CONDITION_NEVER)
		err = SR_E_SECRET_VERSION_CONFLICT;
	if (err != SR_OK) {
		if (err != SR_E_API_KEY_PROJECT_FORBIDDEN)
			guard_refused(x, err);
		return (err);
	}
	r.id = meta.id;
	if ((err = secret_revoke(&x->store, &x->actor, &r, &meta)) != SR_OK)
		return (err);
	return (revoked(x, &meta));
}
