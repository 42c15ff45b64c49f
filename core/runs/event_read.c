/* Events as they are read and, in the end, deleted. */

#include <stdlib.h>
#include <string.h>

#include "core/base/strbuf.h"
#include "core/log/log.h"
#include "core/runs/event_internal.h"

#define WATCH_TEXT	96	/* One watch, as JSON. */

struct reading {
	event_fn * fn;
	void * cookie;
	enum sr_error said;
};

static enum sr_error
take_event(const struct db_row * row, void * cookie)
{
	struct reading * r = cookie;
	const struct event e = { .run_id = db_col_uuid(row, 0),
	    .seq = (uint64_t)db_col_int(row, 1), .type = db_col_text(row, 2),
	    .step = db_col_text(row, 3), .stream = db_col_text(row, 4),
	    .correlation_id = db_col_text(row, 5),
	    .occurred_at = db_col_time(row, 6), .payload = db_col_text(row, 7),
	    .known = (unsigned)db_col_int(row, 8),
	    .rules = (unsigned)db_col_int(row, 9),
	    .workflow_name = db_col_text(row, 10),
	    .workflow_version = db_col_text(row, 11) };

	return (r->said = r->fn(&e, r->cookie));
}

static enum sr_error
result(const struct reading * r, enum sr_error err)
{

	return (r->said != SR_OK ? r->said : runs_error(err));
}

/** event_list(db, run_id, after, limit, fn, cookie): in order. */
enum sr_error
event_list(struct db * db, const struct sr_id * run_id, uint64_t after,
    unsigned limit, event_fn * fn, void * cookie)
{
	struct reading r = { .fn = fn, .cookie = cookie, .said = SR_OK };

	if (after > INT64_MAX)
		return (SR_OK);
	return (result(&r, db_query(db, STMT_EVENT_LIST,
	    DB_ARGS(DB_UUID(run_id), DB_INT(after), DB_INT(limit)),
	    take_event, &r)));
}

/* Masks of a text leave JSON as valid as it was; who knows is asked. */
static enum sr_error
as_text(struct redact * redact, enum redact_channel channel,
    const struct redact_reader * reader, struct redact_hits * hits,
    struct redacted ** t)
{
	struct redacted * again = NULL, * looked = NULL;
	struct redact_hits more;
	enum sr_error err;

	if ((err = redact_text_for(redact, channel, reader, NULL,
	    redacted_bytes(*t), redacted_len(*t), &more, &again)) != SR_OK)
		return (err);
	if (more.known + more.rules != 0)
		err = redact_json_for(redact, channel, reader, NULL,
		    redacted_bytes(again), redacted_len(again), NULL, NULL,
		    &looked);
	redacted_free(&looked);
	hits->known += more.known;
	hits->rules += more.rules;
	redacted_free(err == SR_OK ? t : &again);
	if (err == SR_OK)
		*t = again;
	return (err);
}

/** event_payload(redact, channel, reader, payload, hits, out). */
enum sr_error
event_payload(struct redact * redact, enum redact_channel channel,
    const struct redact_reader * reader, const char * payload,
    struct redact_hits * hits, struct redacted ** out)
{
	struct redact_hits found = { .known = 0 };
	char * line = strdup(payload);
	enum sr_error err = SR_E_OUT_OF_MEMORY;
	size_t i;

	*out = NULL;
	/* In no string of JSON is there a line's end that is not escaped. */
	for (i = 0; line != NULL && line[i] != '\0'; i++)
		if (line[i] == '\n' || line[i] == '\r')
			line[i] = ' ';
	if (line != NULL)
		err = redact_json_for(redact, channel, reader, NULL, line, i,
		    NULL, &found, out);
	free(line);
	if (err == SR_OK)
		err = as_text(redact, channel, reader, &found, out);
	if (err != SR_OK)
		redacted_free(out);
	if (hits != NULL)
		*hits = found;
	/* What was stored was JSON: it is broken by nobody but the gate. */
	if (err == SR_E_INPUT_MALFORMED)
		return (channel == REDACT_UI ? SR_E_UI_REDACTION_FAILED :
		    SR_E_CHANNEL_REDACTION_FAILED);
	return (err);
}

/** event_topic(prefix, run_id, out): the name of a run's topic. */
void
event_topic(const char * prefix, const struct sr_id * run_id,
    char out[EVENT_TOPIC_MAX + 1])
{
	char id[SR_ID_STRLEN + 1];

	sr_id_format(run_id, id);
	(void)snprintf(out, EVENT_TOPIC_MAX + 1, "%.*s%s",
	    EVENT_TOPIC_MAX - SR_ID_STRLEN, prefix, id);
}

/* As the statement takes them. */
static void
watches_text(struct strbuf * out, const struct event_watch * w, size_t n)
{
	char id[SR_ID_STRLEN + 1];
	size_t i;

	strbuf_putc(out, '[');
	for (i = 0; i < n; i++) {
		sr_id_format(&w[i].run_id, id);
		strbuf_printf(out, "%s{\"r\":\"%s\",\"a\":%llu}",
		    i == 0 ? "" : ",", id, (unsigned long long)w[i].after);
	}
	strbuf_putc(out, ']');
}

/** event_poll(db, watches, n, limit, fn, cookie): what is new of all these. */
enum sr_error
event_poll(struct db * db, const struct event_watch * watches, size_t n,
    unsigned limit, event_fn * fn, void * cookie)
{
	struct reading r = { .fn = fn, .cookie = cookie, .said = SR_OK };
	struct strbuf text;
	enum sr_error err;

	if (n == 0)
		return (SR_OK);
	must(n <= EVENT_WATCH_MAX);
	strbuf_init(&text, EVENT_WATCH_MAX * WATCH_TEXT);
	watches_text(&text, watches, n);
	if ((err = strbuf_status(&text)) == SR_OK)
		err = db_query(db, STMT_EVENT_POLL,
		    DB_ARGS(DB_TEXT(strbuf_str(&text)), DB_INT(limit),
		    DB_INT(limit)), take_event, &r);
	strbuf_free(&text);
	return (result(&r, err));
}

#define RUNS_MAX	100	/* That one call looks at. */

struct old_runs {
	struct sr_id v[RUNS_MAX];
	size_t n;
};

static enum sr_error
take_id(const struct db_row * row, void * cookie)
{
	struct old_runs * runs = cookie;

	if (runs->n < RUNS_MAX)
		runs->v[runs->n++] = db_col_uuid(row, 0);
	return (SR_OK);
}

struct purging {
	const struct sr_id * run_id;
	sr_time before;
	unsigned limit;
	uint64_t gone;
};

/* With the run's row locked, so that purged_seq says what is gone. */
static enum sr_error
purge_tx(struct tx * tx, void * cookie)
{
	struct purging * p = cookie;
	struct event_log log;
	enum sr_error err;

	if ((err = event_lock(tx_db(tx), p->run_id, &log)) != SR_OK ||
	    (err = db_exec(tx_db(tx), STMT_EVENT_PURGE,
	    DB_ARGS(DB_UUID(p->run_id), DB_TIME(p->before),
	    DB_INT(p->limit)), &p->gone)) != SR_OK ||
	    (err = db_exec(tx_db(tx), STMT_EVENT_PURGED,
	    DB_ARGS(DB_UUID(p->run_id)), NULL)) != SR_OK)
		return (err);
	return (db_exec(tx_db(tx), STMT_STREAM_PURGE,
	    DB_ARGS(DB_UUID(p->run_id)), NULL));
}

/** event_purge(db, before, limit, gone): of runs that have ended. */
enum sr_error
event_purge(struct db * db, sr_time before, unsigned limit, unsigned * gone)
{
	struct old_runs runs = { .n = 0 };
	struct purging p = { .before = before };
	enum sr_error err;
	size_t i;

	*gone = 0;
	err = db_query(db, STMT_EVENT_OLD_RUNS,
	    DB_ARGS(DB_TIME(before), DB_INT(RUNS_MAX)), take_id, &runs);
	for (i = 0; err == SR_OK && i < runs.n && *gone < limit; i++) {
		p.run_id = &runs.v[i];
		p.limit = limit - *gone;
		err = tx_run(db, NULL, purge_tx, &p);
		if (err == SR_OK)
			*gone += (unsigned)p.gone;
	}
	return (runs_error(err));
}
