#ifndef SR_TESTS_HARNESS_HOUSE_H
#define SR_TESTS_HARNESS_HOUSE_H

/*
 * What tests of the vault and of the rooms above stand on: a private MariaDB,
 * migrated, with the worker's grants; a root key file; the process's keystore,
 * redactor and live set; and a store for the test's own thread.
 */

#include "core/audit/audit.h"
#include "tests/harness/mariadb.h"

struct house {
	struct mariadb * m;
	char dir[256];			/* Removed at the end. */
	char key_file[300];
	struct store store;		/* Of the thread that opened it. */
	struct actor actor;		/* An account, lead@example.org. */
};

/** house_open(h): 0, or -1 with a line on standard error. */
int house_open(struct house * h);

/** house_open_with(args, h): with more arguments of mariadbd, as there. */
int house_open_with(const char * const * args, struct house * h);

/** house_close(h): end and remove all of it. */
void house_close(struct house * h);

/**
 * house_load_key(h, file): load and bind the root keys of ${file} (NULL or "":
 * none) in a keystore of its own, put into h->store. SR_OK, or the reason why
 * they are not usable.
 */
enum sr_error house_load_key(struct house * h, const char * file);

/**
 * house_thread(h, out): a store for another thread or "process": a connection
 * of its own, the same keys and redactor. End with house_thread_end.
 */
int house_thread(const struct house * h, struct store * out);
void house_thread_end(struct store * s);

/** house_counts(h): "table<TAB>rows" of every table; caller frees. */
char * house_counts(const struct house * h);

/** house_sql_is(h, expected, sql): whether ${sql} prints ${expected}. */
bool house_sql_is(const struct house * h, const char * expected,
    const char * sql);

/** house_do(h, sql): run ${sql} as the admin; whether it succeeded. */
bool house_do(const struct house * h, const char * sql);

/** house_secret(text): a secbuf of ${text}, for tests; caller frees. */
struct secbuf * house_secret(const char * text);

/** house_random(n): ${n} random hex digits; caller frees. */
char * house_random(size_t n);

#endif /* !SR_TESTS_HARNESS_HOUSE_H */
