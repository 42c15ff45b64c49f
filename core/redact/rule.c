#include <stdlib.h>
#include <string.h>

#include <hs/hs.h>

#include "core/redact/alloc_internal.h"
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

struct rules {
	hs_database_t * db;
	hs_scratch_t * scratch;		/* The one that others are made from. */
};

struct rule_scratch {
	hs_scratch_t * hs;
	size_t again[COUNTOF(rows)];	/* Where a rule looks again. */
};

/* What the callback of a scan needs. */
struct run {
	struct rule_text text;
	struct rule_scratch * scratch;
	struct span_list * spans;
};

static enum sr_error
compile(hs_database_t ** db)
{
	const char * anchors[COUNTOF(rows)];
	unsigned flags[COUNTOF(rows)], ids[COUNTOF(rows)];
	size_t lens[COUNTOF(rows)];
	hs_compile_error_t * complaint = NULL;
	unsigned i;

	for (i = 0; i < COUNTOF(rows); i++) {
		anchors[i] = rows[i].anchor;
		lens[i] = strlen(rows[i].anchor);
		flags[i] = rows[i].caseless ? HS_FLAG_CASELESS : 0;
		ids[i] = i;
	}
	if (hs_compile_lit_multi(anchors, flags, ids, lens,
	    (unsigned)COUNTOF(rows), HS_MODE_BLOCK, NULL, db,
	    &complaint) == HS_SUCCESS)
		return (SR_OK);
	(void)hs_free_compile_error(complaint);
	return (SR_E_INTERNAL_ERROR);
}

/** rules_new(out): compile the rules. */
enum sr_error
rules_new(struct rules ** out)
{
	struct rules * r;
	enum sr_error err;

	*out = NULL;
	if ((r = calloc(1, sizeof(*r))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	if ((err = compile(&r->db)) != SR_OK)
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

/* An anchor ends at ${end}. Not 0 stops the scan. */
static int
on_anchor(unsigned id, unsigned long long from, unsigned long long end,
    unsigned flags, void * cookie)
{
	struct run * run = cookie;
	const struct rule * rule = &rows[id];
	struct rule_hit hit = { .text = run->text, .rule = id,
	    .end = (size_t)end, .spans = run->spans };

	(void)from;
	(void)flags;
	hit.start = hit.end - strlen(rule->anchor);
	if (hit.start < run->scratch->again[id])
		return (0);
	run->scratch->again[id] = rule->find(&hit, rule);
	return (run->spans->cause != REDACT_CAUSE_NONE);
}

/** rules_scan(r, s, text, len, spans): append what the rules find. */
enum redact_cause
rules_scan(const struct rules * r, struct rule_scratch * s, const char * text,
    size_t len, struct span_list * spans)
{
	struct run run = { .text = { .p = text, .len = len }, .scratch = s,
	    .spans = spans };
	hs_error_t err;

	if (len == 0)
		return (REDACT_CAUSE_NONE);
	if (len > UINT32_MAX)
		return (REDACT_CAUSE_LIMIT);
	memset(s->again, 0, sizeof(s->again));
	err = hs_scan(r->db, text, (unsigned)len, 0, s->hs, on_anchor, &run);
	if (spans->cause != REDACT_CAUSE_NONE)
		return (spans->cause);
	return (err == HS_SUCCESS ? REDACT_CAUSE_NONE : REDACT_CAUSE_ENGINE);
}

/** rule_row(i): row ${i} of rule.def, or NULL behind the last. */
const struct rule *
rule_row(unsigned i)
{

	return (i < COUNTOF(rows) ? &rows[i] : NULL);
}

/** rule_add(hit, start, end, blank): append a span. */
bool
rule_add(const struct rule_hit * hit, size_t start, size_t end, bool blank)
{
	struct span span = { .start = start, .end = end, .from = start,
	    .to = end, .rule = hit->rule, .blank = blank };

	return (span_add(hit->spans, &span));
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
