/*
 * Goal: systemd takes the units as they are, finds them little exposed, and
 * what deploy/README.md says of that is so.
 */

#include <string.h>

#include "tests/harness/files.h"
#include "tests/harness/process.h"
#include "tests/harness/suite.h"

/* Ten times what deploy/README.md says. */
#define EXPOSURE	"13"
#define EXPOSURE_TOLD	"an exposure of 1.3 "

static char folder[128];

/*
 * The units, where systemd looks for none. Neither the worker nor procps's kill
 * need be installed here: true is.
 */
static int
copy_units(void)
{
	char * command;
	int rc;

	if (temp_folder("sr-units", folder, sizeof(folder)) != 0)
		return (-1);
	command = text_format("cp deploy/systemd/strongroom* '%s/' && "
	    "mkdir '%s/strongroom@2.service.d' && "
	    "cp deploy/systemd/encrypted-key.conf "
	    "'%s/strongroom@2.service.d/' && sed -i "
	    "-e 's,^ExecStart=/usr/lib/strongroom/strongroom-worker ,"
	    "ExecStart=/bin/true ,' "
	    "-e 's,^ExecReload=/bin/kill ,ExecReload=/bin/true ,' "
	    "'%s/strongroom@.service'", folder, folder, folder, folder);
	rc = process_run((const char * const[]){ "sh", "-c", command, NULL },
	    NULL, NULL, NULL);
	free(command);
	return (rc == 0 ? 0 : -1);
}

static int
clean(void)
{

	remove_tree(folder);
	return (0);
}

/* systemd-analyze ${what} in that folder; what it says, its status in *rc. */
static char *
analyze(const char * what, int * rc)
{
	char * command = text_format("cd '%s' && systemd-analyze %s 2>&1",
	    folder, what);
	char * out = NULL;

	*rc = process_run((const char * const[]){ "sh", "-c", command, NULL },
	    NULL, &out, NULL);
	free(command);
	return (out != NULL ? out : text_format("%s", ""));
}

static void
expect_verified(const char * units)
{
	char * what = text_format("--man=no verify %s", units);
	int rc;
	char * out = analyze(what, &rc);

	if (rc != 0 || strstr(out, "strongroom") != NULL)
		suite_note("%d %s", rc, out);
	CU_ASSERT_EQUAL(rc, 0);
	/* What it says of other units of this machine is not ours. */
	CU_ASSERT_PTR_NULL(strstr(out, "strongroom"));
	free(out);
	free(what);
}

static void
systemd_takes_the_units(void)
{

	expect_verified("./strongroom@1.service ./strongroom.socket "
	    "./strongroom.target");
}

static void
and_a_worker_with_an_encrypted_key(void)
{

	expect_verified("./strongroom@2.service");
}

static void
a_fault_in_a_unit_is_found(void)
{
	char * path = text_format("%s/strongroom-wrong.service", folder);
	int rc;
	char * out;

	CU_ASSERT_EQUAL(file_write(path, 0644, "[Service]\nExecStart="
	    "/bin/true\nProtectSistem=strict\n"), 0);
	out = analyze("--man=no verify ./strongroom-wrong.service", &rc);
	CU_ASSERT_PTR_NOT_NULL(strstr(out, "ProtectSistem"));
	free(out);
	free(path);
}

static void
a_worker_is_exposed_as_little_as_is_said(void)
{
	int rc;
	char * out = analyze("--threshold=" EXPOSURE " --offline=true "
	    "security ./strongroom@.service", &rc);
	char * readme = file_read("deploy/README.md", NULL);

	if (rc != 0)
		suite_note("%s", out);
	CU_ASSERT_EQUAL(rc, 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(out, "Overall exposure level"));
	CU_ASSERT_PTR_NOT_NULL_FATAL(readme);
	CU_ASSERT_PTR_NOT_NULL(strstr(readme, EXPOSURE_TOLD));
	free(readme);
	free(out);
}

/* What the package gives the worker is what the unit names. */
static void
the_unit_starts_what_is_installed(void)
{
	char * unit = file_read("deploy/systemd/strongroom@.service", NULL);
	char * makefile = file_read("GNUmakefile", NULL);

	CU_ASSERT_FATAL(unit != NULL && makefile != NULL);
	CU_ASSERT_PTR_NOT_NULL(strstr(unit, "\nExecStart=/usr/lib/strongroom/"
	    "strongroom-worker --config /etc/strongroom/strongroom.conf\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(makefile,
	    "$(DESTDIR)$(PREFIX)/lib/strongroom/strongroom-worker"));
	CU_ASSERT_PTR_NOT_NULL(strstr(unit,
	    "\nLoadCredential=root_key:/etc/strongroom/root.key\n"));
	free(makefile);
	free(unit);
}

static const struct suite_test tests[] = {
	TEST(systemd_takes_the_units),
	TEST(and_a_worker_with_an_encrypted_key),
	TEST(a_fault_in_a_unit_is_found),
	TEST(a_worker_is_exposed_as_little_as_is_said),
	TEST(the_unit_starts_what_is_installed),
};

SUITE_MAIN("deploy/units", tests, copy_units, clean)
