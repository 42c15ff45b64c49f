#include <stdlib.h>
#include <string.h>

#include "core/redact/alloc_internal.h"
#include "core/redact/entity_internal.h"
#include "core/redact/gate_internal.h"
#include "core/redact/mask_internal.h"
#include "core/redact/redacted_internal.h"

/*
 * What stands beside a mask may become a hit by it (a token that now begins
 * behind a bracket). So masked text is looked at again until nothing is
 * found, which also makes redacting twice the same as once.
 */
#define ROUNDS		8

static _Thread_local enum redact_cause last_cause;

/* One text on its way through. */
struct gate {
	struct redact * r;
	bool known;		/* Known secrets are looked for. */
	struct gate_work * work;
};

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

static void
work_give(struct redact * r, struct gate_work * w)
{

	span_reset(&w->spans);
	must(pthread_mutex_lock(&r->pool_lock) == 0);
	w->next = r->pool;
	r->pool = w;
	must(pthread_mutex_unlock(&r->pool_lock) == 0);
}

/* On success the engine cannot change until gate_leave. */
static enum redact_cause
gate_enter(struct gate * g, struct redact * r, enum gate_mode mode,
    size_t len)
{
	enum redact_cause cause;

	if (len > REDACT_TEXT_MAX)
		return (REDACT_CAUSE_LIMIT);
	must(pthread_rwlock_rdlock(&r->lock) == 0);
	cause = gate_state_cause(redact_state(r));
	*g = (struct gate){ .r = r, .known = cause == REDACT_CAUSE_NONE &&
	    mode != GATE_RULES };
	if (mode == GATE_READY && cause != REDACT_CAUSE_NONE)
		goto err;
	cause = REDACT_CAUSE_MEMORY;
	if ((g->work = work_take(r)) == NULL)
		goto err;
	return (REDACT_CAUSE_NONE);

err:
	must(pthread_rwlock_unlock(&r->lock) == 0);
	return (cause);
}

static void
gate_leave(struct gate * g)
{

	work_give(g->r, g->work);
	must(pthread_rwlock_unlock(&g->r->lock) == 0);
}

/* Find all spans of ${text}, merged. */
static enum redact_cause
gate_scan(struct gate * g, const char * text, size_t len)
{
	struct span_list * spans = &g->work->spans;
	enum redact_cause cause;

	span_reset(spans);
	cause = rules_scan(g->r->rules, g->work->scratch, text, len, spans);
	if (cause == REDACT_CAUSE_NONE && g->known)
		cause = known_scan(g->r->known, g->r->fingerprint, text, len,
		    spans);
	if (cause == REDACT_CAUSE_NONE)
		span_merge(spans);
	return (cause);
}

/** gate_look(r, mode, text, len, hits): what is in ${text}. */
enum redact_cause
gate_look(struct redact * r, enum gate_mode mode, const char * text,
    size_t len, struct redact_hits * hits)
{
	struct gate g;
	enum redact_cause cause;

	*hits = (struct redact_hits){ .known = 0 };
	if ((cause = gate_enter(&g, r, mode, len)) != REDACT_CAUSE_NONE)
		return (cause);
	if ((cause = gate_scan(&g, text, len)) == REDACT_CAUSE_NONE)
		span_count(&g.work->spans, hits);
	gate_leave(&g);
	return (cause);
}

/* Mask until nothing is found; *t is NULL if nothing was at first. */
static enum redact_cause
mask_rounds(struct gate * g, const char * text, size_t len,
    struct redact_hits * hits, struct redacted ** t)
{
	struct mask_source source = {
	    .known = g->known ? g->r->known : NULL,
	    .fingerprint = g->r->fingerprint };
	struct redacted * masked;
	enum redact_cause cause;
	unsigned round;

	for (round = 0; round < ROUNDS; round++) {
		if ((cause = gate_scan(g, text, len)) != REDACT_CAUSE_NONE)
			return (cause);
		if (g->work->spans.n == 0)
			return (REDACT_CAUSE_NONE);
		span_count(&g->work->spans, hits);
		masked = mask_apply(&source, text, len, &g->work->spans);
		if (masked == NULL)
			return (REDACT_CAUSE_MEMORY);
		redacted_free(t);
		*t = masked;
		text = masked->bytes;
		len = masked->len;
	}
	return (REDACT_CAUSE_LIMIT);
}

/** gate_pass(r, mode, text, len, hits, out): ${text} with masks. */
enum redact_cause
gate_pass(struct redact * r, enum gate_mode mode, const char * text,
    size_t len, struct redact_hits * hits, struct redacted ** out)
{
	struct gate g;
	struct redacted * t = NULL;
	enum redact_cause cause;

	*out = NULL;
	*hits = (struct redact_hits){ .known = 0 };
	if ((cause = gate_enter(&g, r, mode, len)) != REDACT_CAUSE_NONE)
		return (cause);
	cause = mask_rounds(&g, text, len, hits, &t);
	if (cause == REDACT_CAUSE_NONE && t == NULL &&
	    (t = redacted_copy(text, len)) == NULL)
		cause = REDACT_CAUSE_MEMORY;
	gate_leave(&g);
	if (cause != REDACT_CAUSE_NONE)
		redacted_free(&t);
	*out = t;
	return (cause);
}

static enum sr_error
channel_error(enum redact_channel channel)
{

	switch (channel) {
	case REDACT_LOG:
		return (SR_E_REDACTION_FAILED);
	case REDACT_PUBSUB:
	case REDACT_ARTIFACT:
		return (SR_E_CHANNEL_REDACTION_FAILED);
	case REDACT_PROMPT:
		return (SR_E_PROMPT_REDACTION_FAILED);
	case REDACT_UI:
		return (SR_E_UI_REDACTION_FAILED);
	case REDACT__MAX:
		break;
	}
	must(false);
	return (SR_E_INTERNAL_ERROR);
}

/** gate_done(r, channel, cause, hits): count, remember, give the error. */
enum sr_error
gate_done(struct redact * r, enum redact_channel channel,
    enum redact_cause cause, const struct redact_hits * hits)
{
	struct gate_counters * n = &r->counters[channel];

	last_cause = cause;
	if (cause != REDACT_CAUSE_NONE) {
		atomic_fetch_add(&n->withheld[cause], 1);
		return (channel_error(channel));
	}
	atomic_fetch_add(&n->passed, 1);
	atomic_fetch_add(&n->known, hits->known);
	atomic_fetch_add(&n->rules, hits->rules);
	return (SR_OK);
}

/** gate_hit(r, channel): the scan after rendering found something. */
enum sr_error
gate_hit(struct redact * r, enum redact_channel channel)
{

	last_cause = REDACT_CAUSE_NONE;
	atomic_fetch_add(&r->counters[channel].hit, 1);
	return (channel_error(channel));
}

/** redact_text(r, channel, text, len, hits, out): through the gate. */
enum sr_error
redact_text(struct redact * r, enum redact_channel channel, const char * text,
    size_t len, struct redact_hits * hits, struct redacted ** out)
{
	struct redact_hits found;
	enum redact_cause cause;

	cause = gate_pass(r, GATE_READY, text, len, &found, out);
	if (hits != NULL)
		*hits = found;
	return (gate_done(r, channel, cause, &found));
}

/** redact_rules_text(r, text, len, hits, out): rules alone. */
enum sr_error
redact_rules_text(struct redact * r, const char * text, size_t len,
    struct redact_hits * hits, struct redacted ** out)
{
	struct redact_hits found;

	last_cause = gate_pass(r, GATE_RULES, text, len, &found, out);
	if (hits != NULL)
		*hits = found;
	switch (last_cause) {
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

/** redact_last_cause(): why the last call of this thread failed. */
enum redact_cause
redact_last_cause(void)
{

	return (last_cause);
}

/** redact_counts(r, channel, counts): what the gate did so far. */
void
redact_counts(struct redact * r, enum redact_channel channel,
    struct redact_counts * counts)
{
	struct gate_counters * n = &r->counters[channel];
	size_t i;

	counts->passed = atomic_load(&n->passed);
	counts->known = atomic_load(&n->known);
	counts->rules = atomic_load(&n->rules);
	counts->hit = atomic_load(&n->hit);
	for (i = 0; i < REDACT_CAUSE__MAX; i++)
		counts->withheld[i] = atomic_load(&n->withheld[i]);
}
