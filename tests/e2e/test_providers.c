/*
 * Goal: a provider's credential is rotated under load and nobody notices: fifty
 * runs that began before keep the former version, whoever begins after has the
 * new one, no call fails, and a key that the provider does not take is given to
 * nobody. A provider that says the key back puts it nowhere.
 */

#include <pthread.h>
#include <stdatomic.h>

#include "tests/e2e/providers.h"
#include "tests/harness/needles.h"

#define THREADS	10
#define RUNS	5		/* Of each thread. */

static void
st_sec_007_ac1_statuses_move_through_the_web_server(void)
{

	expect("POST", CHECK, "{}", 200, "anthropic_secret_unavailable");
	expect("PUT", REFERENCE, "{\"value\":\"" ONE "\"}", 201, "active");
	expect("POST", CHECK, "{}", 200,
	    "\"status\":\"active\",\"former_status\":\"not_set\"");
	provider_server_mode(server, PROVIDER_MODE_401);
	expect("POST", CHECK, "{}", 200, "\"status\":\"invalid\"");
	expect("GET", "/api/v1/providers", NULL, 200,
	    "\"error_type\":\"anthropic_credentials_invalid\"");
	provider_server_mode(server, PROVIDER_MODE_KEYS);
	expect("POST", CHECK, "{}", 200, "\"former_status\":\"invalid\"");
}

static void
st_sec_009_ac2_the_source_is_explained_through_the_web_server(void)
{

	expect("GET", "/api/v1/explain/ANTHROPIC_API_KEY", NULL, 200,
	    "\"source\":\"reference\"");
	expect("GET", "/api/v1/explain/OPENAI_API_KEY", NULL, 200,
	    "\"error_type\":\"openai_secret_unavailable\"");
}

/* What a rotation under load is held against. */
static struct {
	const char * values[8];		/* By version. */
	unsigned before;		/* The version that runs began with. */
	unsigned bad;			/* The one that nobody may have; 0. */
	atomic_bool stop;
	atomic_uint ready;		/* Threads that have begun. */
	atomic_bool open;		/* The rotation cannot end yet. */
	atomic_uint failed;
	atomic_uint resolved;
} load;

struct worker_of_runs {
	pthread_t thread;
	struct http * http;
	char run[RUNS][37];
};

static void
look(bool good)
{

	atomic_fetch_add(good ? &load.resolved : &load.failed, 1);
}

/* Once: all runs of the thread, and one that begins. While the rotation is open
 * that one too has the former version. */
static void
once_round(struct worker_of_runs * w)
{
	const bool open = atomic_load(&load.open);
	char fresh[37];
	unsigned version;

	for (unsigned i = 0; i < RUNS; i++)
		look(resolve(w->http, w->run[i], load.values, 8) ==
		    load.before);
	version = begin_run(w->http, fresh) ?
	    resolve(w->http, fresh, load.values, 8) : 0;
	if (open && atomic_load(&load.open))
		look(version == load.before);
	else
		look(version != 0 && version != load.bad);
}

/* Runs that began before keep what they have; and some begin meanwhile. */
static void *
go_round(void * cookie)
{
	struct worker_of_runs * w = cookie;

	for (unsigned i = 0; i < RUNS; i++)
		look(begin_run(w->http, w->run[i]) && resolve(w->http,
		    w->run[i], load.values, 8) == load.before);
	atomic_fetch_add(&load.ready, 1);
	while (!atomic_load(&load.stop))
		once_round(w);
	return (NULL);
}

/* Once the rotation is going on, and rounds were made meanwhile, the provider
 * answers again, and it may end. */
static void *
let_it_end(void * cookie)
{
	struct http * h = new_program();
	bool rotating = false;
	struct http_reply * r;
	unsigned from;

	for (unsigned try = 0; try < 1000 && !rotating; try++) {
		r = call(h, "GET", "/api/v1/providers", NULL);
		rotating = http_has(r, "\"status\":\"rotating\"");
		http_reply_free(&r);
	}
	look(rotating);
	from = atomic_load(&load.resolved);
	while (atomic_load(&load.resolved) < from + THREADS * (RUNS + 1) &&
	    atomic_load(&load.failed) == 0)
		sleep_ms(5);
	atomic_store(&load.open, false);
	provider_server_mode(server, PROVIDER_MODE_KEYS);
	http_free(&h);
	return (cookie);
}

/* Rotate to ${value} while fifty runs resolve, and some begin. */
static void
rotate_under_load(const char * value, long status, const char * text)
{
	static struct worker_of_runs w[THREADS];
	char body[128];
	pthread_t end;

	provider_server_mode(server, PROVIDER_MODE_500);
	atomic_store(&load.open, true);
	atomic_store(&load.stop, false);
	atomic_store(&load.ready, 0);
	atomic_store(&load.failed, 0);
	atomic_store(&load.resolved, 0);
	for (unsigned i = 0; i < THREADS; i++) {
		w[i].http = new_program();
		CU_ASSERT_EQUAL_FATAL(pthread_create(&w[i].thread, NULL,
		    go_round, &w[i]), 0);
	}
	while (atomic_load(&load.ready) < THREADS)
		sleep_ms(5);
	CU_ASSERT_EQUAL_FATAL(pthread_create(&end, NULL, let_it_end, NULL), 0);
	(void)snprintf(body, sizeof(body),
	    "{\"value\":\"%s\",\"confirm\":true}", value);
	expect("POST", ROTATE, body, status, text);
	pthread_join(end, NULL);
	atomic_store(&load.stop, true);
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(w[i].thread, NULL);
		http_free(&w[i].http);
	}
	suite_note("%u calls as they should be, %u not", load.resolved,
	    load.failed);
	CU_ASSERT_EQUAL(load.failed, 0);
	CU_ASSERT(load.resolved >= THREADS * (2 * RUNS + 1));
}

static unsigned
version_of_a_new_run(void)
{
	char id[37] = "";

	if (!begin_run(program, id))
		return (0);
	return (resolve(program, id, load.values, 8));
}

static void
st_sec_008_ac2_fifty_runs_resolve_while_the_key_is_rotated(void)
{

	load.values[1] = ONE;
	load.values[2] = TWO;
	load.before = 1;
	load.bad = 0;
	rotate_under_load(TWO, 200, "\"state\":\"done\"");
	CU_ASSERT_EQUAL(version_of_a_new_run(), 2);
	expect("GET", REFERENCE, NULL, 200, "\"key_version\":2");
}

static void
st_sec_008_ac3_fifty_runs_keep_the_key_when_a_new_one_is_refused(void)
{

	load.values[3] = BAD;
	load.before = 2;
	load.bad = 3;
	rotate_under_load(BAD, 422, "\"rolled_back\":true,"
	    "\"continuity_alarm\":false,\"from_version\":2");
	CU_ASSERT_EQUAL(version_of_a_new_run(), 2);
	expect("GET", REFERENCE, NULL, 200, "\"key_version\":2");
}

static void
an_echoed_key_is_in_no_answer(void)
{
	struct http_reply * r;

	provider_server_mode(server, PROVIDER_MODE_ECHO);
	r = call(program, "POST", ROTATE, "{\"value\":\"" ECHOED
	    "\",\"confirm\":true}");
	CU_ASSERT_EQUAL(r->status, 422);
	CU_ASSERT_FALSE(http_has(r, ECHOED));
	CU_ASSERT_FALSE(http_has(r, TWO));
	http_reply_free(&r);
	r = call(program, "GET", "/api/v1/providers", NULL);
	CU_ASSERT_EQUAL(r->status, 200);
	CU_ASSERT_FALSE(http_has(r, "ant-test"));
	http_reply_free(&r);
	provider_server_mode(server, PROVIDER_MODE_KEYS);
}

/* Until the list of providers says ${text}: a keeper looks by itself. */
static bool
comes_to_say(const char * text)
{
	struct http_reply * r;
	bool said = false;

	for (unsigned try = 0; try < 600 && !said; try++) {
		r = call(program, "GET", "/api/v1/providers", NULL);
		said = http_has(r, text);
		http_reply_free(&r);
		if (!said)
			sleep_ms(50);
	}
	return (said);
}

/* Saved or revoked by the API or the command: asked about without a wish. */
static void
st_sec_007_ac1_a_changed_key_is_checked_by_itself(void)
{
	struct http_reply * r = call(program, "PUT", REFERENCE,
	    "{\"value\":\"" BAD "\"}");

	CU_ASSERT_EQUAL(r->status, 200);
	http_reply_free(&r);
	CU_ASSERT(comes_to_say("\"error_type\":"
	    "\"anthropic_credentials_invalid\""));
	CU_ASSERT_EQUAL(instance_operator(inst, INSTANCE_ARGS("secret",
	    "rotate", "--scope", "integration", "--name",
	    "providers/anthropic_api_key"), ONE "\n", NULL, NULL), 0);
	CU_ASSERT(comes_to_say("\"status\":\"active\","
	    "\"former_status\":\"invalid\""));
	expect("DELETE", REFERENCE, NULL, 200, "revoked");
	CU_ASSERT(comes_to_say("\"status\":\"not_set\","
	    "\"former_status\":\"active\""));
}

static void
no_credential_is_in_a_page_a_log_or_the_database(void)
{
	static const char * const keys[] = { ONE, TWO, BAD, ECHOED };
	struct needles * n = needles_new();
	struct http * person = walk_in(inst);
	struct http_reply * r;
	const char * form = "";

	CU_ASSERT_PTR_NOT_NULL_FATAL(person);
	r = http_get(person, "/settings/security");
	char * all[] = { mariadb_dump(instance_database(inst)),
	    instance_log(inst), instance_access_log(inst),
	    instance_web_log(inst), strdup(r->body) };

	for (size_t k = 0; k < COUNTOF(keys); k++)
		needles_secret(n, keys[k], strlen(keys[k]));
	for (size_t i = 0; i < COUNTOF(all); i++) {
		CU_ASSERT_PTR_NOT_NULL_FATAL(all[i]);
		if (needles_in(n, all[i], strlen(all[i]), &form) != 0)
			suite_note("place %zu, form %s", i, form);
		CU_ASSERT_EQUAL(needles_in(n, all[i], strlen(all[i]), &form),
		    0);
		free(all[i]);
	}
	http_reply_free(&r);
	http_free(&person);
	needles_free(&n);
}

static const struct suite_test tests[] = {
	TEST(st_sec_007_ac1_statuses_move_through_the_web_server),
	TEST(st_sec_009_ac2_the_source_is_explained_through_the_web_server),
	TEST(st_sec_008_ac2_fifty_runs_resolve_while_the_key_is_rotated),
	TEST(st_sec_008_ac3_fifty_runs_keep_the_key_when_a_new_one_is_refused),
	TEST(an_echoed_key_is_in_no_answer),
	TEST(st_sec_007_ac1_a_changed_key_is_checked_by_itself),
	TEST(no_credential_is_in_a_page_a_log_or_the_database),
};

SUITE_MAIN("e2e/providers", tests, program_start, program_stop)
