#ifndef SR_CORE_VAULT_POLICY_H
#define SR_CORE_VAULT_POLICY_H

/*
 * What may be stored as plain text: the grammar of names, and the policy
 * operational_secret_plaintext_forbidden, which scans a text field for known
 * secrets and token-shaped values before it is kept.
 */

#include "core/base/error.h"

struct redact;

#define POLICY_PLAINTEXT	"operational_secret_plaintext_forbidden"

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

#endif /* !SR_CORE_VAULT_POLICY_H */
