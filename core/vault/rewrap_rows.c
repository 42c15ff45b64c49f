#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/secbuf.h"
#include "core/keys/seal.h"
#include "core/log/log.h"
#include "core/store/keystore.h"
#include "core/store/tx.h"
#include "core/vault/secret.h"

#include "core/vault/rewrap_internal.h"

#define BATCH		500
#define PURPOSE_MAX	64

/* A step that the database did not take is repeated from what it says then. */
#define TRIES		6
#define PAUSE_MS	50	/* Doubled by each try. */

/* A wrapped key as it was read, and as it will be. */
struct item {
	struct seal_aad aad;		/* Its name points to ${name}. */
	char name[SECRET_NAME_MAX + 1];
	uint8_t before[SEAL_WRAPPED_LEN];
	uint8_t after[SEAL_WRAPPED_LEN];
	bool whole;		/* It had the length of one. */
	bool good;		/* It opened: ${after} holds. */
};

struct batch {
	struct rewrap * r;
	size_t max;
	struct item * items;
	struct db_param * rows;		/* Room for what is written of them. */
	size_t n;
	/* The last row of the batch before. */
	struct sr_id after_id;
	uint32_t after_version;
	uint64_t written;	/* Out of a transaction. */
};

static void
take_wrapped(const struct db_row * row, size_t column, struct item * it)
{
	const uint8_t * bytes;
	size_t len;

	bytes = db_col_bytes(row, column, &len);
	it->good = false;
	it->whole = len == SEAL_WRAPPED_LEN;
	if (it->whole)
		memcpy(it->before, bytes, len);
}

static enum sr_error
take_row(const struct db_row * row, void * cookie)
{
	struct batch * b = cookie;
	struct item * it = &b->items[b->n];
	enum secret_scope scope;

	must(b->n < b->max);
	if (!secret_scope_parse(db_col_text(row, 2), &scope))
		return (sr_fail(SR_E_SCHEMA_MISMATCH,
		    log_const("column", "secret_ref.scope")));
	(void)snprintf(it->name, sizeof(it->name), "%s", db_col_text(row, 4));
	it->aad = (struct seal_aad){ .secret_id = db_col_uuid(row, 0),
	    .scope = (uint8_t)scope, .project_id = db_col_uuid(row, 3),
	    .name = it->name, .key_version = (uint32_t)db_col_int(row, 1) };
	take_wrapped(row, 5, it);
	b->n++;
	return (SR_OK);
}

/* What says that this row does not open, and not that we cannot work. */
static bool
of_the_row(enum sr_error err)
{

	return (err == SR_E_SECRET_ENCRYPTION_FAILED ||
	    err == SR_E_ROOT_KEY_MISMATCH);
}

static enum sr_error
rewrap_item(struct batch * b, struct item * it)
{
	enum sr_error err = SR_E_SECRET_ENCRYPTION_FAILED;

	if (it->whole)
		err = seal_rewrap(keyset_keyring(b->r->keys), b->r->p.to,
		    &it->aad, it->before, it->after);
	it->good = err == SR_OK;
	if (of_the_row(err))
		err = rewrap_report_failed(b->r, &it->aad.secret_id,
		    it->aad.key_version, err);
	return (err);
}

#define COLUMNS	5

static enum sr_error
write_batch(struct tx * tx, void * cookie)
{
	struct batch * b = cookie;
	size_t i, n = 0;

	for (i = 0; i < b->n; i++) {
		const struct item * it = &b->items[i];
		const struct db_param row[COLUMNS] = {
		    DB_BYTES(it->after, SEAL_WRAPPED_LEN),
		    DB_INT(b->r->p.to), DB_UUID(&it->aad.secret_id),
		    DB_INT(it->aad.key_version),
		    DB_BYTES(it->before, SEAL_WRAPPED_LEN) };

		if (it->good)
			memcpy(b->rows + n++ * COLUMNS, row, sizeof(row));
	}
	b->written = 0;
	if (n == 0)
		return (SR_OK);
	return (db_exec_many(tx_db(tx), STMT_REWRAP_VERSION, b->rows, n,
	    COLUMNS, &b->written));
}

/* Read, rewrap, write. */
static enum sr_error
step_once(struct batch * b)
{
	enum sr_error err;
	size_t i;

	b->n = 0;
	err = db_query(b->r->store->db, STMT_REWRAP_PAGE,
	    DB_ARGS(DB_INT(b->r->p.to), DB_UUID(&b->after_id),
	    DB_UUID(&b->after_id), DB_INT(b->after_version), DB_INT(b->max)),
	    take_row, b);
	for (i = 0; err == SR_OK && i < b->n; i++)
		err = rewrap_item(b, &b->items[i]);
	if (err != SR_OK || b->n == 0)
		return (err);
	return (tx_run(b->r->store->db, NULL, write_batch, b));
}

/* Whether the database may take it if it is done again. */
static bool
may_pass(enum sr_error err)
{

	return (err == SR_E_DATABASE_UNAVAILABLE ||
	    err == SR_E_TRANSACTION_CONFLICT ||
	    err == SR_E_COMMIT_OUTCOME_UNKNOWN);
}

/* Until it is done: what a repeated step finds is what is left of it. */
static enum sr_error
step(struct batch * b)
{
	struct rewrap * r = b->r;
	const uint64_t failed = r->p.failed;
	const struct item * last;
	enum sr_error err;
	unsigned i;

	for (i = 0; i < TRIES; i++) {
		r->p.failed = failed;
		err = step_once(b);
		if (err == SR_E_COMMIT_OUTCOME_UNKNOWN)
			r->unsure = true;
		if (!may_pass(err))
			break;
		(void)poll(NULL, 0, PAUSE_MS << i);
	}
	if (err != SR_OK || b->n == 0)
		return (err);
	last = &b->items[b->n - 1];
	b->after_id = last->aad.secret_id;
	b->after_version = last->aad.key_version;
	r->p.rewrapped += b->written;
	return (rewrap_report(r));
}

/**
 * rewrap_secrets(r):
 * Walk once through the rows of secret_version under older versions.
 */
enum sr_error
rewrap_secrets(struct rewrap * r)
{
	struct batch b = { .r = r, .after_id = sr_id_nil,
	    .max = r->watch->batch == 0 ? BATCH : r->watch->batch };
	enum sr_error err;

	b.items = calloc(b.max, sizeof(*b.items));
	b.rows = calloc(b.max, COLUMNS * sizeof(*b.rows));
	if (b.items == NULL || b.rows == NULL)
		err = sr_fail(SR_E_OUT_OF_MEMORY, log_u64("batch", b.max));
	else
		err = SR_OK;
	while (err == SR_OK) {
		err = step(&b);
		if (b.n < b.max)
			break;
	}
	free(b.items);
	free(b.rows);
	return (err);
}

/* --- System keys --------------------------------------------------------- */

#define SYSTEM_KEYS_MAX	64

struct system_item {
	char purpose[PURPOSE_MAX + 1];
	uint32_t version;
	struct item wrapped;
};

struct system_batch {
	struct rewrap * r;
	struct system_item items[SYSTEM_KEYS_MAX];
	size_t n;
	uint64_t written;
};

static enum sr_error
take_key(const struct db_row * row, void * cookie)
{
	struct system_batch * b = cookie;
	struct system_item * it = &b->items[b->n];

	if (b->n == SYSTEM_KEYS_MAX)
		return (SR_OK);		/* The next walk takes the others. */
	(void)snprintf(it->purpose, sizeof(it->purpose), "%s",
	    db_col_text(row, 0));
	it->version = (uint32_t)db_col_int(row, 1);
	take_wrapped(row, 2, &it->wrapped);
	b->n++;
	return (SR_OK);
}

static enum sr_error
rewrap_key(struct rewrap * r, struct system_item * it)
{
	const struct keyring * kr = keyset_keyring(r->keys);
	enum sr_error err = SR_E_SECRET_ENCRYPTION_FAILED;
	struct secbuf * key = NULL;

	if (it->wrapped.whole)
		err = system_key_unwrap(kr, it->purpose, it->version,
		    it->wrapped.before, &key);
	if (err == SR_OK)
		err = system_key_wrap(kr, r->p.to, it->purpose, it->version,
		    key, it->wrapped.after);
	secbuf_free(&key);
	it->wrapped.good = err == SR_OK;
	if (of_the_row(err))
		err = rewrap_report_failed(r, &sr_id_nil, it->version, err);
	return (err);
}

static enum sr_error
write_keys(struct tx * tx, void * cookie)
{
	struct system_batch * b = cookie;
	const struct system_item * it;
	uint64_t matched;
	enum sr_error err;
	size_t i;

	b->written = 0;
	for (i = 0; i < b->n; i++) {
		it = &b->items[i];
		if (!it->wrapped.good)
			continue;
		err = db_exec(tx_db(tx), STMT_REWRAP_KEY, DB_ARGS(
		    DB_BYTES(it->wrapped.after, SEAL_WRAPPED_LEN),
		    DB_INT(b->r->p.to), DB_TEXT(it->purpose),
		    DB_INT(it->version),
		    DB_BYTES(it->wrapped.before, SEAL_WRAPPED_LEN)), &matched);
		if (err != SR_OK)
			return (err);
		b->written += matched;
	}
	return (SR_OK);
}

static enum sr_error
keys_once(struct system_batch * b)
{
	enum sr_error err;
	size_t i;

	b->n = 0;
	b->written = 0;
	err = db_query(b->r->store->db, STMT_REWRAP_KEYS,
	    DB_ARGS(DB_INT(b->r->p.to)), take_key, b);
	for (i = 0; err == SR_OK && i < b->n; i++)
		err = rewrap_key(b->r, &b->items[i]);
	if (err != SR_OK || b->n == 0)
		return (err);
	return (tx_run(b->r->store->db, NULL, write_keys, b));
}

/**
 * rewrap_system_keys(r):
 * Walk once through the rows of system_key under older versions.
 */
enum sr_error
rewrap_system_keys(struct rewrap * r)
{
	const uint64_t failed = r->p.failed;
	struct system_batch * b;
	enum sr_error err = SR_OK;
	unsigned i;

	if ((b = calloc(1, sizeof(*b))) == NULL)
		return (sr_fail(SR_E_OUT_OF_MEMORY,
		    log_const("for", "system keys")));
	b->r = r;
	for (i = 0; i < TRIES; i++) {
		r->p.failed = failed;
		err = keys_once(b);
		if (err == SR_E_COMMIT_OUTCOME_UNKNOWN)
			r->unsure = true;
		if (!may_pass(err))
			break;
		(void)poll(NULL, 0, PAUSE_MS << i);
	}
	if (err == SR_OK)
		r->p.rewrapped += b->written;
	free(b);
	return (err);
}
