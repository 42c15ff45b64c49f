/*
 * Goal: what libfcgi gets is whole and good, and nothing else: no record of
 * another kind, no length that is not kept, no text that is two. And a body is
 * read to its end, or known to be broken.
 */

#include <sys/socket.h>

#include <string.h>
#include <unistd.h>

#include "cgi/fcgi_in.h"
#include "core/base/clock.h"
#include "tests/harness/suite.h"

#define BYTES(s)	s, sizeof(s) - 1
#define BEGIN		"\1\1\0\1\0\10\0\0\0\1\0\0\0\0\0\0"
#define ONE_PARAM	"\1\4\0\1\0\5\0\0\1\2" "AxB"
#define NO_MORE		"\1\4\0\1\0\0\0\0"
#define OVER		"\1\5\0\1\0\0\0\0"

static struct incoming * in;
static atomic_uint idle = 1;
static int door, others;	/* Somebody always waits at it. */
static int ours, theirs;

static void
connect_both(void)
{
	int fds[2];

	CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	ours = fds[0];
	theirs = fds[1];
}

static void
part(void)
{

	incoming_end(in);
	(void)close(theirs);
}

/* What is handed over of ${bytes}, after which the peer is silent. */
static int
take(const char * bytes, size_t len)
{

	connect_both();
	CU_ASSERT_EQUAL(send(theirs, bytes, len, MSG_NOSIGNAL), (ssize_t)len);
	return (incoming_take(in, ours, 50));
}

static void
refused(const char * bytes, size_t len)
{

	CU_ASSERT_EQUAL(take(bytes, len), -1);
	incoming_leave(in);
	(void)close(ours);
	(void)close(theirs);
}

static void
parameters_are_handed_over_as_they_came(void)
{
	static const char all[] = BEGIN ONE_PARAM NO_MORE;
	char got[256];
	int fd = take(BYTES(BEGIN ONE_PARAM NO_MORE OVER));

	CU_ASSERT_FATAL(fd != -1);
	CU_ASSERT_EQUAL(read(fd, got, sizeof(got)), (ssize_t)sizeof(all) - 1);
	CU_ASSERT_EQUAL(memcmp(got, all, sizeof(all) - 1), 0);
	/* Nothing more, and nobody waits for it. */
	CU_ASSERT(read(fd, got, sizeof(got)) <= 0);
	(void)close(fd);
	CU_ASSERT_EQUAL(incoming_body(in, got, sizeof(got)), 0);
	CU_ASSERT_FALSE(incoming_broken(in));
	part();
}

static void
what_is_no_request_is_refused(void)
{

	refused(BYTES(""));
	refused(BYTES("GET / HTTP/1.1\r\n\r\n"));
	refused(BYTES("\2\1\0\1\0\10\0\0\0\1\0\0\0\0\0\0" NO_MORE));
	refused(BYTES("\1\1\0\0\0\10\0\0\0\1\0\0\0\0\0\0" NO_MORE));
	refused(BYTES("\1\1\0\1\0\7\0\0\0\1\0\0\0\0\0" NO_MORE));
	refused(BYTES("\1\1\0\1\0\10\0\0\0\2\0\0\0\0\0\0" NO_MORE));
	refused(BYTES("\1\1\0\1\0\10\0\0\1\1\0\0\0\0\0\0" NO_MORE));
	refused(BYTES(ONE_PARAM NO_MORE));
	refused(BYTES(BEGIN ONE_PARAM));
}

static void
records_of_other_kinds_are_refused(void)
{

	/* GET_VALUES, for which the library has 64 bytes. */
	refused(BYTES("\1\11\0\0\0\20\0\0\16\0FCGI_MAX_CONNS" BEGIN NO_MORE));
	refused(BYTES(BEGIN "\1\11\0\0\0\20\0\0\16\0FCGI_MAX_CONNS" NO_MORE));
	refused(BYTES(BEGIN ONE_PARAM OVER NO_MORE));
	refused(BYTES(BEGIN "\1\2\0\1\0\0\0\0" NO_MORE));
	refused(BYTES(BEGIN BEGIN NO_MORE));
	refused(BYTES(BEGIN "\1\4\0\2\0\5\0\0\1\2" "AxB" NO_MORE));
}

static void
lengths_that_are_not_kept_are_refused(void)
{

	refused(BYTES(BEGIN "\1\4\0\1\0\5\0\0\1\3" "AxB" NO_MORE));
	refused(BYTES(BEGIN "\1\4\0\1\0\1\0\0\1" NO_MORE));
	refused(BYTES(BEGIN "\1\4\0\1\0\2\0\0\1\200" NO_MORE));
	refused(BYTES(BEGIN "\1\4\0\1\0\12\0\0\377\377\377\377\377\377\377\377"
	    "AB" NO_MORE));
	refused(BYTES(BEGIN "\1\4\0\1\0\7\0\0\1\177\377\377\377" "AB" NO_MORE));
	refused(BYTES(BEGIN "\1\4\0\1\0\3\0\0\0\1" "B" NO_MORE));
}

static void
texts_that_are_two_are_refused(void)
{

	refused(BYTES(BEGIN "\1\4\0\1\0\5\0\0\2\1" "A=B" NO_MORE));
	refused(BYTES(BEGIN "\1\4\0\1\0\5\0\0\1\2" "A\0B" NO_MORE));
	refused(BYTES(BEGIN "\1\4\0\1\0\5\0\0\2\1" "A\0B" NO_MORE));
}

static void
more_parameters_than_there_may_be_are_refused(void)
{
	static char all[INCOMING_PARAMS_MAX + 64] = BEGIN "\1\4\0\1";
	size_t len = INCOMING_PARAMS_MAX;
	int fd;

	/* One that fills all: a name of one byte, and a value. */
	all[20] = (char)(len >> 8);
	all[21] = (char)len;
	memset(&all[24], 'v', len);
	len -= 6;
	all[24] = 1;
	all[25] = (char)0x80;
	all[26] = 0;
	all[27] = (char)(len >> 8);
	all[28] = (char)len;
	memcpy(&all[24 + INCOMING_PARAMS_MAX], NO_MORE, 8);
	fd = take(all, 24 + INCOMING_PARAMS_MAX + 8);
	CU_ASSERT(fd != -1);
	(void)close(fd);
	part();
	memcpy(&all[24 + INCOMING_PARAMS_MAX], "\1\4\0\1\0\3\0\0\1\0A" NO_MORE,
	    19);
	refused(all, 24 + INCOMING_PARAMS_MAX + 19);
}

/* What is read of a body, up to ${size} bytes of it. */
static size_t
body_of(const char * bytes, size_t len, char * out, size_t size)
{
	static const char before[] = BEGIN NO_MORE;
	size_t got = 0, n;
	int fd;

	fd = take(before, sizeof(before) - 1);
	CU_ASSERT_FATAL(fd != -1);
	(void)close(fd);
	CU_ASSERT_EQUAL(send(theirs, bytes, len, 0), (ssize_t)len);
	(void)shutdown(theirs, SHUT_WR);
	while ((n = incoming_body(in, &out[got], size - got)) > 0)
		got += n;
	return (got);
}

static void
a_body_in_records_with_padding_is_one(void)
{
	char out[64];

	CU_ASSERT_EQUAL(body_of(BYTES("\1\5\0\1\0\3\3\0abc---"
	    "\1\5\0\1\0\2\0\0de" OVER), out, sizeof(out)), 5);
	CU_ASSERT_EQUAL(memcmp(out, "abcde", 5), 0);
	CU_ASSERT_FALSE(incoming_broken(in));
	part();
}

static void
broken(const char * bytes, size_t len)
{
	char out[64];

	(void)body_of(bytes, len, out, sizeof(out));
	CU_ASSERT_TRUE(incoming_broken(in));
	CU_ASSERT_EQUAL(incoming_body(in, out, 1), 0);
	part();
}

static void
a_body_that_breaks_off_is_broken(void)
{

	broken(BYTES(""));
	broken(BYTES("\1\5\0\1"));
	broken(BYTES("\1\5\0\1\0\3\0\0ab"));
	broken(BYTES("\1\5\0\1\0\2\0\0ab"));
	broken(BYTES("\1\5\0\1\0\2\0\0ab" "\1\2\0\1\0\0\0\0"));
	broken(BYTES("\1\5\0\2\0\2\0\0ab" OVER));
	broken(BYTES("\1\11\0\0\0\20\0\0\16\0FCGI_MAX_CONNS" OVER));
}

static void
who_is_silent_is_not_waited_for_longer(void)
{
	int64_t began = clock_monotonic_ms();

	refused(BYTES(BEGIN));
	CU_ASSERT(clock_monotonic_ms() - began >= 50);
	CU_ASSERT(clock_monotonic_ms() - began < 5000);
}

/* ${ms} for parameters that do not come. */
static int64_t
waited(int64_t ms)
{
	int64_t began = clock_monotonic_ms();

	connect_both();
	CU_ASSERT_EQUAL(incoming_take(in, ours, ms), -1);
	incoming_leave(in);
	(void)close(ours);
	(void)close(theirs);
	return (clock_monotonic_ms() - began);
}

static void
who_is_silent_goes_sooner_while_others_wait_for_a_thread(void)
{

	/* A thread is there for them. */
	CU_ASSERT(waited(3000) >= 3000);
	atomic_store(&idle, 0);
	CU_ASSERT(waited(60000) < 30000);
	atomic_store(&idle, 1);
}

static int
start(void)
{
	static int fds[2];

	/* The one end of a pair that can be read, for ever. */
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0 ||
	    send(fds[1], "", 1, 0) != 1)
		return (-1);
	door = fds[0];
	others = fds[1];

	in = incoming_new(door, &idle);
	return (in == NULL ? -1 : 0);
}

static int
stop(void)
{

	incoming_free(&in);
	(void)close(door);
	(void)close(others);
	return (0);
}

static const struct suite_test tests[] = {
	TEST(parameters_are_handed_over_as_they_came),
	TEST(what_is_no_request_is_refused),
	TEST(records_of_other_kinds_are_refused),
	TEST(lengths_that_are_not_kept_are_refused),
	TEST(texts_that_are_two_are_refused),
	TEST(more_parameters_than_there_may_be_are_refused),
	TEST(a_body_in_records_with_padding_is_one),
	TEST(a_body_that_breaks_off_is_broken),
	TEST(who_is_silent_is_not_waited_for_longer),
	TEST(who_is_silent_goes_sooner_while_others_wait_for_a_thread),
};

SUITE_MAIN("cgi/fcgi_in", tests, start, stop)
