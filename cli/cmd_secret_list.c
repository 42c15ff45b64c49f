#include "cli/cli.h"
#include "cli/list.h"
#include "cli/output.h"
#include "cli/secret_output.h"
#include "core/vault/secret.h"

static void
row_text(struct compose * c, const struct secret_meta * meta)
{

	compose_constant(c, secret_scope_name(meta->scope));
	compose_lit(c, "\t");
	if (!sr_id_is_nil(&meta->project_id)) {
		compose_id(c, &meta->project_id);
		compose_lit(c, ":");
	}
	compose_name(c, meta->name);
	compose_lit(c, "\t");
	compose_u64(c, meta->key_version);
	compose_lit(c, "\t");
	compose_name(c, meta->status);
	compose_lit(c, "\t");
	compose_name(c, meta->source);
	compose_lit(c, "\t");
	compose_time(c, meta->last_rotated_at);
	compose_lit(c, "\t");
	output_time(c, meta->expires_at);
	compose_lit(c, "\t");
	compose_id(c, &meta->id);
	compose_lit(c, "\n");
}

static enum sr_error
add_row(const struct secret_meta * meta, void * cookie)
{
	struct list * l = cookie;
	struct compose * c = l->cli->out;

	list_row(l);
	if (cli_json(l->cli)) {
		secret_json(c, meta);
		compose_lit(c, "}");
	} else {
		row_text(c, meta);
	}
	l->last = meta->id;
	return (SR_OK);
}

static enum sr_error
page(struct list * l)
{

	return (secret_list(l->cli->store.db, list_after(l), LIST_PAGE,
	    add_row, l));
}

/** cmd_secret_list(cli): list the secrets, never their values. */
enum sr_error
cmd_secret_list(struct cli * cli)
{
	struct list l = { .cli = cli, .page = page };
	enum sr_error err;

	if ((err = cli_store(cli)) != SR_OK)
		return (err);
	if (!cli_json(cli))
		compose_lit(cli->out, "SCOPE\tNAME\tVERSION\tSTATUS\tSOURCE\t"
		    "ROTATED\tEXPIRES\tID\n");
	return (list_print(&l));
}
