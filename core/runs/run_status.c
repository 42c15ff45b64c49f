#include <string.h>

#include "core/runs/run.h"

static const char * const names[RUN_STATUS__MAX] = {
	[RUN_PENDING] = "pending", [RUN_RUNNING] = "running",
	[RUN_AWAITING_APPROVAL] = "awaiting_approval",
	[RUN_COMPLETED] = "completed", [RUN_FAILED] = "failed",
	[RUN_CANCELLED] = "cancelled",
};

#define TO(status)	(1u << RUN_##status)
static const unsigned moves[RUN_STATUS__MAX] = {
	[RUN_PENDING] = TO(RUNNING) | TO(CANCELLED),
	[RUN_RUNNING] = TO(AWAITING_APPROVAL) | TO(COMPLETED) | TO(FAILED) |
	    TO(CANCELLED),
	[RUN_AWAITING_APPROVAL] = TO(RUNNING) | TO(FAILED) | TO(CANCELLED),
};

const char *
run_status_name(enum run_status status)
{

	must(status < RUN_STATUS__MAX);
	return (names[status]);
}

bool
run_status_parse(const char * text, enum run_status * out)
{
	size_t i;

	for (i = 0; i < RUN_STATUS__MAX; i++)
		if (strcmp(names[i], text) == 0) {
			*out = (enum run_status)i;
			return (true);
		}
	return (false);
}

bool
run_ended(enum run_status status)
{

	return (moves[status] == 0);
}

bool
run_may_move(enum run_status from, enum run_status to)
{

	return ((moves[from] & 1u << to) != 0);
}
