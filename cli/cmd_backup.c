#include <signal.h>

#include "cli/cli.h"
#include "cli/output.h"
#include "core/store/db.h"
#include "core/vault/backup.h"

static void
tell_json(struct cli * cli, const struct backup_manifest * m)
{
	struct compose * c = cli->out;

	compose_lit(c, "{\"made_at\":");
	output_json_time(c, m->made_at);
	compose_lit(c, ",\"schema\":");
	compose_u64(c, m->schema);
	compose_lit(c, ",\"tables\":");
	compose_u64(c, BACKUP__MAX);
	compose_lit(c, ",\"rows\":");
	compose_u64(c, m->rows);
	compose_lit(c, ",\"bytes\":");
	compose_u64(c, m->bytes);
	compose_lit(c, ",\"audit_tree_size\":");
	compose_u64(c, m->tree_size);
	compose_lit(c, "}\n");
}

static void
tell(struct cli * cli, const struct backup_manifest * m)
{
	struct compose * c = cli->out;

	compose_lit(c, "Backed up ");
	compose_u64(c, m->rows);
	compose_lit(c, " rows of ");
	compose_u64(c, BACKUP__MAX);
	compose_lit(c, " tables, ");
	compose_u64(c, m->bytes);
	compose_lit(c, " bytes, with the audit up to row ");
	compose_u64(c, m->tree_size);
	compose_lit(c, ".\nKeep as well, and apart from it:\n"
	    "- the root key file, all versions in it. It is not in the backup, "
	    "and without it\n  no value can be opened and nothing be "
	    "restored. Whoever has both has all values.\n"
	    "- the settings, and credentials that come from the workers' "
	    "environment.\n"
	    "- the public key (`strongroom audit key`) and the workers' log, "
	    "whose heads show\n  at a restore whether the backup is the "
	    "newest one.\n");
}

/** cmd_backup(cli): the database, into a new file. */
enum sr_error
cmd_backup(struct cli * cli)
{
	struct backup_manifest manifest;
	enum sr_error err;

	/* A limit of the file's size is an error of write, not the end. */
	if (signal(SIGXFSZ, SIG_IGN) == SIG_ERR)
		return (SR_E_INTERNAL_ERROR);
	if ((err = cli_store(cli)) != SR_OK)
		return (err);
	err = backup_make(&cli->store, &cli->actor, cli->in.argument,
	    &manifest);
	if (err != SR_OK) {
		output_own_text(cli, cli->note, cli->in.argument);
		return (err);
	}
	if (cli_json(cli))
		tell_json(cli, &manifest);
	else
		tell(cli, &manifest);
	return (SR_OK);
}
