#ifndef SR_CORE_VAULT_PROVIDER_HTTP_H
#define SR_CORE_VAULT_PROVIDER_HTTP_H

/* Kin of provider_check.c: one GET. */

#include "core/vault/provider_check.h"

struct provider_reply {
	unsigned status;		/* 0: no answer. */
	enum provider_failure failure;	/* Of the way there, or NONE. */
	bool limited;			/* A header says: limit used up. */
	char * body;			/* NUL-terminated; or NULL. */
	size_t len;
};

/**
 * provider_get(provider, authorization, limits, out):
 * ${authorization} is the whole header line that carries the credential, with
 * a NUL at its end. What fails on the way is ${out->failure}, and no error.
 * End with provider_reply_free. Errors: OUT_OF_MEMORY.
 */
SR_NODISCARD enum sr_error provider_get(const struct provider * provider,
    const struct secbuf * authorization, const struct provider_limits * limits,
    struct provider_reply * out);

/** provider_reply_free(r): wipe and release. */
void provider_reply_free(struct provider_reply * r);

#endif /* !SR_CORE_VAULT_PROVIDER_HTTP_H */
