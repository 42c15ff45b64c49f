#include <sys/uio.h>

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/base.h"

/* snprintf is not async-signal-safe, so the number is written by hand. */
static const char *
decimal(int number, char buf[16])
{
	unsigned rest = number < 0 ? 0 : (unsigned)number;
	char * p = &buf[15];

	*p = '\0';
	do {
		*--p = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest != 0);
	return (p);
}

static struct iovec
piece(const char * text)
{
	union {
		const char * in;
		void * out;
	} cast = { .in = text };

	return ((struct iovec){ .iov_base = cast.out,
	    .iov_len = strlen(text) });
}

static atomic_int console = STDERR_FILENO;

/** sr_console(): the descriptor of the real standard error. */
int
sr_console(void)
{

	return (atomic_load(&console));
}

/** sr_console_set(fd): it is another one. */
void
sr_console_set(int fd)
{

	atomic_store(&console, fd);
}

/**
 * sr_panic(condition, file, line):
 * Write one line with the three to the console and abort.
 */
_Noreturn void
sr_panic(const char * condition, const char * file, int line)
{
	char buf[16];
	const struct iovec iov[] = {
		piece(file), piece(":"), piece(decimal(line, buf)),
		piece(": must hold: "), piece(condition), piece("\n"),
	};

	/* Nobody is left to tell that the last words could not be said. */
	if (writev(sr_console(), iov, (int)COUNTOF(iov)) < 0)
		abort();
	abort();
}
