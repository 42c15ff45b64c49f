#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/secbuf.h"
#include "core/base/secbuf_bytes.h"
#include "tests/harness/suite.h"

/* AddressSanitizer turns mlock(2) into a call that does nothing. */
#ifdef SR_SANITIZED
#define LOCKING_IS_OFF	true
#else
#define LOCKING_IS_OFF	false
#endif

static struct secbuf *
make(const char * text)
{
	struct secbuf * b = NULL;

	ASSERT_ERR_FATAL(secbuf_copy(text, strlen(text), &b), SR_OK);
	return (b);
}

static void
holds_a_copy_and_is_zero_beyond(void)
{
	struct secbuf * b;
	size_t i;

	ASSERT_ERR_FATAL(secbuf_new(100, &b), SR_OK);
	CU_ASSERT_EQUAL(secbuf_len(b), 0);
	CU_ASSERT_EQUAL(secbuf_cap(b), 100);
	for (i = 0; i < 100; i++)
		CU_ASSERT_EQUAL(secbuf_bytes(b)[i], 0);
	secbuf_free(&b);
	CU_ASSERT_PTR_NULL(b);
	secbuf_free(&b);
	b = make("hello");
	CU_ASSERT_EQUAL(secbuf_len(b), 5);
	CU_ASSERT_EQUAL(memcmp(secbuf_bytes(b), "hello", 5), 0);
	secbuf_free(&b);
}

static void
sizes_have_a_limit(void)
{
	struct secbuf * b;

	ASSERT_ERR(secbuf_new(SECBUF_MAX + 1, &b), SR_E_LIMIT_EXCEEDED);
	CU_ASSERT_PTR_NULL(b);
	ASSERT_ERR(secbuf_new(SECBUF_MAX, &b), SR_OK);
	secbuf_writable(b)[SECBUF_MAX - 1] = 1;
	secbuf_free(&b);
	ASSERT_ERR(secbuf_new(0, &b), SR_OK);
	CU_ASSERT_EQUAL(secbuf_len(b), 0);
	CU_ASSERT_TRUE(secbuf_utf8(b));
	secbuf_free(&b);
}

/* What happens to a child that does ${harm}: the signal that ends it. */
static int
signal_of(void (*harm)(struct secbuf *), struct secbuf * b)
{
	const struct rlimit none = { 0, 0 };
	int status;
	pid_t child = fork();

	if (child == 0) {
		(void)setrlimit(RLIMIT_CORE, &none);
		(void)close(STDERR_FILENO);
		(void)signal(SIGSEGV, SIG_DFL);
		if (b == NULL && secbuf_new(5000, &b) != SR_OK)
			_exit(1);
		harm(b);
		_exit(0);
	}
	if (waitpid(child, &status, 0) != child)
		return (-1);
	return (WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

static void
overrun(struct secbuf * b)
{
	volatile uint8_t * p = secbuf_writable(b);

	p[secbuf_cap(b)] = 1;
}

static void
underrun(struct secbuf * b)
{
	volatile uint8_t * p = secbuf_writable(b);

	*(p - 1) ^= 1;
	secbuf_free(&b);
}

static void
far_underrun(struct secbuf * b)
{
	volatile uint8_t * p = secbuf_writable(b);

	*(p - 4096) = 1;
}

static void
look(struct secbuf * b)
{

	if (secbuf_bytes(b)[0] == 's')
		_exit(2);
}

static void
only_free(struct secbuf * b)
{

	secbuf_free(&b);
}

static void
a_byte_past_the_end_faults(void)
{

	CU_ASSERT_EQUAL(signal_of(overrun, NULL), SIGSEGV);
}

static void
a_byte_before_the_start_is_noticed(void)
{

	CU_ASSERT_EQUAL(signal_of(underrun, NULL), SIGABRT);
	CU_ASSERT_EQUAL(signal_of(far_underrun, NULL), SIGSEGV);
}

static void
a_forked_child_cannot_look_but_can_free(void)
{
	struct secbuf * b = make("secret of the parent");

	CU_ASSERT_EQUAL(signal_of(look, b), SIGABRT);
	CU_ASSERT_EQUAL(signal_of(only_free, b), 0);
	CU_ASSERT_EQUAL(secbuf_bytes(b)[0], 's');
	secbuf_free(&b);
}

static void
late_write(struct secbuf * b)
{
	volatile uint8_t * p;

	/* Of one page, which is kept. */
	secbuf_free(&b);
	if (secbuf_new(100, &b) != SR_OK)
		_exit(1);
	p = secbuf_writable(b);
	secbuf_free(&b);
	*p = 1;
	if (secbuf_new(10, &b) == SR_OK)
		_exit(3);
}

static void
freed_pages_hold_nothing_when_they_are_used_again(void)
{
	struct secbuf * b[100];
	size_t i, j;

	for (i = 0; i < COUNTOF(b); i++) {
		ASSERT_ERR_FATAL(secbuf_new(4000, &b[i]), SR_OK);
		memset(secbuf_writable(b[i]), 's', 4000);
	}
	for (i = 0; i < COUNTOF(b); i++)
		secbuf_free(&b[i]);
	for (i = 0; i < COUNTOF(b); i++) {
		ASSERT_ERR_FATAL(secbuf_new(4000 - i, &b[i]), SR_OK);
		CU_ASSERT_EQUAL(secbuf_len(b[i]), 0);
		for (j = 0; j < 4000 - i; j++)
			CU_ASSERT_FATAL(secbuf_bytes(b[i])[j] == 0);
	}
	for (i = 0; i < COUNTOF(b); i++)
		secbuf_free(&b[i]);
	/* What was free all the time must not have been written to. */
	CU_ASSERT_EQUAL(signal_of(late_write, NULL), SIGABRT);
}

/* The kernel's flags of the mapping that holds ${p}, from smaps. */
static bool
has_flag(const void * p, const char * flag)
{
	FILE * f = fopen("/proc/self/smaps", "r");
	char line[512];
	unsigned long low, high;
	bool here = false, found = false;

	if (f == NULL)
		return (false);
	while (fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "%lx-%lx ", &low, &high) == 2)
			here = (unsigned long)p >= low &&
			    (unsigned long)p < high;
		if (here && strstr(line, "VmFlags:") == line)
			found = strstr(line, flag) != NULL;
	}
	(void)fclose(f);
	return (found);
}

static void
pages_are_locked_and_left_out_of_dumps_and_children(void)
{
	struct secbuf * b = make("locked");
	const void * p = secbuf_bytes(b);

	CU_ASSERT_TRUE(LOCKING_IS_OFF || has_flag(p, " lo"));
	CU_ASSERT_TRUE(has_flag(p, " dd"));
	CU_ASSERT_TRUE(has_flag(p, " wf"));
	secbuf_free(&b);
}

static void
locks_its_own(struct secbuf * b)
{
	const void * p;

	if (secbuf_copy("child", 5, &b) != SR_OK)
		_exit(1);
	p = secbuf_bytes(b);
	if (has_flag(p, " dd") && has_flag(p, " wf") &&
	    (LOCKING_IS_OFF || has_flag(p, " lo")))
		(void)raise(SIGKILL);
}

/* Locks are not inherited: what the parent keeps is of no use to a child. */
static void
a_child_locks_pages_of_its_own(void)
{
	struct secbuf * b = make("of the parent");

	secbuf_free(&b);
	CU_ASSERT_EQUAL(signal_of(locks_its_own, NULL), SIGKILL);
	b = make("again");
	CU_ASSERT_EQUAL(secbuf_bytes(b)[0], 'a');
	secbuf_free(&b);
}

static void
without_lockable_memory_there_is_no_buffer(void)
{
	const struct rlimit none = { 0, 0 };
	struct secbuf * b = NULL;
	int status;
	pid_t child = fork();

	if (child == 0) {
		/* root is above the limit until it is root no longer. */
		(void)setrlimit(RLIMIT_MEMLOCK, &none);
		if (geteuid() == 0 && setuid(65534) != 0)
			_exit(2);
		_exit(secbuf_new(10, &b) == SR_E_OUT_OF_MEMORY && b == NULL ?
		    0 : 1);
	}
	CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
	CU_ASSERT(WIFEXITED(status) &&
	    (WEXITSTATUS(status) == 0 || LOCKING_IS_OFF));
}

static void
two_hundred_fit_into_the_usual_limit(void)
{
	const struct rlimit usual = { 8 << 20, 8 << 20 };
	struct secbuf * b[200];
	int status;
	size_t i;
	pid_t child = fork();

	if (child == 0) {
		if (setrlimit(RLIMIT_MEMLOCK, &usual) != 0 ||
		    (geteuid() == 0 && setuid(65534) != 0))
			_exit(2);
		for (i = 0; i < COUNTOF(b); i++) {
			if (secbuf_new(4000, &b[i]) != SR_OK)
				_exit(1);
		}
		_exit(0);
	}
	CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
	CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void
one_newline_at_the_end_is_trimmed(void)
{
	static const struct {
		const char * in;
		size_t len;
	} rows[] = { { "", 0 }, { "\n", 0 }, { "a", 1 }, { "a\n", 1 },
		{ "a\r\n", 1 }, { "a\n\n", 2 }, { "a\r", 2 }, { "\r\n", 0 } };
	struct secbuf * b;
	size_t i;

	for (i = 0; i < COUNTOF(rows); i++) {
		b = make(rows[i].in);
		secbuf_trim_newline(b);
		CU_ASSERT_EQUAL(secbuf_len(b), rows[i].len);
		if (rows[i].len < secbuf_cap(b))
			CU_ASSERT_EQUAL(secbuf_bytes(b)[rows[i].len], 0);
		secbuf_free(&b);
	}
}

static void
what_is_cut_off_is_wiped(void)
{
	struct secbuf * b = make("0123456789");

	secbuf_set_len(b, 4);
	CU_ASSERT_EQUAL(secbuf_len(b), 4);
	CU_ASSERT_EQUAL(memcmp(secbuf_bytes(b), "0123\0\0\0\0\0\0", 10), 0);
	secbuf_free(&b);
}

static void
equality_is_of_length_and_bytes(void)
{
	struct secbuf * a = make("same"), * b = make("same");
	struct secbuf * c = make("samf"), * d = make("same ");
	struct secbuf * e = NULL;

	CU_ASSERT_TRUE(secbuf_equal(a, b));
	CU_ASSERT_FALSE(secbuf_equal(a, c));
	CU_ASSERT_FALSE(secbuf_equal(a, d));
	ASSERT_ERR(secbuf_clone(a, &e), SR_OK);
	CU_ASSERT_TRUE(secbuf_equal(a, e));
	secbuf_free(&a);
	secbuf_free(&b);
	secbuf_free(&c);
	secbuf_free(&d);
	secbuf_free(&e);
}

static void
text_is_utf8_without_nul(void)
{
	struct secbuf * b = make("gr\xc3\xbc\xc3\x9f");

	CU_ASSERT_TRUE(secbuf_utf8(b));
	secbuf_free(&b);
	b = make("\xff");
	CU_ASSERT_FALSE(secbuf_utf8(b));
	secbuf_free(&b);
	ASSERT_ERR_FATAL(secbuf_copy("a\0b", 3, &b), SR_OK);
	CU_ASSERT_FALSE(secbuf_utf8(b));
	secbuf_free(&b);
}

static void
random_buffers_differ(void)
{
	struct secbuf * a, * b;

	ASSERT_ERR_FATAL(secbuf_random(32, &a), SR_OK);
	ASSERT_ERR_FATAL(secbuf_random(32, &b), SR_OK);
	CU_ASSERT_EQUAL(secbuf_len(a), 32);
	CU_ASSERT_FALSE(secbuf_equal(a, b));
	secbuf_free(&a);
	secbuf_free(&b);
	ASSERT_ERR(secbuf_random(SECBUF_MAX + 1, &a), SR_E_LIMIT_EXCEEDED);
}

static const struct suite_test tests[] = {
	TEST(holds_a_copy_and_is_zero_beyond),
	TEST(sizes_have_a_limit),
	TEST(a_byte_past_the_end_faults),
	TEST(a_byte_before_the_start_is_noticed),
	TEST(a_forked_child_cannot_look_but_can_free),
	TEST(pages_are_locked_and_left_out_of_dumps_and_children),
	TEST(freed_pages_hold_nothing_when_they_are_used_again),
	TEST(a_child_locks_pages_of_its_own),
	TEST(without_lockable_memory_there_is_no_buffer),
	TEST(two_hundred_fit_into_the_usual_limit),
	TEST(one_newline_at_the_end_is_trimmed),
	TEST(what_is_cut_off_is_wiped),
	TEST(equality_is_of_length_and_bytes),
	TEST(text_is_utf8_without_nul),
	TEST(random_buffers_differ),
};

SUITE_MAIN("core/base/secbuf", tests, NULL, NULL)
