#ifndef SR_CORE_BASE_METRIC_H
#define SR_CORE_BASE_METRIC_H

/* Counters of the process (metric.def). Thread-safe. */

#include "core/base/base.h"

enum metric {
#define METRIC(id, name, help) METRIC_##id,
#include "core/base/metric.def"
#undef METRIC
	METRIC__MAX
};

/** metric_count(m): one more. */
void metric_count(enum metric m);

/** metric_get(m): how many since the process began. */
uint64_t metric_get(enum metric m);

/** metric_name(m), metric_help_title(m): of the row. Static storage. */
const char * metric_name(enum metric m);
const char * metric_help_title(enum metric m);

#endif /* !SR_CORE_BASE_METRIC_H */
