#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/base/secbuf.h"
#include "core/base/secbuf_bytes.h"

#define FIRST_CAP	((size_t)4000)	/* A page, less the canary. */

/* One read(2) into the room that is left; *got is 0 at the end. */
static enum sr_error
read_some(int fd, void * into, size_t room, size_t * got)
{
	ssize_t n;

	do {
		n = read(fd, into, room);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return (SR_E_INPUT_UNREADABLE);
	*got = (size_t)n;
	return (SR_OK);
}

/* Move what is in *b to a buffer with more room, up to ${max}. */
static enum sr_error
enlarge(struct secbuf ** b, size_t max)
{
	struct secbuf * larger;
	size_t cap = secbuf_cap(*b) * 4;
	enum sr_error err;

	if ((err = secbuf_new(cap < max ? cap : max, &larger)) != SR_OK)
		return (err);
	memcpy(secbuf_writable(larger), secbuf_bytes(*b), secbuf_len(*b));
	secbuf_set_len(larger, secbuf_len(*b));
	secbuf_free(b);
	*b = larger;
	return (SR_OK);
}

/* Whether ${fd} is at its end: a full buffer is only then all there is. */
static enum sr_error
expect_end(int fd)
{
	uint8_t beyond;
	size_t got = 0;
	enum sr_error err;

	err = read_some(fd, &beyond, 1, &got);
	explicit_bzero(&beyond, 1);
	if (err == SR_OK && got != 0)
		err = SR_E_LIMIT_EXCEEDED;
	return (err);
}

/* Fill *b to its end or that of ${fd}; *end says which. */
static enum sr_error
fill(int fd, struct secbuf * b, bool * end)
{
	size_t got = 0;
	enum sr_error err;

	while (secbuf_len(b) < secbuf_cap(b)) {
		err = read_some(fd, secbuf_writable(b) + secbuf_len(b),
		    secbuf_cap(b) - secbuf_len(b), &got);
		if (err != SR_OK)
			return (err);
		*end = got == 0;
		if (*end)
			return (SR_OK);
		secbuf_set_len(b, secbuf_len(b) + got);
	}
	return (SR_OK);
}

/**
 * secbuf_read_fd(fd, max, out):
 * Read ${fd} to its end into a new buffer of at most ${max} bytes.
 */
enum sr_error
secbuf_read_fd(int fd, size_t max, struct secbuf ** out)
{
	struct secbuf * b;
	bool end = false;
	enum sr_error err;

	*out = NULL;
	if (max > SECBUF_MAX)
		return (SR_E_LIMIT_EXCEEDED);
	err = secbuf_new(FIRST_CAP < max ? FIRST_CAP : max, &b);
	if (err != SR_OK)
		return (err);
	while ((err = fill(fd, b, &end)) == SR_OK && !end) {
		if (secbuf_len(b) == max) {
			err = expect_end(fd);
			break;
		}
		if ((err = enlarge(&b, max)) != SR_OK)
			break;
	}
	if (err != SR_OK)
		secbuf_free(&b);
	*out = b;
	return (err);
}

/**
 * secbuf_read_line(fd, max, out):
 * Read one line, without its LF, byte by byte.
 */
enum sr_error
secbuf_read_line(int fd, size_t max, struct secbuf ** out)
{
	struct secbuf * b;
	uint8_t c = 0;
	ssize_t n;
	size_t len = 0;
	enum sr_error err;

	*out = NULL;
	if ((err = secbuf_new(max, &b)) != SR_OK)
		return (err);
	while ((n = read(fd, &c, 1)) == 1 && c != '\n') {
		if (len == max) {
			err = SR_E_LIMIT_EXCEEDED;
			break;
		}
		secbuf_writable(b)[len++] = c;
		secbuf_set_len(b, len);
	}
	explicit_bzero(&c, 1);
	/* A signal ends it as well: somebody gave up. */
	if (n < 0)
		err = SR_E_INPUT_UNREADABLE;
	if (err != SR_OK)
		secbuf_free(&b);
	*out = b;
	return (err);
}
