#ifndef SR_CORE_RUNS_ALERT_INTERNAL_H
#define SR_CORE_RUNS_ALERT_INTERNAL_H

/* Counting what the gate found, inside of a transaction that stores it. */

#include "core/audit/audit.h"
#include "core/runs/run_alert.h"
#include "core/store/tx.h"

struct alerting {
	const struct store * store;
	const struct actor * actor;
	struct sr_id run_id;
	enum redact_channel channel;
	unsigned limit;
	struct sr_id audit_id;		/* nil: minted when it is needed. */
	/* Out: the text is to be refused; which rows were audited. */
	bool over;
	bool told[RUN_ALERT_KIND__MAX];
};

/** alerting_new(store, actor, run_id, channel, out): before the transaction. */
void alerting_new(const struct store * store, const struct actor * actor,
    const struct sr_id * run_id, enum redact_channel channel,
    struct alerting * out);

/** alerting_count(tx, a, hits): as run_guess; ${a->over}: it is too much. */
SR_NODISCARD enum sr_error alerting_count(struct tx * tx, struct alerting * a,
    const struct redact_hits * hits);

/** alerting_log(a): lines for what was audited; after the commit. */
void alerting_log(const struct alerting * a);

/** alert_channel_parse(name, out): the word of a column. */
SR_NODISCARD bool alert_channel_parse(const char * name,
    enum redact_channel * out);

#endif /* !SR_CORE_RUNS_ALERT_INTERNAL_H */
