#include <sys/socket.h>
#include <sys/un.h>

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgi/notify.h"

/* A third of its patience: one that comes late is no reason to end us. */
#define SHARE	3

/* A path, or with @ in the first place a name that is no file. */
static bool
address_of(const char * text, struct sockaddr_un * a, socklen_t * len)
{
	const size_t n = text == NULL ? 0 : strlen(text);

	*a = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (n < 2 || n >= sizeof(a->sun_path) ||
	    (text[0] != '/' && text[0] != '@'))
		return (false);
	memcpy(a->sun_path, text, n + 1);
	if (text[0] == '@')
		a->sun_path[0] = '\0';
	*len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
	return (true);
}

/* Meant for this process, or for whichever it is. */
static uint64_t
watchdog(void)
{
	const char * usec = getenv("WATCHDOG_USEC");
	const char * pid = getenv("WATCHDOG_PID");
	uint64_t ms;

	if (usec == NULL || (pid != NULL &&
	    strtol(pid, NULL, 10) != (long)getpid()))
		return (0);
	ms = strtoull(usec, NULL, 10) / 1000;
	if (ms == 0)
		return (0);
	return (ms < SHARE ? 1 : ms / SHARE);
}

void
notify_open(struct notify * out)
{
	struct sockaddr_un a;
	socklen_t len;

	*out = (struct notify){ .fd = -1 };
	if (!address_of(getenv("NOTIFY_SOCKET"), &a, &len))
		return;
	out->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (out->fd != -1 && connect(out->fd, (const struct sockaddr *)
	    (const void *)&a, len) != 0)
		notify_close(out);
	if (out->fd != -1)
		out->watchdog_ms = watchdog();
}

/* Constants; if it does not hear us it will ask in its own way. */
static void
tell(const struct notify * n, const char * state)
{

	if (n->fd != -1)
		(void)send(n->fd, state, strlen(state),
		    MSG_NOSIGNAL | MSG_DONTWAIT);
}

void
notify_ready(const struct notify * n)
{

	tell(n, "READY=1\nSTATUS=Serving");
}

void
notify_alive(const struct notify * n)
{

	tell(n, "WATCHDOG=1");
}

void
notify_stopping(const struct notify * n)
{

	tell(n, "STOPPING=1\nSTATUS=Answering what is in flight");
}

void
notify_close(struct notify * n)
{

	if (n->fd != -1)
		(void)close(n->fd);
	*n = (struct notify){ .fd = -1 };
}
