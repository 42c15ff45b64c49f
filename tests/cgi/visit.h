#ifndef SR_TESTS_CGI_VISIT_H
#define SR_TESTS_CGI_VISIT_H

/*
 * The site in this process: a worker on a house (private MariaDB, keys), and
 * requests through exchange_run, without FastCGI and web server.
 */

#include <sys/socket.h>

#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/relaxng.h>

#include "cgi/exchange.h"
#include "cgi/meter.h"
#include "cgi/page.h"
#include "cgi/peer.h"
#include "core/access/session.h"
#include "core/audit/disclose.h"
#include "core/base/config.h"
#include "core/base/secbuf.h"
#include "core/base/secbuf_bytes.h"
#include "core/base/strbuf.h"
#include "core/store/db.h"
#include "core/vault/environment.h"
#include "core/vault/liveset.h"
#include "core/vault/provider.h"
#include "tests/cgi/fixture.h"
#include "tests/harness/files.h"
#include "tests/harness/house.h"
#include "tests/harness/suite.h"

#define VISIT_ANSWER_MAX	((size_t)4 * 1024 * 1024)

struct visit {
	const char * method;		/* "GET" if NULL */
	const char * path;
	const char * query;
	const char * cookie;
	const char * accept;
	const char * origin;
	const char * fetch_site;
	const char * type;		/* Urlencoded if NULL. */
	const char * authorization;
	const char * if_match;
	const char * if_none_match;
	const char * idempotency_key;
	const char * csrf;		/* X-CSRF-Token */
	const char * last_event_id;
	const char * address;		/* 127.0.0.1 if NULL. */
	const char * remote_user;	/* Of the web server. */
	const char * user_header;	/* The same as a header. */
	const char * forwarded;		/* X-Forwarded-For */
	const char * https;		/* Of the web server: "on" */
	const char * proto;		/* X-Forwarded-Proto */
	const char * body;
	void (*during)(void);		/* While the body is awaited. */
	struct strbuf answer;		/* Head and body as they were sent. */
};

static struct house visit_house;
static struct worker visit_worker;
static struct db * visit_db;

/* Called with the bytes that came before; false: the peer is gone. */
static bool (*visit_hook)(size_t before);

static inline bool
visit_sink(void * cookie, const void * bytes, size_t len)
{
	struct strbuf * b = cookie;

	if (visit_hook != NULL && !visit_hook(b->len))
		return (false);
	strbuf_add(b, bytes, len);
	return (true);
}

static bool visit_broken;	/* Whether the last answer was broken off. */

static inline void
visit_break_off(void * cookie)
{

	(void)cookie;
	visit_broken = true;
}

/* Hands the connection over, if the test has one; its other end is there. */
static int visit_kept = -1;

static inline bool
visit_keep(void * cookie, struct peer * out)
{
	int fds[2];

	(void)cookie;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
		return (false);
	*out = (struct peer){ .fd = fds[0], .request_id = 1 };
	visit_kept = fds[1];
	return (true);
}

/* Ask; the answer is valid until the next visit with the same struct. */
static inline const char *
visit(struct visit * v)
{
	char length[24];
	size_t n = v->body == NULL ? 0 : strlen(v->body);
	struct fake f = { .params = {
	    { "REQUEST_METHOD", v->method == NULL ? "GET" : v->method },
	    { "SCRIPT_NAME", "" }, { "PATH_INFO", v->path },
	    { "QUERY_STRING", v->query }, { "HTTP_COOKIE", v->cookie },
	    { "HTTP_ACCEPT", v->accept }, { "HTTP_ORIGIN", v->origin },
	    { "HTTP_SEC_FETCH_SITE", v->fetch_site },
	    { "CONTENT_TYPE", v->type == NULL ?
	    "application/x-www-form-urlencoded" : v->type },
	    { "CONTENT_LENGTH", length },
	    { "REMOTE_ADDR", v->address == NULL ? "127.0.0.1" : v->address },
	    { "HTTP_AUTHORIZATION", v->authorization },
	    { "HTTP_IF_MATCH", v->if_match },
	    { "HTTP_IF_NONE_MATCH", v->if_none_match },
	    { "HTTP_IDEMPOTENCY_KEY", v->idempotency_key },
	    { "HTTP_X_CSRF_TOKEN", v->csrf },
	    { "REMOTE_USER", v->remote_user },
	    { "HTTP_REMOTE_USER", v->user_header },
	    { "HTTP_X_FORWARDED_FOR", v->forwarded },
	    { "HTTP_LAST_EVENT_ID", v->last_event_id },
	    { "HTTPS", v->https }, { "HTTP_X_FORWARDED_PROTO", v->proto },
	    { "HTTP_HOST", "127.0.0.1:8080" } },
	    .body = v->body, .body_len = n, .during = v->during };
	const struct source source = fake_source(&f);
	const struct sink sink = { .write = visit_sink,
	    .break_off = visit_break_off, .cookie = &v->answer,
	    .keep = visit_keep };

	(void)snprintf(length, sizeof(length), "%zu", n);
	strbuf_free(&v->answer);
	strbuf_init(&v->answer, VISIT_ANSWER_MAX);
	visit_broken = false;
	exchange_run(&visit_worker, visit_db, &source, &sink);
	return (strbuf_str(&v->answer));
}

static inline void
visit_free(struct visit * v)
{

	strbuf_free(&v->answer);
}

static inline int
visit_status(const struct visit * v)
{
	const char * s = strbuf_str(&v->answer);

	return (strncmp(s, "Status: ", 8) == 0 ? atoi(s + 8) : 0);
}

static inline bool
visit_has(const struct visit * v, const char * text)
{

	return (strstr(strbuf_str(&v->answer), text) != NULL);
}

static inline const char *
visit_body(const struct visit * v)
{
	const char * end = strstr(strbuf_str(&v->answer), "\r\n\r\n");

	return (end == NULL ? "" : end + 4);
}

/* What stands between ${before} and ${end}, "" if not there; caller frees. */
static inline char *
visit_between(const struct visit * v, const char * before, char end)
{
	const char * p = strstr(strbuf_str(&v->answer), before);
	const char * q;
	char * copy;

	if (p == NULL)
		return (strdup(""));
	p += strlen(before);
	q = strchr(p, end);
	copy = strndup(p, q == NULL ? 0 : (size_t)(q - p));
	return (copy);
}

static inline void
visit_silent(void * cookie, const char * format, ...)
{

	(void)cookie;
	(void)format;
}

/* Whether ${xml} is well-formed and valid against templates/model/NAME.rng. */
static inline bool
visit_valid(const char * xml, const char * name)
{
	char path[256];
	xmlRelaxNGParserCtxtPtr parser;
	xmlRelaxNGPtr schema;
	xmlRelaxNGValidCtxtPtr valid;
	xmlDocPtr doc;
	int rc = -1;

	(void)snprintf(path, sizeof(path), "templates/model/%s.rng", name);
	doc = xmlReadMemory(xml, (int)strlen(xml), NULL, NULL, XML_PARSE_NONET);
	parser = xmlRelaxNGNewParserCtxt(path);
	schema = parser == NULL ? NULL : xmlRelaxNGParse(parser);
	valid = schema == NULL ? NULL : xmlRelaxNGNewValidCtxt(schema);
	if (doc != NULL && valid != NULL)
		rc = xmlRelaxNGValidateDoc(valid, doc);
	if (rc != 0)
		suite_note("not valid against %s: %s", path, xml);
	xmlRelaxNGFreeValidCtxt(valid);
	xmlRelaxNGFree(schema);
	xmlRelaxNGFreeParserCtxt(parser);
	xmlFreeDoc(doc);
	return (rc == 0);
}

/* The HTML and the model of the same page. */
static inline void
visit_both(struct visit * v, int status, const char * model)
{

	v->accept = "application/xml";
	(void)visit(v);
	CU_ASSERT_EQUAL(visit_status(v), status);
	CU_ASSERT_TRUE(visit_has(v, "Content-Type: application/xml"));
	CU_ASSERT_TRUE(visit_valid(visit_body(v), model));
	v->accept = "text/html";
	(void)visit(v);
	CU_ASSERT_EQUAL(visit_status(v), status);
	CU_ASSERT_TRUE(visit_has(v, "Content-Type: text/html"));
	CU_ASSERT_EQUAL(strncmp(visit_body(v), "<!DOCTYPE html>", 15), 0);
	CU_ASSERT_FALSE(visit_has(v, "id=\"security-alert\""));
	CU_ASSERT_TRUE(visit_has(v, "default-src 'none'"));
}

/* The text of a disclosed token, for a test; caller frees. */
static inline char *
visit_token(const struct disclosed * d)
{
	const struct secbuf * b = disclosed_value(d);
	char * text = malloc(secbuf_len(b) + 1);

	/* Not strndup: the bytes end at a guard page and have no NUL. */
	must(text != NULL);
	memcpy(text, secbuf_bytes(b), secbuf_len(b));
	text[secbuf_len(b)] = '\0';
	return (text);
}

/* The settings file of the site; a test may have its own. */
static const char * visit_settings = "";

/* Settings, and what a worker makes of them and of the environment. */
static inline bool
visit_configure(struct worker * w)
{
	char path[512], complaint[512];

	(void)snprintf(path, sizeof(path), "%s/conf", suite_tmpdir());
	return (file_write(path, 0600, visit_settings) == 0 &&
	    config_load(path, complaint, sizeof(complaint), &w->config) ==
	    SR_OK && providers_new(w->config, complaint, sizeof(complaint),
	    &w->providers) == SR_OK &&
	    environment_read(&w->environment, NULL) == SR_OK);
}

/* Settings alone anew; who calls it keeps and frees the former ones. */
static inline bool
visit_reload(void)
{
	char path[512], complaint[512];

	(void)snprintf(path, sizeof(path), "%s/conf", suite_tmpdir());
	return (file_write(path, 0600, visit_settings) == 0 &&
	    config_load(path, complaint, sizeof(complaint),
	    &visit_worker.config) == SR_OK);
}

static inline int
visit_open(void)
{
	struct worker * w = &visit_worker;

	if (house_open(&visit_house) != 0)
		return (-1);
	visit_db = visit_house.store.db;
	*w = (struct worker){ .redact = visit_house.store.redact,
		.keys = visit_house.store.keys, .threads = 1,
		.limits = { .idle_minutes = 30, .max_hours = 12 },
		.password_cost = 1, .setup_minutes = 60, .invitation_hours = 72,
		.retention_days = 30, .rotation_days = 90,
		.expiry_warning_days = 14, .idempotency_hours = 24,
		.body_limit = 220000 };
	if (meter_new(&w->meter) != SR_OK ||
	    site_parse("http://127.0.0.1:8080", &w->site) != SR_OK ||
	    page_library_init() != SR_OK || liveset_new(&w->live) != SR_OK ||
	    templates_load("templates", &w->templates) != SR_OK ||
	    !visit_configure(w))
		return (-1);
	return (0);
}

#define VISIT_EMAIL	"lead@example.org"

static char visit_session[160];		/* "sr_session=…" */
static char visit_csrf[65];		/* The _csrf that goes with it. */

/* Make the owner, if there is none yet, and sign in. */
static inline void
visit_sign_in(void)
{
	struct secbuf * password = house_secret("several plain words");
	const struct sign_in s = { .email = VISIT_EMAIL, .cost = 1,
	    .address = "127.0.0.1", .password = password };
	struct visit v = { .path = "/", .cookie = visit_session };
	struct actor operator = visit_house.actor;
	struct disclosed * d = NULL;
	unsigned retry = 0;
	struct sr_id id;
	enum sr_error err;
	char * text;

	operator.kind = ACTOR_OPERATOR;
	err = owner_create(&visit_house.store, &operator, NULL, VISIT_EMAIL,
	    password, 1, &id);
	CU_ASSERT_TRUE_FATAL(err == SR_OK || err == SR_E_OWNER_EXISTS);
	ASSERT_ERR_FATAL(session_begin(&visit_house.store, &visit_house.actor,
	    &s, &visit_worker.limits, &d, &retry), SR_OK);
	secbuf_free(&password);
	text = visit_token(d);
	(void)snprintf(visit_session, sizeof(visit_session), "sr_session=%s",
	    text);
	free(text);
	disclosed_free(&d);
	(void)visit(&v);
	text = visit_between(&v, "name=\"_csrf\" value=\"", '"');
	(void)snprintf(visit_csrf, sizeof(visit_csrf), "%s", text);
	CU_ASSERT_EQUAL(strlen(visit_csrf), 64);
	free(text);
	visit_free(&v);
}

static inline int
visit_close(void)
{

	meter_free(&visit_worker.meter);
	templates_free(&visit_worker.templates);
	liveset_free(&visit_worker.live);
	providers_free(&visit_worker.providers);
	environment_free(&visit_worker.environment);
	config_free(&visit_worker.config);
	house_close(&visit_house);
	return (0);
}

#endif /* !SR_TESTS_CGI_VISIT_H */
