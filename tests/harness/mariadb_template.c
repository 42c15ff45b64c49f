#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/harness/mariadb_template.h"
#include "tests/harness/process.h"

/** mariadb_owner(o): look the user up. */
int
mariadb_owner(struct mariadb_owner * o)
{
	const struct passwd * pw;

	memset(o, 0, sizeof(*o));
	if ((pw = getpwuid(geteuid())) == NULL)
		return (-1);
	(void)snprintf(o->admin, sizeof(o->admin), "%s", pw->pw_name);
	if (geteuid() != 0)
		return (0);
	if ((pw = getpwnam("mysql")) == NULL &&
	    (pw = getpwnam("nobody")) == NULL)
		return (-1);
	o->uid = pw->pw_uid;
	o->gid = pw->pw_gid;
	return (0);
}

/* Where the prepared folder is: another server program, another folder. */
static int
template_path(char * out, size_t len)
{
	const char * base = getenv("TMPDIR");
	struct stat st;
	int n;

	if (stat("/usr/sbin/mariadbd", &st) != 0)
		return (-1);
	n = snprintf(out, len, "%s/sr-mariadb-%u-%llx-%llx",
	    base != NULL && base[0] == '/' ? base : "/tmp",
	    (unsigned)geteuid(), (unsigned long long)st.st_size,
	    (unsigned long long)st.st_mtime);
	return (n > 0 && (size_t)n < len ? 0 : -1);
}

/* Another user could have put a folder of that name in the way. */
static bool
trusted(const char * path)
{
	struct stat st;

	return (lstat(path, &st) == 0 && S_ISDIR(st.st_mode) &&
	    st.st_uid == geteuid() && (st.st_mode & 077) == 0);
}

/* How often an installation that failed is begun again. */
#define TRIES	3

static int
install(const struct mariadb_owner * o, const char * data)
{
	char datadir[320], user[96];
	/* Without the kernel's own queues, whose number is limited. */
	const char * argv[] = { "mariadb-install-db", "--no-defaults", datadir,
	    "--auth-root-authentication-method=socket", user, "--force",
	    "--skip-test-db", "--innodb-log-file-size=4M",
	    "--innodb-use-native-aio=0", NULL };
	struct process_options options = { .uid = o->uid, .gid = o->gid };
	char * out = NULL, * err = NULL;
	int rc;

	(void)snprintf(datadir, sizeof(datadir), "--datadir=%s", data);
	(void)snprintf(user, sizeof(user), "--auth-root-socket-user=%s",
	    o->admin);
	if ((rc = process_run(argv, &options, &out, &err)) != 0)
		(void)fprintf(stderr, "mariadb-install-db: %d\n%s%s\n", rc,
		    err, out);
	free(out);
	free(err);
	return (rc == 0 ? 0 : -1);
}

/* Built aside and moved to its place in one step. */
static int
build(const struct mariadb_owner * o, const char * path)
{
	char aside[200], data[256];
	int rc;

	if (temp_folder("sr-install", aside, sizeof(aside)) != 0)
		return (-1);
	(void)snprintf(data, sizeof(data), "%s/data", aside);
	rc = mkdir(data, 0700);
	/* The installer runs as the server's user and must get there. */
	if (rc == 0 && o->uid != 0)
		rc = chown(data, o->uid, o->gid) | chmod(aside, 0711);
	if (rc == 0)
		rc = install(o, data);
	if (rc == 0 && (rc = chmod(aside, 0700)) == 0 &&
	    rename(aside, path) == 0)
		return (0);
	remove_tree(aside);
	return (rc == 0 && trusted(path) ? 0 : -1);
}

/*
 * One installs at a time: the suites that begin together would install
 * together, on a machine that is busy with all of them. The lock ends with
 * its file descriptor.
 */
static int
build_once(const struct mariadb_owner * o, const char * path)
{
	char name[224];
	int fd, rc = -1;
	unsigned i;

	(void)snprintf(name, sizeof(name), "%s.lock", path);
	if ((fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
	    0600)) < 0)
		return (-1);
	if (flock(fd, LOCK_EX) == 0)
		for (i = 0; i < TRIES && rc != 0; i++)
			rc = trusted(path) ? 0 : build(o, path);
	(void)close(fd);
	return (rc);
}

/** mariadb_data(o, data): make an empty data directory. */
int
mariadb_data(const struct mariadb_owner * o, const char * data)
{
	char template[200], from[256];
	const char * argv[] = { "cp", "-a", "--reflink=auto", from, data,
	    NULL };

	if (template_path(template, sizeof(template)) != 0)
		return (-1);
	if (!trusted(template) && build_once(o, template) != 0)
		return (-1);
	(void)snprintf(from, sizeof(from), "%s/data", template);
	return (process_run(argv, NULL, NULL, NULL) == 0 ? 0 : -1);
}
