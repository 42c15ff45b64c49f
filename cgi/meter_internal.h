#ifndef SR_CGI_METER_INTERNAL_H
#define SR_CGI_METER_INTERNAL_H

/* Between the meter's files alone. */

#include <pthread.h>
#include <stdatomic.h>

#include "cgi/meter.h"

/* Told in seconds; by rule: those that masked nothing are left out. */
#define METER_MILLISECONDS	"strongroom_request_duration_seconds_sum"
#define METER_RULES		"strongroom_rule_redactions_total"

struct meter {
	atomic_uint_fast64_t requests[ROUTE__MAX + 1][METER_CODES];
	atomic_uint_fast64_t took[METER_BUCKETS];
	atomic_uint_fast64_t ms;
	pthread_mutex_t lock;		/* Of what follows. */
	uint64_t * flushed;		/* By place in the walk. */
	size_t n;
};

#endif /* !SR_CGI_METER_INTERNAL_H */
