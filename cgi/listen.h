#ifndef SR_CGI_LISTEN_H
#define SR_CGI_LISTEN_H

/*
 * The listening socket: a unix socket of our own, or one that systemd or
 * spawn-fcgi hands over (fd 3 with LISTEN_FDS, or fd 0).
 */

#include <sys/types.h>

#include <time.h>

#include "core/base/error.h"

struct listener {
	int fd;
	const char * path;	/* Ours, to be removed at the end; or NULL. */
	dev_t dev;		/* Which file it was; inodes are used again, */
	ino_t ino;		/* so its time tells too. */
	struct timespec made;
};

/**
 * listen_open(path, out):
 * Listen on ${path} (mode 0660; a socket that nobody listens on is replaced),
 * or take over the one given when ${path} is NULL. Errors: USAGE (no socket was
 * given, the path is too long), LISTEN_FAILED. The socket does not block.
 */
SR_NODISCARD enum sr_error listen_open(const char * path,
    struct listener * out);

/**
 * listen_withdraw(l): remove the socket's file if we made it and it is still
 * ours, so that nobody new connects. Whether nobody else serves the socket.
 */
bool listen_withdraw(struct listener * l);

/** listen_close(l): withdraw and close. */
void listen_close(struct listener * l);

#endif /* !SR_CGI_LISTEN_H */
