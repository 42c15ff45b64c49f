#include "cli/cli.h"
#include "cli/output.h"
#include "cli/secret_args.h"
#include "cli/secret_output.h"

#define HISTORY_ROWS	100
#define VERSION_ROWS	100

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
	output_json_name(c, row->error_type);
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
	compose_constant(c, secret_expired(meta, clock_now()) ?
	    ", it has expired" : "");
	compose_lit(c, "\ncreated       ");
	compose_time(c, meta->created_at);
	compose_lit(c, "\n");
}

static enum sr_error
add_version(const struct secret_version_meta * v, void * cookie)
{
	struct history * h = cookie;
	struct compose * c = h->cli->out;

	if (!cli_json(h->cli)) {
		compose_lit(c, "  ");
		compose_u64(c, v->key_version);
		compose_lit(c, "  ");
		compose_name(c, v->state);
		compose_lit(c, "  root key version ");
		compose_u64(c, v->kek_version);
		compose_lit(c, "  made ");
		compose_time(c, v->created_at);
		if (v->destroyed_at != SR_TIME_NONE) {
			compose_lit(c, "  destroyed ");
			compose_time(c, v->destroyed_at);
		}
		compose_lit(c, "\n");
		return (SR_OK);
	}
	compose_constant(c, h->first ? "" : ",\n");
	compose_lit(c, "{\"key_version\":");
	compose_u64(c, v->key_version);
	compose_lit(c, ",\"kek_version\":");
	compose_u64(c, v->kek_version);
	compose_lit(c, ",\"state\":\"");
	compose_name(c, v->state);
	compose_lit(c, "\",\"created_at\":");
	output_json_time(c, v->created_at);
	compose_lit(c, ",\"destroyed_at\":");
	output_json_time(c, v->destroyed_at);
	compose_lit(c, "}");
	h->first = false;
	return (SR_OK);
}

static enum sr_error
show(struct cli * cli, const struct secret_meta * meta)
{
	struct history h = { .cli = cli, .first = true };
	enum sr_error err;

	if (cli_json(cli)) {
		secret_json(cli->out, meta);
		compose_lit(cli->out, ",\"expired\":");
		compose_constant(cli->out,
		    secret_expired(meta, clock_now()) ? "true" : "false");
		compose_lit(cli->out, ",\"versions\":[");
	} else {
		meta_text(cli->out, meta);
		compose_lit(cli->out, "versions\n");
	}
	if ((err = secret_versions(cli->store.db, &meta->id, 0, VERSION_ROWS,
	    add_version, &h)) != SR_OK)
		return (err);
	if (cli_json(cli))
		compose_lit(cli->out, "],\"history\":[");
	else
		compose_lit(cli->out, "history\n");
	h.first = true;
	err = audit_of_target(cli->store.db, &meta->id, HISTORY_ROWS,
	    add_event, &h);
	if (err == SR_OK && cli_json(cli))
		compose_lit(cli->out, "]}\n");
	return (err);
}

/** cmd_secret_show(cli): what is known about a secret, and its history. */
enum sr_error
cmd_secret_show(struct cli * cli)
{
	struct secret_meta meta;
	enum secret_scope scope;
	struct sr_id project;
	enum sr_error err;

	if ((err = secret_place(cli, &scope, &project)) != SR_OK ||
	    (err = cli_store(cli)) != SR_OK ||
	    (err = secret_find(cli->store.db, scope, &project,
	    cli->in.option[OPT_NAME], &meta)) != SR_OK)
		return (err);
	return (show(cli, &meta));
}
