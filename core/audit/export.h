#ifndef SR_CORE_AUDIT_EXPORT_H
#define SR_CORE_AUDIT_EXPORT_H

/*
 * The audit as an XML file that can be checked without the database:
 * export.FORMAT describes it. Rows come in the order of their leaves, up to
 * a checkpoint; what a filter leaves out is there as the roots of the subtrees
 * that cover it, so the reader comes to the checkpoint's root all the same.
 * The file is a function of the database, the size, the filter and what
 * the gate masks: the same export made twice is the same bytes.
 */

#include "core/audit/checkpoint.h"
#include "core/audit/query.h"

struct redacted;

struct audit_export {
	struct checkpoint head;		/* Its end. */
	struct audit_filter filter;
};

struct audit_export_counts {
	uint64_t events;
	uint64_t omitted;		/* Rows left out. */
	uint64_t masked;		/* Events with a text that is masked. */
	uint64_t missing;		/* Leaves whose row is gone. */
	uint64_t bytes;
};

/**
 * audit_export_head(db, size, out):
 * The checkpoint of that size; of size 0 the newest. Errors:
 * AUDIT_CHECKPOINT_NOT_FOUND, SECRET_AUDIT_UNAVAILABLE.
 */
SR_NODISCARD enum sr_error audit_export_head(struct db * db, uint64_t size,
    struct checkpoint * out);

/**
 * audit_export(store, export, fn, cookie, counts):
 * Write the file in pieces, each of which passed the gate, to ${fn}; no
 * statement is open while it runs, so it may take its time, and bring the live
 * set up to date. Memory is constant. Not audited here: see audit_reading.
 * Errors: SECRET_AUDIT_UNAVAILABLE; CHANNEL_REDACTION_FAILED when the gate
 * cannot vouch; OUT_OF_MEMORY; what ${fn} returns. After an error the file is
 * not complete, and not well-formed.
 */
typedef enum sr_error audit_piece_fn(const struct redacted * piece,
    void * cookie);
SR_NODISCARD enum sr_error audit_export(const struct store * store,
    const struct audit_export * export, audit_piece_fn * fn, void * cookie,
    struct audit_export_counts * counts);

/** audit_filter_matches(filter, row): whether the filter asks for the row. */
bool audit_filter_matches(const struct audit_filter * filter,
    const struct chain_row * row);

/** audit_filter_is_empty(filter): whether it asks for every row. */
bool audit_filter_is_empty(const struct audit_filter * filter);

#endif /* !SR_CORE_AUDIT_EXPORT_H */
