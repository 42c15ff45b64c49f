#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/base/secbuf.h"
#include "tests/harness/mariadb.h"
#include "tests/harness/mariadb_template.h"
#include "tests/harness/process.h"

#define START_MS	30000
#define ARGS_MAX	32

struct mariadb {
	char dir[80];
	char socket[100];
	char password[33];
	struct secbuf * secret;
	struct mariadb_owner owner;
	const char * const * args;	/* The caller's own, or NULL. */
	pid_t pid;
};

/* The server greets whoever connects; its first byte says that it is up. */
static bool
answers(const struct mariadb * m)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct pollfd p = { -1, POLLIN, 0 };
	bool up = false;
	char byte;

	if ((p.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0)
		return (false);
	(void)snprintf(a.sun_path, sizeof(a.sun_path), "%s", m->socket);
	if (connect(p.fd, (const struct sockaddr *)&a, sizeof(a)) == 0 &&
	    poll(&p, 1, 1000) == 1)
		up = read(p.fd, &byte, 1) == 1;
	(void)close(p.fd);
	return (up);
}

static int
wait_until_up(struct mariadb * m)
{
	int64_t end = clock_monotonic_ms() + START_MS;

	while (!answers(m)) {
		if (process_wait(m->pid, 0) >= 0) {
			(void)fprintf(stderr, "mariadbd ended at once; see "
			    "%s/err.log\n", m->dir);
			m->pid = -1;
			return (-1);
		}
		if (clock_monotonic_ms() > end)
			return (-1);
		(void)poll(NULL, 0, 5);
	}
	return (0);
}

static int
launch(struct mariadb * m)
{
	char datadir[120], sock[120], pidfile[120], errlog[120], tmpdir[120];
	const char * argv[ARGS_MAX] = { "mariadbd", "--no-defaults", datadir,
	    sock, pidfile, errlog, tmpdir, "--skip-networking",
	    "--local-infile=0",
	    "--innodb-buffer-pool-size=32M", "--innodb-log-file-size=4M",
	    "--innodb-log-buffer-size=2M", "--key-buffer-size=1M",
	    "--aria-pagecache-buffer-size=1M", "--max-connections=64",
	    "--innodb-flush-log-at-trx-commit=1",
	    "--character-set-server=utf8mb4", "--performance-schema=0" };
	char console[120];
	struct process_options options = { .log = console,
	    .uid = m->owner.uid, .gid = m->owner.gid };
	size_t n = 0, i;

	(void)snprintf(console, sizeof(console), "%s/console.log", m->dir);
	(void)snprintf(datadir, sizeof(datadir), "--datadir=%s/data", m->dir);
	(void)snprintf(sock, sizeof(sock), "--socket=%s", m->socket);
	(void)snprintf(pidfile, sizeof(pidfile), "--pid-file=%s/m.pid", m->dir);
	(void)snprintf(errlog, sizeof(errlog), "--log-error=%s/err.log",
	    m->dir);
	(void)snprintf(tmpdir, sizeof(tmpdir), "--tmpdir=%s", m->dir);
	while (argv[n] != NULL)
		n++;
	for (i = 0; m->args != NULL && m->args[i] != NULL; i++) {
		must(n < ARGS_MAX - 1);
		argv[n++] = m->args[i];
	}
	if ((m->pid = process_start(argv, &options)) < 0)
		return (-1);
	return (wait_until_up(m));
}

static int
make_users(struct mariadb * m)
{
	char sql[400], * out;
	uint8_t raw[16];
	size_t i;

	if (random_bytes(raw, sizeof(raw)) != SR_OK)
		return (-1);
	for (i = 0; i < sizeof(raw); i++)
		(void)snprintf(m->password + 2 * i, 3, "%02x", raw[i]);
	if (secbuf_copy(m->password, strlen(m->password), &m->secret) != SR_OK)
		return (-1);
	(void)snprintf(sql, sizeof(sql), "CREATE DATABASE strongroom "
	    "CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin; "
	    "CREATE USER strongroom_worker@localhost IDENTIFIED BY '%s';",
	    m->password);
	const char * argv[] = { "mariadb", "--no-defaults", "-u",
	    m->owner.admin, "-S", m->socket, NULL };
	struct process_options options = { .input = sql };
	int rc = process_run(argv, &options, NULL, &out);

	if (rc != 0)
		(void)fprintf(stderr, "making the database: %s\n", out);
	free(out);
	return (rc == 0 ? 0 : -1);
}

/** mariadb_start_with(args, out): with more arguments of mariadbd. */
int
mariadb_start_with(const char * const * args, struct mariadb ** out)
{
	struct mariadb * m = calloc(1, sizeof(*m));
	char data[200];

	*out = NULL;
	if (m == NULL)
		return (-1);
	m->pid = -1;
	m->args = args;
	if (mariadb_owner(&m->owner) != 0 ||
	    temp_folder("sr-db", m->dir, sizeof(m->dir)) != 0)
		goto err;
	(void)snprintf(m->socket, sizeof(m->socket), "%s/m.sock", m->dir);
	(void)snprintf(data, sizeof(data), "%s/data", m->dir);
	if (mariadb_data(&m->owner, data) != 0)
		goto err;
	if (m->owner.uid != 0 && chown(m->dir, m->owner.uid, m->owner.gid) != 0)
		goto err;
	if (launch(m) != 0 || make_users(m) != 0)
		goto err;
	*out = m;
	return (0);
err:
	(void)fprintf(stderr, "no private MariaDB could be started\n");
	mariadb_stop(&m);
	return (-1);
}

/** mariadb_start(out): 0 when it answers. */
int
mariadb_start(struct mariadb ** out)
{

	return (mariadb_start_with(NULL, out));
}

/** mariadb_stop(m): end it, remove its folder. */
void
mariadb_stop(struct mariadb ** m)
{

	if (*m == NULL)
		return;
	/* Nobody reads the data any more: no need for an orderly end. */
	if ((*m)->pid > 0)
		mariadb_kill9(*m);
	if ((*m)->dir[0] != '\0')
		remove_tree((*m)->dir);
	secbuf_free(&(*m)->secret);
	free(*m);
	*m = NULL;
}

const char *
mariadb_socket(const struct mariadb * m)
{

	return (m->socket);
}

const char *
mariadb_dir(const struct mariadb * m)
{

	return (m->dir);
}

const char *
mariadb_admin(const struct mariadb * m)
{

	return (m->owner.admin);
}

const char *
mariadb_worker_password(const struct mariadb * m)
{

	return (m->password);
}

void
mariadb_admin_options(const struct mariadb * m, struct db_options * o)
{

	memset(o, 0, sizeof(*o));
	o->socket = m->socket;
	o->host = "";
	o->name = "strongroom";
	o->user = m->owner.admin;
	o->timeout_seconds = MARIADB_TEST_TIMEOUT;
}

void
mariadb_worker_options(const struct mariadb * m, struct db_options * o)
{

	mariadb_admin_options(m, o);
	o->user = "strongroom_worker";
	o->password = m->secret;
}

/* Whether every thread of the server stands still. */
static bool
all_stopped(const struct mariadb * m)
{
	char path[320], line[512];
	const char * state;
	struct dirent * e;
	bool all = true;
	FILE * f;
	DIR * d;

	(void)snprintf(path, sizeof(path), "/proc/%d/task", (int)m->pid);
	if ((d = opendir(path)) == NULL)
		return (true);
	while (all && (e = readdir(d)) != NULL) {
		(void)snprintf(path, sizeof(path), "/proc/%d/task/%s/stat",
		    (int)m->pid, e->d_name);
		if (e->d_name[0] == '.' || (f = fopen(path, "re")) == NULL)
			continue;
		if (fgets(line, sizeof(line), f) != NULL &&
		    (state = strrchr(line, ')')) != NULL)
			all = state[1] == ' ' && state[2] == 'T';
		(void)fclose(f);
	}
	(void)closedir(d);
	return (all);
}

/** mariadb_pause(m): SIGSTOP, which reaches its threads one by one. */
void
mariadb_pause(const struct mariadb * m)
{
	int64_t end = clock_monotonic_ms() + 5000;

	(void)kill(m->pid, SIGSTOP);
	while (!all_stopped(m) && clock_monotonic_ms() < end)
		(void)poll(NULL, 0, 1);
}

void
mariadb_continue(const struct mariadb * m)
{

	(void)kill(m->pid, SIGCONT);
}

/** mariadb_kill9(m): SIGKILL, and wait for its end. */
void
mariadb_kill9(struct mariadb * m)
{

	if (m->pid <= 0)
		return;
	(void)kill(m->pid, SIGKILL);
	(void)process_wait(m->pid, 10000);
	m->pid = -1;
}

/** mariadb_restart(m): start it on its data. */
int
mariadb_restart(struct mariadb * m)
{

	process_end(m->pid);
	m->pid = -1;
	(void)unlink(m->socket);
	return (launch(m));
}

/* The client reads the SQL from its standard input: no limit on its length,
 * and nothing of it in the list of processes. */
static int
client(const struct mariadb * m, bool worker, const char * sql, char ** out,
    char ** err)
{
	const char * argv[] = { "mariadb", "--no-defaults",
	    "--default-character-set=utf8mb4", "-N", "-B", "-u",
	    worker ? "strongroom_worker" : m->owner.admin, "-S", m->socket,
	    "strongroom", NULL };
	char password[64];
	const char * env[] = { password, NULL };
	struct process_options options = { .input = sql,
	    .env = worker ? env : NULL };

	(void)snprintf(password, sizeof(password), "MYSQL_PWD=%s", m->password);
	return (process_run(argv, &options, out, err));
}

/** mariadb_sql(m, sql): run ${sql} as the admin. */
char *
mariadb_sql(const struct mariadb * m, const char * sql)
{
	char * out = NULL, * err = NULL;

	if (client(m, false, sql, &out, &err) != 0) {
		(void)fprintf(stderr, "%s\n%s\n", sql, err);
		free(out);
		out = NULL;
	}
	free(err);
	return (out);
}

static char *
client_error(const struct mariadb * m, bool worker, const char * sql)
{
	char * out = NULL, * err = NULL, * message = NULL, * start;

	/* The client repeats the statement before the message. */
	if (client(m, worker, sql, &out, &err) != 0) {
		start = strstr(err, "ERROR ");
		message = strdup(start == NULL ? err : start);
	}
	free(out);
	free(err);
	return (message);
}

char *
mariadb_sql_error(const struct mariadb * m, const char * sql)
{

	return (client_error(m, false, sql));
}

char *
mariadb_worker_sql_error(const struct mariadb * m, const char * sql)
{

	return (client_error(m, true, sql));
}

/** mariadb_dump(m): a full dump of the database. */
char *
mariadb_dump(const struct mariadb * m)
{
	const char * argv[] = { "mariadb-dump", "--no-defaults", "-u",
	    m->owner.admin, "-S", m->socket, "strongroom", NULL };
	char * out = NULL, * err = NULL;

	if (process_run(argv, NULL, &out, &err) != 0) {
		(void)fprintf(stderr, "%s\n", err);
		free(out);
		out = NULL;
	}
	free(err);
	return (out);
}
