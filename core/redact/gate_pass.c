#include <stdlib.h>
#include <string.h>

#include "core/redact/alloc_internal.h"
#include "core/redact/entity_internal.h"
#include "core/redact/gate_internal.h"
#include "core/redact/mask_internal.h"
#include "core/redact/redacted_internal.h"

/** gate_state_cause(state): why an engine in ${state} withholds, or NONE. */
enum redact_cause
gate_state_cause(enum redact_state state)
{

	switch (state) {
	case REDACT_LOCKED:
		return (REDACT_CAUSE_LOCKED);
	case REDACT_STALE:
		return (REDACT_CAUSE_STALE);
	case REDACT_READY:
		break;
	}
	return (REDACT_CAUSE_NONE);
}

static struct gate_work *
work_new(struct redact * r)
{
	struct gate_work * w;

	if ((w = redact_alloc(sizeof(*w))) == NULL)
		return (NULL);
	*w = (struct gate_work){ .next = NULL };
	if ((w->scratch = rule_scratch_new(r->rules)) == NULL) {
		free(w);
		return (NULL);
	}
	return (w);
}

static struct gate_work *
work_take(struct redact * r)
{
	struct gate_work * w;

	must(pthread_mutex_lock(&r->pool_lock) == 0);
	if ((w = r->pool) != NULL)
		r->pool = w->next;
	must(pthread_mutex_unlock(&r->pool_lock) == 0);
	return (w != NULL ? w : work_new(r));
}

/** gate_work_give(r, work): keep it for another text. */
void
gate_work_give(struct redact * r, struct gate_work ** work)
{
	struct gate_work * w = *work;

	if (w == NULL)
		return;
	*work = NULL;
	scan_reset(&w->scan);
	must(pthread_mutex_lock(&r->pool_lock) == 0);
	w->next = r->pool;
	r->pool = w;
	must(pthread_mutex_unlock(&r->pool_lock) == 0);
}

/** gate_enter(g, r, mode, len, work): begin with ${len} bytes of text. */
enum redact_cause
gate_enter(struct gate * g, struct redact * r, enum gate_mode mode,
    size_t len, struct gate_work ** work)
{
	enum redact_cause cause;

	if (len > REDACT_TEXT_MAX)
		return (REDACT_CAUSE_LIMIT);
	must(pthread_rwlock_rdlock(&r->lock) == 0);
	cause = gate_state_cause(redact_state(r));
	*g = (struct gate){ .r = r };
	if (mode == GATE_READY && cause != REDACT_CAUSE_NONE)
		goto err;
	g->with = (struct scan_with){ .fingerprint = r->fingerprint,
	    .rules = r->rules };
	if (cause == REDACT_CAUSE_NONE && mode != GATE_RULES)
		g->with.known = r->known;
	cause = REDACT_CAUSE_MEMORY;
	if (*work == NULL && (*work = work_take(r)) == NULL)
		goto err;
	g->work = *work;
	g->with.scratch = g->work->scratch;
	if (g->with.known != NULL) {
		g->side = known_enter(g->with.known);
		g->with.generation = atomic_load(&r->generation);
		if (atomic_load(&r->changing) != 0)
			g->with.generation = SCAN_CHANGING;
	}
	return (REDACT_CAUSE_NONE);

err:
	must(pthread_rwlock_unlock(&r->lock) == 0);
	return (cause);
}

/** gate_leave(g, work, keep): the engine may change again. */
void
gate_leave(struct gate * g, struct gate_work ** work, bool keep)
{

	if (g->with.known != NULL)
		known_leave(g->with.known, g->side);
	if (!keep)
		gate_work_give(g->r, work);
	must(pthread_rwlock_unlock(&g->r->lock) == 0);
}

/** gate_look(r, mode, text, len, hits): what is in ${text}. */
enum redact_cause
gate_look(struct redact * r, enum gate_mode mode, const char * text,
    size_t len, struct redact_hits * hits)
{
	const struct view view = { .text = text, .len = len, .last = true };
	struct gate_work * work = NULL;
	struct gate g;
	enum redact_cause cause;
	size_t cut;

	*hits = (struct redact_hits){ .known = 0 };
	cause = gate_enter(&g, r, mode, len, &work);
	if (cause != REDACT_CAUSE_NONE)
		return (cause);
	cause = scan_step(&g.work->scan, &g.with, &view, &cut);
	if (cause == REDACT_CAUSE_NONE)
		span_count(&g.work->scan.spans, hits);
	gate_leave(&g, &work, false);
	return (cause);
}

static void
count_masks(const struct gate * g, const struct span_list * spans,
    struct redact_hits * hits)
{
	const struct span * span;
	size_t i;

	for (i = 0; i < spans->n; i++) {
		span = &spans->v[i];
		if (span->more)
			continue;
		if (span->known != NULL) {
			if (!mask_names(g->reader, span->known))
				hits->unnamed++;
		} else if (!span->blank) {
			tally_add(g->tally, span->rule, 1);
			if (g->counters != NULL)
				atomic_fetch_add(
				    &g->counters->by_rule[span->rule], 1);
		}
	}
}

/** gate_mask(g, scan, view, cut, hits, out): one step of ${scan}, masked. */
enum redact_cause
gate_mask(struct gate * g, struct scan * scan, const struct view * view,
    size_t * cut, struct redact_hits * hits, struct redacted ** out)
{
	const struct mask_source source = { .known = g->with.known,
	    .fingerprint = g->with.fingerprint, .reader = g->reader,
	    .untagged = g->untagged };
	enum redact_cause cause;
	size_t from = scan->out;

	cause = scan_step(scan, &g->with, view, cut);
	if (cause != REDACT_CAUSE_NONE)
		return (cause);
	*out = mask_apply(&source, view->text, from, *cut, &scan->spans);
	if (*out == NULL)
		return (REDACT_CAUSE_MEMORY);
	span_count(&scan->spans, hits);
	count_masks(g, &scan->spans, hits);
	return (REDACT_CAUSE_NONE);
}

/** gate_pass(r, mode, channel, reader, tally, text, …): ${text} with masks. */
enum redact_cause
gate_pass(struct redact * r, enum gate_mode mode, enum redact_channel channel,
    const struct redact_reader * reader, struct redact_tally * tally,
    const char * text, size_t len, struct redact_hits * hits,
    struct redacted ** out)
{
	const struct view view = { .text = text, .len = len, .last = true };
	struct gate_work * work = NULL;
	struct gate g;
	enum redact_cause cause;
	size_t cut;

	*out = NULL;
	*hits = (struct redact_hits){ .known = 0 };
	cause = gate_enter(&g, r, mode, len, &work);
	if (cause != REDACT_CAUSE_NONE)
		return (cause);
	g.counters = &r->counters[channel];
	g.reader = reader;
	g.tally = tally;
	cause = gate_mask(&g, &g.work->scan, &view, &cut, hits, out);
	gate_leave(&g, &work, false);
	return (cause);
}

/** redact_text_for(r, channel, reader, tally, …): redact_text for a reader. */
enum sr_error
redact_text_for(struct redact * r, enum redact_channel channel,
    const struct redact_reader * reader, struct redact_tally * tally,
    const char * text, size_t len, struct redact_hits * hits,
    struct redacted ** out)
{
	struct redact_hits found;
	enum redact_cause cause;

	cause = gate_pass(r, GATE_READY, channel, reader, tally, text, len,
	    &found, out);
	if (hits != NULL)
		*hits = found;
	return (gate_done(r, channel, cause, &found));
}

/** redact_text(r, channel, text, len, hits, out): through the gate. */
enum sr_error
redact_text(struct redact * r, enum redact_channel channel, const char * text,
    size_t len, struct redact_hits * hits, struct redacted ** out)
{

	return (redact_text_for(r, channel, NULL, NULL, text, len, hits, out));
}

/** redact_rules_text(r, text, len, hits, out): rules alone. */
enum sr_error
redact_rules_text(struct redact * r, const char * text, size_t len,
    struct redact_hits * hits, struct redacted ** out)
{
	struct redact_hits found;
	enum redact_cause cause;

	cause = gate_pass(r, GATE_RULES, REDACT_PUBSUB, NULL, NULL, text, len,
	    &found, out);
	if (hits != NULL)
		*hits = found;
	gate_remember(cause);
	switch (cause) {
	case REDACT_CAUSE_NONE:
		return (SR_OK);
	case REDACT_CAUSE_MEMORY:
		return (SR_E_OUT_OF_MEMORY);
	case REDACT_CAUSE_LIMIT:
		return (SR_E_LIMIT_EXCEEDED);
	case REDACT_CAUSE_LOCKED:
	case REDACT_CAUSE_STALE:
	case REDACT_CAUSE_ENGINE:
	case REDACT_CAUSE__MAX:
		break;
	}
	return (SR_E_INTERNAL_ERROR);
}

/** redact_scan(r, channel, text, len, hits): count what would be masked. */
enum sr_error
redact_scan(struct redact * r, enum redact_channel channel, const char * text,
    size_t len, struct redact_hits * hits)
{
	enum redact_cause cause, state;

	/* Asked first: a live set that is current too late does not count. */
	state = gate_state_cause(redact_state(r));
	cause = gate_look(r, state == REDACT_CAUSE_NONE ? GATE_READY :
	    GATE_RULES, text, len, hits);
	if (cause == REDACT_CAUSE_NONE)
		cause = state;
	return (gate_done(r, channel, cause, hits));
}

/* The scan of a page's text, its entities undone. */
static enum redact_cause
look_decoded(struct redact * r, const char * bytes, size_t len,
    struct redact_hits * hits)
{
	enum redact_cause cause;
	char * plain;

	*hits = (struct redact_hits){ .known = 0 };
	if (len == 0 || memchr(bytes, '&', len) == NULL)
		return (REDACT_CAUSE_NONE);
	if ((plain = redact_alloc(len)) == NULL)
		return (REDACT_CAUSE_MEMORY);
	cause = gate_look(r, GATE_BEST, plain,
	    entity_decode(plain, bytes, len), hits);
	explicit_bzero(plain, len);
	free(plain);
	return (cause);
}

/** redact_rendered(r, bytes, len, hits, out): the scan after rendering. */
enum sr_error
redact_rendered(struct redact * r, const char * bytes, size_t len,
    struct redact_hits * hits, struct redacted ** out)
{
	struct redact_hits raw, decoded = { .known = 0 };
	enum redact_cause cause;

	*out = NULL;
	cause = gate_look(r, GATE_BEST, bytes, len, &raw);
	if (cause == REDACT_CAUSE_NONE)
		cause = look_decoded(r, bytes, len, &decoded);
	if (decoded.known > raw.known)
		raw.known = decoded.known;
	if (decoded.rules > raw.rules)
		raw.rules = decoded.rules;
	if (hits != NULL)
		*hits = raw;
	if (cause == REDACT_CAUSE_NONE && (raw.known != 0 || raw.rules != 0))
		return (gate_hit(r, REDACT_UI));
	if (cause == REDACT_CAUSE_NONE &&
	    (*out = redacted_copy(bytes, len)) == NULL)
		cause = REDACT_CAUSE_MEMORY;
	return (gate_done(r, REDACT_UI, cause, &raw));
}
