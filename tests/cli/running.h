#ifndef SR_TESTS_CLI_RUNNING_H
#define SR_TESTS_CLI_RUNNING_H

/*
 * A project with bindings in a private MariaDB, and `strongroom run` on it,
 * through pipes or on a terminal of its own.
 */

#include <sys/ioctl.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <unistd.h>

#include "tests/cli/operator_database.h"

#define PROJECT		"lab"
#define PROJECT_ID	"0193a000-0000-7000-8000-000000000001"
#define LONG_VALUE	"sk-" "live-9vKx2mQ7bT4nR8wZ1cY6pL3hD5"
#define MEDIUM_VALUE	"Vy7Kq2Lm9Xz4Rt8W"
#define SHORT_VALUE	"p4ssw.rd"
#define PHRASE_VALUE	"three blind mice climbed over the garden wall at 9"

#define RUN_UNUSED	__attribute__((unused))

RUN_UNUSED static void
run_sql(const char * sql)
{
	char * printed = mariadb_sql(m, sql);

	CU_ASSERT_PTR_NOT_NULL(printed);
	free(printed);
}

RUN_UNUSED static void
run_bind(const char * variable, const char * name, const char * value)
{
	char * sql;

	ASSERT_OP(0, value, "secret", "put", "--scope", "instance", "--name",
	    name);
	sql = text_format("INSERT INTO project_secret_binding (project_id,"
	    " env_var_name, secret_id, created_at) SELECT '" PROJECT_ID "',"
	    " '%s', id, UTC_TIMESTAMP(6) FROM secret_ref WHERE name = '%s'",
	    variable, name);
	run_sql(sql);
	free(sql);
}

/* The first test of a suite. */
RUN_UNUSED static void
a_project_with_bindings(void)
{

	ASSERT_OP(0, NULL, "migrate");
	ASSERT_OP(0, NULL, "rootkey", "new", key);
	run_sql("INSERT INTO project (id, slug, name, description, created_at,"
	    " updated_at) VALUES ('" PROJECT_ID "', '" PROJECT "', 'Lab', '',"
	    " UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))");
	run_bind("LONG_KEY", "run/long", LONG_VALUE);
	run_bind("MEDIUM_KEY", "run/medium", MEDIUM_VALUE);
	run_bind("SHORT_KEY", "run/short", SHORT_VALUE);
	run_bind("PHRASE", "run/phrase", PHRASE_VALUE);
}

#define ASSERT_RUN(expected, input, ...)				\
	ASSERT_OP(expected, input, "run", "--project", PROJECT, "--",	\
	    __VA_ARGS__)

/* The last run's status. */
#define ASSERT_LAST(status_)						\
	assert_sql("SELECT status FROM run ORDER BY created_at DESC, id"\
	    " DESC LIMIT 1", (status_))

/* All that its events say of ${stream}, joined. Caller frees. */
RUN_UNUSED static char *
run_said(const char * stream)
{
	char * sql, * said;

	sql = text_format("SET SESSION group_concat_max_len = 100000000;"
	    " SELECT HEX(COALESCE(GROUP_CONCAT(JSON_VALUE(payload,"
	    " '$.chunk') ORDER BY seq SEPARATOR ''), '')) FROM run_event"
	    " WHERE stream = '%s' AND run_id = (SELECT id FROM run"
	    " ORDER BY created_at DESC, id DESC LIMIT 1)", stream);
	said = mariadb_sql(m, sql);
	free(sql);
	CU_ASSERT_PTR_NOT_NULL_FATAL(said);
	{
		size_t i, n = strcspn(said, "\n") / 2;
		unsigned byte;

		for (i = 0; i < n; i++) {
			(void)sscanf(&said[2 * i], "%2x", &byte);
			said[i] = (char)byte;
		}
		said[n] = '\0';
	}
	return (said);
}

RUN_UNUSED static const char *
run_program(void)
{
	static char path[512];
	const char * build = getenv("STRONGROOM_TEST_BUILD");

	(void)snprintf(path, sizeof(path), "%s/strongroom",
	    build == NULL ? "build" : build);
	return (path);
}

/* One that runs, on a terminal or with a pipe. */
struct live {
	pid_t pid;
	int fd;			/* The terminal, or its output. */
	char * text;		/* What it wrote. */
	size_t len, cap;
};

/* With the terminal as the one of its session, as in a shell. */
RUN_UNUSED static struct live
live_start(bool terminal, const char * const * command)
{
	const char * argv[32] = { run_program(), "--config", conf, "run",
	    "--project", PROJECT, "--" };
	struct winsize size = { .ws_row = 31, .ws_col = 97 };
	struct live l = { .text = calloc(1, 1) };
	int slave = -1, fds[2];
	size_t n = 7;

	while (*command != NULL && n < COUNTOF(argv) - 1)
		argv[n++] = *command++;
	if (terminal) {
		CU_ASSERT_EQUAL_FATAL(openpty(&l.fd, &slave, NULL, NULL,
		    &size), 0);
	} else {
		CU_ASSERT_EQUAL_FATAL(pipe(fds), 0);
		l.fd = fds[0];
		slave = fds[1];
	}
	(void)fcntl(l.fd, F_SETFD, FD_CLOEXEC);
	l.pid = fork();
	CU_ASSERT_FATAL(l.pid >= 0);
	if (l.pid == 0) {
		(void)setsid();
		if (terminal) {
			(void)ioctl(slave, TIOCSCTTY, 0);
			(void)dup2(slave, 0);
		}
		(void)dup2(slave, 1);
		(void)dup2(slave, 2);
		if (slave > 2)
			(void)close(slave);
		execv(argv[0], (char * const *)(void *)(size_t)argv);
		_exit(99);
	}
	(void)close(slave);
	return (l);
}

/* One read; false at the end, or after ${ms} of silence. */
RUN_UNUSED static bool
live_read(struct live * l, int ms)
{
	struct pollfd p = { .fd = l->fd, .events = POLLIN };
	ssize_t got;

	if (poll(&p, 1, ms) != 1)
		return (false);
	if (l->cap - l->len < 65537) {
		l->cap = 2 * l->cap + 131072;
		l->text = realloc(l->text, l->cap);
		CU_ASSERT_PTR_NOT_NULL_FATAL(l->text);
	}
	if ((got = read(l->fd, &l->text[l->len], 65536)) <= 0)
		return (false);
	l->len += (size_t)got;
	l->text[l->len] = '\0';
	return (true);
}

/* Until it has written ${what}; else it fails. */
RUN_UNUSED static void
live_until(struct live * l, const char * what)
{

	while (strstr(l->text, what) == NULL) {
		if (!live_read(l, 20000)) {
			suite_note("no \"%s\" in: %s", what, l->text);
			CU_FAIL("it did not say it");
			return;
		}
	}
}

RUN_UNUSED static void
live_type(struct live * l, const char * keys)
{

	CU_ASSERT_EQUAL(write(l->fd, keys, strlen(keys)),
	    (ssize_t)strlen(keys));
}

/* To its end: status of waitpid(2); the text stays. */
RUN_UNUSED static int
live_end(struct live * l)
{
	int status = -1;

	while (live_read(l, 30000))
		;
	CU_ASSERT_EQUAL(waitpid(l->pid, &status, 0), l->pid);
	(void)close(l->fd);
	return (status);
}

RUN_UNUSED static void
live_free(struct live * l)
{

	free(l->text);
	l->text = NULL;
}

#define ON_TERMINAL(...)						\
	live_start(true, (const char * const []){ __VA_ARGS__, NULL })
#define ON_PIPE(...)							\
	live_start(false, (const char * const []){ __VA_ARGS__, NULL })

#endif /* !SR_TESTS_CLI_RUNNING_H */
