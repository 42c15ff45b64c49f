/* Whether who listens still may: one query for all sessions, one for accounts
 * that the web server signed in, one for keys. */

#include "cgi/route.h"
#include "cgi/sse_internal.h"
#include "cgi/worker.h"
#include "core/access/standing.h"

enum by { BY_SESSION, BY_ACCOUNT, BY_KEY };

static enum by
by_what(const struct sse_listener * l)
{

	if (l->request.by_key)
		return (BY_KEY);
	return (l->request.by_account ? BY_ACCOUNT : BY_SESSION);
}

static void
session_stands(const struct sr_id * id, enum role role, void * cookie)
{
	struct sse_hub * h = cookie;

	for (struct sse_listener * l = h->listeners; l != NULL; l = l->next)
		if (by_what(l) == BY_SESSION && l->request.role == role &&
		    sr_id_equal(&l->request.session, id))
			l->standing = true;
}

static void
account_stands(const struct sr_id * id, enum role role, void * cookie)
{
	struct sse_hub * h = cookie;

	for (struct sse_listener * l = h->listeners; l != NULL; l = l->next)
		if (by_what(l) == BY_ACCOUNT && l->request.role == role &&
		    sr_id_equal(&l->request.holder, id))
			l->standing = true;
}

static void
key_stands(const struct sr_id * id, unsigned scopes, void * cookie)
{
	const enum key_scope scope = route_row(ROUTE_RUN_EVENTS)->key;
	struct sse_hub * h = cookie;

	for (struct sse_listener * l = h->listeners; l != NULL; l = l->next)
		if (l->request.by_key && (scopes & (unsigned)scope) != 0 &&
		    sr_id_equal(&l->request.holder, id))
			l->standing = true;
}

/* Those of one kind; how many. */
static size_t
gather(const struct sse_hub * h, enum by by, struct sr_id ids[SSE_PLACES_MAX])
{
	size_t n = 0;

	for (const struct sse_listener * l = h->listeners; l != NULL;
	    l = l->next) {
		if (by_what(l) == by) {
			must(n < SSE_PLACES_MAX);
			ids[n++] = by == BY_SESSION ? l->request.session :
			    l->request.holder;
		}
	}
	return (n);
}

/* Without the database there is nothing to be kept from them either. */
static void
all_stand(const struct sse_hub * h, enum by by)
{

	for (struct sse_listener * l = h->listeners; l != NULL; l = l->next)
		if (by_what(l) == by)
			l->standing = true;
}

static void
ask(struct sse_hub * h)
{
	struct sr_id ids[SSE_PLACES_MAX];
	size_t n;

	if ((n = gather(h, BY_SESSION, ids)) > 0 &&
	    sessions_standing(h->store.db, ids, n, &h->worker->limits,
	    session_stands, h) != SR_OK)
		all_stand(h, BY_SESSION);
	if ((n = gather(h, BY_ACCOUNT, ids)) > 0 &&
	    accounts_standing(h->store.db, ids, n, account_stands, h) != SR_OK)
		all_stand(h, BY_ACCOUNT);
	if ((n = gather(h, BY_KEY, ids)) > 0 &&
	    api_keys_standing(h->store.db, ids, n, key_stands, h) != SR_OK)
		all_stand(h, BY_KEY);
}

/* One that was about to end is not waited for any more. */
static void
cut_off(struct sse_listener * l)
{
	struct sse_frame * f = NULL;
	enum sr_error err;

	sse_cancel(l);
	if (!sse_here(l)) {
		sse_drop(l, SSE_UNAUTHORISED);
		return;
	}
	err = sse_text_error(l->request.by_key ? SR_E_API_KEY_REVOKED :
	    SR_E_SESSION_EXPIRED, &f);
	sse_say(l, err, f);
	sse_end(l, SSE_UNAUTHORISED);
}

void
sse_recheck(struct sse_hub * h)
{
	struct sse_listener * l;

	for (l = h->listeners; l != NULL; l = l->next)
		l->standing = false;
	ask(h);
	for (l = h->listeners; l != NULL; l = l->next)
		if (!l->standing)
			cut_off(l);
}
