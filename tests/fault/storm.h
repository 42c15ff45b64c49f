#ifndef SR_TESTS_FAULT_STORM_H
#define SR_TESTS_FAULT_STORM_H

/*
 * Clients of the storm: each has secrets of its own and keeps a book of what
 * was acknowledged. What failed for a known reason must not have happened; of
 * what nobody can tell, either may be true.
 */

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/random.h"
#include "core/base/secbuf.h"
#include "core/keys/keyring.h"
#include "core/redact/redact.h"
#include "core/store/keystore.h"
#include "core/vault/secret.h"
#include "tests/harness/files.h"
#include "tests/harness/house.h"
#include "tests/harness/instance.h"
#include "tests/harness/mariadb.h"
#include "tests/harness/suite.h"
#include "tests/harness/walk.h"

#define OWN	8	/* Secrets of a client. */

/* What is known of a secret. */
struct entry {
	char name[40];
	struct sr_id id;
	uint32_t low, high;	/* Its version is between the two. */
	bool active, sure;	/* Whether it is active; whether we know. */
	char value[48];		/* Of the last save that was acknowledged. */
};

struct client {
	pthread_t thread;
	unsigned no;
	struct store store;	/* Of the core API; of HTTP unused. */
	struct http * http;
	const char * key_file;
	struct actor actor;
	atomic_bool * end;
	struct entry own[OWN];
	unsigned asked, saved, revoked, refused, unknown;
	unsigned wrong;		/* Answers that cannot be. */
};

static inline unsigned
any_of(unsigned n)
{
	uint32_t r = 0;

	must(random_bytes(&r, sizeof(r)) == SR_OK);
	return (r % n);
}

static inline void
saved(struct client * c, struct entry * e, uint32_t version,
    const char * value)
{

	c->saved++;
	if (version <= e->low || version > e->high + 1) {
		suite_note("%s: version %u after %u..%u", e->name, version,
		    e->low, e->high);
		c->wrong++;
	}
	e->low = e->high = version;
	e->active = e->sure = true;
	(void)snprintf(e->value, sizeof(e->value), "%s", value);
}

/* As SIGHUP to a worker. */
static inline void
reload(struct client * c)
{
	const struct keyring_sources from = { .file = c->key_file };

	must(keystore_load(c->store.keys, &from) == SR_OK);
}

static inline void
not_done(struct client * c, struct entry * e, enum sr_error err, bool put)
{

	if (err == SR_E_COMMIT_OUTCOME_UNKNOWN) {
		c->unknown++;
		e->high += put;
		e->sure = false;
		return;
	}
	c->refused++;
	if (err == SR_E_ROOT_KEY_MISMATCH)
		reload(c);
	sleep_ms(2 + any_of(10));
}

static inline void
put_one(struct client * c, struct entry * e)
{
	char * value = text_format("storm-%u-value-%u", c->no, c->asked);
	struct secbuf * b = house_secret(value);
	const struct secret_write w = { .scope = "instance", .name = e->name,
	    .value = b };
	struct secret_meta m;
	enum sr_error err;

	err = secret_put(&c->store, &c->actor, &w, NULL, &m);
	if (err == SR_OK) {
		e->id = m.id;
		saved(c, e, m.key_version, value);
	} else
		not_done(c, e, err, true);
	secbuf_free(&b);
	free(value);
}

static inline void
revoke_one(struct client * c, struct entry * e)
{
	const struct secret_revocation r = { .id = e->id };
	struct secret_meta m;
	enum sr_error err;

	err = secret_revoke(&c->store, &c->actor, &r, &m);
	if (err == SR_OK || (err == SR_E_SECRET_ALREADY_REVOKED && !e->sure)) {
		c->revoked++;
		e->active = false;
		e->sure = true;
	} else if (err == SR_E_SECRET_ALREADY_REVOKED) {
		suite_note("%s was revoked by nobody", e->name);
		c->wrong++;
	} else
		not_done(c, e, err, false);
}

/* A client of the core API. */
static inline void *
client_run(void * cookie)
{
	struct client * c = cookie;
	struct entry * e;

	while (!atomic_load(c->end)) {
		e = &c->own[any_of(OWN)];
		c->asked++;
		if (e->active && any_of(4) == 0)
			revoke_one(c, e);
		else
			put_one(c, e);
	}
	db_free(&c->store.db);
	db_thread_end();
	return (NULL);
}

/* What the web server says for itself leaves it open. */
static inline void
post_one(struct client * c, struct entry * e)
{
	char * value = text_format("storm-%u-value-%u", c->no, c->asked);
	struct http_reply * sent = walk_store(c->http, "instance", e->name,
	    value);
	char * type = http_id_text(sent, "settings-security-secret-error-type");

	if (sent->status == 303) {
		c->saved++;
		e->low++;
		e->high++;
		e->active = e->sure = true;
		(void)snprintf(e->value, sizeof(e->value), "%s", value);
	} else if (type[0] != '\0' &&
	    strcmp(type, "commit_outcome_unknown") != 0) {
		c->refused++;
	} else {
		c->unknown++;
		e->high++;
		e->sure = false;
		sleep_ms(20);
	}
	free(type);
	http_reply_free(&sent);
	free(value);
}

/* One who uses the pages. */
static inline void *
browser_run(void * cookie)
{
	struct client * c = cookie;

	while (!atomic_load(c->end)) {
		c->asked++;
		post_one(c, &c->own[any_of(OWN)]);
	}
	return (NULL);
}

/* A process of its own but for the database and the key file. */
static inline void
client_open(struct client * c, const struct instance * i, unsigned no,
    const char * key_file, atomic_bool * end)
{
	struct db_options o;
	unsigned n;

	*c = (struct client){ .no = no, .key_file = key_file, .end = end,
	    .actor = { .kind = ACTOR_OPERATOR, .label = "storm" } };
	for (n = 0; n < OWN; n++) {
		(void)snprintf(c->own[n].name, sizeof(c->own[n].name),
		    "storm/%u-%u", no, n);
		c->own[n].sure = true;
	}
	must(sr_id_new(&c->actor.correlation_id) == SR_OK);
	mariadb_worker_options(instance_database(i), &o);
	o.timeout_seconds = 3;
	must(db_new(&o, &c->store.db) == SR_OK &&
	    keystore_new(&c->store.keys) == SR_OK &&
	    redact_new(&c->store.redact) == SR_OK);
	reload(c);
}

static inline void
client_close(struct client * c)
{

	keystore_free(&c->store.keys);
	redact_free(&c->store.redact);
	db_free(&c->store.db);
	http_free(&c->http);
}

#endif /* !SR_TESTS_FAULT_STORM_H */
