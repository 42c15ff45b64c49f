/*
 * Goal: of 200 random secrets that were stored through the pages, none is in
 * the database's dump, in any log, in any page or in the folder for uploads, in
 * any form in which it could be there. ST-SEC-001.
 */

#include <fts.h>
#include <string.h>

#include "tests/harness/files.h"
#include "tests/harness/instance.h"
#include "tests/harness/mariadb.h"
#include "tests/harness/needles.h"
#include "tests/harness/suite.h"
#include "tests/harness/walk.h"

#define SECRETS		200

static struct instance * inst;
static struct http * owner;
static struct needles * needles;

static int
start(void)
{

	if ((inst = instance_start(NULL)) == NULL)
		return (-1);
	needles = needles_new();
	return ((owner = walk_in(inst)) == NULL ? -1 : 0);
}

static int
stop(void)
{

	needles_free(&needles);
	http_free(&owner);
	return (instance_stop(&inst) == 0 ? 0 : -1);
}

/* 8 to 4096 bytes; short ones are as likely as long ones. */
static size_t
some_length(unsigned i)
{

	return (i % 4 == 0 ? 8 + i % 24 : i % 4 == 1 ? 32 + i % 32 :
	    i % 4 == 2 ? 64 + i * 2 : 1024 + i * 15);
}

static bool
clean(const char * where, const char * text, size_t len)
{
	const char * form = NULL;
	size_t n = needles_in(needles, text, len, &form);

	if (n != 0)
		suite_note("%zu secrets are in %s, one as %s", n, where, form);
	return (n == 0);
}

static void
the_search_finds_each_form_of_a_planted_secret(void)
{
	static const char value[] = "a\"b'c&d<e-8f/9g?";
	static const char * const planted[] = {
		"x=a\"b'c&d<e-8f/9g?;",
		"(YSJiJ2MmZDxlLThmLzlnP3p6)",
		"(I2EiYidjJmQ8ZS04Zi85Zz96eg==)",
		"(IyNhImInYyZkPGUtOGYvOWc_eno=)",
		"612262276326643c652d38662f39673f",
		"612262276326643C652D38662F39673F",
		"?v=a%22b%27c%26d%3Ce-8f%2F9g%3F&w",
		"?v=a%22b%27c%26d%3ce-8f%2f9g%3f&w",
		"'a\\\"b\\'c&d<e-8f/9g?'",
		"\"a\\\"b'c&d<e-8f/9g?\"",
		"<p>a&quot;b'c&amp;d&lt;e-8f/9g?</p>",
	};
	static const char decoy[] = "a\"b'c&d<e-8f/9g! YSJiJ2MmZDxlLThm";
	struct needles * n = needles_new();

	needles_secret(n, value, strlen(value));
	for (size_t i = 0; i < COUNTOF(planted); i++)
		CU_ASSERT(needles_in(n, planted[i], strlen(planted[i]),
		    NULL) != 0);
	CU_ASSERT_EQUAL(needles_in(n, decoy, strlen(decoy), NULL), 0);
	needles_free(&n);
}

static void
two_hundred_secrets_are_stored(void)
{
	unsigned stored = 0;

	for (unsigned i = 0; i < SECRETS; i++) {
		char * value = random_secret(some_length(i));
		char * name = text_format("leaks/secret-%u", i);

		needles_secret(needles, value, strlen(value));
		stored += walk_stored(owner, i % 2 ? "instance" : "integration",
		    name, value);
		free(name);
		free(value);
	}
	CU_ASSERT_EQUAL(stored, SECRETS);
}

static void
st_sec_001_ac1_dump_holds_none_of_200_secrets(void)
{
	char * rows = mariadb_sql(instance_database(inst),
	    "SELECT count(*) FROM secret_version");
	char * dump = mariadb_dump(instance_database(inst));

	CU_ASSERT_PTR_NOT_NULL_FATAL(rows);
	CU_ASSERT_PTR_NOT_NULL_FATAL(dump);
	CU_ASSERT_EQUAL(atoi(rows), SECRETS);
	CU_ASSERT_PTR_NOT_NULL(strstr(dump, "leaks/secret-7"));
	CU_ASSERT(clean("the dump", dump, strlen(dump)));
	free(rows);
	free(dump);
}

static void
st_sec_004_ac1_logs_hold_none_of_200_secrets(void)
{
	char * worker = instance_log(inst);
	char * access = instance_access_log(inst);
	char * web = instance_web_log(inst);

	CU_ASSERT_PTR_NOT_NULL(strstr(worker, "secret_stored"));
	CU_ASSERT_PTR_NOT_NULL(strstr(access, "/settings/security"));
	CU_ASSERT(clean("the workers' log", worker, strlen(worker)));
	CU_ASSERT(clean("the access log", access, strlen(access)));
	CU_ASSERT(clean("the web server's log", web, strlen(web)));
	free(worker);
	free(access);
	free(web);
}

static void
access_logs_carry_no_query(void)
{
	struct http_reply * r = http_get(owner, "/setup?token=query-canary");
	char * access = instance_access_log(inst);

	CU_ASSERT_NOT_EQUAL(r->status, 0);
	CU_ASSERT_PTR_NULL(strstr(access, "query-canary"));
	CU_ASSERT_PTR_NULL(strstr(access, "token="));
	http_reply_free(&r);
	free(access);
}

/* Walks all pages of the table; returns how many. */
static unsigned
read_all_pages(void)
{
	char * path = text_format("/settings/security");
	unsigned pages = 0;

	while (path[0] != '\0' && pages < 20) {
		struct http_reply * r = http_get(owner, path);

		CU_ASSERT_EQUAL(r->status, 200);
		CU_ASSERT(clean(path, r->body, r->len));
		free(path);
		path = http_xpath(r,
		    "string(//*[@id='settings-security-secret-next']/@href)");
		http_reply_free(&r);
		pages++;
	}
	free(path);
	return (pages);
}

static void
st_sec_006_ac2_pages_hold_none_of_200_secrets(void)
{

	CU_ASSERT_EQUAL(read_all_pages(), SECRETS / 50);
}

static void
no_body_is_left_in_the_folder_for_uploads(void)
{
	char * spool = text_format("%s", instance_spool(inst));
	char * roots[] = { spool, NULL };
	FTS * fts = fts_open(roots, FTS_PHYSICAL, NULL);
	unsigned files = 0;
	FTSENT * e;

	CU_ASSERT_PTR_NOT_NULL_FATAL(fts);
	while ((e = fts_read(fts)) != NULL)
		files += e->fts_info == FTS_F;
	CU_ASSERT_EQUAL(files, 0);
	fts_close(fts);
	free(spool);
}

static const struct suite_test tests[] = {
	TEST(the_search_finds_each_form_of_a_planted_secret),
	TEST(two_hundred_secrets_are_stored),
	TEST(st_sec_001_ac1_dump_holds_none_of_200_secrets),
	TEST(st_sec_004_ac1_logs_hold_none_of_200_secrets),
	TEST(access_logs_carry_no_query),
	TEST(st_sec_006_ac2_pages_hold_none_of_200_secrets),
	TEST(no_body_is_left_in_the_folder_for_uploads),
};

SUITE_MAIN("e2e/leaks", tests, start, stop)
