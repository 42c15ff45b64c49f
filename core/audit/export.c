#include <string.h>

#include "core/audit/checkpoint_internal.h"
#include "core/audit/export_internal.h"
#include "core/base/strbuf.h"
#include "core/log/log.h"
#include "core/redact/compose.h"

/* Rows a statement. What they become waits in memory until the statement has
 * ended: a reader that is slow must not keep it open. */
#define PAGE_ROWS	512
#define PIECE_MAX	((size_t)16 * 1024 * 1024)

/* Columns behind those of the row. */
#define COL_LEAF	ROW_COLUMNS
#define COL_HASH	(ROW_COLUMNS + 1)

struct writer {
	const struct audit_export * export;
	struct compose * c;
	struct audit_export_counts * counts;
	struct checkpoint earlier[EXPORT_EARLIER_MAX];
	size_t earlier_n;
	size_t next;			/* Of ${earlier}. */
	struct gap gap;
	uint64_t leaf;			/* The next one. */
	bool filtered;
	enum sr_error said;
};

static bool
same_text(const char * asked, const char * is)
{

	return (asked[0] == '\0' || (is != NULL && strcmp(asked, is) == 0));
}

/** audit_filter_matches(filter, row): whether it asks for the row. */
bool
audit_filter_matches(const struct audit_filter * f,
    const struct chain_row * row)
{

	return ((f->from == SR_TIME_NONE || row->occurred_at >= f->from) &&
	    (f->to == SR_TIME_NONE || row->occurred_at < f->to) &&
	    (sr_id_is_nil(&f->target_id) || (row->target_id != NULL &&
	    sr_id_equal(&f->target_id, row->target_id))) &&
	    same_text(f->actor, row->actor_label) &&
	    same_text(f->action, row->action) &&
	    same_text(f->outcome, row->outcome) &&
	    same_text(f->target_kind, row->target_kind) &&
	    same_text(f->scope, row->scope) && same_text(f->name, row->name));
}

/** audit_filter_is_empty(filter): whether it asks for every row. */
bool
audit_filter_is_empty(const struct audit_filter * f)
{

	return (f->from == SR_TIME_NONE && f->to == SR_TIME_NONE &&
	    sr_id_is_nil(&f->target_id) && f->actor[0] == '\0' &&
	    f->action[0] == '\0' && f->outcome[0] == '\0' &&
	    f->target_kind[0] == '\0' && f->scope[0] == '\0' &&
	    f->name[0] == '\0');
}

/** audit_export_head(db, size, out): the checkpoint that ends it. */
enum sr_error
audit_export_head(struct db * db, uint64_t size, struct checkpoint * out)
{
	enum sr_error err;
	bool found = false;

	err = size == 0 ? checkpoint_latest(db, out, &found) :
	    checkpoint_at(db, size, out, &found);
	if (err == SR_OK && !found)
		err = SR_E_AUDIT_CHECKPOINT_NOT_FOUND;
	return (err);
}

static bool
same_key(const struct checkpoint * a, const struct checkpoint * b)
{

	return (mac_equal(a->public_key, b->public_key));
}

static enum sr_error
take_checkpoint(const struct db_row * row, void * cookie)
{
	struct stored_checkpoint s;
	struct checkpoint * cp = cookie;

	stored_read(row, &s);
	*cp = s.cp;
	return (SR_OK);
}

/* One at or before each of some sizes that divide the tree evenly. */
static enum sr_error
find_earlier(struct db * db, struct writer * w)
{
	const struct checkpoint * head = &w->export->head;
	const uint64_t parts = EXPORT_EARLIER_MAX + 1;
	struct checkpoint cp;
	enum sr_error err;
	uint64_t i, size, last = 0;

	for (i = 1; i < parts; i++) {
		/* i parts of the tree; the product may be too large. */
		size = head->tree_size / parts * i +
		    head->tree_size % parts * i / parts;
		cp.tree_size = 0;
		err = db_query(db, STMT_CHECKPOINT_BEFORE,
		    DB_ARGS(DB_INT(size)), take_checkpoint, &cp);
		if (err != SR_OK)
			return (err == SR_E_OUT_OF_MEMORY ? err :
			    SR_E_SECRET_AUDIT_UNAVAILABLE);
		if (cp.tree_size <= last || !same_key(&cp, head))
			continue;
		last = cp.tree_size;
		w->earlier[w->earlier_n++] = cp;
	}
	return (SR_OK);
}

/* Subtrees of a gap do not reach over the size of an earlier head. */
static void
at_earlier(struct writer * w)
{

	if (w->next == w->earlier_n ||
	    w->leaf != w->earlier[w->next].tree_size)
		return;
	export_gap(w->c, &w->gap);
	w->next++;
}

static enum sr_error
take_leaf(struct writer * w, const struct db_row * row)
{
	struct read_row r;
	const uint8_t * hash;
	size_t len;

	hash = db_col_bytes(row, COL_HASH, &len);
	if ((uint64_t)db_col_int(row, COL_LEAF) != w->leaf ||
	    len != MERKLE_LEN)
		return (sr_fail(SR_E_AUDIT_CHAIN_BROKEN,
		    log_u64("leaf", w->leaf)));
	at_earlier(w);
	if (db_col_null(row, 0)) {
		export_gap(w->c, &w->gap);
		export_missing(w->c, w->leaf, hash);
		w->counts->missing++;
	} else {
		row_read(row, &r);
		if (w->filtered &&
		    !audit_filter_matches(&w->export->filter, &r.row)) {
			gap_add(&w->gap, w->leaf, hash);
			w->counts->omitted++;
		} else {
			export_gap(w->c, &w->gap);
			if (!export_event(w->c, w->leaf, hash, &r))
				w->counts->masked++;
			w->counts->events++;
		}
	}
	w->leaf++;
	return (SR_OK);
}

static enum sr_error
take_row(const struct db_row * row, void * cookie)
{
	struct writer * w = cookie;

	w->said = take_leaf(w, row);
	return (w->said);
}

/* Hand over what there is. */
static enum sr_error
put(struct writer * w, audit_piece_fn * fn, void * cookie)
{
	struct redacted * piece = NULL;
	enum sr_error err;

	if (compose_withheld(w->c) != REDACT_CAUSE_NONE)
		return (SR_E_CHANNEL_REDACTION_FAILED);
	if ((err = compose_take(w->c, &piece)) != SR_OK)
		return (err);
	w->counts->bytes += redacted_len(piece);
	if (redacted_len(piece) != 0)
		err = fn(piece, cookie);
	redacted_free(&piece);
	return (err);
}

static enum sr_error
page(struct db * db, struct writer * w)
{
	uint64_t size = w->export->head.tree_size, end = w->leaf + PAGE_ROWS;
	enum sr_error err;

	if (end > size)
		end = size;
	err = db_query(db, STMT_EXPORT_PAGE, DB_ARGS(DB_INT(w->leaf),
	    DB_INT(end)), take_row, w);
	if (err == SR_OK && w->leaf != end)
		err = w->said = sr_fail(SR_E_AUDIT_CHAIN_BROKEN,
		    log_u64("leaf", w->leaf));
	if (err == SR_OK || w->said != SR_OK || err == SR_E_OUT_OF_MEMORY)
		return (err);
	return (SR_E_SECRET_AUDIT_UNAVAILABLE);
}

static enum sr_error
write_all(struct db * db, struct writer * w, audit_piece_fn * fn,
    void * cookie)
{
	enum sr_error err;

	if ((err = find_earlier(db, w)) != SR_OK)
		return (err);
	export_head(w->c, w->export, w->earlier, w->earlier_n);
	err = put(w, fn, cookie);
	while (err == SR_OK && w->leaf < w->export->head.tree_size) {
		if ((err = page(db, w)) == SR_OK)
			err = put(w, fn, cookie);
	}
	if (err != SR_OK)
		return (err);
	export_gap(w->c, &w->gap);
	export_end(w->c, w->counts);
	return (put(w, fn, cookie));
}

/** audit_export(store, export, fn, cookie, counts): the file, in pieces. */
enum sr_error
audit_export(const struct store * store, const struct audit_export * export,
    audit_piece_fn * fn, void * cookie, struct audit_export_counts * counts)
{
	struct writer w = { .export = export, .counts = counts };
	enum sr_error err;

	*counts = (struct audit_export_counts){ .events = 0 };
	w.filtered = !audit_filter_is_empty(&export->filter);
	err = compose_new(store->redact, REDACT_ARTIFACT, PIECE_MAX, &w.c);
	if (err == SR_OK && (err = compose_remember(w.c)) == SR_OK)
		err = write_all(store->db, &w, fn, cookie);
	compose_free(&w.c);
	return (err);
}
