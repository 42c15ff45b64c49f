#ifndef SR_CLI_INPUT_WHOLE_H
#define SR_CLI_INPUT_WHOLE_H

/* Bytes of a file or of standard input, whole; wiped when freed. */

#include "core/base/error.h"

struct input {
	char * p;
	size_t len;
	size_t cap;
};

/**
 * input_whole(fd, max, out): read ${fd} to its end. Errors: INPUT_UNREADABLE,
 * LIMIT_EXCEEDED (more than ${max} bytes), OUT_OF_MEMORY. ${out} is empty then.
 */
SR_NODISCARD enum sr_error input_whole(int fd, size_t max,
    struct input * out);

/** input_free(in): wipe and release; empty after. */
void input_free(struct input * in);

#endif /* !SR_CLI_INPUT_WHOLE_H */
