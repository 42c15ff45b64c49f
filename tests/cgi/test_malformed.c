/*
 * Goal: requests that no good client makes, with a secret in any place of them,
 * are all answered; neither an answer nor a line of the log nor a row says the
 * secret. $STRONGROOM_TEST_ROUNDS makes it many.
 */

#include <sys/mman.h>

#include <unistd.h>

#include <nettle/base64.h>

#include "core/access/apikey.h"
#include "core/log/log.h"
#include "core/vault/secret.h"
#include "tests/cgi/visit.h"
#include "tests/fuzz/odd.h"
#include "tests/harness/needles.h"

#define ROUNDS		1500
#define LOOK_EVERY	5000	/* The log is looked through and emptied. */

static struct needles * needles;
static char * value;
static char * forms[ODD_FORMS];
static char bearer[80];
static int log_fd;
static unsigned answered[6];	/* By the first digit of the status. */

static size_t
odd_source_read(void * cookie, void * into, size_t len)
{
	struct odd * o = cookie;
	size_t n = o->body_len < len ? o->body_len : len;

	memcpy(into, &o->text[o->body_at], n);
	o->body_at += n;
	o->body_len -= n;
	return (n);
}

static const char *
odd_source_param(void * cookie, const char * name)
{
	const struct odd * o = cookie;

	for (size_t i = 0; i < o->n; i++) {
		if (strcmp(o->param[i].name, name) == 0)
			return (&o->text[o->param[i].at]);
	}
	return (NULL);
}

static bool
odd_source_twice(void * cookie, const char * name)
{

	(void)cookie;
	(void)name;
	return (false);
}

static bool
odd_source_broken(void * cookie)
{
	const struct odd * o = cookie;

	return (o->state % 97 == 0);
}

static bool
clean(const char * where, const char * text, size_t len)
{
	const char * form = NULL;
	size_t n = needles_in(needles, text, len, &form);

	if (n != 0)
		suite_note("the secret is in %s, as %s", where, form);
	return (n == 0);
}

static void
know_forms(void)
{
	static const char digits[] = "0123456789abcdef";
	const size_t len = strlen(value);

	forms[0] = value;
	forms[1] = calloc(1, len * 2 + 1);
	forms[2] = calloc(1, len * 3 + 1);
	forms[3] = calloc(1, len * 2 + 1);
	must(forms[1] != NULL && forms[2] != NULL && forms[3] != NULL);
	for (size_t i = 0; i < len; i++) {
		const uint8_t b = (uint8_t)value[i];

		forms[1][2 * i] = digits[b >> 4];
		forms[1][2 * i + 1] = digits[b & 15];
		(void)snprintf(&forms[2][3 * i], 4, "%%%02X", b);
	}
	base64_encode_raw(forms[3], len, (const uint8_t *)value);
	needles_secret(needles, value, len);
}

static void
make_key(void)
{
	const struct api_key_request request = { .name = "odd/all",
	    .scopes = "secrets:write,secrets:read,runs:write,audit:read" };
	struct disclosed * token = NULL;
	const char * field = NULL;
	struct api_key key;
	char * text;

	ASSERT_ERR_FATAL(api_key_create(&visit_house.store, &visit_house.actor,
	    &request, &field, &token, &key), SR_OK);
	text = visit_token(token);
	(void)snprintf(bearer, sizeof(bearer), "Bearer %s", text);
	free(text);
	disclosed_free(&token);
}

static void
a_secret_is_known(void)
{
	struct secbuf * b = house_secret(value);
	const struct secret_write w = { .scope = "integration",
	    .name = "providers/odd", .value = b };

	visit_sign_in();
	ASSERT_ERR_FATAL(secret_put(&visit_house.store, &visit_house.actor, &w,
	    NULL, NULL), SR_OK);
	ASSERT_ERR_FATAL(liveset_refresh(visit_worker.live,
	    &visit_house.store), SR_OK);
	secbuf_free(&b);
	make_key();
}

static void
look_at_log(void)
{
	const off_t len = lseek(log_fd, 0, SEEK_END);
	char * text = malloc((size_t)len + 1);

	must(text != NULL && pread(log_fd, text, (size_t)len, 0) == len);
	CU_ASSERT(clean("the log", text, (size_t)len));
	CU_ASSERT(ftruncate(log_fd, 0) == 0 &&
	    lseek(log_fd, 0, SEEK_SET) == 0);
	free(text);
}

static void
ask(struct odd * o)
{
	const struct source source = { .param = odd_source_param,
	    .twice = odd_source_twice, .read = odd_source_read,
	    .broken = odd_source_broken, .cookie = o };
	struct strbuf answer;
	const struct sink sink = { .write = visit_sink,
	    .break_off = visit_break_off, .cookie = &answer,
	    .keep = visit_keep };
	const char * text;
	int status;

	odd_make(o);
	strbuf_init(&answer, VISIT_ANSWER_MAX);
	exchange_run(&visit_worker, visit_db, &source, &sink);
	text = strbuf_str(&answer);
	status = strncmp(text, "Status: ", 8) == 0 ? atoi(text + 8) : 0;
	CU_ASSERT(status >= 200 && status < 600 && status != 500);
	answered[status / 100 % 6]++;
	if (!clean("an answer", text, answer.len) || status == 500 ||
	    status < 200) {
		suite_note("%s %s: %d", &o->text[o->param[0].at],
		    &o->text[o->param[o->path].at], status);
		CU_FAIL("see the note");
	}
	strbuf_free(&answer);
}

static void
odd_requests_are_answered_and_say_no_secret(void)
{
	const struct odd_words words = { .secret = { forms[0], forms[1],
	    forms[2], forms[3] }, .session = visit_session, .bearer = bearer,
	    .csrf = visit_csrf };
	const char * rounds = getenv("STRONGROOM_TEST_ROUNDS");
	const char * seed = getenv("STRONGROOM_TEST_SEED");
	const unsigned n = rounds == NULL ? ROUNDS :
	    (unsigned)strtoul(rounds, NULL, 10);
	struct odd * o = calloc(1, sizeof(*o));

	must(o != NULL);
	o->words = &words;
	o->state = UINT64_C(88172645463325252) + (seed == NULL ? 0 :
	    strtoull(seed, NULL, 10));
	for (unsigned i = 1; i <= n; i++) {
		ask(o);
		if (i % LOOK_EVERY == 0)
			look_at_log();
	}
	look_at_log();
	(void)printf("     %u requests: 2xx %u, 3xx %u, 4xx %u, 5xx %u\n", n,
	    answered[2], answered[3], answered[4], answered[5]);
	/* Not all of them were refused at the door. */
	CU_ASSERT(answered[2] > n / 50);
	free(o);
}

static void
no_row_says_the_secret(void)
{
	char * dump = mariadb_dump(visit_house.m);

	CU_ASSERT_PTR_NOT_NULL_FATAL(dump);
	CU_ASSERT_PTR_NOT_NULL(strstr(dump, "providers/odd"));
	CU_ASSERT(clean("the dump", dump, strlen(dump)));
	free(dump);
}

static int
open_house(void)
{

	if (visit_open() != 0)
		return (-1);
	needles = needles_new();
	value = random_secret(40);
	know_forms();
	log_fd = memfd_create("log", MFD_CLOEXEC);
	log_open(visit_worker.redact, log_fd);
	return (0);
}

static int
close_house(void)
{

	log_open(NULL, -1);
	needles_free(&needles);
	for (unsigned i = 0; i < ODD_FORMS; i++)
		free(forms[i]);
	(void)close(log_fd);
	return (visit_close());
}

static const struct suite_test tests[] = {
	TEST(a_secret_is_known),
	TEST(odd_requests_are_answered_and_say_no_secret),
	TEST(no_row_says_the_secret),
};

SUITE_MAIN("cgi/malformed", tests, open_house, close_house)
