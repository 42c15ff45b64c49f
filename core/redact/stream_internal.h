#ifndef SR_CORE_REDACT_STREAM_INTERNAL_H
#define SR_CORE_REDACT_STREAM_INTERNAL_H

/* For core/redact alone: a stream, and where it stands. */

#include "core/redact/gate_internal.h"

/* A text on its way; stream.c, and stream_state.c for where it stands. */
struct redact_stream {
	struct redact * r;
	enum redact_channel channel;
	enum gate_mode mode;
	struct redact_stream_options options;
	struct gate_work * work;	/* From the first piece on. */
	struct scan * resumed;		/* Until then; NULL: it begins. */
	char * held;			/* And what is behind it. */
	size_t len, cap;
	uint64_t at;			/* Of held[0] in the stream. */
	size_t shown;			/* Of what is held; redact_flush. */
	struct redact_hits hits;
	enum redact_cause failed;
	bool finished;
};

/** stream_reserve(s, len): room for ${len} more bytes behind those held. */
bool stream_reserve(struct redact_stream * s, size_t len);

/**
 * stream_unshow(s, from, cut, out): [from, cut) is settled, and ${out} is its
 * text: take from it what was shown. False when out of memory.
 */
bool stream_unshow(struct redact_stream * s, size_t from, size_t cut,
    struct redacted ** out);

/** stream_broken(s, cause): it has failed; the channel's error. */
SR_NODISCARD enum sr_error stream_broken(struct redact_stream * s,
    enum redact_cause cause);

#endif /* !SR_CORE_REDACT_STREAM_INTERNAL_H */
