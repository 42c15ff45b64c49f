#ifndef SR_TESTS_CORE_VAULT_REQUEST_H
#define SR_TESTS_CORE_VAULT_REQUEST_H

/* Requests with an idempotency key, for the tests of the vault. */

#include "tests/core/vault/put.h"

struct request {
	const char * key;
	const char * name;
	const char * value;
	const char * expires_at;
	uint32_t expected;
	bool only_create;
};

static inline enum sr_error
ask(const struct store * store, const struct actor * actor,
    const struct request * r, struct secret_complaint * c,
    struct secret_meta * out)
{
	struct secbuf * value = house_secret(r->value);
	const struct secret_write w = { .scope = "instance", .name = r->name,
	    .value = value, .expires_at = r->expires_at,
	    .expected = r->expected, .only_create = r->only_create,
	    .idempotency_key = r->key };
	enum sr_error err;

	err = secret_put(store, actor, &w, c, out);
	secbuf_free(&value);
	return (err);
}

static inline enum sr_error
revoke_by(const struct store * store, const struct actor * actor,
    const char * key, const struct sr_id * id, uint32_t expected,
    struct secret_meta * out)
{
	const struct secret_revocation r = { .id = *id, .expected = expected,
	    .idempotency_key = key };

	return (secret_revoke(store, actor, &r, out));
}

#endif /* !SR_TESTS_CORE_VAULT_REQUEST_H */
