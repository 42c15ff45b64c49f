#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "cgi/page.h"
#include "cgi/meter.h"
#include "cgi/worker.h"
#include "core/base/config.h"
#include "core/base/secbuf.h"
#include "core/log/capture.h"
#include "core/log/log.h"
#include "core/redact/redact.h"
#include "core/store/db.h"
#include "core/store/keystore.h"
#include "core/vault/environment.h"
#include "core/vault/liveset.h"
#include "core/vault/provider.h"

/* Who is let in, and by whom. */
static enum sr_error
take_access(struct worker * w)
{
	const struct config * c = w->config;

	w->require_factor = config_bool(c, CFG_ACCESS_FACTOR);
	w->remote_user = config_bool(c, CFG_ACCESS_REMOTE_USER);
	w->invitation_hours = (unsigned)config_number(c,
	    CFG_ACCESS_INVITATION);
	if (!proxies_parse(config_text(c, CFG_ACCESS_PROXIES),
	    &w->site.proxies))
		return (sr_fail(SR_E_CONFIG_INVALID,
		    log_const("setting", "access.trusted_proxies")));
	return (SR_OK);
}

static enum sr_error
take_settings(struct worker * w)
{
	const struct config * c = w->config;

	w->threads = (unsigned)config_number(c, CFG_WORKER_THREADS);
	w->body_limit = (size_t)config_number(c, CFG_WORKER_BODY_LIMIT);
	w->limits.idle_minutes = (unsigned)config_number(c, CFG_SESSION_IDLE);
	w->limits.max_hours = (unsigned)config_number(c, CFG_SESSION_AGE);
	w->setup_minutes = (unsigned)config_number(c, CFG_SETUP_LINK_MINUTES);
	w->retention_days = (unsigned)config_number(c,
	    CFG_REDACTION_RETENTION);
	w->rotation_days = (unsigned)config_number(c, CFG_SECRET_ROTATION);
	w->seal_seconds = (unsigned)config_number(c, CFG_AUDIT_SEAL);
	if (w->seal_seconds < 1 || w->seal_seconds > 3600)
		return (sr_fail(SR_E_CONFIG_INVALID,
		    log_const("setting", "audit.seal_seconds")));
	w->idempotency_hours = (unsigned)config_number(c,
	    CFG_IDEMPOTENCY_HOURS);
	w->expiry_warning_days = (unsigned)config_number(c,
	    CFG_SECRET_EXPIRY_WARNING);
	w->password_cost = (unsigned)config_number(c, CFG_PASSWORD_COST);
	access_set_parallel((unsigned)config_number(c, CFG_PASSWORD_PARALLEL));
	if (site_parse(config_text(c, CFG_SITE_URL), &w->site) != SR_OK)
		return (sr_fail(SR_E_CONFIG_INVALID,
		    log_const("setting", "site.url")));
	if (own_site_new(config_text(c, CFG_SITE_URL), &w->own_site) != SR_OK)
		return (SR_E_OUT_OF_MEMORY);
	return (take_access(w));
}

static enum sr_error
take_templates(struct worker * w)
{
	const char * folder = config_text(w->config, CFG_SITE_TEMPLATES);
	enum sr_error err;

	if (folder[0] == '\0')
		folder = SR_DATADIR "/templates";
	err = templates_load(folder, &w->templates);
	if (err != SR_OK)
		return (sr_fail(err, log_const("setting", "site.templates"),
		    log_const("template", templates_failed())));
	templates_under(w->templates, w->site.prefix);
	return (SR_OK);
}

/*
 * Each thread makes its connection of the settings: if that cannot be done none
 * would serve, so say it at the start.
 */
static enum sr_error
try_connection(const struct worker * w)
{
	struct db * db = NULL;
	enum sr_error err;

	err = worker_connection(w, &db);
	db_free(&db);
	return (err);
}

/* The registry, and the variables of those that the configuration adds. */
static enum sr_error
take_providers(struct worker * w)
{
	char complaint[1024];
	const struct provider * p;
	enum sr_error err;
	size_t i;

	err = providers_new(w->config, complaint, sizeof(complaint),
	    &w->providers);
	if (err != SR_OK)
		return (sr_fail(err, log_text("setting", complaint)));
	for (i = 0; (p = providers_at(w->providers, i)) != NULL; i++)
		if ((err = environment_add(w->environment, p->variable)) !=
		    SR_OK)
			return (err);
	return (SR_OK);
}

enum sr_error
worker_open(struct config ** config, struct worker * w)
{
	enum sr_error err;

	*w = (struct worker){ .config = *config, .log_fd = -1 };
	*config = NULL;
	if ((err = redact_new(&w->redact)) != SR_OK)
		return (err);
	log_open(w->redact, STDERR_FILENO);
	/* First of all: whatever fails later, they are in nobody's reach. */
	if ((err = environment_read(&w->environment, NULL)) != SR_OK ||
	    (err = meter_new(&w->meter)) != SR_OK ||
	    (err = take_settings(w)) != SR_OK ||
	    (err = take_providers(w)) != SR_OK ||
	    (err = try_connection(w)) != SR_OK ||
	    (err = take_templates(w)) != SR_OK ||
	    (err = keystore_new(&w->keys)) != SR_OK ||
	    (err = liveset_new(&w->live)) != SR_OK)
		return (err);
	liveset_retain(w->live, w->retention_days);
	liveset_environment(w->live, w->environment);
	w->selftest = redact_selftest(w->redact);
	if (w->selftest != SR_OK)
		LOG(REDACTION_FAILED, log_error(w->selftest),
		    log_const("cause", "selftest"));
	worker_load_keys(w);
	return (SR_OK);
}

void
worker_close(struct worker * w)
{

	capture_stop(&w->capture);
	log_open(NULL, STDERR_FILENO);
	if (w->log_fd > STDERR_FILENO)
		(void)close(w->log_fd);
	w->log_fd = -1;
	templates_free(&w->templates);
	own_site_free(&w->own_site);
	meter_free(&w->meter);
	liveset_free(&w->live);
	providers_free(&w->providers);
	environment_free(&w->environment);
	keystore_free(&w->keys);
	redact_free(&w->redact);
	config_free(&w->config);
}

enum sr_error
worker_open_log(struct worker * w)
{
	const char * path = config_text(w->config, CFG_LOG_FILE);
	int fd, rc;

	if (path[0] == '\0')
		return (SR_OK);
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY,
	    0600);
	if (fd == -1)
		return (sr_fail(SR_E_OUTPUT_FAILED,
		    log_const("setting", "log.file"),
		    log_i64("errno", errno)));
	if (w->log_fd == -1) {
		w->log_fd = fd;
		log_open(w->redact, fd);
		return (SR_OK);
	}
	/* In one step: other threads are writing to it. */
	rc = dup3(fd, w->log_fd, O_CLOEXEC);
	(void)close(fd);
	if (rc == -1)
		return (sr_fail(SR_E_OUTPUT_FAILED,
		    log_const("setting", "log.file"),
		    log_i64("errno", errno)));
	return (SR_OK);
}

void
worker_load_keys(struct worker * w)
{
	struct secbuf * value = NULL;
	struct keyring_sources sources;
	enum sr_error err;

	err = keystore_sources(w->config, &sources, &value);
	if (err == SR_OK)
		err = keystore_load(w->keys, &sources);
	secbuf_free(&value);
	/* The keystore logs other reasons; this one it begins with. */
	if (err == SR_E_ROOT_KEY_MISSING)
		LOG(ROOT_KEY_UNAVAILABLE, log_error(err));
}

enum sr_error
worker_connection(const struct worker * w, struct db ** out)
{
	const struct config * c = w->config;
	struct secbuf * password = NULL;
	struct db_options options;
	enum sr_error err;

	*out = NULL;
	err = config_secret(c, CFG_DATABASE_PASSWORD, &password);
	if (err != SR_OK)
		return (sr_fail(err, log_const("setting",
		    "database.password_file")));
	options = (struct db_options){
		.socket = config_text(c, CFG_DATABASE_SOCKET),
		.host = config_text(c, CFG_DATABASE_HOST),
		.port = (unsigned)config_number(c, CFG_DATABASE_PORT),
		.name = config_text(c, CFG_DATABASE_NAME),
		.user = config_text(c, CFG_DATABASE_USER),
		.password = password,
		.tls_ca = config_text(c, CFG_DATABASE_TLS_CA),
		.timeout_seconds = (unsigned)config_number(c,
		    CFG_DATABASE_TIMEOUT),
	};
	err = db_new(&options, out);
	secbuf_free(&password);
	if (err != SR_OK)
		return (sr_fail(err, log_const("step", "db_new")));
	return (SR_OK);
}
