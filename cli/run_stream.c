#include <string.h>

#include "cli/run_body.h"
#include "cli/run_stream.h"
#include "core/base/secbuf_bytes.h"

/* A byte is six in JSON, at most, and a request fits a secbuf. */
#define PART_MAX	((size_t)32 * 1024)
#define CHARACTER_MAX	4

/** run_stream_open(s): nothing of it was posted. */
enum sr_error
run_stream_open(struct run_stream * s)
{

	*s = (struct run_stream){ .n = 0 };
	return (secbuf_new(PART_MAX + CHARACTER_MAX, &s->raw));
}

/** run_stream_close(s): wipe and release. */
void
run_stream_close(struct run_stream * s)
{

	secbuf_free(&s->raw);
}

/** run_stream_write(s, name, chunk, end, body): the event. */
bool
run_stream_write(struct run_stream * s, const char * name,
    const struct backlog_chunk * chunk, bool end, struct run_body * body)
{
	size_t len = chunk->len - s->at;
	const char * raw;

	if (len > PART_MAX)
		len = PART_MAX;
	/* Half a character belongs to what was lost. */
	if (chunk->discard && s->at == 0) {
		s->had = 0;
		s->discard = true;
	}
	secbuf_set_len(s->raw, s->had);
	memcpy(&secbuf_writable(s->raw)[s->had], &chunk->bytes[s->at], len);
	secbuf_set_len(s->raw, s->had + len);
	s->next = s->at + len;
	raw = (const char *)secbuf_bytes(s->raw);
	s->use = end ? secbuf_len(s->raw) :
	    run_body_cut(raw, secbuf_len(s->raw));
	if (s->use == 0 && !end)
		return (false);
	run_body_begin(body);
	run_body_puts(body, "{\"type\":\"output\",\"stream\":");
	run_body_text(body, name, strlen(name));
	run_body_puts(body, ",\"payload\":{\"n\":");
	run_body_u64(body, s->n);
	if (s->discard)
		run_body_puts(body, ",\"discard\":true");
	run_body_puts(body, end ? ",\"end\":true,\"chunk\":" : ",\"chunk\":");
	run_body_text(body, raw, s->use);
	run_body_puts(body, "}}");
	return (true);
}

/** run_stream_sent(s, chunk): it is there. */
void
run_stream_sent(struct run_stream * s, const struct backlog_chunk * chunk)
{
	uint8_t * raw = secbuf_writable(s->raw);

	must(s->next <= chunk->len);
	s->had = secbuf_len(s->raw) - s->use;
	memmove(raw, &raw[s->use], s->had);
	secbuf_set_len(s->raw, s->had);
	s->at = s->next;
	if (s->use != 0)
		s->discard = false;
}

/** run_stream_lost(s): it never is. */
void
run_stream_lost(struct run_stream * s)
{

	s->discard = s->discard || s->at != 0 || s->had != 0;
	secbuf_set_len(s->raw, 0);
	s->had = s->at = 0;
}
