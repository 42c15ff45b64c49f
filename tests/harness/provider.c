#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/harness/provider_internal.h"

#define HEAD_MAX	16384
#define KEYS_MAX	64
#define PATIENCE_MS	20000

struct provider_server {
	SSL_CTX * tls;			/* NULL: plain. */
	int fd;
	pthread_t thread;
	char url[64];
	char ca[512];
	_Atomic enum provider_mode mode;
	atomic_uint requests;
	atomic_uint open;		/* Connections with a thread. */
	atomic_bool stopping;
	pthread_mutex_t mutex;		/* Of what follows. */
	char * keys[KEYS_MAX];
	char * last;
};

/* One connection. */
struct peer {
	struct provider_server * s;
	int fd;
	SSL * ssl;
	char head[HEAD_MAX];
	size_t len;
};

static bool
send_all(struct peer * p, const char * bytes, size_t len)
{

	if (p->ssl != NULL)
		return (SSL_write(p->ssl, bytes, (int)len) == (int)len);
	return (send(p->fd, bytes, len, MSG_NOSIGNAL) == (ssize_t)len);
}

static bool
say(struct peer * p, const char * text)
{

	return (send_all(p, text, strlen(text)));
}

/* Read a request's headers; GETs have no body. */
static bool
read_head(struct peer * p)
{
	ssize_t n;

	while (p->len + 1 < sizeof(p->head)) {
		n = p->ssl != NULL ? SSL_read(p->ssl, p->head + p->len,
		    (int)(sizeof(p->head) - 1 - p->len)) :
		    read(p->fd, p->head + p->len,
		    sizeof(p->head) - 1 - p->len);
		if (n <= 0)
			return (false);
		p->len += (size_t)n;
		p->head[p->len] = '\0';
		if (strstr(p->head, "\r\n\r\n") != NULL)
			return (true);
	}
	return (false);
}

/* Whether one of the good credentials stands in the headers. */
static bool
has_good_key(struct peer * p)
{
	bool found = false;
	size_t i;

	(void)pthread_mutex_lock(&p->s->mutex);
	for (i = 0; i < KEYS_MAX; i++)
		found = found || (p->s->keys[i] != NULL &&
		    strstr(p->head, p->s->keys[i]) != NULL);
	(void)pthread_mutex_unlock(&p->s->mutex);
	return (found);
}

static void
answer(struct peer * p, const char * status, const char * headers,
    const char * body)
{
	char text[HEAD_MAX * 3];

	(void)snprintf(text, sizeof(text), "HTTP/1.1 %s\r\n%s"
	    "Content-Type: application/json\r\nContent-Length: %zu\r\n"
	    "Connection: close\r\n\r\n%s", status, headers, strlen(body),
	    body);
	(void)say(p, text);
}

/* A provider that tells everybody what it was sent. */
static void
answer_echo(struct peer * p)
{
	char body[HEAD_MAX + 64], header[HEAD_MAX + 64];
	const char * key = strstr(p->head, "Authorization: ");
	int len;

	if (key == NULL)
		key = strstr(p->head, "x-api-key: ");
	if (key == NULL)
		key = "none\r\n";
	len = (int)strcspn(key, "\r");
	(void)snprintf(header, sizeof(header), "X-Echo: %.*s\r\n", len, key);
	(void)snprintf(body, sizeof(body), "{\"error\":\"bad %.*s\"}", len,
	    key);
	answer(p, "401 Unauthorized", header, body);
}

static void
answer_endless(struct peer * p, unsigned pause_ms)
{
	char filler[4096];
	size_t len = pause_ms == 0 ? sizeof(filler) : 1;

	memset(filler, 'x', sizeof(filler));
	if (!say(p, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	    "\r\n{\"data\":\""))
		return;
	while (!atomic_load(&p->s->stopping) && send_all(p, filler, len))
		if (pause_ms != 0)
			(void)poll(NULL, 0, (int)pause_ms);
}

/* One object proves all the built-in providers. */
#define PROOF	"{\"data\":[],\"models\":[],\"resources\":{},\"id\":1}"

static void
answer_mode(struct peer * p, enum provider_mode mode)
{
	static const struct {
		enum provider_mode mode;
		const char * status;
		const char * headers;
		const char * body;
	} fixed[] = {
		{ PROVIDER_MODE_401, "401 Unauthorized", "", "{}" },
		{ PROVIDER_MODE_403, "403 Forbidden", "", "{}" },
		{ PROVIDER_MODE_429, "429 Too Many Requests",
		    "Retry-After: 3600\r\n", "{}" },
		{ PROVIDER_MODE_500, "500 Internal Server Error", "", "{}" },
		{ PROVIDER_MODE_LIMITED, "403 Forbidden",
		    "X-RateLimit-Remaining: 0\r\n", "{}" },
		{ PROVIDER_MODE_NO_JSON, "200 OK", "", "<html></html>" },
		{ PROVIDER_MODE_REDIRECT, "302 Found",
		    "Location: https://elsewhere.example/\r\n", "" },
	};
	size_t i;

	for (i = 0; i < COUNTOF(fixed); i++)
		if (fixed[i].mode == mode)
			answer(p, fixed[i].status, fixed[i].headers,
			    fixed[i].body);
	if (mode == PROVIDER_MODE_KEYS && has_good_key(p))
		answer(p, "200 OK", "", PROOF);
	else if (mode == PROVIDER_MODE_KEYS)
		answer(p, "401 Unauthorized", "", "{\"error\":\"no\"}");
	else if (mode == PROVIDER_MODE_GARBAGE)
		(void)say(p, "\x01\x02 this is no HTTP\r\n\r\n");
	else if (mode == PROVIDER_MODE_ENDLESS)
		answer_endless(p, 0);
	else if (mode == PROVIDER_MODE_DRIP)
		answer_endless(p, 100);
	else if (mode == PROVIDER_MODE_ECHO)
		answer_echo(p);
}

static void
remember(struct peer * p)
{

	(void)pthread_mutex_lock(&p->s->mutex);
	free(p->s->last);
	p->s->last = strdup(p->head);
	(void)pthread_mutex_unlock(&p->s->mutex);
	atomic_fetch_add(&p->s->requests, 1);
}

static void *
serve(void * cookie)
{
	struct peer * p = cookie;
	struct provider_server * s = p->s;

	if (s->tls != NULL && (p->ssl = SSL_new(s->tls)) != NULL)
		(void)SSL_set_fd(p->ssl, p->fd);
	if ((p->ssl == NULL) == (s->tls == NULL) &&
	    (p->ssl == NULL || SSL_accept(p->ssl) == 1) && read_head(p)) {
		remember(p);
		answer_mode(p, atomic_load(&s->mode));
		if (p->ssl != NULL)
			(void)SSL_shutdown(p->ssl);
	}
	SSL_free(p->ssl);
	(void)close(p->fd);
	free(p);
	OPENSSL_thread_stop();
	atomic_fetch_sub(&s->open, 1);
	return (NULL);
}

static void
take(struct provider_server * s, int fd)
{
	const struct timeval patience = { .tv_sec = PATIENCE_MS / 1000 };
	struct peer * p = calloc(1, sizeof(*p));
	pthread_t thread;

	if (p == NULL) {
		(void)close(fd);
		return;
	}
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
	    sizeof(patience));
	p->s = s;
	p->fd = fd;
	atomic_fetch_add(&s->open, 1);
	if (pthread_create(&thread, NULL, serve, p) == 0) {
		(void)pthread_detach(thread);
		return;
	}
	atomic_fetch_sub(&s->open, 1);
	(void)close(fd);
	free(p);
}

static void *
accept_all(void * cookie)
{
	struct provider_server * s = cookie;
	struct pollfd poll_fd = { .fd = s->fd, .events = POLLIN };
	int fd;

	while (!atomic_load(&s->stopping)) {
		if (poll(&poll_fd, 1, 50) <= 0)
			continue;
		if ((fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC)) >= 0)
			take(s, fd);
	}
	return (NULL);
}

static bool
listen_somewhere(struct provider_server * s)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);

	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s->fd < 0 ||
	    bind(s->fd, (struct sockaddr *)&a, sizeof(a)) != 0 ||
	    listen(s->fd, 128) != 0 ||
	    getsockname(s->fd, (struct sockaddr *)&a, &len) != 0)
		return (false);
	(void)snprintf(s->url, sizeof(s->url), "%s://127.0.0.1:%u",
	    s->tls == NULL ? "http" : "https", ntohs(a.sin_port));
	return (true);
}

struct provider_server *
provider_server_start(const char * folder,
    enum provider_certificate certificate)
{
	struct provider_server * s = calloc(1, sizeof(*s));
	static atomic_uint number;

	if (s == NULL)
		return (NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)pthread_mutex_init(&s->mutex, NULL);
	(void)snprintf(s->ca, sizeof(s->ca), "%s/provider-%u.pem", folder,
	    atomic_fetch_add(&number, 1));
	if (certificate != PROVIDER_PLAIN_HTTP)
		s->tls = provider_tls(certificate, s->ca);
	s->fd = -1;
	if ((s->tls == NULL) == (certificate == PROVIDER_PLAIN_HTTP) &&
	    listen_somewhere(s) &&
	    pthread_create(&s->thread, NULL, accept_all, s) == 0)
		return (s);
	if (s->fd >= 0)
		(void)close(s->fd);
	SSL_CTX_free(s->tls);
	free(s);
	return (NULL);
}

void
provider_server_stop(struct provider_server ** s)
{
	struct provider_server * it = *s;
	size_t i;

	*s = NULL;
	if (it == NULL)
		return;
	atomic_store(&it->stopping, true);
	(void)pthread_join(it->thread, NULL);
	while (atomic_load(&it->open) != 0)
		(void)poll(NULL, 0, 5);
	(void)close(it->fd);
	SSL_CTX_free(it->tls);
	for (i = 0; i < KEYS_MAX; i++)
		free(it->keys[i]);
	free(it->last);
	(void)pthread_mutex_destroy(&it->mutex);
	free(it);
}

const char *
provider_server_url(const struct provider_server * s)
{

	return (s->url);
}

const char *
provider_server_ca(const struct provider_server * s)
{

	return (s->ca);
}

void
provider_server_mode(struct provider_server * s, enum provider_mode mode)
{

	atomic_store(&s->mode, mode);
}

void
provider_server_good(struct provider_server * s, const char * key)
{
	size_t i = 0;

	(void)pthread_mutex_lock(&s->mutex);
	while (i < KEYS_MAX - 1 && s->keys[i] != NULL)
		i++;
	free(s->keys[i]);
	s->keys[i] = strdup(key);
	(void)pthread_mutex_unlock(&s->mutex);
}

void
provider_server_bad(struct provider_server * s, const char * key)
{
	size_t i;

	(void)pthread_mutex_lock(&s->mutex);
	for (i = 0; i < KEYS_MAX; i++)
		if (s->keys[i] != NULL && strcmp(s->keys[i], key) == 0) {
			free(s->keys[i]);
			s->keys[i] = NULL;
		}
	(void)pthread_mutex_unlock(&s->mutex);
}

unsigned
provider_server_requests(const struct provider_server * s)
{

	return (atomic_load(&s->requests));
}

char *
provider_server_last(struct provider_server * s)
{
	char * copy;

	(void)pthread_mutex_lock(&s->mutex);
	copy = s->last == NULL ? NULL : strdup(s->last);
	(void)pthread_mutex_unlock(&s->mutex);
	return (copy);
}
