#include <sys/socket.h>
#include <sys/stat.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "tests/harness/files.h"
#include "tests/harness/process.h"

static struct sockaddr_in
loopback(unsigned port)
{
	struct sockaddr_in a = { .sin_family = AF_INET };

	a.sin_port = htons((uint16_t)port);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return (a);
}

unsigned
port_free(void)
{
	struct sockaddr_in a = loopback(0);
	socklen_t len = sizeof(a);
	unsigned port = 0;
	int fd;

	if ((fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0)
		return (0);
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0 &&
	    getsockname(fd, (struct sockaddr *)&a, &len) == 0)
		port = ntohs(a.sin_port);
	close(fd);
	return (port);
}

int
port_wait(unsigned port, pid_t pid, unsigned seconds)
{
	struct sockaddr_in a = loopback(port);
	unsigned i;
	int fd, rc;

	for (i = 0; i < seconds * 50; i++) {
		if ((fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0)
			return (-1);
		rc = connect(fd, (struct sockaddr *)&a, sizeof(a));
		close(fd);
		/* Alive, too: else it is somebody else's server. */
		if (!process_alive(pid))
			return (-1);
		if (rc == 0)
			return (0);
		sleep_ms(20);
	}
	return (-1);
}

int
temp_folder(const char * name, char * out, size_t len)
{
	const char * tmp = getenv("TMPDIR");
	int n;

	n = snprintf(out, len, "%s/%s-XXXXXX",
	    tmp != NULL && tmp[0] == '/' ? tmp : "/tmp", name);
	if (n < 0 || (size_t)n >= len || mkdtemp(out) == NULL)
		return (-1);
	return (0);
}

static int
remove_one(const char * path, const struct stat * st, int type,
    struct FTW * walk)
{
	(void)st;
	(void)type;
	(void)walk;
	remove(path);
	return (0);
}

void
remove_tree(const char * path)
{

	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void
sleep_ms(unsigned n)
{
	struct timespec t = { .tv_sec = n / 1000,
	    .tv_nsec = (long)(n % 1000) * 1000000L };

	nanosleep(&t, NULL);
}

char *
file_read(const char * path, size_t * len)
{
	FILE * f;
	char * bytes = NULL, * more;
	size_t n = 0, got;

	if ((f = fopen(path, "re")) == NULL)
		return (NULL);
	do {
		if ((more = realloc(bytes, n + 65536 + 1)) == NULL)
			break;
		bytes = more;
		got = fread(bytes + n, 1, 65536, f);
		n += got;
		bytes[n] = '\0';
	} while (got > 0);
	fclose(f);
	if (len != NULL)
		*len = n;
	return (bytes);
}

int
file_write(const char * path, mode_t mode, const char * text)
{
	size_t len = strlen(text);
	ssize_t n;
	int fd;

	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (fd < 0)
		return (-1);
	n = write(fd, text, len);
	if (fchmod(fd, mode) != 0)
		n = -1;
	close(fd);
	return (n == (ssize_t)len ? 0 : -1);
}

char *
text_format(const char * format, ...)
{
	va_list ap;
	char * text;
	int n;

	va_start(ap, format);
	n = vasprintf(&text, format, ap);
	va_end(ap);
	must(n >= 0);
	return (text);
}
