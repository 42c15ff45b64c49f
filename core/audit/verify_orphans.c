#include <stdlib.h>

#include "core/audit/verify_internal.h"

#define ORPHANS_PAGE	100000
#define ORPHANS_MAX	1000

/* Ids of rows that are not there, with the number of their leaf. */
struct orphans {
	struct sr_id id[ORPHANS_MAX];
	uint64_t leaf_index[ORPHANS_MAX];
	bool of_leaves;
	size_t n;
};

static enum sr_error
take_orphan(const struct db_row * row, void * cookie)
{
	struct orphans * o = cookie;

	must(o->n < ORPHANS_MAX);
	o->leaf_index[o->n] = o->of_leaves ? (uint64_t)db_col_int(row, 0) :
	    FINDING_NO_NUMBER;
	o->id[o->n] = db_col_uuid(row, o->of_leaves ? 1 : 0);
	o->n++;
	return (SR_OK);
}

static enum sr_error
say_orphans(struct verification * v, const struct orphans * o)
{
	struct audit_finding f = FINDING(ROW_MISSING);
	enum sr_error err = SR_OK;
	size_t i;

	for (i = 0; i < o->n && err == SR_OK; i++) {
		f.event_id = o->id[i];
		f.leaf_index = o->leaf_index[i];
		err = verify_found(v, &f);
	}
	return (err);
}

struct page_end {
	uint64_t last;
	bool found;
};

static enum sr_error
take_page_end(const struct db_row * row, void * cookie)
{
	struct page_end * end = cookie;

	end->last = (uint64_t)db_col_int(row, 0);
	end->found = true;
	return (SR_OK);
}

/* Leaves whose row is gone: how the end of a chain is found to be cut off. */
static enum sr_error
leaf_orphans(struct verification * v, struct orphans * o)
{
	struct db * db = v->store->db;
	struct page_end end;
	uint64_t from = 0;
	enum sr_error err;

	o->of_leaves = true;
	for (;;) {
		end = (struct page_end){ .found = false };
		if ((err = db_query(db, STMT_LEAF_PAGE_END, DB_ARGS(
		    DB_INT(from), DB_INT(v->leaves), DB_INT(ORPHANS_PAGE)),
		    take_page_end, &end)) != SR_OK || !end.found)
			return (err);
		o->n = 0;
		if ((err = db_query(db, STMT_LEAF_ORPHANS, DB_ARGS(
		    DB_INT(from), DB_INT(end.last + 1), DB_INT(ORPHANS_MAX)),
		    take_orphan, o)) != SR_OK ||
		    (err = say_orphans(v, o)) != SR_OK)
			return (err);
		from = o->n == ORPHANS_MAX ? o->leaf_index[ORPHANS_MAX - 1] :
		    end.last;
		from++;
	}
}

/* Places of rows that were taken away before they had a leaf. */
static enum sr_error
pending_orphans(struct verification * v, struct orphans * o)
{
	enum sr_error err;

	o->of_leaves = false;
	o->n = 0;
	err = db_query(v->store->db, STMT_AUDIT_PENDING_ORPHANS,
	    DB_ARGS(DB_INT(ORPHANS_MAX)), take_orphan, o);
	return (err == SR_OK ? say_orphans(v, o) : err);
}

/** verify_orphans(v): leaves and places whose row is gone. */
enum sr_error
verify_orphans(struct verification * v)
{
	struct orphans * o;
	enum sr_error err = SR_OK;

	if ((o = malloc(sizeof(*o))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	/* A leaf has one row: when each has met its own, none is left. */
	if (v->matched != v->out->leaves)
		err = leaf_orphans(v, o);
	if (err == SR_OK)
		err = pending_orphans(v, o);
	free(o);
	return (err);
}
