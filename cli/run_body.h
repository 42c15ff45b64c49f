#ifndef SR_CLI_RUN_BODY_H
#define SR_CLI_RUN_BODY_H

/*
 * A JSON text on its way to a server. What a command writes is in it as it
 * is, so it is written into a secbuf.
 */

#include "core/base/error.h"

struct secbuf;

struct run_body {
	struct secbuf * text;
	bool full;			/* Sticky: more than it takes. */
};

/** run_body_new(b) / run_body_free(b). Errors: as secbuf_new. */
SR_NODISCARD enum sr_error run_body_new(struct run_body * b);
void run_body_free(struct run_body * b);

/** run_body_begin(b): empty again. */
void run_body_begin(struct run_body * b);

/** run_body_puts(b, json): as it is. */
void run_body_puts(struct run_body * b, const char * json);

/** run_body_text(b, text, len): a string; what is no UTF-8 becomes U+FFFD. */
void run_body_text(struct run_body * b, const char * text, size_t len);

/** run_body_u64(b, n): a number. */
void run_body_u64(struct run_body * b, uint64_t n);

/**
 * run_body_cut(bytes, len): how many of ${len} bytes end with a whole
 * character; what is left, three at most, may be the begin of one.
 */
size_t run_body_cut(const char * bytes, size_t len);

#endif /* !SR_CLI_RUN_BODY_H */
