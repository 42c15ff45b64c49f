#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <signal.h>

#include "cli/harden.h"

/* As we were started. */
static struct {
	mode_t mask;
	struct rlimit core;
	bool core_known;
	bool pipe_ignored;
} former;

/** harden(): before anything is read. */
void
harden(void)
{
	struct rlimit none;
	struct sigaction was;

	former.mask = umask(077);
	former.core_known = getrlimit(RLIMIT_CORE, &former.core) == 0;
	none = former.core;
	none.rlim_cur = 0;
	if (former.core_known)
		(void)setrlimit(RLIMIT_CORE, &none);
#ifndef SR_SANITIZED
	/* The leak check of a sanitizer traces its own process. */
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
	/* A closed pipe is an error of write(2), with a message. */
	former.pipe_ignored = sigaction(SIGPIPE, NULL, &was) == 0 &&
	    was.sa_handler == SIG_IGN;
	(void)signal(SIGPIPE, SIG_IGN);
}

/** harden_rights(): no new rights. */
void
harden_rights(void)
{

	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/** harden_undo(): as we were started. */
void
harden_undo(void)
{

	(void)umask(former.mask);
	if (former.core_known)
		(void)setrlimit(RLIMIT_CORE, &former.core);
	(void)signal(SIGPIPE, former.pipe_ignored ? SIG_IGN : SIG_DFL);
}
