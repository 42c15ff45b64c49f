/* Heads that were kept outside, held against a file as it is folded. */

#include <stdlib.h>
#include <string.h>

#include "core/audit/checkpoint_heads.h"
#include "core/audit/checkpoint_internal.h"
#include "core/audit/export_heads_internal.h"

struct reading {
	struct kept_heads * h;
	const struct export_question * q;
	struct export_answer * out;
	audit_finding_fn * fn;
	void * cookie;
};

/* Every second one goes, and the largest stays. */
static void
thin(struct kept_heads * h, struct export_answer * out)
{
	size_t i, n = 0;

	for (i = 1; i < h->n; i += 2)
		h->v[n++] = h->v[i];
	out->heads_thinned += h->n - n;
	h->n = n;
}

static enum sr_error
keep(const struct checkpoint * head, void * cookie)
{
	struct reading * r = cookie;
	struct kept_heads * h = r->h;
	struct checkpoint cp = *head;
	const struct audit_finding f = { .kind = FINDING_HEAD_SIGNATURE,
	    .leaf_index = FINDING_NO_NUMBER, .tree_size = head->tree_size };

	if (!checkpoint_take_key(&cp, r->q->public_key)) {
		r->out->heads_foreign++;
		return (SR_OK);
	}
	if (!checkpoint_verify(&cp)) {
		r->out->found[f.kind]++;
		r->out->findings++;
		return (r->fn(&f, r->cookie));
	}
	/* Logs repeat what they say when they are read twice. */
	if (h->n > 0 && h->v[h->n - 1].size == cp.tree_size &&
	    same_bytes(h->v[h->n - 1].root, cp.root, MERKLE_LEN))
		return (SR_OK);
	if (cp.tree_size > h->largest)
		h->largest = cp.tree_size;
	if (h->n == KEPT_HEADS_MAX)
		thin(h, r->out);
	h->v[h->n].size = cp.tree_size;
	memcpy(h->v[h->n].root, cp.root, MERKLE_LEN);
	h->n++;
	return (SR_OK);
}

static int
by_size(const void * a, const void * b)
{
	const struct kept_head * x = a, * y = b;

	return (x->size < y->size ? -1 : x->size > y->size);
}

/* None of them is this key's: what was asked for cannot be shown. */
static enum sr_error
say_none(const struct reading * r)
{
	const struct audit_finding f = { .kind = FINDING_HEAD_FOREIGN,
	    .leaf_index = FINDING_NO_NUMBER };

	r->out->found[f.kind]++;
	r->out->findings++;
	return (r->fn(&f, r->cookie));
}

/** kept_heads_read(q, fn, cookie, out, h): sorted by size. */
enum sr_error
kept_heads_read(const struct export_question * q, audit_finding_fn * fn,
    void * cookie, struct export_answer * out, struct kept_heads * h)
{
	struct reading r = { .h = h, .q = q, .out = out, .fn = fn,
	    .cookie = cookie };
	enum sr_error err;

	*h = (struct kept_heads){ .n = 0 };
	if (q->heads < 0)
		return (SR_OK);
	if ((h->v = calloc(KEPT_HEADS_MAX, sizeof(*h->v))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	err = checkpoint_heads_read(q->heads, keep, &r);
	if (err == SR_OK && h->n == 0)
		err = say_none(&r);
	if (h->n > 1)
		qsort(h->v, h->n, sizeof(*h->v), by_size);
	return (err);
}

/** kept_heads_free(h): release. */
void
kept_heads_free(struct kept_heads * h)
{

	free(h->v);
	*h = (struct kept_heads){ .n = 0 };
}
