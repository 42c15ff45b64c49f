#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>

#include "core/keys/mac.h"

struct digest {
	struct sha256_ctx ctx;
};

/** digest_new(out): of nothing so far. */
enum sr_error
digest_new(struct digest ** out)
{

	if ((*out = malloc(sizeof(**out))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	sha256_init(&(*out)->ctx);
	return (SR_OK);
}

/** digest_add(d, bytes, len): the next piece. */
void
digest_add(struct digest * d, const void * bytes, size_t len)
{

	sha256_update(&d->ctx, len, bytes);
}

/** digest_end(d, out): of all pieces; ${d} begins anew. */
void
digest_end(struct digest * d, uint8_t out[MAC_LEN])
{

	sha256_digest(&d->ctx, MAC_LEN, out);
}

/** digest_free(d): wipe and release. */
void
digest_free(struct digest ** d)
{

	if (*d == NULL)
		return;
	explicit_bzero(*d, sizeof(**d));
	free(*d);
	*d = NULL;
}
