#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/random.h"
#include "core/base/secbuf.h"
#include "core/base/strbuf.h"
#include "core/keys/keyring.h"
#include "core/redact/redact.h"
#include "core/store/keystore.h"
#include "core/store/migrate.h"
#include "tests/harness/files.h"
#include "tests/harness/house.h"

static int
failed(const char * what, enum sr_error err)
{
	(void)fprintf(stderr, "house: %s: %s\n", what, sr_error_name(err));
	return (-1);
}

static enum sr_error
connect_worker(const struct house * h, struct db ** out)
{
	struct db_options o;

	mariadb_worker_options(h->m, &o);
	return (db_new(&o, out));
}

/**
 * house_load_key(h, file):
 * Load and bind the root keys of ${file} in a keystore of its own.
 */
enum sr_error
house_load_key(struct house * h, const char * file)
{
	const struct keyring_sources from = { file, NULL, NULL };
	enum sr_error err;

	keystore_free(&h->store.keys);
	if ((err = keystore_new(&h->store.keys)) != SR_OK ||
	    (err = keystore_load(h->store.keys, &from)) != SR_OK)
		return (err);
	return (keystore_bind(h->store.keys, h->store.db));
}

static int
open_database(struct house * h, const char * const * args)
{
	struct db_options admin;
	struct migrate_report report;
	enum sr_error err;

	if (mariadb_start_with(args, &h->m) != 0)
		return (-1);
	mariadb_admin_options(h->m, &admin);
	if ((err = migrate_run(&admin, "strongroom_worker", &report)) != SR_OK)
		return (failed("migrate_run", err));
	if ((err = connect_worker(h, &h->store.db)) != SR_OK)
		return (failed("db_new", err));
	return (0);
}

/**
 * house_open(h):
 * Build it.
 */
int
house_open(struct house * h)
{

	return (house_open_with(NULL, h));
}

/**
 * house_open_with(args, h):
 * Build it, with more arguments of mariadbd.
 */
int
house_open_with(const char * const * args, struct house * h)
{
	enum sr_error err;

	memset(h, 0, sizeof(*h));
	if ((err = db_library_init()) != SR_OK)
		return (failed("db_library_init", err));
	if (temp_folder("house", h->dir, sizeof(h->dir)) != 0 ||
	    open_database(h, args) != 0)
		return (-1);
	(void)snprintf(h->key_file, sizeof(h->key_file), "%s/root.key", h->dir);
	if ((err = keyring_new_file(h->key_file, 1)) != SR_OK ||
	    (err = house_load_key(h, h->key_file)) != SR_OK)
		return (failed("root key", err));
	if ((err = redact_new(&h->store.redact)) != SR_OK)
		return (failed("redact_new", err));
	h->actor.kind = ACTOR_ACCOUNT;
	(void)snprintf(h->actor.label, sizeof(h->actor.label), "%s",
	    "lead@example.org");
	if ((err = sr_id_new(&h->actor.id)) != SR_OK ||
	    (err = sr_id_new(&h->actor.correlation_id)) != SR_OK)
		return (failed("sr_id_new", err));
	return (0);
}

/**
 * house_close(h):
 * End and remove all of it.
 */
void
house_close(struct house * h)
{
	db_free(&h->store.db);
	keystore_free(&h->store.keys);
	redact_free(&h->store.redact);
	mariadb_stop(&h->m);
	if (h->dir[0] != '\0')
		remove_tree(h->dir);
	db_library_end();
}

/**
 * house_thread(h, out):
 * A store with a connection of its own.
 */
int
house_thread(const struct house * h, struct store * out)
{
	enum sr_error err;

	*out = h->store;
	if ((err = connect_worker(h, &out->db)) != SR_OK)
		return (failed("db_new", err));
	return (0);
}

/**
 * house_thread_end(s):
 * Close it, in its thread.
 */
void
house_thread_end(struct store * s)
{
	db_free(&s->db);
	db_thread_end();
}

/**
 * house_counts(h):
 * How many rows every table has.
 */
char *
house_counts(const struct house * h)
{
	struct strbuf sql;
	char * tables;
	char * rest;
	char * table;
	char * out;

	tables = mariadb_sql(h->m, "SELECT table_name FROM "
	    "information_schema.tables WHERE table_schema = 'strongroom' "
	    "ORDER BY 1");
	must(tables != NULL);
	strbuf_init(&sql, 65536);
	for (rest = tables; (table = strtok_r(rest, "\n", &rest)) != NULL;)
		strbuf_printf(&sql, "%sSELECT '%s', COUNT(*) FROM `%s`",
		    sql.len == 0 ? "" : " UNION ALL ", table, table);
	out = mariadb_sql(h->m, strbuf_str(&sql));
	strbuf_free(&sql);
	free(tables);
	must(out != NULL);
	return (out);
}

/**
 * house_sql_is(h, expected, sql):
 * Whether ${sql} prints ${expected}, the last line's end aside.
 */
bool
house_sql_is(const struct house * h, const char * expected, const char * sql)
{
	char * got = mariadb_sql(h->m, sql);
	size_t len;
	bool is;

	if (got == NULL)
		return (false);
	len = strlen(got);
	if (len > 0 && got[len - 1] == '\n')
		got[len - 1] = '\0';
	is = strcmp(got, expected) == 0;
	if (!is)
		(void)fprintf(stderr, "%s\n  got:      %s\n  expected: %s\n",
		    sql, got, expected);
	free(got);
	return (is);
}

/**
 * house_do(h, sql):
 * Run ${sql} as the admin.
 */
bool
house_do(const struct house * h, const char * sql)
{
	char * got = mariadb_sql(h->m, sql);
	bool done = got != NULL;

	free(got);
	return (done);
}

/**
 * house_secret(text):
 * A secbuf of ${text}.
 */
struct secbuf *
house_secret(const char * text)
{
	struct secbuf * b;

	must(secbuf_copy(text, strlen(text), &b) == SR_OK);
	return (b);
}

/**
 * house_random(n):
 * ${n} random hex digits.
 */
char *
house_random(size_t n)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char byte;
	char * out = malloc(n + 1);
	size_t i;

	must(out != NULL);
	for (i = 0; i < n; i++) {
		must(random_bytes(&byte, 1) == SR_OK);
		out[i] = digits[byte & 15];
	}
	out[n] = '\0';
	return (out);
}
