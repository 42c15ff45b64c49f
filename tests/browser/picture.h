#ifndef SR_TESTS_BROWSER_PICTURE_H
#define SR_TESTS_BROWSER_PICTURE_H

/*
 * What the browser tests share: an instance, a browser without JavaScript, and
 * pictures of whole pages under build/screenshots.
 */

#include <sys/stat.h>

#include <string.h>

#include "tests/harness/files.h"
#include "tests/harness/instance.h"
#include "tests/harness/suite.h"
#include "tests/harness/walk.h"
#include "tests/harness/webdriver.h"

#define SHOTS	"build/screenshots"
#define WAIT	20

static struct instance * inst;
static struct webdriver * w;

static inline int
start(void)
{
	const struct webdriver_options options = { .no_script = true };

	(void)mkdir("build", 0777);
	(void)mkdir(SHOTS, 0777);
	if ((inst = instance_start(NULL)) == NULL)
		return (-1);
	return ((w = webdriver_start(&options)) == NULL ? -1 : 0);
}

static inline int
stop(void)
{

	webdriver_end(&w);
	return (instance_stop(&inst) == 0 ? 0 : -1);
}

static inline void
go(const char * path)
{
	char * url = text_format("%s%s", instance_url(inst), path);

	CU_ASSERT_EQUAL_FATAL(webdriver_go(w, url), 0);
	free(url);
}

/* The picture of ${width} pixels, as high as the page is. */
static inline void
shot(const char * name, const char * kind, unsigned width)
{
	char * path = text_format(SHOTS "/%s%s.png", name, kind);
	struct stat st;

	CU_ASSERT_EQUAL(webdriver_resize(w, width, width > 500 ? 2400 :
	    4200), 0);
	CU_ASSERT_EQUAL(webdriver_screenshot(w, path), 0);
	CU_ASSERT(stat(path, &st) == 0 && st.st_size > 1000);
	free(path);
}

/* A picture of the page in light and dark, and as a phone shows it. */
static inline void
picture(const char * name)
{

	shot(name, "", 1280);
	CU_ASSERT_EQUAL(webdriver_dark(w, true), 0);
	shot(name, "-dark", 1280);
	CU_ASSERT_EQUAL(webdriver_dark(w, false), 0);
	shot(name, "-phone", 390);
	CU_ASSERT_EQUAL(webdriver_resize(w, 1280, 900), 0);
}

static inline bool
shows(const char * css, const char * text)
{
	char * there = webdriver_text(w, css);
	bool found = there != NULL && strstr(there, text) != NULL;

	if (!found)
		suite_note("%s shows \"%s\", not \"%s\"", css,
		    there == NULL ? "nothing" : there, text);
	free(there);
	return (found);
}

static inline bool
source_is_free_of(const char * text)
{
	char * source = webdriver_source(w);
	bool absent = source != NULL && strstr(source, text) == NULL;

	free(source);
	return (absent);
}

/* Type into the field of that name, in place of what is there. */
static inline void
type_into(const char * name, const char * text)
{
	char * css = text_format("main [name='%s']", name);

	CU_ASSERT_EQUAL(webdriver_type(w, css, text), 0);
	free(css);
}

static inline void
press(const char * css)
{

	CU_ASSERT_EQUAL_FATAL(webdriver_click(w, css), 0);
}

static inline void
arrives(const char * css)
{

	CU_ASSERT_EQUAL_FATAL(webdriver_wait(w, css, WAIT), 0);
}

/* Through the page: the owner signs in. */
static inline void
sign_in_there(void)
{

	go("/login");
	type_into("login[email]", WALK_EMAIL);
	type_into("login[password]", WALK_PASSWORD);
	press("#login-form button");
	arrives("#settings-security-secret-form");
}

#endif /* !SR_TESTS_BROWSER_PICTURE_H */
