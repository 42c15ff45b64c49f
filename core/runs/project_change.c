#include "core/log/log.h"
#include "core/runs/runs_internal.h"

struct change {
	const struct store * store;
	struct project project;
	bool allow;
	struct audit_entry audit;
};

static enum sr_error
write_change(struct tx * tx, void * cookie)
{
	struct change * c = cookie;
	struct sr_id id = c->project.id;
	uint64_t done = 0;
	enum sr_error err;

	if ((err = db_exec(tx_db(tx), STMT_PROJECT_BINARY,
	    DB_ARGS(DB_INT(c->allow), DB_TIME(c->audit.occurred_at),
	    DB_UUID(&id)), &done)) != SR_OK)
		return (err);
	if (done == 0)
		return (SR_E_PROJECT_NOT_FOUND);
	if ((err = project_show(tx_db(tx), &id, &c->project)) != SR_OK)
		return (err);
	c->audit.name = c->project.slug;
	return (audit_append(tx, c->store, &c->audit));
}

/** project_allow_binary(store, actor, id, allow, out): see project.h. */
enum sr_error
project_allow_binary(const struct store * store, const struct actor * actor,
    const struct sr_id * id, bool allow, struct project * out)
{
	struct change c = { .store = store, .project = { .id = *id },
	    .allow = allow };
	enum sr_error err;

	c.audit = (struct audit_entry){ .actor = actor,
	    .action = AUDIT_PROJECT_CHANGE, .outcome = AUDIT_SUCCEEDED,
	    .error = SR_OK, .target_kind = "project", .target_id = *id,
	    .occurred_at = clock_now() };
	if ((err = sr_id_new(&c.audit.id)) != SR_OK)
		return (err);
	err = runs_error(tx_run(store->db, &c.audit.id, write_change, &c));
	if (err != SR_OK)
		return (err);
	LOG(PROJECT_CHANGED, log_id("project_id", *id),
	    log_const("binary_artifacts", allow ? "yes" : "no"));
	if (out != NULL)
		*out = c.project;
	return (SR_OK);
}
