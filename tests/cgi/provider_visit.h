#ifndef SR_TESTS_CGI_PROVIDER_VISIT_H
#define SR_TESTS_CGI_PROVIDER_VISIT_H

/* The site with a provider of ours, and visits that no key may come out of. */

#include "core/vault/rotation.h"
#include "tests/cgi/visit.h"
#include "tests/harness/provider.h"

#define KEY_ONE		"sk-" "ant-test-5Zr8Qk2LmW9xTv4BnP7s"
#define KEY_TWO		"sk-" "ant-test-Yt3Hd8Wq1ZxC6vBn0Lm4"
#define KEY_BAD		"sk-" "ant-test-not-this-one-1234567"
#define KEY_ENV		"ghp-of-the-environment-0123456789"
#define SETUP		"/setup"
#define SAVE		"/setup/providers/anthropic"
#define SECURITY	"/settings/security"
#define ROTATE		"/settings/security/providers/rotate"

static struct provider_server * server;

static inline int
open_house(void)
{
	static char settings[1024];

	server = provider_server_start(suite_tmpdir(), PROVIDER_PLAIN_HTTP);
	if (server == NULL || provider_library_init() != SR_OK ||
	    setenv("GITHUB_PAT", KEY_ENV, 1) != 0)
		return (-1);
	provider_server_good(server, KEY_ONE);
	provider_server_good(server, KEY_TWO);
	provider_server_good(server, KEY_ENV);
	(void)snprintf(settings, sizeof(settings), "[providers]\nattempts = 1\n"
	    "[rotation]\npause_seconds = 0\n[provider anthropic]\n"
	    "base_url = %s\n[provider openai]\nbase_url = http://127.0.0.1:1\n"
	    "[provider github_pat]\nbase_url = %s\nproof =\n",
	    provider_server_url(server), provider_server_url(server));
	visit_settings = settings;
	return (visit_open());
}

static inline int
close_house(void)
{

	(void)visit_close();
	provider_library_end();
	provider_server_stop(&server);
	return (0);
}

static inline int
post(struct visit * v, const char * path, const char * rest)
{
	static char body[8192];

	(void)snprintf(body, sizeof(body), "_csrf=%s%s%s", visit_csrf,
	    rest[0] == '\0' ? "" : "&", rest);
	*v = (struct visit){ .method = "POST", .path = path,
	    .cookie = visit_session, .body = body, .answer = v->answer };
	(void)visit(v);
	CU_ASSERT_FALSE(visit_has(v, KEY_ONE) || visit_has(v, KEY_TWO) ||
	    visit_has(v, KEY_BAD) || visit_has(v, KEY_ENV));
	return (visit_status(v));
}

static inline void
see(struct visit * v, const char * path, const char * model)
{

	*v = (struct visit){ .path = path, .cookie = visit_session,
	    .answer = v->answer };
	visit_both(v, 200, model);
	CU_ASSERT_FALSE(visit_has(v, KEY_ONE) || visit_has(v, KEY_TWO) ||
	    visit_has(v, KEY_BAD) || visit_has(v, KEY_ENV));
}

/* What stands in the element of set-up's page with that id; "" if nothing. */
static inline bool
says(const struct visit * v, const char * id, const char * text)
{
	char before[160];
	const char * p, * end;
	size_t len = strlen(text);

	(void)snprintf(before, sizeof(before), "id=\"%s\"", id);
	if ((p = strstr(strbuf_str(&v->answer), before)) == NULL)
		return (false);
	end = strstr(p, "</dd>");
	for (; *p != '\0' && (end == NULL || p < end); p++)
		if (strncmp(p, text, len) == 0)
			return (true);
	suite_note("#%s does not say %s", id, text);
	return (false);
}

#endif /* !SR_TESTS_CGI_PROVIDER_VISIT_H */
