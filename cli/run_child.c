#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/close_range.h>

#include "cli/run_child.h"
#include "core/log/log.h"

#define PATH_DEFAULT	"/usr/local/bin:/usr/bin:/bin"

/* Libraries leave what they open to every child. */
#define FDS_MAX		1024
static bool inherited[FDS_MAX];

/** child_inherit(): what is open now was given to us. */
void
child_inherit(void)
{
	int fd, flags;

	for (fd = 0; fd < FDS_MAX; fd++) {
		flags = fcntl(fd, F_GETFD);
		inherited[fd] = fd <= STDERR_FILENO ||
		    (flags >= 0 && (flags & FD_CLOEXEC) == 0);
	}
}

static void
keep_ours(void)
{
	int fd;

	for (fd = STDERR_FILENO + 1; fd < FDS_MAX; fd++) {
		if (!inherited[fd])
			(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	}
	(void)close_range(FDS_MAX, ~0U, CLOSE_RANGE_CLOEXEC);
}

static enum sr_error
error_of(int number)
{

	switch (number) {
	case ENOENT:
	case ENOTDIR:
		return (SR_E_COMMAND_NOT_FOUND);
	case EAGAIN:
	case ENOMEM:
	case EMFILE:
	case ENFILE:
		return (SR_E_COMMAND_NOT_STARTED);
	default:
		return (SR_E_COMMAND_NOT_EXECUTABLE);
	}
}

static enum sr_error
look_at(const char * path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return (error_of(errno));
	if (!S_ISREG(st.st_mode) || access(path, X_OK) != 0)
		return (SR_E_COMMAND_NOT_EXECUTABLE);
	return (SR_OK);
}

/** child_find(name): whether it can be run. */
enum sr_error
child_find(const char * name)
{
	const char * p = getenv("PATH");
	enum sr_error err = SR_E_COMMAND_NOT_FOUND, now;
	char path[4096];
	size_t len;

	if (name[0] == '\0')
		return (err);
	if (strchr(name, '/') != NULL)
		return (look_at(name));
	for (p = p == NULL ? PATH_DEFAULT : p;; p += len + 1) {
		len = strcspn(p, ":");
		if (len + 1 + strlen(name) < sizeof(path)) {
			(void)snprintf(path, sizeof(path), "%.*s%s%s",
			    (int)len, p, len == 0 ? "" : "/", name);
			if ((now = look_at(path)) == SR_OK)
				return (SR_OK);
			if (now == SR_E_COMMAND_NOT_EXECUTABLE)
				err = now;
		}
		if (p[len] == '\0')
			return (err);
	}
}

static void
close_fd(int * fd)
{

	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

static bool
open_pipe(int * ours, int * theirs)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) != 0)
		return (false);
	*ours = fds[0];
	*theirs = fds[1];
	return (true);
}

static bool
open_terminal(const struct child_plan * plan, int * master, int * slave)
{

	if (openpty(master, slave, NULL, plan->termios, plan->size) != 0)
		return (false);
	return (fcntl(*master, F_SETFD, FD_CLOEXEC) == 0 &&
	    fcntl(*slave, F_SETFD, FD_CLOEXEC) == 0 &&
	    fcntl(*master, F_SETFL, O_NONBLOCK | O_RDWR) == 0);
}

static bool
open_ends(const struct child_plan * plan, struct child * child,
    struct child_ends * ends, int * exec)
{
	bool terminal = plan->slave[0] || plan->slave[1] || plan->slave[2];

	return ((!terminal || open_terminal(plan, &child->master,
	    &ends->slave)) &&
	    (plan->slave[1] || open_pipe(&child->out, &ends->out)) &&
	    (plan->slave[2] || open_pipe(&child->err, &ends->err)) &&
	    open_pipe(&child->report, &ends->report) &&
	    open_pipe(exec, &ends->exec));
}

static bool
hear(int fd, int * number)
{
	ssize_t n;

	while ((n = read(fd, number, sizeof(*number))) < 0 && errno == EINTR)
		;
	return (n == (ssize_t)sizeof(*number));
}

/** child_start(plan, child): when it returns the command runs. */
enum sr_error
child_start(const struct child_plan * plan, struct child * child)
{
	struct child_ends ends = { .slave = -1, .out = -1, .err = -1,
	    .report = -1, .exec = -1 };
	enum sr_error err = SR_OK;
	int exec = -1, why = EAGAIN;
	pid_t parent = getpid();

	*child = CHILD_NONE;
	keep_ours();
	if (!open_ends(plan, child, &ends, &exec) ||
	    (child->monitor = fork()) < 0) {
		child->monitor = 0;
		err = sr_fail(SR_E_COMMAND_NOT_STARTED,
		    log_i64("errno", errno));
	}
	if (err == SR_OK && child->monitor == 0)
		child_monitor(plan, &ends, parent);
	close_fd(&ends.slave);
	close_fd(&ends.out);
	close_fd(&ends.err);
	close_fd(&ends.report);
	close_fd(&ends.exec);
	/* The exec of the command closes the last other end. */
	if (err == SR_OK && hear(exec, &why))
		err = error_of(why);
	if (err == SR_OK && !hear(child->report, &child->command))
		err = SR_E_COMMAND_NOT_STARTED;
	close_fd(&exec);
	return (err);
}

/** child_news(child, status): wait for a change. */
bool
child_news(const struct child * child, int * status)
{

	return (hear(child->report, status));
}

/** child_signal(child, number): as it would have come to the command. */
void
child_signal(const struct child * child, int number)
{
	bool all = number == SIGINT || number == SIGQUIT ||
	    number == SIGTSTP || number == SIGCONT;

	/* Those are of a terminal, and for all that it shows. */
	if (child->command > 0)
		(void)kill(all ? -child->command : child->command, number);
}

/** child_end(child): close, and reap the monitor. */
void
child_end(struct child * child)
{

	close_fd(&child->master);
	close_fd(&child->out);
	close_fd(&child->err);
	close_fd(&child->report);
	if (child->monitor > 0) {
		while (waitpid(child->monitor, NULL, 0) < 0 && errno == EINTR)
			;
	}
	child->monitor = 0;
}
