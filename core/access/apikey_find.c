#include "core/base/secbuf.h"
#include "core/keys/api_token.h"
#include "core/log/log.h"

#include "core/access/apikey_internal.h"

#define SR_MINUTE	(60 * SR_SECOND)

/** api_key_from_row(row, out): the columns of API_KEY_COLS in stmt.def. */
enum sr_error
api_key_from_row(const struct db_row * row, struct api_key * k)
{

	if (!api_key_scopes_parse(db_col_text(row, 3), &k->scopes))
		return (sr_fail(SR_E_SCHEMA_MISMATCH,
		    log_const("column", "api_key.scopes")));
	k->id = db_col_uuid(row, 0);
	(void)snprintf(k->name, sizeof(k->name), "%s", db_col_text(row, 1));
	(void)snprintf(k->hint, sizeof(k->hint), "%s", db_col_text(row, 2));
	k->all_projects = db_col_int(row, 4) != 0;
	(void)snprintf(k->created_by, sizeof(k->created_by), "%s",
	    db_col_text(row, 5));
	k->created_at = db_col_time(row, 6);
	k->expires_at = db_col_time(row, 7);
	k->last_used_at = db_col_time(row, 8);
	k->revoked_at = db_col_time(row, 9);
	k->held_at = db_col_time(row, 10);
	return (SR_OK);
}

/** api_key_status_name(key, now): "active", "held", "expired", "revoked". */
const char *
api_key_status_name(const struct api_key * key, sr_time now)
{

	if (key->revoked_at != SR_TIME_NONE)
		return ("revoked");
	if (key->expires_at != SR_TIME_NONE && now >= key->expires_at)
		return ("expired");
	return (key->held_at != SR_TIME_NONE ? "held" : "active");
}

struct list {
	api_key_fn * fn;
	void * cookie;
};

static enum sr_error
list_row(const struct db_row * row, void * cookie)
{
	const struct list * l = cookie;
	struct api_key key;
	enum sr_error err;

	if ((err = api_key_from_row(row, &key)) != SR_OK)
		return (err);
	return (l->fn(&key, l->cookie));
}

/**
 * api_key_list(db, after, limit, fn, cookie):
 * Keys, the newest first.
 */
enum sr_error
api_key_list(struct db * db, const struct sr_id * after, unsigned limit,
    api_key_fn * fn, void * cookie)
{
	struct list l = { .fn = fn, .cookie = cookie };

	return (db_query(db, STMT_API_KEY_LIST,
	    DB_ARGS(DB_UUID(after == NULL ? &sr_id_nil : after),
	    DB_INT(limit)), list_row, &l));
}

struct projects {
	struct sr_id * out;
	size_t n;
};

static enum sr_error
project_row(const struct db_row * row, void * cookie)
{
	struct projects * p = cookie;

	if (p->n == API_KEY_PROJECTS_MAX)
		return (sr_fail(SR_E_SCHEMA_MISMATCH,
		    log_const("table", "api_key_project")));
	p->out[p->n++] = db_col_uuid(row, 0);
	return (SR_OK);
}

/**
 * api_key_projects(db, id, out, n):
 * The projects that a key is limited to.
 */
enum sr_error
api_key_projects(struct db * db, const struct sr_id * id,
    struct sr_id out[API_KEY_PROJECTS_MAX], size_t * n)
{
	struct projects p = { .out = out, .n = 0 };
	enum sr_error err;

	err = db_query(db, STMT_API_KEY_PROJECTS, DB_ARGS(DB_UUID(id)),
	    project_row, &p);
	*n = p.n;
	return (err);
}

struct found {
	struct api_key * key;
	bool found;
};

static enum sr_error
found_row(const struct db_row * row, void * cookie)
{
	struct found * f = cookie;

	f->found = true;
	return (api_key_from_row(row, f->key));
}

/* Two requests at once write it once: the statement looks again. */
static enum sr_error
note_use(struct db * db, struct api_key * key, sr_time now)
{

	if (key->last_used_at != SR_TIME_NONE &&
	    now - key->last_used_at < SR_MINUTE)
		return (SR_OK);
	key->last_used_at = now;
	return (db_exec(db, STMT_API_KEY_USED, DB_ARGS(DB_TIME(now),
	    DB_UUID(&key->id), DB_TIME(now - SR_MINUTE)), NULL));
}

/**
 * api_key_find(db, token, out):
 * The key of a request; notes its use, at most once a minute.
 */
enum sr_error
api_key_find(struct db * db, const struct secbuf * token, struct api_key * out)
{
	const sr_time now = clock_now();
	struct found f = { .key = out, .found = false };
	uint8_t hash[MAC_LEN];
	enum sr_error err;

	*out = (struct api_key){ .expires_at = SR_TIME_NONE,
	    .held_at = SR_TIME_NONE };
	if (token == NULL || !api_token_hash(token, hash))
		return (SR_E_API_KEY_INVALID);
	err = db_query(db, STMT_API_KEY_BY_TOKEN,
	    DB_ARGS(DB_BYTES(hash, MAC_LEN)), found_row, &f);
	if (err != SR_OK)
		return (err);
	if (!f.found)
		return (SR_E_API_KEY_INVALID);
	if (out->revoked_at != SR_TIME_NONE)
		return (SR_E_API_KEY_REVOKED);
	if (out->expires_at != SR_TIME_NONE && now >= out->expires_at)
		return (SR_E_API_KEY_EXPIRED);
	if (out->held_at != SR_TIME_NONE)
		return (SR_E_API_KEY_HELD);
	return (note_use(db, out, now));
}

static enum sr_error
admitted_row(const struct db_row * row, void * cookie)
{
	bool * admitted = cookie;

	*admitted = db_col_int(row, 0) == 1;
	return (SR_OK);
}

/**
 * api_key_admits(db, key, scope, project_id):
 * Whether ${key} may do what needs ${scope} to something of ${project_id}.
 */
enum sr_error
api_key_admits(struct db * db, const struct api_key * key,
    enum key_scope scope, const struct sr_id * project_id)
{
	bool admitted = false;
	enum sr_error err;

	if (scope == KEY_SCOPE_NONE || (key->scopes & (unsigned)scope) == 0)
		return (SR_E_API_KEY_SCOPE_MISSING);
	if (key->all_projects)
		return (SR_OK);
	if (sr_id_is_nil(project_id))
		return (SR_E_API_KEY_PROJECT_FORBIDDEN);
	err = db_query(db, STMT_API_KEY_IN_PROJECT, DB_ARGS(DB_UUID(&key->id),
	    DB_UUID(project_id)), admitted_row, &admitted);
	if (err != SR_OK)
		return (err);
	return (admitted ? SR_OK : SR_E_API_KEY_PROJECT_FORBIDDEN);
}
