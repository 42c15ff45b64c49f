#ifndef SR_CORE_STORE_MIGRATE_FILES_H
#define SR_CORE_STORE_MIGRATE_FILES_H

/* The files of schema/, compiled in by scripts/embed-sql. */

#include "core/base/base.h"

struct migrate_file {
	unsigned version;	/* 1, 2, 3 … without gaps. */
	const char * name;	/* "0001-foundation" */
	const char * sql;	/* NUL-terminated text. */
};

extern const struct migrate_file migrate_files[];
extern const size_t migrate_files_count;
extern const char * const migrate_grants;

#endif /* !SR_CORE_STORE_MIGRATE_FILES_H */
