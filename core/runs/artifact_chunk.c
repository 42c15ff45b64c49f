/* Rows of an artifact: itself, its chunks, and what the run is charged. */

#include <stdlib.h>
#include <string.h>

#include "core/log/log.h"
#include "core/runs/artifact_internal.h"

/* So much more of the run's; within a transaction. */
static enum sr_error
charge(struct db * db, const struct artifact_up * up, uint64_t bytes)
{
	uint64_t done = 0;
	enum sr_error err;

	err = db_exec(db, STMT_RUN_CHARGE, DB_ARGS(DB_INT(bytes),
	    DB_UUID(&up->artifact.run_id), DB_INT(bytes),
	    DB_INT(up->limits.run)), &done);
	if (err == SR_OK && done == 0)
		err = SR_E_RUN_ARTIFACTS_TOO_LARGE;
	return (err);
}

static enum sr_error
insert(struct tx * tx, void * cookie)
{
	struct artifact_up * up = cookie;
	const struct artifact * a = &up->artifact;
	struct db * db = tx_db(tx);
	enum sr_error err;

	if ((err = charge(db, up, ARTIFACT_OVERHEAD)) != SR_OK)
		return (err);
	return (db_exec(db, STMT_ARTIFACT_INSERT, DB_ARGS(DB_UUID(&a->id),
	    DB_UUID(&a->run_id), DB_TEXT(a->name),
	    DB_TEXT(artifact_kind_name(a->kind)), DB_TEXT(a->media_type),
	    DB_TIME(a->created_at)), NULL));
}

/** up_store(up): make its row, which nobody sees yet. */
enum sr_error
up_store(struct artifact_up * up)
{
	enum sr_error err;

	if ((err = sr_id_new(&up->artifact.id)) != SR_OK)
		return (err);
	up->artifact.created_at = clock_now();
	up->artifact.size = 0;
	up->chunks = 0;
	up->written = true;
	return (runs_error(tx_run(up->store->db, NULL, insert, up)));
}

/* A chunk on its way. */
struct storing {
	struct artifact_up * up;
	const char * bytes;
	size_t len;
};

/* What was deleted meanwhile (it took too long) cannot be gone on with. */
static enum sr_error
insert_chunk(struct tx * tx, void * cookie)
{
	struct storing * s = cookie;
	const struct sr_id * id = &s->up->artifact.id;
	struct db * db = tx_db(tx);
	uint64_t done = 0;
	enum sr_error err;

	if ((err = charge(db, s->up, s->len)) != SR_OK ||
	    (err = db_exec(db, STMT_ARTIFACT_GROW, DB_ARGS(DB_INT(s->len),
	    DB_TIME(clock_now()), DB_UUID(id)), &done)) != SR_OK)
		return (err);
	if (done == 0)
		return (SR_E_RUN_UNAVAILABLE);
	return (db_exec(db, STMT_ARTIFACT_CHUNK_INSERT, DB_ARGS(DB_UUID(id),
	    DB_INT(s->up->chunks), DB_BYTES(s->bytes, s->len)), NULL));
}

/* What is left from ${at} on is the begin of the next chunk. */
static enum sr_error
keep_rest(struct strbuf * b, size_t at)
{
	struct strbuf former = *b;

	strbuf_init(b, former.max);
	strbuf_add(b, &strbuf_str(&former)[at], former.len - at);
	strbuf_free(&former);
	return (strbuf_status(b));
}

/** up_flush(up, last): store what has passed, in chunks. */
enum sr_error
up_flush(struct artifact_up * up, bool last)
{
	struct storing s = { .up = up };
	enum sr_error err;
	size_t at;

	for (at = 0; at < up->chunk.len; at += s.len) {
		s.bytes = &strbuf_str(&up->chunk)[at];
		s.len = up->chunk.len - at;
		if (s.len > ARTIFACT_CHUNK)
			s.len = ARTIFACT_CHUNK;
		if (s.len < ARTIFACT_CHUNK && !last)
			break;
		err = tx_run(up->store->db, NULL, insert_chunk, &s);
		if (err != SR_OK)
			return (runs_error(err));
		digest_add(up->digest, s.bytes, s.len);
		up->artifact.size += s.len;
		up->chunks++;
	}
	return (keep_rest(&up->chunk, at));
}

/** artifact_remove(db, id, stmt): and what it counted for. */
enum sr_error
artifact_remove(struct db * db, const struct sr_id * id, enum stmt stmt)
{
	uint64_t done = 0;
	enum sr_error err;

	if ((err = db_exec(db, STMT_ARTIFACT_UNCHARGE,
	    DB_ARGS(DB_INT(ARTIFACT_OVERHEAD), DB_UUID(id)), NULL)) !=
	    SR_OK || (err = db_exec(db, stmt, DB_ARGS(DB_UUID(id)), &done)) !=
	    SR_OK)
		return (err);
	/* It is another's now: the charge stays, too. */
	return (done == 0 ? SR_E_ARTIFACT_NOT_FOUND : SR_OK);
}

static enum sr_error
remove_writing(struct tx * tx, void * cookie)
{

	return (artifact_remove(tx_db(tx), cookie,
	    STMT_ARTIFACT_DELETE_WRITING));
}

/** up_remove(up): delete its row, if it is there. */
void
up_remove(struct artifact_up * up)
{
	struct sr_id id = up->artifact.id;
	enum sr_error err;

	if (!up->written)
		return;
	up->written = false;
	err = tx_run(up->store->db, NULL, remove_writing, &id);
	if (err != SR_OK && err != SR_E_ARTIFACT_NOT_FOUND)
		LOG(FAILURE, log_error(err), log_const("where", __func__));
}

struct chunk {
	char * p;
	size_t len;
	bool found;
};

static enum sr_error
take_chunk(const struct db_row * row, void * cookie)
{
	struct chunk * c = cookie;
	const uint8_t * bytes = db_col_bytes(row, 0, &c->len);

	if ((c->p = malloc(c->len + 1)) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	if (c->len != 0)
		memcpy(c->p, bytes, c->len);
	c->found = true;
	return (SR_OK);
}

/* One statement for each: ${fn} may take its time, and use the connection. */
enum sr_error
artifact_chunks(struct db * db, const struct sr_id * id,
    artifact_chunk_fn * fn, void * cookie)
{
	struct chunk c = { .found = true };
	enum sr_error err = SR_OK;
	uint32_t n;

	for (n = 0; err == SR_OK && c.found; n++) {
		c = (struct chunk){ .p = NULL };
		err = runs_error(db_query(db, STMT_ARTIFACT_CHUNK,
		    DB_ARGS(DB_UUID(id), DB_INT(n)), take_chunk, &c));
		if (err == SR_OK && c.found)
			err = fn(c.p, c.len, cookie);
		if (c.p != NULL)
			explicit_bzero(c.p, c.len);
		free(c.p);
	}
	return (err);
}
