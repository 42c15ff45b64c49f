/* /metrics, in the text format of Prometheus, 0.0.4. */

#include "cgi/exchange.h"
#include "cgi/meter_internal.h"
#include "cgi/view.h"
#include "core/audit/checkpoint.h"
#include "core/base/metric.h"
#include "core/redact/compose.h"
#include "core/runs/run.h"
#include "core/store/db.h"
#include "core/store/keystore.h"
#include "core/vault/posture.h"
#include "core/vault/provider_status.h"

#define BODY_MAX	((size_t)1024 * 1024)

struct writing {
	struct compose * c;
	const char * last;	/* The metric that was told of last. */
	uint64_t count;		/* Of requests. */
};

/* What a metric means, and whether it counts or measures. */
static const struct {
	const char * name;
	const char * type;
	const char * help;
} kinds[] = {
	{ "strongroom_requests_total", "counter",
	    "Answers by route and class of status" },
	{ "strongroom_request_duration_seconds", "histogram",
	    "Time from the request to the answer" },
	{ "strongroom_redactions_total", "counter",
	    "What was masked, by channel: known secrets and rules' finds" },
	{ "strongroom_redaction_failures_total", "counter",
	    "Texts that were withheld, by channel and cause" },
	{ METER_RULES, "counter",
	    "What rules masked, by channel and rule" },
	{ "strongroom_check", "gauge",
	    "Whether a check of /readyz passes: 1 or 0" },
	{ "strongroom_secrets", "gauge", "Secrets by state" },
	{ "strongroom_known_secrets", "gauge",
	    "Versions of secrets that the redactor of this worker knows" },
	{ "strongroom_provider_credentials", "gauge",
	    "1 for the status that a provider's credential has" },
	{ "strongroom_rotations", "gauge",
	    "Rotations of providers' credentials by state" },
	{ "strongroom_runs", "gauge", "Runs by status" },
	{ "strongroom_leases_held", "gauge",
	    "Holds of runs on versions of secrets" },
	{ "strongroom_audit_checkpoint_age_seconds", "gauge",
	    "Age of the newest checkpoint of the audit" },
	{ "strongroom_audit_unsealed_rows", "gauge",
	    "Rows of the audit that no checkpoint covers yet" },
	{ "strongroom_build_info", "gauge", "1, with the version" },
};

static const char *
kind_type_name(size_t i)
{

	return (kinds[i].type);
}

static const char *
kind_help_title(size_t i)
{

	return (kinds[i].help);
}

static const char *
type_name(bool counts)
{

	return (counts ? "counter" : "gauge");
}

/* The parts of a histogram have one name before their ends. */
static bool
is_of(const char * name, const char * kind)
{
	size_t len = strlen(kind);

	return (strncmp(name, kind, len) == 0 && (name[len] == '\0' ||
	    strcmp(&name[len], "_bucket") == 0 ||
	    strcmp(&name[len], "_sum") == 0 ||
	    strcmp(&name[len], "_count") == 0));
}

static void
head(struct writing * w, const struct series * s)
{
	size_t i = 0;

	if (w->last != NULL && is_of(s->name, w->last))
		return;
	while (i < COUNTOF(kinds) && !is_of(s->name, kinds[i].name))
		i++;
	w->last = i < COUNTOF(kinds) ? kinds[i].name : s->name;
	if (i < COUNTOF(kinds)) {
		const struct series kind = { .name = kinds[i].name };

		compose_lit(w->c, "# HELP ");
		compose_constant(w->c, series_name(&kind));
		compose_lit(w->c, " ");
		compose_constant(w->c, kind_help_title(i));
		compose_lit(w->c, "\n# TYPE ");
		compose_constant(w->c, series_name(&kind));
		compose_lit(w->c, " ");
		compose_constant(w->c, kind_type_name(i));
		compose_lit(w->c, "\n");
		return;
	}
	for (unsigned m = 0; m < METRIC__MAX; m++) {
		if (strcmp(metric_name((enum metric)m), s->name) != 0)
			continue;
		compose_lit(w->c, "# HELP ");
		compose_constant(w->c, metric_name((enum metric)m));
		compose_lit(w->c, " ");
		compose_constant(w->c, metric_help_title((enum metric)m));
		compose_lit(w->c, "\n# TYPE ");
		compose_constant(w->c, metric_name((enum metric)m));
		compose_lit(w->c, " ");
		compose_constant(w->c, type_name(true));
		compose_lit(w->c, "\n");
	}
}

static void
line(struct writing * w, const struct series * s)
{

	head(w, s);
	compose_constant(w->c, series_name(s));
	for (size_t i = 0; i < COUNTOF(s->label) && s->label[i] != NULL; i++) {
		compose_constant(w->c, i == 0 ? "{" : ",");
		compose_constant(w->c, series_label_name(s, i));
		compose_lit(w->c, "=\"");
		compose_constant(w->c, series_value_name(s, i));
		compose_lit(w->c, "\"");
	}
	compose_constant(w->c, s->label[0] == NULL ? " " : "} ");
}

static void
put(struct writing * w, const struct series * s)
{

	line(w, s);
	compose_u64(w->c, s->n);
	compose_lit(w->c, "\n");
}

/* Milliseconds as seconds. */
static void
put_seconds(struct writing * w, const struct series * s)
{
	static const char * const zeros[] = { "00", "0", "" };
	uint64_t ms = s->n % 1000;
	const struct series count = { .name =
	    "strongroom_request_duration_seconds_count", .n = w->count };
	const struct series pad = { .name = zeros[ms < 10 ? 0 : ms < 100 ?
	    1 : 2] };

	line(w, s);
	compose_u64(w->c, s->n / 1000);
	compose_lit(w->c, ".");
	compose_constant(w->c, series_name(&pad));
	compose_u64(w->c, ms);
	compose_lit(w->c, "\n");
	put(w, &count);
}

/* What never happened on a route, or by a rule, is left out. */
static void
put_series(const struct series * s, void * cookie)
{
	struct writing * w = cookie;

	if (strcmp(s->name, METER_MILLISECONDS) == 0) {
		put_seconds(w, s);
		return;
	}
	if (s->label[0] != NULL && strcmp(s->label[0], "le") == 0)
		w->count = s->n;
	if (s->n != 0 || (strcmp(s->name, METER_RULES) != 0 &&
	    (s->label[0] == NULL || strcmp(s->label[0], "route") != 0)))
		put(w, s);
}

static void
gauge(struct writing * w, const char * name, const char * label,
    const char * value, uint64_t n)
{
	const struct series s = { .name = name, .label = { label },
	    .value = { value }, .n = n };

	put(w, &s);
}

static void
checks(struct exchange * x, struct writing * w)
{
	enum sr_error results[CHECK__MAX];

	ready_checks(x, results);
	for (unsigned i = 0; i < CHECK__MAX; i++)
		gauge(w, "strongroom_check", "check",
		    check_name((enum check)i), results[i] == SR_OK);
	gauge(w, "strongroom_build_info", "version", SR_VERSION, 1);
	gauge(w, "strongroom_known_secrets", NULL, NULL,
	    redact_known_count(x->worker->redact));
}

static enum sr_error
secrets(struct exchange * x, struct writing * w)
{
	const struct secret_times times = view_times(x);
	struct posture p;
	enum sr_error err;

	if ((err = posture_read(x->store.db, &times, &p)) != SR_OK)
		return (err);
	gauge(w, "strongroom_secrets", "state", "active", p.active);
	gauge(w, "strongroom_secrets", "state", "expiring", p.soon);
	gauge(w, "strongroom_secrets", "state", "overdue", p.overdue);
	gauge(w, "strongroom_secrets", "state", "expired", p.expired);
	gauge(w, "strongroom_secrets", "state", "revoked", p.revoked);
	return (SR_OK);
}

static enum sr_error
providers(struct exchange * x, struct writing * w)
{
	struct series s = { .name = "strongroom_provider_credentials",
	    .label = { "provider", "status" } };
	struct provider_state state;
	const struct provider * p;
	enum sr_error err;

	for (size_t i = 0; (p = providers_at(x->worker->providers, i)) != NULL;
	    i++) {
		if ((err = provider_state_read(x->store.db, p, &state)) !=
		    SR_OK)
			return (err);
		s.value[0] = p->name;
		for (unsigned k = 0; k < PROVIDER_STATUS__MAX; k++) {
			s.value[1] = provider_status_name(
			    (enum provider_status)k);
			s.n = state.status == (enum provider_status)k;
			put(w, &s);
		}
	}
	return (SR_OK);
}

static enum sr_error
rotation_row(const struct db_row * row, void * cookie)
{

	for (unsigned i = 0; i < ROTATION__MAX; i++) {
		if (strcmp(rotation_state_name((enum rotation_state)i),
		    db_col_text(row, 0)) == 0)
			gauge(cookie, "strongroom_rotations", "state",
			    rotation_state_name((enum rotation_state)i),
			    (uint64_t)db_col_int(row, 1));
	}
	return (SR_OK);
}

static enum sr_error
run_row(const struct db_row * row, void * cookie)
{
	enum run_status status;

	if (run_status_parse(db_col_text(row, 0), &status))
		gauge(cookie, "strongroom_runs", "status",
		    run_status_name(status), (uint64_t)db_col_int(row, 1));
	return (SR_OK);
}

static enum sr_error
leases_row(const struct db_row * row, void * cookie)
{

	gauge(cookie, "strongroom_leases_held", NULL, NULL,
	    (uint64_t)db_col_int(row, 0));
	return (SR_OK);
}

static enum sr_error
audit(struct exchange * x, struct writing * w)
{
	struct checkpoint_state s;
	sr_time age;
	enum sr_error err;

	if ((err = checkpoint_state(&x->store, CHECKPOINT_WAIT_SECONDS, &s)) !=
	    SR_OK)
		return (err);
	age = s.found ? (clock_now() - s.newest.made_at) / SR_SECOND : 0;
	if (s.found)
		gauge(w, "strongroom_audit_checkpoint_age_seconds", NULL, NULL,
		    age > 0 ? (uint64_t)age : 0);
	gauge(w, "strongroom_audit_unsealed_rows", NULL, NULL,
	    s.backlog.rows);
	return (SR_OK);
}

static enum sr_error
gauges(struct exchange * x, struct writing * w)
{
	struct db * db = x->store.db;
	enum sr_error err;

	checks(x, w);
	if ((err = secrets(x, w)) != SR_OK ||
	    (err = providers(x, w)) != SR_OK ||
	    (err = db_query(db, STMT_METRIC_ROTATIONS, DB_NOARGS,
	    rotation_row, w)) != SR_OK ||
	    (err = db_query(db, STMT_METRIC_RUNS, DB_NOARGS, run_row, w)) !=
	    SR_OK ||
	    (err = db_query(db, STMT_METRIC_LEASES, DB_NOARGS, leases_row,
	    w)) != SR_OK)
		return (err);
	return (keystore_reason(x->worker->keys) == SR_OK ? audit(x, w) :
	    SR_OK);
}

enum sr_error
h_metrics(struct exchange * x)
{
	struct writing w = { .last = NULL };
	struct redacted * body = NULL;
	enum sr_error err;

	if ((err = compose_new(NULL, REDACT_UI, BODY_MAX, &w.c)) != SR_OK)
		return (err);
	if ((err = meter_flush(x->worker, x->store.db)) == SR_OK)
		err = meter_total(x->worker, x->store.db, put_series, &w);
	if (err == SR_OK)
		err = gauges(x, &w);
	if (err != SR_OK) {
		compose_free(&w.c);
		return (err);
	}
	if ((err = compose_finish(&w.c, &body)) == SR_OK)
		response_body(&x->response, 200, CONTENT_METRICS, &body);
	return (err);
}
