#ifndef SR_TESTS_CORE_AUDIT_KNOWN_ROW_H
#define SR_TESTS_CORE_AUDIT_KNOWN_ROW_H

/* The row of the known answer in core/audit/chain.FORMAT, which was computed
 * from the document alone. */

#include <stdio.h>
#include <string.h>

#include "core/audit/chain.h"
#include "core/base/secbuf.h"
#include "tests/harness/suite.h"

static struct sr_id known_ids[4];
static uint8_t known_prev[MAC_LEN];

static inline struct sr_id
id_of(const char * end)
{
	char text[SR_ID_STRLEN + 1];
	struct sr_id id;

	(void)snprintf(text, sizeof(text), "018f0000-0000-7000-8000-"
	    "0000000000%s", end);
	must(sr_id_parse(text, &id));
	return (id);
}

static inline struct chain_row
known_row(void)
{
	struct chain_row r;

	memset(&r, 0, sizeof(r));
	known_ids[0] = id_of("0a");
	known_ids[1] = id_of("0b");
	memset(known_prev, 0xab, sizeof(known_prev));
	r.id = id_of("01");
	r.chain_id = known_ids[0];
	r.chain_seq = 2;
	must(clock_parse("2026-11-24T05:30:41.123456Z", &r.occurred_at));
	r.actor_kind = "account";
	r.actor_id = &known_ids[1];
	r.actor_label = "owner@example.org";
	r.action = "CREATE";
	r.target_kind = "secret";
	r.target_id = &known_ids[0];
	r.scope = "instance";
	r.name = "providers/x";
	r.key_version = 1;
	r.outcome = "succeeded";
	r.correlation_id = id_of("0c");
	r.prev_mac = known_prev;
	return (r);
}

static inline void
mac_of(const struct chain_row * r, uint8_t mac[MAC_LEN])
{
	uint8_t bytes[32];
	struct secbuf * key;
	size_t i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	must(secbuf_copy(bytes, sizeof(bytes), &key) == SR_OK);
	ASSERT_ERR(chain_mac(key, r, mac), SR_OK);
	secbuf_free(&key);
}

/* Its MAC. */
static inline void
known_row_mac(uint8_t mac[MAC_LEN])
{
	struct chain_row r = known_row();

	mac_of(&r, mac);
}

#endif /* !SR_TESTS_CORE_AUDIT_KNOWN_ROW_H */
