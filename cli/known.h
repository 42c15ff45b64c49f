#ifndef SR_CLI_KNOWN_H
#define SR_CLI_KNOWN_H

/* What this program's gate knows without a database. */

#include "cli/input_whole.h"

struct cli;
struct secbuf;

/**
 * known_read(cli, path, max, in): the file, whole. Errors: INPUT_UNREADABLE
 * (the note of ${cli} names it), those of input_whole.
 */
SR_NODISCARD enum sr_error known_read(struct cli * cli, const char * path,
    size_t max, struct input * in);

/**
 * known_bundle(cli, path, key): know what is in the bundle; ${key} is what more
 * can be known under, caller frees. Errors: BUNDLE_INVALID, those of
 * known_read.
 */
SR_NODISCARD enum sr_error known_bundle(struct cli * cli, const char * path,
    struct secbuf ** key);

/**
 * known_add(cli, key, value, version, label): know this one too, as a secret of
 * its own. Errors: SECRET_VALUE_INVALID, OUT_OF_MEMORY, RANDOM_UNAVAILABLE.
 */
SR_NODISCARD enum sr_error known_add(struct cli * cli,
    const struct secbuf * key, const struct secbuf * value, uint32_t version,
    const char * label);

/** known_add_thin(…): without its lines that are common (common.h). */
SR_NODISCARD enum sr_error known_add_thin(struct cli * cli,
    const struct secbuf * key, const struct secbuf * value, uint32_t version,
    const char * label);

#endif /* !SR_CLI_KNOWN_H */
