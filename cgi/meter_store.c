/* The counters of all workers together: table metric. */

#include <stdio.h>
#include <stdlib.h>

#include "cgi/meter_internal.h"
#include "cgi/worker.h"
#include "core/store/tx.h"

#define LABELS_MAX	200
#define BATCH		256

struct row {
	const char * name;
	char labels[LABELS_MAX + 1];
	uint64_t n;
};

struct batch {
	struct row row[BATCH];
	size_t place[BATCH];		/* In the walk. */
	size_t n;
	size_t at;			/* Of the walk, so far. */
	const struct meter * meter;
};

/* What distinguishes the series of one metric. */
static void
labels_of(const struct series * s, char out[LABELS_MAX + 1])
{

	(void)snprintf(out, LABELS_MAX + 1, "%s%s%s",
	    s->label[0] == NULL ? "" : s->value[0],
	    s->label[1] == NULL ? "" : ",",
	    s->label[1] == NULL ? "" : s->value[1]);
}

static void
count_series(const struct series * s, void * cookie)
{

	(void)s;
	(*(size_t *)cookie)++;
}

static void
take_changed(const struct series * s, void * cookie)
{
	struct batch * b = cookie;
	size_t at = b->at++;
	struct row * row;

	if (b->n == BATCH || at >= b->meter->n ||
	    s->n == b->meter->flushed[at])
		return;
	row = &b->row[b->n];
	row->name = s->name;
	row->n = s->n - b->meter->flushed[at];
	labels_of(s, row->labels);
	b->place[b->n++] = at;
}

static enum sr_error
add_tx(struct tx * tx, void * cookie)
{
	const struct batch * b = cookie;
	struct db_param params[BATCH][3];
	size_t i;

	for (i = 0; i < b->n; i++) {
		params[i][0] = DB_TEXT(b->row[i].name);
		params[i][1] = DB_TEXT(b->row[i].labels);
		params[i][2] = DB_INT(b->row[i].n);
	}
	return (db_exec_many(tx_db(tx), STMT_METRIC_ADD, params[0], b->n, 3,
	    NULL));
}

static enum sr_error
flush_batch(struct worker * w, struct db * db, struct batch * b)
{
	struct meter * m = w->meter;
	enum sr_error err;

	*b = (struct batch){ .meter = m };
	meter_walk(w, take_changed, b);
	if (b->n == 0)
		return (SR_OK);
	err = tx_run(db, NULL, add_tx, b);
	/* Nobody knows: counted once too often is nearer than never. */
	if (err == SR_OK || err == SR_E_COMMIT_OUTCOME_UNKNOWN)
		for (size_t i = 0; i < b->n; i++)
			m->flushed[b->place[i]] += b->row[i].n;
	return (err);
}

static bool
make_room(struct worker * w)
{
	struct meter * m = w->meter;
	size_t n = 0;

	if (m->flushed != NULL)
		return (true);
	meter_walk(w, count_series, &n);
	if ((m->flushed = calloc(n, sizeof(*m->flushed))) == NULL)
		return (false);
	m->n = n;
	return (true);
}

enum sr_error
meter_flush(struct worker * w, struct db * db)
{
	enum sr_error err = SR_E_OUT_OF_MEMORY;
	struct batch * b;

	if ((b = calloc(1, sizeof(*b))) == NULL)
		return (err);
	must(pthread_mutex_lock(&w->meter->lock) == 0);
	if (make_room(w)) {
		do {
			err = flush_batch(w, db, b);
		} while (err == SR_OK && b->n == BATCH);
	}
	must(pthread_mutex_unlock(&w->meter->lock) == 0);
	free(b);
	return (err);
}

struct total {
	struct row * row;		/* Sorted by name and labels. */
	size_t n, cap;
	series_fn * fn;
	void * cookie;
};

static int
by_key(const void * a, const void * b)
{
	const struct row * x = a, * y = b;
	int order = strcmp(x->name, y->name);

	return (order != 0 ? order : strcmp(x->labels, y->labels));
}

static enum sr_error
take_row(const struct db_row * row, void * cookie)
{
	struct total * t = cookie;
	struct row * r;

	if (t->n == t->cap) {
		t->cap = t->cap == 0 ? 256 : 2 * t->cap;
		if ((r = realloc(t->row, t->cap * sizeof(*r))) == NULL)
			return (SR_E_OUT_OF_MEMORY);
		t->row = r;
	}
	r = &t->row[t->n];
	if ((r->name = strdup(db_col_text(row, 0))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	t->n++;
	(void)snprintf(r->labels, sizeof(r->labels), "%s",
	    db_col_text(row, 1));
	r->n = (uint64_t)db_col_int(row, 2);
	return (SR_OK);
}

static void
tell(const struct series * s, void * cookie)
{
	const struct total * t = cookie;
	struct row key = { .name = s->name };
	struct series all = *s;
	const struct row * found;

	labels_of(s, key.labels);
	found = t->n == 0 ? NULL : bsearch(&key, t->row, t->n,
	    sizeof(t->row[0]), by_key);
	all.n = found == NULL ? 0 : found->n;
	t->fn(&all, t->cookie);
}

enum sr_error
meter_total(struct worker * w, struct db * db, series_fn * fn, void * cookie)
{
	struct total t = { .fn = fn, .cookie = cookie };
	union { const char * in; void * out; } name;
	enum sr_error err;

	if ((err = db_query(db, STMT_METRIC_LIST, DB_NOARGS, take_row, &t)) ==
	    SR_OK) {
		if (t.n > 0)
			qsort(t.row, t.n, sizeof(t.row[0]), by_key);
		meter_walk(w, tell, &t);
	}
	for (size_t i = 0; i < t.n; i++) {
		name.in = t.row[i].name;
		free(name.out);
	}
	free(t.row);
	return (err);
}
