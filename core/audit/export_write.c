/* The elements of an export: export.FORMAT. */

#include <string.h>

#include "core/audit/export_internal.h"
#include "core/base/strbuf.h"
#include "core/redact/compose.h"

/** gap_add(g, leaf, hash): leaf ${leaf}, which follows the former one. */
void
gap_add(struct gap * g, uint64_t leaf, const uint8_t hash[MERKLE_LEN])
{
	unsigned level = 0;

	must(g->n == 0 || g->end == leaf);
	g->level[g->n] = 0;
	memcpy(g->hash[g->n], hash, MERKLE_LEN);
	g->n++;
	g->end = leaf + 1;
	/* Two that are the halves of one subtree of the tree become it. */
	while (g->n >= 2 && g->level[g->n - 2] == level &&
	    g->end % (UINT64_C(2) << level) == 0) {
		merkle_node(g->hash[g->n - 2], g->hash[g->n - 1],
		    g->hash[g->n - 2]);
		g->n--;
		g->level[g->n - 1] = ++level;
	}
}

/* What is typed and never NULL. */
static void
number(struct compose * c, const char * before, uint64_t n)
{

	compose_constant(c, before);
	compose_u64(c, n);
}

static void
id(struct compose * c, const char * before, const struct sr_id * value)
{

	compose_constant(c, before);
	compose_id(c, value);
}

static void
hash(struct compose * c, const char * before, const uint8_t value[MERKLE_LEN])
{

	compose_constant(c, before);
	compose_base64(c, value, MERKLE_LEN);
}

/* A text, which may be NULL: then there is no attribute. */
static bool
text(struct compose * c, const char * before, const char * value)
{
	bool same;

	if (value == NULL)
		return (true);
	compose_constant(c, before);
	same = compose_xml_text(c, value, strlen(value));
	compose_lit(c, "\"");
	return (same);
}

/* How an element ends whose text is masked, or not. */
static bool
close_element(struct compose * c, bool same)
{

	compose_constant(c, same ? "/>" : " masked=\"yes\"/>");
	return (same);
}

static bool
identification(struct compose * c, const struct chain_row * r)
{
	bool same;

	id(c, "<EventIdentification id=\"", &r->id);
	compose_lit(c, "\" time=\"");
	compose_time(c, r->occurred_at);
	compose_lit(c, "\"");
	same = text(c, " action=\"", r->action);
	same = text(c, " outcome=\"", r->outcome) && same;
	same = text(c, " error=\"", r->error_type) && same;
	id(c, " correlation=\"", &r->correlation_id);
	compose_lit(c, "\"");
	return (close_element(c, same));
}

static bool
participant(struct compose * c, const struct chain_row * r)
{
	bool same;

	compose_lit(c, "<ActiveParticipant");
	same = text(c, " kind=\"", r->actor_kind);
	if (r->actor_id != NULL) {
		id(c, " id=\"", r->actor_id);
		compose_lit(c, "\"");
	}
	same = text(c, " label=\"", r->actor_label) && same;
	return (close_element(c, same));
}

static void
source(struct compose * c, const struct read_row * r)
{

	id(c, "<AuditSourceIdentification chain=\"", &r->row.chain_id);
	number(c, "\" seq=\"", r->row.chain_seq);
	if (r->row.prev_mac != NULL)
		hash(c, "\" prev=\"", r->row.prev_mac);
	if (r->mac != NULL)
		hash(c, "\" mac=\"", r->mac);
	compose_lit(c, "\"/>");
}

static bool
object(struct compose * c, const struct chain_row * r)
{
	bool same;

	if (r->target_kind == NULL && r->target_id == NULL &&
	    r->scope == NULL && r->name == NULL && r->key_version == 0)
		return (true);
	compose_lit(c, "<ParticipantObjectIdentification");
	same = text(c, " kind=\"", r->target_kind);
	if (r->target_id != NULL) {
		id(c, " id=\"", r->target_id);
		compose_lit(c, "\"");
	}
	same = text(c, " scope=\"", r->scope) && same;
	same = text(c, " name=\"", r->name) && same;
	if (r->key_version != 0) {
		number(c, " version=\"", r->key_version);
		compose_lit(c, "\"");
	}
	return (close_element(c, same));
}

/** export_event(c, leaf, hash, row): an event; whether nothing is masked. */
bool
export_event(struct compose * c, uint64_t leaf,
    const uint8_t leaf_hash[MERKLE_LEN], const struct read_row * row)
{
	bool same;

	number(c, "<event leaf=\"", leaf);
	hash(c, "\" hash=\"", leaf_hash);
	compose_lit(c, "\">");
	same = identification(c, &row->row);
	same = participant(c, &row->row) && same;
	source(c, row);
	same = object(c, &row->row) && same;
	compose_lit(c, "</event>\n");
	return (same);
}

/** export_missing(c, leaf, hash): a leaf whose row is gone. */
void
export_missing(struct compose * c, uint64_t leaf,
    const uint8_t leaf_hash[MERKLE_LEN])
{

	number(c, "<missing leaf=\"", leaf);
	hash(c, "\" hash=\"", leaf_hash);
	compose_lit(c, "\"/>\n");
}

/** export_gap(c, g): the elements of a gap, which is empty after. */
void
export_gap(struct compose * c, struct gap * g)
{
	size_t i;

	for (i = 0; i < g->n; i++) {
		number(c, "<omitted level=\"", g->level[i]);
		hash(c, "\" hash=\"", g->hash[i]);
		compose_lit(c, "\"/>\n");
	}
	g->n = 0;
}

static void
origin(struct compose * c, const struct checkpoint * cp)
{

	compose_lit(c, "strongroom.audit/");
	compose_hex(c, cp->named, CHECKPOINT_NAMED_LEN - 4);
}

/* The note, made of typed parts: a signature looks like a token to the gate. */
static void
checkpoint_element(struct compose * c, const struct checkpoint * cp)
{
	uint8_t sig[4 + SIGN_LEN];

	number(c, "<checkpoint size=\"", cp->tree_size);
	compose_lit(c, "\">");
	origin(c, cp);
	number(c, "\n", cp->tree_size);
	hash(c, "\n", cp->root);
	compose_lit(c, "\ntime ");
	compose_time(c, cp->made_at);
	compose_lit(c, "\n\n\xe2\x80\x94 ");
	origin(c, cp);
	compose_lit(c, " ");
	memcpy(sig, cp->named + CHECKPOINT_NAMED_LEN - 4, 4);
	memcpy(sig + 4, cp->signature, SIGN_LEN);
	compose_base64(c, sig, sizeof(sig));
	compose_lit(c, "\n</checkpoint>\n");
}

static const char *
asked(const char * value)
{

	return (value[0] == '\0' ? NULL : value);
}

static void
filter_time(struct compose * c, const char * before, sr_time t)
{

	if (t == SR_TIME_NONE)
		return;
	compose_constant(c, before);
	compose_time(c, t);
	compose_lit(c, "\"");
}

static void
filter_element(struct compose * c, const struct audit_filter * f)
{
	bool same;

	compose_lit(c, "<filter");
	filter_time(c, " from=\"", f->from);
	filter_time(c, " to=\"", f->to);
	same = text(c, " actor=\"", asked(f->actor));
	same = text(c, " action=\"", asked(f->action)) && same;
	same = text(c, " outcome=\"", asked(f->outcome)) && same;
	same = text(c, " kind=\"", asked(f->target_kind)) && same;
	if (!sr_id_is_nil(&f->target_id)) {
		id(c, " id=\"", &f->target_id);
		compose_lit(c, "\"");
	}
	same = text(c, " scope=\"", asked(f->scope)) && same;
	same = text(c, " name=\"", asked(f->name)) && same;
	(void)close_element(c, same);
	compose_lit(c, "\n");
}

/** export_head(c, export, earlier, n): all before the first event. */
void
export_head(struct compose * c, const struct audit_export * export,
    const struct checkpoint * earlier, size_t n)
{
	size_t i;

	compose_lit(c, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<audit-export xmlns=\"" EXPORT_NAMESPACE "\">\n<head>\n"
	    "<key algorithm=\"Ed25519\">");
	compose_base64(c, export->head.public_key, SIGN_PUBLIC_LEN);
	compose_lit(c, "</key>\n");
	checkpoint_element(c, &export->head);
	filter_element(c, &export->filter);
	compose_lit(c, "<earlier>\n");
	for (i = 0; i < n; i++)
		checkpoint_element(c, &earlier[i]);
	compose_lit(c, "</earlier>\n</head>\n<events>\n");
}

/** export_end(c, counts): all behind the last event. */
void
export_end(struct compose * c, const struct audit_export_counts * counts)
{

	number(c, "</events>\n<end events=\"", counts->events);
	number(c, "\" omitted=\"", counts->omitted);
	number(c, "\" missing=\"", counts->missing);
	number(c, "\" masked=\"", counts->masked);
	compose_lit(c, "\"/>\n</audit-export>\n");
}
