/* What stands in an export, in the one spelling that it has for it. */

#include <stdio.h>
#include <string.h>

#include "core/audit/export_read_internal.h"
#include "core/keys/base64.h"

bool
value_number(const char * text, uint64_t most, uint64_t * out)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; text[i] >= '0' && text[i] <= '9'; i++) {
		if (n > (most - (uint64_t)(text[i] - '0')) / 10)
			return (false);
		n = n * 10 + (uint64_t)(text[i] - '0');
	}
	*out = n;
	return (i > 0 && text[i] == '\0' && (text[0] != '0' || i == 1));
}

bool
value_id(const char * text, struct sr_id * out)
{
	char again[SR_ID_STRLEN + 1];

	if (!sr_id_parse(text, out))
		return (false);
	sr_id_format(out, again);
	return (strcmp(text, again) == 0);
}

bool
value_time(const char * text, sr_time * out)
{
	char again[SR_TIME_STRLEN + 1];

	if (!clock_parse(text, out))
		return (false);
	clock_format(*out, again);
	return (strcmp(text, again) == 0);
}

bool
value_hash(const char * text, uint8_t out[MERKLE_LEN])
{

	return (base64_exactly(text, strlen(text), out, MERKLE_LEN));
}

#define LEN(text)	(text), sizeof(text)

/* "yes" is all that an attribute masked can say. */
static bool
take_masked(const char * text, bool there, bool * masked)
{

	*masked = *masked || there;
	return (!there || strcmp(text, "yes") == 0);
}

static bool
identification(struct export_reader * r, struct event * e)
{
	char id[40], time[40], correlation[40], masked[4];
	bool error, is_masked;
	const struct attribute a[] = {
		{ "id", LEN(id), NULL }, { "time", LEN(time), NULL },
		{ "action", LEN(e->action), NULL },
		{ "outcome", LEN(e->outcome), NULL },
		{ "error", LEN(e->error), &error },
		{ "correlation", LEN(correlation), NULL },
		{ "masked", LEN(masked), &is_masked },
	};
	struct chain_row * row = &e->row.row;

	if (!reader_opens(r, "EventIdentification") ||
	    !reader_attributes(r, a, COUNTOF(a)) || !reader_closes(r))
		return (false);
	row->action = e->action;
	row->outcome = e->outcome;
	row->error_type = error ? e->error : NULL;
	return (value_id(id, &row->id) && value_time(time,
	    &row->occurred_at) && value_id(correlation,
	    &row->correlation_id) && take_masked(masked, is_masked,
	    &e->masked));
}

static bool
participant(struct export_reader * r, struct event * e)
{
	char id[40], masked[4];
	bool has_id, is_masked;
	const struct attribute a[] = {
		{ "kind", LEN(e->kind), NULL }, { "id", LEN(id), &has_id },
		{ "label", LEN(e->label), NULL },
		{ "masked", LEN(masked), &is_masked },
	};
	struct chain_row * row = &e->row.row;

	if (!reader_opens(r, "ActiveParticipant") ||
	    !reader_attributes(r, a, COUNTOF(a)) || !reader_closes(r))
		return (false);
	row->actor_kind = e->kind;
	row->actor_label = e->label;
	row->actor_id = has_id ? &e->row.actor_id : NULL;
	return ((!has_id || value_id(id, &e->row.actor_id)) &&
	    take_masked(masked, is_masked, &e->masked));
}

static bool
source(struct export_reader * r, struct event * e)
{
	char chain[40], seq[16], prev[48], mac[48];
	bool has_prev, has_mac;
	const struct attribute a[] = {
		{ "chain", LEN(chain), NULL }, { "seq", LEN(seq), NULL },
		{ "prev", LEN(prev), &has_prev }, { "mac", LEN(mac), &has_mac },
	};
	struct chain_row * row = &e->row.row;
	uint64_t n;

	if (!reader_opens(r, "AuditSourceIdentification") ||
	    !reader_attributes(r, a, COUNTOF(a)) || !reader_closes(r) ||
	    !value_number(seq, UINT32_MAX, &n))
		return (false);
	row->chain_seq = (uint32_t)n;
	row->prev_mac = has_prev ? e->prev_mac : NULL;
	e->row.mac = has_mac ? e->mac : NULL;
	return (value_id(chain, &row->chain_id) &&
	    (!has_prev || value_hash(prev, e->prev_mac)) &&
	    (!has_mac || value_hash(mac, e->mac)));
}

static bool
object(struct export_reader * r, struct event * e)
{
	char id[40], version[16], masked[4];
	bool has_kind, has_id, has_scope, has_name, has_version, is_masked;
	const struct attribute a[] = {
		{ "kind", LEN(e->target_kind), &has_kind },
		{ "id", LEN(id), &has_id },
		{ "scope", LEN(e->scope), &has_scope },
		{ "name", LEN(e->name), &has_name },
		{ "version", LEN(version), &has_version },
		{ "masked", LEN(masked), &is_masked },
	};
	struct chain_row * row = &e->row.row;
	uint64_t n = 0;

	if (!reader_opens(r, "ParticipantObjectIdentification") ||
	    !reader_attributes(r, a, COUNTOF(a)) || !reader_closes(r))
		return (false);
	row->target_kind = has_kind ? e->target_kind : NULL;
	row->target_id = has_id ? &e->row.target_id : NULL;
	row->scope = has_scope ? e->scope : NULL;
	row->name = has_name ? e->name : NULL;
	if (has_version && (!value_number(version, UINT32_MAX, &n) || n == 0))
		return (false);
	row->key_version = (uint32_t)n;
	return ((!has_id || value_id(id, &e->row.target_id)) &&
	    take_masked(masked, is_masked, &e->masked));
}

/** reader_event(r, e): the element event, which is next. */
bool
reader_event(struct export_reader * r, struct event * e)
{
	char leaf[24], hash[48];
	const struct attribute a[] = {
		{ "leaf", LEN(leaf), NULL }, { "hash", LEN(hash), NULL },
	};
	struct chain_row * row = &e->row.row;
	const char * name;

	row->target_kind = row->scope = row->name = NULL;
	row->target_id = NULL;
	row->key_version = 0;
	e->masked = false;
	if (!reader_opens(r, "event") ||
	    !reader_attributes(r, a, COUNTOF(a)) ||
	    !value_number(leaf, UINT64_MAX, &e->leaf) ||
	    !value_hash(hash, e->hash) || !identification(r, e) ||
	    !participant(r, e) || !source(r, e) || !reader_next(r, &name))
		return (false);
	return ((name[0] == '\0' || object(r, e)) && reader_closes(r));
}

/** reader_missing(r, leaf, hash): the element missing, which is next. */
bool
reader_missing(struct export_reader * r, uint64_t * leaf,
    uint8_t hash[MERKLE_LEN])
{
	char number[24], text[48];
	const struct attribute a[] = {
		{ "leaf", LEN(number), NULL }, { "hash", LEN(text), NULL },
	};

	return (reader_opens(r, "missing") &&
	    reader_attributes(r, a, COUNTOF(a)) && reader_closes(r) &&
	    value_number(number, UINT64_MAX, leaf) && value_hash(text, hash));
}

/** reader_omitted(r, level, hash): the element omitted, which is next. */
bool
reader_omitted(struct export_reader * r, unsigned * level,
    uint8_t hash[MERKLE_LEN])
{
	char number[24], text[48];
	const struct attribute a[] = {
		{ "level", LEN(number), NULL }, { "hash", LEN(text), NULL },
	};
	uint64_t n;

	if (!reader_opens(r, "omitted") ||
	    !reader_attributes(r, a, COUNTOF(a)) || !reader_closes(r) ||
	    !value_number(number, MERKLE_LEVELS - 1, &n))
		return (false);
	*level = (unsigned)n;
	return (value_hash(text, hash));
}
