/*
 * Landlock, by its three system calls, which glibc does not wrap. What the
 * kernel does not know yet is left out of what is asked; the constants that
 * Debian 12's headers do not know are named here.
 */

#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/landlock.h>
#include <stdlib.h>
#include <unistd.h>

#include "cgi/confine.h"
#include "core/base/config.h"
#include "core/log/log.h"

/* linux/landlock.h of 6.1 ends with version 2. */
#define FS_TRUNCATE	((uint64_t)1 << 14)	/* Version 3. */
#define NET_BIND_TCP	((uint64_t)1 << 0)	/* Version 4. */
#define FS_IOCTL_DEV	((uint64_t)1 << 15)	/* Version 5. */
#define SCOPE_SIGNAL	((uint64_t)1 << 1)	/* Version 6. */

#define READ	((uint64_t)(LANDLOCK_ACCESS_FS_READ_FILE |		\
    LANDLOCK_ACCESS_FS_READ_DIR))
/* What can be asked of a file that is no folder. */
#define ON_FILES	((uint64_t)(LANDLOCK_ACCESS_FS_EXECUTE |	\
    LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE) |	\
    FS_TRUNCATE | FS_IOCTL_DEV)
#define ALL_OF_VERSION_1	(((uint64_t)1 << 13) - 1)

/* As the newest kernel has it; an older one is told a part of its length. */
struct ruleset {
	uint64_t fs;
	uint64_t net;
	uint64_t scoped;
};

static struct ruleset
known(unsigned abi, size_t * len)
{
	struct ruleset r = { .fs = ALL_OF_VERSION_1 };

	*len = sizeof(r.fs);
	if (abi >= 2)
		r.fs |= LANDLOCK_ACCESS_FS_REFER;
	if (abi >= 3)
		r.fs |= FS_TRUNCATE;
	if (abi >= 4) {
		r.net = NET_BIND_TCP;
		*len = sizeof(r.fs) + sizeof(r.net);
	}
	if (abi >= 5)
		r.fs |= FS_IOCTL_DEV;
	if (abi >= 6) {
		r.scoped = SCOPE_SIGNAL;
		*len = sizeof(r);
	}
	return (r);
}

struct fence {
	int fd;
	uint64_t fs;	/* What it knows. */
	bool broken;
};

/* What is not there needs no rule. */
static void
open_up(struct fence * f, const char * path, uint64_t rights)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = rights };
	struct stat st;
	int fd;

	if (path[0] == '\0' || (fd = open(path, O_PATH | O_CLOEXEC)) == -1)
		return;
	rule.parent_fd = fd;
	if (fstat(fd, &st) == 0) {
		rule.allowed_access &= S_ISDIR(st.st_mode) ? f->fs :
		    f->fs & ON_FILES;
		if (syscall(SYS_landlock_add_rule, f->fd,
		    LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
			f->broken = true;
	}
	(void)close(fd);
}

/*
 * The folder of a file: one that is replaced is another file with the same
 * name, and a secret's file is, as a rule.
 */
static void
open_folder(struct fence * f, const char * file, uint64_t rights)
{
	char copy[PATH_MAX];

	if (file == NULL || file[0] == '\0' || strlen(file) >= sizeof(copy))
		return;
	memcpy(copy, file, strlen(file) + 1);
	open_up(f, dirname(copy), rights);
}

/* What libraries read by themselves: names of hosts, certificates, time. */
static void
open_system(struct fence * f)
{
	static const char * const folders[] = { "/etc", "/usr", "/lib",
		"/lib64", "/run/systemd/resolve", "/run/resolvconf" };
	static const char * const devices[] = { "/dev/null", "/dev/urandom",
		"/dev/random" };

	for (size_t i = 0; i < COUNTOF(folders); i++)
		open_up(f, folders[i], READ);
	for (size_t i = 0; i < COUNTOF(devices); i++)
		open_up(f, devices[i], LANDLOCK_ACCESS_FS_READ_FILE |
		    LANDLOCK_ACCESS_FS_WRITE_FILE);
}

/* What the settings name, and is read again while we run. */
static void
open_ours(struct fence * f, const struct config * c, const char * listen)
{
	const char * credentials = getenv("CREDENTIALS_DIRECTORY");

	for (unsigned i = 0; i < CFG__MAX; i++) {
		if (config_row((enum config_id)i)->type == CONFIG_SECRET)
			open_folder(f, config_secret_file(c,
			    (enum config_id)i), READ);
	}
	open_folder(f, config_text(c, CFG_DATABASE_TLS_CA), READ);
	open_folder(f, config_text(c, CFG_PROVIDER_TLS_CA), READ);
	if (credentials != NULL)
		open_up(f, credentials, READ);
	/* The log is made anew when it was moved away. */
	open_folder(f, config_text(c, CFG_LOG_FILE),
	    LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG);
	open_folder(f, listen, LANDLOCK_ACCESS_FS_REMOVE_FILE);
}

static enum sr_error
failed(void)
{

	return (sr_fail(SR_E_SANDBOX_FAILED, log_const("step", "landlock"),
	    log_i64("errno", errno)));
}

/*
 * A thread that is there already would go on with all files. Each thread is a
 * folder there, so it is a link more than the two of any folder (proc(5)).
 */
static bool
one_thread(void)
{
	struct stat st;

	return (stat("/proc/self/task", &st) != 0 || st.st_nlink <= 3);
}

enum sr_error
confine_files(const struct config * c, const char * listen, unsigned * abi)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	struct ruleset rules;
	struct fence f;
	size_t len;
	bool done;

	*abi = version < 1 ? 0 : (unsigned)version;
	if (*abi == 0)
		return (SR_OK);
	if (!one_thread())
		return (sr_fail(SR_E_SANDBOX_FAILED,
		    log_const("step", "threads")));
	rules = known(*abi, &len);
	f = (struct fence){ .fs = rules.fs, .fd = (int)syscall(
	    SYS_landlock_create_ruleset, &rules, len, 0) };
	if (f.fd == -1)
		return (failed());
	open_system(&f);
	open_ours(&f, c, listen);
	done = !f.broken && syscall(SYS_landlock_restrict_self, f.fd, 0) == 0;
	(void)close(f.fd);
	return (done ? SR_OK : failed());
}
