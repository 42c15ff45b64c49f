#ifndef SR_TESTS_FUZZ_ONE_CONFIG_H
#define SR_TESTS_FUZZ_ONE_CONFIG_H

/*
 * Settings files. What is wrong is complained about in one line, which says
 * nothing of the line that holds the planted password.
 */

#include <sys/mman.h>
#include <unistd.h>

#include "core/base/config.h"
#include "tests/fuzz/one.h"

#define ONE_CONFIG_SECRET	"hunter2-planted"

static void
one_config_good(const struct config * c)
{
	struct secbuf * b = NULL;

	for (unsigned i = 0; i < CFG__MAX; i++) {
		const enum config_id id = (enum config_id)i;

		switch (config_row(id)->type) {
		case CONFIG_TEXT:
			ONE_HOLDS(strlen(config_text(c, id)) < 65536);
			break;
		case CONFIG_NUMBER:
			ONE_HOLDS(config_number(c, id) <= INT32_MAX);
			break;
		case CONFIG_BOOL:
			(void)config_bool(c, id);
			break;
		case CONFIG_SECRET:
			/* A file that is named may be any; it is not read. */
			if (config_secret_file(c, id)[0] == '\0')
				ONE_HOLDS(config_secret(c, id, &b) == SR_OK);
			secbuf_free(&b);
			break;
		}
	}
	for (size_t i = 0; config_named_name(c, i) != NULL; i++) {
		ONE_HOLDS(i < CONFIG_NAMED_MAX);
		ONE_HOLDS(strlen(config_named_name(c, i)) <=
		    CONFIG_NAME_MAX);
	}
}

ONE_UNUSED static void
one_config_input(const uint8_t * data, size_t size)
{
	char path[64], complaint[512] = "";
	int fd = memfd_create("settings", MFD_CLOEXEC);
	struct config * c = NULL;
	enum sr_error err;

	ONE_HOLDS(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	err = config_load(path, complaint, sizeof(complaint), &c);
	ONE_HOLDS((err == SR_OK) == (c != NULL));
	ONE_HOLDS(err == SR_OK || err == SR_E_CONFIG_INVALID ||
	    err == SR_E_CONFIG_SOURCES_CONFLICT ||
	    err == SR_E_ROOT_KEY_SOURCES_CONFLICT);
	ONE_HOLDS((err == SR_OK) == (complaint[0] == '\0'));
	ONE_HOLDS(strchr(complaint, '\n') == NULL);
	ONE_HOLDS(strstr(complaint, ONE_CONFIG_SECRET) == NULL);
	if (c != NULL)
		one_config_good(c);
	config_free(&c);
	(void)close(fd);
}

#endif /* !SR_TESTS_FUZZ_ONE_CONFIG_H */
