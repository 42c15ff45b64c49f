/* strongroom: the operator's command, on the server. */

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <signal.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/output.h"
#include "core/base/wipe_alloc.h"
#include "core/log/log.h"
#include "core/store/db.h"

/* No core dumps, no tracing by others of our user, no new rights. */
static void
harden(void)
{
	const struct rlimit none = { 0, 0 };

	(void)umask(077);
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#ifndef SR_SANITIZED
	/* The leak check of a sanitizer traces its own process. */
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
	/* A closed pipe is an error of write(2), with a message. */
	(void)signal(SIGPIPE, SIG_IGN);
}

static enum sr_error
run(struct cli * cli, int argc, char ** argv)
{
	struct command_complaint complaint;
	enum sr_error err;

	if ((err = cli_open(cli)) != SR_OK)
		return (err);
	err = command_parse(argc, argv, &cli->in, &complaint);
	if (err != SR_OK) {
		output_usage(cli, &complaint);
		return (err);
	}
	if (cli->in.option[OPT_VERBOSE] != NULL)
		log_set_level(LOG_INFO);
	if (cli->in.option[OPT_VERSION] != NULL) {
		compose_lit(cli->out, "strongroom " SR_VERSION "\n");
		return (cli_flush(cli));
	}
	if ((err = db_library_init()) != SR_OK)
		return (err);
	err = command_row(cli->in.command)->run(cli);
	/* What a command has found before it failed is worth having. */
	if (err == SR_OK || cli->in.command == CMD_DOCTOR ||
	    cli->in.command == CMD_ROOTKEY_LIST) {
		enum sr_error written = cli_flush(cli);

		err = err == SR_OK ? written : err;
	}
	return (err);
}

int
main(int argc, char ** argv)
{
	struct cli cli = { .log_fd = -1 };
	enum sr_error err;
	int code = 0;

	(void)wipe_alloc_install();
	harden();
	if ((err = run(&cli, argc, argv)) != SR_OK)
		code = output_error(&cli, err);
	cli_close(&cli);
	db_library_end();
	return (code);
}
