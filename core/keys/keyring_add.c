#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/secbuf.h"
#include "core/keys/keyring_internal.h"
#include "core/log/log.h"

/* Another may be adding: it takes no longer than a moment. */
#define LOCK_TRIES	100
#define LOCK_PAUSE_MS	50

/* A file that is being added to. */
struct adding {
	char path[PATH_MAX];		/* Without symbolic links. */
	char next[PATH_MAX + 4];	/* What will be in its place. */
	int folder;			/* Locked; or -1. */
	struct stat st;
};

static enum sr_error
failed(int why)
{

	return (sr_fail(SR_E_OUTPUT_FAILED, log_i64("errno", why)));
}

/* The lock is the folder's: the file itself is replaced. It ends with us. */
static enum sr_error
lock_folder(struct adding * a)
{
	char copy[PATH_MAX];
	unsigned i;

	(void)snprintf(copy, sizeof(copy), "%s", a->path);
	a->folder = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (a->folder < 0)
		return (failed(errno));
	for (i = 0; i < LOCK_TRIES; i++) {
		if (flock(a->folder, LOCK_EX | LOCK_NB) == 0)
			return (SR_OK);
		if (errno != EWOULDBLOCK && errno != EINTR)
			return (failed(errno));
		(void)poll(NULL, 0, LOCK_PAUSE_MS);
	}
	return (sr_fail(SR_E_TRANSACTION_CONFLICT,
	    log_const("reason", "the folder is locked")));
}

static enum sr_error
begin(const char * path, struct adding * a)
{
	enum sr_error err;

	if (realpath(path, a->path) == NULL)
		return (sr_fail(SR_E_ROOT_KEY_UNREADABLE,
		    log_i64("errno", errno)));
	(void)snprintf(a->next, sizeof(a->next), "%s.new", a->path);
	if ((err = lock_folder(a)) != SR_OK)
		return (err);
	/* Once it is locked, for it may have been another file before. */
	if (stat(a->path, &a->st) != 0)
		return (sr_fail(SR_E_ROOT_KEY_UNREADABLE,
		    log_i64("errno", errno)));
	return (SR_OK);
}

/* The text with a line more, and that line's version. */
static enum sr_error
extend(const struct adding * a, struct secbuf ** out, uint32_t * version)
{
	struct secbuf * text = NULL;
	struct keyring * kr = NULL;
	enum sr_error err;

	if ((err = keyring_read_file(a->path, false, &text)) != SR_OK ||
	    (err = keyring_parse(text, &kr)) != SR_OK)
		goto out;
	if (keyring_count(kr) == KEYRING_MAX ||
	    keyring_newest(kr) == UINT32_MAX) {
		err = sr_fail(SR_E_LIMIT_EXCEEDED,
		    log_u64("versions", keyring_count(kr)));
		goto out;
	}
	*version = keyring_newest(kr) + 1;
	if ((err = keyring_new_line(text, *version, out)) != SR_OK)
		(void)sr_fail(err, log_const("reason", "making a key"));
	else if (secbuf_len(*out) > KEYRING_FILE_MAX)
		err = sr_fail(SR_E_LIMIT_EXCEEDED,
		    log_u64("length", secbuf_len(*out)));

out:
	keyring_free(&kr);
	secbuf_free(&text);
	return (err);
}

/* Whether the new file belongs to whom the old one does. */
static bool
same_owner(int fd, const struct stat * st)
{
	struct stat own;

	if (fstat(fd, &own) != 0)
		return (false);
	if (own.st_uid == st->st_uid && own.st_gid == st->st_gid)
		return (true);
	return (fchown(fd, st->st_uid, st->st_gid) == 0);
}

/* Fill the new file and put it in the old one's place, or leave no trace. */
static enum sr_error
replace(const struct adding * a, const struct secbuf * text)
{
	int fd, why = 0;

	/* What an addition that was killed has left: the lock is ours. */
	if (unlink(a->next) != 0 && errno != ENOENT)
		return (failed(errno));
	fd = open(a->next, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
	    0600);
	if (fd < 0)
		return (failed(errno));
	/* What comes after the first failure must not hide its reason. */
	if (!keyring_write_fd(fd, text) ||
	    fchmod(fd, a->st.st_mode & 0700) != 0 ||
	    !same_owner(fd, &a->st) || fsync(fd) != 0)
		why = errno;
	if (close(fd) != 0 && why == 0)
		why = errno;
	if (why == 0 && rename(a->next, a->path) != 0)
		why = errno;
	if (why != 0) {
		(void)unlink(a->next);
		return (failed(why));
	}
	return (keyring_sync_folder(a->path) ? SR_OK : failed(errno));
}

/**
 * keyring_add_to_file(path, version):
 * Append one new random key to the root key file ${path}.
 */
enum sr_error
keyring_add_to_file(const char * path, uint32_t * version)
{
	struct adding a = { .folder = -1 };
	struct secbuf * text = NULL;
	enum sr_error err;

	if ((err = begin(path, &a)) == SR_OK &&
	    (err = extend(&a, &text, version)) == SR_OK)
		err = replace(&a, text);
	secbuf_free(&text);
	if (a.folder >= 0)
		(void)close(a.folder);
	return (err);
}
