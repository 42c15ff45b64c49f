#include "core/log/log.h"
#include "core/redact/redact.h"

#include "core/vault/policy.h"
#include "core/vault/secret.h"

static bool
name_char(char c)
{
	return ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-');
}

/**
 * policy_name(name):
 * Whether ${name} has the grammar of a secret's name.
 */
bool
policy_name(const char * name)
{
	size_t i;
	char before = '/';

	/* A name begins and ends with something other than "/". */
	for (i = 0; name[i] != '\0'; i++) {
		if (i == SECRET_NAME_MAX)
			return (false);
		if (name[i] == '/' ? before == '/' : !name_char(name[i]))
			return (false);
		before = name[i];
	}
	return (before != '/');
}

/**
 * policy_plain_text(redact, text):
 * SR_OK if ${text} may be stored in a plain field.
 */
enum sr_error
policy_plain_text(struct redact * redact, const char * text)
{
	struct redact_hits hits = { .known = 0 };
	enum redact_cause cause;

	if (redact_scan(redact, REDACT_UI, text, strlen(text), &hits) !=
	    SR_OK) {
		/* Locked or stale: the rules have spoken. Else nobody has. */
		cause = redact_last_cause();
		if (cause != REDACT_CAUSE_LOCKED && cause != REDACT_CAUSE_STALE)
			return (SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED);
	}
	return (hits.known + hits.rules == 0 ?
	    SR_OK : SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED);
}

/**
 * policy_fields(redact, fields, n, complaint):
 * Hold each of ${fields} against the policy.
 */
enum sr_error
policy_fields(struct redact * redact, const struct policy_field * fields,
    size_t n, struct secret_complaint * complaint)
{
	enum sr_error err;
	size_t i;

	for (i = 0; i < n; i++) {
		if (fields[i].text == NULL || fields[i].text[0] == '\0')
			continue;
		err = policy_plain_text(redact, fields[i].text);
		if (err == SR_OK)
			continue;
		complaint->field = fields[i].name;
		complaint->policy = POLICY_PLAINTEXT;
		return (err);
	}
	return (SR_OK);
}

/* A literal of the caller's code, never what was sent in the field. */
static const char *
field_name(const struct secret_complaint * complaint)
{
	return (complaint->field);
}

/**
 * policy_admit_within(store, about, fields, n, complaint):
 * As policy_admit; the row names the target of ${about}.
 */
enum sr_error
policy_admit_within(const struct store * store,
    const struct audit_entry * about, const struct policy_field * fields,
    size_t n, struct secret_complaint * complaint)
{
	struct secret_complaint c = { NULL, NULL };
	struct audit_entry e = *about;
	enum sr_error err;

	err = policy_fields(store->redact, fields, n, &c);
	if (complaint != NULL)
		*complaint = c;
	if (err == SR_OK)
		return (SR_OK);
	LOG(PLAINTEXT_BLOCKED, log_const("field", field_name(&c)),
	    log_const("action", audit_action_name(e.action)));
	e.id = sr_id_nil;
	e.occurred_at = clock_now();
	e.name = NULL;
	e.key_version = 0;
	e.outcome = AUDIT_BLOCKED;
	e.error = err;
	/* A failure to write it is logged there; ours is answered anyway. */
	(void)audit_refusal(store, &e);
	return (err);
}

/**
 * policy_admit(store, about, fields, n, complaint):
 * As policy_fields, and an audit row when one may not be stored.
 */
enum sr_error
policy_admit(const struct store * store, const struct audit_entry * about,
    const struct policy_field * fields, size_t n,
    struct secret_complaint * complaint)
{
	struct audit_entry e = *about;

	e.target_id = sr_id_nil;
	return (policy_admit_within(store, &e, fields, n, complaint));
}
