#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/input_whole.h"
#include "core/log/log.h"

#define FIRST_CAP	((size_t)64 * 1024)

/** input_free(in): wipe and release; empty after. */
void
input_free(struct input * in)
{

	if (in->p != NULL)
		explicit_bzero(in->p, in->cap);
	free(in->p);
	*in = (struct input){ .p = NULL };
}

/* Not realloc(3): a block that it moves is left behind as it was. */
static bool
enlarge(struct input * in)
{
	size_t cap = in->cap == 0 ? FIRST_CAP : in->cap * 2;
	char * p = malloc(cap);

	if (p == NULL)
		return (false);
	if (in->p != NULL) {
		memcpy(p, in->p, in->len);
		explicit_bzero(in->p, in->cap);
		free(in->p);
	}
	in->p = p;
	in->cap = cap;
	return (true);
}

/** input_whole(fd, max, out): read ${fd} to its end. */
enum sr_error
input_whole(int fd, size_t max, struct input * out)
{
	enum sr_error err = SR_OK;
	ssize_t n;

	*out = (struct input){ .p = NULL };
	for (;;) {
		if (out->len == out->cap && !enlarge(out)) {
			err = sr_fail(SR_E_OUT_OF_MEMORY,
			    log_u64("bytes", out->cap));
			break;
		}
		n = read(fd, &out->p[out->len], out->cap - out->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			err = sr_fail(SR_E_INPUT_UNREADABLE,
			    log_i64("errno", errno));
			break;
		}
		if (n == 0)
			return (SR_OK);
		out->len += (size_t)n;
		if (out->len > max) {
			err = SR_E_LIMIT_EXCEEDED;
			break;
		}
	}
	input_free(out);
	return (err);
}
