#ifndef SR_TESTS_HARNESS_INSTANCE_H
#define SR_TESTS_HARNESS_INSTANCE_H

/*
 * A whole Strongroom for one test program: a private MariaDB, migrated by the
 * real operator command, workers, and a real web server with the configuration
 * that deploy/snippets makes, on a free port of 127.0.0.1. Programs come from
 * the build folder $STRONGROOM_TEST_BUILD, else build/; tests run in the clone.
 * It dies with the test program.
 *
 * Where a test does not say which web server it wants, and where, it is that of
 * $STRONGROOM_TEST_WEB (lighttpd, apache, nginx) and $STRONGROOM_TEST_PREFIX
 * ("/strongroom"), so that scripts/run-tests walks the same suites through all.
 */

#include <sys/types.h>

#include "core/base/base.h"

struct http;
struct instance;
struct mariadb;

#define INSTANCE_WORKERS_MAX	4

enum instance_key {
	INSTANCE_KEY_GOOD,	/* The one that this database knows. */
	INSTANCE_KEY_OTHER,	/* Well-formed, but not the one. */
	INSTANCE_KEY_NONE,	/* No setting names one. */
	INSTANCE_KEY_GONE,	/* The file that the setting names is gone. */
	INSTANCE_KEY_OPEN,	/* The good one, readable for all (0644). */
	INSTANCE_KEY_MALFORMED
};

enum instance_web {
	INSTANCE_WEB_ANY,	/* What the environment says; lighttpd. */
	INSTANCE_WEB_LIGHTTPD,
	INSTANCE_WEB_APACHE,
	INSTANCE_WEB_NGINX
};

struct instance_options {
	enum instance_key key;
	unsigned workers;		/* 0: 1 */
	enum instance_web web;
	const char * prefix;		/* NULL: what the environment says. */
	/* All workers serve one socket, which stays when they end; so it is
	 * in any case with Apache and nginx. Else each has its own. */
	bool shared;
	/* Served by TLS, at instance_port(i), with a certificate that clients
	 * of instance_client trust; instance_plain_port(i) has none. */
	bool tls;
	bool unmigrated;		/* The database stays empty. */
	/* "STRONGROOM_WORKER_THREADS=4", …, NULL: in the environment of every
	 * program. */
	const char * const * settings;
};

/**
 * instance_start(options): ready to be asked; ${options} may be NULL. NULL when
 * it failed; why is a note of the test.
 */
struct instance * instance_start(const struct instance_options * options);

/**
 * instance_stop(i): end it, remove its folder; *i becomes NULL; may be NULL.
 * Returns how many workers did not end by themselves with status 0 (a crash, a
 * finding of a sanitizer) since the start.
 */
unsigned instance_stop(struct instance ** i);

/** instance_url(i): "http://127.0.0.1:PORT", and the prefix. */
const char * instance_url(const struct instance * i);

/** instance_client(i): a new HTTP client for it; free with http_free. */
struct http * instance_client(const struct instance * i);

/** instance_database(i): to look into, to pause, to kill. */
struct mariadb * instance_database(const struct instance * i);

/** instance_folder(i), instance_config(i): its folder, its settings file. */
const char * instance_folder(const struct instance * i);
const char * instance_config(const struct instance * i);

/** instance_prefix(i): "" or "/strongroom"; instance_web(i): which server. */
const char * instance_prefix(const struct instance * i);
enum instance_web instance_web(const struct instance * i);

/** instance_socket(i): of the workers, or of the first one. */
char * instance_socket(const struct instance * i);	/* Caller frees. */

/** instance_listener(i): the shared socket's descriptor, or 0. */
int instance_listener(const struct instance * i);

/** instance_port(i): on 127.0.0.1. */
unsigned instance_port(const struct instance * i);

/** instance_plain_port(i): where no TLS is, of an instance with TLS. */
unsigned instance_plain_port(const struct instance * i);

/** instance_authority(i): the file with its certificate. Caller frees. */
char * instance_authority(const struct instance * i);

/** instance_spool(i): lighttpd's folder for request bodies. */
const char * instance_spool(const struct instance * i);

/* What was logged since the start; caller frees. "" for nothing. */
char * instance_log(const struct instance * i);		/* The workers. */
char * instance_access_log(const struct instance * i);	/* The server's. */
char * instance_web_log(const struct instance * i);	/* Its messages. */

/** instance_worker(i, n): pid of worker ${n}, from 0. */
pid_t instance_worker(const struct instance * i, unsigned n);

/**
 * instance_set_key(i, key): what the workers find from now on, that is when
 * they are restarted or, except for INSTANCE_KEY_NONE, hung up.
 */
int instance_set_key(struct instance * i, enum instance_key key);

/**
 * instance_roll_workers(i): each worker in turn gets SIGTERM and a new one is
 * started before the next one's turn; the socket must be shared. 0 or -1.
 */
int instance_roll_workers(struct instance * i);

/** instance_hangup(i): SIGHUP to all workers. */
void instance_hangup(const struct instance * i);

/** instance_stop_workers(i): SIGTERM and wait. Returns as instance_stop. */
unsigned instance_stop_workers(struct instance * i);

/** instance_start_workers(i): until they answer; 0 or -1. */
int instance_start_workers(struct instance * i);

/** instance_restart_workers(i): both of it. */
int instance_restart_workers(struct instance * i);

/**
 * instance_operator(i, args, input, out, err):
 * Run the operator command with ${args} (NULL-terminated, without the program
 * and without --config). Returns as process_run.
 */
int instance_operator(const struct instance * i, const char * const * args,
    const char * input, char ** out, char ** err);

#define INSTANCE_ARGS(...)	((const char * const[]){ __VA_ARGS__, NULL })

/** instance_setup_link(i): a new one, of `owner link`. Caller frees. */
char * instance_setup_link(const struct instance * i);

#endif /* !SR_TESTS_HARNESS_INSTANCE_H */
