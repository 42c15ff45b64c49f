#ifndef SR_CGI_NOTIFY_H
#define SR_CGI_NOTIFY_H

/*
 * What the service manager hears of this process (sd_notify(3)): that it serves
 * and that it ends, and, where it wants to know (WATCHDOG_USEC), that it lives.
 * Nothing where there is no service manager.
 */

#include "core/base/error.h"

struct notify {
	int fd;			/* -1: nobody listens. */
	uint64_t watchdog_ms;	/* Tell it so often; 0: it does not ask. */
};

/** notify_open(out): of NOTIFY_SOCKET and WATCHDOG_USEC; never fails. */
void notify_open(struct notify * out);

void notify_ready(const struct notify * n);
void notify_alive(const struct notify * n);
void notify_stopping(const struct notify * n);

void notify_close(struct notify * n);

#endif /* !SR_CGI_NOTIFY_H */
