#include <stdlib.h>
#include <string.h>

#include "core/base/secbuf_bytes.h"
#include "core/redact/alloc_internal.h"
#include "core/redact/stream_internal.h"

/*
 * Where a stream stands, in numbers of eight bytes, the lowest first: FORMAT;
 * at, out, more_end, more of struct scan; the known spans before out, which
 * rules do not look across, and how many; how many bytes are held; the bytes.
 * What was found behind out is found again: the live set may be another one.
 */
#define FORMAT	UINT64_C(0x31547253)
#define NUMBER	((size_t)8)
#define HEAD	(7 * NUMBER)

static void
put(uint8_t ** to, uint64_t number)
{
	size_t i;

	for (i = 0; i < NUMBER; i++)
		*(*to)++ = (uint8_t)(number >> (8 * i));
}

static uint64_t
get(const uint8_t ** from)
{
	uint64_t number = 0;
	size_t i;

	for (i = 0; i < NUMBER; i++)
		number |= (uint64_t)*(*from)++ << (8 * i);
	return (number);
}

static size_t
count_walls(const struct scan * s)
{
	size_t i, n = 0;

	for (i = 0; i < s->known.n; i++)
		n += s->known.v[i].start < s->out;
	return (n);
}

static void
write_state(const struct redact_stream * s, const struct scan * scan,
    size_t walls, uint8_t * to)
{
	size_t i;

	put(&to, FORMAT);
	put(&to, s->at);
	put(&to, scan->out);
	put(&to, scan->more_end);
	put(&to, scan->more);
	put(&to, walls);
	put(&to, s->len);
	for (i = 0; i < scan->known.n; i++) {
		if (scan->known.v[i].start >= scan->out)
			continue;
		put(&to, scan->known.v[i].start);
		put(&to, scan->known.v[i].end);
	}
	if (s->len != 0)
		memcpy(to, s->held, s->len);
}

/** redact_suspend(s, state): what another process needs to go on. */
enum sr_error
redact_suspend(struct redact_stream * s, struct secbuf ** state)
{
	const struct redact_hits none = { .known = 0 };
	const struct scan * scan = s->resumed;
	enum sr_error err;
	size_t walls, len;

	*state = NULL;
	must(!s->finished && s->shown == 0);
	if (s->failed != REDACT_CAUSE_NONE)
		return (gate_done(s->r, s->channel, s->failed, &none));
	if (s->work != NULL)
		scan = &s->work->scan;
	if (scan == NULL)
		return (SR_OK);
	walls = count_walls(scan);
	len = HEAD + 2 * NUMBER * walls + s->len;
	if (len > SECBUF_MAX)
		return (gate_done(s->r, s->channel, REDACT_CAUSE_LIMIT, &none));
	if ((err = secbuf_new(len, state)) != SR_OK)
		return (err);
	write_state(s, scan, walls, secbuf_writable(*state));
	secbuf_set_len(*state, len);
	return (SR_OK);
}

static bool
read_walls(struct scan * scan, size_t walls, const uint8_t ** p)
{
	struct span span = { .known = NULL };

	for (; walls > 0; walls--) {
		span.start = span.from = (size_t)get(p);
		span.end = span.to = (size_t)get(p);
		if (span.start >= scan->out || span.start >= span.end ||
		    (scan->known.n != 0 &&
		    span.start < scan->known.v[scan->known.n - 1].end) ||
		    !span_add(&scan->known, &span))
			return (false);
	}
	return (true);
}

/* Read ${p}; false if it is none of ours, or when out of memory. */
static bool
read_state(struct redact_stream * s, const uint8_t * p, size_t len)
{
	struct scan * scan = s->resumed;
	size_t walls;

	if (len < HEAD || get(&p) != FORMAT)
		return (false);
	s->at = get(&p);
	scan->out = scan->known_from = scan->rules_from = (size_t)get(&p);
	scan->more_end = (size_t)get(&p);
	scan->more = get(&p) == 1;
	scan->generation = SCAN_CHANGING;
	walls = (size_t)get(&p);
	s->len = (size_t)get(&p);
	len -= HEAD;
	if (walls > len / (2 * NUMBER) || s->len != len - 2 * NUMBER * walls ||
	    scan->out > s->len || !read_walls(scan, walls, &p))
		return (false);
	len = s->len;
	s->len = 0;
	if (!stream_reserve(s, len))
		return (false);
	if (len != 0)
		memcpy(s->held, p, len);
	s->len = len;
	return (true);
}

/** redact_resume(r, channel, options, state, out): a stream that goes on. */
enum sr_error
redact_resume(struct redact * r, enum redact_channel channel,
    const struct redact_stream_options * options, const struct secbuf * state,
    struct redact_stream ** out)
{
	enum sr_error err;

	if ((err = redact_open(r, channel, options, out)) != SR_OK ||
	    state == NULL)
		return (err);
	if (((*out)->resumed = redact_alloc(sizeof(*(*out)->resumed))) ==
	    NULL) {
		redact_stream_free(out);
		return (SR_E_OUT_OF_MEMORY);
	}
	*(*out)->resumed = (struct scan){ .out = 0 };
	if (read_state(*out, secbuf_bytes(state), secbuf_len(state)))
		return (SR_OK);
	redact_stream_free(out);
	return (SR_E_INTERNAL_ERROR);
}
