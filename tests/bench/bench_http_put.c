/*
 * What a creation costs through HTTP: secrets per second and how long one takes
 * at 1, 8 and 32 clients,
 *
 *   bare  a transaction of two inserts that MariaDB is merely handed (bare.h);
 *   http  PUT /api/v1/secrets/instance/NAME by an API
 *	   key, through lighttpd and two workers.
 *
 * Both on the same database, in turns of a second. secret_put itself is
 * bench_put's: workers would begin their turn by loading what it made. Lines `name value unit`.
 * STRONGROOM_BENCH_SECONDS: turns of each (6).
 */
#include "tests/bench/bare.h"
#include "tests/bench/clients.h"

#define DIGITS	48	/* Of a key of bare_key. */

static void
bare_step(struct client * c)
{
	struct bare b = { .actor = &served_house.actor, .now = clock_now() };

	(void)snprintf(b.name, sizeof(b.name), "bare/%u/%llu", c->no,
	    (unsigned long long)c->count++);
	bench_need(sr_id_new(&b.secret) == SR_OK &&
	    sr_id_new(&b.event) == SR_OK &&
	    tx_run(c->store.db, &b.event, bare_tx, &b) == SR_OK,
	    "a bare transaction");
}

static void
http_step(struct client * c)
{
	char path[96], body[DIGITS + 16], * key = house_random(DIGITS);
	struct http_reply * r;

	(void)snprintf(path, sizeof(path),
	    "/api/v1/secrets/instance/http/%u/%llu", c->no,
	    (unsigned long long)c->count++);
	(void)snprintf(body, sizeof(body), "{\"value\":\"%s\"}", key);
	r = http_request(c->http, "PUT", path, "application/json", body,
	    strlen(body));
	if (r->status != 201)
		(void)fprintf(stderr, "%ld %s %s\n", r->status, r->error,
		    r->body);
	bench_need(r->status == 201, "PUT");
	http_reply_free(&r);
	free(key);
}

int
main(void)
{
	static const struct kind kinds[] = {
	    { "bare", "tx/s", bare_step },
	    { "http", "secrets/s", http_step } };
	static const unsigned counts[] = { 1, 8, CLIENTS_MAX };

	served_start("secrets:write");
	for (size_t i = 0; i < COUNTOF(counts); i++)
		clients_measure(counts[i], kinds, COUNTOF(kinds),
		    clients_turns());
	clients_free();
	served_stop();
	return (0);
}
