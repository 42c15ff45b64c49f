/* A secret's page: what is known of it, its versions, its whole history. */

#include <stdlib.h>
#include <string.h>

#include "cgi/exchange.h"
#include "cgi/view_detail.h"
#include "core/runs/holder.h"
#include "core/store/keystore.h"

#define ROWS_A_PAGE	50
#define VERSIONS_A_PAGE	20

static void
typed_and_refused(struct exchange * x, struct page * page,
    const struct secret_meta * meta, enum sr_error refused)
{
	const char * seen = form_text(x->form, FIELD_ROTATE_EXPECTED);

	page_input(page, "expires-at",
	    form_text(x->form, FIELD_ROTATE_EXPIRES_AT));
	view_refusal(x, page, refused);
	if (refused != SR_E_SECRET_VERSION_CONFLICT)
		return;
	page_begin(page, "changed");
	page_input(page, "seen", seen);
	page_u64(page, "now", meta->key_version);
	page_end(page);
}

static enum sr_error
rotate_form(struct exchange * x, struct page * page,
    const struct secret_meta * meta, enum sr_error refused)
{
	enum sr_error unusable = keystore_write_error(x->worker->keys);
	enum sr_error err;

	page_begin(page, "rotate");
	if ((err = view_csrf(x, page)) == SR_OK)
		err = view_request(page);
	/* 0: nothing active was seen. */
	page_u64(page, "expected", strcmp(meta->status, "active") == 0 ?
	    meta->key_version : 0);
	page_u64(page, "becomes", (uint64_t)meta->key_version + 1);
	if (refused != SR_OK)
		typed_and_refused(x, page, meta, refused);
	else if (unusable != SR_OK)
		view_error(page, unusable);
	page_end(page);
	return (err);
}

/* The way to the page that asks back. */
static enum sr_error
revoke_form(struct exchange * x, struct page * page,
    const struct secret_meta * meta)
{
	enum sr_error err;

	page_begin(page, "revoke");
	err = view_csrf(x, page);
	page_u64(page, "expected", meta->key_version);
	page_end(page);
	return (err);
}

struct versions {
	struct page * page;
	unsigned n;
	bool more;
	uint32_t last;
};

static enum sr_error
version_row(const struct secret_version_meta * v, void * cookie)
{
	struct versions * l = cookie;

	if (l->n == VERSIONS_A_PAGE) {
		l->more = true;
		return (SR_OK);
	}
	page_begin(l->page, "version");
	page_u64(l->page, "key-version", v->key_version);
	page_u64(l->page, "kek-version", v->kek_version);
	page_name(l->page, "state", v->state);
	page_time(l->page, "created-at", v->created_at);
	page_time(l->page, "destroyed-at", v->destroyed_at);
	page_end(l->page);
	l->last = v->key_version;
	l->n++;
	return (SR_OK);
}

static enum sr_error
versions(struct exchange * x, struct page * page, const struct sr_id * id,
    uint32_t below)
{
	struct versions l = { .page = page };
	enum sr_error err;

	page_begin(page, "versions");
	page_yes(page, "first", below == 0);
	err = secret_versions(x->store.db, id, below, VERSIONS_A_PAGE + 1,
	    version_row, &l);
	if (l.more)
		page_u64(page, "next", l.last);
	if (err != SR_OK)
		view_error(page, err);
	page_end(page);
	return (err);
}

/* The root key that the newest version's DEK is wrapped under. */
static enum sr_error
newest_row(const struct secret_version_meta * v, void * cookie)
{

	if (strcmp(v->state, "active") == 0)
		page_u64(cookie, "kek-version", v->kek_version);
	return (SR_OK);
}

static void
notice(struct exchange * x, struct page * page)
{
	static const char * const kinds[] = { "rotated", "revoked" };
	const char * wanted = form_text(x->form, FIELD_QUERY_DETAIL_NOTICE);

	for (size_t i = 0; i < COUNTOF(kinds); i++) {
		if (strcmp(wanted, kinds[i]) == 0)
			view_notice(page, kinds[i]);
	}
}

static enum sr_error
forms(struct exchange * x, struct page * page, const struct secret_meta * meta,
    enum sr_error refused)
{
	enum sr_error err;

	if (x->visitor.session.role < ROLE_OPERATOR)
		return (SR_OK);
	err = rotate_form(x, page, meta, refused);
	if (err == SR_OK && strcmp(meta->status, "active") == 0)
		err = revoke_form(x, page, meta);
	return (err);
}

enum sr_error
view_detail(struct exchange * x, const struct secret_meta * meta,
    const struct detail_place * place, enum sr_error refused)
{
	struct audit_filter of_it = { .from = SR_TIME_NONE,
	    .to = SR_TIME_NONE, .target_id = meta->id };
	int status = view_worse(200, refused);
	struct page * page = NULL;
	enum sr_error err;

	if ((err = view_begin(x, PAGE_SECRET, &page)) != SR_OK)
		return (err);
	notice(x, page);
	page_begin(page, "detail");
	page_u64(page, "retention-days", x->worker->retention_days);
	err = secret_versions(x->store.db, &meta->id, 0, 1, newest_row, page);
	status = view_worse(status, err);
	view_secret(x, page, meta);
	err = forms(x, page, meta, refused);
	status = view_worse(status, versions(x, page, &meta->id,
	    place->below));
	status = view_worse(status, view_history(x, page, &of_it,
	    place->before, ROWS_A_PAGE));
	page_end(page);
	return (view_end(x, status, &page, err));
}

/* The runs that it would cut off. */
static enum sr_error
holders(struct exchange * x, struct page * page, const struct sr_id * id)
{
	struct holders * all = calloc(1, sizeof(*all));
	const struct holder * h;
	enum sr_error err;

	if (all == NULL)
		return (SR_E_OUT_OF_MEMORY);
	err = holders_read(x->store.db, id, all);
	page_begin(page, "cuts");
	page_yes(page, "complete", all->complete);
	for (size_t i = 0; i < all->n; i++) {
		h = &all->v[i];
		page_begin(page, "run");
		page_id(page, "id", &h->run_id);
		page_label(page, "project", h->project);
		page_text(page, "workflow", h->workflow_name);
		page_text(page, "name", h->name);
		page_constant(page, "status", run_status_name(h->status));
		page_u64(page, "key-version", h->key_version);
		page_end(page);
	}
	if (err != SR_OK)
		view_error(page, err);
	page_end(page);
	free(all);
	return (err);
}

enum sr_error
view_revoke(struct exchange * x, const struct secret_meta * meta,
    enum sr_error refused)
{
	struct page * page = NULL;
	int status = view_worse(200, refused);
	enum sr_error err;

	if ((err = view_begin(x, PAGE_REVOKE, &page)) != SR_OK)
		return (err);
	page_begin(page, "revoke");
	page_u64(page, "retention-days", x->worker->retention_days);
	if ((err = view_csrf(x, page)) == SR_OK)
		err = view_request(page);
	page_u64(page, "expected", meta->key_version);
	view_secret(x, page, meta);
	if (strcmp(meta->status, "active") == 0)
		status = view_worse(status, holders(x, page, &meta->id));
	if (refused != SR_OK)
		view_refusal(x, page, refused);
	page_end(page);
	return (view_end(x, status, &page, err));
}
