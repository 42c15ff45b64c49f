/*
 * Goal: whatever is killed while many clients create, rotate and revoke, no
 * acknowledged change is lost, no change lacks its audit row, no audit row
 * lacks its change, every active version opens and every chain verifies. The
 * database and the worker get kill -9 at random moments, and the root key is
 * changed meanwhile. STRONGROOM_STORM_SECONDS sets how long (40).
 */

#include <signal.h>

#include "core/audit/audit.h"
#include "core/base/clock.h"
#include "core/log/log.h"
#include "core/store/db.h"
#include "tests/fault/storm.h"
#include "tests/harness/process.h"

#define CLIENTS		6	/* The last one uses the pages. */
#define SECONDS		40

static struct instance * inst;
static char * key_file;
static struct client clients[CLIENTS];
static struct store store;		/* To look with afterwards. */

static int
start(void)
{
	static const char * const settings[] = {
		"STRONGROOM_DATABASE_TIMEOUT_SECONDS=3", NULL
	};
	const struct instance_options options = { .settings = settings };

	log_open(NULL, 2);
	log_set_level(LOG_ALERT);
	if (db_library_init() != SR_OK ||
	    (inst = instance_start(&options)) == NULL)
		return (-1);
	key_file = text_format("%s/root.key", instance_folder(inst));
	return (0);
}

static int
stop(void)
{

	/* Workers that were killed are counted as faults: not here. */
	(void)instance_stop(&inst);
	free(key_file);
	db_library_end();
	return (0);
}

/* --- What goes wrong ----------------------------------------------------- */

struct havoc {
	unsigned rounds, database, worker, rotations;
	pid_t rotation;			/* One that runs, or -1. */
};

static void
kill_database(struct havoc * x)
{

	mariadb_kill9(instance_database(inst));
	sleep_ms(any_of(200));
	CU_ASSERT_EQUAL_FATAL(mariadb_restart(instance_database(inst)), 0);
	x->database++;
}

static void
kill_worker(struct havoc * x)
{

	(void)kill(instance_worker(inst, 0), SIGKILL);
	(void)instance_stop_workers(inst);
	sleep_ms(any_of(100));
	CU_ASSERT_EQUAL_FATAL(instance_start_workers(inst), 0);
	x->worker++;
}

/* A new root key, and a rotation that is killed at the next turn. */
static void
change_root_key(struct havoc * x)
{
	const char * build = getenv("STRONGROOM_TEST_BUILD");
	char * program = text_format("%s/strongroom",
	    build == NULL ? "build" : build);
	uint32_t version;

	if (x->rotation > 0)
		(void)process_stop(&x->rotation, SIGKILL, 10);
	if (keyring_add_to_file(key_file, &version) == SR_OK) {
		instance_hangup(inst);
		x->rotation = process_start((const char * const[]){ program,
		    "--config", instance_config(inst), "rootkey", "rotate",
		    NULL }, NULL);
		x->rotations++;
	}
	free(program);
}

static void
rage(struct havoc * x, unsigned seconds)
{
	const int64_t end = clock_monotonic_ms() + 1000 * (int64_t)seconds;
	unsigned what;

	*x = (struct havoc){ .rotation = -1 };
	while (clock_monotonic_ms() < end) {
		sleep_ms(any_of(300));
		what = any_of(6);
		if (what < 3)
			kill_database(x);
		else if (what < 5)
			kill_worker(x);
		else
			change_root_key(x);
		x->rounds++;
	}
	if (x->rotation > 0)
		(void)process_stop(&x->rotation, SIGKILL, 10);
}

/* --- What is there afterwards -------------------------------------------- */

static void
look_at(const struct client * c, const struct entry * e, unsigned * opened)
{
	struct secret_meta m;
	struct secbuf * value = NULL, * expected;
	enum sr_error err;

	err = secret_find(store.db, SCOPE_INSTANCE, &sr_id_nil, e->name, &m);
	if (err == SR_E_SECRET_NOT_FOUND && e->low == 0)
		return;
	ASSERT_ERR_FATAL(err, SR_OK);
	if (m.key_version < e->low || m.key_version > e->high)
		suite_note("%s: version %u, acknowledged %u..%u", e->name,
		    m.key_version, e->low, e->high);
	CU_ASSERT(m.key_version >= e->low && m.key_version <= e->high);
	if (e->sure)
		CU_ASSERT_EQUAL(strcmp(m.status, "active") == 0, e->active);
	if (strcmp(m.status, "active") != 0)
		return;
	err = secret_open(&store, &m.id, m.key_version, &value);
	ASSERT_ERR(err, SR_OK);
	if (err == SR_OK && e->sure && c->http == NULL) {
		expected = house_secret(e->value);
		CU_ASSERT(secbuf_equal(value, expected));
		secbuf_free(&expected);
	}
	secbuf_free(&value);
	++*opened;
}

static bool
says(const char * what, const char * sql)
{
	char * out = mariadb_sql(instance_database(inst), sql);
	bool none;

	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	out[strcspn(out, "\n")] = '\0';
	none = strcmp(out, "0") == 0;
	if (!none)
		suite_note("%s: %s", what, out);
	free(out);
	return (none);
}

#define AUDITED(actions)						\
    "audit_event a WHERE a.outcome = 'succeeded' AND a.target_kind ="	\
    " 'secret' AND a.action IN (" actions ")"

/* Changes and audit rows, each held against the others. */
static void
each_has_the_other(void)
{

	CU_ASSERT(says("versions without an audit row",
	    "SELECT COUNT(*) FROM secret_version v WHERE NOT EXISTS (SELECT 1"
	    " FROM " AUDITED("'CREATE', 'ROTATE'") " AND a.target_id ="
	    " v.secret_id AND a.key_version = v.key_version AND a.occurred_at"
	    " = v.created_at)"));
	CU_ASSERT(says("audit rows without a version",
	    "SELECT COUNT(*) FROM " AUDITED("'CREATE', 'ROTATE'") " AND NOT"
	    " EXISTS (SELECT 1 FROM secret_version v WHERE v.secret_id ="
	    " a.target_id AND v.key_version = a.key_version)"));
	CU_ASSERT(says("more audit rows than versions",
	    "SELECT (SELECT COUNT(*) FROM " AUDITED("'CREATE', 'ROTATE'")
	    ") - (SELECT COUNT(*) FROM secret_version)"));
	CU_ASSERT(says("destroyed keys without an audit row",
	    "SELECT COUNT(*) FROM secret_version v WHERE v.wrapped_dek IS NULL"
	    " AND NOT EXISTS (SELECT 1 FROM " AUDITED("'REVOKE'") " AND"
	    " a.target_id = v.secret_id AND a.occurred_at = v.destroyed_at)"));
	CU_ASSERT(says("revocations that destroyed nothing",
	    "SELECT COUNT(*) FROM " AUDITED("'REVOKE'") " AND NOT EXISTS"
	    " (SELECT 1 FROM secret_version v WHERE v.secret_id = a.target_id"
	    " AND v.destroyed_at = a.occurred_at AND v.wrapped_dek IS NULL)"));
	CU_ASSERT(says("versions without forms",
	    "SELECT COUNT(*) FROM secret_version v WHERE NOT EXISTS (SELECT 1"
	    " FROM redaction_variant f WHERE f.secret_id = v.secret_id AND"
	    " f.key_version = v.key_version)"));
	CU_ASSERT(says("secrets whose newest version is not theirs",
	    "SELECT COUNT(*) FROM secret_ref r WHERE r.key_version <> (SELECT"
	    " MAX(v.key_version) FROM secret_version v WHERE v.secret_id ="
	    " r.id)"));
	CU_ASSERT(says("keys under former versions",
	    "SELECT COUNT(*) FROM secret_version v WHERE v.wrapped_dek IS NOT"
	    " NULL AND v.kek_version <> (SELECT kek_version FROM kek WHERE"
	    " state = 'wrapping')"));
}

static unsigned
all_chains_verify(void)
{
	char * out = mariadb_sql(instance_database(inst),
	    "SELECT DISTINCT chain_id FROM audit_event WHERE mac IS NOT NULL");
	char * rest = out, * line;
	struct sr_id id;
	uint32_t rows;
	unsigned n = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	while ((line = strtok_r(rest, "\n", &rest)) != NULL) {
		must(sr_id_parse(line, &id));
		ASSERT_ERR(audit_verify_chain(&store, &id, &rows), SR_OK);
		n += rows;
	}
	free(out);
	return (n);
}

static void
finish_root_key(void)
{
	char * out = NULL, * err = NULL;

	CU_ASSERT_EQUAL(instance_operator(inst, INSTANCE_ARGS("rootkey",
	    "rotate"), NULL, &out, &err), 0);
	free(out);
	free(err);
}

static void
print(const struct havoc * x, unsigned opened, unsigned rows)
{
	struct client all = { .asked = 0 };
	unsigned i;

	for (i = 0; i < CLIENTS; i++) {
		all.asked += clients[i].asked;
		all.saved += clients[i].saved;
		all.revoked += clients[i].revoked;
		all.refused += clients[i].refused;
		all.unknown += clients[i].unknown;
		CU_ASSERT_EQUAL(clients[i].wrong, 0);
	}
	(void)printf("kill -9: database %u, worker %u; root keys %u\n"
	    "asked %u: saved %u, revoked %u, refused %u, unknown %u (to the "
	    "pages %u)\n"
	    "active and opened %u, audit rows that verify %u\n", x->database,
	    x->worker, x->rotations, all.asked, all.saved, all.revoked,
	    all.refused, all.unknown, clients[CLIENTS - 1].unknown, opened,
	    rows);
	CU_ASSERT(all.saved > 100 && all.revoked > 10);
	CU_ASSERT(x->database > 0 && x->worker > 0);
}

static void
st_sec_010_ac3_a_storm_leaves_every_change_with_its_audit_row(void)
{
	const char * setting = getenv("STRONGROOM_STORM_SECONDS");
	const unsigned seconds = setting != NULL && atoi(setting) > 0 ?
	    (unsigned)atoi(setting) : SECONDS;
	atomic_bool end = false;
	struct client after;
	struct havoc x;
	unsigned i, j, opened = 0, rows;

	for (i = 0; i < CLIENTS; i++)
		client_open(&clients[i], inst, i, key_file, &end);
	clients[CLIENTS - 1].http = walk_in(inst);
	CU_ASSERT_PTR_NOT_NULL_FATAL(clients[CLIENTS - 1].http);
	for (i = 0; i < CLIENTS; i++)
		CU_ASSERT_EQUAL_FATAL(pthread_create(&clients[i].thread, NULL,
		    clients[i].http == NULL ? client_run : browser_run,
		    &clients[i]), 0);
	rage(&x, seconds);
	atomic_store(&end, true);
	for (i = 0; i < CLIENTS; i++)
		(void)pthread_join(clients[i].thread, NULL);
	finish_root_key();
	client_open(&after, inst, CLIENTS, key_file, &end);
	store = after.store;
	ASSERT_ERR_FATAL(keystore_bind(store.keys, store.db), SR_OK);
	for (i = 0; i < CLIENTS; i++)
		for (j = 0; j < OWN; j++)
			look_at(&clients[i], &clients[i].own[j], &opened);
	each_has_the_other();
	rows = all_chains_verify();
	print(&x, opened, rows);
	for (i = 0; i < CLIENTS; i++)
		client_close(&clients[i]);
	client_close(&after);
}

static const struct suite_test tests[] = {
	TEST(st_sec_010_ac3_a_storm_leaves_every_change_with_its_audit_row),
};

SUITE_MAIN("fault/storm", tests, start, stop)
