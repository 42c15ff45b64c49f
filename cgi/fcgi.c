/*
 * The only user of libfcgi. Its FCGX_Accept_r blocks, knows no timeouts, and no
 * signal reaches all threads. So a thread waits in epoll on the listener and an
 * eventfd, accepts by itself, and reads by itself (fcgi_in.h): the library gets
 * parameters that are whole and good, and the connection to write to.
 */

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcgiapp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "cgi/exchange.h"
#include "cgi/chores.h"
#include "cgi/fcgi.h"
#include "cgi/fcgi_in.h"
#include "cgi/peer.h"
#include "core/base/stack.h"
#include "core/log/log.h"
#include "core/store/db.h"

#define SEND_TIMEOUT_SECONDS	30	/* For each write of an answer. */
#define PARAMS_TIMEOUT_MS	10000	/* Until all parameters are there, */
#define PARAMS_TIMEOUT_LAST_MS	100	/* and after the end. */
#define FULL_PAUSE_MS		50	/* When a connection cannot be had. */
#define STUCK_MS		300000	/* All at work, and none has ended. */

struct pool {
	struct worker * worker;
	int listener;
	int stop;		/* eventfd; readable for ever once written. */
	atomic_bool drain;	/* Written before stop is, */
	_Atomic int64_t end;	/* as when those who stall have had enough. */
	atomic_uint idle, busy;	/* Threads that wait, or are at a request, */
	_Atomic int64_t ended;	/* and when one of them was done last. */
	unsigned started;
	pthread_t * threads;
};

/* What a thread has of the request that it is at. */
struct call {
	FCGX_Request r;
	struct incoming * in;
};

static const char *
get_param(void * cookie, const char * name)
{
	const struct call * c = cookie;

	return (FCGX_GetParam(name, c->r.envp));
}

static bool
param_twice(void * cookie, const char * name)
{
	const struct call * c = cookie;
	const size_t len = strlen(name);
	unsigned n = 0;

	for (char ** p = c->r.envp; p != NULL && *p != NULL; p++)
		n += strncmp(*p, name, len) == 0 && (*p)[len] == '=';
	return (n > 1);
}

static size_t
read_body(void * cookie, void * into, size_t len)
{
	const struct call * c = cookie;

	return (incoming_body(c->in, into, len));
}

static bool
body_broken(void * cookie)
{
	const struct call * c = cookie;

	return (incoming_broken(c->in));
}

static bool
write_answer(void * cookie, const void * bytes, size_t len)
{
	struct call * c = cookie;
	const char * p = bytes;
	int n;

	while (len > 0) {
		n = len > 65536 ? 65536 : (int)len;
		if (FCGX_PutStr(p, n, c->r.out) != n)
			return (false);
		p += n;
		len -= (size_t)n;
	}
	return (true);
}

/*
 * Close the connection under libfcgi, which then cannot write the records that
 * end an answer properly. What the peer has not read yet stays readable.
 */
static void
break_off(void * cookie)
{
	const struct call * c = cookie;

	(void)shutdown(c->r.ipcFd, SHUT_RDWR);
}

/*
 * What was written so far leaves; the connection is no longer the library's,
 * which is told so in serve().
 */
static bool
keep(void * cookie, struct peer * out)
{
	struct call * c = cookie;

	if (FCGX_FFlush(c->r.out) != 0)
		return (false);
	*out = (struct peer){ .fd = c->r.ipcFd,
		.request_id = (uint16_t)c->r.requestId };
	c->r.ipcFd = -1;
	incoming_leave(c->in);
	return (true);
}

static void
limit_sends(int fd)
{
	const struct timeval limit = { .tv_sec = SEND_TIMEOUT_SECONDS };

	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

/*
 * One request for each connection, whatever the peer asked for: one that is
 * kept would hold the thread. The library ends the answer; its own way to close
 * the connection waits for as long as somebody sends.
 */
static void
finish(struct call * c)
{

	if (c->r.ipcFd == -1) {
		FCGX_Free(&c->r, 0);
		return;
	}
	c->r.keepConnection = 0;
	(void)FCGX_FClose(c->r.err);
	(void)FCGX_FClose(c->r.out);
	c->r.ipcFd = -1;
	FCGX_Free(&c->r, 0);
	incoming_end(c->in);
}

static void
serve(struct pool * pool, struct db * db, struct call * c)
{
	const struct source source = { .param = get_param,
		.twice = param_twice, .read = read_body,
		.broken = body_broken, .cookie = c };
	const struct sink sink = { .write = write_answer,
		.break_off = break_off, .cookie = c, .keep = keep };

	atomic_fetch_add(&pool->busy, 1);
	exchange_run(pool->worker, db, &source, &sink);
	finish(c);
	chores_run(pool->worker, db);
	atomic_store(&pool->ended, clock_monotonic_ms());
	atomic_fetch_sub(&pool->busy, 1);
}

/* How long a peer may think over its parameters: less when we are to end. */
static int64_t
params_ms(const struct pool * pool)
{
	int64_t left;

	if (!atomic_load(&pool->drain))
		return (PARAMS_TIMEOUT_MS);
	left = atomic_load(&pool->end) - clock_monotonic_ms();
	return (left > PARAMS_TIMEOUT_LAST_MS ? left : PARAMS_TIMEOUT_LAST_MS);
}

/*
 * The parameters, into the library: out of a pipe, instead of which it then has
 * the connection. If it fails it closes the pipe and would accept another
 * connection, but that it was given no listener.
 */
static bool
read_params(const struct pool * pool, struct call * c, int fd)
{
	const int params = incoming_take(c->in, fd, params_ms(pool));

	if (params == -1)
		return (false);
	c->r.ipcFd = params;
	c->r.keepConnection = 1;
	c->r.detached = 1;
	if (FCGX_Accept_r(&c->r) != 0)
		return (false);
	(void)close(params);
	c->r.ipcFd = fd;
	limit_sends(fd);
	return (true);
}

/* Take a connection and its parameters; false when none is waiting. */
static bool
take_request(const struct pool * pool, struct call * c, bool * good)
{
	struct sockaddr_storage from;	/* Of no interest. */
	socklen_t len = sizeof(from);
	int fd;

	*good = false;
	fd = accept4(pool->listener, (void *)&from, &len, SOCK_CLOEXEC);
	if (fd == -1) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
		    errno == ENOMEM)
			(void)poll(NULL, 0, FULL_PAUSE_MS);
		return (errno == EINTR || errno == ECONNABORTED);
	}
	if ((*good = read_params(pool, c, fd)))
		return (true);
	incoming_leave(c->in);
	(void)close(fd);
	return (true);
}

static int
watch(const struct pool * pool)
{
	struct epoll_event listener = { .events = EPOLLIN | EPOLLEXCLUSIVE,
		.data = { .fd = pool->listener } };
	struct epoll_event stop = { .events = EPOLLIN,
		.data = { .fd = pool->stop } };
	int ep = epoll_create1(EPOLL_CLOEXEC);

	if (ep == -1)
		return (-1);
	if (epoll_ctl(ep, EPOLL_CTL_ADD, pool->listener, &listener) != 0 ||
	    epoll_ctl(ep, EPOLL_CTL_ADD, pool->stop, &stop) != 0) {
		(void)close(ep);
		return (-1);
	}
	return (ep);
}

/* Wait for a request or the end; false at the end. */
static bool
wait_for_request(struct pool * pool, int ep)
{
	struct epoll_event event;
	int n;

	atomic_fetch_add(&pool->idle, 1);
	do {
		n = epoll_wait(ep, &event, 1, -1);
	} while (n == -1 && errno == EINTR);
	atomic_fetch_sub(&pool->idle, 1);
	return (n == 1 && event.data.fd != pool->stop);
}

/* Take one, if there is one still, and answer it. Nothing of it stays. */
static bool
serve_next(struct pool * pool, struct db * db, struct call * c)
{
	bool taken, good;

	taken = take_request(pool, c, &good);
	if (taken && good)
		serve(pool, db, c);
	stack_wipe();
	return (taken);
}

static void
run(struct pool * pool, struct db * db)
{
	struct call * c;
	int ep;

	if ((c = calloc(1, sizeof(*c))) == NULL)
		return;
	ep = watch(pool);
	c->in = incoming_new(pool->listener, &pool->idle);
	if (ep == -1 || c->in == NULL ||
	    FCGX_InitRequest(&c->r, -1, FCGI_FAIL_ACCEPT_ON_INTR) != 0) {
		LOG(FAILURE, log_error(SR_E_INTERNAL_ERROR),
		    log_const("where", __func__));
		goto out;
	}
	/* Another thread was faster, or the peer has gone: again. */
	while (wait_for_request(pool, ep))
		(void)serve_next(pool, db, c);
	while (atomic_load(&pool->drain) && serve_next(pool, db, c))
		continue;
out:
	FCGX_Free(&c->r, 0);
	incoming_free(&c->in);
	if (ep != -1)
		(void)close(ep);
	free(c);
}

static void *
thread_main(void * cookie)
{
	struct pool * pool = cookie;
	struct db * db = NULL;

	if (worker_connection(pool->worker, &db) == SR_OK) {
		stack_wipe();	/* Of the database's password. */
		run(pool, db);
	}
	db_free(&db);
	db_thread_end();
	return (NULL);
}

enum sr_error
fcgi_init(void)
{

	if (FCGX_Init() != 0)
		return (sr_fail(SR_E_INTERNAL_ERROR,
		    log_const("step", "FCGX_Init")));
	/* Its handlers only set a flag that would end all accepts for good. */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGUSR1, SIG_IGN);
	return (SR_OK);
}

enum sr_error
pool_start(struct worker * worker, int fd, struct pool ** out)
{
	struct pool * p;

	*out = NULL;
	if ((p = calloc(1, sizeof(*p))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	p->worker = worker;
	p->listener = fd;
	atomic_store(&p->ended, clock_monotonic_ms());
	p->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	p->threads = calloc(worker->threads, sizeof(*p->threads));
	if (p->stop == -1 || p->threads == NULL) {
		pool_stop(&p, false);
		return (SR_E_OUT_OF_MEMORY);
	}
	for (; p->started < worker->threads; p->started++) {
		if (pthread_create(&p->threads[p->started], NULL, thread_main,
		    p) != 0) {
			pool_stop(&p, false);
			return (sr_fail(SR_E_INTERNAL_ERROR,
			    log_const("step", "pthread_create")));
		}
	}
	*out = p;
	return (SR_OK);
}

bool
pool_moves(const struct pool * pool)
{

	return (atomic_load(&pool->busy) < pool->started ||
	    clock_monotonic_ms() - atomic_load(&pool->ended) < STUCK_MS);
}

void
pool_stop(struct pool ** pool, bool drain)
{
	struct pool * p = *pool;

	if (p == NULL)
		return;
	atomic_store(&p->end, clock_monotonic_ms() + PARAMS_TIMEOUT_MS);
	atomic_store(&p->drain, drain);
	if (p->stop != -1)
		(void)eventfd_write(p->stop, 1);
	for (unsigned i = 0; i < p->started; i++)
		(void)pthread_join(p->threads[i], NULL);
	if (p->stop != -1)
		(void)close(p->stop);
	free(p->threads);
	free(p);
	*pool = NULL;
}
