/*
 * Bodies that are made while they are sent. Once the head has left there is no
 * other answer, so what fails then is broken off: the peer must not take a part
 * for the whole.
 */

#include "cgi/response.h"
#include "cgi/sse.h"
#include "core/log/log.h"
#include "core/redact/compose.h"

void
response_stream(struct response * r, enum content type,
    const struct stream * stream)
{

	response_clear(r);
	r->status = 200;
	r->type = type;
	r->stream = *stream;
}

void
response_events(struct response * r, struct sse_listener ** listener)
{

	response_clear(r);
	r->status = 200;
	r->type = CONTENT_EVENT_STREAM;
	r->listener = *listener;
	*listener = NULL;
}

enum sr_error
response_hand_over(struct response * r, const struct sink * sink)
{
	struct peer peer;

	if (sink->keep == NULL || !sink->keep(sink->cookie, &peer)) {
		sse_leave(&r->listener);
		return (SR_E_OUTPUT_FAILED);
	}
	sse_listen(&r->listener, &peer);
	return (SR_OK);
}

enum sr_error
response_file(struct response * r, struct compose ** name)
{

	redacted_free(&r->file);
	return (compose_finish(name, &r->file));
}

enum sr_error
response_send_stream(const struct response * r, const struct sink * sink)
{
	enum sr_error err;

	err = r->stream.run(r->stream.cookie, sink);
	if (err != SR_OK)
		sink->break_off(sink->cookie);
	return (err);
}

void
response_end_stream(struct response * r)
{

	if (r->stream.end != NULL)
		r->stream.end(r->stream.cookie);
	r->stream = (struct stream){ .run = NULL };
}
