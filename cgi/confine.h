#ifndef SR_CGI_CONFINE_H
#define SR_CGI_CONFINE_H

/*
 * What a worker gives up, so that somebody who takes it over has little to take
 * over: its user, its rights, most files and most system calls. None of it is
 * in the way of a unit's own sandbox, which is the wider fence around this one.
 */

#include "core/base/error.h"

struct config;

/** confine_process(): no core dumps, no tracing, no new privileges. */
void confine_process(void);

/**
 * confine_user(name): when we are root, be ${name} and its groups from now on,
 * for good. Errors: USAGE (there is no such user, or it is root),
 * SANDBOX_FAILED (we cannot, or are another user already). Before threads and
 * secrets.
 */
SR_NODISCARD enum sr_error confine_user(const char * name);

/**
 * confine_files(c, listen, abi):
 * From now on this thread and those that it makes read the system's libraries
 * and settings and the files that ${c} names, write to the folder of log.file,
 * remove the socket at ${listen} (NULL: none), and have no other file; they do
 * not listen on TCP nor signal other processes where the kernel can tell.
 * ${abi} receives the kernel's version of Landlock: 0 when it has none, and
 * nothing was done. Errors: SANDBOX_FAILED (also when this thread is not the
 * only one).
 */
SR_NODISCARD enum sr_error confine_files(const struct config * c,
    const char * listen, unsigned * abi);

/**
 * confine_calls(): from now on all threads have the system calls that serving
 * takes; others fail with EPERM, and those that only an intruder makes (execve,
 * ptrace, …) end the process. Errors: SANDBOX_FAILED.
 */
SR_NODISCARD enum sr_error confine_calls(void);

#endif /* !SR_CGI_CONFINE_H */
