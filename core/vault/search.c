#include "core/vault/search.h"
#include "core/vault/secret_internal.h"

#define DAY		(INT64_C(86400) * SR_SECOND)
/* 9999-12-31 00:00 UTC: what SECRET_SEARCH takes "never" for. */
#define FOREVER		(INT64_C(253402214400) * SR_SECOND)

static const char * const state_names[SECRET_STATE__MAX] = {
	[SECRET_ANY] = "any",
	[SECRET_ACTIVE] = "active",
	[SECRET_SOON] = "soon",
	[SECRET_OVERDUE] = "overdue",
	[SECRET_EXPIRED] = "expired",
	[SECRET_REVOKED] = "revoked",
};

/** secret_state_name(state): its name. Static storage. */
const char *
secret_state_name(enum secret_state state)
{
	must(state < SECRET_STATE__MAX);
	return (state_names[state]);
}

/** secret_state_parse(text, out): the state of that name. */
bool
secret_state_parse(const char * text, enum secret_state * out)
{
	unsigned i;

	for (i = 0; i < SECRET_STATE__MAX; i++) {
		if (strcmp(text, state_names[i]) == 0) {
			*out = (enum secret_state)i;
			return (true);
		}
	}
	return (false);
}

static sr_time
in_days(sr_time now, unsigned days)
{
	return (now + (sr_time)days * DAY);
}

static sr_time
days_ago(sr_time now, unsigned days)
{
	return (now - (sr_time)days * DAY);
}

/** secret_state(meta, times): what a person would call its state. */
enum secret_state
secret_state(const struct secret_meta * meta,
    const struct secret_times * times)
{
	if (strcmp(meta->status, "active") != 0)
		return (SECRET_REVOKED);
	if (secret_expired(meta, times->now))
		return (SECRET_EXPIRED);
	if (meta->expires_at != SR_TIME_NONE &&
	    meta->expires_at <= in_days(times->now, times->warning_days))
		return (SECRET_SOON);
	return (SECRET_ACTIVE);
}

/** secret_overdue(meta, times): whether it should have been rotated. */
bool
secret_overdue(const struct secret_meta * meta,
    const struct secret_times * times)
{
	enum secret_state state = secret_state(meta, times);

	return ((state == SECRET_ACTIVE || state == SECRET_SOON) &&
	    meta->last_rotated_at < days_ago(times->now,
	    times->rotation_days));
}

/** secret_prefix(text): whether a name may begin with ${text}. */
bool
secret_prefix(const char * text)
{
	return (strlen(text) <= SECRET_NAME_MAX && strspn(text,
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	    "._-/") == strlen(text));
}

/* A state as the columns say it. */
struct bounds {
	const char * status;		/* NULL: any. */
	sr_time rotated_before;
	sr_time expires_from;
	sr_time expires_before;
};

static struct bounds
bounds_of(const struct secret_filter * f)
{
	const struct secret_times * t = &f->times;
	struct bounds b = { .status = "active",
	    .rotated_before = FOREVER, .expires_from = t->now + 1,
	    .expires_before = FOREVER + 1 };

	if (f->state == SECRET_ANY)
		b.status = NULL;
	if (f->state == SECRET_REVOKED)
		b.status = "revoked";
	if (f->state == SECRET_REVOKED || f->state == SECRET_EXPIRED)
		b.expires_from = 0;
	if (f->state == SECRET_EXPIRED)
		b.expires_before = t->now + 1;
	if (f->state == SECRET_SOON)
		b.expires_before = in_days(t->now, t->warning_days) + 1;
	if (f->state == SECRET_OVERDUE)
		b.rotated_before = days_ago(t->now, t->rotation_days);
	return (b);
}

struct search {
	struct db * db;
	secret_meta_fn * fn;
	void * cookie;
	enum sr_error answer;		/* What ${fn} said. */
	unsigned left;			/* Rows that may still come. */
	const char * from;		/* The first name, and what is after
					   the last one. */
	const char * until;
	struct bounds bounds;
};

static enum sr_error
search_row(const struct db_row * row, void * cookie)
{
	struct search * s = cookie;
	struct secret_meta meta;
	enum sr_error err;

	if ((err = secret_meta_row(row, &meta)) != SR_OK)
		return (err);
	s->left--;
	return (s->answer = s->fn(&meta, s->cookie));
}

/*
 * One scope, after a project and a name in it. A scope at a time, because an
 * ENUM is no range to the optimizer, and what it walks past would grow with the
 * page's number.
 */
static enum sr_error
search_scope(struct search * s, enum secret_scope scope,
    const struct sr_id * project, const char * name)
{
	const char * word = secret_scope_name(scope);
	const struct bounds * b = &s->bounds;

	if (b->status == NULL)
		return (db_query(s->db, STMT_SECRET_SEARCH_NAME,
		    DB_ARGS(DB_TEXT(word), DB_UUID(project), DB_UUID(project),
		    DB_TEXT(name), DB_TEXT(s->from), DB_TEXT(s->until),
		    DB_INT(s->left)), search_row, s));
	return (db_query(s->db, STMT_SECRET_SEARCH,
	    DB_ARGS(DB_TEXT(b->status), DB_TEXT(word), DB_UUID(project),
	    DB_UUID(project), DB_TEXT(name), DB_TEXT(s->from),
	    DB_TEXT(s->until), DB_TIME(b->rotated_before),
	    DB_TIME(b->expires_from), DB_TIME(b->expires_before),
	    DB_INT(s->left)), search_row, s));
}

/**
 * secret_search(db, filter, after, limit, fn, cookie):
 * The secrets that ${filter} describes, ${limit} rows after ${after}.
 */
enum sr_error
secret_search(struct db * db, const struct secret_filter * filter,
    const struct sr_id * after, unsigned limit, secret_meta_fn * fn,
    void * cookie)
{
	/* "~" is behind every character that a name may have. */
	char until[SECRET_NAME_MAX + 2];
	struct search s = { .db = db, .fn = fn, .cookie = cookie,
	    .answer = SR_OK, .left = limit, .from = filter->prefix,
	    .until = until, .bounds = bounds_of(filter) };
	struct secret_meta place = { .scope = SCOPE_INSTANCE };
	enum sr_error err = SR_OK;
	unsigned scope;

	if (!secret_prefix(filter->prefix))
		return (SR_OK);
	(void)snprintf(until, sizeof(until), "%s~", filter->prefix);
	if (after != NULL)
		err = secret_show(db, after, &place);
	if (err == SR_E_SECRET_NOT_FOUND)
		err = SR_OK;
	for (scope = place.scope; err == SR_OK && s.left > 0 &&
	    scope < SCOPE__MAX; scope++) {
		err = search_scope(&s, (enum secret_scope)scope,
		    &place.project_id, place.name);
		place = (struct secret_meta){ .scope = SCOPE_INSTANCE };
	}
	if (s.answer != SR_OK)
		return (s.answer);
	return (err == SR_OK ? SR_OK : SR_E_SECRET_METADATA_UNAVAILABLE);
}
