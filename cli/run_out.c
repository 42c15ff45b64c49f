#include <sys/stat.h>

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "cli/run_out.h"
#include "core/base/secbuf_bytes.h"
#include "core/redact/redact.h"

/** run_out_open(o, redact, backlog): ready for what the command writes. */
enum sr_error
run_out_open(struct run_out * o, struct redact * redact,
    struct backlog * backlog)
{

	o->redact = redact;
	o->backlog = backlog;
	return (secbuf_new(SECBUF_MAX, &o->raw));
}

/* The first ${n} bytes of what is kept are the backlog's now, or lost: all of
 * them, for a secret may lie anywhere in them. */
static void
keep(struct run_out * o, size_t n)
{
	uint8_t * raw = secbuf_writable(o->raw);
	size_t len = secbuf_len(o->raw);

	if (n != 0 && (o->torn || !backlog_put(o->backlog, o->stream,
	    (const char *)raw, n)))
		backlog_lost(o->backlog, o->stream, n);
	memmove(raw, &raw[n], len - n);
	secbuf_set_len(o->raw, len - n);
	o->kept += n;
}

static void
keep_decided(struct run_out * o)
{
	uint64_t decided = redact_settled(o->gate);

	if (decided <= o->kept)
		return;
	keep(o, (size_t)(decided - o->kept));
	o->torn = false;
}

/* More is open than is kept: it is lost, and what follows is too until the
 * gate has decided on it. */
static void
make_room(struct run_out * o, size_t len)
{

	if (secbuf_cap(o->raw) - secbuf_len(o->raw) < len) {
		o->torn = true;
		keep(o, secbuf_len(o->raw));
	}
}

static void
keep_raw(struct run_out * o, const char * bytes, size_t len)
{
	size_t had;

	make_room(o, len);
	had = secbuf_len(o->raw);
	memcpy(&secbuf_writable(o->raw)[had], bytes, len);
	secbuf_set_len(o->raw, had + len);
}

/* It is not shown, and not kept either: nobody knows where it may be cut. */
static void
withhold(struct run_out * o, size_t len)
{

	o->withheld += len;
	backlog_lost(o->backlog, o->stream, len);
}

static void
shut(struct run_out * o)
{

	withhold(o, secbuf_len(o->raw));
	secbuf_set_len(o->raw, 0);
	redact_stream_free(&o->gate);
	o->fed = o->kept = 0;
	o->torn = false;
	/* What follows may be the rest of something. */
	o->skip = true;
}

/* A gate for what follows, if somebody can vouch again. */
static bool
ready(struct run_out * o)
{
	const struct redact_stream_options options = { .untagged =
	    o->untagged };

	if (o->gate != NULL)
		return (true);
	return (redact_state(o->redact) == REDACT_READY &&
	    redact_open(o->redact, REDACT_PUBSUB, &options, &o->gate) ==
	    SR_OK);
}

/* After what was withheld: from the next line on. */
static size_t
skip_line(struct run_out * o, const char * bytes, size_t len)
{
	const char * newline;
	size_t n = 0;

	if (o->skip) {
		newline = memchr(bytes, '\n', len);
		n = newline == NULL ? len : (size_t)(newline + 1 - bytes);
		o->skip = newline == NULL;
		withhold(o, n);
	}
	return (n);
}

/** run_out_take(o, bytes, len): what the command wrote. */
void
run_out_take(struct run_out * o, const char * bytes, size_t len)
{
	struct redacted * passed;
	size_t skipped;

	o->paused = false;
	if (!ready(o)) {
		o->skip = true;
		withhold(o, len);
		return;
	}
	skipped = skip_line(o, bytes, len);
	bytes += skipped;
	len -= skipped;
	if (len == 0)
		return;
	keep_raw(o, bytes, len);
	o->fed += len;
	if (redact_feed(o->gate, bytes, len, &passed) != SR_OK) {
		shut(o);
		return;
	}
	keep_decided(o);
	o->pending = passed;
	o->written = 0;
}

/** run_out_holds(o): whether a pause may show something. */
bool
run_out_holds(const struct run_out * o)
{

	return (o->pauses && !o->paused && o->pending == NULL &&
	    o->gate != NULL && redact_settled(o->gate) < o->fed);
}

/** run_out_pause(o, typed, n): it writes nothing now. */
void
run_out_pause(struct run_out * o, const char * typed, size_t n)
{

	o->paused = true;
	if (redact_flush(o->gate, typed, n, &o->pending) != SR_OK) {
		shut(o);
		return;
	}
	o->written = 0;
	keep_decided(o);
}

/** run_out_finish(o): it writes nothing more. */
void
run_out_finish(struct run_out * o)
{

	must(o->pending == NULL);
	if (o->gate == NULL)
		return;
	if (redact_finish(o->gate, &o->pending) != SR_OK) {
		shut(o);
		return;
	}
	o->written = 0;
	keep(o, secbuf_len(o->raw));
	o->torn = false;
	redact_stream_free(&o->gate);
}

/*
 * So much that it does not block: what a pipe has room for when it says that
 * it has, and what the other terminals take.
 */
static size_t
step(const struct run_out * o)
{
	struct stat st;

	if (fstat(o->to, &st) == 0 && S_ISREG(st.st_mode))
		return (SIZE_MAX);
	return (PIPE_BUF);
}

/** run_out_write(o): ${to} is writable. */
void
run_out_write(struct run_out * o)
{
	ssize_t n;

	if (o->gone)
		n = (ssize_t)(redacted_len(o->pending) - o->written);
	else
		n = redacted_write_some(o->to, o->pending, o->written,
		    step(o));
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n < 0)
		o->gone = true;
	else
		o->written += (size_t)n;
	if (o->gone || o->written == redacted_len(o->pending))
		redacted_free(&o->pending);
}

/** run_out_close(o): release. */
void
run_out_close(struct run_out * o)
{

	redact_stream_free(&o->gate);
	redacted_free(&o->pending);
	secbuf_free(&o->raw);
}
