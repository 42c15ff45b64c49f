#ifndef SR_CORE_RUNS_HOLDER_H
#define SR_CORE_RUNS_HOLDER_H

/* The runs that hold a secret: what revoking it cuts off. */

#include "core/runs/run.h"

#define HOLDERS_MAX	100	/* Named; more of them are said to be there. */

struct holder {
	struct sr_id run_id;
	struct sr_id project_id;
	char project[PROJECT_SLUG_MAX + 1];
	char workflow_name[RUN_NAME_MAX + 1];
	char name[RUN_NAME_MAX + 1];	/* "": none. */
	enum run_status status;
	uint32_t key_version;		/* Of the secret, that it holds. */
};

struct holders {
	struct holder v[HOLDERS_MAX];
	size_t n;
	bool complete;			/* There are no more, and all is read. */
};

/**
 * holders_read(db, secret_id, out):
 * The runs that hold a version of it now, the oldest lease first. Errors:
 * RUN_UNAVAILABLE; ${out} is what was read then, and not complete.
 */
SR_NODISCARD enum sr_error holders_read(struct db * db,
    const struct sr_id * secret_id, struct holders * out);

#endif /* !SR_CORE_RUNS_HOLDER_H */
