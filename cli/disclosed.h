#ifndef SR_CLI_DISCLOSED_H
#define SR_CLI_DISCLOSED_H

#include "core/base/error.h"

struct disclosed;
struct redacted;
struct secbuf;

/**
 * disclosed_print(before, value, after):
 * Write ${before}, the value in the clear, and ${after} to standard output.
 * The only function of this program that does such a thing. Errors:
 * OUTPUT_FAILED.
 */
SR_NODISCARD enum sr_error disclosed_print(const struct redacted * before,
    const struct disclosed * value, const struct redacted * after);

/**
 * disclosed_keep(value, out): a copy for the environment of a command that a
 * run gives its values to; run_link_store.c alone. Errors: as secbuf_clone.
 */
SR_NODISCARD enum sr_error disclosed_keep(const struct disclosed * value,
    struct secbuf ** out);

#endif /* !SR_CLI_DISCLOSED_H */
