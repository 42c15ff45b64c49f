/*
 * Goal: deploy/snippets makes no configuration out of what one of the web
 * servers would take for more than it is.
 */

#include <string.h>
#include <unistd.h>

#include "tests/harness/files.h"
#include "tests/harness/process.h"
#include "tests/harness/suite.h"

#define OPTIONS_MAX	10

static char folder[128];

static int
open_folder(void)
{

	return (temp_folder("sr-snippets", folder, sizeof(folder)));
}

static int
clean(void)
{

	remove_tree(folder);
	return (0);
}

static int
snippets(const char * const * options, char ** err)
{
	char * out = text_format("%s/site", folder);
	const char * argv[OPTIONS_MAX + 3] = { "deploy/snippets" };
	size_t n;
	int rc;

	for (n = 0; options[n] != NULL; n++) {
		must(n < OPTIONS_MAX);
		argv[n + 1] = options[n];
	}
	argv[n + 1] = out;
	rc = process_run(argv, NULL, NULL, err);
	free(out);
	return (rc);
}

static void
what_is_no_path_or_name_is_refused(void)
{
	static const char * const rows[][OPTIONS_MAX] = {
		{ "--prefix", "strongroom" }, { "--prefix", "/a b" },
		{ "--prefix", "/a\"; }" }, { "--socket", "w.sock" },
		{ "--socket", "/a\"b" }, { "--spool", "/a;b" },
		{ "--templates", "/a$b" }, { "--errors", "/a\nb" },
		{ "--access-log", "/a|b" }, { "--host", "a.test; }" },
		{ "--host", "a.test:443" }, { "--host", "" },
		{ "--host", "-a" }, { "--prefix", "/a\n/b" },
		{ "--host", "a.test\nb", "--certificate", "/c", "--key", "/k" },
		{ "--ports", "443:80\n1:2" }, { "--address", "1.2.3.4\n" },
		{ "--address", "::1" }, { "--address", "1.2.3.4; }" },
		{ "--ports", "443" }, { "--ports", "443:80;" },
		{ "--certificate", "c.pem" }, { "--key", "/k\"" },
		{ "--host", "a.test" }, { "--nothing", "x" },
		{ "--host", "a.test", "--certificate", "/c.pem" },
	};
	char * err, * made = text_format("%s/site", folder);

	for (size_t i = 0; i < COUNTOF(rows); i++) {
		err = NULL;
		if (snippets(rows[i], &err) != 64)
			suite_note("%s %s was taken", rows[i][0], rows[i][1]);
		CU_ASSERT_EQUAL(snippets(rows[i], NULL), 64);
		CU_ASSERT_EQUAL(strncmp(err, "snippets: ", 10), 0);
		CU_ASSERT_EQUAL(access(made, F_OK), -1);
		free(err);
	}
	free(made);
}

/* Of a made file; whether it has a text. */
static bool
has(const char * name, const char * text)
{
	char * path = text_format("%s/site/%s", folder, name);
	char * all = file_read(path, NULL);
	bool good = all != NULL && strstr(all, text) != NULL;

	if (!good)
		suite_note("%s: no %s in %s", name, text, all);
	free(all);
	free(path);
	return (good);
}

static void
a_site_with_tls_listens_everywhere_or_where_it_is_told(void)
{
	char * tls = text_format("%s/site/nginx-tls.conf", folder);

	CU_ASSERT_EQUAL(snippets((const char * const[]){ NULL }, NULL), 0);
	CU_ASSERT_EQUAL(access(tls, F_OK), -1);
	CU_ASSERT_EQUAL(snippets((const char * const[]){ "--host", "a.test",
	    "--certificate", "/c.pem", "--key", "/k.pem", NULL }, NULL), 0);
	CU_ASSERT(has("lighttpd-tls.conf", "== \"[::]:443\" {"));
	CU_ASSERT(has("apache-tls.conf", "<VirtualHost *:443>"));
	CU_ASSERT(has("apache-tls.conf", "Redirect 308 \"/\" "
	    "\"https://a.test/\""));
	CU_ASSERT(has("nginx-tls.conf", "listen [::]:443 ssl;"));
	CU_ASSERT_EQUAL(snippets((const char * const[]){ "--host", "a.test",
	    "--certificate", "/c.pem", "--key", "/k.pem", "--address",
	    "192.0.2.1", NULL }, NULL), 0);
	CU_ASSERT(has("lighttpd-tls.conf", "== \"192.0.2.1:443\" {"));
	CU_ASSERT(has("apache-tls.conf", "<VirtualHost 192.0.2.1:80>"));
	CU_ASSERT(has("nginx-tls.conf", "listen 192.0.2.1:443 ssl;"));
	free(tls);
}

static const struct suite_test tests[] = {
	TEST(what_is_no_path_or_name_is_refused),
	TEST(a_site_with_tls_listens_everywhere_or_where_it_is_told),
};

SUITE_MAIN("deploy/snippets", tests, open_folder, clean)
