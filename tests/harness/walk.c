#include <string.h>

#include "tests/harness/instance.h"
#include "tests/harness/suite.h"
#include "tests/harness/walk.h"

/* Whether the answer has that status; notes it otherwise. */
static bool
stands_at(const struct http_reply * r, long status, const char * step)
{

	if (r->status != status)
		suite_note("%s answered %ld instead of %ld: %s\n%.800s", step,
		    r->status, status, r->error, r->body);
	return (r->status == status);
}

static int
send_owner_form(struct http * h, struct http_reply * page)
{
	struct http_reply * sent;
	int result = -1;

	sent = http_submit(h, page, "setup-form", HTTP_FIELDS(
	    { "setup[email]", WALK_EMAIL },
	    { "setup[password]", WALK_PASSWORD },
	    { "setup[password_confirmation]", WALK_PASSWORD }));
	if (stands_at(sent, 303, "POST /setup"))
		result = 0;
	http_reply_free(&sent);
	return (result);
}

int
walk_owner(const struct instance * i, struct http * h)
{
	char * link = instance_setup_link(i);
	struct http_reply * opened = NULL;
	struct http_reply * page = NULL;
	int result = -1;

	if (link == NULL || strncmp(link, instance_url(i),
	    strlen(instance_url(i))) != 0)
		goto out;
	opened = http_get(h, link + strlen(instance_url(i)));
	if (!stands_at(opened, 303, "GET of the set-up link"))
		goto out;
	page = http_follow(h, opened);
	if (stands_at(page, 200, "GET /setup"))
		result = send_owner_form(h, page);
out:
	http_reply_free(&page);
	http_reply_free(&opened);
	free(link);
	return (result);
}

int
walk_sign_in(struct http * h)
{
	struct http_reply * page = http_get(h, "/login");
	struct http_reply * sent = NULL;
	struct http_reply * after = NULL;
	int result = -1;

	if (!stands_at(page, 200, "GET /login"))
		goto out;
	sent = http_submit(h, page, "login-form", HTTP_FIELDS(
	    { "login[email]", WALK_EMAIL },
	    { "login[password]", WALK_PASSWORD }));
	if (!stands_at(sent, 303, "POST /login"))
		goto out;
	after = http_follow(h, sent);
	if (stands_at(after, 200, "the page after sign-in"))
		result = 0;
out:
	http_reply_free(&after);
	http_reply_free(&sent);
	http_reply_free(&page);
	return (result);
}

static bool
has_owner(struct http * h)
{
	struct http_reply * page = http_get(h, "/setup");
	bool closed = http_count(page, "//*[@id='setup-closed']") == 1;

	http_reply_free(&page);
	return (closed);
}

struct http *
walk_in(const struct instance * i)
{
	struct http * h = instance_client(i);

	if ((has_owner(h) || walk_owner(i, h) == 0) && walk_sign_in(h) == 0)
		return (h);
	http_free(&h);
	return (NULL);
}

struct http_reply *
walk_store(struct http * h, const char * scope, const char * name,
    const char * value)
{
	struct http_reply * page = http_get(h, "/settings/security");
	struct http_reply * sent;

	sent = http_submit(h, page, "settings-security-secret-form",
	    HTTP_FIELDS({ "security_secret[scope]", scope },
	    { "security_secret[name]", name },
	    { "security_secret[value]", value }));
	http_reply_free(&page);
	return (sent);
}

bool
walk_stored(struct http * h, const char * scope, const char * name,
    const char * value)
{
	struct http_reply * sent = walk_store(h, scope, name, value);
	bool stored = stands_at(sent, 303, "POST of the secret form");

	http_reply_free(&sent);
	return (stored);
}
