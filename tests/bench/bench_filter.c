/*
 * `strongroom redact` as a whole process beside its peers: GNU grep -F for
 * literals; secretlint and gitleaks where they are installed. Lines `name
 * value unit`.
 */
#include <unistd.h>

#include <nettle/base64.h>

#include "tests/bench/text.h"
#include "tests/harness/process.h"

#define LITERALS	1000

static char folder[] = "/tmp/bench-filter-XXXXXX";

static int
run(const char * command)
{
	const char * const argv[] = { "/bin/sh", "-c", command, NULL };

	return (process_run(argv, NULL, NULL, NULL));
}

/* Seconds that a shell command takes, or a negative number: it failed. */
static double
shell(const char * command)
{
	double start, took, least = 1e9;
	int i, status;

	for (i = 0; i < 2; i++) {
		start = bench_now(CLOCK_MONOTONIC);
		status = run(command);
		took = bench_now(CLOCK_MONOTONIC) - start;
		if (status < 0 || status > 1)
			return (-1);
		least = took < least ? took : least;
	}
	return (least);
}

static double
bench_command(const char * name, const char * command, double bytes,
    double ours)
{
	double took = shell(command);

	if (took < 0) {
		(void)printf("%s skipped: not here\n", name);
		return (0);
	}
	(void)printf("%s %.1f MB/s", name, bytes / took / 1e6);
	if (ours > 0)
		(void)printf(" redact_is %.1f times as fast", took / ours);
	(void)printf("\n");
	(void)fflush(stdout);
	return (took);
}

static void
write_file(const char * name, const char * bytes, size_t len)
{
	char path[256];
	FILE * f;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	if ((f = fopen(path, "wb")) == NULL ||
	    fwrite(bytes, 1, len, f) != len || fclose(f) != 0)
		abort();
}

static void
write_literals(void)
{
	static char plain[LITERALS * 64], coded[LITERALS * 64];
	char value[64], base64[64];
	size_t i, n = 0, k = 0;

	for (i = 0; i < LITERALS; i++) {
		bench_value(value, 30);
		base64_encode_raw(base64, 30, (const uint8_t *)value);
		n += (size_t)snprintf(&plain[n], sizeof(plain) - n, "%s\n",
		    value);
		k += (size_t)snprintf(&coded[k], sizeof(coded) - k, "%.40s\n",
		    base64);
	}
	write_file("literals", plain, n);
	write_file("known", coded, k);
}

static void
bench_process(const char * text)
{
	const char * build = getenv("STRONGROOM_TEST_BUILD");
	char command[1024];
	double known, rules;

	if (mkdtemp(folder) == NULL)
		abort();
	write_file("text", text, TEXT_LEN);
	write_file("small", text, TEXT_LEN / 16);
	write_literals();
	if (build == NULL)
		build = "build";
#define COMMAND(...)							\
	(snprintf(command, sizeof(command), __VA_ARGS__), command)
	rules = bench_command("redact_rules_only", COMMAND("%s/strongroom "
	    "redact <%s/text >/dev/null", build, folder), TEXT_LEN, 0);
	known = bench_command("redact_known_1000", COMMAND("%s/strongroom "
	    "redact --known %s/known <%s/text >/dev/null", build, folder,
	    folder), TEXT_LEN, 0);
	(void)bench_command("grep_F_1000", COMMAND("grep -F -c -f %s/literals "
	    "<%s/text >/dev/null", folder, folder), TEXT_LEN, known);
	(void)bench_command("grep_F_1000_C", COMMAND("LC_ALL=C grep -F -c -f "
	    "%s/literals <%s/text >/dev/null", folder, folder), TEXT_LEN,
	    known);
	(void)bench_command("secretlint", COMMAND("command -v secretlint "
	    ">/dev/null 2>&1 || exit 9; secretlint %s/small >/dev/null 2>&1",
	    folder), TEXT_LEN / 16, rules / 16);
	(void)bench_command("gitleaks", COMMAND("command -v gitleaks "
	    ">/dev/null 2>&1 || exit 9; gitleaks stdin --exit-code 0 "
	    "<%s/small >/dev/null 2>&1", folder), TEXT_LEN / 16, rules / 16);
	if (run(COMMAND("rm -rf %s", folder)) != 0)
		abort();
#undef COMMAND
}

int
main(void)
{
	char * text = bench_text();

	bench_process(text);
	free(text);
	return (0);
}
