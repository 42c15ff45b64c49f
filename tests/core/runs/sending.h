#ifndef SR_TESTS_CORE_RUNS_SENDING_H
#define SR_TESTS_CORE_RUNS_SENDING_H

/* A run and what its senders do, for the suites of event.h. */

#include "core/redact/redact.h"
#include "core/runs/event.h"
#include "core/runs/run_alert.h"
#include "tests/core/vault/process.h"

#define LEASE_MINUTES	15

static struct house h;
static struct liveset * live;
static struct project project;

static inline int
sending_start(void)
{
	const struct project_write w = { .slug = "agents",
	    .name = "Agents" };

	if (house_open(&h) != 0 || liveset_new(&live) != SR_OK)
		return (-1);
	h.store.live = live;
	if (liveset_refresh(live, &h.store) != SR_OK)
		return (-1);
	return (project_create(&h.store, &h.actor, &w, NULL, &project) ==
	    SR_OK ? 0 : -1);
}

static inline int
sending_stop(void)
{

	liveset_free(&live);
	house_close(&h);
	return (0);
}

static inline struct run
new_run(bool pending)
{
	const struct run_write w = { .project_id = project.id,
	    .workflow_name = "nightly", .workflow_version = "1.2",
	    .trigger = "manual", .pending = pending };
	struct run run;

	ASSERT_ERR_FATAL(run_create(&h.store, &h.actor, &w, LEASE_MINUTES,
	    NULL, &run), SR_OK);
	return (run);
}

static inline enum sr_error
post_to(const struct store * store, const struct event_write * w,
    struct event_written * out)
{
	struct event_written unread;

	return (event_post(store, &h.actor, w, LEASE_MINUTES, NULL,
	    out == NULL ? &unread : out));
}

static inline enum sr_error
post(const struct run * run, const char * type, const char * payload,
    struct event_written * out)
{
	const struct event_write w = { .run_id = run->id, .type = type,
	    .payload = payload,
	    .payload_len = payload == NULL ? 0 : strlen(payload) };

	return (post_to(&h.store, &w, out));
}

static inline enum sr_error
chunk_to(const struct store * store, const struct run * run,
    const char * stream, const char * bytes, size_t len, bool end,
    struct event_written * out)
{
	const struct event_write w = { .run_id = run->id, .type = "output",
	    .stream = stream, .chunk = bytes, .chunk_len = len, .end = end };

	return (post_to(store, &w, out));
}

static inline enum sr_error
chunk(const struct run * run, const char * stream, const char * text,
    struct event_written * out)
{

	return (chunk_to(&h.store, run, stream, text, strlen(text), false,
	    out));
}

static inline enum sr_error
end(const struct run * run, const char * stream, struct event_written * out)
{

	return (chunk_to(&h.store, run, stream, NULL, 0, true, out));
}

/* All events of a run: "1 run_started {}\n2 …\n". Caller frees. */
struct listing {
	char * text;
	uint64_t next;		/* That seq is awaited. */
};

static inline enum sr_error
list_event(const struct event * e, void * cookie)
{
	struct listing * l = cookie;
	char * more;

	CU_ASSERT_EQUAL(e->seq, l->next);
	l->next++;
	more = text_format("%s%llu %s %s\n", l->text,
	    (unsigned long long)e->seq, e->type, e->payload);
	free(l->text);
	l->text = more;
	return (SR_OK);
}

static inline char *
listed(const struct run * run)
{
	struct listing l = { .text = text_format("%s", ""), .next = 1 };

	ASSERT_ERR(event_list(h.store.db, &run->id, 0, 1000, list_event, &l),
	    SR_OK);
	return (l.text);
}

static inline bool
lists(const struct run * run, const char * expected)
{
	char * text = listed(run);
	bool same = strcmp(text, expected) == 0;

	if (!same)
		suite_note("got:\n%sexpected:\n%s", text, expected);
	free(text);
	return (same);
}

static inline bool
starts(const struct run * run, const char * expected)
{
	char * text = listed(run);
	bool same = strncmp(text, expected, strlen(expected)) == 0;

	if (!same)
		suite_note("got:\n%sexpected:\n%s", text, expected);
	free(text);
	return (same);
}

#endif /* !SR_TESTS_CORE_RUNS_SENDING_H */
