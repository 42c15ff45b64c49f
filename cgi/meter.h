#ifndef SR_CGI_METER_H
#define SR_CGI_METER_H

/*
 * The counters of a worker, and of all workers together: each adds what it has
 * counted to table metric now and then, so that whoever answers /metrics tells
 * of all of them, and a restart takes nothing back. What a worker counted
 * since it last did so is lost if it is killed.
 */

#include "cgi/route.h"
#include "core/base/error.h"

struct db;
struct meter;
struct worker;

#define METER_CODES	5	/* 1xx to 5xx */
#define METER_BUCKETS	11	/* Of the time a request takes. */

/* One series: constants and a number. */
struct series {
	const char * name;		/* Of the metric. */
	const char * label[2];		/* Names of labels; NULL: none. */
	const char * value[2];
	uint64_t n;
};

/** meter_new(out): Errors: OUT_OF_MEMORY. Caller frees, after all threads. */
SR_NODISCARD enum sr_error meter_new(struct meter ** out);
void meter_free(struct meter ** m);

/** meter_request(m, route, status, ms): an answer. ROUTE__MAX: no route. */
void meter_request(struct meter * m, enum route_id route, int status,
    int64_t ms);

typedef void series_fn(const struct series * series, void * cookie);

/**
 * meter_walk(w, fn, cookie):
 * All series of this worker, always the same ones in the same order; what was
 * counted since it began.
 */
void meter_walk(struct worker * w, series_fn * fn, void * cookie);

/**
 * meter_flush(w, db): add what was counted since the last time. Errors: as
 * db_exec; then it is added the next time.
 */
SR_NODISCARD enum sr_error meter_flush(struct worker * w, struct db * db);

/**
 * meter_total(w, db, fn, cookie): as meter_walk, of all workers together, as
 * far as they have added. Errors: as db_query, OUT_OF_MEMORY.
 */
SR_NODISCARD enum sr_error meter_total(struct worker * w, struct db * db,
    series_fn * fn, void * cookie);

/** series_name(s), series_label_name(s, i), series_value_name(s, i). */
const char * series_name(const struct series * s);
const char * series_label_name(const struct series * s, size_t i);
const char * series_value_name(const struct series * s, size_t i);

#endif /* !SR_CGI_METER_H */
