#include <fcntl.h>
#include <nettle/base64.h>
#include <string.h>
#include <unistd.h>

#include "tests/harness/files.h"
#include "tests/harness/suite.h"
#include "tests/harness/webdriver_internal.h"

/* The key that the standard gives to a reference to an element. */
#define ELEMENT	"element-6066-11e4-a52e-4f735466cecf"

static json_t *
empty(void)
{

	return (json_object());
}

/* Drop a value that matters by its presence alone. */
static int
done(json_t * value)
{

	json_decref(value);
	return (value != NULL ? 0 : -1);
}

/* A value as text, the value released. */
static char *
as_text(json_t * value)
{
	char * text, * dump;

	if (value == NULL || json_is_null(value)) {
		json_decref(value);
		return (NULL);
	}
	if (json_is_string(value))
		text = text_format("%s", json_string_value(value));
	else {
		dump = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
		text = text_format("%s", dump != NULL ? dump : "");
		free(dump);
	}
	json_decref(value);
	return (text);
}

int
webdriver_go(struct webdriver * w, const char * url)
{

	return (done(webdriver_call(w, "POST", "/url",
	    json_pack("{s:s}", "url", url))));
}

/* The path of the first element that ${css} selects, or NULL. */
static char *
find(struct webdriver * w, const char * css, bool quiet)
{
	json_t * body = json_pack("{s:s, s:s}", "using", "css selector",
	    "value", css);
	json_t * value;
	const char * id;
	char * path = NULL;

	value = quiet ? webdriver_ask(w, "POST", "/element", body) :
	    webdriver_call(w, "POST", "/element", body);
	id = json_string_value(json_object_get(value, ELEMENT));
	if (id != NULL)
		path = text_format("/element/%s", id);
	json_decref(value);
	return (path);
}

/* A command to the element that ${css} selects. */
static json_t *
element(struct webdriver * w, const char * css, const char * method,
    const char * command, const char * name, json_t * body)
{
	char * path = find(w, css, false), * whole;
	json_t * value;

	if (path == NULL) {
		json_decref(body);
		return (NULL);
	}
	whole = text_format("%s%s%s", path, command, name);
	value = webdriver_call(w, method, whole, body);
	free(whole);
	free(path);
	return (value);
}

bool
webdriver_has(struct webdriver * w, const char * css)
{
	char * path = find(w, css, true);

	free(path);
	return (path != NULL);
}

int
webdriver_wait(struct webdriver * w, const char * css, unsigned seconds)
{
	unsigned i;

	for (i = 0; i < seconds * 20; i++) {
		if (webdriver_has(w, css))
			return (0);
		sleep_ms(50);
	}
	suite_note("webdriver: no %s within %u seconds", css, seconds);
	return (-1);
}

int
webdriver_click(struct webdriver * w, const char * css)
{

	return (done(element(w, css, "POST", "/click", "", empty())));
}

int
webdriver_type(struct webdriver * w, const char * css, const char * text)
{

	return (done(element(w, css, "POST", "/value", "",
	    json_pack("{s:s}", "text", text))));
}

int
webdriver_clear(struct webdriver * w, const char * css)
{

	return (done(element(w, css, "POST", "/clear", "", empty())));
}

char *
webdriver_text(struct webdriver * w, const char * css)
{

	return (as_text(element(w, css, "GET", "/text", "", NULL)));
}

char *
webdriver_attribute(struct webdriver * w, const char * css, const char * name)
{

	return (as_text(element(w, css, "GET", "/attribute/", name, NULL)));
}

char *
webdriver_property(struct webdriver * w, const char * css, const char * name)
{

	return (as_text(element(w, css, "GET", "/property/", name, NULL)));
}

char *
webdriver_style(struct webdriver * w, const char * css, const char * name)
{

	return (as_text(element(w, css, "GET", "/css/", name, NULL)));
}

char *
webdriver_url(struct webdriver * w)
{

	return (as_text(webdriver_call(w, "GET", "/url", NULL)));
}

char *
webdriver_title(struct webdriver * w)
{

	return (as_text(webdriver_call(w, "GET", "/title", NULL)));
}

char *
webdriver_source(struct webdriver * w)
{

	return (as_text(webdriver_call(w, "GET", "/source", NULL)));
}

static int
write_base64(const char * path, const char * text, size_t len)
{
	struct base64_decode_ctx c;
	size_t n = BASE64_DECODE_LENGTH(len);
	uint8_t * bytes = malloc(n + 1);
	int fd, rc = -1;

	must(bytes != NULL);
	base64_decode_init(&c);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd >= 0 && base64_decode_update(&c, &n, bytes, len, text) == 1 &&
	    base64_decode_final(&c) == 1 && write(fd, bytes, n) == (ssize_t)n)
		rc = 0;
	if (fd >= 0)
		close(fd);
	free(bytes);
	return (rc);
}

int
webdriver_screenshot(struct webdriver * w, const char * path)
{
	json_t * value = webdriver_call(w, "GET", "/screenshot", NULL);
	int rc = -1;

	if (json_is_string(value))
		rc = write_base64(path, json_string_value(value),
		    json_string_length(value));
	if (rc != 0)
		suite_note("webdriver: no screenshot in %s", path);
	json_decref(value);
	return (rc);
}

int
webdriver_resize(struct webdriver * w, unsigned width, unsigned height)
{

	return (done(webdriver_call(w, "POST", "/window/rect",
	    json_pack("{s:i, s:i}", "width", (int)width, "height",
	    (int)height))));
}

int
webdriver_dark(struct webdriver * w, bool on)
{

	return (done(webdriver_call(w, "POST", "/goog/cdp/execute",
	    json_pack("{s:s, s:{s:[{s:s, s:s}]}}", "cmd",
	    "Emulation.setEmulatedMedia", "params", "features", "name",
	    "prefers-color-scheme", "value", on ? "dark" : "light"))));
}

char *
webdriver_cookie(struct webdriver * w, const char * name)
{
	char * path = text_format("/cookie/%s", name);
	json_t * value = webdriver_ask(w, "GET", path, NULL);
	char * text;

	text = as_text(json_incref(json_object_get(value, "value")));
	json_decref(value);
	free(path);
	return (text);
}

int
webdriver_forget_cookies(struct webdriver * w)
{

	return (done(webdriver_call(w, "DELETE", "/cookie", NULL)));
}

char *
webdriver_script(struct webdriver * w, const char * source)
{

	return (as_text(webdriver_call(w, "POST", "/execute/sync",
	    json_pack("{s:s, s:[]}", "script", source, "args"))));
}

char *
webdriver_console(struct webdriver * w)
{
	json_t * lines = webdriver_call(w, "POST", "/se/log",
	    json_pack("{s:s}", "type", "browser"));
	char * text = text_format("%s", ""), * more;
	const char * level;
	json_t * line;
	size_t i;

	json_array_foreach(lines, i, line) {
		level = json_string_value(json_object_get(line, "level"));
		if (level == NULL || (strcmp(level, "SEVERE") != 0 &&
		    strcmp(level, "WARNING") != 0))
			continue;
		more = text_format("%s%s %s\n", text, level,
		    json_string_value(json_object_get(line, "message")));
		free(text);
		text = more;
	}
	json_decref(lines);
	return (text);
}
