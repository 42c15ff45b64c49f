#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include "cgi/confine.h"
#include "core/log/log.h"

void
confine_process(void)
{
	const struct rlimit none = { 0, 0 };

	(void)umask(077);
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/* There is no way back, in any of the three ids. */
static bool
gone_for_good(uid_t uid, gid_t gid)
{
	uid_t u[3];
	gid_t g[3];

	return (getresuid(&u[0], &u[1], &u[2]) == 0 &&
	    getresgid(&g[0], &g[1], &g[2]) == 0 &&
	    u[0] == uid && u[1] == uid && u[2] == uid &&
	    g[0] == gid && g[1] == gid && g[2] == gid &&
	    setuid(0) == -1 && setgid(0) == -1);
}

enum sr_error
confine_user(const char * name)
{
	const struct passwd * p;

	errno = 0;
	p = getpwnam(name);
	if (p == NULL || p->pw_uid == 0)
		return (sr_fail(SR_E_USAGE, log_const("reason",
		    p == NULL ? "no such user" : "the user is root")));
	if (geteuid() == p->pw_uid)
		return (SR_OK);
	if (initgroups(name, p->pw_gid) != 0 ||
	    setresgid(p->pw_gid, p->pw_gid, p->pw_gid) != 0 ||
	    setresuid(p->pw_uid, p->pw_uid, p->pw_uid) != 0)
		return (sr_fail(SR_E_SANDBOX_FAILED,
		    log_const("step", "user"), log_i64("errno", errno)));
	if (!gone_for_good(p->pw_uid, p->pw_gid))
		return (sr_fail(SR_E_SANDBOX_FAILED,
		    log_const("step", "user")));
	return (SR_OK);
}
