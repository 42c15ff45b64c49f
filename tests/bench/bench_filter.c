/*
 * `strongroom redact` as a whole process beside its peers, on the same input:
 * GNU grep -F for literals; secretlint and gitleaks' WASM build, if
 * scripts/peers installed them. Each run of a peer stands between two of ours;
 * what is printed are medians of the time that passed, and how many times as
 * fast we are: lines `name value unit`.
 */
#include <nettle/base64.h>
#include "tests/bench/text.h"
#include "tests/harness/process.h"

#define LITERAL_LEN	30
#define ROUNDS		7
#define SMALL_LEN	(TEXT_LEN / 16)

/* What each must find before it is measured. */
#define TOKEN		"ghp_" "Yw8Kc3nTqR5vLz2Xb7Mh4Jd9Fs6Ga1" "2pAyzS"

static char folder[] = "/tmp/bench-filter-XXXXXX";
static const char * build = "build";

/* An input, and what we do with it. */
struct input {
	const char * name;
	size_t len;
	const char * ours;	/* Arguments of ours. */
};

/* What another program does with it. */
struct peer {
	const char * name;
	const char * program;	/* In build/peers; NULL: anywhere. */
	const char * command;	/* $P: build/peers, $D: the folder. */
	unsigned rounds;
};

static int
run(const char * command)
{
	const char * const argv[] = { "/bin/sh", "-c", command, NULL };
	const struct process_options options = { .seconds = 600 };

	return (process_run(argv, &options, NULL, NULL));
}

/* Seconds that a shell command takes. */
static double
took(const char * command)
{
	double start = bench_now(CLOCK_MONOTONIC);

	if (run(command) != 0) {
		(void)fprintf(stderr, "failed: %s\n", command);
		abort();
	}
	return (bench_now(CLOCK_MONOTONIC) - start);
}

static int
by_value(const void * a, const void * b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x < y ? -1 : x > y);
}

static double
median(double * v, size_t n)
{

	qsort(v, n, sizeof(*v), by_value);
	return (v[n / 2]);
}

/* ${what}, behind it ${more}, with ${file} as $F; caller frees. */
static char *
expand(const char * what, const char * more, const char * file)
{
	char * out;

	must(asprintf(&out, "D=%s F=%s/%s B=%s P=%s/peers; %s%s", folder,
	    folder, file, build, build, what, more) > 0);
	return (out);
}

static bool
installed(const struct peer * p)
{
	char * test;
	bool is;

	if (p->program == NULL)
		return (true);
	test = expand("test -x $P/", p->program, "");
	is = run(test) == 0;
	free(test);
	if (is)
		return (true);
	(void)printf("%s peer not installed: scripts/peers\n", p->name);
	return (false);
}

static void
say(const char * name, const struct input * in, double seconds)
{

	if (in->len == 0)
		(void)printf("%s_%s %.0f ms", name, in->name, seconds * 1e3);
	else
		(void)printf("%s_%s %.1f MB/s", name, in->name,
		    (double)in->len / 1e6 / seconds);
}

static void
beside(const struct input * in, const struct peer * p)
{
	double ours[ROUNDS], theirs[ROUNDS], a, b;
	char * us;
	char * them;
	unsigned i;

	if (!installed(p))
		return;
	us = expand("$B/strongroom redact <$F >/dev/null ", in->ours, in->name);
	them = expand(p->command, "", in->name);
	for (i = 0; i < p->rounds; i++) {
		ours[i] = took(us);
		theirs[i] = took(them);
	}
	free(us);
	free(them);
	a = median(ours, p->rounds);
	b = median(theirs, p->rounds);
	say("redact", in, a);
	(void)printf("\n");
	say(p->name, in, b);
	(void)printf(" redact_is %.1f times as fast\n", b / a);
	(void)fflush(stdout);
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

/* The same secrets for grep, and in base64 for us. */
static void
write_literals(size_t count)
{
	const size_t each = BASE64_ENCODE_RAW_LENGTH(LITERAL_LEN) + 2;
	char * plain = malloc(count * each);
	char * coded = malloc(count * each);
	char name[64];
	size_t i, n = 0, k = 0;

	must(plain != NULL && coded != NULL);
	for (i = 0; i < count; i++) {
		bench_value(&plain[n], LITERAL_LEN);
		base64_encode_raw(&coded[k], LITERAL_LEN,
		    (const uint8_t *)&plain[n]);
		k += BASE64_ENCODE_RAW_LENGTH(LITERAL_LEN);
		n += LITERAL_LEN;
		plain[n++] = coded[k++] = '\n';
	}
	(void)snprintf(name, sizeof(name), "literals_%zu", count);
	write_file(name, plain, n);
	(void)snprintf(name, sizeof(name), "known_%zu", count);
	write_file(name, coded, k);
	free(plain);
	free(coded);
}

/* Who finds nothing is fast: the token must be found. */
static void
check(void)
{
	static const char * const finds[] = {
		"! $B/strongroom redact <$F | grep -q " TOKEN,
		"test ! -x $P/secretlint || ! $P/secretlint --secretlintrc "
		    "$P/secretlintrc.json --format mask-result $F | grep -q "
		    TOKEN,
		"test ! -x $P/gitleaks || $P/gitleaks stdin --redact "
		    "--no-banner <$F 2>&1 | grep -q 'leaks found: [1-9]'",
	};
	char * command;
	size_t i;

	for (i = 0; i < COUNTOF(finds); i++) {
		command = expand(finds[i], "", "token");
		(void)took(command);
		free(command);
	}
}

#define GREP(locale, literals)	locale "grep -F -c -f $D/" literals " <$F "	\
	">/dev/null; test $? -le 1"
#define SECRETLINT	"$P/secretlint --secretlintrc $P/secretlintrc.json "	\
	"--format mask-result $F >/dev/null; test $? -le 1"
#define GITLEAKS	"$P/gitleaks stdin --redact --no-banner --exit-code 0 "	\
	"<$F >/dev/null 2>&1"

static void
bench_process(void)
{
	static const struct input empty = { "start", 0, "" };
	static const struct input text = { "text", TEXT_LEN, "" };
	static const struct input small = { "small", SMALL_LEN, "" };
	static const struct input known[] = {
		{ "text", TEXT_LEN, "--known $D/known_1000" },
		{ "text", TEXT_LEN, "--known $D/known_10000" },
	};
	static const struct peer secretlint = { "secretlint", "secretlint",
	    SECRETLINT, 5 };
	static const struct peer gitleaks = { "gitleaks", "gitleaks",
	    GITLEAKS, 3 };
	static const struct peer grep[] = {
		{ "grep_F_1000", NULL, GREP("", "literals_1000"), ROUNDS },
		{ "grep_F_1000_C", NULL, GREP("LC_ALL=C ", "literals_1000"),
		    ROUNDS },
		{ "grep_F_10000", NULL, GREP("", "literals_10000"), ROUNDS },
		{ "grep_F_10000_C", NULL, GREP("LC_ALL=C ", "literals_10000"),
		    ROUNDS },
	};
	size_t i;

	for (i = 0; i < COUNTOF(grep); i++)
		beside(&known[i / 2], &grep[i]);
	beside(&empty, &secretlint);
	beside(&empty, &gitleaks);
	beside(&text, &secretlint);
	beside(&small, &secretlint);
	beside(&small, &gitleaks);
}

int
main(void)
{
	const char * where = getenv("STRONGROOM_TEST_BUILD");
	static const char token[] = "token=" TOKEN "\n";
	char * text = bench_text();
	char * command;

	if (where != NULL)
		build = where;
	if (mkdtemp(folder) == NULL)
		abort();
	write_file("start", "\n", 1);
	write_file("text", text, TEXT_LEN);
	write_file("small", text, SMALL_LEN);
	write_file("token", token, sizeof(token) - 1);
	free(text);
	write_literals(1000);
	write_literals(10000);
	check();
	bench_process();
	command = expand("rm -rf $D", "", "");
	(void)took(command);
	free(command);
	return (0);
}
