#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/harness/http.h"
#include "tests/harness/process.h"
#include "tests/harness/suite.h"
#include "tests/harness/webdriver.h"

/* The WebDriver client and the HTTP client against a small site of our own. */

static const char page[] =
    "<!DOCTYPE html><html><head><title>First &amp; page</title>"
    "<link rel='icon' href='data:,'>"
    "<style>body{background:rgb(255,255,255)}"
    "@media (prefers-color-scheme:dark){body{background:rgb(1,2,3)}}</style>"
    "</head><body><h1 id='head'>Grüße</h1>"
    "<form id='form' action='/second.html' method='get'>"
    "<input type='hidden' name='_csrf' value='t0k3n'>"
    "<input name='name' value='old'><input type='checkbox' name='off'>"
    "<select name='choice'><option value='a'>A</option>"
    "<option value='b' selected>B</option></select>"
    "<textarea name='text'>one line</textarea>"
    "<button id='go'>Go</button></form><p id='js'></p>"
    "<script>document.getElementById('js').textContent='on';"
    "setTimeout(function(){var p=document.createElement('p');p.id='late';"
    "document.body.appendChild(p)},300)</script></body></html>";

static struct {
	char folder[128];
	char base[64];
	char url[96];
	pid_t pid;
	struct webdriver * w;
} site;

static int
serve(void)
{
	const char * argv[] = { "lighttpd", "-D", "-f", NULL, NULL };
	struct process_options options = { .log = NULL };
	char * conf = text_format("%s/lighttpd.conf", site.folder);
	char * log = text_format("%s/log", site.folder);
	char * text;
	unsigned port, try;
	int rc = -1;

	argv[3] = conf;
	options.log = log;
	for (try = 0; try < 5 && rc != 0; try++) {
		port = port_free();
		text = text_format("server.document-root = \"%s\"\n"
		    "server.bind = \"127.0.0.1\"\nserver.port = %u\n"
		    "mimetype.assign = (\".html\" => "
		    "\"text/html; charset=utf-8\")\n", site.folder, port);
		file_write(conf, 0600, text);
		free(text);
		site.pid = process_start(argv, &options);
		if ((rc = port_wait(port, site.pid, 10)) != 0)
			process_stop(&site.pid, SIGTERM, 5);
	}
	snprintf(site.base, sizeof(site.base), "http://127.0.0.1:%u", port);
	snprintf(site.url, sizeof(site.url), "%s/first.html", site.base);
	free(conf);
	free(log);
	return (rc);
}

static int
setup(void)
{
	char * first, * second;
	int rc;

	if (temp_folder("sr-webdriver", site.folder, sizeof(site.folder)) != 0)
		return (-1);
	first = text_format("%s/first.html", site.folder);
	second = text_format("%s/second.html", site.folder);
	rc = file_write(first, 0600, page) |
	    file_write(second, 0600, "<html><title>Second</title><body>"
		"<p id='done'>done</p></body></html>") | serve();
	free(first);
	free(second);
	if (rc == 0 && (site.w = webdriver_start(NULL)) == NULL)
		rc = -1;
	return (rc);
}

static int
teardown(void)
{

	webdriver_end(&site.w);
	process_end(site.pid);
	remove_tree(site.folder);
	return (0);
}

/* Compare and free. */
static void
expect(char * got, const char * wanted)
{

	if (got == NULL || strcmp(got, wanted) != 0)
		suite_note("got \"%s\", expected \"%s\"",
		    got != NULL ? got : "NULL", wanted);
	CU_ASSERT_PTR_NOT_NULL_FATAL(got);
	CU_ASSERT_STRING_EQUAL(got, wanted);
	free(got);
}

static void
reads_a_page(void)
{

	CU_ASSERT_EQUAL(webdriver_go(site.w, site.url), 0);
	expect(webdriver_title(site.w), "First & page");
	expect(webdriver_text(site.w, "#head"), "Grüße");
	expect(webdriver_attribute(site.w, "#form", "action"), "/second.html");
	expect(webdriver_property(site.w, "[name=name]", "value"), "old");
	expect(webdriver_url(site.w), site.url);
	expect(webdriver_script(site.w, "return 6 * 7"), "42");
	CU_ASSERT_FALSE(webdriver_has(site.w, "#nothing"));
	CU_ASSERT_PTR_NULL(webdriver_attribute(site.w, "#form", "nothing"));
}

static void
waits_for_what_comes_later(void)
{

	CU_ASSERT_EQUAL(webdriver_go(site.w, site.url), 0);
	CU_ASSERT_EQUAL(webdriver_wait(site.w, "#late", 5), 0);
	CU_ASSERT_EQUAL(webdriver_wait(site.w, "#never", 1), -1);
}

static void
types_and_clicks(void)
{
	char * url;

	CU_ASSERT_EQUAL(webdriver_go(site.w, site.url), 0);
	CU_ASSERT_EQUAL(webdriver_clear(site.w, "[name=name]"), 0);
	CU_ASSERT_EQUAL(webdriver_type(site.w, "[name=name]", "näw"), 0);
	CU_ASSERT_EQUAL(webdriver_click(site.w, "#go"), 0);
	CU_ASSERT_EQUAL(webdriver_wait(site.w, "#done", 5), 0);
	url = webdriver_url(site.w);
		CU_ASSERT_PTR_NOT_NULL_FATAL(url);
	CU_ASSERT_PTR_NOT_NULL(strstr(url, "name=n%C3%A4w"));
	CU_ASSERT_PTR_NOT_NULL(strstr(url, "_csrf=t0k3n"));
	free(url);
	CU_ASSERT_EQUAL(webdriver_click(site.w, "#nothing"), -1);
}

static void
takes_a_screenshot(void)
{
	static const uint8_t magic[8] = { 0x89, 'P', 'N', 'G', 0x0d, 0x0a,
	    0x1a, 0x0a };
	char * path = text_format("%s/shot.png", site.folder), * bytes;
	size_t len = 0;

	CU_ASSERT_EQUAL(webdriver_go(site.w, site.url), 0);
	CU_ASSERT_EQUAL(webdriver_resize(site.w, 620, 700), 0);
	CU_ASSERT_EQUAL(webdriver_screenshot(site.w, path), 0);
	bytes = file_read(path, &len);
	CU_ASSERT_TRUE_FATAL(bytes != NULL && len > 1000);
	CU_ASSERT_EQUAL(memcmp(bytes, magic, sizeof(magic)), 0);
	free(bytes);
	free(path);
	expect(webdriver_script(site.w, "return window.outerWidth"), "620");
}

static void
prefers_dark_on_demand(void)
{

	CU_ASSERT_EQUAL(webdriver_go(site.w, site.url), 0);
	CU_ASSERT_EQUAL(webdriver_dark(site.w, true), 0);
	expect(webdriver_style(site.w, "body", "background-color"),
	    "rgba(1, 2, 3, 1)");
	CU_ASSERT_EQUAL(webdriver_dark(site.w, false), 0);
	expect(webdriver_style(site.w, "body", "background-color"),
	    "rgba(255, 255, 255, 1)");
}

static void
keeps_cookies_until_told_to_forget(void)
{

	CU_ASSERT_EQUAL(webdriver_go(site.w, site.url), 0);
	free(webdriver_script(site.w, "document.cookie = 'taste=sweet'"));
	expect(webdriver_cookie(site.w, "taste"), "sweet");
	CU_ASSERT_EQUAL(webdriver_forget_cookies(site.w), 0);
	CU_ASSERT_PTR_NULL(webdriver_cookie(site.w, "taste"));
}

static void
hears_the_console(void)
{
	char * text;

	free(webdriver_console(site.w));
	free(webdriver_script(site.w, "console.error('planted')"));
	text = webdriver_console(site.w);
	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "planted"));
	free(text);
	expect(webdriver_console(site.w), "");
}

static void
works_with_javascript_off(void)
{
	struct webdriver_options options = { .no_script = true, .dark = true };
	struct webdriver * w = webdriver_start(&options);

	CU_ASSERT_PTR_NOT_NULL_FATAL(w);
	CU_ASSERT_EQUAL(webdriver_go(w, site.url), 0);
	expect(webdriver_text(w, "#js"), "");
	expect(webdriver_style(w, "body", "background-color"),
	    "rgba(1, 2, 3, 1)");
	webdriver_end(&w);
	CU_ASSERT_PTR_NULL(w);
}

static void
http_client_fills_a_form(void)
{
	struct http * h = http_new(site.base);
	struct http_reply * p = http_get(h, "/first.html"), * r;
	char * type;

	CU_ASSERT_EQUAL_FATAL(p->status, 200);
	expect(http_id_text(p, "head"), "Grüße");
	expect(http_csrf(p, "form"), "t0k3n");
	expect(http_xpath(p, "string(//option[@selected])"), "B");
	CU_ASSERT_EQUAL(http_count(p, "//option"), 2);
	CU_ASSERT_TRUE(http_has(p, "<h1"));
	type = http_reply_header(p, "content-type");
	expect(type, "text/html; charset=utf-8");
	CU_ASSERT_PTR_NULL(http_reply_header(p, "X-None"));
	/* lighttpd does not take a POST of a file: what counts is the form. */
	r = http_submit(h, p, "form",
	    HTTP_FIELDS({ "name", "a b" }, { "more", "1" }));
	CU_ASSERT_NOT_EQUAL(r->status, 0);
	http_reply_free(&r);
	r = http_submit(h, p, "none", HTTP_FIELDS({ "name", "x" }));
	CU_ASSERT_EQUAL(r->status, 0);
	http_reply_free(&r);
	http_reply_free(&p);
	http_free(&h);
}

static void
http_client_tells_when_nobody_answers(void)
{
	struct http * h = http_new("http://127.0.0.1:1");
	struct http_reply * r = http_get(h, "/");

	CU_ASSERT_EQUAL(r->status, 0);
	CU_ASSERT_TRUE(r->error[0] != '\0');
	http_reply_free(&r);
	http_free(&h);
}

static const struct suite_test tests[] = {
	TEST(reads_a_page),
	TEST(waits_for_what_comes_later),
	TEST(types_and_clicks),
	TEST(takes_a_screenshot),
	TEST(prefers_dark_on_demand),
	TEST(keeps_cookies_until_told_to_forget),
	TEST(hears_the_console),
	TEST(works_with_javascript_off),
	TEST(http_client_fills_a_form),
	TEST(http_client_tells_when_nobody_answers),
};

SUITE_MAIN("browser/webdriver", tests, setup, teardown)
