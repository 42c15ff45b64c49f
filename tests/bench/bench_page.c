/*
 * The security settings with 100 secrets and with 100,000 (or as many as
 * STRONGROOM_BENCH_SECRETS says): pages a second through exchange_run in this
 * process, one thread, the whole way from request to bytes. Lines
 * `name value unit`. What the pages take of the database's and of our own
 * processor is theirs together: the database runs on the same machine.
 */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/log/log.h"
#include "core/redact/redact.h"
#include "core/vault/posture.h"
#include "tests/cgi/visit.h"
#include "tests/harness/files.h"

#define SECONDS	3.0

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
	(void)fprintf(stderr, "bench_page: %s failed\n", what);
	exit(1);
}

static void
sign_in(void)
{
	struct secbuf * password = house_secret("several plain words");
	const struct sign_in in = { .email = VISIT_EMAIL, .cost = 1,
	    .address = "127.0.0.1", .password = password };
	struct actor operator = visit_house.actor;
	struct disclosed * d = NULL;
	struct sr_id id;
	char * token;

	operator.kind = ACTOR_OPERATOR;
	need(owner_create(&visit_house.store, &operator, NULL, VISIT_EMAIL,
	    password, 1, &id) == SR_OK && session_begin(&visit_house.store,
	    &visit_house.actor, &in, &visit_worker.limits, &d, NULL) == SR_OK,
	    "sign_in");
	token = visit_token(d);
	(void)snprintf(visit_session, sizeof(visit_session), "sr_session=%s",
	    token);
	free(token);
	disclosed_free(&d);
	secbuf_free(&password);
}

/* Of each 100 secrets one is revoked, ten are old, one expires soon. */
static void
fill(unsigned from, unsigned to)
{
	char * sql = text_format("INSERT INTO secret_ref SELECT UUID(),"
	    " ELT(seq %% 3 + 1, 'instance', 'project', 'integration'),"
	    " IF(seq %% 3 = 1, CONCAT('00000000-0000-0000-0000-0000000000',"
	    " LPAD(seq %% 50, 2, '0')),"
	    " '00000000-0000-0000-0000-000000000000'),"
	    " CONCAT('providers/p', seq %% 97, '/key_', seq), 1,"
	    " 'onboarding', IF(seq %% 100 = 7, 'revoked', 'active'),"
	    " UTC_TIMESTAMP(6) - INTERVAL IF(seq %% 10 = 3, 200, seq %% 80)"
	    " DAY, IF(seq %% 100 = 9, UTC_TIMESTAMP(6) + INTERVAL 5 DAY,"
	    " NULL), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)"
	    " FROM seq_%u_to_%u", from, to);

	need(house_do(&visit_house, sql), "fill");
	need(house_do(&visit_house, "ANALYZE TABLE secret_ref"), "analyze");
	free(sql);
}

/*
 * What of a page's time is the gate's: the scan after rendering, and, as if all
 * of the model were text of others, the texts on their way into it.
 */
static void
bench_gate(const char * name, unsigned secrets, struct visit * v,
    double page)
{
	struct redact * r = visit_worker.redact;
	struct redacted * t = NULL;
	char * html = strdup(visit_body(v)), * model;
	double start;

	v->accept = "application/xml";
	(void)visit(v);
	model = strdup(visit_body(v));
	need(html != NULL && model != NULL, "memory");
	start = now();
	for (unsigned i = 0; i < 50; i++) {
		need(redact_rendered(r, html, strlen(html), NULL, &t) ==
		    SR_OK, "the scan after rendering");
		redacted_free(&t);
		need(redact_text(r, REDACT_UI, model, strlen(model), NULL,
		    &t) == SR_OK, "the gate");
		redacted_free(&t);
	}
	(void)printf("gate_%s_%u %.1f %% of %zu bytes' time\n", name, secrets,
	    (now() - start) / 50 / page * 100, strlen(html));
	free(html);
	free(model);
}

static void
bench(const char * name, unsigned secrets, const char * path,
    const char * query)
{
	struct visit v = { .path = path, .query = query,
	    .cookie = visit_session };
	double start, took;
	unsigned n = 0;

	(void)visit(&v);
	need(visit_status(&v) == 200, name);
	start = now();
	do {
		(void)visit(&v);
		n++;
		took = now() - start;
	} while (took < SECONDS);
	(void)printf("%s_%u %.0f pages/s\n", name, secrets, n / took);
	bench_gate(name, secrets, &v, took / n);
	(void)fflush(stdout);
	visit_free(&v);
}

static void
bench_posture(unsigned secrets)
{
	const struct secret_times times = { .now = clock_now(),
	    .rotation_days = 90, .warning_days = 14 };
	struct posture p;
	double start = now();

	for (unsigned i = 0; i < 20; i++)
		need(posture_read(visit_db, &times, &p) == SR_OK, "posture");
	(void)printf("posture_%u %.2f ms\n", secrets,
	    (now() - start) / 20 * 1e3);
}

static enum sr_error
seen(const struct secret_meta * meta, void * cookie)
{

	(void)meta;
	++*(unsigned *)cookie;
	return (SR_OK);
}

/* The rows of a page alone. */
static void
bench_search(const char * name, unsigned secrets, const char * prefix,
    enum secret_state state)
{
	const struct secret_filter filter = { .prefix = prefix,
	    .state = state, .times = { .now = clock_now(),
	    .rotation_days = 90, .warning_days = 14 } };
	double start = now();
	unsigned n = 0;

	for (unsigned i = 0; i < 20; i++)
		need(secret_search(visit_db, &filter, NULL, 51, seen, &n) ==
		    SR_OK, "search");
	(void)printf("search_%s_%u %.2f ms\n", name, secrets,
	    (now() - start) / 20 * 1e3);
}

static void
bench_all(unsigned secrets)
{
	char * middle = mariadb_sql(visit_house.m, "SELECT id FROM secret_ref"
	    " WHERE scope = 'integration' ORDER BY name DESC LIMIT 1"
	    " OFFSET 60");
	char * query;

	need(middle != NULL || secrets < 200, "middle");
	bench("list", secrets, "/settings/security", NULL);
	query = text_format("after=%.36s", middle == NULL ? "" : middle);
	if (middle != NULL && middle[0] != '\0')
		bench("list_last_page", secrets, "/settings/security", query);
	bench("list_by_name", secrets, "/settings/security",
	    "name=providers/p42/");
	bench("list_revoked", secrets, "/settings/security",
	    "status=revoked");
	bench("audit", secrets, "/settings/security/audit", NULL);
	bench_posture(secrets);
	bench_search("any", secrets, "", SECRET_ANY);
	bench_search("name", secrets, "providers/p42/", SECRET_ANY);
	bench_search("overdue", secrets, "", SECRET_OVERDUE);
	bench_search("soon", secrets, "", SECRET_SOON);
	free(query);
	free(middle);
}

int
main(void)
{
	const char * asked = getenv("STRONGROOM_BENCH_SECRETS");
	unsigned many = 100000;

	if (asked != NULL && strtoul(asked, NULL, 10) > 200)
		many = (unsigned)strtoul(asked, NULL, 10);
	log_set_level(LOG_ALERT);
	need(visit_open() == 0, "open");
	sign_in();
	fill(1, 100);
	bench_all(100);
	fill(101, many);
	bench_all(many);
	return (visit_close());
}
