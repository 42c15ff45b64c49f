/*
 * Changing the root key with kill -9 at random moments, hundreds of rounds,
 * while others write and revoke. The process that is killed is this program
 * again, called with --rotate as its second argument. STRONGROOM_TEST_ROUNDS
 * sets how many kills (120).
 */

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "core/base/random.h"
#include "core/log/log.h"
#include "tests/core/vault/writers.h"
#include "tests/harness/process.h"

#define SECRETS		24
#define KILLS		120

static struct house h;
static struct secret_meta kept[SECRETS];

/* --- The process that is killed ------------------------------------------ */

/* kill -9 from the kernel, ${us} from now, whatever we are at then. */
static bool
die_in(unsigned us)
{
	struct sigevent how = { .sigev_notify = SIGEV_SIGNAL,
	    .sigev_signo = SIGKILL };
	const struct itimerspec when = { .it_value = { us / 1000000,
	    (long)(us % 1000000) * 1000 } };
	timer_t timer;

	return (timer_create(CLOCK_MONOTONIC, &how, &timer) == 0 &&
	    timer_settime(timer, 0, &when, NULL) == 0);
}

/* argv: x --rotate SOCKET USER PASSWORD DATABASE KEYFILE MICROSECONDS. */
static int
rotate_alone(char ** argv)
{
	const struct keyring_sources from = { .file = argv[7] };
	const struct rewrap_watch watch = { .batch = 3 };
	struct actor actor = { .kind = ACTOR_OPERATOR, .label = "kill" };
	struct store store = { .db = NULL };
	struct db_options o = { .socket = argv[3], .user = argv[4],
	    .name = argv[6] };
	struct secbuf * password = house_secret(argv[5]);
	enum sr_error err;

	o.password = password;
	log_set_level(LOG_ALERT);
	if (db_library_init() != SR_OK || db_new(&o, &store.db) != SR_OK ||
	    keystore_new(&store.keys) != SR_OK ||
	    sr_id_new(&actor.correlation_id) != SR_OK)
		return (2);
	if ((err = keystore_load(store.keys, &from)) == SR_OK &&
	    (err = keystore_bind(store.keys, store.db)) == SR_OK &&
	    die_in((unsigned)atoi(argv[8])))
		err = rewrap_rotate(&store, &actor, &watch, NULL);
	secbuf_free(&password);
	keystore_free(&store.keys);
	db_free(&store.db);
	db_library_end();
	return (err == SR_OK ? 0 : 1);
}

static pid_t
start_rotation(char * password, unsigned us)
{
	struct db_options o;
	char self[512], moment[16];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	must(n > 0);
	self[n] = '\0';
	(void)snprintf(moment, sizeof(moment), "%u", us);
	mariadb_worker_options(h.m, &o);
	return (process_start((const char * const[]){ self, "x", "--rotate",
	    o.socket, o.user, password, o.name, h.key_file, moment,
	    NULL }, NULL));
}

/* --- Rounds -------------------------------------------------------------- */

struct counts {
	unsigned rotations, kills, ended, half;
};

/* Whether a rotation lies half done: keys are under more than one version. */
static bool
half_done(void)
{
	char * out = mariadb_sql(h.m, "SELECT COUNT(DISTINCT kek_version) > 1"
	    " FROM (SELECT kek_version FROM secret_version WHERE wrapped_dek"
	    " IS NOT NULL UNION ALL SELECT kek_version FROM system_key) k");
	bool is = out != NULL && out[0] == '1';

	free(out);
	return (is);
}

/* A rotation that is killed at a moment that nobody chose, if it lasts so long.
 * Whether it had ended. About half of them do: ${us} is moved to where. */
static bool
kill_one(char * password, unsigned * us, struct counts * n)
{
	uint32_t r = 0;
	pid_t pid;
	int status;

	must(random_bytes(&r, sizeof(r)) == SR_OK);
	pid = start_rotation(password, 1 + r % *us);
	CU_ASSERT_FATAL(pid > 0);
	status = process_stop(&pid, 0, 60);
	*us = status == 0 ? *us * 9 / 10 + 1 : *us * 11 / 10 + 1;
	if (status == 0) {
		n->ended++;
		return (true);
	}
	CU_ASSERT_EQUAL(status, 128 + SIGKILL);
	n->kills++;
	n->half += half_done();
	return (false);
}

static void
all_is_well(uint32_t version)
{
	char value[64];
	unsigned i;

	CU_ASSERT(house_sql_is(&h, "0\t0\t0", "SELECT"
	    " SUM(wrapped_dek IS NOT NULL AND kek_version <> w.v),"
	    " SUM(state = 'revoked' AND wrapped_dek IS NOT NULL),"
	    " (SELECT COUNT(*) FROM system_key WHERE kek_version <> w.v)"
	    " FROM secret_version, (SELECT kek_version AS v FROM kek"
	    " WHERE state = 'wrapping') w"));
	drop_older_keys(&h, version);
	ASSERT_ERR(keystore_bind(h.store.keys, h.store.db), SR_OK);
	for (i = 0; i < SECRETS; i++) {
		(void)snprintf(value, sizeof(value), "value-that-is-kept-%u",
		    i);
		CU_ASSERT(opens_to(&h.store, &kept[i].id, 1, value));
	}
}

/* One version: killed up to three times, then ended. */
static void
one_version(char * password, struct writer w[WRITERS], unsigned * us,
    struct counts * n)
{
	const uint32_t version = add_key(&h);
	uint32_t rows = 0;
	struct sr_id id = rewrap_target(version);
	unsigned i;

	wait_for_reloads(w);
	for (i = 0; i < 3; i++)
		if (kill_one(password, us, n))
			break;
	ASSERT_ERR(rewrap_rotate(&h.store, &h.actor, NULL, NULL), SR_OK);
	n->rotations++;
	ASSERT_ERR(keystore_bind(h.store.keys, h.store.db), SR_OK);
	ASSERT_ERR(audit_verify_chain(&h.store, &id, &rows), SR_OK);
	CU_ASSERT(rows >= 2);
	all_is_well(version);
}

static void
a_rotation_that_is_killed_goes_on_where_it_was(void)
{
	const char * setting = getenv("STRONGROOM_TEST_ROUNDS");
	const unsigned kills = setting != NULL && atoi(setting) > 0 ?
	    (unsigned)atoi(setting) : KILLS;
	char * password = text_format("%s", mariadb_worker_password(h.m));
	struct writer w[WRITERS];
	struct counts n = { .kills = 0 };
	atomic_bool end = false;
	unsigned us = 20000, saved, revoked;

	writers_start(&h, w, &end);
	while (n.kills < kills && CU_get_number_of_failures() == 0)
		one_version(password, w, &us, &n);
	writers_end(&h, w, &end, &saved, &revoked);
	(void)printf("versions %u, killed %u, ended before %u, half done %u, "
	    "saved meanwhile %u, revoked %u\n", n.rotations, n.kills, n.ended,
	    n.half, saved, revoked);
	CU_ASSERT(n.half > kills / 20);
	free(password);
}

static int
setup(void)
{
	char name[32], value[64];
	unsigned i;

	if (house_open(&h) != 0)
		return (-1);
	log_set_level(LOG_ALERT);
	for (i = 0; i < SECRETS; i++) {
		(void)snprintf(name, sizeof(name), "kept/%u", i);
		(void)snprintf(value, sizeof(value), "value-that-is-kept-%u",
		    i);
		if (put(&h, name, value, &kept[i]) != SR_OK)
			return (-1);
	}
	return (0);
}

static int
teardown(void)
{
	house_close(&h);
	return (0);
}

static const struct suite_test tests[] = {
	TEST(a_rotation_that_is_killed_goes_on_where_it_was),
};

int
main(int argc, char ** argv)
{

	if (argc == 9 && strcmp(argv[2], "--rotate") == 0)
		return (rotate_alone(argv));
	return (suite_main(argc, argv, "core/vault/rewrap_kill", tests,
	    COUNTOF(tests), setup, teardown));
}
