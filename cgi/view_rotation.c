#include "cgi/exchange.h"
#include "cgi/view_provider.h"

/* What the form offers, and the rotation of all that began last. */
static enum sr_error
find_latest(struct exchange * x, struct page * page, const char * chosen,
    struct rotation * latest, bool * found)
{
	const struct provider * p;
	struct rotation n;
	enum sr_error err;
	bool there;

	*found = false;
	for (size_t i = 0;
	    (p = providers_at(x->worker->providers, i)) != NULL; i++) {
		page_begin(page, "choice");
		page_label(page, "name", p->name);
		page_label(page, "title", p->title);
		page_yes(page, "chosen", strcmp(chosen, p->name) == 0);
		page_end(page);
		err = rotation_latest(x->store.db, p, &n, &there);
		if (err != SR_OK)
			return (err);
		if (there && (!*found || n.started_at > latest->started_at)) {
			*latest = n;
			*found = true;
		}
	}
	return (SR_OK);
}

static const char *
check_word(enum rotation_check check)
{

	return (check == ROTATION_PASSED ? "Passed" :
	    check == ROTATION_UNCHECKED ? "None" : "Failed");
}

static void
check_of(struct page * page, const char * key, const char * class_key,
    enum rotation_check check, enum provider_failure failure)
{

	page_constant(page, key, check_word(check));
	if (check == ROTATION_FAILED || check == ROTATION_REFUSED)
		page_constant(page, class_key,
		    provider_failure_name(failure));
}

static void
where_it_stands(struct page * page, const struct rotation * n)
{

	page_constant(page, "state", rotation_state_name(n->state));
	page_constant(page, "meaning", rotation_state_meaning(n->state));
	page_yes(page, "open", rotation_is_open(n->state));
	page_yes(page, "stuck", rotation_stuck(n, clock_now()));
	page_u64(page, "from-version", n->from_version);
	if (n->to_version != 0)
		page_u64(page, "to-version", n->to_version);
	page_u64(page, "attempts", n->attempts);
	page_time(page, "started-at", n->started_at);
	page_time(page, "finished-at", n->finished_at);
	page_time(page, "deadline", n->deadline);
}

/* ${n}: NULL when there never was one, nor a refused one. */
static void
results(struct exchange * x, struct page * page, const struct rotation * n,
    enum sr_error refused)
{
	static const struct rotation none = { .before = ROTATION_UNCHECKED };
	enum sr_error error = refused;
	const struct provider * p;

	page_begin(page, "results");
	p = n == NULL ? NULL : providers_find(x->worker->providers,
	    n->provider);
	if (p != NULL)
		page_label(page, "title", p->title);
	if (n != NULL && refused == SR_OK) {
		where_it_stands(page, n);
		error = rotation_outcome(n);
	}
	if (n == NULL)
		n = &none;
	check_of(page, SR_LITERAL("before"), SR_LITERAL("before-class"),
	    n->before, n->before_failure);
	check_of(page, SR_LITERAL("after"), SR_LITERAL("after-class"),
	    n->after, n->after_failure);
	page_yes(page, "rolled-back", n->rolled_back);
	page_yes(page, "alarm", n->continuity_alarm);
	if (error != SR_OK)
		view_refusal(x, page, error);
	page_end(page);
}

enum sr_error
view_rotation(struct exchange * x, struct page * page, enum sr_error refused,
    const struct rotation * of)
{
	const char * chosen = refused == SR_OK ? "" :
	    form_text(x->form, FIELD_ROTATION_PROVIDER);
	const bool may_write = x->visitor.session.role >= ROLE_OPERATOR;
	struct rotation latest;
	enum sr_error err;
	bool found;

	page_begin(page, "rotation-form");
	page_yes(page, "may-write", may_write);
	if ((err = view_csrf(x, page)) == SR_OK)
		err = find_latest(x, page, chosen, &latest, &found);
	if (err == SR_OK)
		results(x, page, refused != SR_OK ? of : found ? &latest :
		    NULL, refused);
	else
		view_error(page, err);
	page_end(page);
	return (err);
}
