#include <sys/stat.h>

#include <unistd.h>

#include "tests/cli/operator.h"
#include "tests/harness/mariadb.h"

/* Bundles of what is stored, against a private MariaDB. */

#define LONG	"a-value-of-more-than-thirty-one-bytes-4f2c9d81"
#define SHORT	"short-one-77b0"
#define ONE	"0193f2a4-77aa-7c1e-9d55-2b1f0c6a9e11"
#define TWO	"0193f2a4-77aa-7c1e-9d55-2b1f0c6a9e22"

static struct mariadb * m;
static char conf[512];
static char key[512];
static char out[512];

static int
setup(void)
{
	char * text;
	int rc;

	if (mariadb_start(&m) != 0)
		return (-1);
	(void)snprintf(conf, sizeof(conf), "%s/conf", suite_tmpdir());
	(void)snprintf(key, sizeof(key), "%s/root.key", suite_tmpdir());
	(void)snprintf(out, sizeof(out), "%s/bundle", suite_tmpdir());
	text = text_format("root_key_file = %s\n"
	    "[site]\nurl = https://secrets.example.org/\n"
	    "[database]\nsocket = %s\nadmin_user = %s\npassword = %s\n",
	    key, mariadb_socket(m), mariadb_admin(m),
	    mariadb_worker_password(m));
	rc = file_write(conf, 0600, text);
	free(text);
	return (rc);
}

static int
teardown(void)
{

	op_end();
	mariadb_stop(&m);
	return (0);
}

#define ASSERT_OP(expected, input, ...)					\
	ASSERT_RUNS(expected, input, "--config", conf, __VA_ARGS__)

/* What the admin's SQL prints. */
static void
assert_sql(const char * sql, const char * expected)
{
	char * printed = mariadb_sql(m, sql);

	CU_ASSERT_PTR_NOT_NULL_FATAL(printed);
	CU_ASSERT_STRING_EQUAL(printed, expected);
	free(printed);
}

static void
it_needs_the_root_key(void)
{

	ASSERT_OP(0, NULL, "migrate");
	ASSERT_OP(69, NULL, "bundle", "--all", "--out", out);
	CU_ASSERT(access(out, F_OK) != 0);
	ASSERT_OP(0, NULL, "rootkey", "new", key);
	ASSERT_OP(66, NULL, "bundle", "--all", "--out", out);
	ASSERT_HAS(op_err, "there are no such secrets");
	CU_ASSERT(access(out, F_OK) != 0);
}

static void
what_goes_into_it_must_be_named(void)
{

	ASSERT_OP(64, NULL, "bundle", "--out", out);
	ASSERT_OP(64, NULL, "bundle", "--all", "--scope", "instance", "--out",
	    out);
	ASSERT_OP(65, NULL, "bundle", "--project", "not-an-id", "--out", out);
	ASSERT_OP(65, NULL, "bundle", "--scope", "everywhere", "--out", out);
	ASSERT_OP(64, NULL, "bundle", "--all");
	CU_ASSERT(access(out, F_OK) != 0);
}

static void
a_bundle_of_a_project_masks_its_values_elsewhere(void)
{
	struct stat st;

	ASSERT_OP(0, LONG, "secret", "put", "--scope", "project", "--project",
	    ONE, "--name", "ci/deploy_token");
	ASSERT_OP(0, SHORT, "secret", "put", "--scope", "project", "--project",
	    ONE, "--name", "ci/short");
	ASSERT_OP(0, LONG "-other", "secret", "put", "--scope", "project",
	    "--project", TWO, "--name", "ci/deploy_token");
	ASSERT_OP(0, LONG "-instance", "secret", "put", "--scope", "instance",
	    "--name", "providers/x");
	ASSERT_OP(0, NULL, "bundle", "--project", ONE, "--out", out);
	ASSERT_HAS(op_out, "1 secrets in ");
	ASSERT_HAS(op_out, "shorter than 31 bytes are left out");
	CU_ASSERT_EQUAL(stat(out, &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 07777, 0600);
	ASSERT_RUNS(0, "a " LONG " b " SHORT "\n", "redact", "--bundle", out);
	ASSERT_HAS(op_out, "a [REDACTED:project/ci/deploy_token@1:");
	ASSERT_HAS_NOT(op_out, LONG);
	ASSERT_HAS(op_out, SHORT);
	/* Never over a file. */
	ASSERT_OP(73, NULL, "bundle", "--project", ONE, "--out", out);
	ASSERT_HAS(op_err, "(bundle_file_exists)\n");
	CU_ASSERT_EQUAL(unlink(out), 0);
}

static void
short_forms_come_with_their_cost(void)
{

	ASSERT_OP(0, NULL, "bundle", "--project", ONE "," TWO, "--out", out,
	    "--short-forms");
	ASSERT_HAS(op_out, "3 secrets in ");
	ASSERT_HAS(op_out, "can find such values by trying");
	ASSERT_RUNS(0, SHORT " " LONG "-other " LONG "-instance\n", "redact",
	    "--bundle", out);
	ASSERT_HAS_NOT(op_out, SHORT);
	ASSERT_HAS_NOT(op_out, LONG "-other");
	CU_ASSERT_EQUAL(unlink(out), 0);
	ASSERT_OP(0, NULL, "bundle", "--all", "--json", "--out", out);
	ASSERT_HAS(op_out, "{\"secrets\":3,\"forms\":");
	CU_ASSERT_EQUAL(unlink(out), 0);
	ASSERT_OP(0, NULL, "bundle", "--scope", "instance", "--json", "--out",
	    out);
	ASSERT_HAS(op_out, "{\"secrets\":1,\"forms\":");
}

static void
each_bundle_is_in_the_audit(void)
{

	assert_sql("SELECT COUNT(*), MIN(target_kind) FROM audit_event WHERE "
	    "action = 'BUNDLE' AND outcome = 'succeeded'", "5\tbundle\n");
}

static const struct suite_test tests[] = {
	TEST(it_needs_the_root_key),
	TEST(what_goes_into_it_must_be_named),
	TEST(a_bundle_of_a_project_masks_its_values_elsewhere),
	TEST(short_forms_come_with_their_cost),
	TEST(each_bundle_is_in_the_audit),
};

SUITE_MAIN("cli/bundle", tests, setup, teardown)
