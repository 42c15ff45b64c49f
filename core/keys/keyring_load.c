#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/secbuf.h"
#include "core/keys/keyring.h"
#include "core/keys/keyring_internal.h"
#include "core/log/log.h"

/* systemd sets who may read what it puts into its credentials folder. */
static bool
is_credential(const struct keyring_sources * sources, const char * path)
{
	const char * dir = sources->credentials_dir;
	size_t len;

	if (dir == NULL || dir[0] != '/')
		return (false);
	len = strlen(dir);
	return (strncmp(path, dir, len) == 0 && path[len] == '/' &&
	    strstr(&path[len], "/..") == NULL);
}

/* The digits of chmod(1), for a log of decimal numbers. */
static uint64_t
octal(mode_t mode)
{
	uint64_t digits = 0, place = 1;

	for (; mode != 0; mode /= 8, place *= 10)
		digits += (mode % 8) * place;
	return (digits);
}

static enum sr_error
check_file(int fd, bool credential)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return (sr_fail(SR_E_ROOT_KEY_UNREADABLE,
		    log_const("reason", "not a regular file")));
	if (!credential && (st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return (sr_fail(SR_E_ROOT_KEY_PERMISSIONS,
		    log_u64("mode_octal", octal(st.st_mode & 07777))));
	return (SR_OK);
}

/** keyring_read_file(path, credential, out): the bytes of a file. */
enum sr_error
keyring_read_file(const char * path, bool credential, struct secbuf ** out)
{
	enum sr_error err;
	int fd;

	/* O_NONBLOCK: a pipe put in the file's place must not hold us up. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return (sr_fail(SR_E_ROOT_KEY_UNREADABLE,
		    log_i64("errno", errno)));
	if ((err = check_file(fd, credential)) != SR_OK)
		goto out;
	err = secbuf_read_fd(fd, KEYRING_FILE_MAX, out);
	if (err == SR_E_INPUT_UNREADABLE)
		err = SR_E_ROOT_KEY_UNREADABLE;
	if (err == SR_E_LIMIT_EXCEEDED)
		err = SR_E_ROOT_KEY_MALFORMED;
	if (err != SR_OK)
		(void)sr_fail(err, log_const("reason", "reading it"));

out:
	(void)close(fd);
	return (err);
}

/* The path of the credential, if there is one. */
static bool
find_credential(const struct keyring_sources * sources, char path[PATH_MAX])
{
	int n;

	if (sources->credentials_dir == NULL ||
	    sources->credentials_dir[0] == '\0')
		return (false);
	n = snprintf(path, PATH_MAX, "%s/root_key", sources->credentials_dir);
	return (n > 0 && n < PATH_MAX && access(path, F_OK) == 0);
}

/**
 * keyring_load(sources, out):
 * Read the root keys from the one source that is set.
 */
enum sr_error
keyring_load(const struct keyring_sources * sources, struct keyring ** out)
{
	bool file = sources->file != NULL && sources->file[0] != '\0';
	bool value = sources->value != NULL && secbuf_len(sources->value) != 0;
	char path[PATH_MAX];
	bool credential = find_credential(sources, path);
	struct secbuf * text = NULL;
	enum sr_error err;

	*out = NULL;
	/* Naming the credential by its path is one source, not two. */
	if (file && credential && strcmp(sources->file, path) == 0)
		file = false;
	if (file + value + credential > 1)
		return (sr_fail(SR_E_ROOT_KEY_SOURCES_CONFLICT,
		    log_u64("sources",
		    (uint64_t)(file + value + credential))));
	if (value)
		return (keyring_parse(sources->value, out));
	if (credential)
		err = keyring_read_file(path, true, &text);
	else if (file)
		err = keyring_read_file(sources->file,
		    is_credential(sources, sources->file), &text);
	else
		return (SR_E_ROOT_KEY_MISSING);
	if (err == SR_OK)
		err = keyring_parse(text, out);
	secbuf_free(&text);
	return (err);
}
