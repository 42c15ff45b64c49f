#include "cli/cli.h"
#include "cli/output.h"
#include "cli/secret_output.h"
#include "core/vault/policy.h"
#include "core/vault/secret.h"

#define HISTORY_ROWS	100

struct history {
	struct cli * cli;
	bool first;
};

static void
event_text(struct compose * c, const struct audit_row * row)
{

	compose_lit(c, "  ");
	compose_time(c, row->occurred_at);
	compose_lit(c, "  ");
	compose_name(c, row->action);
	compose_lit(c, "  version ");
	compose_u64(c, row->key_version);
	compose_lit(c, "  outcome=");
	compose_name(c, row->outcome);
	if (row->error_type[0] != '\0') {
		compose_lit(c, "  ");
		compose_name(c, row->error_type);
	}
	compose_lit(c, "  by ");
	compose_name(c, row->actor_kind);
	compose_lit(c, " ");
	compose_name(c, row->actor_label);
	compose_lit(c, "\n");
}

static void
event_json(struct compose * c, const struct audit_row * row)
{

	compose_lit(c, "{\"id\":\"");
	compose_id(c, &row->id);
	compose_lit(c, "\",\"occurred_at\":");
	output_json_time(c, row->occurred_at);
	compose_lit(c, ",\"action\":\"");
	compose_name(c, row->action);
	compose_lit(c, "\",\"key_version\":");
	compose_u64(c, row->key_version);
	compose_lit(c, ",\"outcome\":\"");
	compose_name(c, row->outcome);
	compose_lit(c, "\",\"error_type\":");
	if (row->error_type[0] == '\0') {
		compose_lit(c, "null");
	} else {
		compose_lit(c, "\"");
		compose_name(c, row->error_type);
		compose_lit(c, "\"");
	}
	compose_lit(c, ",\"actor_kind\":\"");
	compose_name(c, row->actor_kind);
	compose_lit(c, "\",\"actor\":\"");
	compose_name(c, row->actor_label);
	compose_lit(c, "\"}");
}

static enum sr_error
add_event(const struct audit_row * row, void * cookie)
{
	struct history * h = cookie;

	if (cli_json(h->cli)) {
		compose_constant(h->cli->out, h->first ? "" : ",\n");
		event_json(h->cli->out, row);
	} else {
		event_text(h->cli->out, row);
	}
	h->first = false;
	return (SR_OK);
}

static void
meta_text(struct compose * c, const struct secret_meta * meta)
{

	compose_lit(c, "id            ");
	compose_id(c, &meta->id);
	compose_lit(c, "\nscope         ");
	compose_constant(c, secret_scope_name(meta->scope));
	if (!sr_id_is_nil(&meta->project_id)) {
		compose_lit(c, "\nproject       ");
		compose_id(c, &meta->project_id);
	}
	compose_lit(c, "\nname          ");
	compose_name(c, meta->name);
	compose_lit(c, "\nversion       ");
	compose_u64(c, meta->key_version);
	compose_lit(c, "\nstatus        ");
	compose_name(c, meta->status);
	compose_lit(c, "\nsource        ");
	compose_name(c, meta->source);
	compose_lit(c, "\nlast rotated  ");
	compose_time(c, meta->last_rotated_at);
	compose_lit(c, "\nexpires       ");
	output_time(c, meta->expires_at);
	compose_lit(c, "\ncreated       ");
	compose_time(c, meta->created_at);
	compose_lit(c, "\nhistory\n");
}

/* The scope and project of the options, as the table has them. */
static enum sr_error
parse_place(struct cli * cli, enum secret_scope * scope,
    struct sr_id * project)
{
	const char * text = cli->in.option[OPT_PROJECT];

	*project = sr_id_nil;
	if (!secret_scope_parse(cli->in.option[OPT_SCOPE], scope))
		return (SR_E_SECRET_SCOPE_INVALID);
	if ((*scope == SCOPE_PROJECT) != (text != NULL))
		return (SR_E_SECRET_SCOPE_INVALID);
	if (text != NULL && !sr_id_parse(text, project))
		return (SR_E_SECRET_SCOPE_INVALID);
	if (!policy_name(cli->in.option[OPT_NAME]))
		return (SR_E_SECRET_NAME_INVALID);
	return (SR_OK);
}

/** cmd_secret_show(cli): what is known about a secret, and its history. */
enum sr_error
cmd_secret_show(struct cli * cli)
{
	struct history h = { .cli = cli, .first = true };
	struct secret_meta meta;
	enum secret_scope scope;
	struct sr_id project;
	enum sr_error err;

	if ((err = parse_place(cli, &scope, &project)) != SR_OK ||
	    (err = cli_store(cli)) != SR_OK)
		return (err);
	err = secret_find(cli->store.db, scope, &project,
	    cli->in.option[OPT_NAME], &meta);
	if (err != SR_OK)
		return (err);
	if (cli_json(cli)) {
		secret_json(cli->out, &meta);
		compose_lit(cli->out, ",\"history\":[");
	} else {
		meta_text(cli->out, &meta);
	}
	err = audit_of_target(cli->store.db, &meta.id, HISTORY_ROWS, add_event,
	    &h);
	if (err == SR_OK && cli_json(cli))
		compose_lit(cli->out, "]}\n");
	return (err);
}
