#include "cgi/body.h"
#include "core/base/secbuf_bytes.h"

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
