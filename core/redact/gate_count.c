#include "core/redact/gate_internal.h"

static _Thread_local enum redact_cause last_cause;

/** gate_remember(cause): for redact_last_cause of this thread. */
void
gate_remember(enum redact_cause cause)
{

	last_cause = cause;
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

/** gate_piece(r, channel, cause, before, hits, last): of a stream. */
enum sr_error
gate_piece(struct redact * r, enum redact_channel channel,
    enum redact_cause cause, const struct redact_hits * before,
    const struct redact_hits * hits, bool last)
{
	const struct redact_hits more = {
		.known = hits->known - before->known,
		.rules = hits->rules - before->rules };
	struct gate_counters * n = &r->counters[channel];

	if (cause != REDACT_CAUSE_NONE || last)
		return (gate_done(r, channel, cause, &more));
	last_cause = cause;
	atomic_fetch_add(&n->known, more.known);
	atomic_fetch_add(&n->rules, more.rules);
	return (SR_OK);
}

/** gate_malformed(): what is no text of its kind. */
enum sr_error
gate_malformed(void)
{

	last_cause = REDACT_CAUSE_NONE;
	return (SR_E_INPUT_MALFORMED);
}

/** gate_hit(r, channel): the scan after rendering found something. */
enum sr_error
gate_hit(struct redact * r, enum redact_channel channel)
{

	last_cause = REDACT_CAUSE_NONE;
	atomic_fetch_add(&r->counters[channel].hit, 1);
	return (channel_error(channel));
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

/** redact_rule_count(r, channel, i, name, n): what rule ${i} masked. */
bool
redact_rule_count(struct redact * r, enum redact_channel channel, unsigned i,
    const char ** name, uint64_t * n)
{
	const struct rule * rule = rule_row(i);

	if (rule == NULL)
		return (false);
	*name = rule->name;
	*n = atomic_load(&r->counters[channel].by_rule[i]);
	return (true);
}
