/*
 * What `strongroom run` costs: 200 MB of text through it, beside the same
 * command bare. What is measured is one process and a database on this machine.
 *
 *   build/tests/bench/bench_run [MB]
 */

#include <stdlib.h>
#include <time.h>

#include "tests/cli/operator_database.h"

#define MB	200

static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return ((double)t.tv_sec + (double)t.tv_nsec / 1e9);
}

/* Seconds that ${command}, of sh, takes; below 0: it failed. */
static double
take(const char * command)
{
	const char * argv[] = { "sh", "-c", command, NULL };
	struct process_options options = { .seconds = 900 };
	double begun = now();

	return (process_run(argv, &options, NULL, NULL) == 0 ? now() - begun :
	    -1);
}

static int
prepare(void)
{
	char * printed;

	if (op_database_start() != 0 ||
	    op_run(ARGS("--config", conf, "migrate"), NULL, NULL) != 0 ||
	    op_run(ARGS("--config", conf, "rootkey", "new", key), NULL,
	    NULL) != 0)
		return (-1);
	printed = mariadb_sql(m, "INSERT INTO project (id, slug, name,"
	    " description, created_at, updated_at) VALUES (UUID(), 'lab',"
	    " 'Lab', '', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))");
	free(printed);
	return (printed == NULL ? -1 : 0);
}

int
main(int argc, char ** argv)
{
	const char * build = getenv("STRONGROOM_TEST_BUILD");
	unsigned mb = argc > 1 ? (unsigned)atoi(argv[1]) : MB;
	char * text, * make, * bare, * with;
	double a = -1, b = -1;

	if (build == NULL)
		build = "build";
	if (prepare() == 0) {
		text = text_format("%s/text", suite_tmpdir());
		make = text_format("seq -f 'line %%.0f of a build that takes "
		    "its time: ok' 100000000 | head -c %u000000 > %s", mb,
		    text);
		bare = text_format("cat %s | cat > /dev/null", text);
		with = text_format("%s/strongroom --config %s run --project "
		    "lab -- cat %s | cat > /dev/null", build, conf, text);
		(void)take(make);
		a = take(bare);
		b = take(with);
		free(text);
		free(make);
		free(bare);
		free(with);
	}
	(void)op_database_stop();
	if (a < 0 || b < 0)
		return (1);
	printf("%u MB bare %.2f s, through strongroom run %.2f s (%.0f MB/s), "
	    "with its events\n", mb, a, b, mb / b);
	return (0);
}
