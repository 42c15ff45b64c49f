#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "cgi/meter_internal.h"
#include "cgi/worker.h"
#include "core/base/metric.h"
#include "core/redact/redact.h"

static const char * const codes[METER_CODES] = { "1xx", "2xx", "3xx", "4xx",
    "5xx" };

/* Upper ends in milliseconds, and as Prometheus writes them. */
static const struct {
	int64_t ms;
	const char * le;
} buckets[METER_BUCKETS] = {
	{ 5, "0.005" }, { 10, "0.01" }, { 25, "0.025" }, { 50, "0.05" },
	{ 100, "0.1" }, { 250, "0.25" }, { 500, "0.5" }, { 1000, "1" },
	{ 2500, "2.5" }, { 10000, "10" }, { INT64_MAX, "+Inf" },
};

enum sr_error
meter_new(struct meter ** out)
{

	if ((*out = calloc(1, sizeof(**out))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	must(pthread_mutex_init(&(*out)->lock, NULL) == 0);
	return (SR_OK);
}

void
meter_free(struct meter ** m)
{

	if (*m == NULL)
		return;
	(void)pthread_mutex_destroy(&(*m)->lock);
	free((*m)->flushed);
	free(*m);
	*m = NULL;
}

void
meter_request(struct meter * m, enum route_id route, int status, int64_t ms)
{
	size_t code = status >= 100 && status < 600 ?
	    (size_t)status / 100 - 1 : METER_CODES - 1;

	atomic_fetch_add(&m->requests[route][code], 1);
	atomic_fetch_add(&m->ms, (uint_fast64_t)(ms > 0 ? ms : 0));
	for (size_t i = 0; i < METER_BUCKETS; i++) {
		/* Each holds those of the ones before it. */
		if (ms <= buckets[i].ms)
			atomic_fetch_add(&m->took[i], 1);
	}
}

static void
walk_requests(const struct meter * m, series_fn * fn, void * cookie)
{
	struct series s = { .name = "strongroom_requests_total",
	    .label = { "route", "code" } };
	size_t route, i;

	for (route = 0; route <= ROUTE__MAX; route++) {
		s.value[0] = route == ROUTE__MAX ? "" :
		    route_row((enum route_id)route)->pattern;
		for (i = 0; i < METER_CODES; i++) {
			s.value[1] = codes[i];
			s.n = atomic_load(&m->requests[route][i]);
			fn(&s, cookie);
		}
	}
	s = (struct series){ .name =
	    "strongroom_request_duration_seconds_bucket",
	    .label = { "le" } };
	for (i = 0; i < METER_BUCKETS; i++) {
		s.value[0] = buckets[i].le;
		s.n = atomic_load(&m->took[i]);
		fn(&s, cookie);
	}
	s = (struct series){ .name = METER_MILLISECONDS,
	    .n = atomic_load(&m->ms) };
	fn(&s, cookie);
}

static const char * const channels[REDACT__MAX] = {
	[REDACT_LOG] = "log", [REDACT_PUBSUB] = "pubsub",
	[REDACT_ARTIFACT] = "artifact", [REDACT_PROMPT] = "prompt",
	[REDACT_UI] = "ui" };

static void
walk_masked(struct redact * r, enum redact_channel channel, series_fn * fn,
    void * cookie)
{
	struct series s = { .name = "strongroom_redactions_total",
	    .label = { "channel", "kind" }, .value = { channels[channel] } };
	struct redact_counts c;

	redact_counts(r, channel, &c);
	s.value[1] = "known";
	s.n = c.known;
	fn(&s, cookie);
	s.value[1] = "rule";
	s.n = c.rules;
	fn(&s, cookie);
}

static void
walk_withheld(struct redact * r, enum redact_channel channel, series_fn * fn,
    void * cookie)
{
	struct series s = { .name = "strongroom_redaction_failures_total",
	    .label = { "channel", "cause" }, .value = { channels[channel] } };
	struct redact_counts c;

	redact_counts(r, channel, &c);
	for (size_t i = REDACT_CAUSE_NONE + 1; i < REDACT_CAUSE__MAX; i++) {
		s.value[1] = redact_cause_name((enum redact_cause)i);
		s.n = c.withheld[i];
		fn(&s, cookie);
	}
}

static void
walk_rules(struct redact * r, enum redact_channel channel, series_fn * fn,
    void * cookie)
{
	struct series s = { .name = METER_RULES,
	    .label = { "channel", "rule" }, .value = { channels[channel] } };

	for (unsigned i = 0; redact_rule_count(r, channel, i, &s.value[1],
	    &s.n); i++)
		fn(&s, cookie);
}

void
meter_walk(struct worker * w, series_fn * fn, void * cookie)
{
	struct series s = { .name = NULL };

	walk_requests(w->meter, fn, cookie);
	for (unsigned i = 0; i < METRIC__MAX; i++) {
		s.name = metric_name((enum metric)i);
		s.n = metric_get((enum metric)i);
		fn(&s, cookie);
	}
	for (unsigned i = 0; i < REDACT__MAX; i++)
		walk_masked(w->redact, (enum redact_channel)i, fn, cookie);
	for (unsigned i = 0; i < REDACT__MAX; i++)
		walk_withheld(w->redact, (enum redact_channel)i, fn, cookie);
	for (unsigned i = 0; i < REDACT__MAX; i++)
		walk_rules(w->redact, (enum redact_channel)i, fn, cookie);
}

const char *
series_name(const struct series * s)
{

	return (s->name);
}

const char *
series_label_name(const struct series * s, size_t i)
{

	return (s->label[i]);
}

const char *
series_value_name(const struct series * s, size_t i)
{

	return (s->value[i]);
}
