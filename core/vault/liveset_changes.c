#include "core/vault/liveset_internal.h"

static enum sr_error
now_row(const struct db_row * row, void * cookie)
{
	sr_time * now = cookie;

	*now = db_col_time(row, 0);
	return (SR_OK);
}

/**
 * liveset_now(db, now):
 * The database's clock.
 */
enum sr_error
liveset_now(struct db * db, sr_time * now)
{
	return (db_query(db, STMT_CHANGE_NOW, DB_NOARGS, now_row, now));
}

static enum sr_error
change_row(const struct db_row * row, void * cookie)
{
	struct liveset_changes * c = cookie;
	struct sr_id id = db_col_uuid(row, 0);
	struct liveset_change * v;
	size_t cap;

	c->now = db_col_time(row, 3);
	if (db_col_null(row, 0))
		return (SR_OK);
	if (c->n == c->cap) {
		cap = c->cap == 0 ? 16 : c->cap * 2;
		if ((v = reallocarray(c->v, cap, sizeof(*v))) == NULL)
			return (SR_E_OUT_OF_MEMORY);
		c->v = v;
		c->cap = cap;
	}
	c->v[c->n++] = (struct liveset_change){ .id = id,
	    .secret_id = db_col_uuid(row, 1), .at = db_col_time(row, 2) };
	return (SR_OK);
}

/**
 * liveset_id_order(a, b):
 * For qsort and bsearch, by id; a change begins with its id.
 */
int
liveset_id_order(const void * a, const void * b)
{
	const struct sr_id * x = a;
	const struct sr_id * y = b;
	size_t i;

	for (i = 0; i < sizeof(x->b); i++)
		if (x->b[i] != y->b[i])
			return (x->b[i] < y->b[i] ? -1 : 1);
	return (0);
}

/**
 * liveset_changes_read(db, newest, out):
 * The changes in the window before ${newest}, and all after it.
 */
enum sr_error
liveset_changes_read(struct db * db, sr_time newest,
    struct liveset_changes * out)
{
	enum sr_error err;

	*out = (struct liveset_changes){ .n = 0 };
	err = db_query(db, STMT_CHANGE_SINCE, DB_ARGS(DB_TIME(newest)),
	    change_row, out);
	if (err != SR_OK)
		liveset_changes_free(out);
	else if (out->n > 1)
		qsort(out->v, out->n, sizeof(*out->v), liveset_id_order);
	return (err);
}

/**
 * liveset_changes_free(c):
 * Release; empty after.
 */
void
liveset_changes_free(struct liveset_changes * c)
{
	free(c->v);
	*c = (struct liveset_changes){ .n = 0 };
}

/**
 * liveset_changes_newest(c, t):
 * The latest of ${t} and the changes' times.
 */
sr_time
liveset_changes_newest(const struct liveset_changes * c, sr_time t)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (c->v[i].at > t)
			t = c->v[i].at;
	return (t);
}
