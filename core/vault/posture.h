#ifndef SR_CORE_VAULT_POSTURE_H
#define SR_CORE_VAULT_POSTURE_H

/*
 * How well the secrets are kept, in numbers: what should be rotated, what
 * expires, how old the values are, and what was done or refused lately.
 */

#include "core/vault/search.h"

/* Of the audit: whole days in UTC, today the last. */
#define POSTURE_DAYS	30
#define POSTURE_WEEK	7

/* Days since the last rotation at which the next age begins. */
#define POSTURE_AGES	6
extern const unsigned posture_age[POSTURE_AGES];	/* The first is 0. */

struct posture_day {
	uint64_t succeeded;
	uint64_t failed;
	uint64_t blocked;
};

struct posture {
	uint64_t active;	/* Secrets by state; as enum secret_state. */
	uint64_t soon;
	uint64_t overdue;
	uint64_t expired;
	uint64_t revoked;
	uint64_t ages[POSTURE_AGES];	/* Of the active ones. */
	sr_time first_day;		/* Midnight of days[0]. */
	struct posture_day days[POSTURE_DAYS];
};

/**
 * posture_read(db, times, out): Errors: SECRET_METADATA_UNAVAILABLE,
 * SECRET_AUDIT_UNAVAILABLE.
 */
SR_NODISCARD enum sr_error posture_read(struct db * db,
    const struct secret_times * times, struct posture * out);

/** posture_week(p): what the last POSTURE_WEEK days add up to. */
struct posture_day posture_week(const struct posture * p);

/** posture_week_begins(p): midnight of the first of these days. */
sr_time posture_week_begins(const struct posture * p);

#endif /* !SR_CORE_VAULT_POSTURE_H */
