/* The sealer's thread on a worker in this process: it starts, seals, and ends
 * at once whatever state the database is in. */

#include "tests/cgi/visit.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "cgi/sealer.h"
#include "core/base/config.h"
#include "core/log/log.h"
#include "tests/harness/files.h"

static struct config * config;
static struct config * visits_own;
static char log_path[300];
static int log_fd = -1;

static int
start(void)
{
	char path[300], complaint[300] = "";
	char * text;
	int rc;

	if (visit_open() != 0)
		return (-1);
	(void)snprintf(path, sizeof(path), "%s/password", suite_tmpdir());
	if (file_write(path, 0600,
	    mariadb_worker_password(visit_house.m)) != 0)
		return (-1);
	text = text_format("[database]\nsocket = %s\npassword_file = %s\n"
	    "timeout_seconds = 2\n", mariadb_socket(visit_house.m), path);
	(void)snprintf(path, sizeof(path), "%s/conf", suite_tmpdir());
	rc = file_write(path, 0600, text);
	free(text);
	if (rc != 0 || config_load(path, complaint, sizeof(complaint),
	    &config) != SR_OK)
		return (-1);
	visits_own = visit_worker.config;
	visit_worker.config = config;
	visit_worker.seal_seconds = 1;
	(void)snprintf(log_path, sizeof(log_path), "%s/log", suite_tmpdir());
	log_fd = open(log_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC,
	    0600);
	log_open(visit_worker.redact, log_fd);
	return (log_fd == -1 ? -1 : 0);
}

static int
stop(void)
{

	log_open(NULL, STDERR_FILENO);
	(void)close(log_fd);
	visit_worker.config = visits_own;
	config_free(&config);
	return (visit_close());
}

static void
add_row(void)
{
	struct audit_entry e = { .occurred_at = clock_now(),
	    .actor = &visit_house.actor, .action = AUDIT_SIGN_IN,
	    .outcome = AUDIT_BLOCKED, .error = SR_E_SECRET_NAME_INVALID };

	ASSERT_ERR_FATAL(audit_refusal(&visit_house.store, &e), SR_OK);
}

static bool
comes_to(const char * sql, const char * expected)
{
	const struct timespec pause = { 0, 10000000 };
	bool same = false;
	unsigned i;

	for (i = 0; i < 3000 && !same; i++) {
		char * out = mariadb_sql(visit_house.m, sql);

		if (out != NULL)
			out[strcspn(out, "\n")] = '\0';
		same = out != NULL && strcmp(out, expected) == 0;
		free(out);
		if (!same)
			(void)nanosleep(&pause, NULL);
	}
	return (same);
}

/* How often ${text} is in the log by now. */
static unsigned
in_log(const char * text)
{
	char * log = file_read(log_path, NULL), * p = log;
	unsigned n = 0;

	while (p != NULL && (p = strstr(p, text)) != NULL) {
		p++;
		n++;
	}
	free(log);
	return (n);
}

static bool
comes_to_log(const char * text)
{
	const struct timespec pause = { 0, 10000000 };
	unsigned i;

	for (i = 0; i < 3000 && in_log(text) == 0; i++)
		(void)nanosleep(&pause, NULL);
	return (in_log(text) > 0);
}

static struct sealer *
started(void)
{
	struct sealer * s = NULL;

	ASSERT_ERR_FATAL(sealer_start(&visit_worker, &s), SR_OK);
	return (s);
}

static void
it_seals_without_any_request(void)
{
	struct sealer * s;

	add_row();
	s = started();
	CU_ASSERT(comes_to("SELECT COUNT(*) FROM audit_pending", "0"));
	CU_ASSERT(comes_to("SELECT COUNT(*) FROM audit_checkpoint", "1"));
	add_row();
	CU_ASSERT(comes_to("SELECT COUNT(*) FROM audit_checkpoint", "2"));
	sealer_stop(&s);
	CU_ASSERT_PTR_NULL(s);
	sealer_stop(&s);
	CU_ASSERT_EQUAL(in_log("\"audit_checkpoint\""), 2);
	CU_ASSERT_EQUAL(in_log("\"sealer_waits\""), 0);
}

static void
the_end_seals_what_waits(void)
{
	struct sealer * s;
	unsigned i;

	for (i = 0; i < 20; i++) {
		/* Somebody else has the next turn, in an hour. */
		CU_ASSERT(house_do(&visit_house, "UPDATE chore SET due_at ="
		    " UTC_TIMESTAMP(6) + INTERVAL 1 HOUR WHERE name ="
		    " 'seal'"));
		s = started();
		add_row();
		sealer_stop(&s);
		CU_ASSERT(comes_to("SELECT COUNT(*) FROM audit_pending",
		    "0"));
	}
	CU_ASSERT(house_do(&visit_house, "UPDATE chore SET due_at ="
	    " '2000-01-01'"));
}

static void
rows_without_a_place_are_swept_up(void)
{
	struct sealer * s;

	CU_ASSERT(house_do(&visit_house, "UPDATE chore SET due_at ="
	    " '2000-01-01'"));
	add_row();
	CU_ASSERT(house_do(&visit_house, "DELETE FROM audit_pending"));
	s = started();
	CU_ASSERT(comes_to("SELECT (SELECT COUNT(*) FROM audit_leaf) ="
	    " (SELECT COUNT(*) FROM audit_event)", "1"));
	sealer_stop(&s);
	CU_ASSERT_EQUAL(in_log("\"audit_row_unplaced\""), 1);
}

static void
a_lost_database_is_one_line_and_is_come_back_to(void)
{
	struct sealer * s = started();
	unsigned before;

	mariadb_kill9(visit_house.m);
	CU_ASSERT(comes_to_log("\"sealer_waits\""));
	CU_ASSERT_EQUAL_FATAL(mariadb_restart(visit_house.m), 0);
	add_row();
	CU_ASSERT(comes_to("SELECT COUNT(*) FROM audit_pending", "0"));
	CU_ASSERT(comes_to_log("\"sealer_works\""));
	sealer_stop(&s);
	CU_ASSERT_EQUAL(in_log("\"sealer_waits\""), 1);
	CU_ASSERT_EQUAL(in_log("\"sealer_works\""), 1);
	/* Ended while the database is away, it ends. */
	before = in_log("\"database_lost\"");
	mariadb_kill9(visit_house.m);
	s = started();
	while (in_log("\"database_lost\"") == before)
		continue;
	sealer_stop(&s);
	CU_ASSERT_EQUAL_FATAL(mariadb_restart(visit_house.m), 0);
}

/* A server that accepts and does not answer. */
static void
a_stalled_database_does_not_keep_it_from_ending(void)
{
	struct sealer * s = started();

	mariadb_pause(visit_house.m);
	sealer_stop(&s);
	mariadb_continue(visit_house.m);
	add_row();
	s = started();
	CU_ASSERT(comes_to("SELECT COUNT(*) FROM audit_pending", "0"));
	sealer_stop(&s);
}

static void
a_schema_that_does_not_fit_is_waited_for(void)
{
	struct sealer * s;
	unsigned before = in_log("\"sealer_waits\"");

	atomic_store(&visit_worker.schema_good, false);
	CU_ASSERT(house_do(&visit_house, "RENAME TABLE audit_leaf TO gone"));
	s = started();
	CU_ASSERT(comes_to_log("\"sealer_waits\",\"error\":"
	    "\"schema_mismatch\""));
	CU_ASSERT(house_do(&visit_house, "RENAME TABLE gone TO audit_leaf"));
	add_row();
	CU_ASSERT(comes_to("SELECT COUNT(*) FROM audit_pending", "0"));
	sealer_stop(&s);
	CU_ASSERT_EQUAL(in_log("\"sealer_waits\""), before + 1);
}

static const struct suite_test tests[] = {
	TEST(it_seals_without_any_request),
	TEST(the_end_seals_what_waits),
	TEST(rows_without_a_place_are_swept_up),
	TEST(a_lost_database_is_one_line_and_is_come_back_to),
	TEST(a_stalled_database_does_not_keep_it_from_ending),
	TEST(a_schema_that_does_not_fit_is_waited_for),
};
SUITE_MAIN("cgi/sealer", tests, start, stop)
