/*
 * From when on it is seen. What came to be known while it was on its way (a
 * secret that was stored after its first chunk had passed) may be in chunks
 * that are stored, so the live set is read again in the transaction that
 * publishes it; if it has changed, the chunks are looked at there, and if
 * something is found, all of it passes again, into chunks of a new row.
 */

#include <string.h>

#include "core/log/log.h"
#include "core/runs/artifact_internal.h"

/* So often it passes again before somebody else has to try. */
#define ROUNDS	5

static enum sr_error
add_piece(struct redacted * piece, void * cookie)
{

	digest_add(cookie, redacted_bytes(piece), redacted_len(piece));
	return (SR_OK);
}

static enum sr_error
feed_chunk(const char * bytes, size_t len, void * cookie)
{

	return (pass_feed(cookie, bytes, len));
}

/* Whether its stored chunks are what they would be if they passed now. */
static enum sr_error
same_now(const struct artifact_up * up, bool * same)
{
	struct artifact_pass pass;
	struct digest * digest = NULL;
	uint8_t now[MAC_LEN];
	enum sr_error err;

	*same = false;
	if ((err = digest_new(&digest)) != SR_OK)
		return (err);
	if ((err = pass_open(&pass, up->store, &up->run.project_id, up->form,
	    add_piece, digest)) == SR_OK &&
	    (err = artifact_chunks(up->store->db, &up->artifact.id, feed_chunk,
	    &pass)) == SR_OK && (err = pass_finish(&pass)) == SR_OK) {
		digest_end(digest, now);
		*same = mac_equal(now, up->artifact.sha256);
	}
	pass_close(&pass);
	digest_free(&digest);
	return (err);
}

struct publishing {
	struct artifact_up * up;
	bool changed;		/* It has to pass again first. */
};

static enum sr_error
known_still(struct publishing * p)
{
	struct artifact_up * up = p->up;
	enum sr_error err;
	uint64_t now;
	bool same;

	if ((err = runs_know(up->store)) == SR_E_DATABASE_UNAVAILABLE ||
	    err == SR_E_TRANSACTION_CONFLICT)
		return (err);
	if (redact_state(up->store->redact) != REDACT_READY)
		return (SR_E_CHANNEL_REDACTION_FAILED);
	now = redact_generation(up->store->redact);
	if (now == up->generation)
		return (SR_OK);
	if ((err = same_now(up, &same)) != SR_OK)
		return (err);
	if (same) {
		up->generation = now;
		return (SR_OK);
	}
	p->changed = true;
	return (SR_E_ARTIFACT_UNSAFE);
}

static enum sr_error
take_id(const struct db_row * row, void * cookie)
{
	struct sr_id * id = cookie;

	*id = db_col_uuid(row, 0);
	return (SR_OK);
}

/* The former one of that name makes room. */
static enum sr_error
replace(struct db * db, struct artifact * a)
{
	struct sr_id former = sr_id_nil;
	enum sr_error err;

	if ((err = db_query(db, STMT_ARTIFACT_FORMER,
	    DB_ARGS(DB_UUID(&a->run_id), DB_TEXT(a->name)), take_id,
	    &former)) != SR_OK)
		return (err);
	a->replaced = !sr_id_is_nil(&former);
	return (!a->replaced ? SR_OK :
	    artifact_remove(db, &former, STMT_ARTIFACT_DELETE));
}

static enum sr_error
publish_tx(struct tx * tx, void * cookie)
{
	struct publishing * p = cookie;
	struct artifact * a = &p->up->artifact;
	struct db * db = tx_db(tx);
	uint64_t done = 0;
	struct run run;
	enum sr_error err;

	p->changed = false;
	if ((err = runs_lock(db, &a->run_id, &run)) != SR_OK ||
	    (err = runs_living(&run)) != SR_OK ||
	    (err = known_still(p)) != SR_OK || (err = replace(db, a)) != SR_OK)
		return (err);
	a->created_at = clock_now();
	err = db_exec(db, STMT_ARTIFACT_PUBLISH,
	    DB_ARGS(DB_BYTES(a->sha256, sizeof(a->sha256)), DB_INT(a->known),
	    DB_INT(a->rules), DB_TIME(a->created_at), DB_UUID(&a->id)),
	    &done);
	if (err != SR_OK)
		return (err);
	return (done == 1 ? SR_OK : SR_E_RUN_UNAVAILABLE);
}

static enum sr_error
note_row(const struct db_row * row, void * cookie)
{
	bool * found = cookie;

	(void)row;
	*found = true;
	return (SR_OK);
}

/* The reply to COMMIT may be lost: its row says what became of it. */
static enum sr_error
settle(const struct artifact_up * up, enum sr_error err)
{
	bool found = false;

	if (err == SR_E_COMMIT_OUTCOME_UNKNOWN &&
	    db_query(up->store->db, STMT_ARTIFACT_PUBLISHED,
	    DB_ARGS(DB_UUID(&up->artifact.id)), note_row, &found) == SR_OK &&
	    found)
		return (SR_OK);
	return (runs_error(err));
}

static void
sum_up(struct artifact_up * up)
{

	digest_end(up->digest, up->artifact.sha256);
	up->artifact.known = up->before.known + up->pass.hits.known;
	up->artifact.rules = up->before.rules + up->pass.hits.rules;
}

/* Its chunks pass into those of a new row, which takes this one's place. */
static enum sr_error
pass_again(struct artifact_up * up)
{
	struct artifact_up former = { .store = up->store,
	    .artifact = up->artifact, .written = true };
	enum sr_error err;

	up->before.known += up->pass.hits.known;
	up->before.rules += up->pass.hits.rules;
	pass_close(&up->pass);
	if ((err = up_store(up)) == SR_OK && (err = up_pass(up)) == SR_OK &&
	    (err = artifact_chunks(up->store->db, &former.artifact.id,
	    feed_chunk, &up->pass)) == SR_OK &&
	    (err = pass_finish(&up->pass)) == SR_OK)
		err = up_flush(up, true);
	up_remove(&former);
	return (err);
}

/** up_publish(up): after the last chunk. */
enum sr_error
up_publish(struct artifact_up * up)
{
	struct publishing p = { .up = up };
	enum sr_error err;
	unsigned n;

	for (n = 0; n < ROUNDS; n++) {
		sum_up(up);
		err = settle(up, tx_run(up->store->db, NULL, publish_tx, &p));
		if (err == SR_OK || !p.changed)
			return (err);
		if ((err = pass_again(up)) != SR_OK)
			return (err);
	}
	return (SR_E_TRANSACTION_CONFLICT);
}
