#include <crypt.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <nettle/memops.h>

#include "core/base/random.h"
#include "core/base/secbuf.h"
#include "core/base/secbuf_bytes.h"
#include "core/keys/password.h"
#include "core/log/log.h"

#define SALT_BYTES	16

_Static_assert(PASSWORD_MAX < CRYPT_MAX_PASSPHRASE_SIZE,
    "the library takes every password that we do, and its NUL");
_Static_assert(PASSWORD_HASH_MAX >= CRYPT_GENSALT_OUTPUT_SIZE,
    "a setting fits where a hash does");

/* What crypt_rn works in: it keeps the password in there. */
struct work {
	struct crypt_data data;
	char phrase[CRYPT_MAX_PASSPHRASE_SIZE];
};

static enum sr_error
work_new(const struct secbuf * password, struct secbuf ** memory,
    struct work ** work)
{
	size_t len = secbuf_len(password);
	void * p;
	enum sr_error err;

	if ((err = secbuf_new(sizeof(**work), memory)) != SR_OK)
		return (sr_fail(err, log_const("reason", "password")));
	p = secbuf_writable(*memory);
	*work = p;
	/* A longer one was refused or will be: only the time matters then. */
	if (len > PASSWORD_MAX)
		len = PASSWORD_MAX;
	memcpy((*work)->phrase, secbuf_bytes(password), len);
	return (SR_OK);
}

static bool
acceptable(const struct secbuf * password, size_t least)
{
	size_t len = secbuf_len(password);

	return (len >= least && len <= PASSWORD_MAX &&
	    memchr(secbuf_bytes(password), '\0', len) == NULL);
}

static enum sr_error
make_setting(unsigned cost, char out[PASSWORD_HASH_MAX])
{
	char salt[SALT_BYTES];
	enum sr_error err;

	if (cost < 1 || cost > 11)
		return (sr_fail(SR_E_INTERNAL_ERROR, log_u64("cost", cost)));
	if ((err = random_bytes(salt, sizeof(salt))) != SR_OK)
		return (sr_fail(err, log_const("reason", "salt")));
	if (crypt_gensalt_rn("$y$", cost, salt, sizeof(salt), out,
	    PASSWORD_HASH_MAX) == NULL)
		return (sr_fail(SR_E_INTERNAL_ERROR, log_i64("errno", errno)));
	return (SR_OK);
}

/**
 * password_hash(password, cost, out):
 * Hash ${password} with a fresh salt.
 */
enum sr_error
password_hash(const struct secbuf * password, unsigned cost,
    char out[PASSWORD_HASH_MAX])
{
	char setting[PASSWORD_HASH_MAX];
	struct secbuf * memory = NULL;
	struct work * work;
	const char * hash;
	enum sr_error err;

	out[0] = '\0';
	if (!acceptable(password, PASSWORD_MIN))
		return (sr_fail(SR_E_PASSWORD_INVALID,
		    log_u64("length", secbuf_len(password))));
	if ((err = make_setting(cost, setting)) != SR_OK ||
	    (err = work_new(password, &memory, &work)) != SR_OK)
		return (err);
	hash = crypt_rn(work->phrase, setting, &work->data,
	    sizeof(work->data));
	if (hash == NULL)
		err = sr_fail(errno == ENOMEM ? SR_E_OUT_OF_MEMORY :
		    SR_E_INTERNAL_ERROR, log_i64("errno", errno));
	else if (strlen(hash) >= PASSWORD_HASH_MAX)
		err = sr_fail(SR_E_INTERNAL_ERROR,
		    log_u64("hash_length", strlen(hash)));
	else
		memcpy(out, hash, strlen(hash) + 1);
	secbuf_free(&memory);
	return (err);
}

static bool
same_hash(const char * a, const char * b)
{
	size_t len = strlen(a);

	return (len == strlen(b) && memeql_sec(a, b, len) != 0);
}

/**
 * password_verify(password, hash):
 * SR_OK if ${password} is the one ${hash} was made from.
 */
enum sr_error
password_verify(const struct secbuf * password, const char * hash)
{
	struct secbuf * memory = NULL;
	struct work * work;
	const char * again;
	enum sr_error err;

	if ((err = work_new(password, &memory, &work)) != SR_OK)
		return (err);
	again = crypt_rn(work->phrase, hash, &work->data, sizeof(work->data));
	if (again == NULL && errno == ENOMEM)
		err = sr_fail(SR_E_OUT_OF_MEMORY, log_i64("errno", errno));
	else if (again == NULL || !same_hash(again, hash) ||
	    !acceptable(password, 0))
		/* A wrong password is no failure of ours: access logs it. */
		err = SR_E_SIGN_IN_REFUSED;
	secbuf_free(&memory);
	return (err);
}

/** password_decoy(cost, out): the hash of a random password, of that cost. */
enum sr_error
password_decoy(unsigned cost, char out[PASSWORD_HASH_MAX])
{
	struct secbuf * bytes;
	enum sr_error err;
	uint8_t * p;
	size_t i;

	if ((err = secbuf_random(32, &bytes)) != SR_OK) {
		out[0] = '\0';
		return (sr_fail(err, log_const("reason", "decoy")));
	}
	/* Any text will do as long as it holds no NUL. */
	p = secbuf_writable(bytes);
	for (i = 0; i < secbuf_len(bytes); i++)
		p[i] |= 0x40;
	err = password_hash(bytes, cost, out);
	secbuf_free(&bytes);
	return (err);
}
