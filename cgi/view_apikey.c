/* API keys on the security settings, and the pages of their life. */

#include "cgi/exchange.h"
#include "cgi/view_security.h"

#define ROWS_A_PAGE	50

static void
scopes(struct page * page, const struct api_key * key)
{

	for (unsigned bit = 1; bit <= KEY_SCOPE_LAST; bit <<= 1) {
		if ((key->scopes & bit) == 0)
			continue;
		page_begin(page, "scope");
		page_constant(page, "name",
		    key_scope_name((enum key_scope)bit));
		page_end(page);
	}
}

static enum sr_error
projects(struct exchange * x, struct page * page, const struct api_key * key)
{
	struct sr_id ids[API_KEY_PROJECTS_MAX];
	size_t n = 0;
	enum sr_error err;

	if (key->all_projects)
		return (SR_OK);
	err = api_key_projects(x->store.db, &key->id, ids, &n);
	for (size_t i = 0; i < n && err == SR_OK; i++) {
		page_begin(page, "project");
		page_id(page, "id", &ids[i]);
		page_end(page);
	}
	return (err);
}

enum sr_error
view_api_key(struct exchange * x, struct page * page,
    const struct api_key * key)
{
	enum sr_error err;

	page_begin(page, "api-key");
	page_id(page, "id", &key->id);
	page_name(page, "key-name", key->name);
	page_name(page, "hint", key->hint);
	page_constant(page, "status", api_key_status_name(key, clock_now()));
	page_yes(page, "all-projects", key->all_projects);
	page_label(page, "created-by", key->created_by);
	page_time(page, "created-at", key->created_at);
	page_time(page, "expires-at", key->expires_at);
	page_time(page, "last-used-at", key->last_used_at);
	page_time(page, "revoked-at", key->revoked_at);
	scopes(page, key);
	err = projects(x, page, key);
	page_end(page);
	return (err);
}

/* A query's row function must not ask again: keys are kept, then shown. */
struct keys {
	struct api_key row[ROWS_A_PAGE + 1];
	unsigned n;
};

static enum sr_error
keep(const struct api_key * key, void * cookie)
{
	struct keys * k = cookie;

	if (k->n < COUNTOF(k->row))
		k->row[k->n++] = *key;
	return (SR_OK);
}

static enum sr_error
create_form(struct exchange * x, struct page * page, enum sr_error refused)
{
	enum sr_error err;

	page_begin(page, "form");
	err = view_csrf(x, page);
	if (refused != SR_OK) {
		page_input(page, "key-name",
		    form_text(x->form, FIELD_KEY_NAME));
		page_input(page, "scopes",
		    form_text(x->form, FIELD_KEY_SCOPES));
		page_input(page, "projects",
		    form_text(x->form, FIELD_KEY_PROJECTS));
		page_input(page, "expires-at",
		    form_text(x->form, FIELD_KEY_EXPIRES_AT));
	}
	page_end(page);
	return (err);
}

static enum sr_error
rows(struct exchange * x, struct page * page, const struct sr_id * after)
{
	struct keys * keys;
	enum sr_error err;

	if ((keys = calloc(1, sizeof(*keys))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	err = api_key_list(x->store.db, after, ROWS_A_PAGE + 1, keep, keys);
	if (keys->n > ROWS_A_PAGE)
		page_id(page, "next", &keys->row[ROWS_A_PAGE - 1].id);
	for (unsigned i = 0; i < keys->n && i < ROWS_A_PAGE &&
	    err == SR_OK; i++)
		err = view_api_key(x, page, &keys->row[i]);
	free(keys);
	return (err);
}

enum sr_error
view_api_keys(struct exchange * x, struct page * page,
    const struct sr_id * after, enum sr_error refused)
{
	bool owner = x->visitor.session.role == ROLE_OWNER;
	enum sr_error err = SR_OK;

	page_begin(page, "api-keys");
	page_yes(page, "may-manage", owner);
	page_yes(page, "first", after == NULL);
	if (refused != SR_OK)
		view_refusal(x, page, refused);
	if (owner)
		err = create_form(x, page, refused);
	if (err == SR_OK)
		err = rows(x, page, after);
	if (err != SR_OK && refused == SR_OK)
		view_error(page, err);
	page_end(page);
	return (err);
}
