#include "core/audit/verify_internal.h"
#include "core/audit/walk_internal.h"
#include "core/log/log.h"

/* A statement may run for ten seconds: this takes a tenth of one. */
#define PAGE		5000

#define COL_LEAF_INDEX	ROW_COLUMNS
#define COL_LEAF_HASH	(ROW_COLUMNS + 1)
#define COL_PENDING	(ROW_COLUMNS + 2)

struct rows {
	struct verification * v;
	struct walk walk;
	size_t n;		/* Of this page. */
};

static enum sr_error
say(struct rows * s, enum audit_finding_kind kind, const struct chain_row * r,
    uint64_t leaf_index)
{
	struct audit_finding f = { .kind = kind, .event_id = r->id,
	    .chain_id = r->chain_id, .chain_seq = r->chain_seq,
	    .leaf_index = leaf_index, .tree_size = FINDING_NO_NUMBER };

	return (verify_found(s->v, &f));
}

/* What is missing has no id any more; its place is before this row's. */
static enum sr_error
say_missing(struct rows * s, const struct chain_row * r)
{
	struct audit_finding f = FINDING(ROW_MISSING);

	f.chain_id = r->chain_id;
	f.chain_seq = r->chain_seq - 1;
	return (verify_found(s->v, &f));
}

/* The leaf of the row, or its place among those that wait for one. */
static enum sr_error
check_leaf(struct rows * s, const struct db_row * from,
    const struct chain_row * r, const struct walked * found)
{
	uint64_t index = (uint64_t)db_col_int(from, COL_LEAF_INDEX);
	const uint8_t * hash;
	size_t len;

	if (db_col_null(from, COL_LEAF_INDEX)) {
		if (db_col_int(from, COL_PENDING) == 0)
			return (say(s, FINDING_LEAF_MISSING, r,
			    FINDING_NO_NUMBER));
		s->v->out->pending++;
		return (SR_OK);
	}
	/* Sealed since the verification began. */
	if (index >= s->v->leaves)
		s->v->out->pending++;
	else
		s->v->matched++;
	hash = db_col_bytes(from, COL_LEAF_HASH, &len);
	if (len == MERKLE_LEN && same_bytes(hash, found->leaf, MERKLE_LEN))
		return (SR_OK);
	/* That the MAC does not hold has been said. */
	if (found->changed || found->unsealed)
		return (SR_OK);
	return (say(s, found->rightly_unsealed ? FINDING_ROW_CHANGED :
	    FINDING_LEAF_CHANGED, r, index));
}

static enum sr_error
check_row(struct rows * s, const struct db_row * from)
{
	struct read_row r;
	struct walked found;
	enum sr_error err;

	row_read(from, &r);
	if ((err = walk_row(&s->walk, &r, &found)) != SR_OK)
		return (sr_fail(err, log_id("event_id", r.row.id)));
	if (found.missing_before && (err = say_missing(s, &r.row)) != SR_OK)
		return (err);
	if (found.moved && (err = say(s, FINDING_ROW_MOVED, &r.row,
	    FINDING_NO_NUMBER)) != SR_OK)
		return (err);
	if (found.unsealed && (err = say(s, FINDING_ROW_UNSEALED, &r.row,
	    FINDING_NO_NUMBER)) != SR_OK)
		return (err);
	if (found.changed && (err = say(s, FINDING_ROW_CHANGED, &r.row,
	    FINDING_NO_NUMBER)) != SR_OK)
		return (err);
	return (check_leaf(s, from, &r.row, &found));
}

static enum sr_error
take_row(const struct db_row * row, void * cookie)
{
	struct rows * s = cookie;

	s->n++;
	return (check_row(s, row));
}

/** verify_rows(v): every row, chain by chain, and its leaf. */
enum sr_error
verify_rows(struct verification * v)
{
	struct rows s = { .v = v };
	struct sr_id chain;
	enum sr_error err;
	uint32_t seq;

	walk_begin(&s.walk, keyset_audit_key(v->set));
	do {
		chain = s.walk.chain_id;
		seq = s.walk.seq;
		s.n = 0;
		err = db_query(v->store->db, STMT_AUDIT_VERIFY_PAGE, DB_ARGS(
		    DB_UUID(&chain), DB_UUID(&chain), DB_INT(seq),
		    DB_INT(PAGE)), take_row, &s);
	} while (err == SR_OK && s.n == PAGE);
	v->out->rows = s.walk.rows;
	v->out->good = s.walk.good;
	v->out->unsealed = s.walk.unsealed;
	v->out->chains = s.walk.chains;
	walk_end(&s.walk);
	return (err);
}
