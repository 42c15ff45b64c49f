#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "cli/harden.h"
#include "cli/run_child.h"

/* A number to whoever waits for it; there is nobody else to tell. */
static void
tell(int fd, int number)
{

	while (write(fd, &number, sizeof(number)) < 0 && errno == EINTR)
		;
}

static bool
place(const struct child_plan * plan, const struct child_ends * ends)
{
	const int other[3] = { -1, ends->out, ends->err };
	int i, from;

	for (i = 0; i < 3; i++) {
		from = plan->slave[i] ? ends->slave : other[i];
		if (i == STDIN_FILENO && plan->reopen)
			/* To read alone: what it writes goes elsewhere. */
			from = open("/proc/self/fd/0", O_RDONLY | O_CLOEXEC |
			    O_NOCTTY);
		else if (from < 0)
			continue;
		if (from < 0 || dup2(from, i) < 0)
			return (false);
	}
	return (true);
}

/* The command, from here on. */
static _Noreturn void
become(const struct child_plan * plan, const struct child_ends * ends,
    pid_t parent)
{

	(void)prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
	if (getppid() != parent)
		_exit(126);
	(void)setpgid(0, 0);
	/* SIGTTOU is blocked. */
	if (ends->slave >= 0)
		(void)tcsetpgrp(ends->slave, getpid());
	harden_undo();
	if (place(plan, ends)) {
		(void)sigprocmask(SIG_SETMASK, &plan->mask, NULL);
		(void)execvpe(plan->argv[0], plan->argv, plan->envp);
	}
	tell(ends->exec, errno);
	_exit(127);
}

/* All but standard error, which a panic would want, and ${keep}. */
static void
close_others(int keep)
{
	const unsigned first = STDERR_FILENO + 1;

	(void)close(STDIN_FILENO);
	(void)close(STDOUT_FILENO);
	if ((unsigned)keep > first)
		(void)close_range(first, (unsigned)keep - 1, 0);
	(void)close_range((unsigned)keep + 1, ~0U, 0);
}

/** child_monitor(plan, ends, parent): wait for the command, and tell. */
_Noreturn void
child_monitor(const struct child_plan * plan, const struct child_ends * ends,
    pid_t parent)
{
	pid_t self, command;
	int status;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != parent)
		_exit(0);
	(void)setsid();
	if (ends->slave >= 0)
		(void)ioctl(ends->slave, TIOCSCTTY, 0);
	self = getpid();
	command = fork();
	if (command == 0)
		become(plan, ends, self);
	if (command < 0) {
		tell(ends->exec, EAGAIN);
		_exit(0);
	}
	tell(ends->report, command);
	close_others(ends->report);
	do {
		while (waitpid(command, &status, WUNTRACED | WCONTINUED) < 0) {
			if (errno != EINTR)
				_exit(0);
		}
		tell(ends->report, status);
	} while (!WIFEXITED(status) && !WIFSIGNALED(status));
	_exit(0);
}
