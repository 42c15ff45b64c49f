#ifndef SR_CLI_RUN_CHILD_H
#define SR_CLI_RUN_CHILD_H

/*
 * A command and its descriptors. It has a session of its own, so that it has
 * no other terminal than the one that passes the gate, led by a process that
 * does nothing but wait for it (as sudo(8) does): with a parent in its session
 * it can be stopped and continued as if it ran bare. If this program is killed,
 * the waiting process is, and the command gets SIGTERM.
 */

#include <signal.h>
#include <termios.h>

#include "core/base/error.h"

struct winsize;

/* How the command is started. */
struct child_plan {
	char ** argv;
	char ** envp;
	bool slave[3];		/* Which of 0, 1, 2 are its terminal. */
	bool reopen;		/* 0: ours, which is a terminal, to read. */
	const struct termios * termios;	/* Of its terminal; NULL: none. */
	const struct winsize * size;
	sigset_t mask;		/* Signals as we were given them. */
};

struct child {
	pid_t monitor;		/* 0: none. */
	pid_t command;
	int report;		/* What the monitor tells. */
	int master;		/* Its terminal; -1: none. */
	int out, err;		/* Pipes; -1: none. */
};

#define CHILD_NONE	((struct child){ .report = -1, .master = -1,	\
			    .out = -1, .err = -1 })

/**
 * child_inherit(): what is open now was given to us, and is the command's too;
 * call before anything else is opened, such as a connection to the database.
 */
void child_inherit(void);

/**
 * child_start(plan, child):
 * When it returns the command runs, and plan->envp is needed no more. Call
 * with one thread. Errors: COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE,
 * COMMAND_NOT_STARTED. Caller ends it with child_end in any case.
 */
SR_NODISCARD enum sr_error child_start(const struct child_plan * plan,
    struct child * child);

/** child_find(name): whether it can be run, for a message before all else. */
SR_NODISCARD enum sr_error child_find(const char * name);

/**
 * child_news(child, status): wait for a change, as waitpid(2) tells it. False:
 * nothing more comes, the monitor is gone.
 */
SR_NODISCARD bool child_news(const struct child * child, int * status);

/** child_signal(child, number): as it would have come to the command. */
void child_signal(const struct child * child, int number);

/** child_end(child): close, and reap the monitor. */
void child_end(struct child * child);

/* run_monitor.c: the waiting process. */

struct child_ends {
	int slave, out, err;	/* The command's; -1: none. */
	int report, exec;	/* Told: what becomes of it; why not. */
};

/** child_monitor(plan, ends, parent): of a fork; does not return. */
_Noreturn void child_monitor(const struct child_plan * plan,
    const struct child_ends * ends, pid_t parent);

#endif /* !SR_CLI_RUN_CHILD_H */
