/*
 * Goal: whatever word of 8 letters or more is on a page, in a page's model, in
 * a problem document or in a header, and came from us, is in the own text of
 * core/vault, so that nobody can save it as a secret.
 */

#include <ctype.h>

#include "tests/cgi/visit.h"

#include "core/vault/own_text.h"

static bool
is_own(const char * word, size_t len)
{

	return (memmem(own_text, own_text_len, word, len) != NULL);
}

/* Made by libraries, or by this test. */
static bool
is_other(const char * word, size_t len)
{
	static const char * const others[] = { "http-equiv", "example.org",
	    "no-such-page" };
	size_t i;

	for (i = 0; i < COUNTOF(others); i++)
		if (strlen(others[i]) == len &&
		    strncmp(others[i], word, len) == 0)
			return (true);
	return (false);
}

/* Words of letters alone: what has digits is an id, a time or a number. */
static size_t
foreign_words(const char * path, const char * text)
{
	size_t len, found = 0;

	for (; *text != '\0'; text += len == 0 ? 1 : len) {
		for (len = 0; isalnum((unsigned char)text[len]) ||
		    (len > 0 && strchr("_.-", text[len]) != NULL &&
		    text[len] != '\0'); len++)
			;
		if (len < 8 || strcspn(text, "0123456789") < len ||
		    is_own(text, len) || is_other(text, len))
			continue;
		suite_note("%s: %.*s", path, (int)len, text);
		found++;
	}
	return (found);
}

static void
every_word_of_ours_is_in_the_own_text(void)
{
	static const char * const paths[] = { "/", "/setup", "/login",
	    "/settings/security", "/settings/security/audit", "/errors",
	    "/errors/usage", "/readyz", "/healthz", "/no-such-page",
	    "/settings/security/secrets/1" };
	static const char * const accepts[] = { "text/html",
	    "application/xml", "application/json" };
	struct visit v = { .cookie = NULL };
	size_t i, j, signed_in;

	for (signed_in = 0; signed_in < 2; signed_in++) {
		for (i = 0; i < COUNTOF(paths); i++) {
			for (j = 0; j < COUNTOF(accepts); j++) {
				v.path = paths[i];
				v.accept = accepts[j];
				CU_ASSERT_EQUAL(foreign_words(paths[i],
				    visit(&v)), 0);
			}
		}
		visit_sign_in();
		v.cookie = visit_session;
	}
	visit_free(&v);
}

static const struct suite_test tests[] = {
	TEST(every_word_of_ours_is_in_the_own_text),
};

SUITE_MAIN("cgi/own_text", tests, visit_open, visit_close)
