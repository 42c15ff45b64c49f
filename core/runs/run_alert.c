#include <limits.h>
#include <string.h>

#include "core/log/log.h"
#include "core/runs/alert_internal.h"
#include "core/runs/runs_internal.h"

#define GUESS_STANDARD	60	/* config.def */

static const char * const kinds[RUN_ALERT_KIND__MAX] = {
	[RUN_ALERT_UNBOUND_SECRET] = "unbound_secret",
	[RUN_ALERT_BURST] = "burst",
	[RUN_ALERT_CHANNEL_REFUSED] = "channel_refused",
	[RUN_ALERT_PAGE_SUPPRESSED] = "page_suppressed",
};

static const char * const channels[REDACT__MAX] = {
	[REDACT_LOG] = "log", [REDACT_PUBSUB] = "pubsub",
	[REDACT_ARTIFACT] = "artifact", [REDACT_PROMPT] = "prompt",
	[REDACT_UI] = "ui",
};

static const enum sr_error refusals[REDACT__MAX] = {
	[REDACT_LOG] = SR_E_REDACTION_FAILED,
	[REDACT_PUBSUB] = SR_E_CHANNEL_REDACTION_FAILED,
	[REDACT_ARTIFACT] = SR_E_CHANNEL_REDACTION_FAILED,
	[REDACT_PROMPT] = SR_E_PROMPT_REDACTION_FAILED,
	[REDACT_UI] = SR_E_UI_REDACTION_FAILED,
};

const char *
run_alert_kind_name(enum run_alert_kind kind)
{

	must(kind < RUN_ALERT_KIND__MAX);
	return (kinds[kind]);
}

static const char *
channel_name(enum redact_channel channel)
{

	return (channels[channel]);
}

/** alert_channel_parse(name, out): the word of a column. */
bool
alert_channel_parse(const char * name, enum redact_channel * out)
{
	size_t i;

	for (i = 0; i < REDACT__MAX; i++) {
		*out = (enum redact_channel)i;
		if (strcmp(name, channels[i]) == 0)
			return (true);
	}
	return (false);
}

/** alerting_new(store, actor, run_id, channel, out): nothing was found yet. */
void
alerting_new(const struct store * store, const struct actor * actor,
    const struct sr_id * run_id, enum redact_channel channel,
    struct alerting * out)
{

	*out = (struct alerting){ .store = store, .actor = actor,
	    .run_id = *run_id, .channel = channel,
	    .limit = store->guess_limit };
	if (out->limit == 0)
		out->limit = GUESS_STANDARD;
}

static enum sr_error
add(struct db * db, const struct alerting * a, enum run_alert_kind kind,
    unsigned hits, unsigned window)
{

	return (db_exec(db, STMT_RUN_ALERT_ADD, DB_ARGS(DB_UUID(&a->run_id),
	    DB_TEXT(kinds[kind]), DB_TEXT(channels[a->channel]), DB_INT(hits),
	    DB_INT(window)), NULL));
}

static enum sr_error
take_number(const struct db_row * row, void * cookie)
{
	uint64_t * n = cookie;

	*n = (uint64_t)db_col_int(row, 0);
	return (SR_OK);
}

/* Those of the last minute, on all channels. */
static enum sr_error
window(struct db * db, const struct alerting * a, enum run_alert_kind kind,
    uint64_t * hits)
{

	*hits = 0;
	return (db_query(db, STMT_RUN_ALERT_WINDOW,
	    DB_ARGS(DB_UUID(&a->run_id), DB_TEXT(kinds[kind])), take_number,
	    hits));
}

/* What happened is no change of the run, and may be too often for one chain. */
static enum sr_error
tell(struct tx * tx, struct alerting * a, enum run_alert_kind kind,
    enum audit_outcome outcome, enum sr_error error)
{
	struct audit_entry entry = { .id = a->audit_id,
	    .occurred_at = clock_now(), .actor = a->actor,
	    .action = AUDIT_RUN_ALERT, .outcome = outcome, .error = error,
	    .target_kind = "run", .target_id = a->run_id,
	    .name = kinds[kind] };
	uint64_t due;
	enum sr_error err;

	err = db_exec(tx_db(tx), STMT_RUN_ALERT_DUE,
	    DB_ARGS(DB_UUID(&a->run_id), DB_TEXT(kinds[kind]),
	    DB_TEXT(channels[a->channel])), &due);
	a->told[kind] = err == SR_OK && due != 0;
	if (!a->told[kind] || (sr_id_is_nil(&entry.id) &&
	    (err = sr_id_new(&entry.id)) != SR_OK))
		return (err);
	return (audit_append_alone(tx, a->store, &entry));
}

static enum sr_error
count_unbound(struct tx * tx, struct alerting * a, unsigned n)
{
	uint64_t hits;
	enum sr_error err;

	if (n == 0)
		return (SR_OK);
	if ((err = add(tx_db(tx), a, RUN_ALERT_UNBOUND_SECRET, n, n)) !=
	    SR_OK || (err = window(tx_db(tx), a, RUN_ALERT_UNBOUND_SECRET,
	    &hits)) != SR_OK)
		return (err);
	if (a->limit != UINT_MAX && hits > a->limit)
		a->over = true;
	return (tell(tx, a, RUN_ALERT_UNBOUND_SECRET, AUDIT_BLOCKED,
	    a->over ? SR_E_RUN_THROTTLED : SR_OK));
}

static enum sr_error
count_burst(struct tx * tx, struct alerting * a, unsigned n)
{
	uint64_t hits;
	enum sr_error err;

	if (a->limit == UINT_MAX)
		return (SR_OK);
	if ((err = add(tx_db(tx), a, RUN_ALERT_BURST, 0, n)) != SR_OK ||
	    (err = window(tx_db(tx), a, RUN_ALERT_BURST, &hits)) != SR_OK ||
	    hits <= (uint64_t)a->limit * RUN_GUESS_BURST)
		return (err);
	a->over = true;
	if ((err = add(tx_db(tx), a, RUN_ALERT_BURST, n, 0)) != SR_OK)
		return (err);
	return (tell(tx, a, RUN_ALERT_BURST, AUDIT_BLOCKED,
	    SR_E_RUN_THROTTLED));
}

/** alerting_count(tx, a, hits): what was found, and whether it is too much. */
enum sr_error
alerting_count(struct tx * tx, struct alerting * a,
    const struct redact_hits * hits)
{
	enum sr_error err;

	a->over = false;
	memset(a->told, 0, sizeof(a->told));
	if (hits->known == 0)
		return (SR_OK);
	if ((err = count_unbound(tx, a, hits->unnamed)) != SR_OK)
		return (err);
	return (count_burst(tx, a, hits->unnamed +
	    (hits->known > hits->unnamed)));
}

/** alerting_log(a): lines for what was audited; after the commit. */
void
alerting_log(const struct alerting * a)
{
	size_t i;

	for (i = 0; i < RUN_ALERT_KIND__MAX; i++) {
		if (a->told[i])
			LOG(RUN_ALERT, log_id("run_id", a->run_id),
			    log_const("kind",
			    run_alert_kind_name((enum run_alert_kind)i)),
			    log_const("channel", channel_name(a->channel)));
	}
}

struct guess {
	struct alerting a;
	const struct redact_hits * hits;
};

static enum sr_error
guess_tx(struct tx * tx, void * cookie)
{
	struct guess * g = cookie;

	return (alerting_count(tx, &g->a, g->hits));
}

/** run_guess(store, actor, run, channel, hits): see run_alert.h. */
enum sr_error
run_guess(const struct store * store, const struct actor * actor,
    const struct run * run, enum redact_channel channel,
    const struct redact_hits * hits)
{
	struct guess g = { .hits = hits };
	enum sr_error err;

	if (hits->known == 0)
		return (SR_OK);
	alerting_new(store, actor, &run->id, channel, &g.a);
	err = runs_error(tx_run(store->db, NULL, guess_tx, &g));
	/* Counted perhaps, and perhaps twice; never not at all. */
	if (err == SR_E_COMMIT_OUTCOME_UNKNOWN)
		err = runs_error(tx_run(store->db, NULL, guess_tx, &g));
	if (err != SR_OK)
		return (err);
	alerting_log(&g.a);
	return (g.a.over ? SR_E_RUN_THROTTLED : SR_OK);
}

struct raise {
	struct alerting a;
	enum run_alert_kind kind;
};

static enum sr_error
raise_tx(struct tx * tx, void * cookie)
{
	struct raise * r = cookie;
	enum sr_error err;

	if ((err = add(tx_db(tx), &r->a, r->kind, 1, 1)) != SR_OK)
		return (err);
	return (tell(tx, &r->a, r->kind,
	    r->kind == RUN_ALERT_CHANNEL_REFUSED ? AUDIT_FAILED : AUDIT_BLOCKED,
	    refusals[r->a.channel]));
}

/** run_alert_raise(store, actor, run, kind, channel): one more. */
void
run_alert_raise(const struct store * store, const struct actor * actor,
    const struct run * run, enum run_alert_kind kind,
    enum redact_channel channel)
{
	struct raise r = { .kind = kind };
	enum sr_error err;

	alerting_new(store, actor, &run->id, channel, &r.a);
	if ((err = sr_id_new(&r.a.audit_id)) == SR_OK)
		err = tx_run(store->db, NULL, raise_tx, &r);
	if (err == SR_OK)
		alerting_log(&r.a);
	else
		LOG(RUN_ALERT, log_id("run_id", run->id),
		    log_const("kind", run_alert_kind_name(kind)),
		    log_const("channel", channel_name(channel)),
		    log_error(err));
}
