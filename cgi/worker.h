#ifndef SR_CGI_WORKER_H
#define SR_CGI_WORKER_H

/*
 * What all threads of a worker share. Everything in it is either immutable
 * after worker_open or thread-safe by itself.
 */

#include <stdatomic.h>

#include "cgi/route.h"
#include "cgi/site.h"
#include "core/vault/own_site.h"
#include "core/access/session.h"

struct capture;
struct config;
struct environment;
struct keystore;
struct liveset;
struct meter;
struct providers;
struct redact;
struct sse_hub;
struct templates;

struct worker {
	struct config * config;
	struct site site;
	struct own_site own_site;
	struct redact * redact;
	struct keystore * keys;
	struct liveset * live;
	struct environment * environment;
	struct providers * providers;
	struct templates * templates;
	struct meter * meter;
	struct sse_hub * sse;		/* NULL: nobody can listen. */
	struct session_limits limits;
	enum sr_error selftest;		/* Of the redactor, run at start. */
	atomic_bool schema_good;	/* Held against the database since
					   the connection was last lost. */
	atomic_uint exports;		/* Under way: h_export.c. */
	atomic_int_fast64_t chores_due;	/* Monotonic ms: chores.c. */
	unsigned threads;
	unsigned password_cost;
	unsigned setup_minutes;
	unsigned invitation_hours;
	bool require_factor;		/* access.require_second_factor */
	bool remote_user;		/* The web server signs people in. */
	unsigned retention_days;
	unsigned rotation_days;
	unsigned seal_seconds;
	unsigned idempotency_hours;
	unsigned expiry_warning_days;
	size_t body_limit;
	/* When a suppressed page of the route was audited last (milliseconds,
	 * monotonic; 0: never), the last place for those without a route. */
	_Atomic int64_t suppressed_at[ROUTE__MAX + 1];
	int log_fd;			/* Of log.file, or -1. */
	struct capture * capture;	/* Of standard error, or NULL. */
};

/**
 * worker_open(config, w):
 * Take ${config} over and make the rest. A missing root key is no error (it
 * is kept as the keystore's reason); neither is a database that is down, which
 * is not asked here. Secrets of the environment are taken out of it. Errors:
 * CONFIG_INVALID, CONFIG_SOURCES_CONFLICT, OUT_OF_MEMORY, INTERNAL_ERROR
 * (rules or stylesheets do not compile), those of worker_connection. End with
 * worker_close in any case.
 */
SR_NODISCARD enum sr_error worker_open(struct config ** config,
    struct worker * w);
void worker_close(struct worker * w);

/**
 * worker_open_log(w):
 * Write the log to log.file, if it is set; called again (on SIGHUP), to the
 * file that has that name now. On error, which is logged, it goes where it
 * went. Errors: OUTPUT_FAILED. Not to be called by two threads at once.
 */
SR_NODISCARD enum sr_error worker_open_log(struct worker * w);

/** worker_load_keys(w): read the root keys, at start and on SIGHUP; logs. */
void worker_load_keys(struct worker * w);

/**
 * worker_connection(w, out):
 * One thread's connection, not yet made. Errors, which are logged: those of
 * config_secret; as db_new.
 */
SR_NODISCARD enum sr_error worker_connection(const struct worker * w,
    struct db ** out);

#endif /* !SR_CGI_WORKER_H */
