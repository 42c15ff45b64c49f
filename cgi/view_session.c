/* Sessions on the security settings: one's own, or, for an owner, all. */

#include "cgi/exchange.h"
#include "cgi/view_security.h"

#define ROWS_A_PAGE	50

struct sessions {
	struct session_row row[ROWS_A_PAGE + 1];
	unsigned n;
};

static enum sr_error
keep(const struct session_row * row, void * cookie)
{
	struct sessions * s = cookie;

	if (s->n < COUNTOF(s->row))
		s->row[s->n++] = *row;
	return (SR_OK);
}

static void
one(const struct exchange * x, struct page * page,
    const struct session_row * row)
{

	page_begin(page, "session");
	page_id(page, "id", &row->id);
	page_label(page, "email", row->email);
	if (row->address[0] != '\0')
		page_name(page, "address", row->address);
	page_constant(page, "status", session_status_name(row,
	    &x->worker->limits, clock_now()));
	page_yes(page, "own", sr_id_equal(&row->id, &x->visitor.session.id));
	page_time(page, "created-at", row->created_at);
	page_time(page, "last-seen-at", row->last_seen_at);
	page_time(page, "expires-at", row->expires_at);
	page_time(page, "revoked-at", row->ended_at);
	page_end(page);
}

static enum sr_error
rows(struct exchange * x, struct page * page, const struct sr_id * after)
{
	const struct session * own = &x->visitor.session;
	struct sessions * s;
	enum sr_error err;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	err = session_list(x->store.db, own->role == ROLE_OWNER ? NULL :
	    &own->account_id, after, ROWS_A_PAGE + 1, keep, s);
	if (s->n > ROWS_A_PAGE)
		page_id(page, "next", &s->row[ROWS_A_PAGE - 1].id);
	for (unsigned i = 0; i < s->n && i < ROWS_A_PAGE && err == SR_OK; i++)
		one(x, page, &s->row[i]);
	free(s);
	return (err);
}

enum sr_error
view_sessions(struct exchange * x, struct page * page,
    const struct sr_id * after, enum sr_error refused)
{
	enum sr_error err;

	page_begin(page, "sessions");
	page_yes(page, "of-all", x->visitor.session.role == ROLE_OWNER);
	page_yes(page, "first", after == NULL);
	err = view_csrf(x, page);
	if (err == SR_OK)
		err = rows(x, page, after);
	if (refused != SR_OK)
		view_refusal(x, page, refused);
	else if (err != SR_OK)
		view_error(page, err);
	page_end(page);
	return (err);
}
