#ifndef SR_CLI_RUN_PUMP_H
#define SR_CLI_RUN_PUMP_H

/* While a command runs: keys in, output out, signals to it, and its end. */

#include "cli/run_child.h"
#include "cli/run_out.h"
#include "cli/run_post.h"
#include "cli/run_term.h"

#define PUMP_TYPED	64

struct run_pump {
	struct child * child;
	struct run_term * term;
	struct post * post;
	int signals;			/* signalfd(2). */
	struct run_out out[2];
	size_t n;
	/* Typed: on its way to the command; and what was typed last. */
	char keys[1024];
	size_t keys_at, keys_n;
	char typed[PUMP_TYPED];
	size_t typed_n;
	int64_t quiet_since;		/* When output came last. */
	unsigned asked;			/* Signals that ask us to end. */
	bool ended, over_said, full_said, lost_said, denied_said;
	uint64_t missing;		/* In the events, as last said. */
	int status;			/* Of waitpid(2), when it has ended. */
};

/** run_pump_run(p): until the command has ended and its output is out. */
void run_pump_run(struct run_pump * p);

/** run_pump_wait(p): until the run has ended, or was given up. */
void run_pump_wait(struct run_pump * p);

/* run_note.c: a line of ours on standard error. */

/** run_note(p, before, n, after): "strongroom: BEFORE N AFTER". */
#define run_note(p, before, n, after)					\
	run_note_constant((p), SR_LITERAL(before), (n), SR_LITERAL(after))
void run_note_constant(const struct run_pump * p, const char * before,
    uint64_t n, const char * after);

/* run_keys.c: from the keys to the command. */

/** run_keys_read(p), run_keys_write(p): our end, its end is ready. */
void run_keys_read(struct run_pump * p);
void run_keys_write(struct run_pump * p);

#endif /* !SR_CLI_RUN_PUMP_H */
