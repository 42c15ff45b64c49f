#ifndef SR_TESTS_CLI_RUNNING_REMOTE_H
#define SR_TESTS_CLI_RUNNING_REMOTE_H

/*
 * `strongroom run` on a served instance, and on a server that answers what a
 * test wants.
 */

#include <netinet/in.h>
#include <sys/socket.h>

#include <pthread.h>
#include <stdarg.h>

#include "tests/cli/running.h"
#include "tests/harness/instance.h"
#include "tests/harness/provider.h"

static struct instance * served;
static const char * remote_url;
static char remote_secret[256];		/* The API key. */
static char remote_id[64];
static const char * remote_env[2];

/* What stands behind "${name}":" in what was printed. */
static void
printed(const char * name, char * out, size_t size)
{
	char * quoted = text_format("\"%s\":\"", name);
	const char * at = strstr(op_out, quoted);

	CU_ASSERT_PTR_NOT_NULL_FATAL(at);
	at += strlen(quoted);
	(void)snprintf(out, size, "%.*s", (int)strcspn(at, "\""), at);
	free(quoted);
}

/* A new API key; the text lives on. */
static const char *
remote_key(const char * name, const char * scopes, const char * project)
{
	static char keys[8][256];
	static size_t n;
	char * made = keys[n++ % COUNTOF(keys)];

	if (project == NULL)
		ASSERT_OP(0, NULL, "apikey", "create", "--name", name,
		    "--scope", scopes, "--json");
	else
		ASSERT_OP(0, NULL, "apikey", "create", "--name", name,
		    "--scope", scopes, "--project", project, "--json");
	printed("key", made, sizeof(keys[0]));
	return (made);
}

static void
remote_renew(void)
{
	static char env[300];

	(void)snprintf(remote_secret, sizeof(remote_secret), "%s",
	    remote_key("runner", "runs:write,secrets:resolve", NULL));
	printed("id", remote_id, sizeof(remote_id));
	(void)snprintf(env, sizeof(env), "STRONGROOM_API_KEY=%s",
	    remote_secret);
	remote_env[0] = env;
}

static void
remote_revoke(void)
{

	ASSERT_OP(0, NULL, "apikey", "revoke", remote_id);
}

#define ASSERT_EQUALS(got, expected) do {				\
	int rc_ = (got);						\
	if (rc_ != (expected))						\
		suite_note("exit %d, expected %d: %s%s", rc_,		\
		    (expected), op_out, op_err);			\
	CU_ASSERT_EQUAL(rc_, (expected));				\
} while (0)

#define ASSERT_REMOTE(expected, project, ...)				\
	ASSERT_EQUALS(op_run(ARGS("run", "--project", project, "--server",\
	    remote_url, "--", __VA_ARGS__), NULL, remote_env), (expected))

#define ASSERT_KEY(expected, key_, project, ...) do {			\
	char * env_ = text_format("STRONGROOM_API_KEY=%s", (key_));	\
	const char * const list_[] = { env_, NULL };			\
	ASSERT_EQUALS(op_run(ARGS("run", "--project", project,		\
	    "--server", remote_url, "--", __VA_ARGS__), NULL, list_),	\
	    (expected));						\
	free(env_);							\
} while (0)

#define ASSERT_AT(expected, url)					\
	ASSERT_EQUALS(op_run(ARGS("run", "--project", PROJECT,		\
	    "--server", url, "--", "echo", "started"), NULL,		\
	    remote_env), (expected))

#define ASSERT_AT_CA(url, ca)						\
	CU_ASSERT_NOT_EQUAL(op_run(ARGS("run", "--project", PROJECT,	\
	    "--server", url, "--cafile", ca, "--", "true"), NULL,	\
	    remote_env), 0)

/* One that runs; the arguments of its command end with NULL. */
static struct live
remote_live(int terminal, ...)
{
	const char * command[24];
	struct live l;
	va_list ap;
	size_t n = 0;

	va_start(ap, terminal);
	while (n < COUNTOF(command) - 1 &&
	    (command[n] = va_arg(ap, const char *)) != NULL)
		n++;
	va_end(ap);
	command[n] = NULL;
	CU_ASSERT_EQUAL(setenv("STRONGROOM_SERVER", remote_url, 1), 0);
	CU_ASSERT_EQUAL(setenv("STRONGROOM_API_KEY", remote_secret, 1), 0);
	l = live_start(terminal != 0, command);
	(void)unsetenv("STRONGROOM_SERVER");
	(void)unsetenv("STRONGROOM_API_KEY");
	return (l);
}

/* [REDACTED:name:tag] as [REDACTED:name], in its place. */
static char *
untagged(char * text)
{
	char * from = text, * to = text;

	while (*from != '\0') {
		if (*from == ':' && from - text > 10 && from[7] == ']' &&
		    strspn(&from[1], "abcdefghijklmnopqrstuvwxyz234567") == 6)
			from += 7;
		*to++ = *from++;
	}
	*to = '\0';
	return (text);
}

static void
assert_secret_free(const char * text)
{

	ASSERT_HAS_NOT(text, "9vKx2mQ7");
	ASSERT_HAS_NOT(text, MEDIUM_VALUE);
	ASSERT_HAS_NOT(text, SHORT_VALUE);
	ASSERT_HAS_NOT(text, "three blind");
	ASSERT_HAS_NOT(text, "c2stbGl2ZS05dkt4");
	if (remote_secret[0] != '\0')
		ASSERT_HAS_NOT(text, remote_secret);
}

/* A file of /proc/PID, its NULs as newlines. Caller frees. */
static char *
file_of(pid_t pid, const char * name)
{
	char * path = text_format("/proc/%d/%s", (int)pid, name);
	size_t len = 0, i;
	char * text = file_read(path, &len);

	free(path);
	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	for (i = 0; i < len; i++)
		if (text[i] == '\0')
			text[i] = '\n';
	return (text);
}

/* A server of HTTP that answers what it is told to. */
struct player {
	int fd;
	pthread_t thread;
	char url[64];
	const char * made;		/* To what makes a run. */
	const char * values;		/* To what asks for its values. */
	bool cut;
};

static void
play(struct player * p, int fd)
{
	static char buf[16384];
	const char * body = "{\"seq\":1,\"id\":\"\"}";
	size_t len = 0, wants;
	const char * end, * at;
	char head[256];
	ssize_t got;

	memset(buf, 0, sizeof(buf));
	while ((got = read(fd, &buf[len], sizeof(buf) - 1 - len)) > 0) {
		len += (size_t)got;
		if ((end = strstr(buf, "\r\n\r\n")) == NULL)
			continue;
		at = strstr(buf, "Content-Length: ");
		wants = at == NULL || at > end ? 0 : (size_t)atoi(&at[16]);
		if (len >= (size_t)(end - buf) + 4 + wants)
			break;
	}
	if (strstr(buf, "/bindings HTTP") != NULL)
		body = p->values;
	else if (strstr(buf, "/projects/") != NULL)
		body = p->made;
	(void)snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nConnection: "
	    "close\r\nContent-Length: %zu\r\n\r\n", strlen(body) +
	    (p->cut && body == p->values ? 7 : 0));
	if (write(fd, head, strlen(head)) < 0 ||
	    write(fd, body, strlen(body)) < 0)
		return;
}

static void *
player_work(void * cookie)
{
	struct player * p = cookie;
	int fd;

	while ((fd = accept(p->fd, NULL, NULL)) >= 0) {
		play(p, fd);
		(void)close(fd);
	}
	return (NULL);
}

static struct player *
player_start(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
	    .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(in);
	struct player * p = calloc(1, sizeof(*p));

	p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(p->fd, (struct sockaddr *)(void *)&in, len) != 0 ||
	    listen(p->fd, 8) != 0 || getsockname(p->fd,
	    (struct sockaddr *)(void *)&in, &len) != 0)
		return (NULL);
	(void)snprintf(p->url, sizeof(p->url), "http://127.0.0.1:%u",
	    (unsigned)ntohs(in.sin_port));
	return (pthread_create(&p->thread, NULL, player_work, p) == 0 ? p :
	    NULL);
}

static const char *
player_url(const struct player * p)
{

	return (p->url);
}

static void
player_plays(struct player * p, const char * made, const char * values,
    bool cut)
{

	p->made = made;
	p->values = values;
	p->cut = cut;
}

static void
player_stop(struct player ** p)
{

	(void)shutdown((*p)->fd, SHUT_RDWR);
	(void)pthread_join((*p)->thread, NULL);
	(void)close((*p)->fd);
	free(*p);
	*p = NULL;
}

/* The first test. */
static void
a_project_is_served(void)
{

	run_sql("INSERT INTO project (id, slug, name, description, created_at,"
	    " updated_at) VALUES ('" PROJECT_ID "', '" PROJECT "', 'Lab', '',"
	    " UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))");
	run_bind("LONG_KEY", "run/long", LONG_VALUE);
	run_bind("MEDIUM_KEY", "run/medium", MEDIUM_VALUE);
	run_bind("SHORT_KEY", "run/short", SHORT_VALUE);
	run_bind("PHRASE", "run/phrase", PHRASE_VALUE);
	remote_renew();
}

static int
setup(void)
{

	if ((served = instance_start(NULL)) == NULL)
		return (-1);
	m = instance_database(served);
	remote_url = instance_url(served);
	(void)snprintf(conf, sizeof(conf), "%s", instance_config(served));
	return (0);
}

static int
teardown(void)
{

	op_end();
	return (instance_stop(&served) == 0 ? 0 : -1);
}

#endif /* !SR_TESTS_CLI_RUNNING_REMOTE_H */
