#ifndef SR_CLI_INPUT_SECRET_H
#define SR_CLI_INPUT_SECRET_H

/*
 * Values and passwords come from standard input: all of it, less one newline
 * at its end; on a terminal one line, typed without echo.
 */

#include "core/base/error.h"

struct cli;
struct secbuf;

enum input_ask { ASK_ONCE, ASK_TWICE };

/**
 * input_secret(cli, ask, max, out):
 * Errors: INPUT_UNREADABLE, LIMIT_EXCEEDED, PASSWORD_MISMATCH (asked twice),
 * OUT_OF_MEMORY. Caller frees ${out}.
 */
SR_NODISCARD enum sr_error input_secret(struct cli * cli, enum input_ask ask,
    size_t max, struct secbuf ** out);

#endif /* !SR_CLI_INPUT_SECRET_H */
