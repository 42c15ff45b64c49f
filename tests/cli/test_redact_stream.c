/* strongroom redact as a filter of what trickles in, and bundles. */
#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "core/base/secbuf.h"
#include "core/redact/bundle.h"
#include "tests/cli/operator.h"
#include "tests/harness/files.h"

#define VALUE		"plain words of a passphrase, and more of them"
#define VALUE_64	"cGxhaW4gd29yZHMgb2YgYSBwYXNzcGhyYXNlLCBhbmQgbW9yZSBv" \
			"ZiB0aGVt"
#define TOKEN		"ghp_" "Zq8sV1nT5yWc3kLr7uHb0dXe9mPaGj2fKo4i"

/* The command, running. */
struct filter {
	pid_t pid;
	int in, out;
};

static const char *
program(void)
{
	static char path[512];
	const char * build = getenv("STRONGROOM_TEST_BUILD");

	(void)snprintf(path, sizeof(path), "%s/strongroom",
	    build == NULL ? "build" : build);
	return (path);
}

static struct filter
start(const char * option, const char * value)
{
	struct filter f;
	int in[2], out[2];

	CU_ASSERT_FATAL(pipe2(in, O_CLOEXEC) == 0 &&
	    pipe2(out, O_CLOEXEC) == 0);
	f.pid = fork();
	CU_ASSERT_FATAL(f.pid >= 0);
	if (f.pid == 0) {
		(void)dup2(in[0], STDIN_FILENO);
		(void)dup2(out[1], STDOUT_FILENO);
		execl(program(), "strongroom", "redact", option, value,
		    (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	f.in = in[1];
	f.out = out[0];
	return (f);
}

static void
say(struct filter * f, const char * text)
{

	CU_ASSERT_EQUAL(write(f->in, text, strlen(text)),
	    (ssize_t)strlen(text));
}

/* What comes until ${n} bytes are there, the end, or ${ms} without any. */
static size_t
hear(struct filter * f, char * buf, size_t n, int ms)
{
	struct pollfd p = { .fd = f->out, .events = POLLIN };
	size_t len = 0;
	ssize_t got;

	while (len < n && poll(&p, 1, ms) == 1) {
		if ((got = read(f->out, &buf[len], n - len)) <= 0)
			break;
		len += (size_t)got;
	}
	buf[len] = '\0';
	return (len);
}

static int
end(struct filter * f)
{
	int status = -1;

	if (f->in >= 0)
		close(f->in);
	close(f->out);
	CU_ASSERT_EQUAL(waitpid(f->pid, &status, 0), f->pid);
	return (WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

static void
what_is_certain_leaves_while_the_input_is_open(void)
{
	struct filter f = start("--rules-only", NULL);
	char buf[8192], line[256];
	size_t n = 0, sent = 0;
	int i;

	memset(line, 'a', 99);
	for (i = 10; i < 99; i += 11)
		line[i] = ' ';
	line[98] = '\n';
	line[99] = '\0';
	for (i = 0; i < 20; i++) {
		say(&f, line);
		sent += strlen(line);
	}
	/* At most what an anchor needs is held. */
	n = hear(&f, buf, sent, 2000);
	CU_ASSERT(n + 512 > sent);
	/* An open token is held whole, and goes as a mask. */
	say(&f, "a token " "ghp_" "Zq8sV1nT5yWc3kLr7u");
	n += hear(&f, buf, sizeof(buf) - 1, 300);
	ASSERT_HAS_NOT(buf, "Zq8");
	say(&f, "Hb0dXe9mPaGj2fKo4i and on\n");
	close(f.in);
	f.in = -1;
	(void)hear(&f, buf, sizeof(buf) - 1, 5000);
	ASSERT_HAS(buf, "[REDACTED:github");
	ASSERT_HAS(buf, " and on\n");
	CU_ASSERT_EQUAL(end(&f), 0);
}

static void
a_reader_that_goes_away_is_no_news(void)
{
	char text[300];
	struct filter f;
	int i, rc;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	f = start("--rules-only", NULL);
	close(f.out);
	f.out = open("/dev/null", O_RDONLY | O_CLOEXEC);
	(void)signal(SIGPIPE, SIG_IGN);
	for (i = 0; i < 100; i++) {
		if (write(f.in, text, strlen(text)) < 0)
			break;
		usleep(1000);
	}
	rc = end(&f);
	CU_ASSERT_EQUAL(rc, 74);
}

static void
sequences_of_terminals_and_any_bytes_pass(void)
{
	static const char text[] = "\033[?1049h\033[1;31mred\033[0m\033]0;a "
	    "title\007\033]8;;http://x/\033\\link\033]8;;\033\\\r\b\x0e\x0f"
	    "\xff\xfe\xc3\x28 \xe2\x82\xac \033[38;2;1;2;3m\033[K\n";

	ASSERT_RUNS(0, text, "redact");
	CU_ASSERT_STRING_EQUAL(op_out, text);
	ASSERT_RUNS(0, "\033[32m" TOKEN "\033[0m\n", "redact");
	ASSERT_HAS(op_out, "\033[32m[REDACTED:github");
	ASSERT_HAS(op_out, "]\033[0m\n");
}

static void
a_report_counts_and_shows_nothing(void)
{

	ASSERT_RUNS(0, "a " TOKEN " b " TOKEN "\n", "redact", "--report");
	ASSERT_HAS(op_err, "{\"complete\":true,\"bytes_in\":86,");
	ASSERT_HAS(op_err, "\"known\":0,\"rules\":2,\"by_rule\":{\"github");
	ASSERT_HAS(op_err, "\":2}}\n");
	ASSERT_HAS_NOT(op_err, TOKEN);
	ASSERT_RUNS(0, "", "redact", "--report");
	ASSERT_HAS(op_err, "{\"complete\":true,\"bytes_in\":0,"
	    "\"bytes_out\":0,\"known\":0,\"rules\":0,\"by_rule\":{}}\n");
}

static char *
make_bundle(void)
{
	static char path[512];
	struct bundle * b;
	struct secbuf * value;
	struct sr_id id = { .b = { 1 } };
	bool exists;

	(void)snprintf(path, sizeof(path), "%s/bundle", suite_tmpdir());
	(void)unlink(path);
	ASSERT_ERR_FATAL(bundle_new(false, &b), SR_OK);
	ASSERT_ERR_FATAL(secbuf_copy(VALUE, strlen(VALUE), &value), SR_OK);
	ASSERT_ERR(bundle_add(b, &id, 2, "project/pass@2", value), SR_OK);
	ASSERT_ERR(bundle_save(b, path, &exists), SR_OK);
	secbuf_free(&value);
	bundle_free(&b);
	return (path);
}

static void
a_bundle_masks_without_knowing(void)
{
	const char * path = make_bundle();
	char known[512];

	ASSERT_RUNS(0, "x " VALUE " y\n", "redact", "--bundle", path);
	ASSERT_HAS(op_out, "x [REDACTED:project/pass@2:");
	ASSERT_HAS_NOT(op_out, "passphrase");
	/* Both at once; what is known beside it has its own name. */
	(void)snprintf(known, sizeof(known), "%s/known", suite_tmpdir());
	CU_ASSERT_EQUAL(file_write(known, 0600, "aHVudGVyMiEh\n"), 0);
	ASSERT_RUNS(0, VALUE " hunter2!!\n", "redact", "--bundle", path,
	    "--known", known, "--report");
	ASSERT_HAS(op_out, "[REDACTED:project/pass@2:");
	ASSERT_HAS(op_out, " [REDACTED:secret:");
	ASSERT_HAS(op_err, "\"known\":2,");
	ASSERT_RUNS(64, "", "redact", "--bundle", path, "--rules-only");
}

static void
a_damaged_bundle_lets_nothing_out(void)
{
	const char * path = make_bundle();
	struct stat st;

	CU_ASSERT_EQUAL_FATAL(stat(path, &st), 0);
	CU_ASSERT_EQUAL(truncate(path, st.st_size - 1), 0);
	ASSERT_RUNS(65, "text\n", "redact", "--bundle", path);
	ASSERT_HAS(op_err, "(bundle_invalid)\n");
	CU_ASSERT_STRING_EQUAL(op_out, "");
	CU_ASSERT_EQUAL(file_write(path, 0600, "no bundle\n"), 0);
	ASSERT_RUNS(65, "text\n", "redact", "--bundle", path);
	ASSERT_HAS(op_err, "(bundle_invalid)\n");
	ASSERT_RUNS(66, "text\n", "redact", "--bundle", "/nonexistent");
	CU_ASSERT_STRING_EQUAL(op_out, "");
}

static int
teardown(void)
{

	op_end();
	return (0);
}

static const struct suite_test tests[] = {
	TEST(what_is_certain_leaves_while_the_input_is_open),
	TEST(a_reader_that_goes_away_is_no_news),
	TEST(sequences_of_terminals_and_any_bytes_pass),
	TEST(a_report_counts_and_shows_nothing),
	TEST(a_bundle_masks_without_knowing),
	TEST(a_damaged_bundle_lets_nothing_out),
};

SUITE_MAIN("cli/redact_stream", tests, NULL, teardown)
