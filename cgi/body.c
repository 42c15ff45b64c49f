#include "cgi/body.h"
#include "core/base/clock.h"
#include "core/base/secbuf_bytes.h"

#define PIECE		((size_t)64 * 1024)
#define DRAIN_MS	10000

/* Fill ${b} until it is full or the body ends. */
static void
fill(const struct source * source, struct secbuf * b)
{
	size_t len = secbuf_len(b);
	size_t n;

	while (len < secbuf_cap(b)) {
		n = source->read(source->cookie, secbuf_writable(b) + len,
		    secbuf_cap(b) - len);
		if (n == 0)
			break;
		must(n <= secbuf_cap(b) - len);
		len += n;
		secbuf_set_len(b, len);
	}
}

/* A chunked body that has filled its limit may have ended exactly there. */
static bool
more_comes(const struct source * source)
{
	uint8_t byte = 0;
	size_t n = source->read(source->cookie, &byte, 1);

	explicit_bzero(&byte, sizeof(byte));
	return (n > 0);
}

enum sr_error
body_read(const struct source * source, const struct request * r,
    size_t limit, struct secbuf ** out)
{
	size_t cap = limit;
	enum sr_error err;

	*out = NULL;
	if (r->has_length && r->length > limit)
		return (SR_E_REQUEST_BODY_TOO_LARGE);
	if (r->has_length)
		cap = (size_t)r->length;
	if ((err = secbuf_new(cap, out)) != SR_OK)
		return (err);
	fill(source, *out);
	if (source->broken(source->cookie) ||
	    (r->has_length && secbuf_len(*out) < cap))
		err = SR_E_REQUEST_INCOMPLETE;
	else if (!r->has_length && secbuf_len(*out) == cap &&
	    more_comes(source))
		err = SR_E_REQUEST_BODY_TOO_LARGE;
	if (err != SR_OK)
		secbuf_free(out);
	return (err);
}

static enum sr_error
each_piece(const struct source * source, const struct request * r,
    struct secbuf * b, body_piece_fn * fn, void * cookie)
{
	uint64_t came = 0;
	enum sr_error err;
	size_t n;

	for (;;) {
		n = secbuf_cap(b);
		if (r->has_length && r->length - came < n)
			n = (size_t)(r->length - came);
		if (n != 0)
			n = source->read(source->cookie, secbuf_writable(b),
			    n);
		if (n == 0)
			break;
		must(n <= secbuf_cap(b));
		secbuf_set_len(b, n);
		came += n;
		err = fn((const char *)secbuf_bytes(b), n, cookie);
		if (err != SR_OK)
			return (err);
	}
	if (source->broken(source->cookie) ||
	    (r->has_length && came < r->length))
		return (SR_E_REQUEST_INCOMPLETE);
	return (SR_OK);
}

enum sr_error
body_pieces(const struct source * source, const struct request * r,
    body_piece_fn * fn, void * cookie)
{
	struct secbuf * b = NULL;
	enum sr_error err;

	if ((err = secbuf_new(PIECE, &b)) == SR_OK)
		err = each_piece(source, r, b, fn, cookie);
	secbuf_free(&b);
	return (err);
}

void
body_drain(const struct source * source, uint64_t most)
{
	int64_t end = clock_monotonic_ms() + DRAIN_MS;
	struct secbuf * b = NULL;
	size_t n = 1;

	if (secbuf_new(PIECE, &b) != SR_OK)
		return;
	while (n != 0 && most > 0 && clock_monotonic_ms() < end) {
		n = source->read(source->cookie, secbuf_writable(b),
		    most < PIECE ? (size_t)most : PIECE);
		most -= n;
	}
	secbuf_free(&b);
}
