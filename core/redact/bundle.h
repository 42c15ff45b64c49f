#ifndef SR_CORE_REDACT_BUNDLE_H
#define SR_CORE_REDACT_BUNDLE_H

/*
 * A bundle: the blind set of some secrets in a file, under a key of its own,
 * for a machine that masks them and may not read them. bundle.FORMAT.
 */

#include "core/redact/variant.h"

struct bundle;

#define BUNDLE_FILE_MAX	((size_t)1024 * 1024 * 1024)

/* Forms of fewer bytes are left out unless asked for: see bundle.FORMAT. */
#define BUNDLE_FORM_MIN	31

struct bundle_counts {
	uint64_t secrets;	/* That have a form inside. */
	uint64_t forms;
	uint64_t short_forms;	/* Of them, shorter than BUNDLE_FORM_MIN. */
	uint64_t left_out;	/* Forms that were too short. */
};

/**
 * bundle_new(short_forms, out):
 * An empty bundle with a new key; forms shorter than BUNDLE_FORM_MIN are kept
 * only with ${short_forms}. Errors: OUT_OF_MEMORY, RANDOM_UNAVAILABLE. Caller
 * frees.
 */
SR_NODISCARD enum sr_error bundle_new(bool short_forms, struct bundle ** out);

/** bundle_free(b): wipe and release; *b becomes NULL, and may be. */
void bundle_free(struct bundle ** b);

/**
 * bundle_add(b, id, key_version, label, value):
 * The forms of ${value} under the bundle's key. The value is open for this
 * call: there is no other way to fingerprint it under another key. Errors:
 * SECRET_VALUE_INVALID, OUT_OF_MEMORY, LIMIT_EXCEEDED.
 */
SR_NODISCARD enum sr_error bundle_add(struct bundle * b,
    const struct sr_id * id, uint32_t key_version, const char * label,
    const struct secbuf * value);

/** bundle_counts(b): what is inside. */
struct bundle_counts bundle_counts(const struct bundle * b);

/**
 * bundle_save(b, path, exists):
 * Write it to a new file of mode 0600, complete or not at all. Errors:
 * OUTPUT_FAILED (*exists: there is such a file), OUT_OF_MEMORY.
 */
SR_NODISCARD enum sr_error bundle_save(struct bundle * b, const char * path,
    bool * exists);

/**
 * bundle_load(r, bytes, len):
 * Unlock ${r} with the key of the bundle that ${bytes} are, and know what is
 * inside; the caller marks it ready. All is checked before anything is taken.
 * Errors: BUNDLE_INVALID, OUT_OF_MEMORY.
 */
SR_NODISCARD enum sr_error bundle_load(struct redact * r, const char * bytes,
    size_t len);

/**
 * bundle_key(bytes, len, out):
 * The key of a bundle that bundle_load took, to know more under it. Caller
 * frees. Errors: BUNDLE_INVALID, OUT_OF_MEMORY.
 */
SR_NODISCARD enum sr_error bundle_key(const char * bytes, size_t len,
    struct secbuf ** out);

#endif /* !SR_CORE_REDACT_BUNDLE_H */
