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
	struct redact_hits hits;
	enum redact_cause failed;
	bool finished;
};

/** stream_reserve(s, len): room for ${len} more bytes behind those held. */
bool stream_reserve(struct redact_stream * s, size_t len);

#endif /* !SR_CORE_REDACT_STREAM_INTERNAL_H */
