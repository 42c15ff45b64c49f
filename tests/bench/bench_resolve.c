/*
 * What a run waits for its provider's credential: resolves per second and how
 * long one takes, at 1 and 32 clients, each of them a run of its own,
 *
 *   select  a bare point SELECT of the secret's row, prepared;
 *   core    run_credential: lease, version, unsealing, the audit row's commit;
 *   http    GET /api/v1/runs/:id/credentials/anthropic by an API key, through
 *	     lighttpd and two workers.
 *
 * select and core are on the same connection, all three on the same database.
 * Lines `name value unit`. STRONGROOM_BENCH_SECONDS: turns of a second of each
 * (6).
 */
#include "core/base/secbuf.h"
#include "core/runs/credential.h"
#include "core/vault/environment.h"
#include "core/vault/provider.h"
#include "tests/bench/clients.h"
#include "tests/harness/files.h"

#define KEY	"sk-" "ant-bench-5Zr8Qk2LmW9xTv4BnP7s"

static struct environment * environment;
static struct provider provider = { .name = "anthropic",
    .title = "Anthropic", .variable = "ANTHROPIC_API_KEY",
    .secret = "providers/anthropic_api_key", .kind = PROVIDER_KEY,
    .path = "/v1/models", .header = "x-api-key: ", .extra = "",
    .proof = "data", .hint = "", .app_id = "", .base_url = "" };
static struct secret_meta stored;

static enum sr_error
take_row(const struct db_row * row, void * cookie)
{

	*(bool *)cookie = !db_col_null(row, 0);
	return (SR_OK);
}

static void
select_step(struct client * c)
{
	bool found = false;

	bench_need(db_query(c->store.db, STMT_SECRET_BY_ID,
	    DB_ARGS(DB_UUID(&stored.id)), take_row, &found) == SR_OK && found,
	    "SELECT");
}

static void
core_step(struct client * c)
{
	const struct run_asking asking = { .store = &c->store,
	    .environment = environment, .actor = &served_house.actor,
	    .run_id = c->run, .lease_minutes = 15 };
	struct run_source source;
	struct disclosed * value = NULL;

	bench_need(run_credential(&asking, &provider, &source, &value) ==
	    SR_OK, "run_credential");
	disclosed_free(&value);
}

static void
http_step(struct client * c)
{
	char path[128], id[37];
	struct http_reply * r;

	sr_id_format(&c->run, id);
	(void)snprintf(path, sizeof(path),
	    "/api/v1/runs/%s/credentials/anthropic", id);
	r = http_get(c->http, path);
	bench_need(r->status == 200 && http_has(r, KEY), "GET credentials");
	http_reply_free(&r);
}

static void
make_runs(void)
{
	const struct project_write p = { .slug = "bench", .name = "Bench" };
	struct run_write w = { .workflow_name = "bench",
	    .workflow_version = "1", .trigger = "bench" };
	struct house * h = &served_house;
	struct secret_complaint complaint;
	struct project project;
	struct run run;

	bench_need(project_create(&h->store, &h->actor, &p, &complaint,
	    &project) == SR_OK, "project_create");
	w.project_id = project.id;
	for (unsigned i = 0; i < CLIENTS_MAX; i++) {
		bench_need(run_create(&h->store, &h->actor, &w, 15, &complaint,
		    &run) == SR_OK, "run_create");
		clients[i].run = run.id;
	}
}

int
main(void)
{
	static const struct kind kinds[] = {
	    { "select", "selects/s", select_step },
	    { "core", "resolves/s", core_step },
	    { "http", "resolves/s", http_step } };
	const size_t turns = clients_turns();
	struct secbuf * value = house_secret(KEY);
	const struct secret_write w = { .scope = "integration",
	    .name = provider.secret, .value = value };

	served_start("secrets:resolve");
	bench_need(environment_read(&environment, NULL) == SR_OK &&
	    secret_put(&served_house.store, &served_house.actor, &w, NULL,
	    &stored) == SR_OK, "secret_put");
	secbuf_free(&value);
	make_runs();
	clients_measure(1, kinds, COUNTOF(kinds), turns);
	clients_measure(CLIENTS_MAX, kinds, COUNTOF(kinds), turns);
	clients_free();
	environment_free(&environment);
	served_stop();
	return (0);
}
