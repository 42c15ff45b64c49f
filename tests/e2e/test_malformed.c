/*
 * Goal: requests that no good client makes, over real sockets: as HTTP through
 * the web server, and as records of FastCGI to the worker. With a stored secret
 * in any place of them. The worker goes on, keeps no memory and says no secret.
 * $STRONGROOM_TEST_ROUNDS makes it many, $STRONGROOM_TEST_SEED others.
 */

#include <sys/socket.h>
#include <sys/un.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include <nettle/base64.h>

#include "core/base/clock.h"
#include "tests/fuzz/odd.h"
#include "tests/harness/files.h"
#include "tests/harness/instance.h"
#include "tests/harness/mariadb.h"
#include "tests/harness/needles.h"
#include "tests/harness/process.h"
#include "tests/harness/suite.h"
#include "tests/harness/walk.h"

#define ROUNDS		1200	/* Of each way. */
#define SENDERS		4
#define PATIENCE_MS	400	/* For an answer that may never come. */
#define GROWN_KB	8192
#define VALUE_LEN	40

struct sender {
	pthread_t thread;
	unsigned n;
	bool raw;
	uint64_t seed;
	struct odd o;
	uint8_t out[ODD_TEXT * 3];
	char answer[262144];
};

static struct instance * inst;
static struct http * owner;
static struct needles * needles;
static char * value;
static char forms[ODD_FORMS][VALUE_LEN * 3 + 1];
static char session[200], bearer[80], csrf[80];
static struct odd_words words;
static atomic_uint leaks, answers, silent;

static void
know_forms(void)
{
	static const char digits[] = "0123456789abcdef";

	value = random_secret(VALUE_LEN);
	memcpy(forms[0], value, VALUE_LEN + 1);
	for (size_t i = 0; i < VALUE_LEN; i++) {
		const uint8_t b = (uint8_t)value[i];

		forms[1][2 * i] = digits[b >> 4];
		forms[1][2 * i + 1] = digits[b & 15];
		(void)snprintf(&forms[2][3 * i], 4, "%%%02X", b);
	}
	base64_encode_raw(forms[3], VALUE_LEN, (const uint8_t *)value);
	needles_secret(needles, value, VALUE_LEN);
	for (size_t i = 0; i < ODD_FORMS; i++)
		words.secret[i] = forms[i];
}

static bool
make_key(void)
{
	char * out = NULL, * err = NULL;
	const char * key = NULL;

	if (instance_operator(inst, INSTANCE_ARGS("apikey", "create", "--name",
	    "e2e/odd", "--scope", "secrets:write,secrets:read,runs:write,"
	    "audit:read", "--json"), NULL, &out, &err) == 0 &&
	    (key = strstr(out, "\"key\":\"")) != NULL)
		(void)snprintf(bearer, sizeof(bearer), "Bearer %.53s",
		    key + strlen("\"key\":\""));
	free(out);
	free(err);
	return (key != NULL);
}

static int
start(void)
{
	struct http_reply * r;
	char * text;

	if ((inst = instance_start(NULL)) == NULL ||
	    (owner = walk_in(inst)) == NULL || !make_key())
		return (-1);
	needles = needles_new();
	know_forms();
	text = http_cookie(owner, "sr_session");
	(void)snprintf(session, sizeof(session), "sr_session=%s", text);
	free(text);
	r = http_get(owner, "/settings/security");
	text = http_xpath(r, "string(//input[@name='_csrf']/@value)");
	(void)snprintf(csrf, sizeof(csrf), "%s", text);
	free(text);
	http_reply_free(&r);
	words.session = session;
	words.bearer = bearer;
	words.csrf = csrf;
	return (walk_stored(owner, "integration", "providers/odd", value) ? 0 :
	    -1);
}

static int
stop(void)
{

	needles_free(&needles);
	http_free(&owner);
	free(value);
	return (instance_stop(&inst) == 0 ? 0 : -1);
}

static int
dial(bool raw)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)instance_port(inst)),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	char * path = instance_socket(inst);
	int fd = socket(raw ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC,
	    0);

	(void)snprintf(un.sun_path, sizeof(un.sun_path), "%s", path);
	free(path);
	must(fd != -1 && (raw ? connect(fd, (struct sockaddr *)&un,
	    sizeof(un)) : connect(fd, (struct sockaddr *)&in,
	    sizeof(in))) == 0);
	return (fd);
}

/* What comes back, up to the end or for as long as it may be waited for. */
static size_t
hear(struct sender * s, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	size_t len = 0;
	ssize_t n = 1;

	while (n > 0 && len < sizeof(s->answer) &&
	    poll(&p, 1, len == 0 ? PATIENCE_MS : PATIENCE_MS / 4) == 1) {
		n = recv(fd, &s->answer[len], sizeof(s->answer) - len, 0);
		len += n > 0 ? (size_t)n : 0;
	}
	return (len);
}

static void
send_one(struct sender * s)
{
	const char * form = NULL;
	const uint32_t end = odd_random(&s->o, 8);
	size_t len, heard;
	int fd;

	odd_make(&s->o);
	len = s->raw ? odd_fcgi(&s->o, s->out) : odd_http(&s->o,
	    instance_prefix(inst), (char *)s->out, sizeof(s->out));
	fd = dial(s->raw);
	(void)(send(fd, s->out, len, MSG_NOSIGNAL) == (ssize_t)len);
	if (end == 0) {		/* Goes without waiting. */
		(void)close(fd);
		return;
	}
	if (end == 1)
		(void)shutdown(fd, SHUT_WR);
	heard = hear(s, fd);
	(void)close(fd);
	atomic_fetch_add(heard == 0 ? &silent : &answers, 1);
	if (needles_in(needles, s->answer, heard, &form) == 0)
		return;
	atomic_fetch_add(&leaks, 1);
	(void)fprintf(stderr, "an answer says the secret, as %s: seed %llu\n",
	    form, (unsigned long long)s->seed);
}

static void *
send_all(void * cookie)
{
	struct sender * s = cookie;

	s->o.words = &words;
	s->o.state = s->seed;
	for (unsigned i = 0; i < s->n; i++)
		send_one(s);
	return (NULL);
}

static unsigned
rounds(void)
{
	const char * text = getenv("STRONGROOM_TEST_ROUNDS");

	return (text == NULL ? ROUNDS : (unsigned)strtoul(text, NULL, 10));
}

static void
send_many(bool raw, unsigned n)
{
	static uint64_t turn;
	const char * seed = getenv("STRONGROOM_TEST_SEED");
	struct sender * s = calloc(SENDERS, sizeof(*s));

	must(s != NULL);
	for (unsigned i = 0; i < SENDERS; i++) {
		s[i].raw = raw;
		s[i].n = n / SENDERS;
		s[i].seed = UINT64_C(88172645463325252) + ++turn * 7919 +
		    (seed == NULL ? 0 : strtoull(seed, NULL, 10) * 104729);
		must(pthread_create(&s[i].thread, NULL, send_all, &s[i]) == 0);
	}
	for (unsigned i = 0; i < SENDERS; i++)
		(void)pthread_join(s[i].thread, NULL);
	free(s);
}

/* A number of /proc/PID/status. */
static long
status_of(const char * name)
{
	char * path = text_format("/proc/%d/status",
	    (int)instance_worker(inst, 0));
	char * text = file_read(path, NULL);
	const char * p = text == NULL ? NULL : strstr(text, name);
	long n = p == NULL ? -1 : atol(p + strlen(name));

	free(text);
	free(path);
	return (n);
}

static void
still_there(pid_t pid)
{
	struct http_reply * r = http_get(owner, "/healthz");

	CU_ASSERT_EQUAL(r->status, 200);
	CU_ASSERT_EQUAL(instance_worker(inst, 0), pid);
	CU_ASSERT_TRUE(process_alive(pid));
	http_reply_free(&r);
}

static void
many(bool raw)
{
	const pid_t pid = instance_worker(inst, 0);
	const unsigned n = rounds();
	long warm, after;

	atomic_store(&answers, 0);
	atomic_store(&silent, 0);
	send_many(raw, n / 3);
	warm = status_of("VmRSS:");
	send_many(raw, n - n / 3);
	after = status_of("VmRSS:");
	still_there(pid);
	CU_ASSERT_EQUAL(atomic_load(&leaks), 0);
	(void)printf("     %u requests, %u answers, %u silent; %ld kB after a "
	    "third, %ld kB at the end\n", n, atomic_load(&answers),
	    atomic_load(&silent), warm, after);
	CU_ASSERT(warm > 0);
#ifndef SR_SANITIZED
	/* A sanitizer keeps what was freed, and looks for leaks at the end. */
	CU_ASSERT(after - warm < GROWN_KB);
#endif
}

static void
odd_http_ends_nothing_and_says_no_secret(void)
{

	many(false);
	CU_ASSERT(atomic_load(&answers) > rounds() / 2);
}

static void
odd_records_end_nothing_and_say_no_secret(void)
{

	many(true);
	CU_ASSERT(atomic_load(&answers) > rounds() / 3);
}

static void
neither_log_nor_row_says_the_secret(void)
{
	char * log = instance_log(inst);
	char * dump = mariadb_dump(instance_database(inst));
	const char * form = "";

	CU_ASSERT_PTR_NOT_NULL(strstr(log, "secret_stored"));
	CU_ASSERT_EQUAL(needles_in(needles, log, strlen(log), &form), 0);
	CU_ASSERT_PTR_NULL(strstr(log, "Sanitizer"));
	CU_ASSERT_PTR_NULL(strstr(log, "runtime error"));
	CU_ASSERT_PTR_NOT_NULL_FATAL(dump);
	CU_ASSERT_PTR_NOT_NULL(strstr(dump, "providers/odd"));
	CU_ASSERT_EQUAL(needles_in(needles, dump, strlen(dump), &form), 0);
	free(dump);
	free(log);
}

static void
the_secret_and_the_owner_are_still_there(void)
{
	struct http_reply * r = http_get(owner, "/settings/security");

	CU_ASSERT_EQUAL(r->status, 200);
	CU_ASSERT_TRUE(http_has(r, "providers/odd"));
	http_reply_free(&r);
}

static const struct suite_test tests[] = {
	TEST(odd_http_ends_nothing_and_says_no_secret),
	TEST(odd_records_end_nothing_and_say_no_secret),
	TEST(neither_log_nor_row_says_the_secret),
	TEST(the_secret_and_the_owner_are_still_there),
};

SUITE_MAIN("e2e/malformed", tests, start, stop)
