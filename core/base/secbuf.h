#ifndef SR_CORE_BASE_SECBUF_H
#define SR_CORE_BASE_SECBUF_H

/*
 * The only home of secret bytes: pages of their own between two guard pages,
 * mlocked, left out of core dumps and of forked children, wiped when freed.
 * The type is opaque: it has no way to a string, and printf refuses it. The
 * few files that may look inside include secbuf_bytes.h; `make lint` has the
 * list. It does not protect against a debugger or root on the same machine,
 * nor against copies that the kernel's socket buffers or a web server hold.
 */

#include "core/base/error.h"

struct secbuf;

/* No secret buffer is larger: a request body and its overhead. */
#define SECBUF_MAX	((size_t)256 * 1024)

/**
 * secbuf_new(cap, out):
 * A zeroed buffer with room for ${cap} bytes (0..SECBUF_MAX) and length 0;
 * the caller frees it. Errors: LIMIT_EXCEEDED, OUT_OF_MEMORY (also when the
 * pages cannot be locked), RANDOM_UNAVAILABLE (no canary). ${out} is NULL on
 * error. Thread-safe.
 */
SR_NODISCARD enum sr_error secbuf_new(size_t cap, struct secbuf ** out);

/**
 * secbuf_copy(bytes, len, out):
 * As secbuf_new, filled with a copy of ${bytes}. The caller wipes its own.
 */
SR_NODISCARD enum sr_error secbuf_copy(const void * bytes, size_t len,
    struct secbuf ** out);

/**
 * secbuf_clone(b, out): a copy in a buffer of its own. Errors: as secbuf_new.
 */
SR_NODISCARD enum sr_error secbuf_clone(const struct secbuf * b,
    struct secbuf ** out);

/**
 * secbuf_read_fd(fd, max, out):
 * Read ${fd} to its end into a new buffer. Errors: as secbuf_new;
 * LIMIT_EXCEEDED when more than ${max} bytes come; INPUT_UNREADABLE when
 * read(2) fails.
 */
SR_NODISCARD enum sr_error secbuf_read_fd(int fd, size_t max,
    struct secbuf ** out);

/**
 * secbuf_read_line(fd, max, out):
 * Read up to a LF (dropped) or the end of ${fd}, for a person's typing. Errors:
 * as secbuf_read_fd; INPUT_UNREADABLE also when a signal interrupts.
 */
SR_NODISCARD enum sr_error secbuf_read_line(int fd, size_t max,
    struct secbuf ** out);

/**
 * secbuf_random(len, out): ${len} random bytes. Errors: + RANDOM_UNAVAILABLE.
 */
SR_NODISCARD enum sr_error secbuf_random(size_t len, struct secbuf ** out);

/**
 * secbuf_free(b): wipe, set *b to NULL. *b may be NULL. The pages are unlocked
 * and unmapped, or a few small ones kept locked for the next buffers.
 */
void secbuf_free(struct secbuf ** b);

/** secbuf_len(b): bytes in use. */
size_t secbuf_len(const struct secbuf * b);

/** secbuf_trim_newline(b): drop one LF or CRLF at the end, as `echo` leaves. */
void secbuf_trim_newline(struct secbuf * b);

/** secbuf_equal(a, b): in time that depends on the lengths alone. */
SR_NODISCARD bool secbuf_equal(const struct secbuf * a,
    const struct secbuf * b);

/** secbuf_utf8(b): whether it holds well-formed UTF-8 without NUL. */
SR_NODISCARD bool secbuf_utf8(const struct secbuf * b);

#endif /* !SR_CORE_BASE_SECBUF_H */
