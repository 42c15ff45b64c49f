#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "cgi/listen.h"
#include "core/log/log.h"

/*
 * lighttpd answers 503 for a second when the queue is full: the kernel's
 * maximum is none too many.
 */
#define BACKLOG		1024
#define FIRST_FD	3

#define failed()							\
	sr_fail(SR_E_LISTEN_FAILED, log_i64("errno", errno))

static enum sr_error
address_of(const char * path, struct sockaddr_un * out)
{
	size_t len = strlen(path);

	*out = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (len == 0 || len >= sizeof(out->sun_path))
		return (sr_fail(SR_E_USAGE, log_const("reason",
		    "path_of_socket_too_long")));
	memcpy(out->sun_path, path, len + 1);
	return (SR_OK);
}

/* A socket file left behind by a worker that was killed is in the way. */
static enum sr_error
remove_stale(const struct sockaddr_un * address)
{
	struct stat st;
	int fd, rc, why;

	if (lstat(address->sun_path, &st) != 0)
		return (errno == ENOENT ? SR_OK : failed());
	if (!S_ISSOCK(st.st_mode)) {
		errno = EEXIST;
		return (failed());
	}
	/* Not blocking: a server whose queue is full is a server, too. */
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return (failed());
	rc = connect(fd, (const struct sockaddr *)(const void *)address,
	    sizeof(*address));
	why = errno;
	(void)close(fd);
	if (rc == 0 || why != ECONNREFUSED) {
		errno = rc == 0 ? EADDRINUSE : why;
		return (failed());
	}
	return (unlink(address->sun_path) == 0 ? SR_OK : failed());
}

static enum sr_error
bind_path(int fd, const struct sockaddr_un * address, struct listener * out)
{
	struct stat st;
	mode_t former = umask(0117);
	int rc = bind(fd, (const struct sockaddr *)(const void *)address,
	    sizeof(*address));

	(void)umask(former);
	if (rc != 0)
		return (failed());
	if (lstat(address->sun_path, &st) != 0)
		return (failed());
	out->dev = st.st_dev;
	out->ino = st.st_ino;
	out->made = st.st_mtim;
	return (listen(fd, BACKLOG) == 0 ? SR_OK : failed());
}

static enum sr_error
open_path(const char * path, struct listener * out)
{
	struct sockaddr_un address;
	enum sr_error err;

	if ((err = address_of(path, &address)) != SR_OK ||
	    (err = remove_stale(&address)) != SR_OK)
		return (err);
	out->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0);
	if (out->fd == -1)
		return (failed());
	out->path = path;
	return (bind_path(out->fd, &address, out));
}

static bool
listening(int fd)
{
	int on = 0;
	socklen_t len = sizeof(on);

	return (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &len) == 0 &&
	    on != 0);
}

/* sd_listen_fds(3): meant for this process, the first one is ours. */
static bool
handed_by_systemd(void)
{
	const char * pid = getenv("LISTEN_PID");
	const char * fds = getenv("LISTEN_FDS");

	return (pid != NULL && fds != NULL &&
	    strtol(pid, NULL, 10) == (long)getpid() &&
	    strtol(fds, NULL, 10) >= 1);
}

static enum sr_error
take_over(struct listener * out)
{
	int flags;

	out->fd = handed_by_systemd() ? FIRST_FD : STDIN_FILENO;
	if (!listening(out->fd)) {
		out->fd = -1;
		return (SR_E_USAGE);
	}
	flags = fcntl(out->fd, F_GETFL);
	if (flags == -1 || fcntl(out->fd, F_SETFL, flags | O_NONBLOCK) == -1)
		return (failed());
	return (SR_OK);
}

enum sr_error
listen_open(const char * path, struct listener * out)
{

	*out = (struct listener){ .fd = -1 };
	return (path == NULL ? take_over(out) : open_path(path, out));
}

bool
listen_withdraw(struct listener * l)
{
	struct stat st;

	if (l->path == NULL || l->ino == 0)
		return (false);
	if (lstat(l->path, &st) == 0 && st.st_dev == l->dev &&
	    st.st_ino == l->ino && st.st_mtim.tv_sec == l->made.tv_sec &&
	    st.st_mtim.tv_nsec == l->made.tv_nsec)
		(void)unlink(l->path);
	l->path = NULL;
	return (true);
}

void
listen_close(struct listener * l)
{

	(void)listen_withdraw(l);
	if (l->fd > STDIN_FILENO)
		(void)close(l->fd);
	l->fd = -1;
}
