#include <string.h>

#include "cli/cli.h"
#include "core/base/config.h"
#include "core/base/secbuf.h"
#include "core/store/migrate.h"

static void
report_text(struct compose * c, const struct migrate_report * report)
{

	if (report->applied == 0) {
		compose_lit(c, "The database has schema version ");
		compose_u64(c, report->to);
		compose_lit(c, " already; rights are up to date.\n");
		return;
	}
	compose_lit(c, "The database has schema version ");
	compose_u64(c, report->to);
	compose_lit(c, " now; it had ");
	compose_u64(c, report->from);
	compose_lit(c, ".\n");
}

static void
report_json(struct compose * c, const struct migrate_report * report)
{

	compose_lit(c, "{\"from\":");
	compose_u64(c, report->from);
	compose_lit(c, ",\"to\":");
	compose_u64(c, report->to);
	compose_lit(c, ",\"applied\":");
	compose_u64(c, report->applied);
	compose_lit(c, "}\n");
}

/** cmd_migrate(cli): bring the database's tables up to this version. */
enum sr_error
cmd_migrate(struct cli * cli)
{
	struct secbuf * password = NULL;
	struct migrate_report report;
	struct db_options options;
	const char * user;
	enum sr_error err;

	if ((err = cli_settings(cli)) != SR_OK)
		return (err);
	err = config_secret(cli->config, CFG_DATABASE_ADMIN_PASSWORD,
	    &password);
	if (err != SR_OK) {
		compose_lit(cli->note, "database.admin_password");
		return (err);
	}
	user = config_text(cli->config, CFG_DATABASE_ADMIN_USER);
	options = (struct db_options){
		.socket = config_text(cli->config, CFG_DATABASE_SOCKET),
		.host = config_text(cli->config, CFG_DATABASE_HOST),
		.port = (unsigned)config_number(cli->config,
		    CFG_DATABASE_PORT),
		.name = config_text(cli->config, CFG_DATABASE_NAME),
		/* MariaDB's unix_socket plugin knows the system's user. */
		.user = user[0] == '\0' ? cli->actor.label : user,
		.password = password,
		.tls_ca = config_text(cli->config, CFG_DATABASE_TLS_CA),
		.timeout_seconds = (unsigned)config_number(cli->config,
		    CFG_DATABASE_TIMEOUT),
	};
	err = migrate_run(&options,
	    config_text(cli->config, CFG_DATABASE_USER), &report);
	secbuf_free(&password);
	if (err == SR_OK && cli_json(cli))
		report_json(cli->out, &report);
	else if (err == SR_OK)
		report_text(cli->out, &report);
	return (err);
}
