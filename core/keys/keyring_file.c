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
#include "core/keys/keyring.h"
#include "core/log/log.h"

#define KEY_TEXT_LEN	BASE64_ENCODE_RAW_LENGTH(KEK_LEN)

/* The text of a file with one new key. */
static enum sr_error
make_text(uint32_t version, struct secbuf ** out)
{
	static const char head[] =
	    "# Strongroom root key. Keep a copy of it, apart from the copies\n"
	    "# of the database: without it no stored value can be read.\n";
	struct secbuf * key = NULL;
	uint8_t * p;
	int n;
	enum sr_error err;

	if ((err = secbuf_random(KEK_LEN, &key)) != SR_OK)
		return (err);
	err = secbuf_new(sizeof(head) + 16 + KEY_TEXT_LEN, out);
	if (err != SR_OK)
		goto out;
	p = secbuf_writable(*out);
	n = snprintf((char *)p, secbuf_cap(*out), "%s%u:", head, version);
	base64_encode_raw((char *)&p[n], KEK_LEN, secbuf_bytes(key));
	p[(size_t)n + KEY_TEXT_LEN] = '\n';
	secbuf_set_len(*out, (size_t)n + KEY_TEXT_LEN + 1);

out:
	secbuf_free(&key);
	return (err);
}

/* False: errno says why. */
static bool
write_all(int fd, const struct secbuf * text)
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

/* The name is on disk only when its folder is. False: errno says why. */
static bool
sync_folder(const char * path)
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
	if (!write_all(fd, text) || fsync(fd) != 0)
		why = errno;
	if (close(fd) != 0 && why == 0)
		why = errno;
	if (why == 0 && !sync_folder(path))
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
