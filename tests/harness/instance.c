#include <sys/socket.h>
#include <sys/un.h>

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "tests/harness/http.h"
#include "tests/harness/instance_internal.h"
#include "tests/harness/mariadb.h"
#include "tests/harness/suite.h"

#define WORKER_START_MS	30000

static char *
worker_socket(const struct instance * i, unsigned n)
{

	return (text_format("%s/worker-%u.sock", i->folder, n));
}

/* Until the worker accepts connections. */
static int
wait_for_socket(const char * path, pid_t pid)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	unsigned waited;
	int fd, rc = -1;

	must(strlen(path) < sizeof(a.sun_path));
	memcpy(a.sun_path, path, strlen(path) + 1);
	for (waited = 0; waited < WORKER_START_MS && rc != 0; waited += 10) {
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		rc = connect(fd, (struct sockaddr *)&a, sizeof(a));
		close(fd);
		if (!process_alive(pid))
			return (-1);
		if (rc != 0)
			sleep_ms(10);
	}
	return (rc);
}

/* Until it says READY=1; what an older one says as it ends is not that. */
static int
wait_for_notice(const struct instance * i, pid_t pid)
{
	struct pollfd p = { .fd = i->notices, .events = POLLIN };
	char text[256];
	unsigned waited;
	ssize_t n;

	for (waited = 0; waited < WORKER_START_MS; waited += 50) {
		if (poll(&p, 1, 50) == 1 &&
		    (n = recv(i->notices, text, sizeof(text) - 1, 0)) > 0) {
			text[n] = '\0';
			if (strncmp(text, "READY=1", 7) == 0)
				return (0);
		}
		if (!process_alive(pid))
			return (-1);
	}
	return (-1);
}

static int
start_worker(struct instance * i, unsigned n)
{
	char * program = text_format("%s/strongroom-worker", i->build);
	char * path = worker_socket(i, n);
	char * log = text_format("%s/worker.log", i->folder);
	const char * argv[] = { program, "--config", i->config,
	    i->shared ? NULL : "--listen", path, NULL };
	const char * env[INSTANCE_SETTINGS_MAX + 2] = { NULL };
	struct process_options options = { .log = log, .env = env,
	    .listener = i->listener };
	char * text;
	size_t k;
	int rc;

	for (k = 0; i->settings[k] != NULL; k++)
		env[k] = i->settings[k];
	env[k] = i->notify;
	i->worker[n] = process_start(argv, &options);
	rc = i->shared ? wait_for_notice(i, i->worker[n]) :
	    wait_for_socket(path, i->worker[n]);
	if (rc != 0) {
		text = instance_log(i);
		suite_note("worker %u did not start: %s", n, text);
		free(text);
	}
	free(log);
	free(path);
	free(program);
	return (rc);
}

/*
 * lighttpd does not ask a worker again for a second after it was down, so
 * wait until one answers through it.
 */
static int
wait_for_answer(const struct instance * i)
{
	struct http * h = instance_client(i);
	struct http_reply * r;
	unsigned try;
	long status = 0;

	for (try = 0; try < 100 && status != 200; try++) {
		if (!process_alive(i->worker[0]))
			break;
		r = http_get(h, "/healthz");
		status = r->status;
		http_reply_free(&r);
		if (status != 200)
			sleep_ms(100);
	}
	http_free(&h);
	if (status != 200) {
		char * log = instance_log(i);
		char * web = instance_web_log(i);

		suite_note("/healthz answers %ld: %s%s", status, log, web);
		free(log);
		free(web);
	}
	return (status == 200 ? 0 : -1);
}

int
instance_start_workers(struct instance * i)
{
	unsigned n;

	for (n = 0; n < i->workers; n++) {
		if (start_worker(i, n) != 0)
			return (-1);
	}
	return (wait_for_answer(i));
}

unsigned
instance_stop_workers(struct instance * i)
{
	unsigned n;
	int status;

	for (n = 0; n < i->workers; n++) {
		if (i->worker[n] > 0)
			kill(i->worker[n], SIGTERM);
	}
	for (n = 0; n < i->workers; n++) {
		if ((status = process_stop(&i->worker[n], 0, 20)) == 0)
			continue;
		suite_note("worker %u ended with status %d", n, status);
		i->faults++;
	}
	return (i->faults);
}

int
instance_restart_workers(struct instance * i)
{

	instance_stop_workers(i);
	return (instance_start_workers(i));
}

int
instance_roll_workers(struct instance * i)
{
	unsigned n;
	int status;

	must(i->shared);
	for (n = 0; n < i->workers; n++) {
		status = process_stop(&i->worker[n], SIGTERM, 20);
		if (status != 0) {
			suite_note("worker %u ended with status %d", n, status);
			i->faults++;
			return (-1);
		}
		if (start_worker(i, n) != 0)
			return (-1);
	}
	return (0);
}

void
instance_hangup(const struct instance * i)
{
	unsigned n;

	for (n = 0; n < i->workers; n++) {
		if (i->worker[n] > 0)
			kill(i->worker[n], SIGHUP);
	}
}

int
instance_operator(const struct instance * i, const char * const * args,
    const char * input, char ** out, char ** err)
{
	const char * argv[24] = { NULL, "--config", i->config };
	char * program = text_format("%s/strongroom", i->build);
	struct process_options options = { .input = input, .env = i->settings };
	size_t n;
	int rc;

	argv[0] = program;
	for (n = 0; args[n] != NULL; n++) {
		must(n < 20);
		argv[n + 3] = args[n];
	}
	rc = process_run(argv, &options, out, err);
	free(program);
	return (rc);
}

char *
instance_setup_link(const struct instance * i)
{
	char * out, * err;
	int rc;

	rc = instance_operator(i, INSTANCE_ARGS("owner", "link"), NULL, &out,
	    &err);
	if (rc != 0) {
		suite_note("owner link: %d %s", rc, err);
		free(out);
		out = NULL;
	} else
		out[strcspn(out, "\n")] = '\0';
	free(err);
	return (out);
}

static int
migrate(const struct instance * i)
{
	char * out, * err;
	int rc;

	rc = instance_operator(i, INSTANCE_ARGS("migrate"), NULL, &out, &err);
	if (rc != 0)
		suite_note("migrate: %d %s%s", rc, out, err);
	free(out);
	free(err);
	return (rc == 0 ? 0 : -1);
}

static int
start(struct instance * i, const struct instance_options * o)
{
	size_t n;

	for (n = 0; o->settings != NULL && o->settings[n] != NULL; n++) {
		must(n < INSTANCE_SETTINGS_MAX);
		i->settings[n] = o->settings[n];
	}
	i->workers = o->workers > 0 ? o->workers : 1;
	must(i->workers <= INSTANCE_WORKERS_MAX);
	if (instance_files(i) != 0 || instance_choose_web(i, o) != 0 ||
	    instance_listen(i) != 0 || mariadb_start(&i->db) != 0)
		return (-1);
	/* The web server first: its port is in the settings. */
	if (instance_start_web(i) != 0) {
		char * log = instance_web_log(i);

		suite_note("the web server did not start: %s", log);
		free(log);
		return (-1);
	}
	if (instance_set_key(i, o->key) != 0)
		return (-1);
	if (!o->unmigrated && migrate(i) != 0)
		return (-1);
	return (instance_start_workers(i));
}

struct instance *
instance_start(const struct instance_options * options)
{
	struct instance_options o = { .key = INSTANCE_KEY_GOOD };
	struct instance * i = calloc(1, sizeof(*i));

	must(i != NULL);
	if (options != NULL)
		o = *options;
	if (start(i, &o) != 0)
		instance_stop(&i);
	return (i);
}

unsigned
instance_stop(struct instance ** i)
{
	struct instance * p = *i;
	unsigned faults;

	if (p == NULL)
		return (0);
	process_stop(&p->web, SIGTERM, 5);
	faults = instance_stop_workers(p);
	mariadb_stop(&p->db);
	if (p->listener > 0)
		close(p->listener);
	if (p->notices > 0)
		close(p->notices);
	free(p->notify);
	if (p->folder[0] != '\0')
		remove_tree(p->folder);
	if (p->spool[0] != '\0')
		remove_tree(p->spool);
	free(p->config);
	free(p->root);
	free(p->build);
	free(p);
	*i = NULL;
	return (faults);
}
