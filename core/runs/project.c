#include <ctype.h>
#include <string.h>

#include "core/base/strbuf.h"
#include "core/log/log.h"
#include "core/runs/runs_internal.h"
#include "core/store/keystore.h"
#include "core/vault/policy.h"

struct creation {
	const struct store * store;
	struct project project;
	struct audit_entry audit;
};

static bool
good_slug(const char * slug)
{
	size_t len = strlen(slug), i;

	for (i = 0; i < len; i++)
		if (!islower((unsigned char)slug[i]) &&
		    !isdigit((unsigned char)slug[i]) && (slug[i] != '-' ||
		    i == 0 || i + 1 == len))
			return (false);
	return (len > 0 && len <= PROJECT_SLUG_MAX);
}

/** runs_text(text, least, most): text of so many bytes, without controls. */
bool
runs_text(const char * text, size_t least, size_t most)
{
	size_t len = strlen(text);

	return (len >= least && len <= most && utf8_valid(text, len) &&
	    !utf8_has_control(text, len));
}

/** runs_error(err): what a failed statement is called up here. */
enum sr_error
runs_error(enum sr_error err)
{

	if (err == SR_E_DATABASE_UNAVAILABLE || err == SR_E_DATABASE_REFUSED ||
	    err == SR_E_SCHEMA_MISMATCH)
		return (SR_E_RUN_UNAVAILABLE);
	return (err);
}

static enum sr_error
check(const struct project_write * w, struct secret_complaint * complaint)
{

	complaint->field = "slug";
	if (w->slug == NULL || !good_slug(w->slug))
		return (SR_E_PROJECT_SLUG_INVALID);
	complaint->field = "name";
	if (w->name == NULL || !runs_text(w->name, 1, PROJECT_NAME_MAX))
		return (SR_E_PROJECT_INVALID);
	complaint->field = "description";
	if (w->description != NULL &&
	    !runs_text(w->description, 0, PROJECT_TEXT_MAX))
		return (SR_E_PROJECT_INVALID);
	complaint->field = NULL;
	return (SR_OK);
}

static enum sr_error
insert(struct tx * tx, void * cookie)
{
	struct creation * c = cookie;
	const struct project * p = &c->project;
	struct db * db = tx_db(tx);
	enum sr_error err;

	err = db_exec(db, STMT_PROJECT_INSERT, DB_ARGS(DB_UUID(&p->id),
	    DB_TEXT(p->slug), DB_TEXT(p->name), DB_TEXT(p->description),
	    DB_TIME(p->created_at), DB_TIME(p->updated_at),
	    DB_INT(p->binary_artifacts)), NULL);
	if (err == SR_E_DATABASE_REFUSED && db_duplicate(db))
		return (SR_E_PROJECT_EXISTS);
	if (err != SR_OK)
		return (err);
	return (audit_append(tx, c->store, &c->audit));
}

static void
fill(struct project * p, const struct project_write * w)
{

	p->created_at = p->updated_at = clock_now();
	(void)snprintf(p->slug, sizeof(p->slug), "%s", w->slug);
	(void)snprintf(p->name, sizeof(p->name), "%s", w->name);
	(void)snprintf(p->description, sizeof(p->description), "%s",
	    w->description == NULL ? "" : w->description);
	p->binary_artifacts = w->binary_artifacts;
}

static enum sr_error
create(struct creation * c, const struct project_write * write,
    struct secret_complaint * complaint)
{
	const struct policy_field fields[] = { { "slug", write->slug },
	    { "name", write->name }, { "description", write->description } };
	enum sr_error err;

	if ((err = policy_admit(c->store, &c->audit, fields, COUNTOF(fields),
	    complaint)) != SR_OK || (err = check(write, complaint)) != SR_OK ||
	    (err = sr_id_new(&c->project.id)) != SR_OK ||
	    (err = sr_id_new(&c->audit.id)) != SR_OK)
		return (err);
	fill(&c->project, write);
	c->audit.target_id = c->project.id;
	c->audit.occurred_at = c->project.created_at;
	c->audit.name = c->project.slug;
	return (runs_error(tx_run(c->store->db, &c->audit.id, insert, c)));
}

/** project_create(store, actor, write, complaint, out): see project.h. */
enum sr_error
project_create(const struct store * store, const struct actor * actor,
    const struct project_write * write, struct secret_complaint * complaint,
    struct project * out)
{
	struct creation c = { .store = store };
	struct secret_complaint unread;
	enum sr_error err;

	if (complaint == NULL)
		complaint = &unread;
	*complaint = (struct secret_complaint){ NULL, NULL };
	c.audit = (struct audit_entry){ .actor = actor,
	    .action = AUDIT_PROJECT_CREATE, .outcome = AUDIT_SUCCEEDED,
	    .error = SR_OK, .target_kind = "project" };
	if ((err = create(&c, write, complaint)) != SR_OK)
		return (err);
	LOG(PROJECT_CREATED, log_id("project_id", c.project.id));
	if (out != NULL)
		*out = c.project;
	return (SR_OK);
}

struct reading {
	project_fn * fn;
	void * cookie;
	enum sr_error said;
};

static enum sr_error
take_project(const struct db_row * row, void * cookie)
{
	struct reading * r = cookie;
	struct project p = { .id = db_col_uuid(row, 0),
	    .created_at = db_col_time(row, 4),
	    .updated_at = db_col_time(row, 5),
	    .binary_artifacts = db_col_int(row, 6) != 0 };

	(void)snprintf(p.slug, sizeof(p.slug), "%s", db_col_text(row, 1));
	(void)snprintf(p.name, sizeof(p.name), "%s", db_col_text(row, 2));
	(void)snprintf(p.description, sizeof(p.description), "%s",
	    db_col_text(row, 3));
	return (r->said = r->fn(&p, r->cookie));
}

struct one {
	struct project * project;
	bool found;
};

static enum sr_error
keep_one(const struct project * project, void * cookie)
{
	struct one * one = cookie;

	*one->project = *project;
	one->found = true;
	return (SR_OK);
}

static enum sr_error
read_one(struct db * db, enum stmt stmt, const struct db_param * param,
    struct project * out)
{
	struct one one = { .project = out };
	struct reading r = { .fn = keep_one, .cookie = &one };
	enum sr_error err;

	if ((err = db_query(db, stmt, param, 1, take_project, &r)) != SR_OK)
		return (runs_error(err));
	return (one.found ? SR_OK : SR_E_PROJECT_NOT_FOUND);
}

enum sr_error
project_show(struct db * db, const struct sr_id * id, struct project * out)
{

	return (read_one(db, STMT_PROJECT_BY_ID, &DB_UUID(id), out));
}

enum sr_error
project_by_slug(struct db * db, const char * slug, struct project * out)
{

	return (read_one(db, STMT_PROJECT_BY_SLUG, &DB_TEXT(slug), out));
}

enum sr_error
project_list(struct db * db, const char * after, unsigned limit,
    project_fn * fn, void * cookie)
{
	struct reading r = { .fn = fn, .cookie = cookie, .said = SR_OK };
	enum sr_error err;

	err = db_query(db, STMT_PROJECT_LIST, DB_ARGS(DB_TEXT(after == NULL ?
	    "" : after), DB_INT(limit)), take_project, &r);
	return (r.said != SR_OK ? r.said : runs_error(err));
}
