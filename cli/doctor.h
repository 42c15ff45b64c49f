#ifndef SR_CLI_DOCTOR_H
#define SR_CLI_DOCTOR_H

/* The checks of `strongroom doctor` and the lines of its report. */

#include "core/base/error.h"
#include "core/base/id.h"

struct cli;

/* In the order in which they run. */
enum doctor_check { DOCTOR_CONFIG, DOCTOR_CORE_DUMPS, DOCTOR_LOCKED_MEMORY,
    DOCTOR_SELFTEST, DOCTOR_ROOT_KEY, DOCTOR_DATABASE, DOCTOR_SCHEMA,
    DOCTOR_STATEMENTS, DOCTOR_GRANTS, DOCTOR_KEY_MATCH, DOCTOR_LIVE_SET,
    DOCTOR_OPENING, DOCTOR_AUDIT_CHAINS, DOCTOR_AUDIT_CHECKPOINT, DOCTOR__MAX };

struct doctor {
	uint32_t passed;		/* Bits 1 << enum doctor_check. */
	const char * detail;		/* What a check adds to a failure. */
	char chain[SR_ID_STRLEN + 1];	/* The audit chain that is broken. */
	uint64_t chains;		/* Audit chains that were verified, */
	uint64_t rows;			/* and how many rows of them hold. */
	uint64_t covered;		/* Rows the newest checkpoint covers. */
	uint64_t age;			/* Its age in seconds. */
	uint64_t waiting;		/* Rows that wait for one. */
};

/** doctor_check_name(check): "config" … */
const char * doctor_check_name(enum doctor_check check);

/* The report, in text or JSON, into cli->out. */
void doctor_begin(struct cli * cli);
void doctor_result(struct cli * cli, enum doctor_check check,
    enum sr_error err, const struct doctor * d);
void doctor_skipped(struct cli * cli, enum doctor_check check,
    enum doctor_check because);
void doctor_end(struct cli * cli);

#endif /* !SR_CLI_DOCTOR_H */
