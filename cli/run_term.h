#ifndef SR_CLI_RUN_TERM_H
#define SR_CLI_RUN_TERM_H

/*
 * The terminal that we are on. While a command has a terminal of its own,
 * ours is raw: each key goes to that one, which makes of it what the command
 * has asked for.
 */

#include <sys/ioctl.h>

#include <termios.h>

#include "cli/run_child.h"

struct run_term {
	int fd;			/* Ours; -1: none. */
	bool typed;		/* Keys go to the command. */
	bool raw;
	struct termios shown;	/* As it was. */
	struct termios slave;	/* For the command's. */
	struct winsize size;
};

/** run_term_open(t, plan): whose ends are terminals; ${plan} is told. */
void run_term_open(struct run_term * t, struct child_plan * plan);

/** run_term_raw(t), run_term_restore(t): if it is ours now. */
void run_term_raw(struct run_term * t);
void run_term_restore(struct run_term * t);

/** run_term_reads(t): whether keys are for us. */
bool run_term_reads(const struct run_term * t);

/** run_term_resize(t, master): the command's becomes as large as ours. */
void run_term_resize(struct run_term * t, int master);

#endif /* !SR_CLI_RUN_TERM_H */
