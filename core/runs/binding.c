#include <ctype.h>
#include <string.h>

#include "core/runs/runs_internal.h"
#include "core/vault/policy.h"

struct change {
	const struct store * store;
	struct sr_id project_id;
	const char * variable;
	struct sr_id secret_id;
	bool remove;
	struct audit_entry audit;
	uint64_t done;
};

static bool
good_variable(const char * name)
{
	size_t i;

	for (i = 0; name[i] != '\0'; i++)
		if (!isalpha((unsigned char)name[i]) && name[i] != '_' &&
		    !(i > 0 && isdigit((unsigned char)name[i])))
			return (false);
	return (i > 0 && i <= BINDING_VARIABLE_MAX);
}

static enum sr_error
take_number(const struct db_row * row, void * cookie)
{

	*(int64_t *)cookie = db_col_int(row, 0);
	return (SR_OK);
}

static enum sr_error
take_nothing(const struct db_row * row, void * cookie)
{

	(void)row;
	(void)cookie;
	return (SR_OK);
}

/* With the project locked, so that two writers do not both see room for one. */
static enum sr_error
has_room(struct db * db, const struct change * c)
{
	int64_t others = 0;
	enum sr_error err;

	if ((err = db_query(db, STMT_PROJECT_LOCK,
	    DB_ARGS(DB_UUID(&c->project_id)), take_nothing, NULL)) != SR_OK ||
	    (err = db_query(db, STMT_BINDING_OTHERS,
	    DB_ARGS(DB_UUID(&c->project_id), DB_TEXT(c->variable)),
	    take_number, &others)) != SR_OK)
		return (err);
	return (others < BINDINGS_MAX ? SR_OK : SR_E_BINDING_LIMIT_REACHED);
}

static enum sr_error
write_change(struct tx * tx, void * cookie)
{
	struct change * c = cookie;
	struct db * db = tx_db(tx);
	enum sr_error err;

	if (c->remove)
		err = db_exec(db, STMT_BINDING_DELETE,
		    DB_ARGS(DB_UUID(&c->project_id), DB_TEXT(c->variable)),
		    &c->done);
	else if ((err = has_room(db, c)) == SR_OK)
		err = db_exec(db, STMT_BINDING_SET,
		    DB_ARGS(DB_UUID(&c->project_id), DB_TEXT(c->variable),
		    DB_UUID(&c->secret_id), DB_TIME(c->audit.occurred_at)),
		    &c->done);
	if (err != SR_OK)
		return (err);
	if (c->remove && c->done == 0)
		return (SR_E_BINDING_INVALID);
	return (audit_append(tx, c->store, &c->audit));
}

static enum sr_error
commit(struct change * c)
{
	enum sr_error err;

	if ((err = sr_id_new(&c->audit.id)) != SR_OK)
		return (err);
	c->audit.occurred_at = clock_now();
	c->audit.target_id = c->project_id;
	return (runs_error(tx_run(c->store->db, &c->audit.id, write_change,
	    c)));
}

/* The secret that is meant; a project uses its own, and those of all. */
static enum sr_error
find_secret(struct change * c, const struct binding_write * w,
    struct secret_complaint * complaint, struct secret_meta * meta)
{
	enum secret_scope scope;
	const struct sr_id * owner = &sr_id_nil;

	complaint->field = "scope";
	if (w->scope == NULL || !secret_scope_parse(w->scope, &scope))
		return (SR_E_BINDING_INVALID);
	complaint->field = "name";
	if (w->name == NULL || !policy_name(w->name))
		return (SR_E_BINDING_INVALID);
	complaint->field = NULL;
	if (scope == SCOPE_PROJECT)
		owner = &c->project_id;
	return (secret_find(c->store->db, scope, owner, w->name, meta));
}

static enum sr_error
set(struct change * c, const struct binding_write * w,
    struct secret_complaint * complaint)
{
	const struct policy_field fields[] = { { "env_var", w->variable },
	    { "scope", w->scope }, { "name", w->name } };
	struct project project;
	struct secret_meta meta;
	enum sr_error err;

	if ((err = policy_admit(c->store, &c->audit, fields, COUNTOF(fields),
	    complaint)) != SR_OK)
		return (err);
	complaint->field = "env_var";
	if (w->variable == NULL || !good_variable(w->variable))
		return (SR_E_BINDING_INVALID);
	complaint->field = NULL;
	if ((err = project_show(c->store->db, &w->project_id, &project)) !=
	    SR_OK || (err = find_secret(c, w, complaint, &meta)) != SR_OK)
		return (err);
	c->secret_id = meta.id;
	c->audit.scope = secret_scope_name(meta.scope);
	c->audit.name = meta.name;
	return (commit(c));
}

/** binding_set(store, actor, write, complaint): bind a variable. */
enum sr_error
binding_set(const struct store * store, const struct actor * actor,
    const struct binding_write * write, struct secret_complaint * complaint)
{
	struct change c = { .store = store, .project_id = write->project_id,
	    .variable = write->variable };
	struct secret_complaint unread;

	if (complaint == NULL)
		complaint = &unread;
	*complaint = (struct secret_complaint){ NULL, NULL };
	c.audit = (struct audit_entry){ .actor = actor,
	    .action = AUDIT_BINDING_SET, .outcome = AUDIT_SUCCEEDED,
	    .error = SR_OK, .target_kind = "project" };
	return (set(&c, write, complaint));
}

/** binding_remove(store, actor, write): and unbind it. */
enum sr_error
binding_remove(const struct store * store, const struct actor * actor,
    const struct binding_write * write)
{
	struct change c = { .store = store, .project_id = write->project_id,
	    .variable = write->variable, .remove = true };

	if (write->variable == NULL || !good_variable(write->variable))
		return (SR_E_BINDING_INVALID);
	c.audit = (struct audit_entry){ .actor = actor,
	    .action = AUDIT_BINDING_REMOVE, .outcome = AUDIT_SUCCEEDED,
	    .error = SR_OK, .target_kind = "project" };
	return (commit(&c));
}

struct reading {
	binding_fn * fn;
	void * cookie;
	enum sr_error said;
};

static enum sr_error
take_binding(const struct db_row * row, void * cookie)
{
	struct reading * r = cookie;
	struct binding b = { .secret_id = db_col_uuid(row, 1),
	    .project_id = db_col_uuid(row, 3),
	    .created_at = db_col_time(row, 5) };

	(void)snprintf(b.variable, sizeof(b.variable), "%s",
	    db_col_text(row, 0));
	if (!secret_scope_parse(db_col_text(row, 2), &b.scope))
		return (SR_E_SCHEMA_MISMATCH);
	(void)snprintf(b.name, sizeof(b.name), "%s", db_col_text(row, 4));
	return (r->said = r->fn(&b, r->cookie));
}

enum sr_error
binding_list(struct db * db, const struct sr_id * project_id, binding_fn * fn,
    void * cookie)
{
	struct reading r = { .fn = fn, .cookie = cookie, .said = SR_OK };
	enum sr_error err;

	err = db_query(db, STMT_BINDING_LIST, DB_ARGS(DB_UUID(project_id)),
	    take_binding, &r);
	return (r.said != SR_OK ? r.said : runs_error(err));
}
