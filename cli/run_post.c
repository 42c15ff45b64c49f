#include <sys/eventfd.h>
#include <sys/wait.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/run_post.h"
#include "core/log/log.h"

#define REFRESH_MS	1000
#define BEAT_MS		((int64_t)20 * 1000)
#define RETRY_MS	250
/* At the end it waits so long for whoever does not answer. */
#define END_MS		((int64_t)15 * 1000)
/* Who does not answer for so long is not waited for by the command's output. */
#define STUCK_MS	2000

struct post {
	struct cli * cli;
	struct run_link * link;
	struct backlog * backlog;
	pthread_t thread;
	int fd;
	atomic_bool down, over, full, denied, finishing, hurry, finished;
	atomic_int_fast64_t since;	/* It asks whoever has it; 0: it does
					   not. */
	int64_t beaten, deadline;
	/* Set before finishing is. */
	enum run_status to;
	int status;
	enum sr_error outcome;
};

static void
tell(struct post * p)
{

	(void)eventfd_write(p->fd, 1);
}

static enum sr_error
refresh(struct post * p)
{
	enum sr_error err = p->link->row->refresh(p->link);

	if (err == SR_OK && atomic_exchange(&p->down, false))
		tell(p);
	if (err != SR_OK)
		atomic_store(&p->down, true);
	return (err);
}

/* What became of a chunk; false: try again later. */
static bool
settle(struct post * p, const struct backlog_chunk * chunk, enum sr_error err)
{
	bool posted = err == SR_OK;

	if (run_link_passing(err)) {
		atomic_store(&p->down, true);
		return (false);
	}
	if (err == SR_E_RUN_FINISHED)
		atomic_store(&p->over, true);
	if (run_link_denied(err))
		atomic_store(&p->denied, true);
	if (err == SR_E_RUN_EVENTS_LIMIT_REACHED ||
	    err == SR_E_RUN_STREAMS_LIMIT_REACHED)
		atomic_store(&p->full, true);
	if (!posted && err != SR_E_RUN_THROTTLED)
		backlog_refuse(p->backlog, chunk->stream);
	backlog_done(p->backlog, chunk, posted);
	tell(p);
	return (true);
}

static bool
post_chunk(struct post * p, const struct backlog_chunk * chunk, bool end)
{
	enum sr_error err = p->link->row->post(p->link, chunk, end);

	if (err == SR_OK)
		p->beaten = clock_boot_ms();
	/* The end of a stream: a job ends it as well. */
	return (end ? !run_link_passing(err) : settle(p, chunk, err));
}

static bool
post_all(struct post * p, bool last)
{
	struct backlog_chunk chunk;

	while (backlog_first(p->backlog, !last, &chunk)) {
		atomic_store(&p->since, clock_boot_ms());
		if (!post_chunk(p, &chunk, false))
			return (false);
	}
	return (true);
}

static bool
beat(struct post * p)
{
	enum sr_error err;

	if (clock_boot_ms() - p->beaten < BEAT_MS || atomic_load(&p->denied))
		return (true);
	err = p->link->row->beat(p->link);
	if (err == SR_OK)
		p->beaten = clock_boot_ms();
	if (!run_link_denied(err))
		return (err == SR_OK);
	/* Nobody asks again, and again, with a key that was revoked. */
	atomic_store(&p->denied, true);
	tell(p);
	return (true);
}

/* Nothing follows; what was lost last, only the command says at its end. */
static bool
end_streams(struct post * p)
{
	struct backlog_chunk chunk;
	size_t i;

	for (i = 0; i < BACKLOG_STREAM__MAX; i++) {
		if (backlog_begun(p->backlog, (enum backlog_stream)i,
		    &chunk) &&
		    !post_chunk(p, &chunk, true))
			return (false);
	}
	return (true);
}

static void
end_payload(const struct post * p, char * out, size_t size)
{

	if (WIFSIGNALED(p->status))
		(void)snprintf(out, size, "{\"signal\":%d}",
		    WTERMSIG(p->status));
	else
		(void)snprintf(out, size, "{\"exit_code\":%d}",
		    WEXITSTATUS(p->status));
}

static enum sr_error
end_run(struct post * p)
{
	char payload[64];
	enum sr_error err;

	end_payload(p, payload, sizeof(payload));
	err = p->link->row->end(p->link, p->to, payload);
	if (err == SR_E_RUN_FINISHED || err == SR_E_RUN_TRANSITION_INVALID) {
		atomic_store(&p->over, true);
		err = SR_OK;
	}
	return (err);
}

/* Whether there is nothing more to do; after a turn that was the last one. */
static bool
finish(struct post * p, bool good)
{

	if (p->deadline == 0)
		p->deadline = clock_boot_ms() + END_MS;
	if (good && end_streams(p)) {
		p->outcome = end_run(p);
		if (!run_link_passing(p->outcome))
			return (true);
	} else
		p->outcome = SR_E_RUN_UNAVAILABLE;
	return (atomic_load(&p->hurry) || clock_boot_ms() > p->deadline);
}

static void
rest(unsigned ms)
{
	const struct timespec t = { .tv_nsec = (long)ms * 1000000 };

	(void)nanosleep(&t, NULL);
}

static void *
work(void * cookie)
{
	struct post * p = cookie;
	bool good, last;

	log_correlation(&p->cli->actor.correlation_id);
	do {
		atomic_store(&p->since, clock_boot_ms());
		/* Asked once: what comes between would be left behind. */
		last = atomic_load(&p->finishing);
		good = refresh(p) == SR_OK && post_all(p, last) && beat(p);
		if (last && finish(p, good))
			break;
		atomic_store(&p->since, 0);
		if (!good)
			rest(RETRY_MS);
		else if (!last && !atomic_load(&p->finishing))
			backlog_wait(p->backlog, REFRESH_MS);
	} while (true);
	atomic_store(&p->finished, true);
	tell(p);
	return (NULL);
}

/** post_start(cli, link, backlog, out): the thread. */
enum sr_error
post_start(struct cli * cli, struct run_link * link,
    struct backlog * backlog, struct post ** out)
{
	struct post * p;

	if ((p = *out = calloc(1, sizeof(*p))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	p->cli = cli;
	p->link = link;
	link->row->started(link);
	p->backlog = backlog;
	p->beaten = clock_boot_ms();
	p->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (p->fd >= 0 && pthread_create(&p->thread, NULL, work, p) == 0)
		return (SR_OK);
	if (p->fd >= 0)
		(void)close(p->fd);
	free(p);
	*out = NULL;
	return (SR_E_INTERNAL_ERROR);
}

/** post_down(p): whoever has the run did not answer, or for some time now. */
bool
post_down(const struct post * p)
{
	int64_t since = atomic_load(&p->since);

	return (atomic_load(&p->down) || (since != 0 &&
	    clock_boot_ms() - since > STUCK_MS));
}

/** post_over(p): somebody else has ended the run. */
bool
post_over(const struct post * p)
{

	return (atomic_load(&p->over));
}

/** post_denied(p): whoever has the run does not let us in any more. */
bool
post_denied(const struct post * p)
{

	return (atomic_load(&p->denied));
}

/** post_full(p): the run has all the events it may have. */
bool
post_full(const struct post * p)
{

	return (atomic_load(&p->full));
}

/** post_fd(p): readable when something has become better. */
int
post_fd(const struct post * p)
{

	return (p->fd);
}

/** post_finish(p, to, status): all output is in the backlog. */
void
post_finish(struct post * p, enum run_status to, int status)
{

	p->to = to;
	p->status = status;
	atomic_store(&p->finishing, true);
	backlog_wake(p->backlog);
}

/** post_finished(p): it is done, or given up. */
bool
post_finished(const struct post * p)
{

	return (atomic_load(&p->finished));
}

/** post_hurry(p): give up. */
void
post_hurry(struct post * p)
{

	atomic_store(&p->hurry, true);
}

/** post_join(p): the thread ends; whether the run did. */
enum sr_error
post_join(struct post ** p)
{
	enum sr_error err;

	must(pthread_join((*p)->thread, NULL) == 0);
	err = (*p)->outcome;
	(void)close((*p)->fd);
	free(*p);
	*p = NULL;
	return (err);
}
