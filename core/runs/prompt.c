#include <string.h>

#include "core/base/strbuf.h"
#include "core/keys/mac.h"
#include "core/log/log.h"
#include "core/runs/limit.h"
#include "core/runs/prompt_internal.h"
#include "core/runs/run_alert.h"
#include "core/runs/runs_internal.h"

/* So often it passes again when the live set changes meanwhile. */
#define ROUNDS		5
/* Of a name and its number; rules beyond are left out. */
#define COUNT_MAX	128
#define COUNTS_MAX	((size_t)PROMPT_COUNTS_MAX - 1)

static const struct redact_json_limits limits = { .bytes = PROMPT_BODY_MAX,
	.depth = 64, .values = 100000 };

/* One on its way. */
struct making {
	const struct store * store;
	const struct actor * actor;
	const struct prompt_write * write;
	struct run run;
	struct run_reader reader;
	struct prompt prompt;
	struct redacted * body;
	struct redact_tally * tally;
	struct strbuf counts;
	uint64_t generation;
	bool changed;		/* The live set: it has to pass again. */
};

/* Of all rows of that name, unless one before ${i} has it. */
static unsigned
count_of(const struct redact_tally * t, unsigned i, const char * name)
{
	const char * other;
	unsigned k, n, sum = 0;

	for (k = 0; redact_tally_get(t, k, &other, &n); k++) {
		if (strcmp(name, other) != 0)
			continue;
		if (k < i && n != 0)
			return (0);
		sum += n;
	}
	return (sum);
}

/* {"known":2,"github_pat":1} */
static enum sr_error
write_counts(struct making * m)
{
	const char * name;
	unsigned i, n;

	strbuf_reset(&m->counts);
	strbuf_printf(&m->counts, "{\"known\":%u", m->prompt.hits.known);
	for (i = 0; redact_tally_get(m->tally, i, &name, &n); i++)
		if (n != 0 && (n = count_of(m->tally, i, name)) != 0 &&
		    m->counts.len < COUNTS_MAX - COUNT_MAX)
			strbuf_printf(&m->counts, ",\"%s\":%u", name, n);
	strbuf_puts(&m->counts, "}");
	return (strbuf_status(&m->counts));
}

static enum sr_error
json_error(enum sr_error err)
{

	if (err == SR_E_INPUT_MALFORMED)
		return (SR_E_PROMPT_MALFORMED);
	if (err == SR_E_PROMPT_REDACTION_FAILED &&
	    redact_last_cause() == REDACT_CAUSE_LIMIT)
		return (SR_E_PROMPT_TOO_LARGE);
	return (err);
}

static enum sr_error
pass(struct making * m)
{
	struct prompt * p = &m->prompt;
	enum sr_error err;

	redact_tally_free(&m->tally);
	redacted_free(&m->body);
	if ((err = redact_tally_new(&m->tally)) != SR_OK)
		return (err);
	m->generation = redact_generation(m->store->redact);
	err = redact_json_for(m->store->redact, REDACT_PROMPT,
	    &m->reader.reader, m->tally, m->write->body, m->write->len,
	    &limits, &p->hits, &m->body);
	if (err != SR_OK)
		return (json_error(err));
	if (!prompt_shape(redacted_bytes(m->body), redacted_len(m->body),
	    &p->messages))
		return (SR_E_PROMPT_MALFORMED);
	digest_compute(redacted_bytes(m->body), redacted_len(m->body),
	    p->sha256);
	return (write_counts(m));
}

/* The live set as it is when the prompt is kept. */
static enum sr_error
known_still(struct making * m)
{
	enum sr_error err;

	if ((err = runs_know(m->store)) == SR_E_DATABASE_UNAVAILABLE ||
	    err == SR_E_TRANSACTION_CONFLICT)
		return (err);
	if (redact_state(m->store->redact) != REDACT_READY)
		return (SR_E_PROMPT_REDACTION_FAILED);
	m->changed = redact_generation(m->store->redact) != m->generation;
	/* Never seen: it passes again. */
	return (m->changed ? SR_E_PROMPT_REDACTION_FAILED : SR_OK);
}

static enum sr_error
insert(struct tx * tx, void * cookie)
{
	struct making * m = cookie;
	struct prompt * p = &m->prompt;
	struct db * db = tx_db(tx);
	struct run run;
	enum sr_error err;

	m->changed = false;
	if ((err = runs_lock(db, &p->run_id, &run)) != SR_OK ||
	    (err = runs_living(&run)) != SR_OK || (err = known_still(m)) !=
	    SR_OK)
		return (err);
	if ((err = limit_prompt(m->store, db, &p->run_id,
	    redacted_len(m->body))) != SR_OK)
		return (err);
	return (db_exec(db, STMT_PROMPT_INSERT, DB_ARGS(DB_UUID(&p->id),
	    DB_UUID(&p->run_id), DB_TIME(p->created_at),
	    DB_BYTES(p->sha256, sizeof(p->sha256)), DB_INT(p->messages),
	    DB_INT(p->hits.known), DB_INT(p->hits.rules),
	    DB_TEXT(strbuf_str(&m->counts)),
	    DB_TEXT(redacted_bytes(m->body))), NULL));
}

static enum sr_error
no_kept(const struct prompt_kept * kept, void * cookie)
{

	(void)kept;
	(void)cookie;
	return (SR_OK);
}

/* The reply to COMMIT may be lost: whether it is there says what it did. */
static enum sr_error
keep(struct making * m)
{
	enum sr_error err;

	err = tx_run(m->store->db, NULL, insert, m);
	if (err == SR_E_COMMIT_OUTCOME_UNKNOWN &&
	    prompt_show(m->store->db, &m->prompt.run_id, &m->prompt.id,
	    no_kept, NULL) == SR_OK)
		return (SR_OK);
	return (runs_error(err));
}

static enum sr_error
make(struct making * m)
{
	enum sr_error err;
	unsigned n;

	if (runs_know(m->store) == SR_E_DATABASE_UNAVAILABLE)
		return (SR_E_RUN_UNAVAILABLE);
	for (n = 0; n < ROUNDS; n++) {
		if ((err = pass(m)) != SR_OK)
			return (err);
		/* The same history comes with each turn: its own secrets are
		 * one hit, those of others are guesses. */
		if (n == 0 && (err = runs_guess(m->store, m->actor, &m->run,
		    REDACT_PROMPT, &m->prompt.hits)) != SR_OK)
			return (err);
		err = keep(m);
		if (err == SR_OK || !m->changed)
			return (err);
	}
	return (SR_E_TRANSACTION_CONFLICT);
}

static enum sr_error
begin(struct making * m, unsigned lease_minutes)
{
	struct db * db = m->store->db;
	enum sr_error err;

	if (m->write->len > PROMPT_BODY_MAX)
		return (SR_E_PROMPT_TOO_LARGE);
	if ((err = run_show(db, &m->write->run_id, &m->run)) != SR_OK ||
	    (err = runs_living(&m->run)) != SR_OK ||
	    (err = run_beat(m->store, &m->run.id, lease_minutes)) != SR_OK ||
	    (err = run_reader_of(db, &m->run.project_id, &m->reader)) !=
	    SR_OK)
		return (err);
	m->prompt.run_id = m->run.id;
	m->prompt.created_at = clock_now();
	return (sr_id_new(&m->prompt.id));
}

static void
finish(struct making * m, enum sr_error err)
{

	if (err == SR_OK)
		LOG(PROMPT_MADE, log_id("run_id", m->run.id),
		    log_id("prompt_id", m->prompt.id),
		    log_u64("known", m->prompt.hits.known),
		    log_u64("rules", m->prompt.hits.rules));
	else
		LOG(PROMPT_REFUSED, log_id("run_id", m->write->run_id),
		    log_error(err));
	limit_refused(m->store, &m->write->run_id, err);
	if (err == SR_E_PROMPT_REDACTION_FAILED)
		run_alert_raise(m->store, m->actor, &m->run,
		    RUN_ALERT_CHANNEL_REFUSED, REDACT_PROMPT);
	redacted_free(&m->body);
	redact_tally_free(&m->tally);
	strbuf_free(&m->counts);
	run_reader_end(&m->reader);
}

/** prompt_make(store, actor, write, lease_minutes, out, body). */
enum sr_error
prompt_make(const struct store * store, const struct actor * actor,
    const struct prompt_write * write, unsigned lease_minutes,
    struct prompt_made * out, struct redacted ** body)
{
	struct making m = { .store = store, .actor = actor, .write = write };
	enum sr_error err;

	*body = NULL;
	strbuf_init(&m.counts, COUNTS_MAX);
	if ((err = begin(&m, lease_minutes)) == SR_OK)
		err = make(&m);
	if (err == SR_OK) {
		out->prompt = m.prompt;
		(void)snprintf(out->counts, sizeof(out->counts), "%s",
		    strbuf_str(&m.counts));
		*body = m.body;
		m.body = NULL;
	}
	finish(&m, err);
	return (err);
}
