/*
 * Goal: the README's command. scripts/run reaches Ready:, prints a set-up
 * link that works, ends all it started on SIGTERM, keeps the data for the next
 * start, runs beside a second one, and says what is wrong in one line.
 */

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "tests/harness/files.h"
#include "tests/harness/http.h"
#include "tests/harness/process.h"
#include "tests/harness/suite.h"
#include "tests/harness/walk.h"

#define READY_SECONDS	300
#define VALUE		"value-kept-over-a-restart-08d1"

/* One `scripts/run` and where it is. */
struct running {
	char folder[256];
	char * log;
	unsigned port;
	pid_t pid;
};

static struct running one, two;

static int
start_run(struct running * r, unsigned port)
{
	char * port_is = text_format("PORT=%u", port);
	char * var_is = text_format("STRONGROOM_VAR=%s/var", r->folder);
	const char * const env[] = { port_is, var_is, NULL };
	const char * const argv[] = { "scripts/run", NULL };
	const struct process_options options = { .log = r->log, .env = env };

	r->port = port;
	(void)unlink(r->log);
	r->pid = process_start(argv, &options);
	free(port_is);
	free(var_is);
	return (r->pid > 0 ? 0 : -1);
}

/* What follows ${word} on its line of the log, or NULL; caller frees. */
static char *
said(const struct running * r, const char * word)
{
	char * log = file_read(r->log, NULL);
	char * line = log;
	char * found = NULL;

	while (line != NULL && found == NULL) {
		if (strncmp(line, word, strlen(word)) == 0)
			found = text_format("%.*s", (int)strcspn(line +
			    strlen(word), "\n"), line + strlen(word));
		line = strchr(line, '\n');
		line = line == NULL ? NULL : line + 1;
	}
	free(log);
	return (found);
}

/* Wait for Ready:; its URL, or NULL when the run ended or took too long. */
static char *
ready(const struct running * r)
{
	char * url = NULL;

	for (unsigned i = 0; i < READY_SECONDS * 10 && url == NULL; i++) {
		if ((url = said(r, "Ready: ")) != NULL)
			break;
		if (process_wait(r->pid, 0) != -1)
			break;
		sleep_ms(100);
	}
	if (url == NULL) {
		char * log = file_read(r->log, NULL);

		suite_note("no Ready: in\n%s", log == NULL ? "" : log);
		free(log);
	}
	return (url);
}

static int
make_folders(void)
{

	if (temp_folder("run", one.folder, sizeof(one.folder)) != 0 ||
	    temp_folder("run", two.folder, sizeof(two.folder)) != 0)
		return (-1);
	one.log = text_format("%s/log", one.folder);
	two.log = text_format("%s/log", two.folder);
	return (0);
}

static int
remove_folders(void)
{

	if (one.pid > 0)
		process_end(one.pid);
	if (two.pid > 0)
		process_end(two.pid);
	remove_tree(one.folder);
	remove_tree(two.folder);
	free(one.log);
	free(two.log);
	return (0);
}

/* Follow the printed link and become owner; the client is signed in after. */
static struct http *
owner_by_link(const struct running * r, const char * url)
{
	char * link = said(r, "Setup: ");
	struct http * h = http_new(url);
	struct http_reply * page;
	struct http_reply * sent;

	CU_ASSERT_PTR_NOT_NULL_FATAL(link);
	CU_ASSERT_EQUAL_FATAL(strncmp(link, url, strlen(url) - 1), 0);
	sent = http_get(h, strstr(link, "/setup"));
	CU_ASSERT_EQUAL(sent->status, 303);
	page = http_follow(h, sent);
	http_reply_free(&sent);
	sent = http_submit(h, page, "setup-form", HTTP_FIELDS(
	    { "setup[email]", WALK_EMAIL },
	    { "setup[password]", WALK_PASSWORD },
	    { "setup[password_confirmation]", WALK_PASSWORD }));
	CU_ASSERT_EQUAL(sent->status, 303);
	http_reply_free(&sent);
	http_reply_free(&page);
	CU_ASSERT_EQUAL(walk_sign_in(h), 0);
	free(link);
	return (h);
}

static char *
base_of(const char * url)
{
	size_t len = strlen(url);

	return (text_format("%.*s", (int)(len > 0 && url[len - 1] == '/' ?
	    len - 1 : len), url));
}

static void
the_first_run_is_set_up_by_its_link(void)
{
	struct http * h;
	char * url;
	char * base;

	CU_ASSERT_EQUAL_FATAL(start_run(&one, port_free()), 0);
	url = ready(&one);
	CU_ASSERT_PTR_NOT_NULL_FATAL(url);
	base = base_of(url);
	h = owner_by_link(&one, base);
	CU_ASSERT(walk_stored(h, "instance", "run/kept", VALUE));
	http_free(&h);
	free(base);
	free(url);
}

static void
a_second_instance_runs_beside_it(void)
{
	struct http_reply * r;
	struct http * h;
	char * url;

	CU_ASSERT_EQUAL_FATAL(start_run(&two, port_free()), 0);
	url = ready(&two);
	CU_ASSERT_PTR_NOT_NULL_FATAL(url);
	h = http_new(url);
	r = http_get(h, "/readyz");
	CU_ASSERT_EQUAL(r->status, 200);
	http_reply_free(&r);
	http_free(&h);
	free(url);
	CU_ASSERT_EQUAL(kill(two.pid, SIGINT), 0);
	CU_ASSERT_NOT_EQUAL(process_wait(two.pid, 20000), -1);
	two.pid = 0;
}

static int
beside(const char * script, const char * argument, char ** out)
{
	char * var_is = text_format("STRONGROOM_VAR=%s/var", one.folder);
	const char * const env[] = { var_is, NULL };
	const char * const argv[] = { script, argument, NULL };
	const struct process_options options = { .env = env };
	int status = process_run(argv, &options, out, NULL);

	free(var_is);
	return (status);
}

static void
the_scripts_beside_it_reach_its_database(void)
{
	char * out = NULL;

	CU_ASSERT_EQUAL(beside("scripts/dump", NULL, &out), 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	CU_ASSERT_PTR_NOT_NULL(strstr(out, "run/kept"));
	CU_ASSERT_PTR_NULL(strstr(out, VALUE));
	free(out);
	CU_ASSERT_EQUAL(beside("scripts/sql",
	    "-eSELECT name FROM secret_ref", &out), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(out, "run/kept"));
	free(out);
	CU_ASSERT_EQUAL(beside("scripts/strongroom", "doctor", &out), 0);
	free(out);
}

/* A run that cannot be: exit status not 0, and ${text} in what it says. */
static void
refuses(struct running * r, unsigned port, const char * text)
{
	char * log;
	int status;

	CU_ASSERT_EQUAL_FATAL(start_run(r, port), 0);
	status = process_wait(r->pid, 60000);
	r->pid = 0;
	log = file_read(r->log, NULL);
	CU_ASSERT(status > 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(log);
	if (strstr(log, text) == NULL)
		suite_note("\"%s\" is not in\n%s", text, log);
	CU_ASSERT_PTR_NOT_NULL(strstr(log, text));
	free(log);
}

static void
a_busy_port_is_one_clear_line(void)
{

	refuses(&two, one.port, "is in use");
}

static void
sigterm_ends_all_of_it(void)
{
	char * var = text_format("%s/var/", one.folder);
	const char * const argv[] = { "pgrep", "-f", var, NULL };
	int status;

	CU_ASSERT_EQUAL(kill(one.pid, SIGTERM), 0);
	CU_ASSERT_NOT_EQUAL(process_wait(one.pid, 20000), -1);
	one.pid = 0;
	status = process_run(argv, NULL, NULL, NULL);
	CU_ASSERT_EQUAL(status, 1);	/* pgrep found none. */
	free(var);
}

static void
the_next_start_keeps_the_data(void)
{
	struct http_reply * r;
	struct http * h;
	char * link;
	char * url;

	CU_ASSERT_EQUAL_FATAL(start_run(&one, port_free()), 0);
	url = ready(&one);
	CU_ASSERT_PTR_NOT_NULL_FATAL(url);
	link = said(&one, "Setup: ");
	CU_ASSERT_PTR_NULL(link);
	h = http_new(url);
	CU_ASSERT_EQUAL(walk_sign_in(h), 0);
	r = http_get(h, "/settings/security");
	CU_ASSERT(http_has(r, "run/kept"));
	http_reply_free(&r);
	http_free(&h);
	free(url);
	CU_ASSERT_EQUAL(kill(one.pid, SIGTERM), 0);
	CU_ASSERT_NOT_EQUAL(process_wait(one.pid, 20000), -1);
	one.pid = 0;
}

static const struct suite_test tests[] = {
	TEST(the_first_run_is_set_up_by_its_link),
	TEST(a_second_instance_runs_beside_it),
	TEST(the_scripts_beside_it_reach_its_database),
	TEST(a_busy_port_is_one_clear_line),
	TEST(sigterm_ends_all_of_it),
	TEST(the_next_start_keeps_the_data),
};

SUITE_MAIN("e2e/run", tests, make_folders, remove_folders)
