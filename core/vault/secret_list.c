#include "core/log/log.h"
#include "core/vault/idempotency.h"

#include "core/vault/secret_internal.h"

/** secret_meta_row(row, out): the columns of SECRET_META_COLS. */
enum sr_error
secret_meta_row(const struct db_row * row, struct secret_meta * m)
{
	if (!secret_scope_parse(db_col_text(row, 1), &m->scope))
		return (sr_fail(SR_E_SCHEMA_MISMATCH,
		    log_const("column", "secret_ref.scope")));
	m->id = db_col_uuid(row, 0);
	m->project_id = db_col_uuid(row, 2);
	snprintf(m->name, sizeof(m->name), "%s", db_col_text(row, 3));
	m->key_version = (uint32_t)db_col_int(row, 4);
	snprintf(m->source, sizeof(m->source), "%s", db_col_text(row, 5));
	snprintf(m->status, sizeof(m->status), "%s", db_col_text(row, 6));
	m->last_rotated_at = db_col_time(row, 7);
	m->expires_at = db_col_time(row, 8);
	m->created_at = db_col_time(row, 9);
	m->updated_at = db_col_time(row, 10);
	return (SR_OK);
}

struct list {
	secret_meta_fn * fn;
	void * cookie;
	enum sr_error answer;	/* What ${fn} said. */
};

static enum sr_error
list_row(const struct db_row * row, void * cookie)
{
	struct list * l = cookie;
	struct secret_meta meta;
	enum sr_error err;

	if ((err = secret_meta_row(row, &meta)) != SR_OK)
		return (err);
	return (l->answer = l->fn(&meta, l->cookie));
}

/**
 * secret_list(db, after, limit, fn, cookie):
 * Metadata by scope, project and name, ${limit} rows after ${after}.
 */
enum sr_error
secret_list(struct db * db, const struct sr_id * after, unsigned limit,
    secret_meta_fn * fn, void * cookie)
{
	struct list l = { .fn = fn, .cookie = cookie, .answer = SR_OK };
	enum sr_error err;

	if (after == NULL)
		err = db_query(db, STMT_SECRET_LIST, DB_ARGS(DB_INT(limit)),
		    list_row, &l);
	else
		err = db_query(db, STMT_SECRET_LIST_AFTER,
		    DB_ARGS(DB_UUID(after), DB_INT(limit)), list_row, &l);
	if (l.answer != SR_OK)
		return (l.answer);
	return (err == SR_OK ? SR_OK : SR_E_SECRET_METADATA_UNAVAILABLE);
}

/**
 * secret_list_of_key(db, key_id, after, limit, fn, cookie):
 * As secret_list, of the projects that an API key is limited to.
 */
enum sr_error
secret_list_of_key(struct db * db, const struct sr_id * key_id,
    const struct sr_id * after, unsigned limit, secret_meta_fn * fn,
    void * cookie)
{
	struct list l = { .fn = fn, .cookie = cookie, .answer = SR_OK };
	enum sr_error err;

	err = db_query(db, STMT_SECRET_LIST_OF_KEY, DB_ARGS(DB_UUID(after ==
	    NULL ? &sr_id_nil : after), DB_UUID(key_id), DB_INT(limit)),
	    list_row, &l);
	if (l.answer != SR_OK)
		return (l.answer);
	return (err == SR_OK ? SR_OK : SR_E_SECRET_METADATA_UNAVAILABLE);
}

struct one {
	struct secret_meta * meta;
	bool found;
};

static enum sr_error
one_row(const struct db_row * row, void * cookie)
{
	struct one * one = cookie;

	one->found = true;
	return (secret_meta_row(row, one->meta));
}

/**
 * secret_lookup(db, scope, project_id, name, out, found):
 * As secret_find, but absence is no error.
 */
enum sr_error
secret_lookup(struct db * db, enum secret_scope scope,
    const struct sr_id * project_id, const char * name,
    struct secret_meta * out, bool * found)
{
	struct one one = { .meta = out, .found = false };
	enum sr_error err;

	err = db_query(db, STMT_SECRET_BY_NAME,
	    DB_ARGS(DB_TEXT(secret_scope_name(scope)), DB_UUID(project_id),
	    DB_TEXT(name)), one_row, &one);
	*found = one.found;
	return (err);
}

/**
 * secret_find(db, scope, project_id, name, out):
 * The metadata of the secret with that name.
 */
enum sr_error
secret_find(struct db * db, enum secret_scope scope,
    const struct sr_id * project_id, const char * name,
    struct secret_meta * out)
{
	bool found;

	if (secret_lookup(db, scope, project_id, name, out, &found) != SR_OK)
		return (SR_E_SECRET_METADATA_UNAVAILABLE);
	return (found ? SR_OK : SR_E_SECRET_NOT_FOUND);
}

/**
 * secret_show(db, id, out):
 * The metadata of the secret with that id.
 */
enum sr_error
secret_show(struct db * db, const struct sr_id * id, struct secret_meta * out)
{
	struct one one = { .meta = out, .found = false };

	if (db_query(db, STMT_SECRET_BY_ID, DB_ARGS(DB_UUID(id)), one_row,
	    &one) != SR_OK)
		return (SR_E_SECRET_METADATA_UNAVAILABLE);
	return (one.found ? SR_OK : SR_E_SECRET_NOT_FOUND);
}

/** secret_expired(meta, now): whether its expiry has come. */
bool
secret_expired(const struct secret_meta * meta, sr_time now)
{
	return (meta->expires_at != SR_TIME_NONE && meta->expires_at <= now);
}

struct versions {
	secret_version_fn * fn;
	void * cookie;
	enum sr_error answer;	/* What ${fn} said. */
};

static enum sr_error
version_row(const struct db_row * row, void * cookie)
{
	struct versions * v = cookie;
	struct secret_version_meta m;

	m.key_version = (uint32_t)db_col_int(row, 0);
	m.kek_version = (uint32_t)db_col_int(row, 1);
	snprintf(m.state, sizeof(m.state), "%s", db_col_text(row, 2));
	m.created_at = db_col_time(row, 3);
	m.destroyed_at = db_col_time(row, 4);
	return (v->answer = v->fn(&m, v->cookie));
}

/**
 * secret_versions(db, id, before, limit, fn, cookie):
 * Versions of a secret below ${before}, the newest first.
 */
enum sr_error
secret_versions(struct db * db, const struct sr_id * id, uint32_t before,
    unsigned limit, secret_version_fn * fn, void * cookie)
{
	struct versions v = { .fn = fn, .cookie = cookie, .answer = SR_OK };
	const int64_t below = before == 0 ? (int64_t)UINT32_MAX + 1 : before;
	enum sr_error err;

	err = db_query(db, STMT_SECRET_VERSION_LIST, DB_ARGS(DB_UUID(id),
	    DB_INT(below), DB_INT(limit)), version_row, &v);
	if (v.answer != SR_OK)
		return (v.answer);
	return (err == SR_OK ? SR_OK : SR_E_SECRET_METADATA_UNAVAILABLE);
}

struct made {
	struct secret_version_meta version;
	bool found;
};

static enum sr_error
made_row(const struct secret_version_meta * version, void * cookie)
{
	struct made * m = cookie;

	m->version = *version;
	m->found = true;
	return (SR_OK);
}

/**
 * secret_as_made(db, made, destroyed, out):
 * The metadata now, with what is of the version of ${made}.
 */
enum sr_error
secret_as_made(struct db * db, const struct idempotency_result * made,
    bool destroyed, struct secret_meta * out)
{
	struct made m = { .found = false };
	enum sr_error err;

	if ((err = secret_show(db, &made->id, out)) != SR_OK ||
	    (err = secret_versions(db, &made->id, made->version + 1, 1,
	    made_row, &m)) != SR_OK)
		return (err);
	if (!m.found)
		return (SR_E_SECRET_NOT_FOUND);
	if (out->key_version != made->version)
		snprintf(out->source, sizeof(out->source), "%s",
		    made->version == 1 ? "onboarding" : "rotation");
	out->key_version = made->version;
	out->last_rotated_at = m.version.created_at;
	out->updated_at = destroyed ? m.version.destroyed_at :
	    m.version.created_at;
	return (SR_OK);
}
