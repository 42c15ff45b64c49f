#ifndef SR_CLI_RUN_OUT_H
#define SR_CLI_RUN_OUT_H

/*
 * One way out of a command: what it writes passes the gate to our own
 * descriptor, and goes as it is to the backlog of the run's events. The two
 * are cut in one place: what is given to the backlog is what the gate has
 * decided, so that bytes that are lost behind it cut no secret in two.
 */

#include "cli/run_backlog.h"

struct run_out {
	int from;			/* The command's; -1: it has ended. */
	int to;
	enum backlog_stream stream;
	bool pauses;			/* A terminal's: redact_flush. */
	bool untagged;			/* Its masks have no tags. */
	struct redact * redact;
	struct backlog * backlog;
	struct redact_stream * gate;	/* NULL: nobody vouches. */
	struct redacted * pending;	/* On its way to ${to}. */
	size_t written;
	struct secbuf * raw;		/* Not decided; from ${kept} on. */
	uint64_t fed, kept;		/* Bytes, of this gate. */
	bool torn;			/* What comes before ${kept} is lost. */
	bool skip;			/* To the next line's end. */
	bool paused;			/* There is nothing more to show. */
	bool gone;			/* Nobody reads ${to}. */
	uint64_t withheld;		/* Since it was said last. */
	bool said;			/* That it is withheld. */
};

/** run_out_open(o, redact, backlog): o->from, to, stream and pauses are set. */
SR_NODISCARD enum sr_error run_out_open(struct run_out * o,
    struct redact * redact, struct backlog * backlog);

/** run_out_take(o, bytes, len): what the command wrote. */
void run_out_take(struct run_out * o, const char * bytes, size_t len);

/** run_out_pause(o, typed, n): it writes nothing now. */
void run_out_pause(struct run_out * o, const char * typed, size_t n);

/** run_out_finish(o): it writes nothing more. */
void run_out_finish(struct run_out * o);

/** run_out_holds(o): whether a pause may show something. */
bool run_out_holds(const struct run_out * o);

/** run_out_write(o): ${to} is writable. */
void run_out_write(struct run_out * o);

/** run_out_close(o): release. */
void run_out_close(struct run_out * o);

#endif /* !SR_CLI_RUN_OUT_H */
