#include <stdatomic.h>

#include "core/base/metric.h"

static const struct {
	const char * name;
	const char * help;
} rows[METRIC__MAX] = {
#define METRIC(id, name, help) [METRIC_##id] = { name, help },
#include "core/base/metric.def"
#undef METRIC
};

static atomic_uint_fast64_t counts[METRIC__MAX];

/** metric_count(m): one more. */
void
metric_count(enum metric m)
{

	must(m < METRIC__MAX);
	atomic_fetch_add(&counts[m], 1);
}

/** metric_get(m): how many since the process began. */
uint64_t
metric_get(enum metric m)
{

	must(m < METRIC__MAX);
	return (atomic_load(&counts[m]));
}

/** metric_name(m): of the row. */
const char *
metric_name(enum metric m)
{

	must(m < METRIC__MAX);
	return (rows[m].name);
}

/** metric_help_title(m): of the row. */
const char *
metric_help_title(enum metric m)
{

	must(m < METRIC__MAX);
	return (rows[m].help);
}
