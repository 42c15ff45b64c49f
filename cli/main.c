/* strongroom: the operator's command, on the server. */

#include <signal.h>

#include "cli/cli.h"
#include "cli/harden.h"
#include "cli/output.h"
#include "core/base/wipe_alloc.h"
#include "core/log/log.h"
#include "core/store/db.h"

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
	if (cli->in.command != CMD_RUN)
		harden_rights();
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

/* As the command that we ran ended: whoever waits for us sees the same. */
static void
end_by(int number)
{
	sigset_t set;

	(void)signal(number, SIG_DFL);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, number);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
	(void)raise(number);
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
	if (cli.end_signal != 0)
		end_by(cli.end_signal);
	return (code != 0 ? code : cli.end_code);
}
