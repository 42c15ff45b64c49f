/*
 * Goal: the root key is changed while the server works: under load no save
 * fails but those of a worker that has not read the new key, and these say
 * what to do; after SIGHUP all saves are under the new version; then the old
 * key can go. ST-SEC-003.
 */

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness/files.h"
#include "tests/harness/instance.h"
#include "tests/harness/mariadb.h"
#include "tests/harness/suite.h"
#include "tests/harness/walk.h"

#define CLIENTS	3

static struct instance * inst;
static struct http * owner;
static char * key_file;

struct client {
	pthread_t thread;
	unsigned no;
	struct http * h;
	atomic_bool * end;
	atomic_uint saved;
	unsigned refused;	/* With root_key_mismatch. */
	unsigned other;		/* With anything else. */
};

static int
operator(char ** out, const char * const * args)
{
	char * err = NULL;
	int rc = instance_operator(inst, args, NULL, out, &err);

	if (rc != 0)
		suite_note("exit %d: %s%s", rc, out == NULL ? "" : *out, err);
	free(err);
	return (rc);
}

static int
start(void)
{
	const struct instance_options two = { .workers = 2 };

	if ((inst = instance_start(&two)) == NULL ||
	    (owner = walk_in(inst)) == NULL)
		return (-1);
	key_file = text_format("%s/root.key", instance_folder(inst));
	return (0);
}

static int
stop(void)
{

	free(key_file);
	http_free(&owner);
	return (instance_stop(&inst) == 0 ? 0 : -1);
}

static void
save_once(struct client * c, unsigned i)
{
	char * name = text_format("rotate/%u-%u", c->no, i % 5);
	char * value = text_format("a-value-of-%u-in-round-%u", c->no, i);
	struct http_reply * sent = walk_store(c->h, "instance", name, value);
	char * type;

	if (sent->status == 303) {
		atomic_fetch_add(&c->saved, 1);
	} else {
		type = http_id_text(sent,
		    "settings-security-secret-error-type");
		if (strcmp(type, "root_key_mismatch") == 0)
			c->refused++;
		else {
			suite_note("%ld %s", sent->status, type);
			c->other++;
		}
		free(type);
	}
	http_reply_free(&sent);
	free(name);
	free(value);
}

static void *
save_on(void * cookie)
{
	struct client * c = cookie;
	unsigned i;

	for (i = 0; !atomic_load(c->end); i++)
		save_once(c, i);
	return (NULL);
}

static void
start_load(struct client c[CLIENTS], atomic_bool * end)
{
	unsigned i;

	atomic_store(end, false);
	for (i = 0; i < CLIENTS; i++) {
		c[i] = (struct client){ .no = i, .end = end,
		    .h = walk_in(inst) };
		CU_ASSERT_PTR_NOT_NULL_FATAL(c[i].h);
		CU_ASSERT_EQUAL_FATAL(pthread_create(&c[i].thread, NULL,
		    save_on, &c[i]), 0);
	}
}

/* Until each client has saved ${n} times more. */
static void
wait_for_saves(struct client c[CLIENTS], unsigned n)
{
	unsigned i, before[CLIENTS];

	for (i = 0; i < CLIENTS; i++)
		before[i] = atomic_load(&c[i].saved);
	for (i = 0; i < CLIENTS; i++)
		while (atomic_load(&c[i].saved) - before[i] < n)
			sleep_ms(5);
}

static void
end_load(struct client c[CLIENTS], atomic_bool * end, unsigned * saved,
    unsigned * refused)
{
	unsigned i;

	atomic_store(end, true);
	*saved = *refused = 0;
	for (i = 0; i < CLIENTS; i++) {
		(void)pthread_join(c[i].thread, NULL);
		http_free(&c[i].h);
		*saved += atomic_load(&c[i].saved);
		*refused += c[i].refused;
		CU_ASSERT_EQUAL(c[i].other, 0);
	}
}

static void
sql_says(const char * sql, const char * expected)
{
	char * out = mariadb_sql(instance_database(inst), sql);

	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	out[strcspn(out, "\n")] = '\0';
	if (strcmp(out, expected) != 0)
		suite_note("%s: %s, expected %s", sql, out, expected);
	CU_ASSERT_STRING_EQUAL(out, expected);
	free(out);
}

#define UNDER	"SELECT CONCAT(MIN(kek_version), ' ', MAX(kek_version)) FROM " \
    "(SELECT kek_version FROM secret_version WHERE wrapped_dek IS NOT NULL " \
    "UNION ALL SELECT kek_version FROM system_key) k"

static bool
ready(void)
{
	struct http_reply * r;
	bool is = false;
	unsigned i;

	for (i = 0; i < 200 && !is; i++) {
		r = http_get(owner, "/readyz");
		is = r->status == 200;
		http_reply_free(&r);
		if (!is)
			sleep_ms(25);
	}
	return (is);
}

/* How many times workers have taken root keys into use. */
static unsigned
loads(void)
{
	char * log = instance_log(inst), * at = log;
	unsigned n = 0;

	while ((at = strstr(at, "\"root_key_loaded\"")) != NULL) {
		n++;
		at++;
	}
	free(log);
	return (n);
}

static void
workers_that_know_the_key_save_without_a_failure(void)
{
	struct client c[CLIENTS];
	unsigned saved, refused, loaded;
	atomic_bool end;
	char * out = NULL;

	start_load(c, &end);
	wait_for_saves(c, 3);
	CU_ASSERT_EQUAL(operator(&out, INSTANCE_ARGS("rootkey", "new", "--add",
	    key_file)), 0);
	free(out);
	loaded = loads();
	instance_hangup(inst);
	while (loads() < loaded + 2)
		sleep_ms(20);
	CU_ASSERT_EQUAL(operator(&out, INSTANCE_ARGS("rootkey", "rotate")), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(out, "version 2 wraps from now on"));
	free(out);
	wait_for_saves(c, 10);
	end_load(c, &end, &saved, &refused);
	(void)printf("saved %u, refused %u\n", saved, refused);
	CU_ASSERT_EQUAL(refused, 0);
	sql_says(UNDER, "2 2");
}

static void
workers_that_lack_it_refuse_with_what_to_do_until_sighup(void)
{
	struct client c[CLIENTS];
	unsigned saved, refused, tries;
	atomic_bool end;
	struct http_reply * r;
	char * out = NULL;

	CU_ASSERT_EQUAL(operator(&out, INSTANCE_ARGS("rootkey", "new", "--add",
	    key_file)), 0);
	free(out);
	start_load(c, &end);
	wait_for_saves(c, 3);
	CU_ASSERT_EQUAL(operator(&out, INSTANCE_ARGS("rootkey", "rotate")), 0);
	free(out);
	/* Until one has met the new version. */
	for (tries = 0; tries < 400; tries++) {
		r = http_get(owner, "/readyz");
		if (r->status == 503)
			break;
		http_reply_free(&r);
		sleep_ms(10);
	}
	CU_ASSERT(http_has(r, "root_key"));
	http_reply_free(&r);
	/* What is there can be read all the while. */
	r = http_get(owner, "/settings/security");
	CU_ASSERT_EQUAL(r->status, 200);
	CU_ASSERT(http_has(r, "rotate/0-0"));
	http_reply_free(&r);
	instance_hangup(inst);
	CU_ASSERT(ready());
	wait_for_saves(c, 5);
	end_load(c, &end, &saved, &refused);
	(void)printf("saved %u, refused until SIGHUP %u\n", saved, refused);
	CU_ASSERT(refused > 0);
	sql_says(UNDER, "3 3");
	sql_says("SELECT COUNT(*) FROM audit_event WHERE mac IS NULL", "0");
}

static void
the_old_keys_can_go(void)
{
	char * text = file_read(key_file, NULL), * rest = text, * line;
	char * kept = NULL, * out = NULL;

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	while ((line = strtok_r(rest, "\n", &rest)) != NULL)
		if (strncmp(line, "3:", 2) == 0)
			kept = line;
	CU_ASSERT_PTR_NOT_NULL_FATAL(kept);
	CU_ASSERT_EQUAL(file_write(key_file, 0600, kept), 0);
	free(text);
	CU_ASSERT_EQUAL(instance_restart_workers(inst), 0);
	CU_ASSERT(ready());
	CU_ASSERT(walk_stored(owner, "instance", "rotate/after",
	    "a-value-that-comes-after"));
	CU_ASSERT_EQUAL(operator(&out, INSTANCE_ARGS("doctor")), 0);
	CU_ASSERT_PTR_NULL(strstr(out, "FAIL"));
	free(out);
}

static const struct suite_test tests[] = {
	TEST(workers_that_know_the_key_save_without_a_failure),
	TEST(workers_that_lack_it_refuse_with_what_to_do_until_sighup),
	TEST(the_old_keys_can_go),
};

SUITE_MAIN("e2e/rotate", tests, start, stop)
