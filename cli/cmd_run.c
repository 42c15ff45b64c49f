#include <sys/signalfd.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/run_env.h"
#include "cli/run_pump.h"
#include "core/log/log.h"

/* Signals that are the command's, or about our terminal. */
static const int handled[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP,
    SIGCONT, SIGWINCH, SIGUSR1, SIGUSR2, SIGTTOU };

/* A run of ours, on its way. */
struct running {
	struct cli * cli;
	struct run_link * link;
	struct run_env env;
	struct child_plan plan;
	struct child child;
	struct run_term term;
	struct backlog * backlog;
	struct run_pump pump;
	sigset_t set;
};

/* Descriptors that are not there would be taken by ours. */
static bool
standard_ends(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR | O_NOCTTY);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		(void)close(fd);
	return (fd >= 0);
}

static void
hold_signals(struct running * r)
{
	struct sigaction was;
	size_t i;

	(void)sigemptyset(&r->set);
	for (i = 0; i < COUNTOF(handled); i++) {
		/* What is ignored (nohup) stays so, for the command too. */
		if (sigaction(handled[i], NULL, &was) == 0 &&
		    was.sa_handler != SIG_IGN)
			(void)sigaddset(&r->set, handled[i]);
	}
	(void)sigprocmask(SIG_BLOCK, &r->set, &r->plan.mask);
	/* Blocked: tcsetattr does not stop us, and it is not waited for. */
	(void)sigdelset(&r->set, SIGTTOU);
}

static enum sr_error
begin(struct running * r)
{
	enum sr_error err;

	if ((err = run_link_new(r->cli, &r->link)) != SR_OK)
		return (err);
	return (r->link->row->begin(r->link));
}

static enum sr_error
start(struct running * r)
{
	struct cli * cli = r->cli;
	enum sr_error err;

	r->env.cli = cli;
	if ((err = r->link->row->values(r->link, &r->env)) == SR_OK &&
	    (err = run_env_complete(&r->env)) == SR_OK &&
	    (err = run_env_make(&r->env)) == SR_OK) {
		r->plan.argv = cli->in.rest;
		r->plan.envp = r->env.envp;
		run_term_open(&r->term, &r->plan);
		err = child_start(&r->plan, &r->child);
	}
	run_env_wipe(&r->env);
	return (err);
}

static void
add_out(struct running * r, int from, int to, enum backlog_stream stream)
{
	struct run_out * o = &r->pump.out[r->pump.n++];

	*o = (struct run_out){ .from = from, .to = to, .stream = stream,
	    .pauses = stream == BACKLOG_TERMINAL,
	    .untagged = r->link->row->untagged };
}

/* Each of the command's ends, and which of ours it goes to. */
static void
add_outs(struct running * r)
{

	if (r->child.master >= 0)
		add_out(r, r->child.master, r->term.fd, BACKLOG_TERMINAL);
	if (r->child.out >= 0)
		add_out(r, r->child.out, STDOUT_FILENO, BACKLOG_STDOUT);
	if (r->child.err >= 0)
		add_out(r, r->child.err, sr_console(), BACKLOG_STDERR);
}

static enum sr_error
prepare(struct running * r)
{
	struct run_pump * p = &r->pump;
	enum sr_error err;
	size_t i;

	p->child = &r->child;
	p->term = &r->term;
	p->signals = signalfd(-1, &r->set, SFD_CLOEXEC | SFD_NONBLOCK);
	add_outs(r);
	if (p->signals < 0)
		return (sr_fail(SR_E_COMMAND_NOT_STARTED,
		    log_i64("errno", errno)));
	if ((err = backlog_new(&r->backlog)) != SR_OK)
		return (err);
	for (i = 0; i < p->n; i++) {
		err = run_out_open(&p->out[i], r->cli->redact, r->backlog);
		if (err != SR_OK)
			return (err);
	}
	return (post_start(r->cli, r->link, r->backlog, &p->post));
}

/* A command that was asked to end was not at fault. */
static enum run_status
became(const struct run_pump * p)
{

	if (WIFEXITED(p->status))
		return (WEXITSTATUS(p->status) == 0 ? RUN_COMPLETED :
		    p->asked != 0 ? RUN_CANCELLED : RUN_FAILED);
	switch (WTERMSIG(p->status)) {
	case SIGINT:
	case SIGTERM:
	case SIGHUP:
	case SIGQUIT:
		return (RUN_CANCELLED);
	default:
		return (p->asked != 0 ? RUN_CANCELLED : RUN_FAILED);
	}
}

static void
end_as_it_did(struct cli * cli, int status)
{

	if (WIFEXITED(status)) {
		cli->end_code = WEXITSTATUS(status);
		return;
	}
	cli->end_signal = WTERMSIG(status);
	cli->end_code = 128 + WTERMSIG(status);
}

/* The command has run: what is left is no reason for another exit code. */
static void
go(struct running * r)
{
	struct run_pump * p = &r->pump;
	enum sr_error err;
	uint64_t missing;

	run_term_raw(&r->term);
	run_pump_run(p);
	run_term_restore(&r->term);
	post_finish(p->post, became(p), p->status);
	run_pump_wait(p);
	err = post_join(&p->post);
	if (err != SR_OK) {
		LOG(FAILURE, log_error(err));
		run_note(p, "the run could not be ended where it is kept; it "
		    "will be shown as failed, and its values are let go of "
		    "when their time is over", 0, "");
	}
	missing = backlog_missing(r->backlog);
	if (missing != 0)
		run_note(p, "", missing, " bytes of output are missing in the "
		    "run's events");
	end_as_it_did(r->cli, p->status);
}

static void
clean(struct running * r)
{
	size_t i;

	for (i = 0; i < r->pump.n; i++)
		run_out_close(&r->pump.out[i]);
	explicit_bzero(r->pump.keys, sizeof(r->pump.keys));
	explicit_bzero(r->pump.typed, sizeof(r->pump.typed));
	backlog_free(&r->backlog);
	child_end(&r->child);
	if (r->pump.signals >= 0)
		(void)close(r->pump.signals);
	run_link_free(&r->link);
	(void)sigprocmask(SIG_SETMASK, &r->plan.mask, NULL);
}

/** cmd_run(cli): a command with a project's secrets, its output masked. */
enum sr_error
cmd_run(struct cli * cli)
{
	static struct running r;
	enum sr_error err;

	r = (struct running){ .cli = cli, .child = CHILD_NONE,
	    .term = { .fd = -1 }, .pump = { .signals = -1 } };
	if (!standard_ends())
		return (SR_E_COMMAND_NOT_STARTED);
	child_inherit();
	if ((err = child_find(cli->in.rest[0])) != SR_OK)
		return (err);
	hold_signals(&r);
	if ((err = begin(&r)) == SR_OK) {
		if ((err = start(&r)) == SR_OK && (err = prepare(&r)) ==
		    SR_OK)
			go(&r);
		else {
			child_signal(&r.child, SIGKILL);
			/* It has not run. */
			if (r.link->row->end(r.link, RUN_FAILED, NULL) !=
			    SR_OK)
				LOG(FAILURE,
				    log_error(SR_E_RUN_TRANSITION_INVALID));
		}
	}
	clean(&r);
	return (err);
}
