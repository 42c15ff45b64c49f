#ifndef SR_TESTS_HARNESS_PROCESS_H
#define SR_TESTS_HARNESS_PROCESS_H

/*
 * Other programs, for tests. A child gets SIGTERM from the kernel when the
 * test program dies, and leads a session of its own.
 */

#include <sys/types.h>

#include "core/base/base.h"
#include "tests/harness/files.h"

struct process_options {
	const char * input;	/* Standard input; NULL: empty. */
	size_t input_len;	/* 0: strlen(input). */
	const char * log;	/* process_start: output is appended to it. */
	const char * const * env;	/* "NAME=value" adds, "NAME" removes. */
	uid_t uid;		/* Run as that user and group; 0: as we are. */
	gid_t gid;
	int listener;		/* Handed over as systemd does; 0: none. */
	unsigned seconds;	/* process_run: limit; 0: 120. */
};

/**
 * process_start(argv, options): run argv[0], looked up in PATH. ${options}
 * may be NULL. Without a log its output is dropped. Returns its pid or -1.
 */
pid_t process_start(const char * const * argv,
    const struct process_options * options);

/**
 * process_run(argv, options, out, err):
 * Run a command to its end. ${out} and ${err} (each may be NULL: dropped)
 * receive what it wrote, NUL-terminated; caller frees. Returns its exit
 * status, 128 + n when a signal n ended it, -1 when it could not be run or
 * took too long.
 */
int process_run(const char * const * argv,
    const struct process_options * options, char ** out, char ** err);

/** process_alive(pid): whether that child runs; it is not reaped. */
bool process_alive(pid_t pid);

/**
 * process_wait(pid, ms): its exit status as of process_run, or -1 while it
 * still runs after ${ms}.
 */
int process_wait(pid_t pid, unsigned ms);

/**
 * process_stop(pid, sig, seconds):
 * Send ${sig} (0: none) to the child *pid and wait; after ${seconds} kill its
 * session. *pid becomes -1; -1 and 0 are ignored. Returns its exit status, -1
 * when it had to be killed.
 */
int process_stop(pid_t * pid, int sig, unsigned seconds);

/** process_end(pid): process_stop with SIGTERM and ten seconds. */
void process_end(pid_t pid);

#endif /* !SR_TESTS_HARNESS_PROCESS_H */
