/*
 * Goal: an export of many rows takes no more memory than one of few, and one
 * that fails on its way does not look like a whole file.
 */

#include "tests/e2e/export.h"
#include "tests/harness/mariadb.h"

#define END	"</audit-export>\n"
/* More than all buffers on the way hold; sanitizers are slow. */
#ifdef SR_SANITIZED
#define MANY	30000
#else
#define MANY	100000
#endif
/* What the worker may need more for a large export than it had before. */
#define GROWTH_KIB	(32L * 1024)

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
	char * where, * web, * last = text_format("name=\"many/%d\"", MANY);
	long before, after;

	add_rows();
	/* The worker seals too: until all of it is in. */
	where = newest(owner, "");
	while (strtol(strstr(where, "size=") + 5, NULL, 10) < MANY) {
		free(where);
		where = newest(owner, "");
	}
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
	CU_ASSERT_PTR_NOT_NULL(strstr(web, last));
#ifndef SR_SANITIZED
	CU_ASSERT(after - before < GROWTH_KIB);
#endif
	free(last);
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
	TEST(a_large_export_takes_no_more_memory),
	TEST(a_database_that_dies_on_the_way_leaves_no_whole_file),
	TEST(readers_who_go_away_leave_nothing_behind),
};

SUITE_MAIN("e2e/export_large", tests, start, stop)
