#include <string.h>

#include "cli/cli.h"
#include "core/base/secbuf.h"
#include "core/keys/keyring.h"
#include "core/keys/mac.h"
#include "core/store/db.h"
#include "core/store/keystore.h"
#include "core/vault/rewrap.h"

/* A version as the loaded keys and the database know it. */
struct version {
	uint32_t number;
	bool loaded;
	bool in_database;
	bool wraps;
	bool matches;
	uint64_t secret_versions;	/* Wrapped under it. */
	uint64_t system_keys;
};

#define VERSIONS_MAX	256

struct versions {
	const struct keyring * kr;
	struct version v[VERSIONS_MAX];
	size_t n;
};

static enum sr_error
add_row(const struct db_row * row, void * cookie)
{
	struct versions * vs = cookie;
	struct version * v = &vs->v[vs->n];
	uint8_t check[KEK_CHECK_LEN];
	const uint8_t * stored;
	size_t len;
	enum sr_error err;

	if (vs->n == VERSIONS_MAX)
		return (SR_E_LIMIT_EXCEEDED);
	*v = (struct version){ .in_database = true };
	v->number = (uint32_t)db_col_int(row, 0);
	v->loaded = keyring_has(vs->kr, v->number);
	stored = db_col_bytes(row, 1, &len);
	v->wraps = strcmp(db_col_text(row, 2), "wrapping") == 0;
	if (v->loaded) {
		err = keyring_check_value(vs->kr, v->number, check);
		if (err != SR_OK)
			return (err);
		v->matches = len == KEK_CHECK_LEN && mac_equal(check, stored);
	}
	vs->n++;
	return (SR_OK);
}

/* The version's place; what is not in the table yet comes after. NULL: full. */
static struct version *
place_of(struct versions * vs, uint32_t number)
{
	size_t i;

	for (i = 0; i < vs->n; i++) {
		if (vs->v[i].number == number)
			return (&vs->v[i]);
	}
	if (vs->n == VERSIONS_MAX)
		return (NULL);
	vs->v[vs->n] = (struct version){ .number = number,
		.loaded = keyring_has(vs->kr, number) };
	return (&vs->v[vs->n++]);
}

static enum sr_error
add_loaded(struct versions * vs)
{
	size_t i;

	for (i = 0; i < keyring_count(vs->kr); i++) {
		if (place_of(vs, keyring_version(vs->kr, i)) == NULL)
			return (SR_E_LIMIT_EXCEEDED);
	}
	return (SR_OK);
}

static enum sr_error
add_count(const struct rewrap_count * count, void * cookie)
{
	struct version * v = place_of(cookie, count->kek_version);

	if (v == NULL)
		return (SR_E_LIMIT_EXCEEDED);
	v->secret_versions = count->secret_versions;
	v->system_keys = count->system_keys;
	return (SR_OK);
}

/* Whether it must stay in the file, for this database as it is. */
static bool
needed(const struct version * v)
{

	return (v->wraps || v->secret_versions + v->system_keys != 0);
}

static const char *
state_name(const struct version * v)
{

	if (!v->in_database)
		return ("unused");
	return (v->wraps ? "wrapping" : "unwrapping");
}

static const char *
check_name(const struct version * v)
{

	if (!v->loaded || !v->in_database)
		return ("unknown");
	return (v->matches ? "matches" : "differs");
}

static void
print_text(struct compose * c, const struct versions * vs)
{
	size_t i;

	compose_lit(c, "VERSION\tLOADED\tSTATE\tCHECK\tSECRETS\t"
	    "SYSTEM_KEYS\tNEEDED\n");
	for (i = 0; i < vs->n; i++) {
		compose_u64(c, vs->v[i].number);
		compose_constant(c, vs->v[i].loaded ? "\tyes\t" : "\tno\t");
		compose_constant(c, state_name(&vs->v[i]));
		compose_lit(c, "\t");
		compose_constant(c, check_name(&vs->v[i]));
		compose_lit(c, "\t");
		compose_u64(c, vs->v[i].secret_versions);
		compose_lit(c, "\t");
		compose_u64(c, vs->v[i].system_keys);
		compose_constant(c, needed(&vs->v[i]) ? "\tyes\n" :
		    "\tno\n");
	}
}

static void
print_json(struct compose * c, const struct versions * vs)
{
	size_t i;

	compose_lit(c, "[");
	for (i = 0; i < vs->n; i++) {
		compose_constant(c, i == 0 ? "" : ",");
		compose_lit(c, "{\"version\":");
		compose_u64(c, vs->v[i].number);
		compose_lit(c, ",\"loaded\":");
		compose_constant(c, vs->v[i].loaded ? "true" : "false");
		compose_lit(c, ",\"state\":\"");
		compose_constant(c, state_name(&vs->v[i]));
		compose_lit(c, "\",\"check\":\"");
		compose_constant(c, check_name(&vs->v[i]));
		compose_lit(c, "\",\"secret_versions\":");
		compose_u64(c, vs->v[i].secret_versions);
		compose_lit(c, ",\"system_keys\":");
		compose_u64(c, vs->v[i].system_keys);
		compose_lit(c, ",\"needed\":");
		compose_constant(c, needed(&vs->v[i]) ? "true}" : "false}");
	}
	compose_lit(c, "]\n");
}

/* Whether the server could write with these keys, and open all there is. */
static enum sr_error
judge(const struct versions * vs)
{
	const struct version * v;
	size_t i;

	for (i = 0; i < vs->n; i++) {
		v = &vs->v[i];
		if (v->in_database && v->loaded && !v->matches)
			return (SR_E_ROOT_KEY_MISMATCH);
		if (v->wraps && !v->loaded)
			return (SR_E_ROOT_KEY_MISMATCH);
	}
	for (i = 0; i < vs->n; i++) {
		if (needed(&vs->v[i]) && !vs->v[i].loaded)
			return (SR_E_ROOT_KEY_VERSION_MISSING);
	}
	return (SR_OK);
}

/* The root keys alone: the keystore would not show those that do not match. */
static enum sr_error
load_keyring(struct cli * cli, struct keyring ** out)
{
	struct keyring_sources sources;
	struct secbuf * value = NULL;
	enum sr_error err;

	err = keystore_sources(cli->config, &sources, &value);
	if (err == SR_OK)
		err = keyring_load(&sources, out);
	secbuf_free(&value);
	return (err);
}

/** cmd_rootkey_list(cli): list the versions of the root key. */
enum sr_error
cmd_rootkey_list(struct cli * cli)
{
	struct versions vs = { .n = 0 };
	struct keyring * kr = NULL;
	enum sr_error err;

	if ((err = cli_settings(cli)) != SR_OK ||
	    (err = load_keyring(cli, &kr)) != SR_OK ||
	    (err = cli_connect(cli)) != SR_OK)
		goto out;
	vs.kr = kr;
	/* States before counts: nothing is wrapped any more under a version
	 * that did not wrap before they were counted. */
	if ((err = db_query(cli->store.db, STMT_KEK_LIST, DB_NOARGS, add_row,
	    &vs)) != SR_OK || (err = add_loaded(&vs)) != SR_OK ||
	    (err = rewrap_counts(cli->store.db, add_count, &vs)) != SR_OK)
		goto out;
	if (cli_json(cli))
		print_json(cli->out, &vs);
	else
		print_text(cli->out, &vs);
	err = judge(&vs);

out:
	keyring_free(&kr);
	return (err);
}
