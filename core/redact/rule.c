#include <stdlib.h>
#include <string.h>

#include "core/redact/alloc_internal.h"
#include "core/redact/rule_database_internal.h"
#include "core/redact/rule_internal.h"

/* Rows of rule.def. */
#define S(secret)	"\2" secret "\3"
#define LIST(...)	((const char * const []){ __VA_ARGS__, NULL })
#define NONE		LIST(NULL)
#define RULE(name, anchor, caseless, find, before, shape, floor,	\
    source, examples, counters)						\
	{ name, anchor, caseless, find, before, shape, floor, source,	\
	    examples, counters },
static const struct rule rows[] = {
#include "core/redact/rule.def"
};
#undef RULE
#undef NONE
#undef LIST
#undef S

/* Rows fit. */
_Static_assert(COUNTOF(rows) <= RULES_MAX, "raise RULES_MAX");

struct rules {
	hs_database_t * db;
	hs_scratch_t * scratch;		/* The one that others are made from. */
	struct rule_anchors anchors;
};

struct rule_scratch {
	hs_scratch_t * hs;
	struct rule_memo memo[64];
};

/* What the callback of a scan needs. */
struct run {
	struct rule_hit hit;
	const struct rules * rules;
	size_t base;		/* Where the scan began. */
	size_t open;
	bool cut;
};

/** rules_new(out): what the rules need. */
enum sr_error
rules_new(struct rules ** out)
{
	struct rules * r;
	enum sr_error err;

	*out = NULL;
	if ((r = calloc(1, sizeof(*r))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	rule_anchors_measure(&r->anchors);
	if ((err = rule_database_load(&r->anchors, rule_database,
	    rule_database_len, &r->db)) != SR_OK)
		goto err;
	err = SR_E_OUT_OF_MEMORY;
	if (hs_alloc_scratch(r->db, &r->scratch) != HS_SUCCESS)
		goto err;
	*out = r;
	return (SR_OK);

err:
	rules_free(&r);
	return (err);
}

/** rules_free(r): release; *r becomes NULL, and may be. */
void
rules_free(struct rules ** r)
{

	if (r == NULL || *r == NULL)
		return;
	(void)hs_free_scratch((*r)->scratch);
	(void)hs_free_database((*r)->db);
	free(*r);
	*r = NULL;
}

/** rule_scratch_new(r): NULL when out of memory. */
struct rule_scratch *
rule_scratch_new(const struct rules * r)
{
	struct rule_scratch * s;

	if ((s = redact_alloc(sizeof(*s))) == NULL)
		return (NULL);
	s->hs = NULL;
	if (hs_clone_scratch(r->scratch, &s->hs) != HS_SUCCESS) {
		free(s);
		return (NULL);
	}
	return (s);
}

/** rule_scratch_free(s): release; *s becomes NULL, and may be. */
void
rule_scratch_free(struct rule_scratch ** s)
{

	if (s == NULL || *s == NULL)
		return;
	(void)hs_free_scratch((*s)->hs);
	free(*s);
	*s = NULL;
}

/* What row ${id} makes of the anchor that was hit. */
static void
find(struct run * run, unsigned id, const struct rule_extent * e)
{
	struct rule_hit * hit = &run->hit;
	size_t n = hit->spans->n, first;

	hit->rule = id;
	hit->lead = e->lead;
	hit->least = e->least;
	run->cut = false;
	rows[id].find(hit, &rows[id]);
	if (run->cut && !hit->text.last) {
		hit->spans->n = n;
		first = hit->lead < hit->start ? hit->start - hit->lead : 0;
		if (first < run->open)
			run->open = first;
	}
}

/* An anchor ends at ${end}. Not 0 stops the scan. */
static int
on_anchor(unsigned id, unsigned long long from, unsigned long long end,
    unsigned flags, void * cookie)
{
	struct run * run = cookie;
	struct rule_hit * hit = &run->hit;
	const struct rule_extent * e = &run->rules->anchors.extent[id];
	bool begins;

	(void)from;
	(void)flags;
	hit->end = run->base + (size_t)end;
	hit->start = hit->end - e->anchor;
	/* Most anchors of tokens are within words: risk_, task_. */
	begins = rule_boundary(&hit->text, hit->start);
	for (;;) {
		if (begins || !e->begins)
			find(run, id, e);
		if (e->same == 0)
			break;
		id = e->same - 1;
		e = &run->rules->anchors.extent[id];
	}
	return (hit->spans->cause != REDACT_CAUSE_NONE);
}

/* A copy of the view's text in which known secrets are NULs. */
static char *
blank_known(const struct view * view, const struct span_list * known)
{
	char * copy = redact_alloc(view->len);
	const struct span * span;
	size_t i, end;

	if (copy == NULL)
		return (NULL);
	memcpy(copy, view->text, view->len);
	for (i = 0; i < known->n; i++) {
		span = &known->v[i];
		end = span->end < view->len ? span->end : view->len;
		if (span->start < end)
			memset(&copy[span->start], 0, end - span->start);
	}
	return (copy);
}

/* Let go of what may still change; a key of several lines is one thing. */
static void
settle(struct span_list * spans, size_t first, size_t from, size_t * open)
{
	size_t i, n;
	bool moved;

	if (*open < from)
		*open = from;
	do {
		moved = false;
		for (i = first; i < spans->n; i++) {
			if (!spans->v[i].blank || spans->v[i].end <= *open ||
			    spans->v[i].from >= *open)
				continue;
			*open = spans->v[i].from;
			moved = true;
		}
	} while (moved);
	for (i = n = first; i < spans->n; i++) {
		if (spans->v[i].start < *open)
			spans->v[n++] = spans->v[i];
	}
	spans->n = n;
}

static enum redact_cause
scan(const struct rules * r, struct rule_scratch * s, struct run * run)
{
	const struct rule_text * t = &run->hit.text;
	enum redact_cause cause;
	hs_error_t err;

	memset(s->memo, 0, sizeof(s->memo));
	err = hs_scan(r->db, &t->p[run->base], (unsigned)(t->len - run->base),
	    0, s->hs, on_anchor, run);
	if ((cause = run->hit.spans->cause) != REDACT_CAUSE_NONE)
		return (cause);
	return (err == HS_SUCCESS ? REDACT_CAUSE_NONE : REDACT_CAUSE_ENGINE);
}

/** rules_pass(r, s, view, known, spans, open): append what the rules find. */
enum redact_cause
rules_pass(const struct rules * r, struct rule_scratch * s,
    const struct view * view, const struct span_list * known,
    struct span_list * spans, size_t * open)
{
	struct run run = { .rules = r, .open = view->len,
	    .base = view->from > RULE_AHEAD ? view->from - RULE_AHEAD : 0 };
	enum redact_cause cause;
	size_t first = spans->n;
	char * copy = NULL;

	*open = view->len;
	if (view->len == 0 || view->len == run.base)
		return (REDACT_CAUSE_NONE);
	if (view->len > UINT32_MAX)
		return (REDACT_CAUSE_LIMIT);
	if (known != NULL && known->n != 0 &&
	    (copy = blank_known(view, known)) == NULL)
		return (REDACT_CAUSE_MEMORY);
	run.hit = (struct rule_hit){ .from = view->from, .spans = spans,
	    .text = { .p = copy != NULL ? copy : view->text, .len = view->len,
	    .last = view->last, .cut = &run.cut, .memo = s->memo } };
	cause = scan(r, s, &run);
	if (copy != NULL) {
		explicit_bzero(copy, view->len);
		free(copy);
	}
	*open = view->last ? view->len :
	    rule_anchors_unseen(&r->anchors, view->text, view->len);
	if (run.open < *open)
		*open = run.open;
	settle(spans, first, view->from, open);
	return (cause);
}

/** rule_row(i): row ${i} of rule.def, or NULL behind the last. */
const struct rule *
rule_row(unsigned i)
{

	return (i < COUNTOF(rows) ? &rows[i] : NULL);
}

/** rule_add(hit, start, end): append a span unless it starts before from. */
void
rule_add(const struct rule_hit * hit, size_t start, size_t end)
{
	struct span span = { .start = start, .end = end, .from = start,
	    .to = end, .rule = hit->rule };

	if (start < hit->from || end <= start)
		return;
	if (end - start > VIEW_RULE_MAX)
		span.end = span.to = start + VIEW_RULE_MAX;
	(void)span_add(hit->spans, &span);
}

/** rule_tagged(i, p, len): whether what rule ${i} found may carry a tag. */
bool
rule_tagged(unsigned i, const char * p, size_t len)
{

	/* Made by a machine by its format, or too much to be guessed. */
	if (rows[i].floor > 0)
		return (true);
	return (len >= 24 && rule_entropy(p, len) * len >= 10 * 96);
}

/** rule_example(example, out, size, from, to): ${example} without its marks. */
size_t
rule_example(const char * example, char * out, size_t size, size_t * from,
    size_t * to)
{
	size_t n = 0;

	*from = *to = 0;
	for (; *example != '\0'; example++) {
		if (*example == '\2') {
			*from = n;
		} else if (*example == '\3') {
			*to = n;
		} else {
			must(n < size);
			out[n++] = *example;
		}
	}
	return (n);
}
