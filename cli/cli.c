#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/output.h"
#include "core/base/config.h"
#include "core/base/secbuf.h"
#include "core/log/capture.h"
#include "core/log/log.h"
#include "core/redact/redact.h"
#include "core/runs/event.h"
#include "core/store/db.h"
#include "core/store/keystore.h"
#include "core/store/migrate.h"
#include "core/vault/environment.h"
#include "core/vault/liveset.h"
#include "core/vault/provider.h"

#define DEFAULT_CONFIG	"/etc/strongroom/strongroom.conf"

/* The name of the system's user, for audit rows. */
static void
name_actor(struct actor * actor)
{
	struct passwd pw, * found = NULL;
	char buf[4096];

	actor->kind = ACTOR_OPERATOR;
	if (getpwuid_r(getuid(), &pw, buf, sizeof(buf), &found) == 0 &&
	    found != NULL)
		(void)snprintf(actor->label, sizeof(actor->label), "%s",
		    pw.pw_name);
	else
		(void)snprintf(actor->label, sizeof(actor->label), "uid:%u",
		    (unsigned)getuid());
}

/** cli_open(cli): the redactor, the output and who is acting. */
enum sr_error
cli_open(struct cli * cli)
{
	enum sr_error err;

	cli->log_fd = -1;
	if ((err = redact_new(&cli->redact)) != SR_OK)
		return (err);
	/*
	 * What went wrong is told in words; lines of the log come beside them
	 * when asked for, and when redaction raises the alarm.
	 */
	log_open(cli->redact, STDERR_FILENO);
	log_set_level(LOG_ALERT);
	if ((err = capture_start(cli->redact, &cli->capture)) != SR_OK)
		return (err);
	name_actor(&cli->actor);
	if ((err = sr_id_new(&cli->actor.correlation_id)) != SR_OK)
		return (err);
	log_correlation(&cli->actor.correlation_id);
	err = compose_new(cli->redact, REDACT_UI, CLI_OUTPUT_MAX, &cli->out);
	if (err != SR_OK)
		return (err);
	return (compose_new(cli->redact, REDACT_UI, CLI_OUTPUT_MAX,
	    &cli->note));
}

/** cli_close(cli): release all of it. */
void
cli_close(struct cli * cli)
{

	capture_stop(&cli->capture);
	log_open(NULL, STDERR_FILENO);
	compose_free(&cli->out);
	compose_free(&cli->note);
	db_free(&cli->store.db);
	keystore_free(&cli->store.keys);
	liveset_free(&cli->live);
	providers_free(&cli->providers);
	own_site_free(&cli->own_site);
	environment_free(&cli->environment);
	redact_free(&cli->redact);
	config_free(&cli->config);
	if (cli->log_fd >= 0)
		(void)close(cli->log_fd);
}

/** cli_json(cli): whether --json was given. */
bool
cli_json(const struct cli * cli)
{

	return (cli->in.option[OPT_JSON] != NULL);
}

static enum sr_error
open_log(struct cli * cli)
{
	const char * path = config_text(cli->config, CFG_LOG_FILE);

	if (path[0] == '\0')
		return (SR_OK);
	cli->log_fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC |
	    O_NOCTTY, 0600);
	if (cli->log_fd < 0) {
		compose_lit(cli->note, "log.file cannot be opened");
		return (sr_fail(SR_E_OUTPUT_FAILED,
		    log_i64("errno", errno)));
	}
	log_open(cli->redact, cli->log_fd);
	log_set_level(LOG_INFO);
	return (SR_OK);
}

/** cli_settings(cli): read the configuration. */
enum sr_error
cli_settings(struct cli * cli)
{
	const char * path = cli->in.option[OPT_CONFIG];
	char complaint[1024];
	enum sr_error err;

	if (cli->config != NULL)
		return (SR_OK);
	if (path == NULL && access(DEFAULT_CONFIG, F_OK) == 0)
		path = DEFAULT_CONFIG;
	err = config_load(path, complaint, sizeof(complaint), &cli->config);
	if (err != SR_OK) {
		output_own_text(cli, cli->note, complaint);
		return (err);
	}
	return (open_log(cli));
}

/* Where the database is, in words for the operator. */
static bool
database_named(struct cli * cli)
{

	if (config_text(cli->config, CFG_DATABASE_SOCKET)[0] != '\0' ||
	    config_text(cli->config, CFG_DATABASE_HOST)[0] != '\0')
		return (true);
	compose_lit(cli->note, "neither database.socket nor database.host "
	    "is set");
	return (false);
}

/** cli_connect(cli): settings, and a connection, made when first used. */
enum sr_error
cli_connect(struct cli * cli)
{
	struct secbuf * password = NULL;
	struct db_options options;
	enum sr_error err;

	if ((err = cli_settings(cli)) != SR_OK)
		return (err);
	if (cli->store.db != NULL)
		return (SR_OK);
	if (!database_named(cli))
		return (SR_E_CONFIG_INVALID);
	err = config_secret(cli->config, CFG_DATABASE_PASSWORD, &password);
	if (err != SR_OK) {
		compose_lit(cli->note, "database.password cannot be read");
		return (err);
	}
	options = (struct db_options){
		.socket = config_text(cli->config, CFG_DATABASE_SOCKET),
		.host = config_text(cli->config, CFG_DATABASE_HOST),
		.port = (unsigned)config_number(cli->config,
		    CFG_DATABASE_PORT),
		.name = config_text(cli->config, CFG_DATABASE_NAME),
		.user = config_text(cli->config, CFG_DATABASE_USER),
		.password = password,
		.tls_ca = config_text(cli->config, CFG_DATABASE_TLS_CA),
		.timeout_seconds = (unsigned)config_number(cli->config,
		    CFG_DATABASE_TIMEOUT),
	};
	err = db_new(&options, &cli->store.db);
	secbuf_free(&password);
	return (err);
}

/** cli_load_keys(cli): read the root keys. */
enum sr_error
cli_load_keys(struct cli * cli)
{
	struct keyring_sources sources;
	struct secbuf * value = NULL;
	enum sr_error err;

	if (cli->store.keys == NULL &&
	    (err = keystore_new(&cli->store.keys)) != SR_OK)
		return (err);
	err = keystore_sources(cli->config, &sources, &value);
	if (err == SR_OK)
		err = keystore_load(cli->store.keys, &sources);
	secbuf_free(&value);
	return (err);
}

/* The registry, and the variables of those that the configuration adds. */
static enum sr_error
open_providers(struct cli * cli)
{
	char complaint[1024];
	const struct provider * p;
	enum sr_error err;
	size_t i;

	err = providers_new(cli->config, complaint, sizeof(complaint),
	    &cli->providers);
	if (err != SR_OK)
		output_own_text(cli, cli->note, complaint);
	for (i = 0; err == SR_OK &&
	    (p = providers_at(cli->providers, i)) != NULL; i++)
		err = environment_add(cli->environment, p->variable);
	return (err);
}

/** cli_live(cli): a live set, of the environment's secrets too. */
enum sr_error
cli_live(struct cli * cli)
{
	enum environment_id which = ENVIRONMENT__MAX;
	enum sr_error err;

	if (cli->live != NULL)
		return (SR_OK);
	err = environment_read(&cli->environment, &which);
	if (which != ENVIRONMENT__MAX)
		compose_constant(cli->note, environment_name(which));
	if (err != SR_OK || (err = open_providers(cli)) != SR_OK ||
	    (err = liveset_new(&cli->live)) != SR_OK)
		return (err);
	liveset_retain(cli->live, (unsigned)config_number(cli->config,
	    CFG_REDACTION_RETENTION));
	liveset_environment(cli->live, cli->environment);
	return (SR_OK);
}

/** cli_store(cli): a database of this version; keys and live set if any. */
enum sr_error
cli_store(struct cli * cli)
{
	enum sr_error err;

	if ((err = cli_connect(cli)) != SR_OK)
		return (err);
	if ((err = migrate_status(cli->store.db)) != SR_OK) {
		if (db_errno(cli->store.db) == CLI_ACCESS_DENIED)
			compose_lit(cli->note, "the database does not know "
			    "this database.user with this password");
		return (err);
	}
	if ((err = cli_live(cli)) != SR_OK)
		return (err);
	cli->store.redact = cli->redact;
	cli->store.live = cli->live;
	if (cli->own_site.text == NULL && own_site_new(config_text(cli->config,
	    CFG_SITE_URL), &cli->own_site) != SR_OK)
		return (SR_E_OUT_OF_MEMORY);
	cli->store.own_site = &cli->own_site;
	cli->store.idempotency_hours = (unsigned)config_number(cli->config,
	    CFG_IDEMPOTENCY_HOURS);
	cli->store.live = cli->live;
	event_settings(cli->config, &cli->store);
	/*
	 * Metadata can be read without a key; the keystore keeps the reason
	 * and gives it to what needs one.
	 */
	if (cli_load_keys(cli) != SR_OK && cli->store.keys == NULL)
		return (SR_E_OUT_OF_MEMORY);
	err = liveset_refresh(cli->live, &cli->store);
	return (err == SR_E_DATABASE_UNAVAILABLE ? err : SR_OK);
}

/** cli_instance_key(cli, public_key): what signs checkpoints and exports. */
enum sr_error
cli_instance_key(struct cli * cli, uint8_t public_key[SIGN_PUBLIC_LEN])
{
	const struct keyset * set;
	enum sr_error err;

	if ((err = cli_store(cli)) != SR_OK ||
	    (err = keystore_write_error(cli->store.keys)) != SR_OK)
		return (err);
	if ((set = keystore_hold(cli->store.keys)) == NULL)
		return (SR_E_SECRET_ENCRYPTION_UNAVAILABLE);
	sign_public(keyset_sign_key(set), public_key);
	keyset_release(&set);
	return (SR_OK);
}

/** cli_flush(cli): write what ${cli->out} holds. */
enum sr_error
cli_flush(struct cli * cli)
{
	struct redacted * text = NULL;
	enum sr_error err;

	if ((err = compose_finish(&cli->out, &text)) == SR_OK)
		err = redacted_write(STDOUT_FILENO, text);
	redacted_free(&text);
	if (err == SR_OK)
		err = compose_new(cli->redact, REDACT_UI, CLI_OUTPUT_MAX,
		    &cli->out);
	return (err);
}
