#include <string.h>

#include "core/log/log.h"
#include "core/runs/artifact_internal.h"

/** artifact_row(row, out): of ARTIFACT_TYPES. */
enum sr_error
artifact_row(const struct db_row * row, struct artifact * out)
{
	const uint8_t * sha256;
	size_t len;

	*out = (struct artifact){ .id = db_col_uuid(row, 0),
	    .run_id = db_col_uuid(row, 1),
	    .size = (uint64_t)db_col_int(row, 5),
	    .known = (unsigned)db_col_int(row, 7),
	    .rules = (unsigned)db_col_int(row, 8),
	    .created_at = db_col_time(row, 9) };
	(void)snprintf(out->name, sizeof(out->name), "%s",
	    db_col_text(row, 2));
	(void)snprintf(out->media_type, sizeof(out->media_type), "%s",
	    db_col_text(row, 4));
	sha256 = db_col_bytes(row, 6, &len);
	if (!artifact_kind_parse(db_col_text(row, 3), &out->kind) ||
	    len != sizeof(out->sha256))
		return (sr_fail(SR_E_SCHEMA_MISMATCH,
		    log_const("table", "artifact")));
	memcpy(out->sha256, sha256, len);
	return (SR_OK);
}

struct one {
	struct artifact * artifact;
	bool found;
};

static enum sr_error
take_one(const struct db_row * row, void * cookie)
{
	struct one * one = cookie;

	one->found = true;
	return (artifact_row(row, one->artifact));
}

static enum sr_error
read_one(struct db * db, enum stmt stmt, const struct db_param * params,
    struct artifact * out)
{
	struct one one = { .artifact = out };
	enum sr_error err;

	err = runs_error(db_query(db, stmt, params, 2, take_one, &one));
	if (err != SR_OK)
		return (err);
	return (one.found ? SR_OK : SR_E_ARTIFACT_NOT_FOUND);
}

enum sr_error
artifact_show(struct db * db, const struct sr_id * run_id, const char * name,
    struct artifact * out)
{
	const struct db_param params[] = { DB_UUID(run_id), DB_TEXT(name) };

	/* No longer than what is stored: nothing else is looked for. */
	if (strlen(name) > ARTIFACT_NAME_MAX)
		return (SR_E_ARTIFACT_NOT_FOUND);
	return (read_one(db, STMT_ARTIFACT_BY_NAME, params, out));
}

enum sr_error
artifact_by_id(struct db * db, const struct sr_id * run_id,
    const struct sr_id * id, struct artifact * out)
{
	const struct db_param params[] = { DB_UUID(run_id), DB_UUID(id) };

	return (read_one(db, STMT_ARTIFACT_BY_ID, params, out));
}

struct listing {
	artifact_fn * fn;
	void * cookie;
	enum sr_error said;
};

static enum sr_error
take_row(const struct db_row * row, void * cookie)
{
	struct listing * l = cookie;
	struct artifact a;
	enum sr_error err;

	if ((err = artifact_row(row, &a)) != SR_OK)
		return (err);
	return (l->said = l->fn(&a, l->cookie));
}

enum sr_error
artifact_list(struct db * db, const struct sr_id * run_id, const char * after,
    unsigned limit, artifact_fn * fn, void * cookie)
{
	struct listing l = { .fn = fn, .cookie = cookie, .said = SR_OK };
	enum sr_error err;

	err = db_query(db, STMT_ARTIFACT_LIST, DB_ARGS(DB_UUID(run_id),
	    DB_TEXT(after == NULL ? "" : after), DB_INT(limit)), take_row, &l);
	return (l.said != SR_OK ? l.said : runs_error(err));
}

/* On its way out. */
struct sending {
	struct artifact_pass pass;
	enum artifact_form form;	/* ARTIFACT_JSON: as it is stored. */
	uint64_t bytes;			/* Of what is stored, so far. */
};

static enum sr_error
feed_chunk(const char * bytes, size_t len, void * cookie)
{
	struct sending * s = cookie;

	s->bytes += len;
	return (pass_feed(&s->pass, bytes, len));
}

/* What is compressed was taken as no text, whatever it is called. */
static enum sr_error
first_chunk(const struct db_row * row, void * cookie)
{
	enum artifact_form * form = cookie;
	const uint8_t * bytes;
	size_t len;

	bytes = db_col_bytes(row, 0, &len);
	if (artifact_compressed((const char *)bytes, len))
		*form = ARTIFACT_BINARY;
	return (SR_OK);
}

static enum sr_error
open_sending(struct sending * s, const struct store * store,
    const struct artifact * a, artifact_piece_fn * fn, void * cookie)
{
	struct run run;
	enum sr_error err;

	s->form = artifact_form_of(a->media_type);
	if ((err = run_show(store->db, &a->run_id, &run)) != SR_OK ||
	    (err = runs_error(db_query(store->db, STMT_ARTIFACT_CHUNK,
	    DB_ARGS(DB_UUID(&a->id), DB_INT(0)), first_chunk, &s->form))) !=
	    SR_OK)
		return (err);
	return (pass_open(&s->pass, store, &run.project_id, s->form, fn,
	    cookie));
}

/** artifact_send(store, artifact, fn, cookie): see artifact.h. */
enum sr_error
artifact_send(const struct store * store, const struct artifact * artifact,
    artifact_piece_fn * fn, void * cookie)
{
	struct sending s = { .bytes = 0 };
	enum sr_error err;

	if ((err = open_sending(&s, store, artifact, fn, cookie)) == SR_OK &&
	    (err = artifact_chunks(store->db, &artifact->id, feed_chunk,
	    &s)) == SR_OK) {
		/* Replaced or purged while it was read: no end of it. */
		err = s.bytes == artifact->size ? pass_finish(&s.pass) :
		    SR_E_ARTIFACT_NOT_FOUND;
	}
	pass_close(&s.pass);
	return (err);
}

static enum sr_error
no_piece(struct redacted * piece, void * cookie)
{

	(void)piece;
	(void)cookie;
	return (SR_OK);
}

/** artifact_check(store, artifact): see artifact.h. */
enum sr_error
artifact_check(const struct store * store, const struct artifact * artifact)
{

	return (artifact_send(store, artifact, no_piece, NULL));
}

/** artifact_read(store, artifact, fn, cookie): see artifact.h. */
enum sr_error
artifact_read(const struct store * store, const struct artifact * artifact,
    artifact_piece_fn * fn, void * cookie)
{
	enum sr_error err;

	if ((err = artifact_check(store, artifact)) != SR_OK)
		return (err);
	return (artifact_send(store, artifact, fn, cookie));
}
