#ifndef SR_TESTS_BENCH_SERVED_H
#define SR_TESTS_BENCH_SERVED_H

/*
 * An instance (lighttpd, two workers, a MariaDB that flushes its log with each
 * commit), a program's API key for it, and a house on the same database, for
 * what is called without the web server.
 */

#include <fcntl.h>
#include <stdlib.h>

#include "core/log/log.h"
#include "core/redact/redact.h"
#include "core/store/keystore.h"
#include "core/vault/liveset.h"
#include "tests/bench/text.h"
#include "tests/harness/http.h"
#include "tests/harness/house.h"
#include "tests/harness/instance.h"

static struct instance * served;
static struct house served_house;
static struct liveset * served_live;
static char served_bearer[128];

static inline void
bench_need(bool ok, const char * what)
{

	if (ok)
		return;
	(void)fprintf(stderr, "bench: %s failed\n", what);
	exit(1);
}

/** served_client(): a program of it. */
static inline struct http *
served_client(void)
{
	struct http * h = instance_client(served);

	http_header(h, served_bearer);
	return (h);
}

static inline void
served_key(const char * scopes)
{
	char * out = NULL;
	const char * key;

	bench_need(instance_operator(served, INSTANCE_ARGS("apikey", "create",
	    "--name", "bench/program", "--scope", scopes, "--json"), NULL,
	    &out, NULL) == 0 && (key = strstr(out, "\"key\":\"")) != NULL,
	    "an API key");
	(void)snprintf(served_bearer, sizeof(served_bearer),
	    "Authorization: Bearer %.53s", key + strlen("\"key\":\""));
	free(out);
}

/** served_start(scopes): all of it; the key has ${scopes}. */
static inline void
served_start(const char * scopes)
{
	const struct instance_options options = { .workers = 2 };
	struct house * h = &served_house;
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	served = instance_start(&options);
	bench_need(served != NULL && fd >= 0, "an instance");
	served_key(scopes);
	h->m = instance_database(served);
	(void)snprintf(h->key_file, sizeof(h->key_file), "%s/root.key",
	    instance_folder(served));
	h->actor.kind = ACTOR_OPERATOR;
	(void)snprintf(h->actor.label, sizeof(h->actor.label), "bench");
	bench_need(sr_id_new(&h->actor.correlation_id) == SR_OK &&
	    db_library_init() == SR_OK && house_thread(h, &h->store) == 0 &&
	    house_load_key(h, h->key_file) == SR_OK &&
	    redact_new(&h->store.redact) == SR_OK &&
	    liveset_new(&served_live) == SR_OK &&
	    liveset_refresh(served_live, &h->store) == SR_OK, "the house");
	bench_need(house_do(h, "SET GLOBAL max_connections = 200;"
	    " SET GLOBAL innodb_log_file_size = 268435456;"
	    " SET GLOBAL innodb_buffer_pool_size = 268435456"), "settings");
	log_open(h->store.redact, fd);
}

/** served_stop(): the worst status of its workers decides. */
static inline void
served_stop(void)
{

	log_open(NULL, -1);
	liveset_free(&served_live);
	db_free(&served_house.store.db);
	keystore_free(&served_house.store.keys);
	redact_free(&served_house.store.redact);
	db_library_end();
	bench_need(instance_stop(&served) == 0, "a worker's end");
}

#endif /* !SR_TESTS_BENCH_SERVED_H */
