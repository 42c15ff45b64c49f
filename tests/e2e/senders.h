#ifndef SR_TESTS_E2E_SENDERS_H
#define SR_TESTS_E2E_SENDERS_H

/*
 * Who posts the events of runs: programs by the API, and threads of this
 * process beside an instance's workers, with its database and its root key,
 * like one more worker.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/keys/keyring.h"
#include "core/redact/redact.h"
#include "core/runs/event.h"
#include "core/store/db.h"
#include "core/store/keystore.h"
#include "core/vault/liveset.h"
#include "tests/harness/files.h"
#include "tests/harness/http.h"
#include "tests/harness/instance.h"
#include "tests/harness/mariadb.h"

struct senders {
	struct store store;		/* But for the connection. */
	struct actor actor;
	struct project project;
};

/* A connection of its own for a thread; 0 or -1. */
static inline int
senders_thread(const struct senders * s, const struct instance * i,
    struct store * out)
{
	struct db_options o;

	*out = s->store;
	mariadb_worker_options(instance_database(i), &o);
	return (db_new(&o, &out->db) == SR_OK ? 0 : -1);
}

static inline int
senders_open(struct senders * s, const struct instance * i)
{
	const struct project_write w = { .slug = "sent-to",
	    .name = "Sent to" };
	char * file = text_format("%s/root.key", instance_folder(i));
	const struct keyring_sources from = { file, NULL, NULL };
	int rc = -1;

	*s = (struct senders){ .actor = { .kind = ACTOR_OPERATOR,
	    .label = "sender" } };
	if (sr_id_new(&s->actor.correlation_id) == SR_OK &&
	    keystore_new(&s->store.keys) == SR_OK &&
	    keystore_load(s->store.keys, &from) == SR_OK &&
	    redact_new(&s->store.redact) == SR_OK &&
	    liveset_new(&s->store.live) == SR_OK &&
	    senders_thread(s, i, &s->store) == 0 &&
	    liveset_refresh(s->store.live, &s->store) == SR_OK &&
	    project_create(&s->store, &s->actor, &w, NULL, &s->project) ==
	    SR_OK)
		rc = 0;
	free(file);
	return (rc);
}

static inline void
senders_close(struct senders * s)
{

	db_free(&s->store.db);
	liveset_free(&s->store.live);
	redact_free(&s->store.redact);
	keystore_free(&s->store.keys);
}

/* A run of the senders' project, and where it is listened to; 0 or -1. */
static inline int
senders_run(struct senders * s, struct run * run, char path[160])
{
	const struct run_write w = { .project_id = s->project.id,
	    .workflow_name = "nightly", .workflow_version = "1",
	    .trigger = "manual" };
	char a[SR_ID_STRLEN + 1], b[SR_ID_STRLEN + 1];

	if (run_create(&s->store, &s->actor, &w, 15, NULL, run) != SR_OK)
		return (-1);
	sr_id_format(&s->project.id, a);
	sr_id_format(&run->id, b);
	(void)snprintf(path, 160, "/projects/%s/runs/%s/events", a, b);
	return (0);
}

static inline enum sr_error
senders_post(const struct senders * s, const struct store * store,
    const struct run * run, const char * type, const char * payload,
    uint64_t * seq)
{
	const struct event_write w = { .run_id = run->id, .type = type,
	    .payload = payload, .payload_len = strlen(payload) };
	struct event_written written;
	enum sr_error err;

	err = event_post(store, &s->actor, &w, 15, NULL, &written);
	*seq = written.seq;
	return (err);
}

/* A client with a key of its own that may send; NULL: there is none. */
static inline struct http *
senders_client(const struct instance * i)
{
	struct http * h = instance_client(i);
	char * out = NULL, * err = NULL, * header = NULL;
	const char * key = NULL;

	if (instance_operator(i, INSTANCE_ARGS("apikey", "create", "--name",
	    "e2e/sender", "--scope", "runs:write", "--json"), NULL, &out,
	    &err) == 0)
		key = strstr(out, "\"key\":\"");
	if (key != NULL) {
		header = text_format("Authorization: Bearer %.53s", key +
		    strlen("\"key\":\""));
		http_header(h, header);
	} else {
		http_free(&h);
	}
	free(header);
	free(out);
	free(err);
	return (h);
}

/* The same by the API; whether it was taken. */
static inline bool
senders_call(struct http * h, const struct run * run, const char * type,
    const char * payload, uint64_t * seq)
{
	char id[SR_ID_STRLEN + 1];
	struct http_reply * r;
	char * path, * body;
	const char * p;
	bool good;

	sr_id_format(&run->id, id);
	path = text_format("/api/v1/runs/%s/events", id);
	body = text_format("{\"type\":\"%s\",\"payload\":%s}", type,
	    payload);
	r = http_request(h, "POST", path, "application/json", body,
	    strlen(body));
	p = strstr(r->body, "\"seq\":");
	if ((good = r->status == 201 && p != NULL))
		*seq = strtoull(p + 6, NULL, 10);
	else
		(void)fprintf(stderr, "%ld %s\n", r->status, r->body);
	http_reply_free(&r);
	free(body);
	free(path);
	return (good);
}

#endif /* !SR_TESTS_E2E_SENDERS_H */
