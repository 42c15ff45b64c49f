#ifndef SR_CLI_CLI_H
#define SR_CLI_CLI_H

/*
 * What a command works with. A command builds its output in ${out}; main
 * writes it when the command has succeeded, or the error when not.
 */

#include "cli/command.h"
#include "core/audit/audit.h"
#include "core/keys/sign.h"
#include "core/redact/compose.h"
#include "core/vault/own_site.h"

struct config;
struct environment;
struct liveset;
struct providers;

/* A command's output is no larger at a time; `secret list` writes by page. */
#define CLI_OUTPUT_MAX	((size_t)1024 * 1024)

/* MariaDB's numbers for users, or databases, that it does not know. */
#define CLI_ACCESS_DENIED	1045
#define CLI_NO_DATABASE		1049

struct cli {
	struct invocation in;
	struct config * config;
	struct redact * redact;
	struct liveset * live;
	struct environment * environment;
	struct providers * providers;
	struct store store;		/* Owned here. */
	struct own_site own_site;
	struct actor actor;
	struct compose * out;
	struct compose * note;		/* Said beside an error. */
	bool quiet;			/* No message beside the exit code. */
	struct capture * capture;	/* Of standard error, or NULL. */
	int log_fd;			/* Of config log.file, or -1. */
	int end_code;			/* Without an error: the exit code... */
	int end_signal;			/* ...or what to end by; 0: none. */
};

/**
 * cli_open(cli): the redactor, the output and who is acting. Errors:
 * OUT_OF_MEMORY, ….
 */
SR_NODISCARD enum sr_error cli_open(struct cli * cli);

/** cli_close(cli): release all of it; ${cli} may be half open. */
void cli_close(struct cli * cli);

/** cli_settings(cli): read the configuration. Errors: as config_load. */
SR_NODISCARD enum sr_error cli_settings(struct cli * cli);

/** cli_connect(cli): settings, and a connection, made when first used. */
SR_NODISCARD enum sr_error cli_connect(struct cli * cli);

/**
 * cli_store(cli): a connection to a database of this version, keys and live
 * set if they can be had. What needs them says so itself. Errors:
 * DATABASE_UNAVAILABLE, SCHEMA_*, those of cli_settings.
 */
SR_NODISCARD enum sr_error cli_store(struct cli * cli);

/**
 * cli_live(cli):
 * The providers, and the live set, not loaded yet, that also knows the
 * secrets of the environment, which are taken out of it. Errors: as
 * environment_read and providers_new.
 */
SR_NODISCARD enum sr_error cli_live(struct cli * cli);

/** cli_load_keys(cli): read the root keys. Errors: as keystore_load. */
SR_NODISCARD enum sr_error cli_load_keys(struct cli * cli);

/**
 * cli_instance_key(cli, public_key): the key that signs checkpoints and
 * exports of this instance. Errors: those of cli_store, root key errors.
 */
SR_NODISCARD enum sr_error cli_instance_key(struct cli * cli,
    uint8_t public_key[SIGN_PUBLIC_LEN]);

/** cli_flush(cli): write what ${cli->out} holds. Errors: OUTPUT_FAILED, …. */
SR_NODISCARD enum sr_error cli_flush(struct cli * cli);

/** cli_json(cli): whether --json was given. */
bool cli_json(const struct cli * cli);

#endif /* !SR_CLI_CLI_H */
