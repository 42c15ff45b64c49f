#ifndef SR_CLI_RUN_STREAM_H
#define SR_CLI_RUN_STREAM_H

/*
 * A stream of a command's output, as chunks of JSON: they hold whole
 * characters and fit a request, whatever was written, so they are cut and
 * numbered anew. A chunk that may not have come is written again, and the same.
 */

#include "cli/run_backlog.h"

struct run_body;

struct run_stream {
	uint64_t n;			/* Of the next one that is posted. */
	size_t at;			/* So much of the backlog's is. */
	size_t next;			/* And so much when this one is. */
	struct secbuf * raw;		/* The begin of a character, from */
	size_t had;			/* before, and what comes to it. */
	size_t use;
	bool discard;			/* What followed was lost. */
};

/** run_stream_open(s) / run_stream_close(s). Errors: as secbuf_new. */
SR_NODISCARD enum sr_error run_stream_open(struct run_stream * s);
void run_stream_close(struct run_stream * s);

/**
 * run_stream_write(s, name, chunk, end, body): the event that tells what
 * follows of ${chunk}. False: it is not a whole character yet.
 */
SR_NODISCARD bool run_stream_write(struct run_stream * s, const char * name,
    const struct backlog_chunk * chunk, bool end, struct run_body * body);

/** run_stream_sent(s, chunk): it is there; run_stream_lost(s): it never is. */
void run_stream_sent(struct run_stream * s, const struct backlog_chunk * chunk);
void run_stream_lost(struct run_stream * s);

#endif /* !SR_CLI_RUN_STREAM_H */
