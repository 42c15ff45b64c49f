/* What belongs to a run: artifacts, prompts, leases, alerts. */

#include "cgi/exchange.h"
#include "cgi/view_run.h"
#include "core/runs/artifact.h"
#include "core/runs/prompt.h"
#include "core/runs/run_alert.h"
#include "core/vault/lease.h"

#define ARTIFACTS_A_PAGE	100
#define PROMPTS_A_PAGE		20
#define BODY_SHOWN		((size_t)8192)
#define LEASES_SHOWN		256

struct listing {
	struct page * page;
	unsigned n, most;
	bool more;
};

static enum sr_error
artifact_row(const struct artifact * a, void * cookie)
{
	struct listing * l = cookie;

	if (l->n++ == l->most) {
		l->more = true;
		return (SR_OK);
	}
	page_begin(l->page, "artifact");
	page_id(l->page, "id", &a->id);
	page_name(l->page, "artifact-name", a->name);
	page_constant(l->page, "kind", artifact_kind_name(a->kind));
	page_label(l->page, "media-type", a->media_type);
	page_u64(l->page, "size", a->size);
	page_hex(l->page, "sha256", a->sha256, sizeof(a->sha256));
	page_u64(l->page, "masked", a->known + a->rules);
	page_time(l->page, "created-at", a->created_at);
	page_end(l->page);
	return (SR_OK);
}

enum sr_error
view_run_artifacts(struct exchange * x, struct page * page,
    const struct run * run)
{
	struct listing l = { .page = page, .most = ARTIFACTS_A_PAGE };
	enum sr_error err;

	page_begin(page, "artifacts");
	err = artifact_list(x->store.db, &run->id, NULL, l.most + 1,
	    artifact_row, &l);
	page_yes(page, "more", l.more);
	if (err != SR_OK)
		view_error(page, err);
	page_end(page);
	return (err);
}

/* Kept first: the body of each is a query of its own. */
struct prompts {
	struct sr_id id[PROMPTS_A_PAGE];
	unsigned n;
	bool more;
};

static enum sr_error
keep_prompt(const struct prompt_kept * kept, void * cookie)
{
	struct prompts * l = cookie;

	if (l->n < COUNTOF(l->id))
		l->id[l->n++] = kept->prompt.id;
	else
		l->more = true;
	return (SR_OK);
}

static enum sr_error
prompt_row(const struct prompt_kept * kept, void * cookie)
{
	const struct prompt * p = &kept->prompt;
	struct page * page = cookie;

	page_begin(page, "prompt");
	page_id(page, "id", &p->id);
	page_u64(page, "messages", p->messages);
	page_u64(page, "masked", p->hits.known + p->hits.rules);
	page_hex(page, "sha256", p->sha256, sizeof(p->sha256));
	page_time(page, "created-at", p->created_at);
	page_text(page, "counts", kept->counts);
	page_excerpt(page, "body", kept->body, BODY_SHOWN);
	page_end(page);
	return (SR_OK);
}

enum sr_error
view_run_prompts(struct exchange * x, struct page * page,
    const struct run * run)
{
	struct prompts l = { .n = 0 };
	enum sr_error err;

	page_begin(page, "prompts");
	err = prompt_list(x->store.db, &run->id, SR_TIME_NONE,
	    PROMPTS_A_PAGE + 1, keep_prompt, &l);
	page_yes(page, "more", l.more);
	for (unsigned i = 0; i < l.n && err == SR_OK; i++) {
		err = prompt_show(x->store.db, &run->id, &l.id[i], prompt_row,
		    page);
		/* Its time is over since it was listed. */
		if (err == SR_E_PROMPT_NOT_FOUND)
			err = SR_OK;
	}
	if (err != SR_OK)
		view_error(page, err);
	page_end(page);
	return (err);
}

/* Kept first: the name of each secret is a query of its own. */
struct leases {
	struct lease v[LEASES_SHOWN];
	size_t n;
};

static enum sr_error
keep_lease(const struct lease * lease, void * cookie)
{
	struct leases * l = cookie;

	if (l->n < COUNTOF(l->v))
		l->v[l->n++] = *lease;
	return (SR_OK);
}

static const char *
lease_state_name(const struct lease * lease)
{

	if (lease->released_at != SR_TIME_NONE)
		return ("released");
	return (lease->expires_at <= clock_now() ? "expired" : "held");
}

static enum sr_error
lease_row(struct exchange * x, struct page * page, const struct lease * lease)
{
	struct secret_meta meta;
	enum sr_error err;

	if ((err = secret_show(x->store.db, &lease->secret_id, &meta)) !=
	    SR_OK)
		return (err);
	page_begin(page, "lease");
	page_id(page, "ref", &lease->secret_id);
	page_constant(page, "scope", secret_scope_name(meta.scope));
	page_name(page, "secret-name", meta.name);
	page_u64(page, "key-version", lease->key_version);
	page_constant(page, "state", lease_state_name(lease));
	page_time(page, "acquired-at", lease->acquired_at);
	page_time(page, "expires-at", lease->expires_at);
	page_time(page, "released-at", lease->released_at);
	page_end(page);
	return (SR_OK);
}

enum sr_error
view_run_leases(struct exchange * x, struct page * page,
    const struct run * run)
{
	struct leases * l;
	enum sr_error err;

	if ((l = calloc(1, sizeof(*l))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	page_begin(page, "leases");
	err = lease_of_run(x->store.db, &run->id, keep_lease, l);
	for (size_t i = 0; i < l->n && err == SR_OK; i++)
		err = lease_row(x, page, &l->v[i]);
	if (err != SR_OK)
		view_error(page, err);
	page_end(page);
	free(l);
	return (err);
}

static enum sr_error
alert_row(const struct run_alert * alert, void * cookie)
{
	struct page * page = cookie;

	page_begin(page, "run-alert");
	page_constant(page, "kind", run_alert_kind_name(alert->kind));
	page_constant(page, "channel", view_channel_name(alert->channel));
	page_u64(page, "hits", alert->hits);
	page_time(page, "first-at", alert->first_at);
	page_time(page, "last-at", alert->last_at);
	page_end(page);
	return (SR_OK);
}

static void
masked(struct page * page, const struct run_masked * m)
{

	for (unsigned i = 0; i < REDACT__MAX; i++) {
		if (m->known[i] == 0 && m->rules[i] == 0)
			continue;
		page_begin(page, "masked");
		page_constant(page, "channel",
		    view_channel_name((enum redact_channel)i));
		page_u64(page, "known", m->known[i]);
		page_u64(page, "rules", m->rules[i]);
		page_end(page);
	}
}

enum sr_error
view_run_alerts(struct exchange * x, struct page * page,
    const struct run * run)
{
	struct run_masked m = { { 0 }, { 0 } };
	enum sr_error err;

	page_begin(page, "security");
	err = run_alerts(x->store.db, &run->id, alert_row, page);
	if (err == SR_OK &&
	    (err = run_masked_of(x->store.db, &run->id, &m)) == SR_OK)
		masked(page, &m);
	if (err != SR_OK)
		view_error(page, err);
	page_end(page);
	return (err);
}
