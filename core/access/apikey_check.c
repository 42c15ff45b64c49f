#include "core/vault/policy.h"

#include "core/access/apikey_internal.h"

#define SCOPES		6

static const char * const scope_names[SCOPES] = { "secrets:write",
    "secrets:read", "secrets:resolve", "runs:write", "audit:read",
    "metrics:read" };

_Static_assert(KEY_SCOPE_LAST == 1 << (SCOPES - 1),
    "a name for each scope");

/** key_scope_name(scope): the name of one scope, "" for none. */
const char *
key_scope_name(enum key_scope scope)
{

	for (unsigned i = 0; i < SCOPES; i++) {
		if ((unsigned)scope == 1U << i)
			return (scope_names[i]);
	}
	return ("");
}

static bool
parse_scope(const char * text, size_t len, enum key_scope * out)
{

	for (unsigned i = 0; i < SCOPES; i++) {
		if (strlen(scope_names[i]) == len &&
		    strncmp(scope_names[i], text, len) == 0) {
			*out = (enum key_scope)(1U << i);
			return (true);
		}
	}
	return (false);
}

/** key_scope_parse(text, out): one scope. */
bool
key_scope_parse(const char * text, enum key_scope * out)
{

	return (text != NULL && parse_scope(text, strlen(text), out));
}

/** api_key_scopes_parse(text, out): one or more, with commas, none twice. */
bool
api_key_scopes_parse(const char * text, unsigned * out)
{
	unsigned scopes = 0;
	enum key_scope one;
	size_t len;

	if (text == NULL)
		return (false);
	for (;;) {
		len = strcspn(text, ",");
		if (!parse_scope(text, len, &one) ||
		    (scopes & (unsigned)one) != 0)
			return (false);
		scopes |= (unsigned)one;
		if (text[len] == '\0')
			break;
		text += len + 1;
	}
	*out = scopes;
	return (true);
}

/** api_key_scopes_text(scopes, out): as the column has them. */
void
api_key_scopes_text(unsigned scopes, char out[API_KEY_SCOPES_MAX])
{
	size_t n = 0;

	out[0] = '\0';
	for (unsigned i = 0; i < SCOPES; i++) {
		if ((scopes & 1U << i) == 0)
			continue;
		n += (size_t)snprintf(out + n, API_KEY_SCOPES_MAX - n, "%s%s",
		    n == 0 ? "" : ",", scope_names[i]);
		must(n < API_KEY_SCOPES_MAX);
	}
}

static bool
has_project(const struct api_key_checked * c, const struct sr_id * id)
{

	for (size_t i = 0; i < c->projects; i++) {
		if (sr_id_equal(&c->project[i], id))
			return (true);
	}
	return (false);
}

/* UUIDs with commas, none twice, none nil. */
static bool
read_projects(const char * text, struct api_key_checked * c)
{
	char one[SR_ID_STRLEN + 1];
	struct sr_id id;

	for (;;) {
		if (strcspn(text, ",") != SR_ID_STRLEN)
			return (false);
		memcpy(one, text, SR_ID_STRLEN);
		one[SR_ID_STRLEN] = '\0';
		if (c->projects == API_KEY_PROJECTS_MAX ||
		    !sr_id_parse(one, &id) || sr_id_is_nil(&id) ||
		    has_project(c, &id))
			return (false);
		c->project[c->projects++] = id;
		text += SR_ID_STRLEN;
		if (*text == '\0')
			return (true);
		text++;
	}
}

/* A credential that was pasted seldom has the form of what belongs there. */
static enum sr_error
check_policy(const struct store * store, const struct api_key_request * r,
    const char ** field)
{
	const struct policy_field fields[] = { { "name", r->name },
	    { "scopes", r->scopes }, { "projects", r->projects },
	    { "expires_at", r->expires_at } };
	struct secret_complaint complaint = { NULL, NULL };
	enum sr_error err;

	err = policy_fields(store->redact, fields, COUNTOF(fields),
	    &complaint);
	*field = complaint.field;
	return (err);
}

static bool
given(const char * text)
{

	return (text != NULL && text[0] != '\0');
}

static enum sr_error
check(const struct api_key_request * r, sr_time now,
    struct api_key_checked * c, const char ** field)
{

	*field = "name";
	if (r->name == NULL || !policy_name(r->name))
		return (SR_E_API_KEY_NAME_INVALID);
	c->name = r->name;
	*field = "scopes";
	if (!api_key_scopes_parse(r->scopes, &c->scopes))
		return (SR_E_API_KEY_SCOPES_INVALID);
	*field = "projects";
	if (given(r->projects) && !read_projects(r->projects, c))
		return (SR_E_API_KEY_PROJECTS_INVALID);
	*field = "expires_at";
	if (given(r->expires_at) && (!clock_parse(r->expires_at,
	    &c->expires_at) || c->expires_at <= now))
		return (SR_E_API_KEY_EXPIRY_INVALID);
	*field = NULL;
	return (SR_OK);
}

/**
 * api_key_check(store, request, now, out, field):
 * Hold ${request} against grammar and policy.
 */
enum sr_error
api_key_check(const struct store * store, const struct api_key_request * r,
    sr_time now, struct api_key_checked * out, const char ** field)
{
	enum sr_error err;

	*out = (struct api_key_checked){ .expires_at = SR_TIME_NONE };
	if ((err = check_policy(store, r, field)) != SR_OK)
		return (err);
	return (check(r, now, out, field));
}
