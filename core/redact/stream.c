#include <stdlib.h>
#include <string.h>

#include "core/redact/alloc_internal.h"
#include "core/redact/redacted_internal.h"
#include "core/redact/stream_internal.h"

#define FIRST_CAP	((size_t)8 * 1024)

/** redact_open(r, channel, options, out): a text that comes in pieces. */
enum sr_error
redact_open(struct redact * r, enum redact_channel channel,
    const struct redact_stream_options * options, struct redact_stream ** out)
{
	struct redact_stream * s;

	*out = NULL;
	if ((s = redact_alloc(sizeof(*s))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	*s = (struct redact_stream){ .r = r, .channel = channel,
	    .mode = options != NULL && options->rules_only ? GATE_RULES :
	    GATE_READY };
	if (options != NULL)
		s->options = *options;
	*out = s;
	return (SR_OK);
}

static void
wipe(struct redact_stream * s)
{

	if (s->held != NULL)
		explicit_bzero(s->held, s->cap);
	free(s->held);
	s->held = NULL;
	s->len = s->cap = 0;
	if (s->resumed != NULL)
		scan_free(s->resumed);
	free(s->resumed);
	s->resumed = NULL;
	gate_work_give(s->r, &s->work);
}

/** redact_stream_free(s): wipe and release. */
void
redact_stream_free(struct redact_stream ** s)
{

	if (s == NULL || *s == NULL)
		return;
	wipe(*s);
	free(*s);
	*s = NULL;
}

/** redact_stream_hits(s): what was masked so far. */
struct redact_hits
redact_stream_hits(const struct redact_stream * s)
{

	return (s->hits);
}

/**
 * stream_reserve(s, len): room for ${len} more bytes. Not realloc(3): it leaves
 * a copy behind.
 */
bool
stream_reserve(struct redact_stream * s, size_t len)
{
	size_t cap = s->cap == 0 ? FIRST_CAP : s->cap;
	char * p;

	while (cap - s->len < len)
		cap *= 2;
	if (cap == s->cap)
		return (true);
	if ((p = redact_alloc(cap)) == NULL)
		return (false);
	if (s->len != 0)
		memcpy(p, s->held, s->len);
	if (s->held != NULL)
		explicit_bzero(s->held, s->cap);
	free(s->held);
	s->held = p;
	s->cap = cap;
	return (true);
}

/* The first ${n} bytes are needed no more, nor what stands behind the last. */
static void
drop(struct redact_stream * s, size_t n)
{
	size_t rest = s->len - n;

	if (n == 0)
		return;
	memmove(s->held, &s->held[n], rest);
	explicit_bzero(&s->held[rest], n);
	s->len = rest;
	s->at += n;
	scan_shift(&s->work->scan, n);
}

static enum redact_cause
step(struct redact_stream * s, struct gate * g, const char * bytes,
    size_t len, bool last, struct redacted ** out)
{
	struct view view = { .at = s->at, .last = last };
	enum redact_cause cause;
	size_t from, cut;

	if (!stream_reserve(s, len))
		return (REDACT_CAUSE_MEMORY);
	if (len != 0)
		memcpy(&s->held[s->len], bytes, len);
	s->len += len;
	view.text = s->held;
	view.len = s->len;
	from = s->work->scan.out;
	cause = gate_mask(g, &s->work->scan, &view, &cut, &s->hits, out);
	if (cause != REDACT_CAUSE_NONE)
		return (cause);
	if (!stream_unshow(s, from, cut, out))
		return (REDACT_CAUSE_MEMORY);
	if (s->len - cut > REDACT_HELD_MAX)
		return (REDACT_CAUSE_LIMIT);
	drop(s, scan_advance(&s->work->scan, cut));
	return (REDACT_CAUSE_NONE);
}

/* Where it stood, if it was resumed and this is the first piece. */
static void
go_on(struct redact_stream * s)
{

	if (s->resumed == NULL)
		return;
	scan_free(&s->work->scan);
	s->work->scan = *s->resumed;
	free(s->resumed);
	s->resumed = NULL;
}

static enum sr_error
pass(struct redact_stream * s, const char * bytes, size_t len, bool last,
    struct redacted ** out)
{
	const struct redact_hits counted = s->hits;
	enum redact_cause cause = s->failed;
	struct gate g;

	*out = NULL;
	must(!s->finished);
	if (cause == REDACT_CAUSE_NONE &&
	    (cause = gate_enter(&g, s->r, s->mode, len, &s->work)) ==
	    REDACT_CAUSE_NONE) {
		g.counters = &s->r->counters[s->channel];
		g.reader = s->options.reader;
		g.tally = s->options.tally;
		g.untagged = s->options.untagged;
		go_on(s);
		cause = step(s, &g, bytes, len, last, out);
		gate_leave(&g, &s->work, true);
	}
	s->finished = last;
	if (cause != REDACT_CAUSE_NONE || last)
		wipe(s);
	if (cause != REDACT_CAUSE_NONE)
		redacted_free(out);
	s->failed = cause;
	return (gate_piece(s->r, s->channel, cause, &counted, &s->hits, last));
}

/** redact_feed(s, bytes, len, out): the next piece. */
enum sr_error
redact_feed(struct redact_stream * s, const char * bytes, size_t len,
    struct redacted ** out)
{

	return (pass(s, bytes, len, false, out));
}

/** redact_finish(s, out): the end. */
enum sr_error
redact_finish(struct redact_stream * s, struct redacted ** out)
{

	return (pass(s, NULL, 0, true, out));
}

/** stream_broken(s, cause): it has failed; the channel's error. */
enum sr_error
stream_broken(struct redact_stream * s, enum redact_cause cause)
{
	const struct redact_hits counted = s->hits;

	wipe(s);
	s->failed = cause;
	return (gate_piece(s->r, s->channel, cause, &counted, &s->hits,
	    false));
}
