#ifndef SR_CORE_AUDIT_CHAIN_H
#define SR_CORE_AUDIT_CHAIN_H

/*
 * Kin of audit*.c: the MAC of an audit row, over the encoding that
 * chain.FORMAT describes. Pure: reads no database, clock or configuration.
 */

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/id.h"
#include "core/keys/mac.h"

struct secbuf;
struct strbuf;

/* A row as it is in the table. Pointers that are NULL are SQL NULL. */
struct chain_row {
	struct sr_id id;
	struct sr_id chain_id;
	uint32_t chain_seq;
	sr_time occurred_at;
	const char * actor_kind;
	const struct sr_id * actor_id;
	const char * actor_label;
	const char * action;
	const char * target_kind;
	const struct sr_id * target_id;
	const char * scope;
	const char * name;
	uint32_t key_version;		/* 0: NULL */
	const char * outcome;
	const char * error_type;
	struct sr_id correlation_id;
	const uint8_t * prev_mac;	/* MAC_LEN bytes */
};

#define CHAIN_MESSAGE_MAX	((size_t)16 * 1024)

/** chain_encode(row, out): append the message. Errors stick in ${out}. */
void chain_encode(const struct chain_row * row, struct strbuf * out);

/** chain_encode_mac(mac, out): append the MAC (or NULL) as a column. */
void chain_encode_mac(const uint8_t * mac, struct strbuf * out);

/**
 * chain_mac(key, row, mac): Errors: OUT_OF_MEMORY, LIMIT_EXCEEDED (a row that
 * no table takes). Reentrant.
 */
SR_NODISCARD enum sr_error chain_mac(const struct secbuf * key,
    const struct chain_row * row, uint8_t mac[MAC_LEN]);

#endif /* !SR_CORE_AUDIT_CHAIN_H */
