#ifndef SR_CGI_PEER_H
#define SR_CGI_PEER_H

/*
 * The open end of an answer that goes on after the thread that began it has
 * turned to the next request: a connection to the web server, written to
 * without ever waiting. What is written becomes records of the answer's body.
 */

#include "core/base/base.h"

struct redacted;

struct peer {
	int fd;			/* To wait for room in it, or for its end. */
	uint16_t request_id;
	uint8_t head[8];	/* Of the record under way, */
	size_t head_left;	/* what is not yet sent of it, */
	size_t left;		/* and of what the record holds. */
};

enum peer_sent { PEER_SENT, PEER_BLOCKED, PEER_GONE };

/**
 * peer_send(p, text, from, sent):
 * As much of ${text}, behind its first ${from} bytes, as goes at once; ${sent}
 * receives how much that is. If not all of it is sent (PEER_BLOCKED), the rest
 * has to come next.
 */
SR_NODISCARD enum peer_sent peer_send(struct peer * p,
    const struct redacted * text, size_t from, size_t * sent);

/**
 * peer_end(p): end the answer, properly if the records are whole and there is
 * room for the last ones, and close the connection.
 */
void peer_end(struct peer * p);

#endif /* !SR_CGI_PEER_H */
