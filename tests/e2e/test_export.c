/*
 * Goal: an auditor gets the audit as a file through the web server, by session
 * and by key; the tools that others have (xmllint, minisign) and our own check
 * accept it, and refuse what was changed. A transfer that fails does not look
 * like a whole file, and a large one takes no more memory than a small one.
 */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/harness/files.h"
#include "tests/harness/instance.h"
#include "tests/harness/mariadb.h"
#include "tests/harness/process.h"
#include "tests/harness/suite.h"
#include "tests/harness/walk.h"

#define PATH	"/settings/security/audit.xml"
#define END	"</audit-export>\n"
#define MANY	100000
/* What the worker may need more for a large export than it had before. */
#define GROWTH_KIB	(32L * 1024)

static struct instance * inst;
static struct http * owner;
static struct http * program;
static char * file, * sig, * pub;

static int
start(void)
{

	if ((inst = instance_start(NULL)) == NULL ||
	    (owner = walk_in(inst)) == NULL)
		return (-1);
	program = instance_client(inst);
	file = text_format("%s/audit.xml", suite_tmpdir());
	sig = text_format("%s/audit.xml.minisig", suite_tmpdir());
	pub = text_format("%s/strongroom.pub", suite_tmpdir());
	return (0);
}

static int
stop(void)
{

	http_free(&owner);
	http_free(&program);
	free(file);
	free(sig);
	free(pub);
	return (instance_stop(&inst) == 0 ? 0 : -1);
}

static void
have_key(void)
{
	char * out = NULL, * line;
	const char * key;

	CU_ASSERT_EQUAL_FATAL(instance_operator(inst, INSTANCE_ARGS("apikey",
	    "create", "--name", "e2e/auditor", "--scope", "audit:read",
	    "--json"), NULL, &out, NULL), 0);
	key = strstr(out, "\"key\":\"");
	CU_ASSERT_PTR_NOT_NULL_FATAL(key);
	line = text_format("Authorization: Bearer %.53s",
	    key + strlen("\"key\":\""));
	http_header(program, line);
	free(line);
	free(out);
	CU_ASSERT_EQUAL(instance_operator(inst, INSTANCE_ARGS("audit", "key"),
	    NULL, &out, NULL), 0);
	CU_ASSERT_EQUAL(file_write(pub, 0600, out), 0);
	free(out);
}

/* The path of the newest export, with its size. Caller frees. */
static char *
newest(struct http * h, const char * query)
{
	char * path = text_format(PATH "%s", query);
	struct http_reply * r = http_get(h, path);
	char * where = http_reply_header(r, "Location");

	CU_ASSERT_EQUAL(r->status, 303);
	CU_ASSERT_PTR_NOT_NULL_FATAL(where);
	free(path);
	http_reply_free(&r);
	return (where);
}

/* Download the file at ${path} and its signature, into ${file} and ${sig}. */
static void
download(struct http * h, const char * path)
{
	struct http_reply * r = http_get(h, path);
	const char * query = strchr(path, '?');
	char * to;

	CU_ASSERT_EQUAL(r->status, 200);
	CU_ASSERT_STRING_EQUAL(r->error, "");
	CU_ASSERT_EQUAL(file_write(file, 0600, r->body), 0);
	http_reply_free(&r);
	CU_ASSERT_PTR_NOT_NULL_FATAL(query);
	to = text_format(PATH ".minisig%s", query);
	r = http_get(h, to);
	CU_ASSERT_EQUAL(r->status, 200);
	CU_ASSERT_EQUAL(file_write(sig, 0600, r->body), 0);
	http_reply_free(&r);
	free(to);
}

static int
run(const char * const * argv)
{
	char * err = NULL;
	int rc = process_run(argv, NULL, NULL, &err);

	if (rc != 0)
		suite_note("%s: %d %.200s", argv[0], rc, err == NULL ? "" :
		    err);
	free(err);
	return (rc);
}

#define RUN(...)	run((const char * const[]){ __VA_ARGS__, NULL })

/* Our own check of ${file}; its words into ${out} unless NULL. */
static int
verify(char ** out)
{

	return (instance_operator(inst, INSTANCE_ARGS("audit", "verify", file,
	    "--pubkey", pub), NULL, out, NULL));
}

static void
everybody_accepts_it(void)
{

	CU_ASSERT_EQUAL(RUN("xmllint", "--noout", "--nonet", "--schema",
	    "schema/audit-export.xsd", file), 0);
	CU_ASSERT_EQUAL(RUN("minisign", "-V", "-m", file, "-p", pub), 0);
	CU_ASSERT_EQUAL(verify(NULL), 0);
}

static void
st_sec_010_ac2_an_export_over_http_is_proved_with_tools_of_others(void)
{
	struct http_reply * r;
	char * where, * name;
	size_t len;

	have_key();
	CU_ASSERT(walk_stored(owner, "instance", "export/one",
	    "value-number-one-77"));
	CU_ASSERT(walk_stored(owner, "instance", "export/one",
	    "value-number-two-77"));
	where = newest(owner, "");
	download(owner, where);
	everybody_accepts_it();
	r = http_request(owner, "HEAD", where, NULL, NULL, 0);
	CU_ASSERT_EQUAL(r->status, 200);
	name = http_reply_header(r, "Content-Disposition");
	CU_ASSERT_PTR_NOT_NULL_FATAL(name);
	CU_ASSERT_EQUAL(strncmp(name, "attachment; filename=\"strongroom-"
	    "audit-", 38), 0);
	CU_ASSERT_EQUAL(r->len, 0);
	free(name);
	free(where);
	http_reply_free(&r);
	name = file_read(file, &len);
	CU_ASSERT_PTR_NOT_NULL_FATAL(name);
	CU_ASSERT_PTR_NOT_NULL(strstr(name, "action=\"ROTATE\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(name, "name=\"export/one\""));
	CU_ASSERT_PTR_NULL(strstr(name, "value-number"));
	free(name);
}

static void
st_sec_010_ac1_a_program_with_a_key_exports_what_it_asks_for(void)
{
	char * where, * text, * out = NULL;
	struct http_reply * r;

	where = newest(program, "?action=CREATE&target=instance/export/one");
	download(program, where);
	everybody_accepts_it();
	text = file_read(file, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "action=\"CREATE\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, WALK_EMAIL));
	CU_ASSERT_PTR_NULL(strstr(text, "<EventIdentification id=\"\""));
	CU_ASSERT_PTR_NULL(strstr(text, "action=\"SIGN_IN\""));
	free(text);
	free(where);
	/* Who exported is in the next one. */
	where = newest(program, "?action=AUDIT_EXPORT");
	download(program, where);
	CU_ASSERT_EQUAL(verify(&out), 0);
	text = file_read(file, NULL);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "e2e/auditor"));
	free(text);
	free(out);
	free(where);
	r = http_get(program, PATH "?size=987654321");
	CU_ASSERT_EQUAL(r->status, 404);
	CU_ASSERT(http_has(r, "\"audit_checkpoint_not_found\""));
	http_reply_free(&r);
}

static void
st_sec_010_ac2_a_tampered_copy_of_a_download_is_refused(void)
{
	char * where = newest(owner, "");
	char * text, * at, * out = NULL;

	download(owner, where);
	everybody_accepts_it();
	text = file_read(file, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	at = strstr(text, "action=\"ROTATE\"");
	CU_ASSERT_PTR_NOT_NULL_FATAL(at);
	memcpy(at, "action=\"CREATE\"", 15);
	CU_ASSERT_EQUAL(file_write(file, 0600, text), 0);
	CU_ASSERT_NOT_EQUAL(process_run((const char * const[]){ "minisign",
	    "-V", "-m", file, "-p", pub, NULL }, NULL, NULL, NULL), 0);
	CU_ASSERT_EQUAL(verify(&out), 65);
	free(out);
	free(text);
	free(where);
}

static void
the_page_s_links_give_the_file_and_its_signature(void)
{
	struct http_reply * page = http_get(owner,
	    "/settings/security/audit?outcome=succeeded");
	char * xml = http_xpath(page,
	    "//a[@id='settings-security-audit-xml']/@href");
	char * minisig = http_xpath(page,
	    "//a[@id='settings-security-audit-signature']/@href");
	char * expected;

	CU_ASSERT_PTR_NOT_NULL_FATAL(strchr(xml, '?'));
	expected = text_format(PATH ".minisig%s", strchr(xml, '?'));
	CU_ASSERT_STRING_EQUAL(minisig, expected);
	download(owner, xml);
	everybody_accepts_it();
	free(expected);
	free(minisig);
	free(xml);
	http_reply_free(&page);
}

static long
peak_kib(void)
{
	char * path = text_format("/proc/%d/status",
	    (int)instance_worker(inst, 0));
	FILE * f = fopen(path, "r");
	char line[256];
	long kib = -1;

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "VmHWM: %ld", &kib) == 1)
			break;
	}
	fclose(f);
	free(path);
	return (kib);
}

/* Refusals: what may be without a MAC. */
static void
add_rows(void)
{
	char * sql = text_format("INSERT INTO audit_event (id, chain_id,"
	    " chain_seq, occurred_at, actor_kind, actor_label, action,"
	    " target_kind, scope, name, outcome, error_type, correlation_id)"
	    " SELECT UUID(), '0198c0de-0000-7000-8000-000000000001', seq,"
	    " UTC_TIMESTAMP(6), 'operator', 'root', 'CREATE', 'secret',"
	    " 'instance', CONCAT('many/', seq), 'failed',"
	    " 'secret_value_invalid', UUID() FROM seq_1_to_%d;"
	    " INSERT INTO audit_pending SELECT id FROM audit_event WHERE"
	    " chain_id = '0198c0de-0000-7000-8000-000000000001'", MANY);
	char * out = mariadb_sql(instance_database(inst), sql);

	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	free(out);
	free(sql);
}

static void
a_large_export_takes_no_more_memory(void)
{
	struct http_reply * r;
	char * where, * web;
	long before, after;

	add_rows();
	/* The worker seals too: until all of it is in. */
	do {
		where = newest(owner, "");
	} while (strtol(strstr(where, "size=") + 5, NULL, 10) < MANY &&
	    (free(where), true));
	before = peak_kib();
	download(owner, where);
	after = peak_kib();
	r = http_get(owner, "/healthz");
	CU_ASSERT_EQUAL(r->status, 200);
	http_reply_free(&r);
	web = file_read(file, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(web);
	suite_note("%d rows, %zu bytes; the worker's peak: %ld KiB before,"
	    " %ld KiB after", MANY, strlen(web), before, after);
	CU_ASSERT_PTR_NOT_NULL(strstr(web, "name=\"many/100000\""));
#ifndef SR_SANITIZED
	CU_ASSERT(after - before < GROWTH_KIB);
#endif
	free(web);
	everybody_accepts_it();
	free(where);
}

static bool
kill_database(size_t before, void * cookie)
{
	bool * done = cookie;

	if (before > 0 && !*done) {
		*done = true;
		mariadb_kill9(instance_database(inst));
	}
	return (true);
}

/* Wait until the workers' log holds ${text}. */
static bool
is_logged(const char * text)
{
	bool seen = false;
	char * log;
	unsigned i;

	for (i = 0; i < 1500 && !seen; i++) {
		log = instance_log(inst);
		seen = strstr(log, text) != NULL;
		free(log);
		if (!seen)
			sleep_ms(20);
	}
	return (seen);
}

static void
a_database_that_dies_on_the_way_leaves_no_whole_file(void)
{
	char * where = newest(owner, "");
	bool done = false;
	struct http_reply * r;

	http_watch(owner, kill_database, &done);
	r = http_get(owner, where);
	http_watch(owner, NULL, NULL);
	CU_ASSERT_TRUE(done);
	CU_ASSERT_EQUAL(r->status, 200);
	/* The client knows it, and the file shows it. */
	suite_note("%zu bytes, then: %s", r->len, r->error);
	CU_ASSERT_STRING_NOT_EQUAL(r->error, "");
	CU_ASSERT_FALSE(http_has(r, END));
	CU_ASSERT(is_logged("\"event\":\"answer_broken_off\""));
	CU_ASSERT_EQUAL(file_write(file, 0600, r->body), 0);
	CU_ASSERT_NOT_EQUAL(process_run((const char * const[]){ "xmllint",
	    "--noout", "--nonet", file, NULL }, NULL, NULL, NULL), 0);
	CU_ASSERT_EQUAL(verify(NULL), 65);
	http_reply_free(&r);
	CU_ASSERT_EQUAL_FATAL(mariadb_restart(instance_database(inst)), 0);
	download(owner, where);
	everybody_accepts_it();
	free(where);
}

static bool
go_away(size_t before, void * cookie)
{

	(void)cookie;
	return (before == 0);
}

/* More readers than an export may have, who all go away: it goes on. */
static void
readers_who_go_away_leave_nothing_behind(void)
{
	char * where = newest(owner, "");
	struct http_reply * r;
	unsigned i;

	http_watch(program, go_away, NULL);
	for (i = 0; i < 20; i++) {
		r = http_get(program, where);
		/* Those before may not be noticed yet. */
		CU_ASSERT(r->status == 200 || r->status == 503);
		http_reply_free(&r);
	}
	http_watch(program, NULL, NULL);
	CU_ASSERT(is_logged("\"error\":\"output_failed\",\"route\":\"" PATH));
	for (i = 0; i < 1500; i++) {
		r = http_request(program, "HEAD", where, NULL, NULL, 0);
		if (r->status == 200)
			break;
		http_reply_free(&r);
		sleep_ms(20);
	}
	CU_ASSERT_EQUAL(r->status, 200);
	http_reply_free(&r);
	free(where);
}

static const struct suite_test tests[] = {
	TEST(st_sec_010_ac2_an_export_over_http_is_proved_with_tools_of_others),
	TEST(st_sec_010_ac1_a_program_with_a_key_exports_what_it_asks_for),
	TEST(st_sec_010_ac2_a_tampered_copy_of_a_download_is_refused),
	TEST(the_page_s_links_give_the_file_and_its_signature),
	TEST(a_large_export_takes_no_more_memory),
	TEST(a_database_that_dies_on_the_way_leaves_no_whole_file),
	TEST(readers_who_go_away_leave_nothing_behind),
};

SUITE_MAIN("e2e/export", tests, start, stop)
