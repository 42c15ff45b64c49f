#ifndef SR_CLI_RUN_REPLY_H
#define SR_CLI_RUN_REPLY_H

/*
 * A server's JSON (RFC 8259), read where it lies: values of secrets are in it,
 * and no copy of them is made on the way. Strict: UTF-8, nothing behind it, no
 * NUL, eight levels.
 */

#include "core/base/error.h"

struct secbuf;

enum reply_kind {
	REPLY_TEXT,		/* ${text}, ${len} bytes and a NUL. */
	REPLY_NUMBER,		/* Its digits, not followed by a NUL. */
	REPLY_WORD,		/* true, false or null: their letters. */
	REPLY_OBJECT,		/* One begins. */
	REPLY_ARRAY,
	REPLY_END		/* An object has ended. */
};

struct reply_part {
	enum reply_kind kind;
	unsigned depth;		/* 1: the outermost object and its members. */
	const char * name;	/* Of a member; "" in an array. */
	const char * text;
	size_t len;
};

typedef enum sr_error reply_fn(const struct reply_part * part, void * cookie);

/**
 * run_reply_walk(reply, fn, cookie):
 * Each part in its order; what ${part} points to dies with the call. The text
 * is decoded in its place: ${reply} is to be wiped afterwards. Errors:
 * SERVER_REPLY_INVALID, and what ${fn} returns.
 */
SR_NODISCARD enum sr_error run_reply_walk(struct secbuf * reply,
    reply_fn * fn, void * cookie);

#endif /* !SR_CLI_RUN_REPLY_H */
