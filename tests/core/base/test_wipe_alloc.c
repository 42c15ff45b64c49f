#include <dlfcn.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "core/base/wipe_alloc.h"
#include "tests/harness/suite.h"

static bool ours;

/* valgrind puts its own heap in place of everybody's. */
static int
setup(void)
{
	const char * preload = getenv("LD_PRELOAD");

	ours = wipe_alloc_install() &&
	    (preload == NULL || strstr(preload, "vgpreload") == NULL);
	return (0);
}

/*
 * Whether a freed block still holds ${text}. It reads what it should not,
 * by number, on purpose: this is what an attacker would do.
 */
static bool
remains(uintptr_t where, size_t len, const char * text)
{
	const volatile char * p;
	union {
		uintptr_t number;
		const volatile char * pointer;
	} cast = { .number = where };
	size_t i, j, want = strlen(text);

	p = cast.pointer;
	for (i = 0; i + want <= len; i++) {
		for (j = 0; j < want && p[i + j] == text[j]; j++)
			continue;
		if (j == want)
			return (true);
	}
	return (false);
}

static void
freed_blocks_are_wiped(void)
{
	char * p = malloc(200);
	volatile uintptr_t where = (uintptr_t)p;

	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	memset(p, ' ', 200);
	memcpy(&p[100], "needle-one", 10);
	if (ours)
		CU_ASSERT_TRUE(remains(where, 200, "needle-one"));
	free(p);
	if (ours)
		CU_ASSERT_FALSE(remains(where, 200, "needle-one"));
	free(NULL);
}

static void
blocks_of_libraries_are_wiped(void)
{
	static char long_text[400];
	json_t * text;
	volatile uintptr_t where;

	memset(long_text, '.', sizeof(long_text) - 1);
	memcpy(&long_text[200], "needle-two", 10);
	text = json_string(long_text);
	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	where = (uintptr_t)json_string_value(text);
	if (ours)
		CU_ASSERT_TRUE(remains(where, 399, "needle-two"));
	json_decref(text);
	if (ours)
		CU_ASSERT_FALSE(remains(where, 399, "needle-two"));
}

static void
blocks_that_move_are_wiped(void)
{
	char * p = malloc(100), * q;
	volatile uintptr_t where = (uintptr_t)p;

	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	memset(p, ' ', 100);
	memcpy(&p[60], "needle-three", 12);
	q = realloc(p, 100000);
	CU_ASSERT_PTR_NOT_NULL_FATAL(q);
	CU_ASSERT_EQUAL(memcmp(&q[60], "needle-three", 12), 0);
	if (ours && (uintptr_t)q != where)
		CU_ASSERT_FALSE(remains(where, 100, "needle-three"));
	free(q);
}

static void
what_a_smaller_block_loses_is_wiped(void)
{
	char * p = malloc(1000), * q;
	size_t i;

	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	memset(p, 'x', 1000);
	q = realloc(p, 700);
	CU_ASSERT_PTR_NOT_NULL_FATAL(q);
	if (ours)
		CU_ASSERT_FALSE(remains((uintptr_t)q + 700, 300, "xxxx"));
	q = realloc(q, 10);
	CU_ASSERT_PTR_NOT_NULL_FATAL(q);
	for (i = 0; i < 10; i++)
		CU_ASSERT_EQUAL(q[i], 'x');
	free(q);
}

static void
realloc_of_nothing_and_to_nothing_work(void)
{
	/* By pointer: a compiler may know what these calls always give. */
	void * (* volatile call)(void *, size_t) = realloc;
	char * p = call(NULL, 10);

	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	memset(p, 1, 10);
	CU_ASSERT_PTR_NULL(call(p, 0));
}

static void
the_process_uses_these_and_no_others(void)
{
	union {
		void (*function)(void *);
		void * pointer;
	} mine = { .function = free };

	if (ours)
		CU_ASSERT_PTR_EQUAL(dlsym(RTLD_DEFAULT, "free"), mine.pointer);
	CU_PASS("a sanitizer or valgrind has its own");
}

static const struct suite_test tests[] = {
	TEST(freed_blocks_are_wiped),
	TEST(blocks_of_libraries_are_wiped),
	TEST(blocks_that_move_are_wiped),
	TEST(what_a_smaller_block_loses_is_wiped),
	TEST(realloc_of_nothing_and_to_nothing_work),
	TEST(the_process_uses_these_and_no_others),
};

SUITE_MAIN("core/base/wipe_alloc", tests, setup, NULL)
