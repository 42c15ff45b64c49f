#include <sys/eventfd.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/stack.h"
#include "core/base/strbuf.h"
#include "core/log/capture.h"
#include "core/log/log.h"
#include "core/redact/redact.h"

#ifdef SR_SANITIZED
#include <sanitizer/common_interface_defs.h>
#endif

/* What has no end for so long is a line all the same. */
#define LINE_MOST	((size_t)8 * 1024)

/* So long after a line's end a library has said what it had to say. */
#define PAUSE_MS	200

struct capture {
	struct redact * r;
	struct redact_stream * stream;
	struct strbuf line;		/* Passed the gate already. */
	bool at_end;			/* What came last was a line's end. */
	bool skip;			/* To the next line's end. */
	int console;			/* The real one. */
	int pipe;			/* Its end to read from. */
	int stop;			/* eventfd. */
	pthread_t thread;
};

static void
flush_line(struct capture * c)
{

	if (c->line.len > 0)
		LOG(STDERR_LINE, log_text("text", strbuf_str(&c->line)));
	strbuf_reset(&c->line);
}

static void
add_passed(struct capture * c, const struct redacted * t)
{
	const char * p = redacted_bytes(t);
	size_t i;

	for (i = 0; i < redacted_len(t); i++) {
		if (p[i] == '\n' || c->line.len == LINE_MOST)
			flush_line(c);
		if (p[i] != '\n' && p[i] != '\0')
			strbuf_putc(&c->line, p[i]);
	}
}

static void
withheld(struct capture * c)
{

	redact_stream_free(&c->stream);
	strbuf_reset(&c->line);
	/* What follows may be the rest of something. */
	c->skip = !c->at_end;
	LOG(REDACTION_FAILED, log_const("of",
	    log_event_name(LOG_STDERR_LINE)),
	    log_const("cause", redact_cause_name(redact_last_cause())));
}

static size_t
skip_line(struct capture * c, const char * bytes, size_t len)
{
	const char * newline;

	if (!c->skip)
		return (0);
	if ((newline = memchr(bytes, '\n', len)) == NULL)
		return (len);
	c->skip = false;
	return ((size_t)(newline + 1 - bytes));
}

static void
feed(struct capture * c, const char * bytes, size_t len)
{
	struct redacted * t = NULL;
	size_t skipped = skip_line(c, bytes, len);

	bytes += skipped;
	len -= skipped;
	if (len == 0)
		return;
	c->at_end = bytes[len - 1] == '\n';
	if (c->stream == NULL &&
	    redact_open(c->r, REDACT_LOG, NULL, &c->stream) != SR_OK) {
		withheld(c);
		return;
	}
	if (redact_feed(c->stream, bytes, len, &t) == SR_OK)
		add_passed(c, t);
	else
		withheld(c);
	redacted_free(&t);
}

/* Nothing follows for now: what is held back is all there is of it. */
static void
settle(struct capture * c)
{
	struct redacted * t = NULL;

	if (c->stream == NULL)
		return;
	if (redact_finish(c->stream, &t) == SR_OK) {
		add_passed(c, t);
		flush_line(c);
		redact_stream_free(&c->stream);
	} else {
		withheld(c);
	}
	redacted_free(&t);
}

/* What there is in the pipe; false: nothing. */
static bool
take(struct capture * c)
{
	char buf[4096];
	ssize_t n;

	do {
		n = read(c->pipe, buf, sizeof(buf));
	} while (n == -1 && errno == EINTR);
	if (n > 0)
		feed(c, buf, (size_t)n);
	explicit_bzero(buf, sizeof(buf));
	return (n > 0);
}

static void *
thread_main(void * cookie)
{
	struct capture * c = cookie;
	struct pollfd fds[2] = { { .fd = c->pipe, .events = POLLIN },
	    { .fd = c->stop, .events = POLLIN } };
	int n;

	for (;;) {
		/* Half a line is awaited for as long as it takes. */
		n = poll(fds, 2, c->stream != NULL && c->at_end ? PAUSE_MS :
		    -1);
		if (n == 0)
			settle(c);
		else if (n > 0 && (fds[0].revents & POLLIN) != 0)
			(void)take(c);
		else if (n > 0 && fds[1].revents != 0)
			break;
		stack_wipe();
	}
	settle(c);
	return (NULL);
}

static void
report_to(int fd)
{

	sr_console_set(fd);
#ifdef SR_SANITIZED
	/* What a sanitizer finds ends the process at once. */
	__sanitizer_set_report_fd((void *)(intptr_t)fd);
#endif
}

/* 2 becomes the pipe, and the console what 2 was. */
static bool
divert(struct capture * c)
{
	int fds[2];
	bool good;

	if ((c->console = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)) == -1 ||
	    pipe2(fds, O_CLOEXEC) == -1)
		return (false);
	c->pipe = fds[0];
	/* The pipe is to be emptied at the end, without waiting for more. */
	good = fcntl(c->pipe, F_SETFL, O_NONBLOCK) != -1 &&
	    dup2(fds[1], STDERR_FILENO) != -1;
	(void)close(fds[1]);
	return (good);
}

static void
restore(struct capture * c)
{

	if (c->console != -1) {
		(void)dup2(c->console, STDERR_FILENO);
		report_to(STDERR_FILENO);
	}
}

static void
release(struct capture * c)
{

	if (c->console != -1)
		(void)close(c->console);
	if (c->pipe != -1)
		(void)close(c->pipe);
	if (c->stop != -1)
		(void)close(c->stop);
	redact_stream_free(&c->stream);
	strbuf_free(&c->line);
	free(c);
}

/* Signals are for the threads that wait for them: it takes none. */
static int
start_thread(pthread_t * thread, const pthread_attr_t * attr,
    void * (* work)(void *), void * cookie)
{
	sigset_t all, former;
	int rc;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &former);
	rc = pthread_create(thread, attr, work, cookie);
	(void)pthread_sigmask(SIG_SETMASK, &former, NULL);
	return (rc);
}

/** capture_start(r, out): standard error becomes lines of the log. */
enum sr_error
capture_start(struct redact * r, struct capture ** out)
{
	struct capture * c;

	*out = NULL;
	if ((c = calloc(1, sizeof(*c))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	c->r = r;
	c->console = c->pipe = -1;
	strbuf_init(&c->line, LINE_MOST);
	c->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (c->stop == -1 || !divert(c))
		goto err;
	report_to(c->console);
	log_open(r, c->console);
	if (start_thread(&c->thread, NULL, thread_main, c) == 0) {
		*out = c;
		return (SR_OK);
	}

err:
	restore(c);
	log_open(r, STDERR_FILENO);
	release(c);
	return (sr_fail(SR_E_INTERNAL_ERROR, log_const("step", "capture")));
}

/** capture_stop(c): log what is left, and put standard error back. */
void
capture_stop(struct capture ** capture)
{
	struct capture * c = *capture;

	*capture = NULL;
	if (c == NULL)
		return;
	(void)eventfd_write(c->stop, 1);
	(void)pthread_join(c->thread, NULL);
	while (take(c))
		continue;
	settle(c);
	restore(c);
	release(c);
}
