/*
 * How fast the root key is changed: secrets rewrapped per second, and what a
 * save waits at most meanwhile. Lines `name value unit`. The rows are sealed
 * for real, in a private MariaDB; STRONGROOM_BENCH_SECRETS sets how many
 * (20000), each with one version.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/base/secbuf.h"
#include "core/keys/keyring.h"
#include "core/keys/seal.h"
#include "core/log/log.h"
#include "core/store/db.h"
#include "core/store/keystore.h"
#include "core/store/tx.h"
#include "core/vault/rewrap.h"
#include "core/vault/secret.h"
#include "tests/harness/files.h"
#include "tests/harness/house.h"

#define ROWS	500

static struct house h;

static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return ((double)t.tv_sec + (double)t.tv_nsec / 1e9);
}

static void
need(bool ok, const char * what)
{

	if (ok)
		return;
	(void)fprintf(stderr, "bench_rewrap: %s failed\n", what);
	exit(1);
}

/* --- Sealed rows, without what else a save writes ------------------------- */

struct rows {
	unsigned from, n;
	const struct keyset * keys;
};

static enum sr_error
insert_row(struct db * db, const struct rows * r, unsigned i)
{
	char * name = text_format("bench/%u", i);
	char * text = text_format("bench-value-%u-of-many", i);
	struct secbuf * value = house_secret(text);
	struct seal_aad aad = { .scope = SCOPE_INSTANCE, .name = name,
	    .project_id = sr_id_nil, .key_version = 1 };
	const sr_time t = clock_now();
	struct sealed sealed;
	enum sr_error err;

	must(sr_id_new(&aad.secret_id) == SR_OK);
	must(seal_value(keyset_keyring(r->keys), keyset_wrapping(r->keys),
	    &aad, value, &sealed) == SR_OK);
	err = db_exec(db, STMT_SECRET_INSERT, DB_ARGS(DB_UUID(&aad.secret_id),
	    DB_TEXT("instance"), DB_UUID(&sr_id_nil), DB_TEXT(name), DB_INT(1),
	    DB_TEXT("onboarding"), DB_TIME(t), DB_NULL, DB_TIME(t),
	    DB_TIME(t)), NULL);
	if (err == SR_OK)
		err = db_exec(db, STMT_SECRET_VERSION_INSERT,
		    DB_ARGS(DB_UUID(&aad.secret_id), DB_INT(1),
		    DB_BYTES(sealed.ciphertext, sealed.ciphertext_len),
		    DB_BYTES(sealed.wrapped_dek, SEAL_WRAPPED_LEN),
		    DB_TIME(t), DB_INT(sealed.kek_version)), NULL);
	sealed_free(&sealed);
	secbuf_free(&value);
	free(text);
	free(name);
	return (err);
}

static enum sr_error
insert_rows(struct tx * tx, void * cookie)
{
	const struct rows * r = cookie;
	enum sr_error err = SR_OK;
	unsigned i;

	for (i = r->from; i < r->from + r->n && err == SR_OK; i++)
		err = insert_row(tx_db(tx), r, i);
	return (err);
}

static void
fill(unsigned secrets)
{
	struct rows r = { .from = 0 };

	need(keystore_take(h.store.keys, h.store.db, &r.keys) == SR_OK,
	    "keys");
	while (r.from < secrets) {
		r.n = secrets - r.from < ROWS ? secrets - r.from : ROWS;
		need(tx_run(h.store.db, NULL, insert_rows, &r) == SR_OK,
		    "fill");
		r.from += r.n;
	}
	keyset_release(&r.keys);
}

/* --- Saves meanwhile ----------------------------------------------------- */

static atomic_bool ended;
static double longest, total;
static unsigned saves;

static void *
save_on(void * cookie)
{
	struct store store;
	double start, took;

	(void)cookie;
	need(house_thread(&h, &store) == 0, "house_thread");
	while (!atomic_load(&ended)) {
		char * text = text_format("saved-meanwhile-%u", saves);
		struct secbuf * value = house_secret(text);
		const struct secret_write w = { .scope = "instance",
		    .name = "bench/meanwhile", .value = value };

		start = now();
		need(secret_put(&store, &h.actor, &w, NULL, NULL) == SR_OK,
		    "secret_put");
		took = now() - start;
		total += took;
		longest = took > longest ? took : longest;
		saves++;
		secbuf_free(&value);
		free(text);
	}
	house_thread_end(&store);
	return (NULL);
}

static void
add_key(void)
{
	const struct keyring_sources from = { h.key_file, NULL, NULL };
	uint32_t version;

	need(keyring_add_to_file(h.key_file, &version) == SR_OK, "add");
	need(keystore_load(h.store.keys, &from) == SR_OK, "load");
	need(keystore_bind(h.store.keys, h.store.db) == SR_OK, "bind");
}

static void
rotate(const char * name)
{
	struct rewrap_progress p;
	double start, took;

	add_key();
	start = now();
	need(rewrap_rotate(&h.store, &h.actor, NULL, &p) == SR_OK, "rotate");
	took = now() - start;
	need(p.rewrapped >= p.total && p.failed == 0, "rewrap");
	(void)printf("%s %.0f secrets/s\n", name, (double)p.rewrapped / took);
}

int
main(void)
{
	const char * setting = getenv("STRONGROOM_BENCH_SECRETS");
	unsigned secrets = 20000;
	pthread_t thread;
	double start;

	if (setting != NULL && strtoul(setting, NULL, 10) != 0)
		secrets = (unsigned)strtoul(setting, NULL, 10);
	log_set_level(LOG_ALERT);
	need(house_open(&h) == 0, "house_open");
	fill(secrets);
	(void)printf("secrets %u\n", secrets);
	rotate("rewrap");
	need(pthread_create(&thread, NULL, save_on, NULL) == 0, "thread");
	rotate("rewrap_while_saving");
	atomic_store(&ended, true);
	(void)pthread_join(thread, NULL);
	(void)printf("saves_meanwhile %u\n", saves);
	(void)printf("save_mean %.2f ms\n", total * 1e3 / (saves == 0 ? 1 :
	    saves));
	(void)printf("save_longest %.2f ms\n", longest * 1e3);
	start = now();
	need(rewrap_rotate(&h.store, &h.actor, NULL, NULL) == SR_OK, "again");
	(void)printf("nothing_left_to_do %.1f ms\n", (now() - start) * 1e3);
	house_close(&h);
	return (0);
}
