#ifndef SR_TESTS_CORE_RUNS_ARTIFACT_VISIT_H
#define SR_TESTS_CORE_RUNS_ARTIFACT_VISIT_H

/* A project with a bound secret and a run of it, and artifacts in one line. */

#include "core/base/strbuf.h"
#include "core/runs/artifact.h"
#include "core/runs/run_alert.h"
#include "core/store/db.h"
#include "core/vault/liveset.h"
#include "tests/core/vault/put.h"

/* Bound to the project, and one of somebody else's. */
#define BOUND		"artifact-known-value-4e1d8c5b7a92"
#define UNBOUND		"another-teams-value-90f2c1d6b8e3"
#define EACH		((uint64_t)4 * 1024 * 1024)

static struct house h;
static struct project project;
static struct run run;

static inline int
runs_open(void)
{
	static struct secret_complaint complaint;
	const struct project_write p = { .slug = "logs", .name = "Logs" };
	struct binding_write b = { .variable = "BOUND", .scope = "instance",
	    .name = "team/bound" };
	struct run_write w = { .workflow_name = "w", .workflow_version = "1",
	    .trigger = "test" };

	if (house_open(&h) != 0 || liveset_new(&h.store.live) != SR_OK ||
	    put(&h, "team/bound", BOUND, NULL) != SR_OK ||
	    put(&h, "other/value", UNBOUND, NULL) != SR_OK ||
	    liveset_refresh(h.store.live, &h.store) != SR_OK ||
	    project_create(&h.store, &h.actor, &p, &complaint, &project) !=
	    SR_OK)
		return (-1);
	h.store.guess_limit = UINT32_MAX;
	b.project_id = w.project_id = project.id;
	if (binding_set(&h.store, &h.actor, &b, &complaint) != SR_OK ||
	    run_create(&h.store, &h.actor, &w, 15, NULL, &run) != SR_OK)
		return (-1);
	return (0);
}

static inline int
runs_close(void)
{
	struct liveset * live = h.store.live;

	house_close(&h);
	liveset_free(&live);
	return (0);
}

static inline struct artifact_write
artifact_named(const char * name, const char * media)
{

	return ((struct artifact_write){ .run_id = run.id, .name = name,
	    .kind = ARTIFACT_LOG, .media_type = media,
	    .limits = { .each = EACH, .run = 16 * EACH } });
}

/* Send ${len} bytes, ${piece} at a time. */
static inline enum sr_error
artifact_put(const struct artifact_write * w, const char * bytes, size_t len,
    size_t piece, struct artifact * out)
{
	struct artifact_up * up = NULL;
	struct artifact unread;
	enum sr_error err;
	size_t at, n;

	err = artifact_begin(&h.store, &h.actor, w, NULL, &up);
	for (at = 0; err == SR_OK && at < len; at += n) {
		n = len - at < piece ? len - at : piece;
		err = artifact_feed(up, &bytes[at], n);
	}
	if (err == SR_OK)
		err = artifact_end(up, out == NULL ? &unread : out);
	artifact_drop(&up);
	return (err);
}

static inline enum sr_error
artifact_text(const char * name, const char * text, struct artifact * out)
{
	const struct artifact_write w = artifact_named(name, "text/plain");

	return (artifact_put(&w, text, strlen(text), strlen(text) + 1, out));
}

static inline enum sr_error
artifact_collect(struct redacted * piece, void * cookie)
{

	strbuf_add(cookie, redacted_bytes(piece), redacted_len(piece));
	return (SR_OK);
}

/* Read it back into ${out}, which is initialised here. */
static inline enum sr_error
artifact_get(const char * name, struct strbuf * out)
{
	struct artifact a;
	enum sr_error err;

	strbuf_init(out, 64 * EACH);
	if ((err = artifact_show(h.store.db, &run.id, name, &a)) != SR_OK)
		return (err);
	return (artifact_read(&h.store, &a, artifact_collect, out));
}

/* Nothing of ${run} but what was ended is there, and it is charged for that. */
static inline void
nothing_is_left(const char * stored)
{

	CU_ASSERT(house_sql_is(&h, stored, "SELECT COUNT(*) FROM artifact"));
	CU_ASSERT(house_sql_is(&h, "0", "SELECT COUNT(*) FROM artifact WHERE"
	    " state = 'writing'"));
	CU_ASSERT(house_sql_is(&h, "1", "SELECT (SELECT COALESCE(SUM(size +"
	    " 4096), 0) FROM artifact) = (SELECT SUM(artifact_bytes) FROM"
	    " run)"));
	CU_ASSERT(house_sql_is(&h, "1", "SELECT (SELECT COALESCE(SUM(size),"
	    " 0) FROM artifact) = (SELECT COALESCE(SUM(octet_length(bytes)),"
	    " 0) FROM artifact_chunk)"));
}

#endif /* !SR_TESTS_CORE_RUNS_ARTIFACT_VISIT_H */
