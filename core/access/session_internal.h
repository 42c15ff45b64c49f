#ifndef SR_CORE_ACCESS_SESSION_INTERNAL_H
#define SR_CORE_ACCESS_SESSION_INTERNAL_H

/* What the files that implement session.h share. Not for other rooms. */

#include "core/access/session.h"
#include "core/keys/mac.h"
#include "core/store/tx.h"

#define SESSION_ADDRESS_MAX	45

/* A session that is about to be made. */
struct session_new {
	struct sr_id id;
	uint8_t token_hash[MAC_LEN];
	struct sr_id account_id;
	char address[SESSION_ADDRESS_MAX + 1];
	sr_time now;
	sr_time expires_at;
};

/** session_address(address, out): ${address} if it is one, else "". */
void session_address(const char * address,
    char out[SESSION_ADDRESS_MAX + 1]);

/** session_insert(tx, s): its row. Errors: as db_exec. */
SR_NODISCARD enum sr_error session_insert(struct tx * tx,
    const struct session_new * s);

#endif /* !SR_CORE_ACCESS_SESSION_INTERNAL_H */
