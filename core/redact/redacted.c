#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/redact/alloc_internal.h"
#include "core/redact/redacted_internal.h"

/** redacted_new(len): room for ${len} bytes; NULL when out of memory. */
struct redacted *
redacted_new(size_t len)
{
	struct redacted * t;

	if ((t = redact_alloc(sizeof(*t) + len + 1)) == NULL)
		return (NULL);
	t->len = len;
	t->bytes[len] = '\0';
	return (t);
}

/** redacted_copy(text, len): filled with ${text}. */
struct redacted *
redacted_copy(const char * text, size_t len)
{
	struct redacted * t;

	if ((t = redacted_new(len)) != NULL && len != 0)
		memcpy(t->bytes, text, len);
	return (t);
}

/** redacted_bytes(t): what passed. */
const char *
redacted_bytes(const struct redacted * t)
{

	return (t->bytes);
}

/** redacted_len(t): how much passed. */
size_t
redacted_len(const struct redacted * t)
{

	return (t->len);
}

/** redacted_free(t): release; *t becomes NULL; *t may be NULL. */
void
redacted_free(struct redacted ** t)
{

	if (t == NULL || *t == NULL)
		return;
	free(*t);
	*t = NULL;
}

/* A non-blocking descriptor is full: wait until it is not. */
static bool
wait_writable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	return (poll(&p, 1, -1) >= 0 || errno == EINTR);
}

static enum sr_error
write_all(int fd, const char * p, size_t len)
{
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		n = write(fd, &p[done], len - done);
		if (n >= 0)
			done += (size_t)n;
		else if (errno == EAGAIN && wait_writable(fd))
			continue;
		else if (errno != EINTR)
			return (SR_E_OUTPUT_FAILED);
	}
	return (SR_OK);
}

/** redacted_write(fd, t): write(2) all of it. */
enum sr_error
redacted_write(int fd, const struct redacted * t)
{

	return (write_all(fd, t->bytes, t->len));
}

/** redacted_write_constant(fd, text): a text of the program's own. */
enum sr_error
redacted_write_constant(int fd, const char * text)
{

	return (write_all(fd, text, strlen(text)));
}

/** redacted_write_some(fd, t, at, most): one write(2) of it. */
ssize_t
redacted_write_some(int fd, const struct redacted * t, size_t at, size_t most)
{
	size_t rest = t->len - at;

	return (write(fd, &t->bytes[at], rest < most ? rest : most));
}
