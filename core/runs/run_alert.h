#ifndef SR_CORE_RUNS_RUN_ALERT_H
#define SR_CORE_RUNS_RUN_ALERT_H

/*
 * What people should look at in a run. Who can write to a masked stream and
 * read it can test guesses, so hits on secrets that the run is not bound to,
 * and bursts of hits, are counted here, throttled, audited (once a minute for
 * each row at the most) and shown; so are a channel that refused and a page
 * that was suppressed.
 */

#include "core/redact/redact.h"
#include "core/runs/run.h"

enum run_alert_kind { RUN_ALERT_UNBOUND_SECRET, RUN_ALERT_BURST,
    RUN_ALERT_CHANNEL_REFUSED, RUN_ALERT_PAGE_SUPPRESSED,
    RUN_ALERT_KIND__MAX };

const char * run_alert_kind_name(enum run_alert_kind kind);

struct run_alert {
	enum run_alert_kind kind;
	enum redact_channel channel;
	unsigned hits;
	sr_time first_at, last_at;
};

/* Whose names the masks of a run may say. */
struct run_reader {
	struct redact_reader reader;
	struct sr_id * ids;		/* Heap. */
};

/**
 * run_reader_of(db, project_id, out): the secrets that the project binds, and
 * those of the providers, stored or of the environment. Caller ends it. Errors:
 * RUN_UNAVAILABLE,
 * OUT_OF_MEMORY.
 */
SR_NODISCARD enum sr_error run_reader_of(struct db * db,
    const struct sr_id * project_id, struct run_reader * out);
void run_reader_end(struct run_reader * r);

/* A burst, as a multiple of what is allowed on unbound secrets. The run may
 * read its own, so a text that says these, however often, counts as one hit. */
#define RUN_GUESS_BURST	20

/**
 * run_guess(store, actor, run, channel, hits):
 * Call with what the gate found in a text of the run, in no transaction: counts
 * unnamed hits, each of which is an alert, and bursts. Nothing is done without
 * known hits. Errors: RUN_THROTTLED: with these, there were more than
 * store->guess_limit in a minute on secrets that it is not bound to, or
 * RUN_GUESS_BURST times as many on known ones, so this text is to be refused;
 * they are counted all the same. RUN_UNAVAILABLE, TRANSACTION_CONFLICT,
 * SECRET_AUDIT_PERSISTENCE_FAILED: not counted, so it is to be refused too.
 */
SR_NODISCARD enum sr_error run_guess(const struct store * store,
    const struct actor * actor, const struct run * run,
    enum redact_channel channel, const struct redact_hits * hits);

/**
 * run_alert_raise(store, actor, run, kind, channel): one more, in a transaction
 * of its own. It is a line in the log at alert level when it is audited, and
 * when it cannot be kept.
 */
void run_alert_raise(const struct store * store, const struct actor * actor,
    const struct run * run, enum run_alert_kind kind,
    enum redact_channel channel);

typedef enum sr_error run_alert_fn(const struct run_alert * alert,
    void * cookie);

/** run_alerts(db, run_id, fn, cookie): all of a run's. As event_list. */
SR_NODISCARD enum sr_error run_alerts(struct db * db,
    const struct sr_id * run_id, run_alert_fn * fn, void * cookie);

/* What was masked in a run so far, by channel. */
struct run_masked {
	uint64_t known[REDACT__MAX];
	uint64_t rules[REDACT__MAX];
};

/** run_masked_of(db, run_id, out): from what is stored of it. */
SR_NODISCARD enum sr_error run_masked_of(struct db * db,
    const struct sr_id * run_id, struct run_masked * out);

#endif /* !SR_CORE_RUNS_RUN_ALERT_H */
