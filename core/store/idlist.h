#ifndef SR_CORE_STORE_IDLIST_H
#define SR_CORE_STORE_IDLIST_H

/*
 * Many ids as one parameter of type text: a JSON array, which a statement reads
 * as a table (IDLIST of stmt.def). One statement then asks for all of them,
 * however many there are.
 */

#include "core/base/id.h"
#include "core/base/strbuf.h"

/**
 * idlist(ids, n, out):
 * Make the parameter; ${out} is begun here, and the caller's to free. Errors:
 * OUT_OF_MEMORY.
 */
SR_NODISCARD enum sr_error idlist(const struct sr_id * ids, size_t n,
    struct strbuf * out);

#endif /* !SR_CORE_STORE_IDLIST_H */
