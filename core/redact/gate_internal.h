#ifndef SR_CORE_REDACT_GATE_INTERNAL_H
#define SR_CORE_REDACT_GATE_INTERNAL_H

/* For core/redact alone: the engine, and passing text through it. */

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>

#include "core/redact/scan_internal.h"

/* What one text at a time needs; kept for the next one. */
struct gate_work {
	struct rule_scratch * scratch;
	struct scan scan;	/* For texts that are there as a whole. */
	struct gate_work * next;
};

struct gate_counters {
	atomic_uint_fast64_t passed, known, rules, hit;
	atomic_uint_fast64_t withheld[REDACT_CAUSE__MAX];
	atomic_uint_fast64_t * by_rule;	/* One for each row of rule.def. */
};

struct redact {
	struct rules * rules;
	bool owns_rules;
	/*
	 * Held for reading while a text passes or the live set changes, which
	 * keeps itself whole; for writing while the key changes. ${state}
	 * changes from and to LOCKED under it alone, so whoever reads it sees
	 * the two in agreement.
	 */
	pthread_rwlock_t lock;
	atomic_int state;
	struct secbuf * key;
	struct fingerprint * fingerprint;
	struct known * known;
	/*
	 * Counts changes of the live set, and those that are under way: what a
	 * stream has found is as good as the set it was found in.
	 */
	atomic_uint_fast64_t generation;
	atomic_uint changing;

	pthread_mutex_t pool_lock;
	struct gate_work * pool;

	struct gate_counters counters[REDACT__MAX];
};

enum gate_mode {
	GATE_READY,	/* Rules and known secrets, or nothing passes. */
	GATE_BEST,	/* Rules, and known secrets if the engine is ready. */
	GATE_RULES	/* Rules alone. */
};

/* One text, or one more stretch of it, on its way through. */
struct gate {
	struct redact * r;
	struct gate_work * work;
	unsigned side;			/* Of known_enter. */
	struct scan_with with;
	struct gate_counters * counters;	/* Of masks; NULL: none. */
	const struct redact_reader * reader;	/* NULL: of all names. */
	struct redact_tally * tally;		/* NULL: none. */
	bool untagged;
};

/**
 * gate_enter(g, r, mode, len, work):
 * Return NONE, or why ${len} bytes of text cannot pass. After NONE the key
 * stays and what is found lives until gate_leave(g, keep). A stream keeps the
 * same work from its first piece to its last: *work is NULL at first, and
 * after gate_leave if not ${keep}.
 */
enum redact_cause gate_enter(struct gate * g, struct redact * r,
    enum gate_mode mode, size_t len, struct gate_work ** work);
void gate_leave(struct gate * g, struct gate_work ** work, bool keep);

/** gate_work_give(r, work): keep it for another text; *work may be NULL. */
void gate_work_give(struct redact * r, struct gate_work ** work);

/**
 * gate_mask(g, scan, view, cut, hits, out):
 * One step of ${scan}: ${out} is what it settled, masked; *cut is its end.
 * ${hits} is added to.
 */
enum redact_cause gate_mask(struct gate * g, struct scan * scan,
    const struct view * view, size_t * cut, struct redact_hits * hits,
    struct redacted ** out);

/* Not a row of rule.def: what a key said is secret. */
#define TALLY_NAMED	UINT_MAX

/** tally_add(t, rule, n): the rule masked ${n} more. ${t} may be NULL. */
void tally_add(struct redact_tally * t, unsigned rule, unsigned n);

/** gate_new(rules, out): an engine, locked; ${rules} NULL: with its own. */
SR_NODISCARD enum sr_error gate_new(struct rules * rules,
    struct redact ** out);

/**
 * gate_look(r, mode, text, len, hits):
 * What is in ${text}, which stays. Return NONE, or why nobody knows: with
 * GATE_BEST never LOCKED or STALE. ${hits} is set in any case.
 */
enum redact_cause gate_look(struct redact * r, enum gate_mode mode,
    const char * text, size_t len, struct redact_hits * hits);

/**
 * gate_pass(r, mode, channel, reader, tally, text, len, hits, out):
 * ${out} is ${text} with masks, which are counted on ${channel}, by rule.
 * Return NONE, or why there is none.
 */
enum redact_cause gate_pass(struct redact * r, enum gate_mode mode,
    enum redact_channel channel, const struct redact_reader * reader,
    struct redact_tally * tally, const char * text, size_t len,
    struct redact_hits * hits, struct redacted ** out);

/** gate_state_cause(state): why an engine in ${state} withholds, or NONE. */
enum redact_cause gate_state_cause(enum redact_state state);

/**
 * gate_done(r, channel, cause, hits):
 * Count the outcome, remember ${cause} for redact_last_cause, return the
 * channel's error, or SR_OK if ${cause} is NONE.
 */
SR_NODISCARD enum sr_error gate_done(struct redact * r,
    enum redact_channel channel, enum redact_cause cause,
    const struct redact_hits * hits);

/**
 * gate_piece(r, channel, cause, before, hits, last):
 * As gate_done for a piece of a stream, which had ${before} and now has
 * ${hits}. The whole is one text that passed.
 */
SR_NODISCARD enum sr_error gate_piece(struct redact * r,
    enum redact_channel channel, enum redact_cause cause,
    const struct redact_hits * before, const struct redact_hits * hits,
    bool last);

/** gate_remember(cause): for redact_last_cause of this thread. */
void gate_remember(enum redact_cause cause);

/** gate_malformed(): INPUT_MALFORMED, which no channel is to blame for. */
SR_NODISCARD enum sr_error gate_malformed(void);

/** gate_hit(r, channel): the scan after rendering found something. */
SR_NODISCARD enum sr_error gate_hit(struct redact * r,
    enum redact_channel channel);

#endif /* !SR_CORE_REDACT_GATE_INTERNAL_H */
