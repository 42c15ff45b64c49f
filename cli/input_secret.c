#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/input_secret.h"
#include "core/base/secbuf.h"
#include "core/log/log.h"

static volatile sig_atomic_t caught;

static void
catch(int number)
{

	caught = number;
}

/* Signals that would end the program while the terminal shows nothing. */
static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };

static void
prompt(const struct redacted * text)
{

	/* Without its prompt the question still stands. */
	if (text != NULL && redacted_write(sr_console(), text) != SR_OK)
		LOG(FAILURE, log_error(SR_E_OUTPUT_FAILED));
}

static struct redacted *
prompt_text(bool again)
{
	struct redacted * text = NULL;
	struct compose * c = NULL;

	if (compose_new(NULL, REDACT_UI, 128, &c) != SR_OK)
		return (NULL);
	compose_constant(c, again ? "\nAgain: " : "Value (not shown): ");
	return (compose_finish(&c, &text) == SR_OK ? text : NULL);
}

/* One line without echo; the terminal is as it was in any case. */
static enum sr_error
read_hidden(bool again, size_t max, struct secbuf ** out)
{
	struct sigaction act = { .sa_handler = catch }, old[COUNTOF(ending)];
	struct redacted * text = prompt_text(again);
	struct termios shown, hidden;
	enum sr_error err;
	size_t i;

	*out = NULL;
	if (tcgetattr(STDIN_FILENO, &shown) != 0) {
		redacted_free(&text);
		return (SR_E_INPUT_UNREADABLE);
	}
	caught = 0;
	for (i = 0; i < COUNTOF(ending); i++)
		(void)sigaction(ending[i], &act, &old[i]);
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	prompt(text);
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) != 0)
		err = SR_E_INPUT_UNREADABLE;
	else
		err = secbuf_read_line(STDIN_FILENO, max, out);
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
	for (i = 0; i < COUNTOF(ending); i++)
		(void)sigaction(ending[i], &old[i], NULL);
	redacted_free(&text);
	if (caught != 0)
		(void)raise(caught);
	return (err);
}

static enum sr_error
read_twice(size_t max, struct secbuf ** out)
{
	struct secbuf * again = NULL;
	enum sr_error err;

	if ((err = read_hidden(false, max, out)) != SR_OK)
		return (err);
	err = read_hidden(true, max, &again);
	if (err == SR_OK && !secbuf_equal(*out, again))
		err = SR_E_PASSWORD_MISMATCH;
	if (err != SR_OK)
		secbuf_free(out);
	secbuf_free(&again);
	return (err);
}

static void
end_line(void)
{
	struct redacted * text = NULL;
	struct compose * c = NULL;

	if (compose_new(NULL, REDACT_UI, 8, &c) != SR_OK)
		return;
	compose_lit(c, "\n");
	if (compose_finish(&c, &text) == SR_OK)
		prompt(text);
	redacted_free(&text);
}

/** input_secret(cli, ask, max, out): a value or password. */
enum sr_error
input_secret(struct cli * cli, enum input_ask ask, size_t max,
    struct secbuf ** out)
{
	enum sr_error err;

	if (isatty(STDIN_FILENO)) {
		err = ask == ASK_TWICE ? read_twice(max, out) :
		    read_hidden(false, max, out);
		end_line();
	} else {
		/* The newline does not count. */
		err = secbuf_read_fd(STDIN_FILENO, max + 2, out);
		if (err == SR_OK)
			secbuf_trim_newline(*out);
	}
	if (err != SR_OK && err != SR_E_PASSWORD_MISMATCH)
		compose_lit(cli->note, "reading standard input");
	return (err);
}
