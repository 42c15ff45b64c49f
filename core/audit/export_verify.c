#include <stdlib.h>
#include <string.h>

#include "core/audit/checkpoint_internal.h"
#include "core/audit/export_heads_internal.h"
#include "core/audit/export_read_internal.h"
#include "core/base/strbuf.h"

struct verification {
	const struct export_question * q;
	struct export_answer * out;
	audit_finding_fn * fn;
	void * cookie;
	enum sr_error said;		/* By ${fn}, or out of memory. */
	struct export_reader * r;
	struct merkle tree;
	struct kept_heads heads;
	size_t next;			/* Of top.earlier. */
	bool told;			/* Why it ended early. */
	struct strbuf scratch;
	struct export_top top;
	struct event event;
};

/* Whether to go on. */
static bool
found(struct verification * v, enum audit_finding_kind kind, uint64_t leaf,
    uint64_t size, const struct sr_id * event)
{
	const struct audit_finding f = { .kind = kind, .leaf_index = leaf,
	    .leaves = leaf == FINDING_NO_NUMBER ? 0 : 1, .tree_size = size,
	    .event_id = event == NULL ? sr_id_nil : *event };

	v->out->found[kind]++;
	v->out->findings++;
	v->said = v->fn(&f, v->cookie);
	return (v->said == SR_OK);
}

static bool
found_head(struct verification * v, enum audit_finding_kind kind,
    uint64_t size)
{

	return (found(v, kind, FINDING_NO_NUMBER, size, NULL));
}

/* A finding after which nothing more can be said. */
static bool
ends(struct verification * v, enum audit_finding_kind kind, uint64_t leaf,
    const struct sr_id * event)
{

	v->told = true;
	(void)found(v, kind, leaf, 0, event);
	return (false);
}

/* Heads of this size, the file's own and those kept outside. */
static bool
at_size(struct verification * v)
{
	struct kept_heads * h = &v->heads;
	const struct export_top * top = &v->top;
	uint64_t size = v->tree.size;
	uint8_t root[MERKLE_LEN];
	bool known = false;

	for (; v->next < top->earlier_n &&
	    top->earlier[v->next].tree_size <= size; v->next++) {
		if (!known)
			merkle_root(&v->tree, root);
		known = true;
		if (top->earlier[v->next].tree_size == size && same_bytes(root,
		    top->earlier[v->next].root, MERKLE_LEN))
			v->out->earlier++;
		else if (!found_head(v, FINDING_EARLIER_CONTRADICTS,
		    top->earlier[v->next].tree_size))
			return (false);
	}
	for (; h->next < h->n && h->v[h->next].size <= size; h->next++) {
		if (h->v[h->next].size < size) {
			v->out->heads_unreached++;
			continue;
		}
		if (!known)
			merkle_root(&v->tree, root);
		known = true;
		if (same_bytes(root, h->v[h->next].root, MERKLE_LEN))
			v->out->heads++;
		else if (!found_head(v, FINDING_HEAD_CONTRADICTS, size))
			return (false);
	}
	return (true);
}

/* The row's leaf hash, made of what is shown. */
static bool
check_row(struct verification * v)
{
	const struct event * e = &v->event;
	uint8_t leaf[MERKLE_LEN];

	if (e->masked) {
		v->out->masked++;
		return (true);
	}
	strbuf_reset(&v->scratch);
	chain_encode(&e->row.row, &v->scratch);
	chain_encode_mac(e->row.mac, &v->scratch);
	if (strbuf_status(&v->scratch) == SR_E_OUT_OF_MEMORY) {
		v->said = SR_E_OUT_OF_MEMORY;
		return (false);
	}
	merkle_leaf(strbuf_str(&v->scratch), v->scratch.len, leaf);
	if (strbuf_status(&v->scratch) != SR_OK ||
	    !same_bytes(leaf, e->hash, MERKLE_LEN))
		return (found(v, FINDING_EVENT_CHANGED, e->leaf, 0,
		    &e->row.row.id));
	v->out->proved++;
	if (!v->top.filter_masked &&
	    !audit_filter_matches(&v->top.filter, &e->row.row))
		return (found(v, FINDING_EVENT_UNASKED, e->leaf, 0,
		    &e->row.row.id));
	return (true);
}

static bool
take_event(struct verification * v)
{
	const struct event * e = &v->event;

	if (!reader_event(v->r, &v->event))
		return (false);
	if (e->leaf != v->tree.size)
		return (ends(v, FINDING_EVENT_MOVED, e->leaf, &e->row.row.id));
	v->out->events++;
	return (check_row(v) && merkle_append(&v->tree, 0, e->hash) &&
	    at_size(v));
}

static bool
take_missing(struct verification * v)
{
	uint8_t hash[MERKLE_LEN];
	uint64_t leaf;

	if (!reader_missing(v->r, &leaf, hash))
		return (false);
	if (leaf != v->tree.size)
		return (ends(v, FINDING_EVENT_MOVED, leaf, NULL));
	v->out->missing++;
	return (found(v, FINDING_ROW_MISSING, leaf, 0, NULL) &&
	    merkle_append(&v->tree, 0, hash) && at_size(v));
}

static bool
take_omitted(struct verification * v)
{
	uint8_t hash[MERKLE_LEN];
	uint64_t at = v->tree.size;
	unsigned level;

	if (!reader_omitted(v->r, &level, hash))
		return (false);
	if (!v->out->filtered &&
	    v->out->found[FINDING_EVENTS_OMITTED] == 0 &&
	    !found(v, FINDING_EVENTS_OMITTED, at, 0, NULL))
		return (false);
	if (!merkle_append(&v->tree, level, hash) ||
	    v->tree.size > v->top.head.tree_size)
		return (ends(v, FINDING_OMITTED_MISPLACED, at, NULL));
	v->out->omitted += v->tree.size - at;
	return (at_size(v));
}

/* All events, and what stands for those that are left out. */
static bool
fold(struct verification * v)
{
	const char * name;

	for (;;) {
		if (!reader_next(v->r, &name))
			return (false);
		if (name[0] == '\0')
			return (true);
		if (strcmp(name, "event") == 0 ? !take_event(v) :
		    strcmp(name, "omitted") == 0 ? !take_omitted(v) :
		    !take_missing(v))
			return (false);
	}
}

/* The keys and signatures of the head, and of the earlier ones. */
static bool
check_top(struct verification * v)
{
	struct export_top * top = &v->top;
	const uint8_t * key = v->q->public_key;
	size_t i;

	v->out->filtered = top->filter_masked ||
	    !audit_filter_is_empty(&top->filter);
	if (!same_bytes(top->public_key, key, SIGN_PUBLIC_LEN) &&
	    !found_head(v, FINDING_FILE_KEY, top->head.tree_size))
		return (false);
	if ((!checkpoint_take_key(&top->head, key) ||
	    !checkpoint_verify(&top->head)) && !found_head(v,
	    FINDING_CHECKPOINT_SIGNATURE, top->head.tree_size))
		return (false);
	for (i = 0; i < top->earlier_n; i++) {
		if ((!checkpoint_take_key(&top->earlier[i], key) ||
		    !checkpoint_verify(&top->earlier[i])) && !found_head(v,
		    FINDING_CHECKPOINT_SIGNATURE,
		    top->earlier[i].tree_size))
			return (false);
		if (top->earlier[i].tree_size >= top->head.tree_size ||
		    (i > 0 && top->earlier[i].tree_size <=
		    top->earlier[i - 1].tree_size))
			return (false);
	}
	return (true);
}

static bool
check_end(struct verification * v)
{
	const struct checkpoint * head = &v->top.head;
	struct audit_export_counts said;
	struct export_answer * out = v->out;
	uint8_t root[MERKLE_LEN];

	if (!reader_end(v->r, &said))
		return (false);
	merkle_root(&v->tree, root);
	if ((v->tree.size != head->tree_size ||
	    !same_bytes(root, head->root, MERKLE_LEN)) &&
	    !found_head(v, FINDING_TREE_BROKEN, head->tree_size))
		return (false);
	out->head = *head;
	if (said.events == out->events && said.omitted == out->omitted &&
	    said.missing == out->missing && said.masked == out->masked)
		return (true);
	return (found_head(v, FINDING_EVENTS_MISCOUNTED, head->tree_size));
}

/* The detached signature, over all bytes that there are. */
static enum sr_error
check_signature(struct verification * v)
{
	uint8_t hash[MINISIG_HASH_LEN];
	struct minisig sig;
	enum sr_error err;

	if ((err = reader_finish(v->r, hash, &v->out->bytes)) != SR_OK)
		return (err);
	if (v->q->signature == NULL)
		return (SR_OK);
	if (minisig_parse(v->q->signature, v->q->signature_len, &sig) &&
	    minisig_verify(&sig, v->q->public_key, hash)) {
		(void)snprintf(v->out->comment, sizeof(v->out->comment), "%s",
		    sig.comment);
		return (SR_OK);
	}
	(void)found_head(v, FINDING_FILE_SIGNATURE, v->top.head.tree_size);
	return (v->said);
}

static enum sr_error
verify(struct verification * v)
{
	enum sr_error err;
	bool good;

	if ((err = kept_heads_read(v->q, v->fn, v->cookie, v->out,
	    &v->heads)) != SR_OK || (err = reader_open(v->q->fd,
	    &v->r)) != SR_OK)
		return (err);
	good = reader_top(v->r, &v->top) && check_top(v) && at_size(v) &&
	    fold(v) && check_end(v);
	if (v->said != SR_OK)
		return (v->said);
	if ((err = check_signature(v)) != SR_OK)
		return (err);
	/* It does not parse; which way shows now that all of it was read. */
	if (!good && !v->told &&
	    !found(v, reader_wrong(v->r), v->tree.size, 0, NULL))
		return (v->said);
	if (good && v->heads.largest > v->top.head.tree_size)
		(void)found_head(v, FINDING_FILE_BEHIND, v->heads.largest);
	return (v->said);
}

/** audit_export_verify(q, fn, cookie, out): with nothing but a key. */
enum sr_error
audit_export_verify(const struct export_question * q, audit_finding_fn * fn,
    void * cookie, struct export_answer * out)
{
	struct verification * v;
	enum sr_error err;

	*out = (struct export_answer){ .bytes = 0 };
	if ((v = calloc(1, sizeof(*v))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	v->q = q;
	v->out = out;
	v->fn = fn;
	v->cookie = cookie;
	strbuf_init(&v->scratch, CHAIN_MESSAGE_MAX);
	merkle_init(&v->tree);
	err = verify(v);
	reader_free(&v->r);
	kept_heads_free(&v->heads);
	strbuf_free(&v->scratch);
	free(v);
	return (err);
}
