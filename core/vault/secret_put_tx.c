#include <stdlib.h>

#include "core/vault/change.h"
#include "core/vault/secret_put.h"

struct locked {
	struct sr_id id;
	uint32_t key_version;
	char status[12];
	sr_time updated_at;
	bool found;
};

static enum sr_error
locked_row(const struct db_row * row, void * cookie)
{
	struct locked * l = cookie;

	l->id = db_col_uuid(row, 0);
	l->key_version = (uint32_t)db_col_int(row, 1);
	snprintf(l->status, sizeof(l->status), "%s", db_col_text(row, 2));
	l->updated_at = db_col_time(row, 3);
	l->found = true;
	return (SR_OK);
}

static enum sr_error
someone_was_faster(struct secret_put * p)
{
	p->changed = true;
	return (SR_E_SECRET_PERSISTENCE_FAILED);
}

/*
 * With the row locked, so that times are in the order of the writes: one that
 * waited for others is later than they, and so is one whose clock is behind.
 */
static void
take_time(struct secret_put * p, const struct locked * l)
{
	p->now = clock_now();
	if (l->found && p->now <= l->updated_at)
		p->now = l->updated_at + 1;
	p->meta.last_rotated_at = p->meta.updated_at = p->now;
	if (!l->found)
		p->meta.created_at = p->now;
	p->audit.occurred_at = p->now;
}

/**
 * secret_put_may(write, found, status, key_version):
 * Whether ${write} may be done to what is there.
 */
enum sr_error
secret_put_may(const struct secret_write * write, bool found,
    const char * status, uint32_t key_version)
{
	bool active = found && strcmp(status, "active") == 0;

	if (write->only_create && active)
		return (SR_E_SECRET_EXISTS);
	if (write->expected_any && !active)
		return (SR_E_SECRET_VERSION_CONFLICT);
	if (write->expected != 0 &&
	    (!active || key_version != write->expected))
		return (SR_E_SECRET_VERSION_CONFLICT);
	if (write->only_rotate && !active)
		return (found ? SR_E_SECRET_REVOKED : SR_E_SECRET_NOT_FOUND);
	return (SR_OK);
}

/*
 * Lock the row, which orders all writers. A row that was not there cannot be
 * locked; the insert finds out. The request's own row comes before the
 * conditions: its repetition must not be told that it is too late.
 */
static enum sr_error
lock_row(struct tx * tx, struct secret_put * p)
{
	const struct idempotency_result made = { .id = p->meta.id,
	    .version = p->meta.key_version };
	struct locked l = { .found = false };
	enum sr_error err = SR_OK;

	if (p->exists)
		err = db_query(tx_db(tx), STMT_SECRET_LOCK,
		    DB_ARGS(DB_TEXT(secret_scope_name(p->meta.scope)),
		    DB_UUID(&p->meta.project_id), DB_TEXT(p->meta.name)),
		    locked_row, &l);
	if (err != SR_OK ||
	    (err = idempotency_keep(tx, &p->request, &made)) != SR_OK)
		return (err);
	if (l.found != p->exists || (l.found &&
	    !sr_id_equal(&l.id, &p->meta.id)))
		return (someone_was_faster(p));
	if ((err = secret_put_may(p->write, l.found, l.status,
	    l.key_version)) != SR_OK)
		return (err);
	if (l.key_version != p->from_version)
		return (someone_was_faster(p));
	take_time(p, &l);
	return (SR_OK);
}

static enum sr_error
write_meta(struct db * db, struct secret_put * p)
{
	const struct secret_meta * m = &p->meta;
	enum sr_error err;

	if (p->exists)
		return (db_later(db, STMT_SECRET_UPDATE,
		    DB_ARGS(DB_INT(m->key_version), DB_TEXT(m->source),
		    DB_TIME(m->last_rotated_at), DB_TIME(m->expires_at),
		    DB_TIME(m->updated_at), DB_UUID(&m->id)), NULL));
	err = db_later(db, STMT_SECRET_INSERT,
	    DB_ARGS(DB_UUID(&m->id), DB_TEXT(secret_scope_name(m->scope)),
	    DB_UUID(&m->project_id), DB_TEXT(m->name), DB_INT(m->key_version),
	    DB_TEXT(m->source), DB_TIME(m->last_rotated_at),
	    DB_TIME(m->expires_at), DB_TIME(m->created_at),
	    DB_TIME(m->updated_at)), NULL);
	if (err == SR_E_DATABASE_REFUSED && db_duplicate(db))
		return (someone_was_faster(p));
	return (err);
}

static enum sr_error
write_version(struct db * db, struct secret_put * p)
{
	const struct secret_meta * m = &p->meta;
	uint64_t written = 0;
	enum sr_error err;

	/* A secret that is made here has no other version. */
	if (p->exists && (err = db_later(db, STMT_SECRET_VERSION_SUPERSEDE,
	    DB_ARGS(DB_UUID(&m->id)), NULL)) != SR_OK)
		return (err);
	err = db_later(db, STMT_SECRET_VERSION_INSERT,
	    DB_ARGS(DB_UUID(&m->id), DB_INT(m->key_version),
	    DB_BYTES(p->sealed.ciphertext, p->sealed.ciphertext_len),
	    DB_BYTES(p->sealed.wrapped_dek, SEAL_WRAPPED_LEN),
	    DB_TIME(p->now), DB_INT(p->sealed.kek_version)), &written);
	/* The number of a version that was rolled back since the plan. */
	if (err == SR_E_DATABASE_REFUSED && db_duplicate(db))
		return (someone_was_faster(p));
	p->moved = err == SR_OK && written == 0;
	return (p->moved ? someone_was_faster(p) : err);
}

#define FORM_COLUMNS	8

/* One row of VARIANT_INSERT. */
static void
form_row(const struct secret_meta * m, size_t seq,
    const struct redact_form * f, struct db_param row[FORM_COLUMNS])
{
	const struct db_param columns[FORM_COLUMNS] = { DB_UUID(&m->id),
	    DB_INT(m->key_version), DB_INT(seq),
	    DB_TEXT(redact_kind_name(f->kind)), DB_INT(f->length),
	    DB_BYTES(f->windows, f->windows_len),
	    DB_BYTES(f->mac, REDACT_MAC_LEN), DB_TEXT(f->tag) };

	memcpy(row, columns, sizeof(columns));
}

/* So few that they go with the other statements; more go as an array. */
#define FORMS_FEW	8

static enum sr_error
insert_few_forms(struct db * db, const struct secret_put * p)
{
	struct db_param row[FORM_COLUMNS];
	enum sr_error err = SR_OK;
	size_t i;

	for (i = 0; i < p->forms.n && err == SR_OK; i++) {
		form_row(&p->meta, i, &p->forms.v[i], row);
		err = db_later(db, STMT_VARIANT_INSERT, row, FORM_COLUMNS,
		    NULL);
	}
	return (err);
}

static enum sr_error
insert_forms(struct db * db, const struct secret_put * p)
{
	struct db_param * rows;
	enum sr_error err;
	size_t i;

	if (p->forms.n <= FORMS_FEW)
		return (insert_few_forms(db, p));
	rows = calloc(p->forms.n, FORM_COLUMNS * sizeof(*rows));
	if (rows == NULL)
		return (SR_E_OUT_OF_MEMORY);
	for (i = 0; i < p->forms.n; i++)
		form_row(&p->meta, i, &p->forms.v[i],
		    rows + i * FORM_COLUMNS);
	err = db_exec_many(db, STMT_VARIANT_INSERT, rows, p->forms.n,
	    FORM_COLUMNS, NULL);
	free(rows);
	return (err);
}

/* The forms of former versions stay: a rotated value is still masked. */
static enum sr_error
write_forms(struct db * db, const struct secret_put * p)
{
	enum sr_error err;

	if (p->exists && (err = db_later(db, STMT_VARIANT_RETIRE,
	    DB_ARGS(DB_UUID(&p->meta.id)), NULL)) != SR_OK)
		return (err);
	return (insert_forms(db, p));
}

static enum sr_error
also(struct tx * tx, const struct secret_put * p)
{

	if (p->write->also == NULL)
		return (SR_OK);
	return (p->write->also(tx, &p->meta, p->write->also_cookie));
}

static enum sr_error
take_version(const struct db_row * row, void * cookie)
{
	uint32_t * version = cookie;

	*version = (uint32_t)db_col_int(row, 0);
	return (SR_OK);
}

/* Whoever is not the rotation has to wait for its end. */
static enum sr_error
no_rotation(struct db * db, const struct secret_put * p)
{
	uint32_t from = 0;
	enum sr_error err;

	if (!p->exists || p->write->also != NULL)
		return (SR_OK);
	if ((err = db_query(db, STMT_ROTATION_FROM,
	    DB_ARGS(DB_UUID(&p->meta.id)), take_version, &from)) != SR_OK)
		return (err);
	return (from == 0 ? SR_OK : SR_E_PROVIDER_ROTATION_IN_PROGRESS);
}

/**
 * secret_put_tx(tx, cookie):
 * The tx_fn of a write. May run more than once.
 */
enum sr_error
secret_put_tx(struct tx * tx, void * cookie)
{
	struct secret_put * p = cookie;
	struct db * db = tx_db(tx);
	enum sr_error err;

	p->changed = p->request.taken = false;
	if ((err = lock_row(tx, p)) != SR_OK ||
	    (err = no_rotation(db, p)) != SR_OK ||
	    (err = write_meta(db, p)) != SR_OK ||
	    (err = write_version(db, p)) != SR_OK ||
	    (err = write_forms(db, p)) != SR_OK ||
	    (err = also(tx, p)) != SR_OK ||
	    (err = audit_append(tx, p->store, &p->audit)) != SR_OK)
		return (err);
	return (change_note(db, &p->change_id, &p->meta.id));
}
