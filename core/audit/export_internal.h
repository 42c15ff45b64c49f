#ifndef SR_CORE_AUDIT_EXPORT_INTERNAL_H
#define SR_CORE_AUDIT_EXPORT_INTERNAL_H

/* For export*.c alone. */

#include "core/audit/export.h"
#include "core/audit/row_internal.h"

struct compose;

#define EXPORT_NAMESPACE	"urn:strongroom:audit-export:1"

/* Heads in the file beside the one that ends it. */
#define EXPORT_EARLIER_MAX	64

/*
 * Leaves left out, one after the other, as the largest subtrees that are
 * aligned in the tree: their roots, the first one first.
 */
struct gap {
	uint64_t end;			/* The leaf behind it. */
	size_t n;
	unsigned level[2 * MERKLE_LEVELS];
	uint8_t hash[2 * MERKLE_LEVELS][MERKLE_LEN];
};

/** gap_add(g, leaf, hash): leaf ${leaf}, which follows the former one. */
void gap_add(struct gap * g, uint64_t leaf, const uint8_t hash[MERKLE_LEN]);

/** export_head(c, export, earlier, n): all before the first event. */
void export_head(struct compose * c, const struct audit_export * export,
    const struct checkpoint * earlier, size_t n);

/** export_gap(c, g): the elements of a gap, which is empty after. */
void export_gap(struct compose * c, struct gap * g);

/** export_event(c, leaf, hash, row): an event; whether nothing is masked. */
bool export_event(struct compose * c, uint64_t leaf,
    const uint8_t hash[MERKLE_LEN], const struct read_row * row);

/** export_missing(c, leaf, hash): a leaf whose row is gone. */
void export_missing(struct compose * c, uint64_t leaf,
    const uint8_t hash[MERKLE_LEN]);

/** export_end(c, counts): all behind the last event. */
void export_end(struct compose * c, const struct audit_export_counts * counts);

#endif /* !SR_CORE_AUDIT_EXPORT_INTERNAL_H */
