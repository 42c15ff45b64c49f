/* A project has so many bindings and no more, and none is left out unsaid. */

#include <pthread.h>

#include "core/runs/credential.h"
#include "core/vault/environment.h"
#include "tests/core/vault/put.h"

static struct house h;
static struct environment * environment;
static struct project project;

static int
setup(void)
{
	const struct project_write p = { "full", "Full", NULL };

	if (house_open(&h) != 0 || environment_read(&environment, NULL) !=
	    SR_OK || put_into(&h.store, &h.actor, "instance", "many/uses",
	    "a value of many uses", NULL, NULL) != SR_OK)
		return (1);
	return (project_create(&h.store, &h.actor, &p, NULL, &project) ==
	    SR_OK ? 0 : 1);
}

static int
teardown(void)
{

	environment_free(&environment);
	house_close(&h);
	return (0);
}

static enum sr_error
bind_to(const struct store * store, const char * variable)
{
	const struct binding_write b = { .project_id = project.id,
	    .variable = variable, .scope = "instance", .name = "many/uses" };

	return (binding_set(store, &h.actor, &b, NULL));
}

/* All but ${left} of those that there may be. */
static void
fill(unsigned left)
{
	char * sql = text_format("DELETE FROM project_secret_binding;"
	    " INSERT INTO project_secret_binding SELECT p.id,"
	    " CONCAT('V', LPAD(seq, 4, '0')), r.id, now() FROM project p,"
	    " secret_ref r, seq_1_to_%u", BINDINGS_MAX - left);

	CU_ASSERT_FATAL(house_do(&h, sql));
	free(sql);
}

#define COUNT	"SELECT COUNT(*) FROM project_secret_binding"

static void
one_too_many_is_refused(void)
{

	fill(1);
	ASSERT_ERR(bind_to(&h.store, "LAST"), SR_OK);
	ASSERT_ERR(bind_to(&h.store, "ONE_MORE"),
	    SR_E_BINDING_LIMIT_REACHED);
	CU_ASSERT(house_sql_is(&h, "256", COUNT));
	/* One that is there can still be bound to something else. */
	ASSERT_ERR(bind_to(&h.store, "LAST"), SR_OK);
	ASSERT_ERR(binding_remove(&h.store, &h.actor,
	    &(struct binding_write){ .project_id = project.id,
	    .variable = "LAST" }), SR_OK);
	ASSERT_ERR(bind_to(&h.store, "ONE_MORE"), SR_OK);
}

struct writer {
	pthread_t thread;
	char variable[16];
	enum sr_error err;
};

static void *
write_one(void * cookie)
{
	struct writer * w = cookie;
	struct store store;

	if (house_thread(&h, &store) != 0)
		return (NULL);
	w->err = bind_to(&store, w->variable);
	house_thread_end(&store);
	return (NULL);
}

static void
writers_at_once_do_not_pass_it(void)
{
	struct writer w[4];
	unsigned done = 0;

	fill(2);
	for (unsigned i = 0; i < COUNTOF(w); i++) {
		w[i].err = SR_E_INTERNAL_ERROR;
		(void)snprintf(w[i].variable, sizeof(w[i].variable), "W%u", i);
		CU_ASSERT_EQUAL_FATAL(pthread_create(&w[i].thread, NULL,
		    write_one, &w[i]), 0);
	}
	for (unsigned i = 0; i < COUNTOF(w); i++) {
		(void)pthread_join(w[i].thread, NULL);
		done += w[i].err == SR_OK;
		CU_ASSERT(w[i].err == SR_OK ||
		    w[i].err == SR_E_BINDING_LIMIT_REACHED);
	}
	CU_ASSERT_EQUAL(done, 2);
	CU_ASSERT(house_sql_is(&h, "256", COUNT));
}

static enum sr_error
count(const struct binding * b, const struct run_source * source,
    enum sr_error err, struct disclosed ** value, void * cookie)
{

	(void)b;
	(void)source;
	(void)value;
	if (err == SR_OK)
		++*(unsigned *)cookie;
	return (SR_OK);
}

/* A database from before the limit: a run is not given a part of them. */
static void
a_run_takes_all_of_them_or_none(void)
{
	const struct run_write w = { .project_id = project.id,
	    .workflow_name = "w", .workflow_version = "1", .trigger = "t" };
	struct run_asking asking = { .store = &h.store,
	    .environment = environment, .actor = &h.actor,
	    .lease_minutes = 15 };
	struct run run;
	unsigned n = 0;

	fill(0);
	ASSERT_ERR_FATAL(run_create(&h.store, &h.actor, &w, 15, NULL, &run),
	    SR_OK);
	asking.run_id = run.id;
	ASSERT_ERR(run_values(&asking, count, &n), SR_OK);
	CU_ASSERT_EQUAL(n, BINDINGS_MAX);
	CU_ASSERT(house_do(&h, "INSERT INTO project_secret_binding SELECT"
	    " p.id, 'W', r.id, now() FROM project p, secret_ref r"));
	n = 0;
	ASSERT_ERR(run_values(&asking, count, &n),
	    SR_E_BINDING_LIMIT_REACHED);
	CU_ASSERT_EQUAL(n, 0);
	ASSERT_ERR(run_create(&h.store, &h.actor, &w, 15, NULL, &run),
	    SR_E_BINDING_LIMIT_REACHED);
}

static const struct suite_test tests[] = {
	TEST(one_too_many_is_refused),
	TEST(writers_at_once_do_not_pass_it),
	TEST(a_run_takes_all_of_them_or_none),
};

SUITE_MAIN("core/runs/binding_limit", tests, setup, teardown)
