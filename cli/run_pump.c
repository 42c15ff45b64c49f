#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "cli/run_pump.h"
#include "core/base/clock.h"
#include "core/base/stack.h"

/* So long without output is a pause. Its length bounds nothing: what a pause
 * lets be seen is the same however many there are. */
#define PAUSE_MS	8
/* How often it is asked whether output can be shown again. */
#define LOOK_MS		500
#define READ_MAX	EVENT_CHUNK_MAX

enum { AT_SIGNAL, AT_REPORT, AT_POST, AT_KEYS, AT_MASTER, AT_OUT,
    AT__MAX = AT_OUT + 2 };

/* Whether it has become more that is not recorded. */
static bool
lost(struct run_pump * p)
{
	uint64_t missing = backlog_missing(p->out[0].backlog);
	bool more = missing > p->missing;

	p->missing = missing;
	return (more);
}

static void
look_what_is_said(struct run_pump * p)
{
	struct run_out * o;
	size_t i;

	for (i = 0; i < p->n; i++) {
		o = &p->out[i];
		if (o->withheld != 0 && !o->said && o->gate == NULL) {
			run_note(p, "output is withheld: nobody can vouch for "
			    "it without the database; the command goes on", 0,
			    "");
			o->said = true;
		} else if (o->withheld != 0 && o->gate != NULL && !o->skip) {
			run_note(p, "", o->withheld,
			    " bytes of output were withheld before this");
			o->withheld = 0;
			o->said = false;
		}
	}
	if (post_over(p->post) && !p->over_said) {
		run_note(p, "the run was ended elsewhere; the command goes "
		    "on, its events are not kept", 0, "");
		p->over_said = true;
	}
	if (post_denied(p->post) && !p->denied_said) {
		run_note(p, "the API key is not taken any more; the command "
		    "goes on, its output is masked by what was known at its "
		    "start and not recorded", 0, "");
		p->denied_said = true;
	}
	if (!post_down(p->post))
		p->lost_said = false;
	else if (!p->lost_said && lost(p)) {
		run_note(p, "events of the run cannot be stored now: output is "
		    "shown, and what there is no room for is not recorded", 0,
		    "");
		p->lost_said = true;
	}
	if (post_full(p->post) && !p->full_said) {
		run_note(p, "the run has all the events it may have; output is "
		    "shown, and not recorded any more "
		    "(run_events_limit_reached)", 0, "");
		p->full_said = true;
	}
}

/* We stop as the command did, and go on with it. */
static void
stop_too(struct run_pump * p, int number)
{
	sigset_t set;

	run_term_restore(p->term);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, number);
	(void)kill(0, number);
	/* It is delivered here. */
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	run_term_raw(p->term);
	run_term_resize(p->term, p->child->master);
	child_signal(p->child, SIGCONT);
}

static void
on_report(struct run_pump * p)
{
	int status;

	if (!child_news(p->child, &status)) {
		/* The monitor was killed, and the command with it. */
		p->status = SIGKILL;
		p->ended = true;
	} else if (WIFSTOPPED(status)) {
		stop_too(p, WSTOPSIG(status));
	} else if (WIFEXITED(status) || WIFSIGNALED(status)) {
		p->status = status;
		p->ended = true;
	}
}

static void
on_signal(struct run_pump * p)
{
	struct signalfd_siginfo info;
	int number;

	if (read(p->signals, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return;
	number = (int)info.ssi_signo;
	switch (number) {
	case SIGWINCH:
		run_term_resize(p->term, p->child->master);
		return;
	case SIGCONT:
		run_term_raw(p->term);
		return;
	case SIGINT:
	case SIGTERM:
	case SIGHUP:
	case SIGQUIT:
		p->asked++;
		break;
	default:
		break;
	}
	if (!p->ended)
		child_signal(p->child, number);
}

static void
close_from(struct run_pump * p, struct run_out * o)
{

	if (o->from == p->child->master)
		p->child->master = -1;
	else if (o->from == p->child->out)
		p->child->out = -1;
	else
		p->child->err = -1;
	(void)close(o->from);
	o->from = -1;
}

static void
drop_empty(struct run_out * o)
{

	if (o->pending != NULL && redacted_len(o->pending) == 0)
		redacted_free(&o->pending);
}

/* False: there is nothing to read now. */
static bool
on_output(struct run_pump * p, struct run_out * o)
{
	static char buf[READ_MAX];
	ssize_t n;

	n = read(o->from, buf, sizeof(buf));
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return (false);
	if (n <= 0) {
		close_from(p, o);
		return (false);
	}
	run_out_take(o, buf, (size_t)n);
	explicit_bzero(buf, (size_t)n);
	stack_wipe();
	drop_empty(o);
	p->quiet_since = clock_monotonic_ms();
	return (true);
}

static void
write_out(struct run_pump * p, struct run_out * o)
{

	run_out_write(o);
	/* The command sees what it would have seen. */
	if (o->gone && o->from >= 0)
		close_from(p, o);
}

static bool
may_read(const struct run_pump * p, const struct run_out * o)
{

	return (o->from >= 0 && o->pending == NULL &&
	    (post_down(p->post) || backlog_room(o->backlog)));
}

static void
want(struct run_pump * p, struct pollfd fds[AT__MAX])
{
	struct run_out * o;
	size_t i;

	for (i = 0; i < AT__MAX; i++)
		fds[i] = (struct pollfd){ .fd = -1, .events = POLLIN };
	fds[AT_SIGNAL].fd = p->signals;
	fds[AT_POST].fd = post_fd(p->post);
	if (!p->ended)
		fds[AT_REPORT].fd = p->child->report;
	if (p->keys_n == 0 && run_term_reads(p->term))
		fds[AT_KEYS].fd = STDIN_FILENO;
	if (p->keys_n != 0 && p->child->master >= 0) {
		fds[AT_MASTER].fd = p->child->master;
		fds[AT_MASTER].events = POLLOUT;
	}
	for (i = 0; i < p->n; i++) {
		o = &p->out[i];
		if (o->pending != NULL) {
			fds[AT_OUT + i].fd = o->to;
			fds[AT_OUT + i].events = POLLOUT;
		} else if (may_read(p, o)) {
			fds[AT_OUT + i].fd = o->from;
		}
	}
}

static bool
busy(const struct run_pump * p)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		if (p->out[i].pending != NULL && !p->out[i].gone)
			return (true);
		/* The events take it first. */
		if (p->out[i].from >= 0 && !may_read(p, &p->out[i]))
			return (true);
	}
	return (false);
}

static int
patience(const struct run_pump * p)
{
	int64_t left;
	size_t i;

	/* What it wrote before its end is there to be read. */
	if (p->ended)
		return (busy(p) ? LOOK_MS : 0);
	for (i = 0; i < p->n; i++) {
		if (run_out_holds(&p->out[i])) {
			left = p->quiet_since + PAUSE_MS -
			    clock_monotonic_ms();
			return (left < 0 ? 0 : (int)left);
		}
	}
	return (LOOK_MS);
}

static void
pause_all(struct run_pump * p)
{
	size_t i;

	if (clock_monotonic_ms() - p->quiet_since < PAUSE_MS)
		return;
	for (i = 0; i < p->n; i++) {
		if (!run_out_holds(&p->out[i]))
			continue;
		run_out_pause(&p->out[i], p->typed, p->typed_n);
		drop_empty(&p->out[i]);
	}
}

/* Return whether anything of the command's output moved. */
static bool
turn(struct run_pump * p)
{
	struct pollfd fds[AT__MAX];
	eventfd_t count;
	bool moved = false;
	size_t i;

	want(p, fds);
	if (poll(fds, AT__MAX, patience(p)) < 0)
		return (true);
	if (fds[AT_SIGNAL].revents != 0)
		on_signal(p);
	if (fds[AT_POST].revents != 0)
		(void)eventfd_read(post_fd(p->post), &count);
	if (fds[AT_KEYS].revents != 0)
		run_keys_read(p);
	if (fds[AT_MASTER].revents != 0 && p->child->master >= 0)
		run_keys_write(p);
	for (i = 0; i < p->n; i++) {
		if (fds[AT_OUT + i].revents == 0)
			continue;
		if (p->out[i].pending != NULL) {
			write_out(p, &p->out[i]);
			moved = true;
		} else
			moved = on_output(p, &p->out[i]) || moved;
	}
	if (!p->ended && fds[AT_REPORT].revents != 0) {
		on_report(p);
		moved = true;
	}
	pause_all(p);
	look_what_is_said(p);
	return (moved);
}

/* What is held back, when nothing more comes. */
static void
finish_all(struct run_pump * p)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		redacted_free(&p->out[i].pending);
		run_out_finish(&p->out[i]);
		drop_empty(&p->out[i]);
	}
	look_what_is_said(p);
}

/** run_pump_run(p): until the command has ended and its output is out. */
void
run_pump_run(struct run_pump * p)
{
	bool moved = true;
	size_t i;

	while (!p->ended)
		(void)turn(p);
	/* A second request: who asks does not want to wait for a reader. */
	while ((moved || busy(p)) && p->asked < 2)
		moved = turn(p);
	for (i = 0; i < p->n; i++) {
		if (p->out[i].from >= 0)
			close_from(p, &p->out[i]);
	}
	finish_all(p);
	while (busy(p) && p->asked < 2)
		(void)turn(p);
}

/** run_pump_wait(p): until the run has ended, or was given up. */
void
run_pump_wait(struct run_pump * p)
{
	unsigned asked = p->asked;
	eventfd_t count;

	while (!post_finished(p->post)) {
		struct pollfd fds[] = {
			{ .fd = p->signals, .events = POLLIN },
			{ .fd = post_fd(p->post), .events = POLLIN },
		};

		if (poll(fds, COUNTOF(fds), LOOK_MS) <= 0)
			continue;
		if (fds[0].revents != 0)
			on_signal(p);
		if (fds[1].revents != 0)
			(void)eventfd_read(post_fd(p->post), &count);
		if (p->asked != asked)
			post_hurry(p->post);
	}
}
