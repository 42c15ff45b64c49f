#include "cli/cli.h"
#include "cli/output.h"
#include "cli/secret_output.h"
#include "core/vault/secret.h"

#define PAGE_ROWS	200

/* One page of the list, and where the next begins. */
struct page {
	struct cli * cli;
	unsigned rows;
	struct sr_id last;
	bool first;		/* Nothing was printed so far. */
};

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
	struct page * page = cookie;
	struct compose * c = page->cli->out;

	if (cli_json(page->cli)) {
		compose_constant(c, page->first ? "" : ",\n");
		secret_json(c, meta);
		compose_lit(c, "}");
	} else {
		row_text(c, meta);
	}
	page->first = false;
	page->rows++;
	page->last = meta->id;
	return (SR_OK);
}

/** cmd_secret_list(cli): list the secrets, never their values. */
enum sr_error
cmd_secret_list(struct cli * cli)
{
	struct page page = { .cli = cli, .first = true };
	enum sr_error err;

	if ((err = cli_store(cli)) != SR_OK)
		return (err);
	if (cli_json(cli))
		compose_lit(cli->out, "[");
	else
		compose_lit(cli->out, "SCOPE\tNAME\tVERSION\tSTATUS\tSOURCE\t"
		    "ROTATED\tEXPIRES\tID\n");
	do {
		page.rows = 0;
		err = secret_list(cli->store.db, page.first ? NULL :
		    &page.last, PAGE_ROWS, add_row, &page);
		if (err == SR_OK)
			err = cli_flush(cli);
		if (err != SR_OK)
			return (err);
	} while (page.rows == PAGE_ROWS);
	if (cli_json(cli))
		compose_lit(cli->out, "]\n");
	return (SR_OK);
}
