/* /api/v1/api-keys: for sessions of the owner. */

#include "cgi/api.h"
#include "core/audit/disclose.h"
#include "core/vault/policy.h"

/* UUIDs with commas, or "" for all projects. */
struct projects {
	char text[API_KEY_PROJECTS_MAX * (SR_ID_STRLEN + 1) + 1];
};

static enum sr_error
projects_of(struct exchange * x, const struct api_key * key,
    struct projects * out)
{
	struct sr_id id[API_KEY_PROJECTS_MAX];
	size_t n = 0, at = 0;
	enum sr_error err;

	out->text[0] = '\0';
	if (key->all_projects)
		return (SR_OK);
	if ((err = api_key_projects(x->store.db, &key->id, id, &n)) != SR_OK)
		return (err);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			out->text[at++] = ',';
		sr_id_format(&id[i], out->text + at);
		at += SR_ID_STRLEN;
	}
	return (SR_OK);
}

/* The keys of a page: nothing else can be asked while rows arrive. */
struct keys {
	struct api_key * key;
	unsigned n;
};

static enum sr_error
keep(const struct api_key * key, void * cookie)
{
	struct keys * keys = cookie;

	keys->key[keys->n++] = *key;
	return (SR_OK);
}

static enum sr_error
write_keys(struct exchange * x, const struct keys * keys, struct api_list * l)
{
	struct projects projects;
	enum sr_error err;

	for (unsigned i = 0; i < keys->n; i++) {
		if (!api_list_room(l, &keys->key[i].id))
			break;
		err = projects_of(x, &keys->key[i], &projects);
		if (err != SR_OK)
			return (err);
		doc_begin(&l->doc, "api_key");
		doc_key(&l->doc, &keys->key[i], projects.text);
		doc_end(&l->doc);
	}
	return (SR_OK);
}

enum sr_error
h_api_key_list(struct exchange * x)
{
	struct keys keys = { .n = 0 };
	struct api_page page;
	struct api_list l;
	enum sr_error err;

	err = api_page(x, FIELD_API_AFTER, FIELD_API_LIMIT, &page);
	if (err != SR_OK)
		return (err);
	keys.key = calloc(page.limit + 1, sizeof(*keys.key));
	if (keys.key == NULL)
		return (SR_E_OUT_OF_MEMORY);
	api_list_new(&l, x, page.limit);
	err = api_key_list(x->store.db, page.has_after ? &page.after : NULL,
	    page.limit + 1, keep, &keys);
	if (err == SR_OK)
		err = write_keys(x, &keys, &l);
	free(keys.key);
	return (api_list_send(&l, err));
}

enum sr_error
h_api_key_create(struct exchange * x)
{
	const struct api_key_request request = {
		.name = form_text(x->form, FIELD_API_KEY_NAME),
		.scopes = form_text(x->form, FIELD_API_KEY_SCOPES),
		.projects = form_text(x->form, FIELD_API_KEY_PROJECTS),
		.expires_at = form_text(x->form, FIELD_API_KEY_EXPIRES_AT),
		.idempotency_key = x->request.idempotency_key,
	};
	struct disclosed * token = NULL;
	struct api_key key;
	struct doc d;
	enum sr_error err;

	err = api_key_create(&x->store, &x->actor, &request,
	    &x->complaint.field, &token, &key);
	if (err == SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED)
		x->complaint.policy = POLICY_PLAINTEXT;
	if (err != SR_OK)
		return (err);
	doc_new(&d, x, "api_key");
	doc_id(&d, "id", &key.id);
	/* Of a request that is repeated: it was shown, and is kept nowhere. */
	if (token == NULL) {
		doc_constant(&d, "key", "");
		return (doc_send(&d, 200, SR_OK));
	}
	doc_disclose(&d, "key", &token);
	return (doc_send(&d, 201, SR_OK));
}

enum sr_error
h_api_key_revoke(struct exchange * x)
{
	struct projects projects;
	struct api_key key;
	struct sr_id id;
	struct doc d;
	enum sr_error err;

	if (!sr_id_parse(x->param.text, &id)) {
		guard_refused(x, SR_E_API_KEY_NOT_FOUND);
		return (SR_E_API_KEY_NOT_FOUND);
	}
	if ((err = api_key_revoke(&x->store, &x->actor, &id, &key)) != SR_OK ||
	    (err = projects_of(x, &key, &projects)) != SR_OK)
		return (err);
	doc_new(&d, x, "api_key");
	doc_key(&d, &key, projects.text);
	return (doc_send(&d, 200, SR_OK));
}
