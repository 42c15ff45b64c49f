/*
 * Goal: a full image of the commands' memory has a value where it is needed, in
 * locked pages, and nowhere else: no form of it and no eight bytes of it. Uses
 * the plain build: sanitizers keep freed memory as it was.
 */

#include <pthread.h>

#include <nettle/base64.h>

#include "core/base/secbuf.h"
#include "core/redact/bundle.h"
#include "tests/cli/running.h"
#include "tests/harness/image.h"

#define VALUE_LEN	48
#define FILL		"and a line that is long enough to be sure of others"
#define PATIENCE	40		/* Times 50 ms. */

static char * value;
static struct needles * needles;

/* With letters and digits alone: the shell leaves it as it is. */
static void
new_value(void)
{

	free(value);
	needles_free(&needles);
	value = random_secret(VALUE_LEN);
	for (char * p = value; *p != '\0'; p++)
		if (strchr("\"'\\`$!%&;|<>(){}[]*?~#^=,.:/@+-_", *p) != NULL)
			*p = (char)('a' + *p % 26);
	needles = needles_new();
	needles_parts(needles, value, strlen(value));
}

/* At last, when it waits: the value is in no place, ${held} says if locked. */
static void
holds(pid_t pid, const char * what, bool held)
{
	struct image i = { .places = 1 };
	bool whole = false;

	for (unsigned n = 0; n < PATIENCE && (!whole || i.places != 0 ||
	    (i.held != 0) != held); n++) {
		if (n != 0)
			sleep_ms(50);
		whole = image_search(pid, needles, &i);
	}
	CU_ASSERT_TRUE(whole);
	image_note(&i, what);
	CU_ASSERT(i.seen > 1024 * 1024);
	CU_ASSERT_EQUAL(i.places, 0);
	CU_ASSERT_EQUAL(i.held != 0, held);
}

/* The filter, running on pipes. */
static struct live
filter_start(const char * option, const char * path, int * in)
{
	struct live l = { .text = calloc(1, 1) };
	int to[2], from[2];

	CU_ASSERT_FATAL(pipe2(to, O_CLOEXEC) == 0 &&
	    pipe2(from, O_CLOEXEC) == 0);
	l.pid = fork();
	CU_ASSERT_FATAL(l.pid >= 0);
	if (l.pid == 0) {
		(void)dup2(to[0], STDIN_FILENO);
		(void)dup2(from[1], STDOUT_FILENO);
		execl(run_program(), "strongroom", "redact", option, path,
		    (char *)NULL);
		_exit(99);
	}
	close(to[0]);
	close(from[1]);
	*in = to[1];
	l.fd = from[0];
	return (l);
}

static void
say(int fd, const char * text)
{

	CU_ASSERT_EQUAL(write(fd, text, strlen(text)), (ssize_t)strlen(text));
}

/* Lines without anything secret; the end of the text is not held back. */
static void
say_plain(int fd, const char * last)
{

	for (unsigned i = 0; i < 40; i++)
		say(fd, "some line of a text that has nothing to hide in it\n");
	say(fd, last);
	for (unsigned i = 0; i < 40; i++)
		say(fd, "some line of a text that has nothing to hide in it\n");
}

/* In mid-stream: what it knows, before and after it has come by. */
static void
filter(const char * option, const char * path)
{
	char * line = text_format("the value is %s and so on\n", value);
	struct live l;
	int in;

	l = filter_start(option, path, &in);
	say_plain(in, "and here is a first end\n");
	live_until(&l, "a first end");
	holds(l.pid, option, false);
	say_plain(in, line);
	say_plain(in, "and here is a second end\n");
	live_until(&l, "a second end");
	CU_ASSERT_PTR_NOT_NULL(strstr(l.text, "the value is [REDACTED:"));
	CU_ASSERT_PTR_NULL(strstr(l.text, value));
	holds(l.pid, "the same, the value has passed", false);
	close(in);
	CU_ASSERT_EQUAL(live_end(&l), 0);
	live_free(&l);
	free(line);
}

static void
a_filter_with_a_bundle(void)
{
	char * path = text_format("%s/bundle", suite_tmpdir());
	struct sr_id id = { .b = { 1 } };
	struct secbuf * copy = NULL;
	struct bundle * b = NULL;
	bool exists;

	if (!image_allowed())
		return;
	new_value();
	ASSERT_ERR_FATAL(bundle_new(false, &b), SR_OK);
	ASSERT_ERR_FATAL(secbuf_copy(value, strlen(value), &copy), SR_OK);
	ASSERT_ERR(bundle_add(b, &id, 2, "project/pass@2", copy), SR_OK);
	ASSERT_ERR(bundle_save(b, path, &exists), SR_OK);
	secbuf_free(&copy);
	bundle_free(&b);
	filter("--bundle", path);
	free(path);
}

static void
a_filter_with_a_file_of_values(void)
{
	char * path = text_format("%s/known", suite_tmpdir());
	char text[BASE64_ENCODE_RAW_LENGTH(VALUE_LEN) + 2] = "";

	if (!image_allowed())
		return;
	new_value();
	base64_encode_raw(text, VALUE_LEN, (const uint8_t *)value);
	text[sizeof(text) - 2] = '\n';
	CU_ASSERT_EQUAL(file_write(path, 0600, text), 0);
	filter("--known", path);
	free(path);
}

static pid_t
child_of(pid_t pid)
{
	char * path = text_format("/proc/%d/task/%d/children", (int)pid,
	    (int)pid);
	char * text = file_read(path, NULL);
	pid_t child = text == NULL ? 0 : (pid_t)atoi(text);

	free(path);
	free(text);
	return (child);
}

/* The command has it in its environment; who started it has forgotten it. */
static void
a_command_that_runs(void)
{
	struct image i;
	struct live l;
	pid_t monitor;

	if (!image_allowed())
		return;
	new_value();
	run_bind("IMAGED", "run/imaged", value);
	/* The gate keeps some text to look back at: other text follows. */
	l = ON_PIPE("sh", "-c", "echo ready $IMAGED; env; i=0; while [ $i -lt "
	    "30 ]; do echo " FILL "; i=$((i+1)); done; "
	    "exec sleep 99");
	live_until(&l, "ready [REDACTED:");
	live_until(&l, FILL);
	monitor = child_of(l.pid);
	holds(l.pid, "run, while its command runs", false);
	holds(monitor, "the command's monitor", false);
	CU_ASSERT_TRUE(image_search(child_of(monitor), needles, &i));
	image_note(&i, "the command itself");
	CU_ASSERT(i.places > 0);
	CU_ASSERT_EQUAL(kill(l.pid, SIGTERM), 0);
	(void)live_end(&l);
	live_free(&l);
}

#define SLEEPERS "FROM information_schema.processlist WHERE state ="	\
    " 'User sleep'"

static void *
hold_table(void * cookie)
{

	free(mariadb_sql(m, "LOCK TABLES secret_ref WRITE; DO SLEEP(60)"));
	return (cookie);
}

/* Until it is held, and until it is let go. */
static pthread_t
table_held(void)
{
	pthread_t t;
	bool held = false;
	char * n;

	CU_ASSERT_EQUAL_FATAL(pthread_create(&t, NULL, hold_table, NULL), 0);
	while (!held) {
		n = mariadb_sql(m, "SELECT COUNT(*) " SLEEPERS);
		must(n != NULL);
		held = n[0] != '0';
		free(n);
	}
	return (t);
}

static void
table_free(pthread_t t)
{
	char * id = mariadb_sql(m, "SELECT CONCAT('KILL QUERY ', id) "
	    SLEEPERS);

	must(id != NULL);
	run_sql(id);
	free(id);
	pthread_join(t, NULL);
}

/* Waits for a table; meanwhile the value is locked and nowhere else. */
static void
a_save_that_waits(void)
{
	struct live l = { .text = calloc(1, 1) };
	int to[2], from[2];
	pthread_t t;

	if (!image_allowed())
		return;
	new_value();
	CU_ASSERT_FATAL(pipe(to) == 0 && pipe(from) == 0);
	t = table_held();
	l.pid = fork();
	CU_ASSERT_FATAL(l.pid >= 0);
	if (l.pid == 0) {
		(void)dup2(to[0], STDIN_FILENO);
		(void)dup2(from[1], STDOUT_FILENO);
		(void)close(to[1]);
		execl(run_program(), "strongroom", "--config", conf, "secret",
		    "put", "--scope", "instance", "--name", "image/put",
		    (char *)NULL);
		_exit(99);
	}
	(void)close(to[0]);
	(void)close(from[1]);
	say(to[1], value);
	(void)close(to[1]);
	holds(l.pid, "secret put, while it waits", true);
	table_free(t);
	l.fd = from[0];
	CU_ASSERT_EQUAL(live_end(&l), 0);
	live_free(&l);
}

static int
setup(void)
{

	return (setenv("STRONGROOM_TEST_BUILD", "build", 1) == 0 ?
	    op_database_start() : -1);
}

static int
teardown(void)
{

	free(value);
	needles_free(&needles);
	return (op_database_stop());
}

static const struct suite_test tests[] = {
	TEST(a_project_with_bindings),
	TEST(a_filter_with_a_bundle),
	TEST(a_filter_with_a_file_of_values),
	TEST(a_command_that_runs),
	TEST(a_save_that_waits),
};

SUITE_MAIN("cli/image", tests, setup, teardown)
