#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/run_pump.h"

/* What was typed last, up to the last line's end. */
static void
remember(struct run_pump * p, const char * bytes, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (bytes[i] == '\r' || bytes[i] == '\n') {
			explicit_bzero(p->typed, sizeof(p->typed));
			p->typed_n = 0;
			continue;
		}
		if (p->typed_n == sizeof(p->typed)) {
			memmove(p->typed, &p->typed[1],
			    sizeof(p->typed) - 1);
			p->typed_n--;
		}
		p->typed[p->typed_n++] = bytes[i];
	}
}

/** run_keys_read(p): our end is ready. */
void
run_keys_read(struct run_pump * p)
{
	ssize_t n;

	n = read(STDIN_FILENO, p->keys, sizeof(p->keys));
	if (n > 0) {
		p->keys_at = 0;
		p->keys_n = (size_t)n;
		remember(p, p->keys, p->keys_n);
	} else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
		p->term->typed = false;
	}
}

/** run_keys_write(p): its end is ready. */
void
run_keys_write(struct run_pump * p)
{
	ssize_t n;

	n = write(p->child->master, &p->keys[p->keys_at],
	    p->keys_n - p->keys_at);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	p->keys_at += n < 0 ? p->keys_n - p->keys_at : (size_t)n;
	if (p->keys_at != p->keys_n)
		return;
	explicit_bzero(p->keys, sizeof(p->keys));
	p->keys_at = p->keys_n = 0;
}
