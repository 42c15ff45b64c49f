#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/output.h"
#include "core/base/secbuf.h"
#include "core/keys/keyring.h"
#include "core/keys/mac.h"
#include "core/store/db.h"
#include "core/store/keystore.h"

static bool
parse_version(const char * text, uint32_t * out)
{
	unsigned long long n;
	char * end;

	if (text == NULL)
		text = "1";
	errno = 0;
	n = strtoull(text, &end, 10);
	if (text[0] < '1' || text[0] > '9' || *end != '\0' || errno != 0 ||
	    n > UINT32_MAX)
		return (false);
	*out = (uint32_t)n;
	return (true);
}

/** cmd_rootkey_new(cli): make a file with a new root key. */
enum sr_error
cmd_rootkey_new(struct cli * cli)
{
	struct compose * c = cli->out;
	uint32_t version;
	enum sr_error err;

	if (!parse_version(cli->in.option[OPT_NUMBER], &version)) {
		compose_lit(cli->note, "--number is 1 to 4294967295");
		return (SR_E_USAGE);
	}
	err = keyring_new_file(cli->in.argument, version);
	if (err != SR_OK) {
		output_own_text(cli, cli->note, cli->in.argument);
		return (err);
	}
	if (cli_json(cli)) {
		compose_lit(c, "{\"version\":");
		compose_u64(c, version);
		compose_lit(c, "}\n");
		return (SR_OK);
	}
	compose_lit(c, "Root key version ");
	compose_u64(c, version);
	compose_lit(c, " is in ");
	output_own_text(cli, c, cli->in.argument);
	compose_lit(c, ". Keep a copy of it, apart from the copies of the "
	    "database:\nwithout it no stored value can be read.\n");
	return (SR_OK);
}

/* A version as the loaded keys and the database know it. */
struct version {
	uint32_t number;
	bool loaded;
	bool in_database;
	bool wraps;
	bool matches;
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

/* What is loaded and not in the database comes after. */
static enum sr_error
add_loaded(struct versions * vs)
{
	size_t i, j, rows = vs->n;

	for (i = 0; i < keyring_count(vs->kr); i++) {
		for (j = 0; j < rows; j++) {
			if (vs->v[j].number == keyring_version(vs->kr, i))
				break;
		}
		if (j < rows)
			continue;
		if (vs->n == VERSIONS_MAX)
			return (SR_E_LIMIT_EXCEEDED);
		vs->v[vs->n++] = (struct version){ .loaded = true,
			.number = keyring_version(vs->kr, i) };
	}
	return (SR_OK);
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

	compose_lit(c, "VERSION\tLOADED\tSTATE\tCHECK\n");
	for (i = 0; i < vs->n; i++) {
		compose_u64(c, vs->v[i].number);
		compose_constant(c, vs->v[i].loaded ? "\tyes\t" : "\tno\t");
		compose_constant(c, state_name(&vs->v[i]));
		compose_lit(c, "\t");
		compose_constant(c, check_name(&vs->v[i]));
		compose_lit(c, "\n");
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
		compose_lit(c, "\"}");
	}
	compose_lit(c, "]\n");
}

/* Whether the server could write with these keys. */
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
	if ((err = db_query(cli->store.db, STMT_KEK_LIST, DB_NOARGS, add_row,
	    &vs)) != SR_OK || (err = add_loaded(&vs)) != SR_OK)
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
