#include "core/base/secbuf.h"
#include "core/redact/redact.h"

#include "core/vault/secret_internal.h"

static const char * const scope_names[SCOPE__MAX] = {
	[SCOPE_INSTANCE] = "instance",
	[SCOPE_PROJECT] = "project",
	[SCOPE_INTEGRATION] = "integration",
};

/**
 * secret_scope_name(scope):
 * The name of ${scope}, as stored and shown.
 */
const char *
secret_scope_name(enum secret_scope scope)
{
	must((unsigned)scope < SCOPE__MAX);
	return (scope_names[scope]);
}

/**
 * secret_scope_parse(text, out):
 * The scope called ${text}; false, ${out} untouched, if there is none.
 */
bool
secret_scope_parse(const char * text, enum secret_scope * out)
{
	size_t i;

	for (i = 0; i < SCOPE__MAX; i++) {
		if (strcmp(text, scope_names[i]) == 0) {
			*out = (enum secret_scope)i;
			return (true);
		}
	}
	return (false);
}

static bool
given(const char * text)
{
	return (text != NULL && text[0] != '\0');
}

static enum sr_error
check_scope(const struct secret_write * w, struct secret_checked * out,
    struct secret_complaint * complaint)
{
	enum secret_scope scope;

	complaint->field = "scope";
	if (w->scope == NULL || !secret_scope_parse(w->scope, &scope))
		return (SR_E_SECRET_SCOPE_INVALID);
	complaint->field = "project";
	if (scope != SCOPE_PROJECT && given(w->project))
		return (SR_E_SECRET_SCOPE_INVALID);
	if (scope == SCOPE_PROJECT && (!given(w->project) ||
	    !sr_id_parse(w->project, &out->project_id) ||
	    sr_id_is_nil(&out->project_id)))
		return (SR_E_SECRET_SCOPE_INVALID);
	out->scope = scope;
	return (SR_OK);
}

/* Whether ${text} is the value, which the live set does not know yet. */
static enum sr_error
is_value(const struct secret_write * w, const char * text, bool * same)
{
	struct secbuf * b;
	enum sr_error err;
	size_t len = given(text) ? strlen(text) : 0;

	*same = false;
	if (w->value == NULL || len == 0 || len != secbuf_len(w->value))
		return (SR_OK);
	if ((err = secbuf_copy(text, len, &b)) != SR_OK)
		return (err);
	*same = secbuf_equal(b, w->value);
	secbuf_free(&b);
	return (SR_OK);
}

/*
 * The policy looks before the grammar does: a credential pasted into a field
 * rarely has the form of what belongs there, and its sender should be told what
 * matters. Scope and expiry are not looked at when they are what they should
 * be: three words, and digits, that hold nothing.
 */
static enum sr_error
check_policy(const struct store * store, const struct secret_write * w,
    struct secret_complaint * complaint)
{
	enum secret_scope scope;
	sr_time time;
	const struct policy_field fields[] = {
	    { "scope", given(w->scope) && secret_scope_parse(w->scope,
	    &scope) ? NULL : w->scope },
	    { "project", w->project },
	    { "name", w->name },
	    { "expires_at", given(w->expires_at) && clock_parse(
	    w->expires_at, &time) ? NULL : w->expires_at },
	};
	enum sr_error err;
	bool same;
	size_t i;

	for (i = 0; i < COUNTOF(fields); i++) {
		if ((err = is_value(w, fields[i].text, &same)) != SR_OK)
			return (err);
		if (same) {
			complaint->field = fields[i].name;
			complaint->policy = POLICY_PLAINTEXT;
			return (SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED);
		}
	}
	return (policy_fields(store->redact, fields, COUNTOF(fields),
	    complaint));
}

static enum sr_error
check_name(const struct secret_write * w, struct secret_checked * out,
    struct secret_complaint * complaint)
{
	complaint->field = "name";
	if (!given(w->name) || !policy_name(w->name))
		return (SR_E_SECRET_NAME_INVALID);
	out->name = w->name;
	return (SR_OK);
}

static enum sr_error
check_value(const struct secret_write * w, struct secret_complaint * complaint)
{
	size_t len = w->value == NULL ? 0 : secbuf_len(w->value);

	complaint->field = "value";
	if (len < SECRET_VALUE_MIN || len > SECRET_VALUE_MAX ||
	    !secbuf_utf8(w->value))
		return (SR_E_SECRET_VALUE_INVALID);
	return (SR_OK);
}

static enum sr_error
check_expiry(const struct secret_write * w, sr_time now,
    struct secret_checked * out, struct secret_complaint * complaint)
{
	complaint->field = "expires_at";
	if (!given(w->expires_at))
		return (SR_OK);
	if (!clock_parse(w->expires_at, &out->expires_at) ||
	    out->expires_at <= now)
		return (SR_E_SECRET_EXPIRY_INVALID);
	return (SR_OK);
}

/**
 * secret_check(store, write, now, out, complaint):
 * Hold ${write} against the grammar and the policies.
 */
enum sr_error
secret_check(const struct store * store, const struct secret_write * write,
    sr_time now, struct secret_checked * out,
    struct secret_complaint * complaint)
{
	enum sr_error err;

	*out = (struct secret_checked){ .scope = SCOPE__MAX,
	    .project_id = sr_id_nil, .expires_at = SR_TIME_NONE };
	if ((err = check_policy(store, write, complaint)) != SR_OK) {
		/* One of three words may be named whatever else was sent. */
		if (given(write->scope) &&
		    !secret_scope_parse(write->scope, &out->scope))
			out->scope = SCOPE__MAX;
		return (err);
	}
	if ((err = check_scope(write, out, complaint)) != SR_OK ||
	    (err = check_name(write, out, complaint)) != SR_OK ||
	    (err = check_value(write, complaint)) != SR_OK ||
	    (err = check_expiry(write, now, out, complaint)) != SR_OK)
		return (err);
	complaint->field = NULL;
	return (SR_OK);
}

/**
 * secret_may_be_named(store, name):
 * Whether a refusal's row may name a secret that is not there.
 */
bool
secret_may_be_named(const struct store * store, const char * name)
{
	return (redact_state(store->redact) == REDACT_READY &&
	    policy_plain_text(store->redact, name) == SR_OK);
}
