#ifndef SR_TESTS_E2E_EARS_H
#define SR_TESTS_E2E_EARS_H

/*
 * Listeners of event streams, many in one thread, over bare sockets: what each
 * of them has heard, frame by frame.
 */

#include <sys/socket.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/strbuf.h"
#include "tests/harness/files.h"
#include "tests/harness/instance.h"
#include "tests/harness/suite.h"

#define EAR_TEXT_MAX	((size_t)8 * 1024 * 1024)

struct ear {
	int fd;			/* -1: it was ended, by either side. */
	int status;		/* 0: no headers yet. */
	struct strbuf head;
	struct strbuf text;	/* Of the body, all of it if ${keep}. */
	size_t at;		/* Up to where frames were read. */
	bool keep;
	bool deaf;		/* Does not read. */
	unsigned frames;	/* With an id and data. */
	unsigned beats;
	unsigned errors, resumed, ends;
	uint64_t last;		/* The last id. */
	uint64_t gaps;		/* Ids that were not the one before plus one. */
	uint64_t digest;	/* Of all frames, in order. */
	void (* heard)(struct ear * e, const char * frame, size_t len);
	void * cookie;
};

/* Connect and ask; ${header}: lines more, with their ends. */
static inline void
ear_open(struct ear * e, const struct instance * i, const char * path,
    const char * header)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
	    .sin_addr = { htonl(INADDR_LOOPBACK) } };
	const char * port = strrchr(instance_url(i), ':') + 1;
	char * request = text_format("GET %s HTTP/1.0\r\nHost: 127.0.0.1:%s\r\n"
	    "Accept: text/event-stream\r\n%s\r\n", path, port, header);

	a.sin_port = htons((uint16_t)strtoul(port, NULL, 10));
	*e = (struct ear){ .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC,
	    0) };
	strbuf_init(&e->head, EAR_TEXT_MAX);
	strbuf_init(&e->text, EAR_TEXT_MAX);
	must(connect(e->fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	must(send(e->fd, request, strlen(request), MSG_NOSIGNAL) ==
	    (ssize_t)strlen(request));
	(void)fcntl(e->fd, F_SETFL, O_NONBLOCK);
	free(request);
}

static inline void
ear_close(struct ear * e)
{

	if (e->fd != -1)
		(void)close(e->fd);
	e->fd = -1;
	strbuf_free(&e->head);
	strbuf_free(&e->text);
}

static inline uint64_t
ear_digest(uint64_t d, const char * bytes, size_t len)
{

	for (size_t i = 0; i < len; i++)
		d = (d ^ (uint8_t)bytes[i]) * UINT64_C(1099511628211);
	return (d);
}

/* One frame, without the empty line that ends it. */
static inline void
ear_frame(struct ear * e, const char * p, size_t len)
{
	char * frame = strndup(p, len);
	char * event = strstr(frame, "event: ");
	bool data = strstr(frame, "data: ") != NULL;
	uint64_t id;

	if (frame[0] == ':')
		e->beats++;
	if (event == frame && strncmp(event, "event: error\n", 13) == 0)
		e->errors++;
	if (event == frame && strncmp(event, "event: resumed\n", 15) == 0)
		e->resumed++;
	if (event == frame && strncmp(event, "event: end\n", 11) == 0)
		e->ends++;
	if (strncmp(frame, "retry: ", 7) == 0)
		e->last = strtoull(strstr(frame, "id: ") + 4, NULL, 10);
	if (strncmp(frame, "id: ", 4) == 0 && data) {
		id = strtoull(frame + 4, NULL, 10);
		e->gaps += id == e->last + 1 ? 0 : 1;
		e->last = id;
		e->frames++;
		e->digest = ear_digest(e->digest, p, len);
		if (e->heard != NULL)
			e->heard(e, frame, len);
	}
	free(frame);
}

static inline void
ear_frames(struct ear * e)
{
	const char * text = strbuf_str(&e->text);
	const char * end;

	/* Not strstr: a sanitizer measures all that is left each time. */
	while ((end = memmem(text + e->at, e->text.len - e->at, "\n\n", 2)) !=
	    NULL) {
		ear_frame(e, text + e->at, (size_t)(end - text) - e->at);
		e->at = (size_t)(end - text) + 2;
	}
	if (!e->keep && e->at > 65536) {
		char * rest = strdup(text + e->at);

		strbuf_reset(&e->text);
		strbuf_puts(&e->text, rest);
		free(rest);
		e->at = 0;
	}
}

static inline void
ear_take(struct ear * e, const char * bytes, size_t len)
{
	const char * end;

	if (e->status != 0) {
		strbuf_add(&e->text, bytes, len);
		return;
	}
	strbuf_add(&e->head, bytes, len);
	end = strstr(strbuf_str(&e->head), "\r\n\r\n");
	if (end == NULL)
		return;
	e->status = atoi(strbuf_str(&e->head) + strlen("HTTP/1.0 "));
	strbuf_puts(&e->text, end + 4);
}

static inline void
ear_read(struct ear * e)
{
	char bytes[65536];
	ssize_t n;

	if ((n = recv(e->fd, bytes, sizeof(bytes), 0)) > 0)
		ear_take(e, bytes, (size_t)n);
	ear_frames(e);
	if (n == 0 || (n == -1 && errno != EAGAIN)) {
		(void)close(e->fd);
		e->fd = -1;
	}
}

#define EARS_MAX	512

/* Listen to what comes within ${ms}; whether anything did. */
static inline bool
ears_listen(struct ear * ears, size_t n, int ms)
{
	struct pollfd fds[EARS_MAX];
	size_t i;

	must(n <= EARS_MAX);
	for (i = 0; i < n; i++)
		fds[i] = (struct pollfd){ .fd = ears[i].deaf ? -1 :
		    ears[i].fd, .events = POLLIN };
	if (poll(fds, n, ms) <= 0)
		return (false);
	for (i = 0; i < n; i++)
		if (fds[i].revents != 0)
			ear_read(&ears[i]);
	return (true);
}

typedef bool ear_fn(const struct ear * e);

/* Until ${fn} is true for all of them; false if it takes too long. */
static inline bool
ears_until(struct ear * ears, size_t n, ear_fn * fn)
{
	const int64_t end = clock_monotonic_ms() + 30000;
	size_t i;

	while (clock_monotonic_ms() < end) {
		for (i = 0; i < n && fn(&ears[i]); i++)
			continue;
		if (i == n)
			return (true);
		(void)ears_listen(ears, n, 50);
	}
	for (i = 0; i < n && fn(&ears[i]); i++)
		continue;
	if (i < n)
		suite_note("ear %zu: status %d last %llu frames %u beats %u "
		    "errors %u ends %u fd %d: %s", i, ears[i].status,
		    (unsigned long long)ears[i].last, ears[i].frames,
		    ears[i].beats, ears[i].errors, ears[i].ends, ears[i].fd,
		    strbuf_str(&ears[i].text));
	return (i == n);
}

#endif /* !SR_TESTS_E2E_EARS_H */
