#ifndef SR_CLI_RUN_BACKLOG_H
#define SR_CLI_RUN_BACKLOG_H

/*
 * Output on its way to the run's events: the bytes as the command wrote them,
 * so they are held in secbufs. Bounded. Thread-safe; one thread puts, and one
 * takes.
 */

#include "core/runs/event.h"

struct backlog;

/* The streams of a run of ours. */
enum backlog_stream { BACKLOG_TERMINAL, BACKLOG_STDOUT, BACKLOG_STDERR,
    BACKLOG_STREAM__MAX };

#define BACKLOG_MAX	((size_t)2 * 1024 * 1024)	/* Bytes in all. */

const char * backlog_stream_name(enum backlog_stream stream);

/** backlog_new(out) / backlog_free(b). Errors: OUT_OF_MEMORY. */
SR_NODISCARD enum sr_error backlog_new(struct backlog ** out);
void backlog_free(struct backlog ** b);

/**
 * backlog_put(b, stream, bytes, len): whatever is put at once is taken at once,
 * as several chunks if it is more than one takes. False if there is no room for
 * all of it: nothing is taken. Before what follows bytes that were lost
 * (backlog_lost) a line says how many.
 */
SR_NODISCARD bool backlog_put(struct backlog * b, enum backlog_stream stream,
    const char * bytes, size_t len);

/** backlog_room(b): whether backlog_put of any length has room. */
SR_NODISCARD bool backlog_room(struct backlog * b);

/** backlog_lost(b, stream, n): so many bytes of it will never come. */
void backlog_lost(struct backlog * b, enum backlog_stream stream, uint64_t n);

/* The first that is to be posted. */
struct backlog_chunk {
	enum backlog_stream stream;
	const char * bytes;
	size_t len;
	uint64_t n;			/* Its number in the stream. */
	bool discard;			/* A piece of what was put with the
					   chunks before it was lost. */
};

/**
 * backlog_first(b, patient, chunk): the oldest chunk; false if there is none,
 * or, if ${patient}, none that is full or has waited. It stays until
 * backlog_done (posted, or lost) and is added to no more.
 */
SR_NODISCARD bool backlog_first(struct backlog * b, bool patient,
    struct backlog_chunk * chunk);
void backlog_done(struct backlog * b, const struct backlog_chunk * chunk,
    bool posted);

/** backlog_wait(b, ms): until there is something, or ${ms} or less. */
void backlog_wait(struct backlog * b, unsigned ms);
void backlog_wake(struct backlog * b);

/** backlog_refuse(b, stream): what is put into it is lost from now on. */
void backlog_refuse(struct backlog * b, enum backlog_stream stream);

/** backlog_missing(b): bytes that were lost, of all streams, for ever. */
uint64_t backlog_missing(struct backlog * b);

/**
 * backlog_begun(b, stream, chunk): whether a chunk of it was posted; ${chunk} is
 * what ends it.
 */
bool backlog_begun(struct backlog * b, enum backlog_stream stream,
    struct backlog_chunk * chunk);

#endif /* !SR_CLI_RUN_BACKLOG_H */
