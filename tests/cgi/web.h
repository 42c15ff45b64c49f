#ifndef SR_TESTS_CGI_WEB_H
#define SR_TESTS_CGI_WEB_H

/* The web server's end of a connection that the hub writes to. */

#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "tests/cgi/visit.h"

struct web {
	int fd;
	struct strbuf raw;
	struct strbuf text;	/* Out of the records. */
	size_t at;
	bool bad;		/* Not FastCGI. */
	bool ended;		/* With all records that an end has. */
	bool closed;
};

/* Take the records that are whole out of ${raw}. */
static inline void
records(struct web * w)
{
	const uint8_t * b;
	size_t len;

	while (w->raw.len - w->at >= 8) {
		b = (const uint8_t *)strbuf_str(&w->raw) + w->at;
		len = (size_t)b[4] << 8 | b[5];
		if (w->raw.len - w->at < 8 + len)
			return;
		w->bad = w->bad || b[0] != 1 || b[2] != 0 || b[3] != 1 ||
		    (b[1] != 6 && b[1] != 3) || w->ended;
		if (b[1] == 6)
			strbuf_add(&w->text, b + 8, len);
		w->ended = w->ended || b[1] == 3;
		w->at += 8 + len;
	}
}

/* Read until ${until} is there or the connection is closed. */
static inline bool
hears(struct web * w, const char * until)
{
	struct pollfd p = { .fd = w->fd, .events = POLLIN };
	char bytes[65536];
	ssize_t n;

	while (!w->closed && (until == NULL ||
	    strstr(strbuf_str(&w->text), until) == NULL)) {
		if (poll(&p, 1, 10000) != 1)
			break;
		if ((n = read(w->fd, bytes, sizeof(bytes))) <= 0)
			w->closed = true;
		else
			strbuf_add(&w->raw, bytes, (size_t)n);
		records(w);
	}
	CU_ASSERT_FALSE(w->bad);
	if (until == NULL)
		return (w->closed);
	if (strstr(strbuf_str(&w->text), until) == NULL)
		suite_note("no %s: %.2000s", until, strbuf_str(&w->text));
	return (strstr(strbuf_str(&w->text), until) != NULL);
}

static inline void
web_begin(struct web * w, int fd)
{

	*w = (struct web){ .fd = fd };
	strbuf_init(&w->raw, VISIT_ANSWER_MAX * 4);
	strbuf_init(&w->text, VISIT_ANSWER_MAX * 4);
}

static inline void
web_end(struct web * w)
{

	if (w->fd != -1)
		(void)close(w->fd);
	w->fd = -1;
	strbuf_free(&w->raw);
	strbuf_free(&w->text);
}

#endif /* !SR_TESTS_CGI_WEB_H */
