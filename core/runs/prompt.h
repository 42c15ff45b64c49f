#ifndef SR_CORE_RUNS_PROMPT_H
#define SR_CORE_RUNS_PROMPT_H

/*
 * Prompts of a run, on their way to a model: the body passes the gate as a JSON
 * tree and comes back ready to be sent; what was handed back is kept
 * (prompt_audit). Nothing comes back that was not kept.
 */

#include "core/redact/redact.h"
#include "core/runs/run.h"

#define PROMPT_BODY_MAX	((size_t)4 * 1024 * 1024)

/* What a mask is, for the system prompt of a model. */
#define PROMPT_NOTE							\
    "Text of the form [REDACTED:…] stands for a secret that was removed on " \
    "purpose before you saw it; it is no mistake of the user, the value is " \
    "not available to you, and it is to be kept as it stands."

struct prompt_write {
	struct sr_id run_id;
	const char * body;		/* {"messages": [...]}, or the body of
					   a call of a provider. */
	size_t len;
};

struct prompt {
	struct sr_id id;
	struct sr_id run_id;
	sr_time created_at;
	uint8_t sha256[32];		/* Of the redacted body. */
	unsigned messages;
	struct redact_hits hits;
};

#define PROMPT_COUNTS_MAX	4096

/* What became of one. */
struct prompt_made {
	struct prompt prompt;
	char counts[PROMPT_COUNTS_MAX];	/* As of struct prompt_kept. */
};

/**
 * prompt_make(store, actor, write, lease_minutes, out, body):
 * ${body} is the redacted body; caller frees. Errors:
 * RUN_NOT_FOUND, RUN_NOT_STARTED, RUN_FINISHED; PROMPT_MALFORMED (no JSON, or
 * no messages in it), PROMPT_TOO_LARGE; PROMPT_REDACTION_FAILED: nothing comes
 * back; RUN_THROTTLED; RUN_PROMPTS_LIMIT_REACHED (limit.h); RUN_UNAVAILABLE, TRANSACTION_CONFLICT,
 * COMMIT_OUTCOME_UNKNOWN.
 */
SR_NODISCARD enum sr_error prompt_make(const struct store * store,
    const struct actor * actor, const struct prompt_write * write,
    unsigned lease_minutes, struct prompt_made * out,
    struct redacted ** body);

/* What was kept; the texts die when the function returns. */
struct prompt_kept {
	struct prompt prompt;
	const char * body;		/* NULL in a list. */
	const char * counts;		/* JSON: rule or "known": how many. */
};

typedef enum sr_error prompt_fn(const struct prompt_kept * kept,
    void * cookie);

/**
 * prompt_list(db, run_id, before, limit, fn, cookie): newest first, those made
 * before ${before} (SR_TIME_NONE: all).
 * prompt_show(db, run_id, id, fn, cookie): one. Errors: PROMPT_NOT_FOUND,
 * RUN_UNAVAILABLE, and what ${fn} returns.
 */
SR_NODISCARD enum sr_error prompt_list(struct db * db,
    const struct sr_id * run_id, sr_time before, unsigned limit,
    prompt_fn * fn, void * cookie);
SR_NODISCARD enum sr_error prompt_show(struct db * db,
    const struct sr_id * run_id, const struct sr_id * id, prompt_fn * fn,
    void * cookie);

/** prompt_purge(db, before, limit, gone): delete those that are older. */
SR_NODISCARD enum sr_error prompt_purge(struct db * db, sr_time before,
    unsigned limit, unsigned * gone);

#endif /* !SR_CORE_RUNS_PROMPT_H */
