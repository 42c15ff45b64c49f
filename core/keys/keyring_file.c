#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <nettle/base64.h>

#include "core/base/secbuf.h"
#include "core/base/secbuf_bytes.h"
#include "core/keys/keyring_internal.h"
#include "core/log/log.h"

#define KEY_TEXT_LEN	BASE64_ENCODE_RAW_LENGTH(KEK_LEN)

/**
 * keyring_new_line(head, version, out):
 * ${head} and a line with a new random key.
 */
enum sr_error
keyring_new_line(const struct secbuf * head, uint32_t version,
    struct secbuf ** out)
{
	size_t len = secbuf_len(head);
	struct secbuf * key = NULL;
	uint8_t * p;
	int n;
	enum sr_error err;

	if ((err = secbuf_random(KEK_LEN, &key)) != SR_OK)
		return (err);
	/* A newline that the last line may lack, and the version. */
	err = secbuf_new(len + 1 + 12 + KEY_TEXT_LEN + 1, out);
	if (err != SR_OK)
		goto out;
	p = secbuf_writable(*out);
	memcpy(p, secbuf_bytes(head), len);
	if (len != 0 && p[len - 1] != '\n')
		p[len++] = '\n';
	n = snprintf((char *)&p[len], 13, "%u:", version);
	len += (size_t)n;
	base64_encode_raw((char *)&p[len], KEK_LEN, secbuf_bytes(key));
	p[len + KEY_TEXT_LEN] = '\n';
	secbuf_set_len(*out, len + KEY_TEXT_LEN + 1);

out:
	secbuf_free(&key);
	return (err);
}

/* The text of a file with one new key. */
static enum sr_error
make_text(uint32_t version, struct secbuf ** out)
{
	static const char head[] =
	    "# Strongroom root key. Keep a copy of it, apart from the copies\n"
	    "# of the database: without it no stored value can be read.\n";
	struct secbuf * b = NULL;
	enum sr_error err;

	if ((err = secbuf_copy(head, sizeof(head) - 1, &b)) != SR_OK)
		return (err);
	err = keyring_new_line(b, version, out);
	secbuf_free(&b);
	return (err);
}

/** keyring_write_fd(fd, text): all of it. */
bool
keyring_write_fd(int fd, const struct secbuf * text)
{
	const uint8_t * p = secbuf_bytes(text);
	size_t len = secbuf_len(text);
	ssize_t n;

	while (len != 0) {
		if ((n = write(fd, p, len)) < 0 && errno == EINTR)
			continue;
		if (n == 0)
			errno = EIO;
		if (n <= 0)
			return (false);
		p += n;
		len -= (size_t)n;
	}
	return (true);
}

/** keyring_sync_folder(path): the name is on disk only when its folder is. */
bool
keyring_sync_folder(const char * path)
{
	char * copy = strdup(path);
	int fd, why;

	if (copy == NULL)
		return (false);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(copy);
	if (fd < 0)
		return (false);
	why = fsync(fd) == 0 ? 0 : errno;
	(void)close(fd);
	errno = why;
	return (why == 0);
}

/* Create the file and fill it, or leave nothing. */
static enum sr_error
write_file(const char * path, const struct secbuf * text)
{
	int fd, why = 0;

	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
	    0600);
	if (fd < 0)
		return (sr_fail(errno == EEXIST ? SR_E_ROOT_KEY_FILE_EXISTS :
		    SR_E_OUTPUT_FAILED, log_i64("errno", errno)));
	/* What comes after the first failure must not hide its reason. */
	if (!keyring_write_fd(fd, text) || fsync(fd) != 0)
		why = errno;
	if (close(fd) != 0 && why == 0)
		why = errno;
	if (why == 0 && !keyring_sync_folder(path))
		why = errno;
	if (why == 0)
		return (SR_OK);
	(void)unlink(path);
	return (sr_fail(SR_E_OUTPUT_FAILED, log_i64("errno", why)));
}

/**
 * keyring_new_file(path, version):
 * Create ${path} with one new random key.
 */
enum sr_error
keyring_new_file(const char * path, uint32_t version)
{
	struct secbuf * text = NULL;
	enum sr_error err;

	must(version != 0);
	if ((err = make_text(version, &text)) != SR_OK)
		return (sr_fail(err, log_const("reason", "making a key")));
	err = write_file(path, text);
	secbuf_free(&text);
	return (err);
}
