/* What the keeper does for runs: streams whose sender is gone; what is old. */

#include "cgi/keeper_runs.h"
#include "cgi/worker.h"
#include "core/base/config.h"
#include "core/log/log.h"
#include "core/runs/artifact.h"
#include "core/runs/event.h"
#include "core/runs/prompt.h"
#include "core/runs/run.h"
#include "core/store/chore.h"

#define STREAM			"stream"
#define STREAM_SECONDS		5
#define STREAMS_MAX		50	/* In one turn. */
#define REAP			"run_reap"
#define REAP_SECONDS		30
#define REAP_MAX		50	/* In one turn. */
#define RETENTION		"run_retention"
#define RETENTION_SECONDS	3600
#define ROWS_MAX		1000	/* Of each kind, in one turn. */
#define MORE_SECONDS		5
#define DAY			(24 * 3600 * SR_SECOND)

static enum sr_error
end_streams(const struct worker * w, const struct store * store)
{
	unsigned ended;
	enum sr_error err;

	(void)w;
	if ((err = event_streams_end(store, STREAMS_MAX, &ended)) != SR_OK ||
	    ended < STREAMS_MAX)
		return (err);
	return (chore_soon(store->db, STREAM, 0));
}

#define MINUTES			60
#define HOURS			3600

/* Runs that nobody speaks for any more; what their streams held back is
 * published. */
static enum sr_error
reap(const struct worker * w, const struct store * store)
{
	static const struct {
		enum run_status status;
		enum config_id setting;
		unsigned unit;
		bool for_ever;		/* If the setting is 0. */
	} kinds[] = {
		{ RUN_RUNNING, CFG_RUN_LOST_MINUTES, MINUTES, false },
		{ RUN_AWAITING_APPROVAL, CFG_RUN_APPROVAL_HOURS, HOURS, true },
		{ RUN_PENDING, CFG_RUN_PENDING_HOURS, HOURS, true },
	};
	enum sr_error first = SR_OK, err;
	bool more = false;
	unsigned reaped;
	sr_time silent;

	for (size_t i = 0; i < COUNTOF(kinds); i++) {
		silent = (sr_time)config_number(w->config, kinds[i].setting);
		if (silent == 0 && kinds[i].for_ever)
			continue;
		err = run_reap(store, kinds[i].status, clock_now() -
		    silent * kinds[i].unit * SR_SECOND, REAP_MAX, &reaped);
		more |= err == SR_OK && reaped == REAP_MAX;
		if (first == SR_OK)
			first = err;
	}
	if (more && (err = chore_soon(store->db, REAP, 0)) != SR_OK &&
	    first == SR_OK)
		first = err;
	return (first);
}

static sr_time
before(const struct worker * w, enum config_id days)
{

	return (clock_now() - (sr_time)config_number(w->config, days) * DAY);
}

/* What is not text of one row is less at a time. */
#define ARTIFACTS_MAX		50
#define PROMPTS_MAX		100

static const char *
kind_name(const char * kind)
{

	return (kind);
}

/* Whether there may be more. */
static bool
told(const char * kind, unsigned gone, unsigned most)
{

	if (gone != 0)
		LOG(RUN_TEXTS_PURGED, log_const("kind", kind_name(kind)),
		    log_u64("rows", gone));
	return (gone >= most);
}

static enum sr_error
purge_artifacts(const struct worker * w, const struct store * store,
    bool * more)
{
	enum artifact_kind kind;
	enum config_id days;
	unsigned gone;
	enum sr_error err = SR_OK;

	for (kind = 0; err == SR_OK && kind < ARTIFACT_KIND__MAX; kind++) {
		days = kind == ARTIFACT_LOG ? CFG_ARTIFACT_LOG_DAYS :
		    CFG_ARTIFACT_DAYS;
		err = artifact_purge(store->db, kind, before(w, days),
		    ARTIFACTS_MAX, &gone);
		if (told("artifact", gone, ARTIFACTS_MAX))
			*more = true;
	}
	return (err);
}

static enum sr_error
purge(const struct worker * w, const struct store * store)
{
	bool more = false;
	unsigned gone;
	enum sr_error first, err;

	first = event_purge(store->db, before(w, CFG_RUN_EVENT_DAYS),
	    ROWS_MAX, &gone);
	more |= first == SR_OK && told("event", gone, ROWS_MAX);
	err = prompt_purge(store->db, before(w, CFG_RUN_PROMPT_DAYS),
	    PROMPTS_MAX, &gone);
	more |= err == SR_OK && told("prompt", gone, PROMPTS_MAX);
	if (first == SR_OK)
		first = err;
	err = purge_artifacts(w, store, &more);
	if (first == SR_OK)
		first = err;
	if (more && (err = chore_soon(store->db, RETENTION, MORE_SECONDS)) !=
	    SR_OK && first == SR_OK)
		first = err;
	return (first);
}

/* Those that are due; one that fails keeps none of the others from running. */
enum sr_error
keeper_runs(const struct worker * w, const struct store * store)
{
	static const struct {
		const char * name;
		unsigned seconds;
		enum sr_error (* work)(const struct worker * w,
		    const struct store * store);
	} jobs[] = {
		{ STREAM, STREAM_SECONDS, end_streams },
		{ REAP, REAP_SECONDS, reap },
		{ RETENTION, RETENTION_SECONDS, purge },
	};
	enum sr_error first = SR_OK, err;
	bool mine;
	size_t i;

	for (i = 0; i < COUNTOF(jobs); i++) {
		err = chore_claim(store->db, jobs[i].name, jobs[i].seconds,
		    &mine);
		if (err == SR_OK && mine)
			err = jobs[i].work(w, store);
		if (first == SR_OK)
			first = err;
	}
	return (first);
}
