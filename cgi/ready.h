#ifndef SR_CGI_READY_H
#define SR_CGI_READY_H

/* Is everything there that the site works with? */

#include "core/base/error.h"

struct db;
struct exchange;
struct worker;

enum check { CHECK_DATABASE, CHECK_SCHEMA, CHECK_ROOT_KEY, CHECK_REDACTION,
    CHECK_AUDIT, CHECK__MAX };

/** check_name(check): "database", "schema", "root_key", "redaction",
 * "audit_checkpoint". */
const char * check_name(enum check check);

/**
 * ready_schema(w, db):
 * Hold the schema against this program, once, until the connection is lost.
 * Errors: SCHEMA_*, DATABASE_UNAVAILABLE.
 */
SR_NODISCARD enum sr_error ready_schema(struct worker * w, struct db * db);

/**
 * ready_store(x):
 * Make the database usable for this request: connected, its schema held
 * against this program (once, until the connection is lost), keys bound and
 * the live set current. Only the first two can fail the request; without the
 * others metadata stays readable. Errors: DATABASE_UNAVAILABLE, SCHEMA_*, ….
 */
SR_NODISCARD enum sr_error ready_store(struct exchange * x);

/**
 * ready_background(w, db):
 * For a thread beside the requests, which cannot do its work without a root
 * key. Errors: SCHEMA_*, DATABASE_UNAVAILABLE, those of keystore_take.
 */
SR_NODISCARD enum sr_error ready_background(struct worker * w, struct db * db);

/** ready_lost(w, err): note an error that makes the schema doubtful again. */
void ready_lost(struct worker * w, enum sr_error err);

/** ready_checks(x, results): each check's error, SR_OK for good. */
void ready_checks(struct exchange * x, enum sr_error results[CHECK__MAX]);

#endif /* !SR_CGI_READY_H */
