#ifndef SR_TESTS_HARNESS_MARIADB_TEMPLATE_H
#define SR_TESTS_HARNESS_MARIADB_TEMPLATE_H

#include <sys/types.h>

#include "core/base/base.h"

/* Kin of mariadb.c. Whom the server runs as when the tests run as root. */
struct mariadb_owner {
	uid_t uid;
	gid_t gid;
	char admin[64];		/* Name of the system user, who is the admin. */
};

/** mariadb_owner(o): look the user up. 0 or -1. */
int mariadb_owner(struct mariadb_owner * o);

/**
 * mariadb_data(o, data): make the folder ${data}, an empty data directory.
 * mariadb-install-db takes a second, so it runs once per machine and user, and
 * what it made is copied. 0 or -1.
 */
int mariadb_data(const struct mariadb_owner * o, const char * data);

#endif /* !SR_TESTS_HARNESS_MARIADB_TEMPLATE_H */
