#ifndef SR_CORE_STORE_STORE_H
#define SR_CORE_STORE_STORE_H

/*
 * What a call of the rooms above works with: this thread's connection, and
 * the process's keys and redactor. Plain pointers; nothing is owned.
 */

#include <stdint.h>

#include "core/base/error.h"

struct db;
struct keystore;
struct liveset;
struct own_site;
struct redact;

struct store {
	struct db * db;			/* One thread's. */
	struct keystore * keys;		/* The process's, thread-safe. */
	struct redact * redact;		/* The process's, thread-safe. */
	unsigned idempotency_hours;	/* How long a request is known again;
					   0: as config.def has it. */
	/* The process's: who stores text of others brings it up to date in the
	 * transaction that stores. NULL: the caller has done so. */
	struct liveset * live;
	const struct own_site * own_site;	/* NULL: not known. */
	unsigned stream_minutes;	/* Of event.h; 0: as config.def has
					   it. */
	unsigned guess_limit;		/* Of run_alert.h; 0: as config.def
					   has it, UINT_MAX: none. */
	/* How much a run may store (runs/limit.h); 0: as config.def has it,
	 * UINT64_MAX: no limit. */
	uint64_t run_events, run_event_bytes, run_streams, run_prompt_bytes;
};

#endif /* !SR_CORE_STORE_STORE_H */
