/*
 * Letters of two bytes (UTF-16, as some shells redirect their output): each is
 * a byte and a NUL, so a secret among them is not found in the bytes as they
 * are. Behind the pass, where what it found is masked, the NULs of such letters
 * are taken out and what is left is looked at once more. Nothing can be masked
 * there; what is found makes the artifact unsafe. A NUL that stands alone, as
 * between the names of `find -print0`, is a line's end.
 */

#include <stdlib.h>
#include <string.h>

#include "core/runs/artifact_internal.h"

/* Of what came before the first NUL, so much is looked at too. */
#define TAIL	((size_t)4096)

/* A NUL belongs to a letter if there is one two bytes before or behind it. */
#define AROUND	2
#define WINDOW	(2 * AROUND + 1)

struct artifact_wide {
	struct redact * redact;
	struct redact_stream * stream;	/* From the first NUL on. */
	struct strbuf tail;		/* Until then. */
	struct strbuf out;		/* Without NULs, to be looked at. */
	char window[WINDOW];
	size_t held;			/* How much of it is filled. */
};

enum sr_error
artifact_wide_open(struct redact * r, struct artifact_wide ** out)
{
	struct artifact_wide * w;

	if ((*out = w = calloc(1, sizeof(*w))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	w->redact = r;
	strbuf_init(&w->tail, 4 * TAIL);
	strbuf_init(&w->out, 2 * ARTIFACT_PIECE);
	return (SR_OK);
}

void
artifact_wide_close(struct artifact_wide ** w)
{

	if (*w == NULL)
		return;
	redact_stream_free(&(*w)->stream);
	strbuf_free(&(*w)->tail);
	strbuf_free(&(*w)->out);
	explicit_bzero(*w, sizeof(**w));
	free(*w);
	*w = NULL;
}

static enum sr_error
look(struct artifact_wide * w, bool last)
{
	struct redacted * t = NULL;
	struct redact_hits hits;
	enum sr_error err;

	if ((err = strbuf_status(&w->out)) != SR_OK)
		return (err);
	if (last)
		err = redact_finish(w->stream, &t);
	else
		err = redact_feed(w->stream, strbuf_str(&w->out), w->out.len,
		    &t);
	redacted_free(&t);
	strbuf_reset(&w->out);
	if (err != SR_OK)
		return (err);
	hits = redact_stream_hits(w->stream);
	return (hits.known + hits.rules == 0 ? SR_OK : SR_E_ARTIFACT_UNSAFE);
}

/* The byte in the middle of the window, which is full. */
static void
decide(struct artifact_wide * w)
{
	char c = w->window[AROUND];

	if (c != '\0')
		strbuf_putc(&w->out, c);
	else if (w->window[0] != '\0' && w->window[WINDOW - 1] != '\0')
		strbuf_putc(&w->out, '\n');
	memmove(w->window, &w->window[1], WINDOW - 1);
	w->held--;
}

static void
push(struct artifact_wide * w, char c)
{

	w->window[w->held++] = c;
	if (w->held == WINDOW)
		decide(w);
}

/* Nothing but a NUL starts it; what stood before is looked at with the rest. */
static enum sr_error
begin(struct artifact_wide * w)
{
	size_t i;
	enum sr_error err;

	if ((err = strbuf_status(&w->tail)) != SR_OK ||
	    (err = redact_open(w->redact, REDACT_ARTIFACT, NULL,
	    &w->stream)) != SR_OK)
		return (err);
	for (i = 0; i < AROUND; i++)
		push(w, ' ');
	for (i = 0; i < w->tail.len; i++)
		push(w, strbuf_str(&w->tail)[i]);
	strbuf_free(&w->tail);
	return (SR_OK);
}

static void
remember(struct artifact_wide * w, const char * bytes, size_t len)
{
	struct strbuf former;

	if (len >= TAIL) {
		strbuf_reset(&w->tail);
		bytes += len - TAIL;
		len = TAIL;
	} else if (w->tail.len + len > 4 * TAIL) {
		former = w->tail;
		strbuf_init(&w->tail, 4 * TAIL);
		strbuf_add(&w->tail, &strbuf_str(&former)[former.len - TAIL],
		    TAIL);
		strbuf_free(&former);
	}
	strbuf_add(&w->tail, bytes, len);
}

enum sr_error
artifact_wide_feed(struct artifact_wide * w, const char * bytes, size_t len)
{
	enum sr_error err;
	size_t i;

	if (w->stream == NULL && memchr(bytes, '\0', len) == NULL) {
		remember(w, bytes, len);
		return (SR_OK);
	}
	if (w->stream == NULL && (err = begin(w)) != SR_OK)
		return (err);
	for (i = 0; i < len; i++) {
		push(w, bytes[i]);
		if (w->out.len >= ARTIFACT_PIECE &&
		    (err = look(w, false)) != SR_OK)
			return (err);
	}
	return (look(w, false));
}

enum sr_error
artifact_wide_finish(struct artifact_wide * w)
{
	enum sr_error err;
	size_t i;

	if (w->stream == NULL)
		return (SR_OK);
	for (i = 0; i < AROUND; i++)
		push(w, ' ');
	if ((err = look(w, false)) != SR_OK)
		return (err);
	return (look(w, true));
}
