#include "cgi/exchange.h"
#include "cgi/view_provider.h"

/* What is known of one provider, before it is shown. */
struct facts {
	const struct provider * provider;
	struct provider_state state;
	struct source_answer answer;
	struct rotation rotation;
	bool rotated;			/* There is a rotation. */
};

static enum sr_error
find_facts(struct exchange * x, const struct provider * p, struct facts * f)
{
	const struct source_binding b = provider_binding(p);
	enum sr_error err;

	f->provider = p;
	f->rotated = false;
	if ((err = provider_state_read(x->store.db, p, &f->state)) != SR_OK ||
	    (err = rotation_latest(x->store.db, p, &f->rotation,
	    &f->rotated)) != SR_OK)
		return (err);
	err = source_resolve(&x->store, x->worker->environment, &b, &f->answer,
	    NULL);
	return (err == SR_E_OUT_OF_MEMORY ? err : SR_OK);
}

/* The public name of an error, the class, and what to do. */
static void
error_of(struct page * page, const struct provider * p, enum sr_error error,
    enum provider_failure failure)
{
	char name[PROVIDER_ERROR_MAX + 1];

	if (error == SR_OK)
		return;
	provider_error_name(p, error, name);
	page_begin(page, "problem");
	page_label(page, "public-name", name);
	if (failure != PROVIDER_FAILURE_NONE)
		page_constant(page, "class", provider_failure_name(failure));
	view_error(page, error);
	page_end(page);
}

static void
source_of(struct page * page, const struct facts * f)
{
	const struct source_answer * a = &f->answer;
	const struct provider * p = f->provider;

	page_begin(page, "source");
	page_constant(page, "winner", source_kind_name(a->winner));
	page_constant(page, "environment", source_state_name(a->environment));
	page_constant(page, "reference", source_state_name(a->reference));
	page_constant(page, "why", source_why(a));
	page_label(page, "variable", p->variable);
	page_constant(page, "scope", secret_scope_name(SCOPE_INTEGRATION));
	page_label(page, "secret-name", p->secret);
	if (a->meta.key_version != 0) {
		page_id(page, "secret-id", &a->meta.id);
		page_u64(page, "key-version", a->meta.key_version);
	}
	page_end(page);
}

/* A rotation that has not ended yet. */
static void
going_on(struct page * page, const struct rotation * n)
{

	page_begin(page, "going-on");
	page_constant(page, "state", rotation_state_name(n->state));
	page_constant(page, "meaning", rotation_state_meaning(n->state));
	page_yes(page, "stuck", rotation_stuck(n, clock_now()));
	page_u64(page, "from-version", n->from_version);
	if (n->to_version != 0)
		page_u64(page, "to-version", n->to_version);
	page_time(page, "started-at", n->started_at);
	page_time(page, "deadline", n->deadline);
	page_end(page);
}

/*
 * A credential that is good is replaced by a rotation, which looks at the new
 * one before anybody gets it; one that the environment gives, not here.
 */
static const char *
how_to_change(const struct facts * f)
{

	if (f->answer.winner == SOURCE_ENVIRONMENT)
		return ("environment");
	if (f->rotated && rotation_is_open(f->rotation.state))
		return ("rotating");
	return (f->state.status == PROVIDER_ACTIVE &&
	    f->answer.winner == SOURCE_REFERENCE ? "rotate" : "save");
}

static void
status_of(struct page * page, const struct provider_state * s)
{

	page_constant(page, "status", provider_status_name(s->status));
	page_constant(page, "status-title", provider_status_title(s->status));
	if (s->has_former && s->former != s->status)
		page_constant(page, "former-title",
		    provider_status_title(s->former));
	page_time(page, "changed-at", s->changed_at);
	page_time(page, "verified-at", s->verified_at);
	page_time(page, "checked-at", s->checked_at);
	page_time(page, "due-at", s->due_at);
}

static enum sr_error
show(struct exchange * x, struct page * page, const struct facts * f,
    enum sr_error refused)
{
	/* What is so now comes before what a check found once. */
	enum sr_error error = f->answer.error != SR_OK ? f->answer.error :
	    f->state.error;
	bool active = f->answer.reference == SOURCE_PRESENT ||
	    f->answer.reference == SOURCE_EXPIRED ||
	    f->answer.reference == SOURCE_CLOSED;
	enum sr_error err;

	page_begin(page, "provider");
	page_label(page, "name", f->provider->name);
	page_label(page, "title", f->provider->title);
	page_text(page, "hint", f->provider->hint);
	status_of(page, &f->state);
	page_yes(page, "due", provider_check_due(&f->state, &f->answer,
	    clock_now()));
	page_constant(page, "change", how_to_change(f));
	page_u64(page, "expected", active ? f->answer.meta.key_version : 0);
	err = view_request(page);
	source_of(page, f);
	error_of(page, f->provider, error,
	    error == f->state.error ? f->state.failure :
	    PROVIDER_FAILURE_NONE);
	if (f->rotated && rotation_is_open(f->rotation.state))
		going_on(page, &f->rotation);
	if (refused != SR_OK) {
		page_begin(page, "refused");
		view_refusal(x, page, refused);
		page_end(page);
	}
	page_end(page);
	return (err);
}

enum sr_error
view_provider_list(struct exchange * x, struct page * page,
    const struct setup_refusal * refusal)
{
	const struct provider * p;
	enum sr_error err = SR_OK, refused;
	struct facts f;
	uint64_t active = 0;

	page_begin(page, "providers");
	page_yes(page, "may-write", x->visitor.session.role >= ROLE_OPERATOR);
	err = view_csrf(x, page);
	for (size_t i = 0; err == SR_OK &&
	    (p = providers_at(x->worker->providers, i)) != NULL; i++) {
		refused = refusal != NULL && refusal->provider != NULL &&
		    strcmp(refusal->provider, p->name) == 0 ?
		    refusal->error : SR_OK;
		if ((err = find_facts(x, p, &f)) == SR_OK)
			err = show(x, page, &f, refused);
		active += err == SR_OK && f.state.status == PROVIDER_ACTIVE;
	}
	page_u64(page, "active", active);
	if (err != SR_OK)
		view_error(page, err);
	page_end(page);
	return (err);
}
