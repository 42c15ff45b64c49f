#ifndef SR_TESTS_CLI_OPERATOR_DATABASE_H
#define SR_TESTS_CLI_OPERATOR_DATABASE_H

/*
 * The operator command with a private MariaDB, empty at first, and a settings
 * file that names it and a root key file, which is not there at first.
 */

#include "tests/cli/operator.h"
#include "tests/harness/mariadb.h"

static struct mariadb * m;
static char conf[512];
static char key[512];

static inline int
op_database_start(void)
{
	char * text;
	int rc;

	if (mariadb_start(&m) != 0)
		return (-1);
	(void)snprintf(conf, sizeof(conf), "%s/conf", suite_tmpdir());
	(void)snprintf(key, sizeof(key), "%s/root.key", suite_tmpdir());
	text = text_format("root_key_file = %s\n"
	    "[site]\nurl = https://secrets.example.org/\n"
	    "[password]\ncost = 1\n"
	    "[database]\nsocket = %s\nadmin_user = %s\npassword = %s\n",
	    key, mariadb_socket(m), mariadb_admin(m),
	    mariadb_worker_password(m));
	rc = file_write(conf, 0600, text);
	free(text);
	return (rc);
}

static inline int
op_database_stop(void)
{

	op_end();
	mariadb_stop(&m);
	return (0);
}

#define ASSERT_OP(expected, input, ...)					\
	ASSERT_RUNS(expected, input, "--config", conf, __VA_ARGS__)

/* What the admin's SQL prints. */
static inline void
assert_sql(const char * sql, const char * expected)
{
	char * printed = mariadb_sql(m, sql);

	CU_ASSERT_PTR_NOT_NULL_FATAL(printed);
	printed[strcspn(printed, "\n")] = '\0';
	CU_ASSERT_STRING_EQUAL(printed, expected);
	free(printed);
}

#endif /* !SR_TESTS_CLI_OPERATOR_DATABASE_H */
