#ifndef SR_CORE_VAULT_POLICY_H
#define SR_CORE_VAULT_POLICY_H

/*
 * What may be stored as plain text: the grammar of names, and the policy
 * operational_secret_plaintext_forbidden, which scans a text field for known
 * secrets and token-shaped values before it is kept.
 *
 * Every action that stores or logs text of its caller holds all of that text
 * against the policy at its boundary, before anything else is done with it:
 *
 *	const struct policy_field fields[] = { { "name", name },
 *	    { "description", description } };
 *
 *	if ((err = policy_admit(store, &about, fields, COUNTOF(fields),
 *	    complaint)) != SR_OK)
 *		return (err);
 *
 * The complaint goes to the caller's page or problem document; the audit row is
 * written here. An action that writes a row for every refusal of its own
 * (secret_put) uses policy_fields.
 */

#include "core/base/error.h"

struct audit_entry;
struct redact;
struct store;

#define POLICY_PLAINTEXT	"operational_secret_plaintext_forbidden"

/* Which field a refusal is about; a constant such as "name", or NULL. */
struct secret_complaint {
	const char * field;
	const char * policy;		/* Name of the policy, or NULL. */
};

/* A plain field as it was given. */
struct policy_field {
	const char * name;		/* A literal, such as "name". */
	const char * text;		/* NULL: not given. */
};

/**
 * policy_name(name): whether it has the grammar of a secret's name: 1 to 160
 * of [A-Za-z0-9._/-], no / at an end, no //.
 */
SR_NODISCARD bool policy_name(const char * name);

/**
 * policy_plain_text(redact, text):
 * SR_OK if ${text} may be stored in a plain field. Errors:
 * PLAINTEXT_SECRET_PERSISTENCE_BLOCKED. While the gate is not ready only the
 * rules can speak.
 */
SR_NODISCARD enum sr_error policy_plain_text(struct redact * redact,
    const char * text);

/**
 * policy_fields(redact, fields, n, complaint):
 * policy_plain_text of each. The first that may not be stored is in
 * ${complaint}, which is left alone otherwise. Errors:
 * PLAINTEXT_SECRET_PERSISTENCE_BLOCKED.
 */
SR_NODISCARD enum sr_error policy_fields(struct redact * redact,
    const struct policy_field * fields, size_t n,
    struct secret_complaint * complaint);

/**
 * policy_admit(store, about, fields, n, complaint):
 * As policy_fields, and a row with outcome blocked when one may not be stored.
 * Of ${about} it takes actor, action, target_kind, scope and keys: a target and
 * its name are what was refused. A row that cannot be written is a line in the
 * log; the answer stays. ${complaint} may be NULL.
 */
SR_NODISCARD enum sr_error policy_admit(const struct store * store,
    const struct audit_entry * about, const struct policy_field * fields,
    size_t n, struct secret_complaint * complaint);

/**
 * policy_admit_within(store, about, fields, n, complaint): as policy_admit, for
 * what belongs to the target of ${about}, which the row names.
 */
SR_NODISCARD enum sr_error policy_admit_within(const struct store * store,
    const struct audit_entry * about, const struct policy_field * fields,
    size_t n, struct secret_complaint * complaint);

#endif /* !SR_CORE_VAULT_POLICY_H */
