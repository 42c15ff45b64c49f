#include <stdlib.h>
#include <string.h>

#include "core/redact/alloc_internal.h"
#include "core/redact/known_internal.h"
#include "core/redact/span_internal.h"

#define SPANS_KEPT	4096

static bool
grow(struct span_list * list)
{
	size_t cap = list->cap == 0 ? 64 : list->cap * 2;
	struct span * v;

	if (cap > SPANS_MAX) {
		list->cause = REDACT_CAUSE_LIMIT;
		return (false);
	}
	if ((v = redact_alloc(cap * sizeof(*v))) == NULL) {
		list->cause = REDACT_CAUSE_MEMORY;
		return (false);
	}
	if (list->n != 0)
		memcpy(v, list->v, list->n * sizeof(*v));
	free(list->v);
	list->v = v;
	list->cap = cap;
	return (true);
}

/** span_add(list, span): append ${span}, or widen the last one. */
bool
span_add(struct span_list * list, const struct span * span)
{
	struct span * last = list->n == 0 ? NULL : &list->v[list->n - 1];

	if (last != NULL && span->known != NULL &&
	    last->known == span->known && span->start >= last->start &&
	    span->start < last->end) {
		if (span->end > last->end)
			last->end = span->end;
		return (true);
	}
	if (list->n == list->cap && !grow(list))
		return (false);
	list->v[list->n++] = *span;
	return (true);
}

static int
by_start(const void * a, const void * b)
{
	const struct span * x = a;
	const struct span * y = b;

	if (x->start != y->start)
		return (x->start < y->start ? -1 : 1);
	if (x->end != y->end)
		return (x->end > y->end ? -1 : 1);
	return (0);
}

/* Whether ${a} rather than ${b} names their union. */
static bool
names_before(const struct span * a, const struct span * b)
{
	size_t a_len = a->to - a->from, b_len = b->to - b->from;

	if (a->more != b->more)
		return (a->more);
	if ((a->known != NULL) != (b->known != NULL))
		return (a->known != NULL);
	if (a->known == NULL) {
		if (a->blank != b->blank)
			return (b->blank);
		return (a->rule < b->rule);
	}
	if (a_len != b_len)
		return (a_len > b_len);
	return (strcmp(known_form_label(a->known),
	    known_form_label(b->known)) < 0);
}

/** span_merge(list): sort, and make one of what overlaps. */
void
span_merge(struct span_list * list)
{
	struct span * last;
	struct span * next;
	size_t i, n = 0, start, end;

	if (list->n < 2)
		return;
	qsort(list->v, list->n, sizeof(*list->v), by_start);
	for (i = 1; i < list->n; i++) {
		last = &list->v[n];
		next = &list->v[i];
		if (next->start >= last->end) {
			list->v[++n] = *next;
			continue;
		}
		start = last->start;
		end = next->end > last->end ? next->end : last->end;
		if (next->start - start < SPAN_NAMED &&
		    names_before(next, last))
			*last = *next;
		last->start = start;
		last->end = end;
	}
	list->n = n + 1;
}

/** span_count(list, hits): add the merged spans to ${hits}. */
void
span_count(const struct span_list * list, struct redact_hits * hits)
{
	size_t i;

	for (i = 0; i < list->n; i++) {
		if (list->v[i].more)
			continue;
		if (list->v[i].known != NULL)
			hits->known++;
		else if (!list->v[i].blank)
			hits->rules++;
	}
}

/** span_reset(list): empty it; memory is kept unless there is much of it. */
void
span_reset(struct span_list * list)
{

	if (list->cap > SPANS_KEPT)
		span_free(list);
	list->n = 0;
	list->cause = REDACT_CAUSE_NONE;
}

/** span_free(list): release. */
void
span_free(struct span_list * list)
{

	free(list->v);
	*list = (struct span_list){ .n = 0 };
}
