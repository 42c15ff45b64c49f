#ifndef SR_CLI_RUN_LINK_H
#define SR_CLI_RUN_LINK_H

/*
 * Where a run of ours lives: in the database of this machine, or on a server
 * that is asked over its API. Whoever runs the command does not know which.
 * One thread at a time.
 */

#include "cli/run_backlog.h"

struct cli;
struct run_env;
struct run_link;

/* What either can do. ${link->cli}'s note says more about an error. */
struct run_link_row {
	/* Begin the run that the command line asks for. */
	enum sr_error (*begin)(struct run_link * link);
	/* The values of its bindings (run_env_take), known to the gate. */
	enum sr_error (*values)(struct run_link * link, struct run_env * env);
	/* The command runs: from now on nobody waits for an answer long. */
	void (*started)(struct run_link * link);
	/* Whether it answers, and the gate knows what it knows. */
	enum sr_error (*refresh)(struct run_link * link);
	/* A chunk of a stream, or its end; a repeated one is stored once. */
	enum sr_error (*post)(struct run_link * link,
	    const struct backlog_chunk * chunk, bool end);
	enum sr_error (*beat)(struct run_link * link);
	/* ${payload}: JSON of the event that tells it; NULL: none. */
	enum sr_error (*end)(struct run_link * link, enum run_status to,
	    const char * payload);
	/* Wipe and release. */
	void (*free)(struct run_link * link);
	bool untagged;		/* Masks on this side have no tags. */
};

struct run_link {
	const struct run_link_row * row;
	struct cli * cli;
};

/**
 * run_link_new(cli, out): of the server that --server or STRONGROOM_SERVER
 * names, else of the database. Errors: USAGE (options that need a server, and
 * there is none), OUT_OF_MEMORY; those of run_link_http.
 */
SR_NODISCARD enum sr_error run_link_new(struct cli * cli,
    struct run_link ** out);

/** run_link_free(link): *link becomes NULL; may be NULL. */
void run_link_free(struct run_link ** link);

/** run_link_passing(err): what may go well another time. */
SR_NODISCARD bool run_link_passing(enum sr_error err);

/** run_link_denied(err): who runs it is not let in (any more). */
SR_NODISCARD bool run_link_denied(enum sr_error err);

/** run_link_event(to): the event that a run ends with, "run_completed". */
const char * run_link_event(enum run_status to);

/** run_link_store(cli, out): a run in the database. Errors: OUT_OF_MEMORY. */
SR_NODISCARD enum sr_error run_link_store(struct cli * cli,
    struct run_link ** out);

/**
 * run_link_http(cli, address, out): a run on the server at ${address}; takes
 * the API key out of the environment. Errors: SERVER_ADDRESS_INVALID,
 * API_KEY_NOT_GIVEN, CONFIG_SOURCES_CONFLICT, OUT_OF_MEMORY.
 */
SR_NODISCARD enum sr_error run_link_http(struct cli * cli,
    const char * address, struct run_link ** out);

#endif /* !SR_CLI_RUN_LINK_H */
