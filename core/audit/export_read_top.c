/* The frame of an export: its head, and its end. */

#include <string.h>

#include "core/audit/export_read_internal.h"
#include "core/keys/base64.h"

#define LEN(text)	(text), sizeof(text)

static bool
key(struct export_reader * r, struct export_top * top)
{
	char algorithm[16], text[80];
	const struct attribute a[] = {
		{ "algorithm", LEN(algorithm), NULL },
	};

	return (reader_opens(r, "key") &&
	    reader_attributes(r, a, COUNTOF(a)) &&
	    strcmp(algorithm, "Ed25519") == 0 &&
	    reader_text(r, LEN(text)) && base64_exactly(text, strlen(text),
	    top->public_key, SIGN_PUBLIC_LEN));
}

static bool
checkpoint(struct export_reader * r, struct checkpoint * cp)
{
	char size[24], text[CHECKPOINT_NOTE_MAX];
	const struct attribute a[] = { { "size", LEN(size), NULL } };
	uint64_t n;

	return (reader_opens(r, "checkpoint") &&
	    reader_attributes(r, a, COUNTOF(a)) &&
	    value_number(size, UINT64_MAX, &n) && reader_text(r, LEN(text)) &&
	    checkpoint_note_parse(text, strlen(text), cp) &&
	    cp->tree_size == n);
}

static bool
filter(struct export_reader * r, struct export_top * top)
{
	char from[40], to[40], id[40], masked[4];
	bool has_from, has_to, has_id, other;
	struct audit_filter * f = &top->filter;
	const struct attribute a[] = {
		{ "from", LEN(from), &has_from }, { "to", LEN(to), &has_to },
		{ "actor", LEN(f->actor), &other },
		{ "action", LEN(f->action), &other },
		{ "outcome", LEN(f->outcome), &other },
		{ "kind", LEN(f->target_kind), &other },
		{ "id", LEN(id), &has_id },
		{ "scope", LEN(f->scope), &other },
		{ "name", LEN(f->name), &other },
		{ "masked", LEN(masked), &top->filter_masked },
	};

	if (!reader_opens(r, "filter") ||
	    !reader_attributes(r, a, COUNTOF(a)) || !reader_closes(r))
		return (false);
	f->from = f->to = SR_TIME_NONE;
	f->target_id = sr_id_nil;
	return ((!has_from || value_time(from, &f->from)) &&
	    (!has_to || value_time(to, &f->to)) &&
	    (!has_id || value_id(id, &f->target_id)) &&
	    (!top->filter_masked || strcmp(masked, "yes") == 0));
}

static bool
earlier(struct export_reader * r, struct export_top * top)
{
	const char * name;

	top->earlier_n = 0;
	if (!reader_opens(r, "earlier"))
		return (false);
	for (;;) {
		if (!reader_next(r, &name))
			return (false);
		if (name[0] == '\0')
			return (reader_closes(r));
		if (top->earlier_n == EXPORT_EARLIER_MAX ||
		    !checkpoint(r, &top->earlier[top->earlier_n++]))
			return (false);
	}
}

/** reader_top(r, top): all before the first event. */
bool
reader_top(struct export_reader * r, struct export_top * top)
{

	return (reader_opens(r, "audit-export") &&
	    reader_attributes(r, NULL, 0) && reader_opens(r, "head") &&
	    reader_attributes(r, NULL, 0) && key(r, top) &&
	    checkpoint(r, &top->head) && filter(r, top) && earlier(r, top) &&
	    reader_closes(r) && reader_opens(r, "events") &&
	    reader_attributes(r, NULL, 0));
}

/** reader_end(r, counts): all behind the last event. */
bool
reader_end(struct export_reader * r, struct audit_export_counts * counts)
{
	char events[24], omitted[24], missing[24], masked[24];
	const struct attribute a[] = {
		{ "events", LEN(events), NULL },
		{ "omitted", LEN(omitted), NULL },
		{ "missing", LEN(missing), NULL },
		{ "masked", LEN(masked), NULL },
	};

	return (reader_closes(r) && reader_opens(r, "end") &&
	    reader_attributes(r, a, COUNTOF(a)) && reader_closes(r) &&
	    value_number(events, UINT64_MAX, &counts->events) &&
	    value_number(omitted, UINT64_MAX, &counts->omitted) &&
	    value_number(missing, UINT64_MAX, &counts->missing) &&
	    value_number(masked, UINT64_MAX, &counts->masked) &&
	    reader_closes(r) && reader_done(r));
}
