#ifndef SR_TESTS_E2E_LISTENING_H
#define SR_TESTS_E2E_LISTENING_H

/*
 * A site with a run that is listened to, for the suites of it. Before it,
 * LISTENING_SETTINGS are defined: the workers' settings, with commas between.
 */

#include "tests/e2e/ears.h"
#include "tests/harness/files.h"
#include "tests/harness/http.h"
#include "tests/harness/mariadb.h"
#include "tests/harness/walk.h"

static struct instance * inst;
static struct http * owner;
static struct http * program;
static char * cookie;			/* The owner's, as a header. */
static char bearer[160];
static char key_id[37];
static char project[37];
static char run[37];
static char path[128];

/* The text of a string member of a reply; caller frees. */
static inline char *
member(const struct http_reply * r, const char * name)
{
	char * before = text_format("\"%s\":\"", name);
	const char * p = strstr(r->body, before);
	char * out;

	if (p == NULL)
		suite_note("no %s: %ld %s", name, r->status, r->body);
	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	p += strlen(before);
	out = strndup(p, strcspn(p, "\""));
	free(before);
	return (out);
}

static inline void
call(const char * method, const char * where, const char * body, char id[37])
{
	struct http_reply * r = http_request(program, method, where,
	    "application/json", body, strlen(body));
	char * text;

	if (r->status < 200 || r->status >= 300)
		suite_note("%s %s: %ld %s", method, where, r->status, r->body);
	CU_ASSERT_TRUE_FATAL(r->status >= 200 && r->status < 300);
	if (id != NULL) {
		text = member(r, "id");
		(void)snprintf(id, 37, "%s", text);
		free(text);
	}
	http_reply_free(&r);
}

static inline void
new_key(char header[160], char id[37])
{
	char * out = NULL, * err = NULL;
	const char * key;

	CU_ASSERT_EQUAL_FATAL(instance_operator(inst, INSTANCE_ARGS("apikey",
	    "create", "--name", "e2e/agent", "--scope",
	    "secrets:write,secrets:read,runs:write", "--json"), NULL, &out,
	    &err), 0);
	key = strstr(out, "\"key\":\"");
	CU_ASSERT_PTR_NOT_NULL_FATAL(key);
	(void)snprintf(id, 37, "%s", out + strlen("{\"id\":\""));
	(void)snprintf(header, 160, "Authorization: Bearer %.53s", key +
	    strlen("\"key\":\""));
	free(out);
	free(err);
}

/* Once: who is who, and a project. */
static inline void
prepare(void)
{
	char * token;

	if (project[0] != '\0')
		return;
	token = http_cookie(owner, "sr_session");
	cookie = text_format("Cookie: sr_session=%s\r\n", token);
	free(token);
	new_key(bearer, key_id);
	http_header(program, bearer);
	call("POST", "/api/v1/projects", "{\"slug\":\"sse\",\"name\":"
	    "\"Listened to\"}", project);
}

static inline void
new_run(void)
{
	char * where;

	prepare();
	where = text_format("/api/v1/projects/%s/runs", project);
	call("POST", where, "{\"workflow_name\":\"nightly\","
	    "\"workflow_version\":\"1\",\"trigger\":\"manual\","
	    "\"status\":\"pending\"}", run);
	(void)snprintf(path, sizeof(path), "/projects/%s/runs/%s/events",
	    project, run);
	free(where);
}

static inline int
start(void)
{
	static const char * const settings[] = { LISTENING_SETTINGS, NULL };
	const struct instance_options options = { .settings = settings };

	if ((inst = instance_start(&options)) == NULL ||
	    (owner = walk_in(inst)) == NULL)
		return (-1);
	program = instance_client(inst);
	return (0);
}

static inline int
stop(void)
{

	http_free(&owner);
	http_free(&program);
	free(cookie);
	return (instance_stop(&inst) == 0 ? 0 : -1);
}

/* ${n} more events of the run, as they are stored. */
static inline void
post(unsigned n, const char * type, const char * payload)
{
	char * sql = text_format("INSERT INTO run_event (run_id, seq, type,"
	    " post_id, occurred_at, payload, known, rules) SELECT r.id,"
	    " r.last_seq + s.seq, '%s', UUID(), UTC_TIMESTAMP(6), '%s', 0, 0"
	    " FROM run r JOIN seq_1_to_%u s WHERE r.id = '%s';"
	    " UPDATE run SET last_seq = last_seq + %u WHERE id = '%s'",
	    type, payload, n, run, n, run);
	char * all = text_format("BEGIN; %s; COMMIT", sql);
	char * out = mariadb_sql(instance_database(inst), all);

	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	free(out);
	free(all);
	free(sql);
}

static inline bool
is_open(const struct ear * e)
{

	return (e->status == 200 && strstr(strbuf_str(&e->text), "retry: ") !=
	    NULL);
}

static inline bool
is_closed(const struct ear * e)
{

	return (e->fd == -1);
}

static uint64_t wanted;

static inline bool
has_wanted(const struct ear * e)
{

	return (e->last >= wanted);
}

static inline void
refused(const char * where, const char * header, int status, const char * text)
{
	struct ear e;

	ear_open(&e, inst, where, header);
	CU_ASSERT_TRUE(ears_until(&e, 1, is_closed));
	if (e.status != status || strstr(strbuf_str(&e.text), text) == NULL)
		suite_note("%d %s", e.status, strbuf_str(&e.text));
	CU_ASSERT_EQUAL(e.status, status);
	CU_ASSERT_PTR_NOT_NULL(strstr(strbuf_str(&e.text), text));
	ear_close(&e);
}

/* Until the workers have logged ${text}. */
static inline bool
is_logged(const char * text)
{
	char * log;
	bool found = false;

	for (unsigned i = 0; i < 300 && !found; i++) {
		log = instance_log(inst);
		found = strstr(log, text) != NULL;
		free(log);
		if (!found)
			sleep_ms(100);
	}
	return (found);
}

#endif /* !SR_TESTS_E2E_LISTENING_H */
