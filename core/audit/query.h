#ifndef SR_CORE_AUDIT_QUERY_H
#define SR_CORE_AUDIT_QUERY_H

/*
 * Finding audit rows: by time, actor, action, secret and outcome, a page at a
 * time by key. Used by the page, the API, the command and the export.
 */

#include "core/audit/audit.h"

#define AUDIT_FILTER_TEXT_MAX	254

/* An empty text, nil id or SR_TIME_NONE asks for nothing. */
struct audit_filter {
	sr_time from;			/* This time or later. */
	sr_time to;			/* Before this time. */
	char actor[ACTOR_LABEL_MAX + 1];	/* The label, exactly. */
	char action[41];
	char outcome[16];
	char target_kind[33];		/* "secret", "api_key" … */
	struct sr_id target_id;		/* A secret, or another target. */
	char scope[17];			/* With or without a name. */
	char name[161];
};

/* The same as it is typed into a form, a query or an option. */
struct audit_filter_text {
	const char * from, * to, * actor, * action, * outcome, * secret;
};

/**
 * audit_filter_parse(text, out, field):
 * NULL and "" ask for nothing. ${secret} is an id or scope/name. Errors:
 * AUDIT_FILTER_INVALID, with ${field} a constant such as "from".
 */
SR_NODISCARD enum sr_error audit_filter_parse(
    const struct audit_filter_text * text, struct audit_filter * out,
    const char ** field);

/**
 * audit_find(db, filter, before, limit, fn, cookie):
 * Newest first, ${limit} rows older than the row ${before} (NULL: from the
 * newest; an id that no row has: likewise). Errors: SECRET_AUDIT_UNAVAILABLE,
 * and what ${fn} returns.
 */
SR_NODISCARD enum sr_error audit_find(struct db * db,
    const struct audit_filter * filter, const struct sr_id * before,
    unsigned limit, audit_row_fn * fn, void * cookie);

/**
 * audit_reading(store, actor, action, filter):
 * The row that says that somebody read (AUDIT_READ) or exported
 * (AUDIT_EXPORT) the audit, committed before anything of it is shown; its
 * target is the secret that was asked for, if one was. ${event} (may be NULL)
 * receives its id. Errors: as audit_append and tx_run; without a root key the
 * read is logged, and allowed for AUDIT_READ alone.
 */
SR_NODISCARD enum sr_error audit_reading(const struct store * store,
    const struct actor * actor, enum audit_action action,
    const struct audit_filter * filter, struct sr_id * event);

#endif /* !SR_CORE_AUDIT_QUERY_H */
