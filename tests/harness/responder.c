#include <sys/socket.h>

#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "tests/harness/files.h"
#include "tests/harness/responder.h"

/* Types of records, FastCGI 1.0, 8. */
enum { BEGIN = 1, END = 3, PARAMS = 4, STDIN = 5, STDOUT = 6 };

#define BODY_MAX	((size_t)4 * 1024 * 1024)

struct responder {
	int fd;
	unsigned char id[2];
	char * params;		/* As they came. */
	size_t params_len;
	char * body;
	size_t body_len;
	char * found;		/* The value that was asked for last. */
};

static bool
read_all(int fd, void * into, size_t len)
{
	char * p = into;
	ssize_t n;

	while (len > 0) {
		if ((n = read(fd, p, len)) <= 0)
			return (false);
		p += n;
		len -= (size_t)n;
	}
	return (true);
}

static void
append(char ** to, size_t * len, const char * bytes, size_t n)
{

	must(*len + n < BODY_MAX);
	must((*to = realloc(*to, *len + n + 1)) != NULL);
	memcpy(*to + *len, bytes, n);
	*len += n;
	(*to)[*len] = '\0';
}

/* One record; false at the end of the request, or when it broke off. */
static bool
take_record(struct responder * r)
{
	unsigned char head[8];
	static char content[65536 + 256];
	size_t len;

	if (!read_all(r->fd, head, sizeof(head)))
		return (false);
	len = (size_t)head[4] << 8 | head[5];
	if (!read_all(r->fd, content, len + head[6]))
		return (false);
	r->id[0] = head[2];
	r->id[1] = head[3];
	if (head[1] == PARAMS)
		append(&r->params, &r->params_len, content, len);
	else if (head[1] == STDIN)
		append(&r->body, &r->body_len, content, len);
	return (head[1] != STDIN || len > 0);
}

struct responder *
responder_accept(int listener, unsigned seconds)
{
	struct pollfd p = { .fd = listener, .events = POLLIN };
	struct responder * r;

	if (poll(&p, 1, (int)seconds * 1000) != 1)
		return (NULL);
	must((r = calloc(1, sizeof(*r))) != NULL);
	must((r->fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) != -1);
	append(&r->params, &r->params_len, "", 0);
	append(&r->body, &r->body_len, "", 0);
	while (take_record(r))
		continue;
	return (r);
}

static size_t
take_length(const unsigned char ** p)
{
	size_t n = *(*p)++;

	if (n < 128)
		return (n);
	n = (n & 127) << 24 | (size_t)(*p)[0] << 16 | (size_t)(*p)[1] << 8 |
	    (*p)[2];
	*p += 3;
	return (n);
}

const char *
responder_param(const struct responder * r, const char * name)
{
	const unsigned char * p = (const unsigned char *)r->params;
	const unsigned char * end = p + r->params_len;
	struct responder * mine = (struct responder *)(uintptr_t)r;
	size_t a, b;

	while (p < end) {
		a = take_length(&p);
		b = take_length(&p);
		if (a == strlen(name) &&
		    strncmp((const char *)p, name, a) == 0) {
			free(r->found);
			mine->found = text_format("%.*s", (int)b,
			    (const char *)p + a);
			return (r->found);
		}
		p += a + b;
	}
	return (NULL);
}

unsigned
responder_count(const struct responder * r, const char * name)
{
	const unsigned char * p = (const unsigned char *)r->params;
	const unsigned char * end = p + r->params_len;
	unsigned n = 0;
	size_t a, b;

	while (p < end) {
		a = take_length(&p);
		b = take_length(&p);
		n += a == strlen(name) &&
		    strncmp((const char *)p, name, a) == 0;
		p += a + b;
	}
	return (n);
}

const char *
responder_body(const struct responder * r)
{

	return (r->body);
}

static bool
send_record(const struct responder * r, unsigned char type, const void * bytes,
    size_t len)
{
	const unsigned char head[8] = { 1, type, r->id[0], r->id[1],
		(unsigned char)(len >> 8), (unsigned char)len, 0, 0 };

	must(len < 65536);
	return (send(r->fd, head, 8, MSG_NOSIGNAL) == 8 &&
	    (len == 0 || send(r->fd, bytes, len, MSG_NOSIGNAL) ==
	    (ssize_t)len));
}

bool
responder_write(struct responder * r, const char * text)
{

	return (send_record(r, STDOUT, text, strlen(text)));
}

void
responder_end(struct responder ** r)
{
	static const unsigned char end[8] = { 0 };
	struct responder * p = *r;

	if (p == NULL)
		return;
	(void)(send_record(p, STDOUT, "", 0) &&
	    send_record(p, END, end, sizeof(end)));
	close(p->fd);
	free(p->params);
	free(p->body);
	free(p->found);
	free(p);
	*r = NULL;
}
