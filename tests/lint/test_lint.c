#include <sys/stat.h>

#include <string.h>
#include <unistd.h>

#include "tests/harness/process.h"
#include "tests/harness/suite.h"

/*
 * Goal: scripts/lint finds what it is there to find. Each test plants one
 * fault into a small tree of its own and expects the step to fail and to name
 * the file; on the same tree without the fault it passes.
 */

static char tree[128];

/* Run lint's steps on ${root}; its output, and its status in *rc. */
static char *
lint(const char * root, const char * steps, int * rc)
{
	const char * argv[] = { "scripts/lint", NULL };
	char * root_is = text_format("LINT_ROOT=%s", root);
	char * steps_are = text_format("LINT_STEPS=%s", steps);
	const char * env[] = { root_is, steps_are, NULL };
	struct process_options options = { .env = env };
	char * out = NULL;

	*rc = process_run(argv, &options, &out, NULL);
	free(root_is);
	free(steps_are);
	return (out);
}

static void
plant(const char * path, const char * text)
{
	char * whole = text_format("%s/%s", tree, path);

	if (file_write(whole, 0600, text) != 0)
		suite_note("cannot write %s", whole);
	free(whole);
}

static void
take_out(const char * path)
{
	char * whole = text_format("%s/%s", tree, path);

	unlink(whole);
	free(whole);
}

/* ${text} in ${path} makes ${step} fail with a line about that file. */
static void
expect_fault(const char * step, const char * path, const char * text)
{
	char * out, * line = text_format("%s:", path);
	int rc;

	plant(path, text);
	out = lint(tree, step, &rc);
	if (rc != 1 || strstr(out, line) == NULL)
		suite_note("status %d: %s", rc, out);
	CU_ASSERT_EQUAL(rc, 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(out, line));
	CU_ASSERT_PTR_NOT_NULL(strstr(out, "FAIL "));
	free(out);
	take_out(path);
	out = lint(tree, step, &rc);
	if (rc != 0)
		suite_note("without the fault: status %d: %s", rc, out);
	CU_ASSERT_EQUAL(rc, 0);
	free(out);
	free(line);
}

/* And this is no fault. */
static void
expect_none(const char * step, const char * path, const char * text)
{
	char * out;
	int rc;

	plant(path, text);
	out = lint(tree, step, &rc);
	if (rc != 0)
		suite_note("status %d: %s", rc, out);
	CU_ASSERT_EQUAL(rc, 0);
	free(out);
	take_out(path);
}

static int
setup(void)
{
	static const char * const folders[] = { "core", "core/base",
	    "core/redact", "core/log", "core/vault", "core/access", "cgi",
	    "cli", "templates", "tests", "tests/core", "tests/core/base",
	    "scripts", "debian",
	    NULL };
	char * path;
	size_t i;

	if (temp_folder("sr-lint", tree, sizeof(tree)) != 0)
		return (-1);
	for (i = 0; folders[i] != NULL; i++) {
		path = text_format("%s/%s", tree, folders[i]);
		mkdir(path, 0700);
		free(path);
	}
	plant("core/ORDER", "# lowest first\nbase  x\nredact  y\nlog  z\n"
	    "vault  v\naccess  w\n");
	plant("core/base/base.h", "/* Nothing. */\n");
	plant("core/base/secbuf_bytes.h", "/* Bytes. */\n");
	plant("core/base/secbuf.c", "#include \"core/base/secbuf_bytes.h\"\n");
	plant("core/log/log.h", "/* Nothing. */\n");
	plant("core/log/log.c", "#include \"core/log/log.h\"\n"
	    "#include \"core/base/base.h\"\n"
	    "/* printf(\"in a comment\") */\n"
	    "const char * text = \"printf(1) /* in a text */\";\n");
	return (0);
}

static int
teardown(void)
{

	remove_tree(tree);
	return (0);
}

static void
an_include_of_a_room_above_is_found(void)
{

	expect_fault("layers", "core/base/up.c",
	    "#include \"core/log/log.h\"\n");
	expect_fault("layers", "core/log/edge.c",
	    "#include \"cgi/request.h\"\n");
	expect_fault("layers", "tests/core/base/test_x.c",
	    "#include \"core/log/log.h\"\n");
}

static void
cgi_and_cli_do_not_stand_on_each_other(void)
{

	expect_fault("layers", "cgi/x.c", "#include \"cli/command.h\"\n");
	expect_fault("layers", "cli/x.c", "#include \"cgi/request.h\"\n");
	expect_fault("layers", "cgi/x.c",
	    "#include \"tests/harness/suite.h\"\n");
}

static void
a_folders_inside_is_its_own(void)
{

	expect_fault("layers", "core/vault/x.c",
	    "#include \"core/log/log_internal.h\"\n");
	expect_none("layers", "core/log/x.c",
	    "#include \"core/log/log_internal.h\"\n");
}

static void
a_room_that_is_not_in_the_order_is_found(void)
{

	expect_fault("layers", "core/log/x.c",
	    "#include \"core/cellar/wine.h\"\n");
}

static void
the_bytes_of_a_secbuf_are_for_listed_files(void)
{

	expect_fault("includes", "cgi/x.c",
	    "#include \"core/base/secbuf_bytes.h\"\n");
	expect_fault("includes", "core/vault/x.c",
	    "#  include \"core/base/secbuf_bytes.h\"\n");
}

static void
libraries_are_for_listed_files(void)
{

	expect_fault("includes", "cgi/x.c", "#include <mysql.h>\n");
	expect_fault("includes", "core/vault/x.c",
	    "#include <nettle/aes.h>\n");
	expect_fault("includes", "cli/x.c", "#include <fcgiapp.h>\n");
	expect_fault("includes", "cgi/view.c", "#include <libxslt/xslt.h>\n");
}

static void
a_raw_write_is_found(void)
{

	expect_fault("outlets", "core/vault/x.c",
	    "void\nf(void)\n{\n\tprintf(\"hello\");\n}\n");
	expect_fault("outlets", "cgi/x.c", "\tif (write(1, p, n) < 0)\n");
	expect_fault("outlets", "cli/x.c", "\t(void)fputs(text, stdout);\n");
	expect_fault("outlets", "core/log/x.c", "\tdprintf(2, \"x\");\n");
	expect_fault("outlets", "cgi/x.c", "\tFCGX_PutStr(s, n, out);\n");
	expect_none("outlets", "core/log/x.c",
	    "\tsnprintf(b, n, \"x\");\n\tsink->write(s, 1);\n");
}

static void
what_leaves_in_the_clear_is_made_and_opened_in_listed_files(void)
{

	expect_fault("outlets", "core/vault/secret_show.c",
	    "\terr = disclose(&receipt, &value, &d);\n");
	expect_none("outlets", "core/access/session.c",
	    "\terr = disclose(&receipt, &value, &d);\n");
	expect_fault("outlets", "cgi/view.c", "\tv = disclosed_value(d);\n");
	expect_fault("outlets", "core/log/x.c",
	    "struct redacted {\n\tint n;\n};\n");
}

static void
a_constant_must_be_one(void)
{

	expect_fault("constants", "core/log/x.c",
	    "\tcompose_constant(c, request->path);\n");
	expect_fault("constants", "cgi/x.c",
	    "\tLOG(FAILURE, log_const(\"path\", path));\n");
	expect_fault("constants", "cgi/x.c",
	    "\tcompose_constant(c, ok ? \"fine\" : input);\n");
	expect_none("constants", "cgi/x.c",
	    "\tcompose_constant(c, ok ? \"fine, really\" :\n"
	    "\t    sr_error_row(err)->title);\n"
	    "\tLOG(A, log_const(\"where\", __func__));\n");
}

static void
templates_cannot_leave_the_escaping(void)
{

	expect_fault("templates", "templates/x.xsl",
	    "<xsl:value-of select=\"a\" disable-output-escaping=\"yes\"/>\n");
	expect_fault("templates", "templates/x.xsl",
	    "<script src=\"/a.js\">\n<xsl:value-of select=\"a\"/>\n"
	    "</script>\n");
	expect_fault("templates", "templates/x.xsl",
	    "<a onclick=\"{x}\">y</a>\n");
	expect_fault("templates", "templates/x.xsl",
	    "<xsl:copy-of select=\"document('/etc/passwd')\"/>\n");
	expect_none("templates", "templates/x.xsl",
	    "<p id=\"a\"><xsl:value-of select=\"a\"/></p>\n");
}

static void
long_lines_functions_and_files_are_found(void)
{
	char * lines = text_format("%s", "int\nlong_one(void)\n{\n"), * more;
	unsigned i;

	expect_fault("size", "core/log/x.c", "/* 01234567890123456789"
	    "012345678901234567890123456789012345678901234567890123456 */\n");
	for (i = 0; i < 61; i++) {
		more = text_format("%s\tx++;\n", lines);
		free(lines);
		lines = more;
	}
	more = text_format("%s}\n", lines);
	expect_fault("size", "core/log/x.c", more);
	free(more);
	free(lines);
}

static void
what_is_left_for_later_is_found(void)
{

	expect_fault("words", "core/log/x.c", "/* TO" "DO: later */\n");
}

static void
a_package_that_a_build_needs_is_in_both_lists(void)
{
	static const char both[] = "Source: x\nBuild-Depends: a (= 13),\n"
	    " b-dev, debhelper-compat (= 13)\nRules-Requires-Root: no\n";

	plant("scripts/packages", "# Lists.\nbuild\tgcc a\nbuild\tb-dev\n"
	    "test\tc\n");
	expect_none("packages", "debian/control", both);
	expect_fault("packages", "debian/control",
	    "Source: x\nBuild-Depends: a\nDepends: b-dev\n");
	/* Without the control file there is nothing to hold it against. */
	expect_none("packages", "scripts/packages", "build\ta\n");
}

static void
the_tree_is_clean(void)
{
	char * out;
	int rc;

	out = lint(".", "layers includes outlets constants templates size "
	    "words packages", &rc);
	if (rc != 0)
		suite_note("%s", out);
	CU_ASSERT_EQUAL(rc, 0);
	free(out);
}

static const struct suite_test tests[] = {
	TEST(an_include_of_a_room_above_is_found),
	TEST(cgi_and_cli_do_not_stand_on_each_other),
	TEST(a_folders_inside_is_its_own),
	TEST(a_room_that_is_not_in_the_order_is_found),
	TEST(the_bytes_of_a_secbuf_are_for_listed_files),
	TEST(libraries_are_for_listed_files),
	TEST(a_raw_write_is_found),
	TEST(what_leaves_in_the_clear_is_made_and_opened_in_listed_files),
	TEST(a_constant_must_be_one),
	TEST(templates_cannot_leave_the_escaping),
	TEST(long_lines_functions_and_files_are_found),
	TEST(what_is_left_for_later_is_found),
	TEST(a_package_that_a_build_needs_is_in_both_lists),
	TEST(the_tree_is_clean),
};

SUITE_MAIN("lint", tests, setup, teardown)
