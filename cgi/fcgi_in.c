#include <sys/socket.h>
#include <sys/uio.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgi/fcgi_in.h"
#include "core/base/clock.h"

/* FastCGI 1.0, 3.3, 5.1 and 8. */
#define VERSION		1
#define BEGIN_REQUEST	1
#define PARAMS		4
#define STDIN		5
#define RESPONDER	1
#define HEAD_LEN	((size_t)8)
#define BEGIN_LEN	8

/* Who says nothing while others wait at the door. */
#define SLICE_MS	100
#define CROWDED_MS	1000

/* A body has this long, and a second more for each so many bytes of it. */
#define BODY_MS		30000
#define BODY_RATE	4096

#define LINGER_MS	2000

struct head {
	unsigned type;
	uint16_t id;
	size_t len, padding;
};

struct incoming {
	int listener;
	int fd;			/* -1: none. */
	int64_t ends_at;	/* Monotonic ms. */
	int64_t body_since;
	uint64_t came;		/* Bytes of the body. */
	uint16_t id;
	size_t left, padding;	/* Of the body's record. */
	bool ended, broken;
	size_t at, have;	/* In ${bytes}, */
	size_t dirty;		/* of which so many have been used. */
	uint8_t bytes[16384];
	size_t params;
	uint8_t pairs[INCOMING_PARAMS_MAX];
};

struct incoming *
incoming_new(int listener)
{
	struct incoming * in = calloc(1, sizeof(*in));

	if (in != NULL) {
		in->listener = listener;
		in->fd = -1;
	}
	return (in);
}

void
incoming_free(struct incoming ** in)
{

	if (*in != NULL)
		incoming_leave(*in);
	free(*in);
	*in = NULL;
}

void
incoming_leave(struct incoming * in)
{

	explicit_bzero(in->bytes, in->dirty);
	explicit_bzero(in->pairs, in->params);
	in->at = in->have = in->dirty = in->params = 0;
	in->left = in->padding = 0;
	in->came = 0;
	in->ended = in->broken = false;
	in->fd = -1;
}

static bool
others_wait(const struct incoming * in)
{
	struct pollfd p = { .fd = in->listener, .events = POLLIN };

	return (poll(&p, 1, 0) == 1);
}

/* Until something can be read; false when the time is over. */
static bool
wait_readable(const struct incoming * in, int64_t crowded_at)
{
	struct pollfd p = { .fd = in->fd, .events = POLLIN };
	int64_t left, now;
	int n;

	for (;;) {
		now = clock_monotonic_ms();
		left = in->ends_at - now;
		if (left <= 0 || (now >= crowded_at && others_wait(in)))
			return (false);
		if (crowded_at != INT64_MAX && left > SLICE_MS)
			left = SLICE_MS;
		n = poll(&p, 1, (int)left);
		if (n == 1)
			return (true);
		if (n == -1 && errno != EINTR)
			return (false);
	}
}

/* More bytes, when all that were there have been taken. */
static bool
fill(struct incoming * in, int64_t crowded_at)
{
	ssize_t n;

	if (in->at < in->have)
		return (true);
	do {
		n = recv(in->fd, in->bytes, sizeof(in->bytes), MSG_DONTWAIT);
		if (n == -1 && errno == EAGAIN &&
		    !wait_readable(in, crowded_at))
			return (false);
	} while (n == -1 && (errno == EAGAIN || errno == EINTR));
	if (n <= 0)
		return (false);
	in->at = 0;
	in->have = (size_t)n;
	in->dirty = in->dirty > in->have ? in->dirty : in->have;
	return (true);
}

static size_t
some(struct incoming * in, void * into, size_t len, int64_t crowded_at)
{
	size_t n;

	if (len == 0 || !fill(in, crowded_at))
		return (0);
	n = in->have - in->at;
	n = n < len ? n : len;
	if (into != NULL)
		memcpy(into, &in->bytes[in->at], n);
	in->at += n;
	return (n);
}

static bool
all(struct incoming * in, uint8_t * into, size_t len, int64_t crowded_at)
{
	size_t n, got = 0;

	while (got < len) {
		n = some(in, into == NULL ? NULL : &into[got], len - got,
		    crowded_at);
		if (n == 0)
			return (false);
		got += n;
	}
	return (true);
}

static bool
read_head(const uint8_t b[HEAD_LEN], struct head * out)
{

	*out = (struct head){ .type = b[1],
	    .id = (uint16_t)(b[2] << 8 | b[3]),
	    .len = (size_t)b[4] << 8 | b[5], .padding = b[6] };
	return (b[0] == VERSION && out->id != 0);
}

/* The first record: a request, and of a responder. */
static bool
take_begin(struct incoming * in, int64_t crowded_at)
{
	uint8_t b[HEAD_LEN + BEGIN_LEN];
	struct head head;

	if (!all(in, b, sizeof(b), crowded_at) || !read_head(b, &head) ||
	    head.type != BEGIN_REQUEST || head.len != BEGIN_LEN ||
	    b[HEAD_LEN] != 0 || b[HEAD_LEN + 1] != RESPONDER)
		return (false);
	in->id = head.id;
	return (all(in, NULL, head.padding, crowded_at));
}

/* Those that follow, up to an empty one. */
static bool
take_params(struct incoming * in, int64_t crowded_at)
{
	uint8_t b[HEAD_LEN];
	struct head head;

	do {
		if (!all(in, b, sizeof(b), crowded_at) ||
		    !read_head(b, &head) || head.type != PARAMS ||
		    head.id != in->id ||
		    head.len > sizeof(in->pairs) - in->params)
			return (false);
		in->params += head.len;
		if (!all(in, &in->pairs[in->params - head.len], head.len,
		    crowded_at) || !all(in, NULL, head.padding, crowded_at))
			return (false);
	} while (head.len != 0);
	return (true);
}

/* One byte, or four of which the first has its highest bit set. */
static bool
take_length(const uint8_t ** p, size_t * left, size_t * len)
{
	const uint8_t * b = *p;
	size_t n = *left > 0 && b[0] >= 0x80 ? 4 : 1;

	if (*left < n)
		return (false);
	*len = n == 1 ? b[0] : (size_t)(b[0] & 0x7f) << 24 |
	    (size_t)b[1] << 16 | (size_t)b[2] << 8 | b[3];
	*p += n;
	*left -= n;
	return (true);
}

/*
 * Names and values are in there as long as they say. The library makes strings
 * "NAME=value" of them: so a name has no =, and neither has a NUL.
 */
static bool
pairs_good(const uint8_t * p, size_t left)
{
	size_t name, value;

	while (left > 0) {
		if (!take_length(&p, &left, &name) ||
		    !take_length(&p, &left, &value) || name == 0 ||
		    name > left || value > left - name ||
		    memchr(p, '=', name) != NULL ||
		    memchr(p, '\0', name + value) != NULL)
			return (false);
		p += name + value;
		left -= name + value;
	}
	return (true);
}

/* The same records again, for the library; they fit into a pipe. */
static int
hand_over(const struct incoming * in)
{
	const uint8_t hi = (uint8_t)(in->id >> 8), lo = (uint8_t)in->id;
	uint8_t begin[] = { VERSION, BEGIN_REQUEST, hi, lo, 0, BEGIN_LEN, 0, 0,
	    0, RESPONDER, 0, 0, 0, 0, 0, 0,
	    VERSION, PARAMS, hi, lo, (uint8_t)(in->params >> 8),
	    (uint8_t)in->params, 0, 0 };
	uint8_t end[] = { VERSION, PARAMS, hi, lo, 0, 0, 0, 0 };
	union {
		const void * from;
		void * iov;
	} pairs = { .from = in->pairs };
	const struct iovec iov[3] = { { begin, sizeof(begin) },
	    { pairs.iov, in->params }, { end, sizeof(end) } };
	/* Without parameters the first of the two is the end. */
	const int n = in->params == 0 ? 1 : 3;
	const size_t len = sizeof(begin) + (n == 1 ? 0 : in->params +
	    sizeof(end));
	int fds[2];

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) != 0)
		return (-1);
	if (writev(fds[1], iov, n) != (ssize_t)len) {
		(void)close(fds[0]);
		fds[0] = -1;
	}
	(void)close(fds[1]);
	return (fds[0]);
}

int
incoming_take(struct incoming * in, int fd, int64_t ms)
{
	const int64_t now = clock_monotonic_ms();
	int out = -1;

	incoming_leave(in);
	in->fd = fd;
	in->ends_at = now + ms;
	if (take_begin(in, now + CROWDED_MS) &&
	    take_params(in, now + CROWDED_MS) &&
	    pairs_good(in->pairs, in->params))
		out = hand_over(in);
	explicit_bzero(in->pairs, in->params);
	in->params = 0;
	in->body_since = clock_monotonic_ms();
	return (out);
}

/* The head of the body's next record. */
static void
next_record(struct incoming * in)
{
	uint8_t b[HEAD_LEN];
	struct head head;

	if (!all(in, NULL, in->padding, INT64_MAX) ||
	    !all(in, b, sizeof(b), INT64_MAX) || !read_head(b, &head) ||
	    head.type != STDIN || head.id != in->id) {
		in->broken = true;
		return;
	}
	in->left = head.len;
	in->padding = head.padding;
	in->ended = head.len == 0;
}

size_t
incoming_body(struct incoming * in, void * into, size_t len)
{
	size_t n;

	in->ends_at = in->body_since + BODY_MS +
	    (int64_t)(in->came * 1000 / BODY_RATE);
	if (in->left == 0 && !in->ended && !in->broken)
		next_record(in);
	if (in->ended || in->broken || len == 0)
		return (0);
	n = some(in, into, len < in->left ? len : in->left, INT64_MAX);
	in->broken = n == 0;
	in->left -= n;
	in->came += n;
	return (n);
}

bool
incoming_broken(const struct incoming * in)
{

	return (in->broken);
}

void
incoming_end(struct incoming * in)
{
	const int64_t end = clock_monotonic_ms() + LINGER_MS;
	struct pollfd p = { .fd = in->fd, .events = POLLIN };
	ssize_t n = 1;

	if (in->fd != -1 && shutdown(in->fd, SHUT_WR) == 0) {
		while (n > 0 && clock_monotonic_ms() < end &&
		    poll(&p, 1, LINGER_MS) == 1) {
			n = recv(in->fd, in->bytes, sizeof(in->bytes),
			    MSG_DONTWAIT);
			if (n > 0)
				in->dirty = sizeof(in->bytes);
		}
	}
	if (in->fd != -1)
		(void)close(in->fd);
	incoming_leave(in);
}
