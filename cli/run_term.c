#include <unistd.h>

#include "cli/run_term.h"

/** run_term_open(t, plan): whose ends are terminals. */
void
run_term_open(struct run_term * t, struct child_plan * plan)
{
	bool is[3];
	int i;

	*t = (struct run_term){ .fd = -1 };
	for (i = 0; i < 3; i++)
		is[i] = isatty(i == STDERR_FILENO ? sr_console() : i) != 0;
	/* A pipe of which we are the begin: the keys are another's. */
	t->typed = is[0] && is[1];
	plan->slave[0] = t->typed;
	plan->slave[1] = is[1];
	plan->slave[2] = is[2];
	plan->reopen = is[0] && !t->typed;
	if (is[1] || is[2])
		t->fd = is[1] ? STDOUT_FILENO : sr_console();
	if (t->fd < 0 || tcgetattr(t->fd, &t->shown) != 0)
		return;
	t->slave = t->shown;
	/* Ours does it, if it goes on doing so. */
	if (!t->typed)
		t->slave.c_oflag &= ~(tcflag_t)OPOST;
	plan->termios = &t->slave;
	if (ioctl(t->fd, TIOCGWINSZ, &t->size) == 0)
		plan->size = &t->size;
}

/** run_term_reads(t): not while we are in the background. */
bool
run_term_reads(const struct run_term * t)
{
	pid_t group;

	if (!t->typed)
		return (false);
	/* Not our session's: nobody would stop us. */
	group = tcgetpgrp(STDIN_FILENO);
	return (group < 0 || group == getpgrp());
}

/** run_term_raw(t): if it is ours now. */
void
run_term_raw(struct run_term * t)
{
	struct termios raw;

	if (!run_term_reads(t))
		return;
	/* A shell may have set it back, while we were stopped. */
	if (!t->raw && tcgetattr(STDIN_FILENO, &t->shown) != 0)
		return;
	raw = t->shown;
	cfmakeraw(&raw);
	t->raw = tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0;
}

/** run_term_restore(t): as it was. */
void
run_term_restore(struct run_term * t)
{

	if (t->raw)
		(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &t->shown);
	t->raw = false;
}

/** run_term_resize(t, master): as large as ours. */
void
run_term_resize(struct run_term * t, int master)
{

	if (t->fd >= 0 && master >= 0 &&
	    ioctl(t->fd, TIOCGWINSZ, &t->size) == 0)
		(void)ioctl(master, TIOCSWINSZ, &t->size);
}
