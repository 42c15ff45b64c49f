/*
 * The audit's export beside mariadb-dump --xml --hex-blob of the same table,
 * and the check of the file: rows per second, and the memory it takes. Lines
 * `name value unit`. Rows are made by SQL with random MACs; their leaves and
 * the checkpoints over them are real. STRONGROOM_BENCH_ROWS sets how many
 * (1000000), STRONGROOM_BENCH_SECRETS how many secrets the gate knows (1000).
 */
#include <sys/resource.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <unistd.h>

#include "core/audit/export.h"
#include "core/audit/export_verify.h"
#include "core/base/secbuf.h"
#include "core/redact/redact.h"
#include "core/redact/variant.h"
#include "core/store/keystore.h"
#include "tests/bench/text.h"
#include "tests/core/audit/fixture.h"
#include "tests/harness/files.h"

static void
need(bool ok, const char * what)
{

	if (ok)
		return;
	(void)fprintf(stderr, "bench_export: %s failed\n", what);
	exit(1);
}

static unsigned long
setting(const char * name, unsigned long otherwise)
{
	const char * text = getenv(name);

	return (text == NULL ? otherwise : strtoul(text, NULL, 10));
}

static double
now(void)
{

	return (bench_now(CLOCK_MONOTONIC));
}

/* The id of row ${seq}. */
#define ROW_ID								\
    "INSERT(INSERT(CONCAT('019a0cc2', LPAD(HEX(seq), 8, '0'),"		\
    " SUBSTR(SHA1(seq), 1, 16)), 13, 1, '7'), 17, 1, '8')"
/* Rows of one statement: a statement has two minutes. */
#define BATCH	100000UL

/* A worker's or an operator's day: some accounts, 2,000 secrets. */
static void
fill_batch(unsigned long first, unsigned long last)
{
	char * from = text_format(" FROM seq_%lu_to_%lu;", first, last);
	char * text, * done;

	text = text_format("%s%s%s%s", "SET SESSION unique_checks = 0;"
	    "INSERT INTO audit_event SELECT " ROW_ID ","
	    " INSERT(MD5(seq % 2000), 13, 1, '7'), 1 + seq DIV 2000,"
	    " FROM_UNIXTIME(1764000000 + seq * 0.37), "
	    " IF(seq % 3 = 0, 'account', 'api_key'), MD5(seq % 40),"
	    " CONCAT('person.', seq % 40, '@example.org'),"
	    " ELT(1 + seq % 5, 'CREATE', 'ROTATE', 'RESOLVE', 'RESOLVE',"
	    " 'REVOKE'), 'secret', INSERT(MD5(seq % 2000), 13, 1, '7'),"
	    " 'instance', CONCAT('providers/service_', seq % 2000),"
	    " 1 + seq % 7, IF(seq % 50 = 0, 'failed', 'succeeded'),"
	    " IF(seq % 50 = 0, 'secret_persistence_failed', NULL), MD5(seq),"
	    " UNHEX(SHA2(seq - 1, 256)), UNHEX(SHA2(seq, 256))",
	    from, "INSERT INTO audit_pending SELECT " ROW_ID, from);
	done = mariadb_sql(m, text);
	need(done != NULL, "rows");
	free(done);
	free(text);
	free(from);
}

/* Sealed as they come, as the workers do. */
static void
fill(unsigned long rows)
{
	unsigned long first, last;
	uint64_t sealed;
	bool more;

	for (first = 1; first <= rows; first = last + 1) {
		last = rows - first < BATCH ? rows : first + BATCH - 1;
		fill_batch(first, last);
		do
			need(checkpoint_seal(&store, &sealed, &more) == SR_OK,
			    "seal");
		while (more);
	}
	free(mariadb_sql(m, "ANALYZE TABLE audit_event, audit_leaf"));
}

static void
know(unsigned long secrets)
{
	struct redact_forms forms;
	struct secbuf * key, * value;
	struct sr_id id;
	char text[64];

	need(redact_new(&store.redact) == SR_OK &&
	    secbuf_random(32, &key) == SR_OK &&
	    redact_unlock(store.redact, key) == SR_OK, "redactor");
	for (; secrets > 0; secrets--) {
		(void)snprintf(text, sizeof(text), "%08x%08x%08x%08x",
		    bench_next(), bench_next(), bench_next(), bench_next());
		need(sr_id_new(&id) == SR_OK &&
		    secbuf_copy(text, 32, &value) == SR_OK &&
		    redact_forms_of(key, value, &forms) == SR_OK &&
		    redact_known_put(store.redact, &id, 1, "secret", forms.v,
		    forms.n) == SR_OK, "secret");
		redact_forms_free(&forms);
		secbuf_free(&value);
	}
	redact_mark(store.redact, REDACT_READY);
	secbuf_free(&key);
}

static enum sr_error
put(const struct redacted * piece, void * cookie)
{

	return (redacted_write(*(int *)cookie, piece));
}

static double
export_once(const char * path, const struct audit_filter * f)
{
	struct audit_export x = { .filter = *f };
	struct audit_export_counts n;
	double start = now();
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	need(fd >= 0 && audit_export_head(db, 0, &x.head) == SR_OK &&
	    audit_export(&store, &x, put, &fd, &n) == SR_OK, "export");
	(void)close(fd);
	return (now() - start);
}

static double
dump_once(const char * path)
{
	char * command = text_format("mariadb-dump --no-defaults -u%s -S %s "
	    "--xml --hex-blob --single-transaction strongroom audit_event "
	    ">%s", mariadb_admin(m), mariadb_socket(m), path);
	double start = now();

	need(process_run((const char * const[]){ "sh", "-c", command, NULL },
	    &(struct process_options){ .seconds = 600 }, NULL, NULL) == 0,
	    "mariadb-dump");
	free(command);
	return (now() - start);
}

static enum sr_error
nothing(const struct audit_finding * f, void * cookie)
{

	(void)f;
	(void)cookie;
	return (SR_E_INTERNAL_ERROR);
}

static double
verify_once(const char * path)
{
	struct export_question q = { .heads = -1 };
	const struct keyset * set = keystore_hold(store.keys);
	struct export_answer a;
	double start = now();

	need(set != NULL, "keys");
	sign_public(keyset_sign_key(set), q.public_key);
	keyset_release(&set);
	q.fd = open(path, O_RDONLY | O_CLOEXEC);
	need(q.fd >= 0 && audit_export_verify(&q, nothing, NULL, &a) == SR_OK,
	    "verify");
	(void)close(q.fd);
	return (now() - start);
}

static long
peak_kb(void)
{
	struct rusage u;

	(void)getrusage(RUSAGE_SELF, &u);
	return (u.ru_maxrss);
}

static void
megabytes(const char * name, const char * path)
{
	struct stat st;

	if (stat(path, &st) == 0)
		(void)printf("%s %.0f MB\n", name, (double)st.st_size / 1e6);
}

static void
run(unsigned long rows, const char * dir)
{
	const struct audit_filter all = { .from = SR_TIME_NONE,
	    .to = SR_TIME_NONE };
	struct audit_filter one = all;
	char * ours = text_format("%s/export.xml", dir);
	char * theirs = text_format("%s/dump.xml", dir);
	double a = 1e9, b = 1e9, took;
	long before = peak_kb();
	int i;

	for (i = 0; i < 3; i++) {
		took = dump_once(theirs);
		b = took < b ? took : b;
		took = export_once(ours, &all);
		a = took < a ? took : a;
	}
	(void)printf("export_%lu_rows %.0f rows/s\n", rows, (double)rows / a);
	(void)printf("mariadb_dump_xml_hex_blob %.0f rows/s\n",
	    (double)rows / b);
	(void)printf("export_of_dump %.2f\n", b / a);
	(void)printf("verify_file %.0f rows/s\n",
	    (double)rows / verify_once(ours));
	(void)printf("export_memory_peak %ld kB, %ld kB before\n", peak_kb(),
	    before);
	megabytes("export_size", ours);
	megabytes("dump_size", theirs);
	(void)snprintf(one.name, sizeof(one.name), "providers/service_7");
	took = export_once(ours, &one);
	(void)printf("export_of_one_secret %.2f s\n", took);
	megabytes("export_of_one_secret_size", ours);
	free(ours);
	free(theirs);
}

int
main(void)
{
	unsigned long rows = setting("STRONGROOM_BENCH_ROWS", 1000000);
	char dir[80];
	double start;

	log_set_level(LOG_ERR);
	need(audit_start() == 0, "database");
	/* Rows whose MAC is made up are an alert each. */
	log_open(NULL, open("/dev/null", O_WRONLY | O_CLOEXEC));
	free(mariadb_sql(m, "SET GLOBAL innodb_buffer_pool_size = 1073741824"));
	need(temp_folder("sr-bench", dir, sizeof(dir)) == 0, "folder");
	start = now();
	fill(rows);
	(void)printf("fill_and_seal %.1f s\n", now() - start);
	know(setting("STRONGROOM_BENCH_SECRETS", 1000));
	run(rows, dir);
	remove_tree(dir);
	redact_free(&store.redact);
	(void)audit_stop();
	return (0);
}
