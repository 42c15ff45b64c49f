/* What an event says of itself: its grammar, and which ones move the run. */

#include <ctype.h>
#include <string.h>

#include "core/runs/event_internal.h"

/* Types that say what became of the run. */
static const struct {
	const char * type;
	enum run_status to;
} moves[] = {
	{ "run_started", RUN_RUNNING },
	{ "run_completed", RUN_COMPLETED },
	{ "run_failed", RUN_FAILED },
	{ "run_cancelled", RUN_CANCELLED },
	{ "approval_requested", RUN_AWAITING_APPROVAL },
	{ "approval_granted", RUN_RUNNING },
};

/** event_moves(type, to): whether it says what became of the run. */
bool
event_moves(const char * type, enum run_status * to)
{
	size_t i;

	for (i = 0; i < COUNTOF(moves); i++) {
		if (strcmp(moves[i].type, type) == 0) {
			*to = moves[i].to;
			return (true);
		}
	}
	return (false);
}

/* Small letters, digits and ${more}, as it were a name; a letter first. */
static bool
good_type(const char * type)
{
	size_t len = strlen(type), i;

	for (i = 0; i < len; i++)
		if (!islower((unsigned char)type[i]) && (i == 0 ||
		    (!isdigit((unsigned char)type[i]) &&
		    strchr("_.:-", type[i]) == NULL)))
			return (false);
	return (len > 0 && len <= EVENT_TYPE_MAX);
}

static bool
good_name(const char * name, const char * marks, size_t most)
{
	size_t len = strlen(name), i;

	for (i = 0; i < len; i++)
		if (!isalnum((unsigned char)name[i]) &&
		    strchr(marks, name[i]) == NULL)
			return (false);
	return (len > 0 && len <= most);
}

static bool
given(const char * text)
{

	return (text != NULL && text[0] != '\0');
}

static enum sr_error
check_stream(const struct event_write * w, struct secret_complaint * complaint)
{
	enum run_status to;

	complaint->field = "stream";
	if (!good_name(w->stream, "_.-", EVENT_STREAM_MAX))
		return (SR_E_EVENT_INVALID);
	complaint->field = "type";
	if (event_moves(w->type, &to))
		return (SR_E_EVENT_INVALID);
	complaint->field = "payload";
	if (w->chunk == NULL && !w->end)
		return (SR_E_EVENT_INVALID);
	if (w->chunk != NULL && w->chunk_len > EVENT_CHUNK_MAX)
		return (SR_E_EVENT_PAYLOAD_TOO_LARGE);
	return (SR_OK);
}

/** event_check(w, complaint): what is said of it, without its text. */
enum sr_error
event_check(const struct event_write * w, struct secret_complaint * complaint)
{
	enum sr_error err;

	complaint->field = "type";
	if (w->type == NULL || !good_type(w->type))
		return (SR_E_EVENT_INVALID);
	complaint->field = "step";
	if (given(w->step) && !runs_text(w->step, 1, EVENT_STEP_MAX))
		return (SR_E_EVENT_INVALID);
	complaint->field = "correlation_id";
	if (given(w->correlation_id) && !good_name(w->correlation_id, "_.:-",
	    EVENT_CORRELATION_MAX))
		return (SR_E_EVENT_INVALID);
	if (w->stream != NULL && (err = check_stream(w, complaint)) != SR_OK)
		return (err);
	complaint->field = "payload";
	if (w->stream == NULL && w->payload != NULL &&
	    w->payload_len > EVENT_PAYLOAD_MAX)
		return (SR_E_EVENT_PAYLOAD_TOO_LARGE);
	complaint->field = NULL;
	return (SR_OK);
}
