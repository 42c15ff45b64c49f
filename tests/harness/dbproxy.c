#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/harness/dbproxy.h"
#include "tests/harness/dbproxy_packet.h"
#include "tests/harness/process.h"

#define PACKET_MAX	((size_t)4 * 1024 * 1024)
#define LATE_MS		500
#define CONNECTIONS_MAX	64
#define WHATS		3

struct dbproxy {
	char dir[80];
	char socket[100];
	char target[108];
	int listener;
	int stop[2];			/* A pipe: closed to end all threads. */
	pthread_t acceptor;
	pthread_t threads[CONNECTIONS_MAX];
	size_t n;
	pthread_mutex_t mutex;		/* Guards what follows. */
	bool armed;
	enum dbproxy_what what;
	enum dbproxy_how how;
	unsigned left;
	unsigned broken;
	bool refuse_after;
	unsigned seen[WHATS];
};

/* One client and its connection to the server. */
struct session {
	struct dbproxy * p;
	int client;
	int server;
	uint8_t * buf;			/* Of the client, not yet passed on. */
	size_t len;
	struct dbproxy_packets seen;
};

static int
connect_unix(const char * path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	if (fd >= 0 &&
	    connect(fd, (const struct sockaddr *)&a, sizeof(a)) != 0) {
		(void)close(fd);
		return (-1);
	}
	return (fd);
}

static bool
send_all(int fd, const uint8_t * p, size_t len)
{
	ssize_t n;

	for (; len != 0; p += n, len -= (size_t)n) {
		if ((n = send(fd, p, len, MSG_NOSIGNAL)) <= 0)
			return (false);
	}
	return (true);
}

/* Count the packet; true when it is the one to be broken. */
static bool
is_the_one(struct session * s, const uint8_t * packet, size_t len,
    enum dbproxy_how * how)
{
	unsigned what, bits = dbproxy_commands(&s->seen, packet, len);
	struct dbproxy * p = s->p;
	bool hit = false;

	(void)pthread_mutex_lock(&p->mutex);
	for (what = 0; what < WHATS; what++)
		p->seen[what] += (bits & DBPROXY_BIT(what)) != 0;
	if (p->armed && (bits & DBPROXY_BIT(p->what)) != 0 && --p->left == 0) {
		p->armed = false;
		p->broken++;
		*how = p->how;
		hit = true;
	}
	(void)pthread_mutex_unlock(&p->mutex);
	return (hit);
}

/* Wait; true when the proxy is being stopped. */
static bool
stopped(const struct dbproxy * p, int ms)
{
	struct pollfd f = { p->stop[0], POLLIN, 0 };

	return (poll(&f, 1, ms) != 0);
}

static void
break_at(struct session * s, const uint8_t * packet, size_t len,
    enum dbproxy_how how)
{
	struct pollfd f = { s->server, POLLIN, 0 };
	uint8_t reply[4096];

	switch (how) {
	case DBPROXY_CUT_BEFORE:
		break;
	case DBPROXY_CUT_AFTER:
		if (send_all(s->server, packet, len) && poll(&f, 1, 10000) == 1)
			(void)!read(s->server, reply, sizeof(reply));
		break;
	case DBPROXY_CUT_LATE:
		(void)shutdown(s->client, SHUT_RDWR);
		(void)stopped(s->p, LATE_MS);
		(void)send_all(s->server, packet, len);
		break;
	case DBPROXY_STALL:
		(void)stopped(s->p, -1);
		break;
	}
}

/* Pass on the whole packets that are there; false ends the session. */
static bool
pass_packets(struct session * s)
{
	enum dbproxy_how how;
	size_t len, at = 0;
	bool go_on = true;

	while (go_on && s->len - at >= 4) {
		const uint8_t * p = s->buf + at;

		len = 4 + dbproxy_number(p);
		if (s->len - at < len)
			break;
		if (is_the_one(s, p, len, &how)) {
			break_at(s, p, len, how);
			return (false);
		}
		go_on = send_all(s->server, p, len);
		at += len;
	}
	memmove(s->buf, s->buf + at, s->len - at);
	s->len -= at;
	return (go_on);
}

static bool
from_client(struct session * s)
{
	ssize_t n = read(s->client, s->buf + s->len, PACKET_MAX - s->len);

	if (n <= 0)
		return (false);
	s->len += (size_t)n;
	return (pass_packets(s));
}

static bool
from_server(struct session * s)
{
	uint8_t chunk[16384];
	ssize_t n = read(s->server, chunk, sizeof(chunk));

	if (n > 0)
		dbproxy_reply(&s->seen, chunk, (size_t)n);
	return (n > 0 && send_all(s->client, chunk, (size_t)n));
}

static void *
serve(void * cookie)
{
	struct session * s = cookie;
	struct pollfd f[3] = { { s->client, POLLIN, 0 },
	    { s->server, POLLIN, 0 }, { s->p->stop[0], POLLIN, 0 } };

	for (;;) {
		if (poll(f, 3, -1) < 0 && errno != EINTR)
			break;
		if (f[2].revents != 0 ||
		    (f[1].revents != 0 && !from_server(s)) ||
		    (f[0].revents != 0 && !from_client(s)))
			break;
	}
	(void)close(s->client);
	(void)close(s->server);
	free(s->buf);
	free(s);
	return (NULL);
}

static void
open_session(struct dbproxy * p, int client)
{
	struct session * s = calloc(1, sizeof(*s));
	bool refuse;

	(void)pthread_mutex_lock(&p->mutex);
	refuse = p->refuse_after && p->broken != 0;
	(void)pthread_mutex_unlock(&p->mutex);
	must(s != NULL && (s->buf = malloc(PACKET_MAX)) != NULL);
	s->p = p;
	s->client = client;
	s->server = refuse || p->n == CONNECTIONS_MAX ? -1 :
	    connect_unix(p->target);
	if (s->server < 0 ||
	    pthread_create(&p->threads[p->n], NULL, serve, s) != 0) {
		(void)close(client);
		free(s->buf);
		free(s);
		return;
	}
	p->n++;
}

static void *
accept_all(void * cookie)
{
	struct dbproxy * p = cookie;
	struct pollfd f[2] = { { p->listener, POLLIN, 0 },
	    { p->stop[0], POLLIN, 0 } };
	int fd;

	for (;;) {
		if (poll(f, 2, -1) < 0 && errno != EINTR)
			break;
		if (f[1].revents != 0)
			break;
		if (f[0].revents != 0 && (fd = accept4(p->listener, NULL, NULL,
		    SOCK_CLOEXEC)) >= 0)
			open_session(p, fd);
	}
	return (NULL);
}

static int
listen_at(struct dbproxy * p)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	(void)snprintf(p->socket, sizeof(p->socket), "%s/p.sock", p->dir);
	(void)snprintf(a.sun_path, sizeof(a.sun_path), "%s", p->socket);
	p->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (p->listener < 0 ||
	    bind(p->listener, (const struct sockaddr *)&a, sizeof(a)) != 0 ||
	    listen(p->listener, 64) != 0)
		return (-1);
	return (0);
}

/** dbproxy_start(target, out): listen in a folder of its own. */
int
dbproxy_start(const char * target, struct dbproxy ** out)
{
	struct dbproxy * p = calloc(1, sizeof(*p));

	*out = NULL;
	must(p != NULL);
	(void)snprintf(p->target, sizeof(p->target), "%s", target);
	if (temp_folder("sr-px", p->dir, sizeof(p->dir)) != 0 ||
	    listen_at(p) != 0 || pipe(p->stop) != 0 ||
	    pthread_mutex_init(&p->mutex, NULL) != 0 ||
	    pthread_create(&p->acceptor, NULL, accept_all, p) != 0) {
		(void)fprintf(stderr, "no proxy could be started\n");
		free(p);
		return (-1);
	}
	*out = p;
	return (0);
}

/** dbproxy_stop(p): end it. */
void
dbproxy_stop(struct dbproxy ** out)
{
	struct dbproxy * p = *out;
	size_t i;

	if (p == NULL)
		return;
	(void)close(p->stop[1]);
	(void)pthread_join(p->acceptor, NULL);
	for (i = 0; i < p->n; i++)
		(void)pthread_join(p->threads[i], NULL);
	(void)close(p->stop[0]);
	(void)close(p->listener);
	(void)pthread_mutex_destroy(&p->mutex);
	remove_tree(p->dir);
	free(p);
	*out = NULL;
}

/** dbproxy_socket(p): where it listens. */
const char *
dbproxy_socket(const struct dbproxy * p)
{

	return (p->socket);
}

/** dbproxy_arm(p, what, nth, how): break the nth such command from now. */
void
dbproxy_arm(struct dbproxy * p, enum dbproxy_what what, unsigned nth,
    enum dbproxy_how how)
{

	(void)pthread_mutex_lock(&p->mutex);
	p->armed = true;
	p->what = what;
	p->left = nth;
	p->how = how;
	p->broken = 0;
	(void)pthread_mutex_unlock(&p->mutex);
}

/** dbproxy_refuse_after(p, refuse): after the break, close new connections. */
void
dbproxy_refuse_after(struct dbproxy * p, bool refuse)
{

	(void)pthread_mutex_lock(&p->mutex);
	p->refuse_after = refuse;
	(void)pthread_mutex_unlock(&p->mutex);
}

/** dbproxy_broken(p): how many commands were broken since it was armed. */
unsigned
dbproxy_broken(struct dbproxy * p)
{
	unsigned n;

	(void)pthread_mutex_lock(&p->mutex);
	n = p->broken;
	(void)pthread_mutex_unlock(&p->mutex);
	return (n);
}

/** dbproxy_seen(p, what): how many such commands came by so far. */
unsigned
dbproxy_seen(struct dbproxy * p, enum dbproxy_what what)
{
	unsigned n;

	(void)pthread_mutex_lock(&p->mutex);
	n = p->seen[what];
	(void)pthread_mutex_unlock(&p->mutex);
	return (n);
}
