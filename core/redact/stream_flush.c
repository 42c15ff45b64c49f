#include <stdlib.h>
#include <string.h>

#include "core/redact/flush_internal.h"
#include "core/redact/redacted_internal.h"
#include "core/redact/stream_internal.h"

/* What is held is something large and open: it is not looked through. */
#define FLUSH_MOST	((size_t)4096)

/*
 * What may be shown is counted from where the stream stands, which is before
 * the begin of anything that is not decided, and is not moved by it: so
 * however often there is a pause, it is the same bytes of a secret.
 */

/** stream_unshow(s, from, cut, out): without what was shown before. */
bool
stream_unshow(struct redact_stream * s, size_t from, size_t cut,
    struct redacted ** out)
{
	const struct span_list * spans = &s->work->scan.spans;
	size_t end = from + s->shown, drop;
	struct redacted * rest;

	if (s->shown == 0)
		return (true);
	if (end > cut)
		end = cut;
	drop = end - from;
	if (spans->n != 0 && spans->v[0].start < end)
		drop = spans->v[0].start - from;
	s->shown -= end - from;
	rest = redacted_copy(&(*out)->bytes[drop], (*out)->len - drop);
	redacted_free(out);
	*out = rest;
	return (rest != NULL);
}

/** redact_settled(s): bytes that no more is asked of. */
uint64_t
redact_settled(const struct redact_stream * s)
{

	if (s->resumed != NULL)
		return (s->at + s->resumed->out);
	return (s->work == NULL ? s->at : s->at + s->work->scan.out);
}

/* How many of the last bytes are the last that were typed. */
static size_t
count_typed(const struct redact_stream * s, const char * typed, size_t n)
{
	size_t i;

	for (i = 0; i < n && i < s->len; i++) {
		if (typed[n - 1 - i] != s->held[s->len - 1 - i])
			break;
	}
	return (i);
}

/* Before the first of these that is not out. */
static size_t
before(const struct span_list * spans, size_t out, size_t end)
{
	size_t i;

	for (i = 0; i < spans->n; i++) {
		if (spans->v[i].end > out && spans->v[i].start < end)
			end = spans->v[i].start;
	}
	return (end < out ? out : end);
}

/* Up to where it may be shown, from ${scan}->out on. */
static size_t
limit(const struct redact_stream * s, const struct scan_with * with,
    size_t typed)
{
	const struct scan * scan = &s->work->scan;
	size_t end = s->len, most;

	if (scan->more || s->len - scan->out > FLUSH_MOST)
		return (scan->out);
	end = before(&scan->known, scan->out, end);
	end = before(&scan->rules, scan->out, end);
	most = flush_known(with, s->held, s->len, scan->out, typed);
	if (most < end)
		end = most;
	most = flush_rules(s->held, s->len, scan->out);
	if (most < end)
		end = most;
	return (end < scan->out ? scan->out : end);
}

static struct redacted *
joined(struct redacted ** first, const char * p, size_t len)
{
	struct redacted * t = redacted_new((*first)->len + len);

	if (t != NULL) {
		memcpy(t->bytes, (*first)->bytes, (*first)->len);
		if (len != 0)
			memcpy(&t->bytes[(*first)->len], p, len);
	}
	redacted_free(first);
	return (t);
}

/** redact_flush(s, typed, n, out): what a pause lets be seen. */
enum sr_error
redact_flush(struct redact_stream * s, const char * typed, size_t n,
    struct redacted ** out)
{
	enum redact_cause cause;
	enum sr_error err;
	struct gate g;
	size_t from, end;

	/* The live set may have changed: look again first. */
	if ((err = redact_feed(s, NULL, 0, out)) != SR_OK)
		return (err);
	cause = gate_enter(&g, s->r, s->mode, 0, &s->work);
	if (cause == REDACT_CAUSE_NONE) {
		from = s->work->scan.out + s->shown;
		end = limit(s, &g.with, count_typed(s, typed, n));
		if (end < from)
			end = from;
		*out = joined(out, s->held == NULL ? NULL : &s->held[from],
		    end - from);
		s->shown = end - s->work->scan.out;
		gate_leave(&g, &s->work, true);
		if (*out != NULL)
			return (SR_OK);
		cause = REDACT_CAUSE_MEMORY;
	}
	redacted_free(out);
	return (stream_broken(s, cause));
}
