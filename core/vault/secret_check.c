#include "core/base/secbuf.h"
#include "core/vault/policy.h"

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

/* The live set does not know the new value yet; a name that is it, we do. */
static enum sr_error
name_is_value(const struct secret_write * w, bool * same)
{
	struct secbuf * name;
	enum sr_error err;

	*same = false;
	if (w->value == NULL)
		return (SR_OK);
	if ((err = secbuf_copy(w->name, strlen(w->name), &name)) != SR_OK)
		return (err == SR_E_LIMIT_EXCEEDED ?
		    SR_E_SECRET_NAME_INVALID : err);
	*same = secbuf_equal(name, w->value);
	secbuf_free(&name);
	return (SR_OK);
}

/*
 * The policy looks before the grammar does: a credential pasted into the name
 * often has characters that no name has, and its sender should be told what
 * matters.
 */
static enum sr_error
check_name(const struct store * store, const struct secret_write * w,
    struct secret_checked * out, struct secret_complaint * complaint)
{
	enum sr_error err;
	bool same;

	complaint->field = "name";
	if (!given(w->name))
		return (SR_E_SECRET_NAME_INVALID);
	if ((err = name_is_value(w, &same)) != SR_OK)
		return (err);
	if (same || policy_plain_text(store->redact, w->name) != SR_OK) {
		complaint->policy = POLICY_PLAINTEXT;
		return (SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED);
	}
	if (!policy_name(w->name))
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
	if ((err = check_scope(write, out, complaint)) != SR_OK ||
	    (err = check_name(store, write, out, complaint)) != SR_OK ||
	    (err = check_value(write, complaint)) != SR_OK ||
	    (err = check_expiry(write, now, out, complaint)) != SR_OK)
		return (err);
	complaint->field = NULL;
	return (SR_OK);
}
