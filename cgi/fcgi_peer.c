/*
 * Records of a FastCGI answer without the library, which blocks when it writes.
 */

#include <sys/socket.h>
#include <sys/uio.h>

#include <errno.h>
#include <unistd.h>

#include "cgi/peer.h"
#include "core/redact/redact.h"

/* FastCGI 1.0, 3.3 and 8. */
#define VERSION		1
#define END_REQUEST	3
#define STDOUT		6
#define RECORD_MAX	((size_t)32768)

static void
head(uint8_t out[8], unsigned type, uint16_t request_id, size_t len)
{

	out[0] = VERSION;
	out[1] = (uint8_t)type;
	out[2] = (uint8_t)(request_id >> 8);
	out[3] = (uint8_t)request_id;
	out[4] = (uint8_t)(len >> 8);
	out[5] = (uint8_t)len;
	out[6] = out[7] = 0;
}

/* What one call sends: the rest of the record's head, and of the record. */
static ssize_t
send_record(const struct peer * p, const char * bytes)
{
	union {
		const void * from;
		void * iov;
	} h = { .from = p->head + sizeof(p->head) - p->head_left },
	    b = { .from = bytes };
	struct iovec iov[2] = { { h.iov, p->head_left }, { b.iov, p->left } };
	const struct msghdr m = { .msg_iov = iov, .msg_iovlen = 2 };
	ssize_t n;

	do {
		n = sendmsg(p->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (n == -1 && errno == EINTR);
	return (n);
}

/* Note that ${n} bytes have left; how many of them are the record's. */
static size_t
account(struct peer * p, size_t n)
{
	size_t of_head = n < p->head_left ? n : p->head_left;

	p->head_left -= of_head;
	p->left -= n - of_head;
	return (n - of_head);
}

enum peer_sent
peer_send(struct peer * p, const struct redacted * text, size_t from,
    size_t * sent)
{
	const char * bytes = redacted_bytes(text) + from;
	const size_t len = redacted_len(text) - from;
	ssize_t n;

	*sent = 0;
	while (*sent < len) {
		if (p->left == 0) {
			p->left = len - *sent < RECORD_MAX ? len - *sent :
			    RECORD_MAX;
			p->head_left = sizeof(p->head);
			head(p->head, STDOUT, p->request_id, p->left);
		}
		n = send_record(p, bytes + *sent);
		if (n == -1 && errno == EAGAIN)
			return (PEER_BLOCKED);
		if (n == -1)
			return (PEER_GONE);
		*sent += account(p, (size_t)n);
	}
	return (PEER_SENT);
}

/*
 * What the web server has sent and nobody read would make the kernel take the
 * last records away from it.
 */
static void
drain(int fd)
{
	char unread[4096];

	while (recv(fd, unread, sizeof(unread), MSG_DONTWAIT) > 0)
		continue;
}

void
peer_end(struct peer * p)
{
	uint8_t last[8 + 8 + 8] = { 0 };

	if (p->fd == -1)
		return;
	/* The end of the body, then of the request, with status 0. */
	head(last, STDOUT, p->request_id, 0);
	head(last + 8, END_REQUEST, p->request_id, 8);
	if (p->left == 0 && send(p->fd, last, sizeof(last),
	    MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)sizeof(last))
		drain(p->fd);
	(void)close(p->fd);
	p->fd = -1;
}
