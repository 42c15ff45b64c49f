/* strongroom-worker: serves the site over FastCGI. */

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <unistd.h>

#include "cgi/confine.h"
#include "cgi/fcgi.h"
#include "cgi/keeper.h"
#include "cgi/listen.h"
#include "cgi/notify.h"
#include "cgi/page.h"
#include "cgi/sealer.h"
#include "cgi/sse.h"
#include "cgi/worker.h"
#include "core/base/config.h"
#include "core/base/stack.h"
#include "core/base/wipe_alloc.h"
#include "core/log/capture.h"
#include "core/log/log.h"
#include "core/redact/compose.h"
#include "core/store/db.h"
#include "core/vault/provider_check.h"

struct arguments {
	const char * config;
	const char * listen;
	const char * user;
	bool help;
	bool version;
};

/* What was composed, to a terminal; ends ${c}. */
static void
say(int fd, struct compose ** c)
{
	struct redacted * t = NULL;

	/* If standard error is gone there is nobody to tell. */
	if (compose_finish(c, &t) == SR_OK && redacted_write(fd, t) != SR_OK)
		must(t != NULL);
	redacted_free(&t);
}

static struct compose *
words(void)
{
	struct compose * c = NULL;

	return (compose_new(NULL, REDACT_LOG, 8192, &c) == SR_OK ? c : NULL);
}

static void
say_usage(int fd)
{
	struct compose * c = words();

	if (c == NULL)
		return;
	compose_lit(c,
	    "usage: strongroom-worker [--config FILE] [--listen PATH] "
	    "[--user USER]\n"
	    "\n"
	    "Serves Strongroom over FastCGI.\n"
	    "  --config FILE  settings; the environment (STRONGROOM_...) goes\n"
	    "                 before it\n"
	    "  --listen PATH  unix socket to make (mode 0660); without it the\n"
	    "                 socket that systemd (LISTEN_FDS) or spawn-fcgi\n"
	    "                 (fd 0) gives\n"
	    "  --user USER    when started as root: be that user from the\n"
	    "                 start\n"
	    "  --help         this text\n"
	    "  --version      the version\n"
	    "\n"
	    "SIGTERM: answer what is in flight and end. SIGHUP: read the root\n"
	    "keys again and open log.file anew.\n");
	say(fd, &c);
}

static void
say_version(void)
{
	struct compose * c = words();

	if (c == NULL)
		return;
	compose_lit(c, "strongroom-worker " SR_VERSION "\n");
	say(STDOUT_FILENO, &c);
}

static void
say_error(enum sr_error err)
{
	const struct sr_error_row * row = sr_error_row(err);
	struct compose * c = words();

	if (c == NULL)
		return;
	compose_lit(c, "strongroom-worker: ");
	compose_constant(c, row->title);
	compose_lit(c, "\n");
	compose_constant(c, row->remedy);
	compose_lit(c, "\n");
	say(STDERR_FILENO, &c);
}

/*
 * A complaint about the configuration names the setting and never its value;
 * the rules look at it all the same.
 */
static void
say_complaint(const char * text)
{
	struct redact * r = NULL;
	struct redacted * t = NULL;
	struct compose * c;

	if (redact_new(&r) != SR_OK)
		return;
	c = words();
	if (c != NULL && redact_rules_text(r, text, strlen(text), NULL,
	    &t) == SR_OK) {
		compose_lit(c, "strongroom-worker: ");
		compose_redacted(c, t);
		compose_lit(c, "\n");
		say(STDERR_FILENO, &c);
	}
	compose_free(&c);
	redacted_free(&t);
	redact_free(&r);
}

static enum sr_error
parse_arguments(int argc, char ** argv, struct arguments * a)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "listen", required_argument, NULL, 'l' },
		{ "user", required_argument, NULL, 'u' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int opt;

	*a = (struct arguments){ 0 };
	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (opt == 'c')
			a->config = optarg;
		else if (opt == 'l')
			a->listen = optarg;
		else if (opt == 'u')
			a->user = optarg;
		else if (opt == 'h')
			a->help = true;
		else if (opt == 'V')
			a->version = true;
		else
			return (SR_E_USAGE);
	}
	return (optind == argc ? SR_OK : SR_E_USAGE);
}

static void
signals_of_interest(sigset_t * set)
{

	(void)sigemptyset(set);
	(void)sigaddset(set, SIGTERM);
	(void)sigaddset(set, SIGINT);
	(void)sigaddset(set, SIGHUP);
}

/* A log that cannot be opened anew goes on in the old file. */
static void
begin_anew(struct worker * w)
{

	if (worker_open_log(w) == SR_OK)
		LOG0(LOG_REOPENED);
	worker_load_keys(w);
}

/*
 * The next signal; 0 when it is time to say that we live. A pool whose threads
 * are all stuck is not said to: the service manager then starts another worker.
 */
static int
next_signal(const sigset_t * set, const struct notify * n)
{
	const struct timespec patience = {
		.tv_sec = (time_t)(n->watchdog_ms / 1000),
		.tv_nsec = (long)(n->watchdog_ms % 1000 * 1000000) };
	int got;

	do {
		got = n->watchdog_ms == 0 ? sigwaitinfo(set, NULL) :
		    sigtimedwait(set, NULL, &patience);
	} while (got == -1 && errno == EINTR);
	return (got == -1 ? 0 : got);
}

/* Until it is time to end. */
static void
wait_for_end(struct worker * w, const struct pool * pool,
    const struct notify * n)
{
	sigset_t set;
	int got;

	signals_of_interest(&set);
	/* Of passwords and keys that were read. */
	stack_wipe();
	while ((got = next_signal(&set, n)) == 0 || got == SIGHUP) {
		if (got == SIGHUP) {
			begin_anew(w);
			stack_wipe();
		}
		if (pool_moves(pool))
			notify_alive(n);
		else
			LOG0(WORKER_STUCK);
	}
}

/*
 * A sanitizer's own doings (its check for leaks traces us, its reports read
 * /proc) do not go with it.
 */
static bool
confined(const struct worker * w)
{
#ifdef SR_SANITIZED
	(void)w;
	return (false);
#else
	return (config_bool(w->config, CFG_WORKER_SANDBOX));
#endif
}

/* Calls are taken from all threads at once; files, only from those to come. */
static enum sr_error
confine(const struct worker * w, unsigned abi)
{
	enum sr_error err;

	if (!confined(w))
		return (SR_OK);
	if ((err = confine_calls()) != SR_OK)
		return (err);
	LOG(WORKER_CONFINED, log_u64("landlock", abi));
	return (SR_OK);
}

static enum sr_error
serve(struct worker * w, struct listener * listener,
    const struct notify * notify)
{
	struct pool * pool = NULL;
	struct sealer * sealer = NULL;
	struct keeper * keeper = NULL;
	enum sr_error err;

	if ((err = sealer_start(w, &sealer)) == SR_OK &&
	    (err = keeper_start(w, &keeper)) == SR_OK &&
	    (err = sse_start(w, &w->sse)) == SR_OK &&
	    (err = pool_start(w, listener->fd, &pool)) == SR_OK) {
		LOG(WORKER_STARTED, log_u64("threads", w->threads));
		notify_ready(notify);
		wait_for_end(w, pool, notify);
		notify_stopping(notify);
		/* Who listens comes again, to a worker that goes on. */
		sse_stop(w->sse);
		pool_stop(&pool, listen_withdraw(listener));
		keeper_stop(&keeper);
		/* Behind the last rows that there will be. */
		sealer_stop(&sealer);
		LOG0(WORKER_STOPPED);
	}
	sse_free(&w->sse);
	keeper_stop(&keeper);
	sealer_stop(&sealer);
	return (err);
}

/* The socket, then the fence, then threads: that of the capture is the first,
 * and what it reads is no work of ours. */
static enum sr_error
stand(struct worker * w, const char * path)
{
	struct listener listener;
	struct notify notify;
	unsigned abi = 0;
	enum sr_error err;

	notify_open(&notify);
	if ((err = listen_open(path, &listener)) == SR_OK && confined(w))
		err = confine_files(w->config, path, &abi);
	if (err == SR_OK &&
	    (err = capture_start(w->redact, &w->capture)) == SR_OK &&
	    (err = worker_open_log(w)) == SR_OK &&
	    (err = confine(w, abi)) == SR_OK)
		err = serve(w, &listener, &notify);
	listen_close(&listener);
	notify_close(&notify);
	return (err);
}

static enum sr_error
run(const struct arguments * a)
{
	struct worker w = { .log_fd = -1 };
	struct config * config = NULL;
	char complaint[512] = "";
	enum sr_error err;

	err = config_load(a->config, complaint, sizeof(complaint), &config);
	if (err != SR_OK) {
		say_complaint(complaint);
		return (err);
	}
	if ((err = page_library_init()) == SR_OK &&
	    (err = provider_library_init()) == SR_OK &&
	    (err = db_library_init()) == SR_OK &&
	    (err = worker_open(&config, &w)) == SR_OK &&
	    (err = fcgi_init()) == SR_OK)
		err = stand(&w, a->listen);
	worker_close(&w);
	config_free(&config);
	db_library_end();
	provider_library_end();
	return (err);
}

/* A change of user undoes a part of it, so that part is done again. */
static enum sr_error
run_as(const struct arguments * a)
{
	enum sr_error err = SR_OK;

	if (a->user != NULL)
		err = confine_user(a->user);
	confine_process();
	return (err == SR_OK ? run(a) : err);
}

static int
ended(enum sr_error err)
{

	if (err == SR_OK)
		return (0);
	if (err == SR_E_USAGE)
		say_usage(STDERR_FILENO);
	else
		say_error(err);
	return (sr_error_row(err)->exit_code);
}

int
main(int argc, char ** argv)
{
	struct arguments a;
	sigset_t set;
	enum sr_error err;

	(void)wipe_alloc_install();
	confine_process();
	/* Before any thread: they inherit it; main alone waits for these. */
	signals_of_interest(&set);
	(void)pthread_sigmask(SIG_BLOCK, &set, NULL);
	err = parse_arguments(argc, argv, &a);
	if (err == SR_OK && a.help)
		say_usage(STDOUT_FILENO);
	else if (err == SR_OK && a.version)
		say_version();
	else if (err == SR_OK)
		err = run_as(&a);
	return (ended(err));
}
