#ifndef SR_TESTS_CORE_STORE_KEYS_H
#define SR_TESTS_CORE_STORE_KEYS_H

/* Root key files for the suites of the keystore. */

#include <fcntl.h>
#include <unistd.h>

#include "core/base/secbuf.h"
#include "core/store/keystore.h"
#include "tests/core/store/fixture.h"
#include "tests/harness/process.h"

static char dir[80];
static char file_a[100], file_b[100], file_both[100];

static inline void
copy_keys(const char * first, const char * second, const char * to)
{
	char text[1024] = "";
	size_t len = 0;
	int in, out;

	if ((in = open(first, O_RDONLY)) >= 0) {
		len = (size_t)read(in, text, sizeof(text) / 2);
		(void)close(in);
	}
	if ((in = open(second, O_RDONLY)) >= 0) {
		len += (size_t)read(in, text + len, sizeof(text) / 2);
		(void)close(in);
	}
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	must(out >= 0 && write(out, text, len) == (ssize_t)len);
	(void)close(out);
}

/* Two files with a key of version 1 each, and one with the second's key as
 * version 1 and another as version 2. */
static inline int
keys_start(void)
{
	char second[100];

	if (fixture_start() != 0 ||
	    temp_folder("sr-keys", dir, sizeof(dir)) != 0)
		return (-1);
	(void)snprintf(file_a, sizeof(file_a), "%s/a", dir);
	(void)snprintf(file_b, sizeof(file_b), "%s/b", dir);
	(void)snprintf(file_both, sizeof(file_both), "%s/both", dir);
	(void)snprintf(second, sizeof(second), "%s/2", dir);
	if (keyring_new_file(file_a, 1) != SR_OK ||
	    keyring_new_file(file_b, 1) != SR_OK ||
	    keyring_new_file(second, 2) != SR_OK)
		return (-1);
	copy_keys(file_a, second, file_both);
	return (0);
}

static inline int
keys_stop(void)
{

	remove_tree(dir);
	return (fixture_stop());
}

static inline void
forget_keys(void)
{

	admin("DELETE FROM kek; DELETE FROM system_key");
}

static inline enum sr_error
load(struct keystore * ks, const char * file)
{
	const struct keyring_sources sources = { .file = file };

	return (keystore_load(ks, &sources));
}

static inline struct keystore *
new_keystore(void)
{
	struct keystore * ks;

	must(keystore_new(&ks) == SR_OK);
	return (ks);
}

#endif /* !SR_TESTS_CORE_STORE_KEYS_H */
