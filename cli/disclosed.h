#ifndef SR_CLI_DISCLOSED_H
#define SR_CLI_DISCLOSED_H

#include "core/base/error.h"

struct disclosed;
struct redact;
struct redacted;

/**
 * disclosed_print(before, value, after):
 * Write ${before}, the value in the clear, and ${after} to standard output.
 * The only function of this program that does such a thing. Errors:
 * OUTPUT_FAILED.
 */
SR_NODISCARD enum sr_error disclosed_print(const struct redacted * before,
    const struct disclosed * value, const struct redacted * after);

/*
 * The environment of a command that a run gives its values to; run_env.c
 * alone. disclosed_masked: whether ${r} would mask the value where it stands
 * in a text as it is; disclosed_len: its bytes; disclosed_copy: to ${to},
 * which the caller wipes, without a NUL.
 */
SR_NODISCARD bool disclosed_masked(struct redact * r,
    const struct disclosed * value);
size_t disclosed_len(const struct disclosed * value);
void disclosed_copy(const struct disclosed * value, char * to);

#endif /* !SR_CLI_DISCLOSED_H */
