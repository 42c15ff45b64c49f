/* Who is told what while a root key is changed, and under which id. */

#include "core/vault/rewrap_internal.h"

/**
 * rewrap_target(kek_version):
 * "rootkey" and the number. A version of the root key has no other id, and its
 * rows form a chain like a secret's. It has the form of a name-based UUID
 * (RFC 9562, version 5): MariaDB 10.11 refuses version 8.
 */
struct sr_id
rewrap_target(uint32_t kek_version)
{
	struct sr_id id = { .b = { 'r', 'o', 'o', 't', 'k', 'e', 0x50, 'y',
	    0x80 } };
	size_t i;

	for (i = 0; i < 4; i++)
		id.b[12 + i] = (uint8_t)(kek_version >> (24 - 8 * i));
	return (id);
}

/** rewrap_report(r): tell ${r->watch} how far it is. */
enum sr_error
rewrap_report(struct rewrap * r)
{

	if (r->watch->progress == NULL)
		return (SR_OK);
	return (r->watch->progress(&r->p, r->watch->cookie));
}

/** rewrap_report_failed(r, secret_id, key_version, why): that one, counted. */
enum sr_error
rewrap_report_failed(struct rewrap * r, const struct sr_id * secret_id,
    uint32_t key_version, enum sr_error why)
{

	r->p.failed++;
	if (r->watch->failed == NULL)
		return (SR_OK);
	return (r->watch->failed(secret_id, key_version, why,
	    r->watch->cookie));
}
