#include <sys/prctl.h>

#include <string.h>

#include "cli/cli.h"
#include "cli/doctor.h"
#include "core/audit/verify.h"
#include "core/base/config.h"
#include "core/base/secbuf.h"
#include "core/store/db.h"
#include "core/store/keystore.h"
#include "core/store/migrate.h"
#include "core/vault/liveset.h"
#include "core/vault/secret.h"

/* The checks, each with those that must have passed before it makes sense. */
struct check {
	enum sr_error (*run)(struct cli *, struct doctor *);
	uint32_t needs;		/* Bits 1 << enum doctor_check. */
};

static enum sr_error
check_config(struct cli * cli, struct doctor * d)
{

	(void)d;
	return (cli_settings(cli));
}

static enum sr_error
check_core_dumps(struct cli * cli, struct doctor * d)
{

	(void)cli;
	(void)d;
#ifndef SR_SANITIZED
	if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
		return (SR_E_CORE_DUMPS_POSSIBLE);
#endif
	return (SR_OK);
}

static enum sr_error
check_locked_memory(struct cli * cli, struct doctor * d)
{
	struct secbuf * b = NULL;
	enum sr_error err;

	(void)cli;
	(void)d;
	err = secbuf_new(SECBUF_MAX, &b);
	secbuf_free(&b);
	return (err);
}

static enum sr_error
check_selftest(struct cli * cli, struct doctor * d)
{

	(void)d;
	if (redact_selftest(cli->redact) != SR_OK)
		return (SR_E_REDACTION_UNAVAILABLE);
	return (SR_OK);
}

static enum sr_error
check_root_key(struct cli * cli, struct doctor * d)
{

	(void)d;
	return (cli_load_keys(cli));
}

/* A database that is empty, or not there yet, is for the next check. */
static enum sr_error
check_database(struct cli * cli, struct doctor * d)
{
	enum sr_error err;
	unsigned number;

	if ((err = cli_connect(cli)) != SR_OK)
		return (err);
	err = db_ping(cli->store.db);
	number = db_errno(cli->store.db);
	if (err == SR_E_SCHEMA_OUTDATED || number == CLI_NO_DATABASE)
		return (SR_OK);
	if (err != SR_E_DATABASE_REFUSED)
		return (err);
	if (number == CLI_ACCESS_DENIED)
		d->detail = "database.user,database.password";
	return (err);
}

static enum sr_error
check_schema(struct cli * cli, struct doctor * d)
{

	(void)d;
	return (migrate_status(cli->store.db));
}

static enum sr_error
check_statements(struct cli * cli, struct doctor * d)
{
	enum stmt bad = STMT__MAX;
	enum sr_error err;

	err = db_check_schema(cli->store.db, &bad);
	if (err != SR_OK && bad != STMT__MAX)
		d->detail = db_stmt_name(bad);
	return (err);
}

static enum sr_error
count_grants(const struct db_row * row, void * cookie)
{
	int64_t * n = cookie;

	*n = db_col_int(row, 0);
	return (SR_OK);
}

static enum sr_error
check_grants(struct cli * cli, struct doctor * d)
{
	int64_t n = 0;
	enum sr_error err;

	(void)d;
	err = db_query(cli->store.db, STMT_AUDIT_GRANTS, DB_NOARGS,
	    count_grants, &n);
	if (err == SR_OK && n != 0)
		err = SR_E_GRANTS_TOO_WIDE;
	return (err);
}

/* Whether the key is the one that this database belongs to. */
static enum sr_error
check_key_match(struct cli * cli, struct doctor * d)
{

	(void)d;
	return (keystore_bind(cli->store.keys, cli->store.db));
}

static enum sr_error
check_live_set(struct cli * cli, struct doctor * d)
{
	enum sr_error err;

	(void)d;
	cli->store.redact = cli->redact;
	if ((err = cli_live(cli)) != SR_OK)
		return (err);
	return (liveset_refresh(cli->live, &cli->store));
}

#define TRIALS		50

struct trial {
	struct cli * cli;
	struct sr_id last;	/* Of the page; the next one begins there. */
	unsigned n;
	struct secret_meta active[TRIALS];
	unsigned active_n;
};

static enum sr_error
take_active(const struct secret_meta * meta, void * cookie)
{
	struct trial * t = cookie;

	must(t->active_n < TRIALS);
	t->last = meta->id;
	t->n++;
	if (strcmp(meta->status, "active") == 0)
		t->active[t->active_n++] = *meta;
	return (SR_OK);
}

/* The first that opens, or the first error. ${done}: one of the two. */
static enum sr_error
open_one_of(struct trial * t, bool * done)
{
	struct secbuf * value = NULL;
	enum sr_error err;
	unsigned i;

	*done = false;
	for (i = 0; i < t->active_n; i++) {
		err = secret_open(&t->cli->store, &t->active[i].id,
		    t->active[i].key_version, &value);
		secbuf_free(&value);
		/* Revoked since it was listed: it proves nothing. */
		if (err == SR_E_SECRET_REVOKED)
			continue;
		*done = true;
		return (err);
	}
	return (SR_OK);
}

/* The proof: a stored value opens. It is not looked at. */
static enum sr_error
check_opening(struct cli * cli, struct doctor * d)
{
	struct trial * t;
	const struct sr_id * after = NULL;
	enum sr_error err;
	bool done;

	(void)d;
	if ((t = calloc(1, sizeof(*t))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	t->cli = cli;
	do {
		t->n = t->active_n = 0;
		err = secret_list(cli->store.db, after, TRIALS, take_active,
		    t);
		if (err == SR_OK)
			err = open_one_of(t, &done);
		after = &t->last;
	} while (err == SR_OK && !done && t->n == TRIALS);
	free(t);
	return (err);
}

/* The proof costs a read of each row: what happened last is proven. */
#define CHAINS_MAX	200

struct chains {
	struct sr_id id[CHAINS_MAX];
	size_t n;
};

static enum sr_error
add_chain(const struct db_row * row, void * cookie)
{
	struct chains * c = cookie;

	must(c->n < CHAINS_MAX);
	c->id[c->n++] = db_col_uuid(row, 0);
	return (SR_OK);
}

static enum sr_error
check_audit_chains(struct cli * cli, struct doctor * d)
{
	struct chains c = { .n = 0 };
	uint32_t rows = 0;
	enum sr_error err;
	size_t i;

	err = db_query(cli->store.db, STMT_AUDIT_NEWEST_CHAINS,
	    DB_ARGS(DB_INT(CHAINS_MAX)), add_chain, &c);
	for (i = 0; i < c.n && err == SR_OK; i++) {
		err = audit_verify_chain(&cli->store, &c.id[i], &rows);
		d->rows += rows;
	}
	d->chains = i;
	if (err != SR_E_INTERNAL_ERROR)
		return (err);
	sr_id_format(&c.id[i - 1], d->chain);
	d->detail = d->chain;
	return (SR_E_AUDIT_CHAIN_BROKEN);
}

/* Whether the rows are sealed, and by this instance's key. */
static enum sr_error
check_audit_checkpoint(struct cli * cli, struct doctor * d)
{
	struct checkpoint_state s;
	enum sr_error err;
	sr_time age;

	if ((err = checkpoint_state(&cli->store, CHECKPOINT_WAIT_SECONDS,
	    &s)) != SR_OK)
		return (err);
	d->waiting = s.backlog.rows;
	if (s.found) {
		age = (clock_now() - s.newest.made_at) / SR_SECOND;
		d->covered = s.newest.tree_size;
		d->age = age > 0 ? (uint64_t)age : 0;
	}
	if (s.found && !s.ours) {
		d->detail = audit_finding_name(FINDING_CHECKPOINT_SIGNATURE);
		return (SR_E_AUDIT_CHAIN_BROKEN);
	}
	return (s.backlog.overdue ? SR_E_AUDIT_CHECKPOINT_OVERDUE : SR_OK);
}

#define NEEDS(id)	(UINT32_C(1) << DOCTOR_##id)

static const struct check checks[DOCTOR__MAX] = {
	[DOCTOR_CONFIG] = { check_config, 0 },
	[DOCTOR_CORE_DUMPS] = { check_core_dumps, 0 },
	[DOCTOR_LOCKED_MEMORY] = { check_locked_memory, 0 },
	[DOCTOR_SELFTEST] = { check_selftest, 0 },
	[DOCTOR_ROOT_KEY] = { check_root_key, NEEDS(CONFIG) },
	[DOCTOR_DATABASE] = { check_database, NEEDS(CONFIG) },
	[DOCTOR_SCHEMA] = { check_schema, NEEDS(DATABASE) },
	[DOCTOR_STATEMENTS] = { check_statements, NEEDS(SCHEMA) },
	[DOCTOR_GRANTS] = { check_grants, NEEDS(SCHEMA) },
	[DOCTOR_KEY_MATCH] = { check_key_match,
	    NEEDS(ROOT_KEY) | NEEDS(SCHEMA) },
	[DOCTOR_KEY_VERSIONS] = { doctor_key_versions, NEEDS(KEY_MATCH) },
	[DOCTOR_LIVE_SET] = { check_live_set, NEEDS(KEY_MATCH) },
	[DOCTOR_OPENING] = { check_opening, NEEDS(KEY_MATCH) },
	[DOCTOR_AUDIT_CHAINS] = { check_audit_chains, NEEDS(KEY_MATCH) },
	[DOCTOR_AUDIT_CHECKPOINT] = { check_audit_checkpoint,
	    NEEDS(KEY_MATCH) },
	[DOCTOR_STORED_TEXTS] = { doctor_stored_texts, NEEDS(LIVE_SET) },
};

/*
 * The check that failed, so that this one makes no sense: the first of those
 * that it needs, or what that one needed. Itself: none.
 */
static enum doctor_check
missing(const struct doctor * d, size_t check)
{
	uint32_t lacks = checks[check].needs & ~d->passed;
	size_t i;

	for (i = 0; i < check; i++) {
		if (lacks & UINT32_C(1) << i)
			return (missing(d, i));
	}
	return ((enum doctor_check)check);
}

/** cmd_doctor(cli): check everything and say what to do. */
enum sr_error
cmd_doctor(struct cli * cli)
{
	struct doctor d = { .passed = 0 };
	enum sr_error err, first = SR_OK;
	enum doctor_check because;
	size_t i;

	doctor_begin(cli);
	for (i = 0; i < DOCTOR__MAX; i++) {
		d.detail = NULL;
		if ((because = missing(&d, i)) != (enum doctor_check)i) {
			doctor_skipped(cli, (enum doctor_check)i, because);
			continue;
		}
		err = checks[i].run(cli, &d);
		if (err == SR_OK)
			d.passed |= UINT32_C(1) << i;
		else if (first == SR_OK)
			first = err;
		doctor_result(cli, (enum doctor_check)i, err, &d);
	}
	doctor_end(cli);
	return (first);
}
