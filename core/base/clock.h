#ifndef SR_CORE_BASE_CLOCK_H
#define SR_CORE_BASE_CLOCK_H

/* Time. Everywhere in Strongroom a time is int64_t microseconds, UTC, since
 * 1970-01-01 (sr_time); a length of time says its unit in its name. */

#include "core/base/base.h"

typedef int64_t sr_time;

#define SR_TIME_NONE	INT64_MIN	/* SQL NULL, "never". */
#define SR_SECOND	INT64_C(1000000)
#define SR_TIME_STRLEN	27		/* 2026-11-24T05:30:41.123456Z */

/** clock_now(): the current time. Thread-safe. */
sr_time clock_now(void);

/** clock_monotonic_ms(): milliseconds that never go back. Thread-safe. */
int64_t clock_monotonic_ms(void);

/** clock_boot_ms(): the same, but a suspended machine's time counts too. */
int64_t clock_boot_ms(void);

/**
 * clock_format(t, out):
 * Write RFC 3339 with six decimals and "Z" into ${out}. Years 0001..9999; a
 * time outside of that, or SR_TIME_NONE, gives an empty string.
 */
void clock_format(sr_time t, char out[SR_TIME_STRLEN + 1]);

/**
 * clock_parse(text, t):
 * Parse RFC 3339 in UTC ("2026-11-24T05:30:41Z", up to six decimals), the
 * form a datetime-local input sends ("2026-11-24T05:30", taken as UTC), or a
 * date ("2026-11-24", its midnight). Return false, ${t} untouched, otherwise.
 */
SR_NODISCARD bool clock_parse(const char * text, sr_time * t);

#endif /* !SR_CORE_BASE_CLOCK_H */
