#include <sys/eventfd.h>

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "cgi/background.h"
#include "cgi/worker.h"
#include "core/base/stack.h"
#include "core/log/log.h"
#include "core/store/db.h"

struct background {
	struct worker * worker;
	struct background_work work;
	int stop;		/* eventfd; readable for ever once written. */
	bool started;
	pthread_t thread;
};

/* Wait, or until it is time to end; whether it is. */
static bool
stopped(const struct background * b, unsigned ms)
{
	struct pollfd fd = { .fd = b->stop, .events = POLLIN };
	int n;

	do {
		n = poll(&fd, 1, (int)ms);
	} while (n == -1 && errno == EINTR);
	return (n != 0);
}

bool
background_stopping(const struct background * b)
{

	return (stopped(b, 0));
}

/* What it saw is not left behind while the thread waits. */
static unsigned
one_turn(const struct background_turn * turn)
{
	unsigned ms = turn->self->work.turn(turn);

	stack_wipe();
	return (ms);
}

static void *
thread_main(void * cookie)
{
	struct background * b = cookie;
	struct background_turn turn = { .worker = b->worker, .self = b,
	    .cookie = b->work.cookie };

	if (worker_connection(b->worker, &turn.db) == SR_OK) {
		if (b->work.db_seconds != 0)
			db_hurry(turn.db, b->work.db_seconds);
		while (!stopped(b, one_turn(&turn)))
			continue;
		if (b->work.end != NULL)
			b->work.end(&turn);
	}
	db_free(&turn.db);
	db_thread_end();
	return (NULL);
}

enum sr_error
background_start(struct worker * w, const struct background_work * work,
    struct background ** out)
{
	struct background * b;

	*out = NULL;
	if ((b = calloc(1, sizeof(*b))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	b->worker = w;
	b->work = *work;
	b->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (b->stop == -1 ||
	    pthread_create(&b->thread, NULL, thread_main, b) != 0) {
		background_stop(&b);
		return (sr_fail(SR_E_INTERNAL_ERROR,
		    log_const("step", "background")));
	}
	b->started = true;
	*out = b;
	return (SR_OK);
}

void
background_stop(struct background ** background)
{
	struct background * b = *background;

	*background = NULL;
	if (b == NULL)
		return;
	if (b->stop != -1)
		(void)eventfd_write(b->stop, 1);
	if (b->started)
		(void)pthread_join(b->thread, NULL);
	if (b->stop != -1)
		(void)close(b->stop);
	free(b);
}
