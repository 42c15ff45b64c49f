/*
 * Goal: what a worker gives up is gone: programs, processes, files and sockets
 * that serving does not take. Each trial is a child of its own, for there is no
 * way back.
 */

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cgi/confine.h"
#include "core/base/config.h"
#include "core/base/random.h"
#include "core/base/secbuf.h"
#include "tests/harness/files.h"
#include "tests/harness/process.h"
#include "tests/harness/suite.h"

#define NOT_CONFINED	99

static struct config * config;
static char folder[256];
static unsigned abi;

static char *
in_folder(const char * name)
{

	return (text_format("%s/%s", folder, name));
}

static int
start(void)
{
	char complaint[256];
	char * conf, * text, * path;
	int rc;

	if (temp_folder("confine", folder, sizeof(folder)) != 0)
		return (-1);
	conf = in_folder("conf");
	text = text_format("[main]\nroot_key_file = %s/keys/root.key\n"
	    "[log]\nfile = %s/log/worker.log\n", folder, folder);
	path = text_format("mkdir -p %s/keys %s/log %s/run && echo key "
	    ">%s/keys/root.key && echo other >%s/other", folder, folder, folder,
	    folder, folder);
	rc = file_write(conf, 0600, text);
	if (process_run((const char * const[]){ "sh", "-c", path, NULL }, NULL,
	    NULL, NULL) != 0)
		rc = -1;
	if (rc == 0 && config_load(conf, complaint, sizeof(complaint),
	    &config) != SR_OK) {
		suite_note("%s", complaint);
		rc = -1;
	}
	free(path);
	free(text);
	free(conf);
	return (rc);
}

static int
stop(void)
{

	config_free(&config);
	remove_tree(folder);
	return (0);
}

/* What ${fn} returns in a process that is confined; 128 + n for a signal. */
static int
confined(int (* fn)(void))
{
	char * listen = in_folder("run/worker.sock");
	unsigned found = 0;
	int status = 0;
	pid_t pid;

	fflush(NULL);
	if ((pid = fork()) == 0) {
		confine_process();
		if (confine_files(config, listen, &found) != SR_OK ||
		    confine_calls() != SR_OK)
			_exit(NOT_CONFINED);
		abi = found;
		_exit(fn());
	}
	free(listen);
	must(pid > 0 && waitpid(pid, &status, 0) == pid);
	return (WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
	    WEXITSTATUS(status));
}

/* --- Calls ---------------------------------------------------------------- */

static int
run_program(void)
{
	char * const argv[] = { NULL };

	(void)execve("/bin/true", argv, argv);
	return (1);
}

static int
trace_parent(void)
{

	(void)syscall(SYS_ptrace, 16, getppid(), 0, 0);
	return (1);
}

static int
make_process(void)
{

	/* As glibc's fork does. */
	return (syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) == -1 &&
	    errno == EPERM ? 0 : 1);
}

static int
make_process_the_new_way(void)
{
	uint64_t args[8] = { 0, 0, 0, 0, SIGCHLD, 0, 0, 0 };

	return (syscall(SYS_clone3, args, sizeof(args)) == -1 &&
	    errno == ENOSYS ? 0 : 1);
}

static int
make_code(void)
{
	void * p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return (1);
	if (mprotect(p, 4096, PROT_READ | PROT_EXEC) == 0)
		return (2);
	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return (p == MAP_FAILED && errno == EPERM ? 0 : 3);
}

static int
open_raw_sockets(void)
{

	if (socket(AF_PACKET, SOCK_RAW, 0) != -1 ||
	    socket(AF_INET, SOCK_RAW, 1) != -1 ||
	    socket(AF_NETLINK, SOCK_RAW, 12) != -1 ||
	    socket(AF_VSOCK, SOCK_STREAM, 0) != -1)
		return (1);
	return (errno == EPERM ? 0 : 2);
}

static int
signal_others(void)
{

	return (kill(getppid(), 0) == -1 && errno == EPERM &&
	    syscall(SYS_tgkill, getppid(), getppid(), 0) == -1 &&
	    errno == EPERM ? 0 : 1);
}

static int
raise_limits(void)
{
	const struct rlimit none = { RLIM_INFINITY, RLIM_INFINITY };
	struct rlimit now;

	return (setrlimit(RLIMIT_CORE, &none) == -1 && errno == EPERM &&
	    getrlimit(RLIMIT_CORE, &now) == 0 && now.rlim_max == 0 ? 0 : 1);
}

static int
serve_others(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return (fd != -1 && listen(fd, 1) == -1 && errno == EPERM ? 0 : 1);
}

static void
what_only_an_intruder_calls_ends_the_process(void)
{

	CU_ASSERT_EQUAL(confined(run_program), 128 + SIGSYS);
	CU_ASSERT_EQUAL(confined(trace_parent), 128 + SIGSYS);
}

static void
what_serving_does_not_take_is_refused(void)
{

	CU_ASSERT_EQUAL(confined(make_process), 0);
	CU_ASSERT_EQUAL(confined(make_process_the_new_way), 0);
	CU_ASSERT_EQUAL(confined(make_code), 0);
	CU_ASSERT_EQUAL(confined(open_raw_sockets), 0);
	CU_ASSERT_EQUAL(confined(signal_others), 0);
	CU_ASSERT_EQUAL(confined(raise_limits), 0);
	CU_ASSERT_EQUAL(confined(serve_others), 0);
}

static void *
nothing(void * cookie)
{

	return (cookie);
}

/* Threads, locked memory, random bytes, a connection, an address. */
static int
serve(void)
{
	struct secbuf * b = NULL;
	struct addrinfo * found = NULL;
	unsigned char byte;
	pthread_t thread;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1 || pthread_create(&thread, NULL, nothing, NULL) != 0 ||
	    pthread_join(thread, NULL) != 0)
		return (1);
	if (secbuf_new(4096, &b) != SR_OK || random_bytes(&byte, 1) != SR_OK)
		return (2);
	secbuf_free(&b);
	if (getaddrinfo("localhost", "80", NULL, &found) != 0)
		return (3);
	freeaddrinfo(found);
	return (0);
}

static void
what_serving_takes_is_there(void)
{

	CU_ASSERT_EQUAL(confined(serve), 0);
}

/* --- Files ---------------------------------------------------------------- */

/* errno of opening, 0 when it can be opened. */
static int
open_fails(const char * name, int flags)
{
	char * path = name[0] == '/' ? text_format("%s", name) :
	    in_folder(name);
	int fd = open(path, flags | O_CLOEXEC, 0600);
	int why = fd == -1 ? errno : 0;

	if (fd != -1)
		close(fd);
	free(path);
	return (why);
}

static int
files_of_ours(void)
{
	char * sock = in_folder("run/worker.sock");
	int rc = 0;

	if (open_fails("keys/root.key", O_RDONLY) != 0)
		rc = 1;
	else if (open_fails("log/worker.log", O_WRONLY | O_APPEND |
	    O_CREAT) != 0)
		rc = 2;
	else if (open_fails("/etc/passwd", O_RDONLY) != 0)
		rc = 3;
	else if (unlink(sock) == -1 && errno != ENOENT)
		rc = 4;
	free(sock);
	return (rc);
}

static int
files_of_others(void)
{

	if (abi == 0)
		return (0);
	if (open_fails("other", O_RDONLY) != EACCES)
		return (1);
	if (open_fails("keys/root.key", O_WRONLY) != EACCES)
		return (2);
	if (open_fails("keys/new", O_WRONLY | O_CREAT) != EACCES)
		return (3);
	if (open_fails("/proc/self/status", O_RDONLY) != EACCES)
		return (4);
	if (open_fails("/etc/new-of-a-test", O_WRONLY | O_CREAT) != EACCES)
		return (5);
	/* To be removed, and that alone. */
	if (open_fails("run/x", O_WRONLY | O_CREAT) != EACCES)
		return (6);
	return (open_fails("log/worker.log", O_RDONLY) == EACCES ? 0 : 7);
}

static int
bind_tcp(void)
{
	const struct sockaddr a = { .sa_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (abi < 4)
		return (0);
	return (bind(fd, &a, 16) == -1 && errno == EACCES ? 0 : 1);
}

static void
files_are_those_of_the_settings(void)
{

	CU_ASSERT_EQUAL(confined(files_of_ours), 0);
	CU_ASSERT_EQUAL(confined(files_of_others), 0);
	CU_ASSERT_EQUAL(confined(bind_tcp), 0);
}

/* --- The user ------------------------------------------------------------- */

static int
become_nobody(void)
{
	const struct passwd * p = getpwnam("nobody");
	enum sr_error err = confine_user("nobody");

	if (err != SR_OK)
		return (err == SR_E_SANDBOX_FAILED ? 0 : 2);
	return (p != NULL && getuid() == p->pw_uid && getgid() == p->pw_gid &&
	    setuid(0) == -1 ? 0 : 3);
}

static int
be_root(void)
{

	return (confine_user("root") == SR_E_USAGE &&
	    confine_user("no-such-user-here") == SR_E_USAGE ? 0 : 1);
}

static int
alone(int (* fn)(void))
{
	int status = 0;
	pid_t pid;

	fflush(NULL);
	if ((pid = fork()) == 0)
		_exit(fn());
	must(pid > 0 && waitpid(pid, &status, 0) == pid);
	return (WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
	    WEXITSTATUS(status));
}

static void
root_becomes_another_user_for_good(void)
{

	CU_ASSERT_EQUAL(alone(be_root), 0);
	if (geteuid() == 0)
		CU_ASSERT_EQUAL(alone(become_nobody), 0);
}

static const struct suite_test tests[] = {
	TEST(what_only_an_intruder_calls_ends_the_process),
	TEST(what_serving_does_not_take_is_refused),
	TEST(what_serving_takes_is_there),
	TEST(files_are_those_of_the_settings),
	TEST(root_becomes_another_user_for_good),
};

SUITE_MAIN("cgi/confine", tests, start, stop)
