#ifndef SR_TESTS_HARNESS_WEBDRIVER_H
#define SR_TESTS_HARNESS_WEBDRIVER_H

/*
 * A small W3C WebDriver client, which drives Debian's chromedriver. Elements
 * are named by CSS selectors. Functions return 0 or -1, texts are the
 * caller's to free and NULL on failure; why is printed as a note of the test.
 */

#include "core/base/base.h"

struct webdriver;

struct webdriver_options {
	unsigned width;		/* 0: 1280 */
	unsigned height;	/* 0: 900 */
	bool dark;		/* The user prefers a dark page. */
	bool no_script;		/* JavaScript is off. */
};

/** webdriver_start(options): a browser, or NULL; ${options} may be NULL. */
struct webdriver * webdriver_start(const struct webdriver_options * options);

/** webdriver_end(w): close it; *w becomes NULL; may be NULL. */
void webdriver_end(struct webdriver ** w);

/** webdriver_go(w, url): open the page and wait until it is loaded. */
int webdriver_go(struct webdriver * w, const char * url);

/** webdriver_wait(w, css, seconds): until there is such an element. */
int webdriver_wait(struct webdriver * w, const char * css, unsigned seconds);

/** webdriver_has(w, css): whether there is one now. */
bool webdriver_has(struct webdriver * w, const char * css);

int webdriver_click(struct webdriver * w, const char * css);

/** webdriver_type(w, css, text): send the keys, after what is there. */
int webdriver_type(struct webdriver * w, const char * css, const char * text);
int webdriver_clear(struct webdriver * w, const char * css);

/** webdriver_text(w, css): what a person reads there. */
char * webdriver_text(struct webdriver * w, const char * css);
char * webdriver_attribute(struct webdriver * w, const char * css,
    const char * name);
char * webdriver_property(struct webdriver * w, const char * css,
    const char * name);
/** webdriver_style(w, css, name): the computed value, "rgb(0, 0, 0)". */
char * webdriver_style(struct webdriver * w, const char * css,
    const char * name);

char * webdriver_url(struct webdriver * w);
char * webdriver_title(struct webdriver * w);
char * webdriver_source(struct webdriver * w);

/** webdriver_screenshot(w, path): the visible part, as a PNG file. */
int webdriver_screenshot(struct webdriver * w, const char * path);

int webdriver_resize(struct webdriver * w, unsigned width, unsigned height);

/** webdriver_dark(w, on): prefers-color-scheme, at once. */
int webdriver_dark(struct webdriver * w, bool on);

/** webdriver_cookie(w, name): its value; NULL: there is none. */
char * webdriver_cookie(struct webdriver * w, const char * name);
int webdriver_forget_cookies(struct webdriver * w);

/**
 * webdriver_script(w, source): the result of a function body ("return …") as
 * text; other types as JSON.
 */
char * webdriver_script(struct webdriver * w, const char * source);

/**
 * webdriver_console(w): errors and warnings of the console since the last
 * call, a line each; "" when there were none.
 */
char * webdriver_console(struct webdriver * w);

#endif /* !SR_TESTS_HARNESS_WEBDRIVER_H */
