#include <sys/prctl.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/harness/process.h"

#define RUN_SECONDS	120

/* In the child, between fork and exec. */
static void
set_environment(const char * const * env)
{
	const char * path = getenv("PATH");
	char * e;

	/* Servers are in sbin, which is not in a user's PATH. */
	e = text_format("PATH=%s:/usr/sbin:/sbin",
	    path != NULL ? path : "/bin");
	putenv(e);
	for (; env != NULL && *env != NULL; env++) {
		/* Lives as long as this process image. */
		if ((e = strdup(*env)) == NULL || putenv(e) != 0)
			_exit(126);
	}
}

/* sd_listen_fds(3): descriptor 3, meant for this process. */
static void
name_listener(void)
{
	char * pid = text_format("%d", (int)getpid());

	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "1", 1);
	free(pid);
}

static _Noreturn void
become(const char * const * argv, const struct process_options * o,
    const int fds[3])
{
	sigset_t none;
	int i;

	for (i = 0; i < 3; i++) {
		if (fds[i] < 0 || dup2(fds[i], i) < 0)
			_exit(126);
	}
	/* A descriptor that dup2 leaves where it is keeps its flags. */
	if (o->listener > 0 && (dup3(o->listener, 1023, 0) < 0 ||
	    dup2(1023, 3) < 0))
		_exit(126);
	closefrom(o->listener > 0 ? 4 : 3);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	setsid();
	if (o->uid != 0 && (setgroups(0, NULL) != 0 || setgid(o->gid) != 0 ||
	    setuid(o->uid) != 0))
		_exit(126);
	/* A change of user clears it, so it comes last. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	set_environment(o->env);
	if (o->listener > 0)
		name_listener();
	/* exec takes the strings as they are; it does not write to them. */
	execvp(argv[0], (char * const *)(uintptr_t)argv);
	dprintf(2, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

/* fork, with ${fds} as standard input, output and error. */
static pid_t
spawn(const char * const * argv, const struct process_options * o,
    const int fds[3])
{
	pid_t pid;

	fflush(NULL);
	if ((pid = fork()) == 0)
		become(argv, o, fds);
	return (pid);
}

pid_t
process_start(const char * const * argv,
    const struct process_options * options)
{
	struct process_options o = { .input = NULL };
	int fds[3];
	pid_t pid = -1;

	if (options != NULL)
		o = *options;
	fds[0] = open("/dev/null", O_RDWR | O_CLOEXEC);
	fds[1] = open(o.log != NULL ? o.log : "/dev/null",
	    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	fds[2] = fds[1];
	if (fds[0] >= 0 && fds[1] >= 0)
		pid = spawn(argv, &o, fds);
	if (fds[0] >= 0)
		close(fds[0]);
	if (fds[1] >= 0)
		close(fds[1]);
	return (pid);
}

bool
process_alive(pid_t pid)
{
	siginfo_t info = { .si_pid = 0 };

	if (pid <= 0)
		return (false);
	if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0)
		return (false);
	return (info.si_pid == 0);
}

int
process_wait(pid_t pid, unsigned ms)
{
	unsigned waited;
	int status = 0;

	for (waited = 0; process_alive(pid); waited += 5) {
		if (waited >= ms)
			return (-1);
		sleep_ms(5);
	}
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return (0);
	}
	if (WIFSIGNALED(status))
		return (128 + WTERMSIG(status));
	return (WEXITSTATUS(status));
}

int
process_stop(pid_t * pid, int sig, unsigned seconds)
{
	int status;

	if (*pid <= 0)
		return (0);
	if (sig != 0)
		kill(*pid, sig);
	if ((status = process_wait(*pid, seconds * 1000)) < 0) {
		/* It leads a session: what it started goes with it. */
		kill(-*pid, SIGKILL);
		kill(*pid, SIGKILL);
		process_wait(*pid, 10000);
	}
	*pid = -1;
	return (status);
}

void
process_end(pid_t pid)
{

	process_stop(&pid, SIGTERM, 10);
}

/* What is read from one end of a pipe. */
struct intake {
	int fd;
	char * bytes;
	size_t len;
};

/* Read once; returns whether there may be more. */
static bool
intake_read(struct intake * in)
{
	char buf[4096];
	ssize_t n;
	char * more;

	if ((n = read(in->fd, buf, sizeof(buf))) < 0)
		return (errno == EINTR || errno == EAGAIN);
	if (n == 0)
		return (false);
	if ((more = realloc(in->bytes, in->len + (size_t)n + 1)) == NULL)
		return (false);
	in->bytes = more;
	memcpy(in->bytes + in->len, buf, (size_t)n);
	in->len += (size_t)n;
	in->bytes[in->len] = '\0';
	return (true);
}

/* Feed one pipe; returns whether there is more to feed. */
static bool
feed(int to, const char ** input, size_t * len)
{
	ssize_t n = write(to, *input, *len);

	if (n < 0)
		return (errno == EAGAIN || errno == EINTR);
	*input += n;
	*len -= (size_t)n;
	return (*len > 0);
}

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return ((int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000);
}

/* Feed and read all three pipes until both outputs have ended. */
static int
pump(int to, const struct process_options * o, struct intake in[2])
{
	const char * input = o->input;
	size_t len = input == NULL ? 0 :
	    o->input_len > 0 ? o->input_len : strlen(input);
	int64_t end = now_ms() +
	    (int64_t)(o->seconds > 0 ? o->seconds : RUN_SECONDS) * 1000;
	struct pollfd p[3] = { { .fd = to, .events = POLLOUT },
	    { .fd = in[0].fd, .events = POLLIN },
	    { .fd = in[1].fd, .events = POLLIN } };
	int i;

	while ((p[1].fd >= 0 || p[2].fd >= 0) && now_ms() < end) {
		if (p[0].fd >= 0 && (len == 0 || !feed(to, &input, &len))) {
			close(to);
			p[0].fd = -1;
		}
		poll(p, 3, 100);
		for (i = 1; i < 3; i++) {
			if (p[i].fd >= 0 && p[i].revents != 0 &&
			    !intake_read(&in[i - 1]))
				p[i].fd = -1;
		}
	}
	if (p[0].fd >= 0)
		close(to);
	return (p[1].fd < 0 && p[2].fd < 0 ? 0 : -1);
}

/* Hand out what was read, "" for nothing. */
static void
hand_out(struct intake * in, char ** to)
{

	close(in->fd);
	if (to != NULL)
		*to = in->bytes != NULL ? in->bytes : text_format("%s", "");
	else
		free(in->bytes);
}

int
process_run(const char * const * argv,
    const struct process_options * options, char ** out, char ** err)
{
	struct process_options o = { .input = NULL };
	struct intake in[2] = { { .fd = -1 }, { .fd = -1 } };
	void (* was)(int);
	int to[2], one[2], two[2], rc;
	pid_t pid;

	if (options != NULL)
		o = *options;
	must(pipe2(to, O_CLOEXEC) == 0 && pipe2(one, O_CLOEXEC) == 0 &&
	    pipe2(two, O_CLOEXEC) == 0);
	pid = spawn(argv, &o, (const int[3]){ to[0], one[1], two[1] });
	close(to[0]);
	close(one[1]);
	close(two[1]);
	must(fcntl(to[1], F_SETFL, O_NONBLOCK) == 0);
	in[0].fd = one[0];
	in[1].fd = two[0];
	was = signal(SIGPIPE, SIG_IGN);
	rc = pump(to[1], &o, in);
	signal(SIGPIPE, was);
	hand_out(&in[0], out);
	hand_out(&in[1], err);
	if (pid <= 0)
		return (-1);
	return (process_stop(&pid, 0, rc == 0 ? 60 : 0));
}
