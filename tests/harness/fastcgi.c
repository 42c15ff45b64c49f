#include <sys/socket.h>
#include <sys/un.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/strbuf.h"
#include "tests/harness/fastcgi.h"

/* FastCGI 1.0, 8. */
#define BEGIN_REQUEST	1
#define PARAMS		4
#define STDIN		5
#define STDOUT		6
#define RECORD_MAX	((size_t)65535)
#define ANSWER_MAX	((size_t)16 * 1024 * 1024)

static bool
put(int fd, unsigned type, const void * bytes, size_t len)
{
	const uint8_t head[8] = { 1, (uint8_t)type, 0, 1,
		(uint8_t)(len >> 8), (uint8_t)len, 0, 0 };

	must(len <= RECORD_MAX);
	return (send(fd, head, 8, MSG_NOSIGNAL) == 8 && (len == 0 ||
	    send(fd, bytes, len, MSG_NOSIGNAL) == (ssize_t)len));
}

/* A length: one byte, or four with the first bit set. */
static void
add_length(struct strbuf * b, size_t len)
{
	const uint8_t four[4] = { (uint8_t)(0x80 | len >> 24),
		(uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len };

	if (len < 128)
		strbuf_add(b, (const char *)&four[3], 1);
	else
		strbuf_add(b, (const char *)four, 4);
}

static bool
put_params(int fd, const struct http_field * params)
{
	struct strbuf b;
	bool good;

	strbuf_init(&b, RECORD_MAX);
	for (; params->name != NULL; params++) {
		add_length(&b, strlen(params->name));
		add_length(&b, strlen(params->value));
		strbuf_puts(&b, params->name);
		strbuf_puts(&b, params->value);
	}
	good = put(fd, PARAMS, strbuf_str(&b), b.len) &&
	    put(fd, PARAMS, NULL, 0);
	strbuf_free(&b);
	return (good);
}

int
fastcgi_open(const char * path, const struct http_field * params)
{
	static const uint8_t responder[8] = { 0, 1 };
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	must(strlen(path) < sizeof(a.sun_path));
	memcpy(a.sun_path, path, strlen(path) + 1);
	if (fd != -1 && connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0 &&
	    put(fd, BEGIN_REQUEST, responder, sizeof(responder)) &&
	    put_params(fd, params))
		return (fd);
	if (fd != -1)
		close(fd);
	return (-1);
}

bool
fastcgi_body(int fd, const void * bytes, size_t len)
{

	return (put(fd, STDIN, bytes, len));
}

/* The whole of ${len} bytes, or false. */
static bool
get(int fd, void * into, size_t len)
{

	return (recv(fd, into, len, MSG_WAITALL) == (ssize_t)len);
}

char *
fastcgi_answer(int fd)
{
	static char piece[RECORD_MAX + 256];
	struct strbuf b;
	uint8_t head[8];
	char * text;
	size_t len;

	strbuf_init(&b, ANSWER_MAX);
	while (get(fd, head, sizeof(head))) {
		len = (size_t)head[4] << 8 | head[5];
		if (!get(fd, piece, len + head[6]))
			break;
		if (head[1] == STDOUT)
			strbuf_add(&b, piece, len);
	}
	close(fd);
	text = strdup(strbuf_str(&b));
	must(text != NULL);
	strbuf_free(&b);
	return (text);
}
