#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "tests/harness/http.h"
#include "tests/harness/process.h"
#include "tests/harness/suite.h"
#include "tests/harness/webdriver_internal.h"

static json_t *
call(struct webdriver * w, const char * method, const char * path,
    json_t * body, bool quiet)
{
	char * url = text_format("%s%s", w->session, path);
	char * text = body != NULL ? json_dumps(body, JSON_COMPACT) : NULL;
	struct http_reply * r;
	json_t * answer, * value;

	r = http_request(w->http, method, url,
	    text != NULL ? "application/json; charset=utf-8" : NULL, text,
	    text != NULL ? strlen(text) : 0);
	answer = json_loadb(r->body, r->len, 0, NULL);
	value = json_incref(json_object_get(answer, "value"));
	if (r->status != 200) {
		if (!quiet)
			suite_note("webdriver: %s %s: %ld %s %.300s", method,
			    path, r->status, r->error, r->body);
		json_decref(value);
		value = NULL;
	}
	json_decref(answer);
	json_decref(body);
	http_reply_free(&r);
	free(text);
	free(url);
	return (value);
}

json_t *
webdriver_call(struct webdriver * w, const char * method, const char * path,
    json_t * body)
{

	return (call(w, method, path, body, false));
}

json_t *
webdriver_ask(struct webdriver * w, const char * method, const char * path,
    json_t * body)
{

	return (call(w, method, path, body, true));
}

/* chromedriver on a free port; another may take the port meanwhile. */
static int
start_driver(struct webdriver * w)
{
	char * log = text_format("%s/chromedriver.log", w->folder);
	char * home = text_format("HOME=%s", w->folder);
	char * config = text_format("XDG_CONFIG_HOME=%s/config", w->folder);
	char * cache = text_format("XDG_CACHE_HOME=%s/cache", w->folder);
	const char * env[] = { home, config, cache, NULL };
	struct process_options options = { .log = log, .env = env };
	char * option, * base;
	unsigned port, try;
	int rc = -1;

	for (try = 0; try < 5 && rc != 0; try++) {
		port = port_free();
		option = text_format("--port=%u", port);
		w->driver = process_start((const char *[]){ "chromedriver",
		    option, NULL }, &options);
		free(option);
		rc = port_wait(port, w->driver, 20);
		if (rc != 0)
			process_stop(&w->driver, SIGTERM, 5);
	}
	base = text_format("http://127.0.0.1:%u", port);
	w->http = http_new(base);
	free(base);
	free(cache);
	free(config);
	free(home);
	free(log);
	return (rc);
}

static json_t *
capabilities(const struct webdriver * w, const struct webdriver_options * o,
    bool sandbox)
{
	json_t * args, * caps;

	args = json_pack("[s,s,s,s,s]", "--headless=new",
	    "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run",
	    "--disable-background-networking");
	must(args != NULL);
	json_array_append_new(args, json_sprintf("--window-size=%u,%u",
	    o->width > 0 ? o->width : 1280, o->height > 0 ? o->height : 900));
	json_array_append_new(args, json_sprintf("--user-data-dir=%s/profile",
	    w->folder));
	if (!sandbox)
		json_array_append_new(args, json_string("--no-sandbox"));
	caps = json_pack("{s:{s:{s:s, s:{s:s}, s:{s:s, s:o, s:{s:i}}}}}",
	    "capabilities", "alwaysMatch", "browserName", "chrome",
	    "goog:loggingPrefs", "browser", "ALL", "goog:chromeOptions",
	    "binary", "/usr/bin/chromium", "args", args, "prefs",
	    "profile.managed_default_content_settings.javascript",
	    o->no_script ? 2 : 1);
	must(caps != NULL);
	return (caps);
}

static int
try_session(struct webdriver * w, const struct webdriver_options * o,
    bool sandbox)
{
	json_t * body = capabilities(w, o, sandbox);
	json_t * value;
	const char * id;

	value = sandbox ? webdriver_ask(w, "POST", "/session", body) :
	    webdriver_call(w, "POST", "/session", body);
	id = json_string_value(json_object_get(value, "sessionId"));
	if (id != NULL)
		snprintf(w->session, sizeof(w->session), "/session/%s", id);
	json_decref(value);
	return (id != NULL ? 0 : -1);
}

/*
 * Chromium's sandbox is refused to root, and needs namespaces that containers
 * and chroots may not have. It sees pages of ours alone.
 */
static int
start_session(struct webdriver * w, const struct webdriver_options * o)
{

	if (geteuid() != 0 && try_session(w, o, true) == 0)
		return (0);
	return (try_session(w, o, false));
}

struct webdriver *
webdriver_start(const struct webdriver_options * options)
{
	struct webdriver_options o = { .width = 0 };
	struct webdriver * w = calloc(1, sizeof(*w));

	must(w != NULL);
	if (options != NULL)
		o = *options;
	if (temp_folder("sr-browser", w->folder, sizeof(w->folder)) != 0 ||
	    start_driver(w) != 0 || start_session(w, &o) != 0 ||
	    (o.dark && webdriver_dark(w, true) != 0)) {
		suite_note("no browser: are chromium and chromium-driver "
		    "installed?");
		webdriver_end(&w);
	}
	return (w);
}

void
webdriver_end(struct webdriver ** w)
{
	struct webdriver * d = *w;
	pid_t session;

	if (d == NULL)
		return;
	if (d->session[0] != '\0')
		json_decref(webdriver_ask(d, "DELETE", "", NULL));
	if ((session = d->driver) > 0) {
		process_stop(&d->driver, SIGTERM, 5);
		/* A browser that outlived its driver. */
		kill(-session, SIGKILL);
	}
	http_free(&d->http);
	if (d->folder[0] != '\0')
		remove_tree(d->folder);
	free(d);
	*w = NULL;
}
