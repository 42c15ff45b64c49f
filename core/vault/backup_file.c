#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/log/log.h"

#include "core/vault/backup_internal.h"

static enum sr_error
failed(void)
{

	if (errno == ENOSPC || errno == EDQUOT)
		return (sr_fail(SR_E_OUTPUT_DISK_FULL,
		    log_i64("errno", errno)));
	return (sr_fail(SR_E_OUTPUT_FAILED, log_i64("errno", errno)));
}

static enum sr_error
in_use(void)
{

	return (sr_fail(SR_E_TRANSACTION_CONFLICT,
	    log_const("file", "in use")));
}

/* Ours alone, and still what its name stands for: a run that has just finished
 * may have given the file that we have opened its other name. */
static enum sr_error
claim(const struct backup_file * f)
{
	struct stat here, there;

	if (flock(f->fd, LOCK_EX | LOCK_NB) != 0)
		return (errno == EWOULDBLOCK ? in_use() : failed());
	if (fstat(f->fd, &here) != 0 || lstat(f->unfinished, &there) != 0)
		return (failed());
	if (here.st_ino != there.st_ino || here.st_dev != there.st_dev)
		return (in_use());
	/* No device, and no other name of a file that is something else. */
	if (!S_ISREG(here.st_mode) || here.st_nlink != 1 ||
	    here.st_uid != geteuid())
		return (sr_fail(SR_E_OUTPUT_FAILED,
		    log_const("file", "is not ours")));
	if (ftruncate(f->fd, 0) != 0 || fchmod(f->fd, 0600) != 0)
		return (failed());
	return (SR_OK);
}

/** backup_file_open(path, f): under another name, until it is whole. */
enum sr_error
backup_file_open(const char * path, struct backup_file * f)
{
	enum sr_error err;
	struct stat st;

	f->fd = -1;
	f->path = path;
	if (strlen(path) > BACKUP_PATH_MAX || path[0] == '\0')
		return (sr_fail(SR_E_OUTPUT_FAILED, log_const("path",
		    "too long, or empty")));
	(void)snprintf(f->unfinished, sizeof(f->unfinished), "%s.new", path);
	if (lstat(path, &st) == 0)
		return (SR_E_BACKUP_FILE_EXISTS);
	f->fd = open(f->unfinished, O_WRONLY | O_CREAT | O_NOFOLLOW |
	    O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
	if (f->fd < 0)
		return (failed());
	if ((err = claim(f)) != SR_OK) {
		/* It is another's. */
		(void)close(f->fd);
		f->fd = -1;
	}
	return (err);
}

static enum sr_error
sync_folder(const char * path)
{
	char folder[BACKUP_PATH_MAX + 1];
	char * slash;
	int fd, rc;

	(void)snprintf(folder, sizeof(folder), "%s", path);
	if ((slash = strrchr(folder, '/')) == NULL)
		(void)snprintf(folder, sizeof(folder), ".");
	else
		slash[slash == folder ? 1 : 0] = '\0';
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return (failed());
	rc = fsync(fd);
	(void)close(fd);
	return (rc == 0 ? SR_OK : failed());
}

/** backup_file_finish(f): synced, and under its name, if that is free. */
enum sr_error
backup_file_finish(struct backup_file * f)
{

	if (fsync(f->fd) != 0)
		return (failed());
	if (renameat2(AT_FDCWD, f->unfinished, AT_FDCWD, f->path,
	    RENAME_NOREPLACE) != 0)
		return (errno == EEXIST ? SR_E_BACKUP_FILE_EXISTS : failed());
	(void)close(f->fd);
	f->fd = -1;
	return (sync_folder(f->path));
}

/** backup_file_drop(f): close; what is not finished goes. */
void
backup_file_drop(struct backup_file * f)
{

	if (f->fd < 0)
		return;
	(void)unlink(f->unfinished);
	(void)close(f->fd);
	f->fd = -1;
}
