#ifndef SR_CLI_DOCTOR_H
#define SR_CLI_DOCTOR_H

/* The checks of `strongroom doctor` and the lines of its report. */

#include "core/base/error.h"
#include "core/base/id.h"

struct cli;

/* In the order in which they run. */
enum doctor_check { DOCTOR_CONFIG, DOCTOR_CORE_DUMPS, DOCTOR_LOCKED_MEMORY,
    DOCTOR_SELFTEST, DOCTOR_ROOT_KEY, DOCTOR_DATABASE, DOCTOR_SCHEMA,
    DOCTOR_STATEMENTS, DOCTOR_GRANTS, DOCTOR_KEY_MATCH,
    DOCTOR_KEY_VERSIONS, DOCTOR_LIVE_SET, DOCTOR_OPENING,
    DOCTOR_AUDIT_CHAINS, DOCTOR_AUDIT_CHECKPOINT, DOCTOR_STORED_TEXTS,
    DOCTOR__MAX };

struct doctor {
	uint32_t passed;		/* Bits 1 << enum doctor_check. */
	const char * detail;		/* What a check adds to a failure. */
	char chain[SR_ID_STRLEN + 1];	/* The audit chain that is broken. */
	uint64_t needed;		/* Loaded root keys that are needed, */
	uint64_t spare;			/* and older ones that are not. */
	char missing[16];		/* A version that is not loaded. */
	uint64_t chains;		/* Audit chains that were verified, */
	uint64_t rows;			/* and how many rows of them hold. */
	uint64_t covered;		/* Rows the newest checkpoint covers. */
	uint64_t age;			/* Its age in seconds. */
	uint64_t waiting;		/* Rows that wait for one. */
	char column[128];		/* Where a secret stands. */
};

/** doctor_check_name(check): "config" … */
const char * doctor_check_name(enum doctor_check check);

/**
 * doctor_key_versions(cli, d): whether every version of the root key that
 * something is wrapped under is loaded. Errors: ROOT_KEY_VERSION_MISSING, ….
 */
SR_NODISCARD enum sr_error doctor_key_versions(struct cli * cli,
    struct doctor * d);

/**
 * doctor_stored_texts(cli, d): whether a text in a plain column of the database
 * holds a secret that is known, or what a rule finds. Errors:
 * STORED_TEXT_UNSAFE, ….
 */
SR_NODISCARD enum sr_error doctor_stored_texts(struct cli * cli,
    struct doctor * d);

/* The report, in text or JSON, into cli->out. */
void doctor_begin(struct cli * cli);
void doctor_result(struct cli * cli, enum doctor_check check,
    enum sr_error err, const struct doctor * d);
void doctor_skipped(struct cli * cli, enum doctor_check check,
    enum doctor_check because);
void doctor_end(struct cli * cli);

#endif /* !SR_CLI_DOCTOR_H */
