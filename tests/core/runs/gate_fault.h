#ifndef SR_TESTS_CORE_RUNS_GATE_FAULT_H
#define SR_TESTS_CORE_RUNS_GATE_FAULT_H

/*
 * Faults of the gate, each cause of them: this program's own redact_alloc and
 * hs_scan take the place of the room's and of the library's.
 */

#include <dlfcn.h>
#include <hs/hs.h>
#include <stdlib.h>

#include "core/redact/alloc_internal.h"
#include "core/redact/redact.h"

static bool alloc_fails;
static hs_error_t scan_fault = HS_SUCCESS;

void *
redact_alloc(size_t size)
{

	return (alloc_fails ? NULL : malloc(size));
}

typedef hs_error_t scan_fn(const hs_database_t *, const char *, unsigned,
    unsigned, hs_scratch_t *, match_event_handler, void *);

hs_error_t
hs_scan(const hs_database_t * db, const char * data, unsigned length,
    unsigned flags, hs_scratch_t * scratch, match_event_handler on_event,
    void * context)
{
	static scan_fn * real;

	if (scan_fault != HS_SUCCESS)
		return (scan_fault);
	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "hs_scan");
	must(real != NULL);
	return (real(db, data, length, flags, scratch, on_event, context));
}

/* Let the gate fail for that cause, or (NONE) work again. */
static inline void
gate_fault(struct redact * r, enum redact_cause cause)
{

	alloc_fails = cause == REDACT_CAUSE_MEMORY;
	scan_fault = cause == REDACT_CAUSE_ENGINE ? HS_SCRATCH_IN_USE :
	    HS_SUCCESS;
	if (cause == REDACT_CAUSE_STALE)
		redact_mark(r, REDACT_STALE);
	if (cause == REDACT_CAUSE_LOCKED)
		redact_lock(r);
}

#endif /* !SR_TESTS_CORE_RUNS_GATE_FAULT_H */
