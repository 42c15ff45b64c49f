#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <CUnit/TestRun.h>

#include "tests/harness/suite.h"

/** suite_note(format, …): a line of explanation beside a failure. */
void
suite_note(const char * format, ...)
{
	va_list ap;

	(void)printf("     ");
	va_start(ap, format);
	(void)vprintf(format, ap);
	va_end(ap);
	(void)printf("\n");
}

static char tmpdir[256];
static pid_t tmpdir_owner;

static int
remove_entry(const char * path, const struct stat * st, int type,
    struct FTW * place)
{

	(void)st;
	(void)type;
	(void)place;
	(void)remove(path);
	return (0);
}

/* Forked children of a test end as well; the folder is their parent's. */
static void
remove_tmpdir(void)
{

	if (tmpdir_owner == getpid())
		(void)nftw(tmpdir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/** suite_tmpdir(): an empty folder of this run alone. */
const char *
suite_tmpdir(void)
{
	const char * base = getenv("TMPDIR");

	if (tmpdir_owner != 0)
		return (tmpdir);
	(void)snprintf(tmpdir, sizeof(tmpdir), "%s/sr-test-XXXXXX",
	    base == NULL || base[0] == '\0' ? "/tmp" : base);
	if (mkdtemp(tmpdir) == NULL) {
		perror(tmpdir);
		exit(2);
	}
	tmpdir_owner = getpid();
	(void)atexit(remove_tmpdir);
	return (tmpdir);
}

static bool
wanted(int argc, char ** argv, const char * name)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], name) == 0)
			return (true);
	}
	return (argc <= 1);
}

static bool
known(const struct suite_test * tests, size_t n, const char * name)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (strcmp(tests[i].name, name) == 0)
			return (true);
	}
	(void)fprintf(stderr, "no test is called %s; --list prints them\n",
	    name);
	return (false);
}

/* Run one test; every failed assertion of it is a line. */
static bool
run_one(CU_pSuite suite, const struct suite_test * test)
{
	CU_pTest entry = CU_add_test(suite, test->name, test->fn);
	CU_pFailureRecord f;

	if (entry == NULL || CU_run_test(suite, entry) != CUE_SUCCESS) {
		(void)printf("FAIL %s %s\n", test->name, CU_get_error_msg());
		return (false);
	}
	/* A test that asserts nothing proves nothing. */
	if (CU_get_number_of_asserts() == 0) {
		(void)printf("FAIL %s asserts nothing\n", test->name);
		return (false);
	}
	for (f = CU_get_failure_list(); f != NULL; f = f->pNext)
		(void)printf("FAIL %s %s:%u %s\n", test->name, f->strFileName,
		    f->uiLineNumber, f->strCondition);
	if (CU_get_number_of_failures() != 0)
		return (false);
	(void)printf("ok %s\n", test->name);
	return (true);
}

static unsigned
run_wanted(int argc, char ** argv, CU_pSuite suite,
    const struct suite_test * tests, size_t n, bool ready, unsigned * failed)
{
	unsigned passed = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (!wanted(argc, argv, tests[i].name))
			continue;
		if (!ready)
			(void)printf("FAIL %s its setup failed\n",
			    tests[i].name);
		if (ready && run_one(suite, &tests[i]))
			passed++;
		else
			(*failed)++;
	}
	return (passed);
}

/* Whether the arguments can be served; sets *done when they were. */
static bool
arguments(int argc, char ** argv, const struct suite_test * tests, size_t n,
    bool * done)
{
	size_t i;
	int a;

	*done = argc == 2 && strcmp(argv[1], "--list") == 0;
	if (*done) {
		for (i = 0; i < n; i++)
			(void)printf("%s\n", tests[i].name);
		return (true);
	}
	for (a = 1; a < argc; a++) {
		if (!known(tests, n, argv[a]))
			return (false);
	}
	return (true);
}

/** suite_main(…): see suite.h. */
int
suite_main(int argc, char ** argv, const char * name,
    const struct suite_test * tests, size_t n, int (*setup)(void),
    int (*teardown)(void))
{
	unsigned passed, failed = 0;
	CU_pSuite suite;
	bool done, ready;

	/* What was printed must be there when a test takes the program down. */
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	if (!arguments(argc, argv, tests, n, &done))
		return (2);
	if (done)
		return (0);
	if (CU_initialize_registry() != CUE_SUCCESS)
		return (2);
	if ((suite = CU_add_suite(name, NULL, NULL)) == NULL)
		return (2);
	ready = setup == NULL || setup() == 0;
	passed = run_wanted(argc, argv, suite, tests, n, ready, &failed);
	if (teardown != NULL && teardown() != 0) {
		(void)printf("FAIL teardown of %s\n", name);
		failed++;
	}
	CU_cleanup_registry();
	(void)printf("%u passed, %u failed\n", passed, failed);
	return (failed == 0 ? 0 : 1);
}
