#include <stdio.h>
#include <string.h>

#include "core/audit/chain.h"
#include "core/base/secbuf.h"
#include "core/base/strbuf.h"
#include "tests/core/audit/known_row.h"
#include "tests/harness/suite.h"

static void
the_known_answer_comes_out(void)
{
	static const char expected[] = "3f457558d7faa15493ffa5136e6e9f2f"
	    "e1e14ddae8c366f214beec6ef4718fa3";
	struct chain_row r = known_row();
	char hex[2 * MAC_LEN + 1];
	uint8_t mac[MAC_LEN];
	struct strbuf message;
	size_t i;

	mac_of(&r, mac);
	for (i = 0; i < MAC_LEN; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", mac[i]);
	CU_ASSERT_STRING_EQUAL(hex, expected);
	strbuf_init(&message, 4096);
	chain_encode(&r, &message);
	ASSERT_ERR(strbuf_status(&message), SR_OK);
	CU_ASSERT_EQUAL(message.len, 299);
	strbuf_free(&message);
}

/* One column changed: the MAC must differ from the known row's. */
#define DIFFERS(statement) do {						\
	struct chain_row r = known_row();				\
	uint8_t mac[MAC_LEN];						\
	statement;							\
	mac_of(&r, mac);						\
	CU_ASSERT_FALSE(mac_equal(mac, known));				\
} while (0)

static void
every_column_counts(void)
{
	static const uint8_t other[MAC_LEN] = { 1 };
	struct chain_row row = known_row();
	uint8_t known[MAC_LEN];

	mac_of(&row, known);
	DIFFERS(r.id.b[15] ^= 1);
	DIFFERS(r.chain_id.b[0] ^= 1);
	DIFFERS(r.chain_seq = 3);
	DIFFERS(r.occurred_at++);
	DIFFERS(r.actor_kind = "system");
	DIFFERS(r.actor_id = NULL);
	DIFFERS(r.actor_id = &known_ids[0]);
	DIFFERS(r.actor_label = "owner@example.com");
	DIFFERS(r.action = "ROTATE");
	DIFFERS(r.target_kind = NULL);
	DIFFERS(r.target_id = NULL);
	DIFFERS(r.scope = "project");
	DIFFERS(r.scope = NULL);
	DIFFERS(r.name = "");
	DIFFERS(r.name = NULL);
	DIFFERS(r.key_version = 0);
	DIFFERS(r.key_version = 2);
	DIFFERS(r.outcome = "failed");
	DIFFERS(r.error_type = "secret_name_invalid");
	DIFFERS(r.error_type = "");
	DIFFERS(r.correlation_id.b[7] ^= 0x80);
	DIFFERS(r.prev_mac = NULL);
	DIFFERS(r.prev_mac = other);
}

static void
text_cannot_move_between_columns(void)
{
	struct chain_row row = known_row();
	uint8_t known[MAC_LEN];

	row.scope = "ab";
	row.name = "c";
	mac_of(&row, known);
	DIFFERS((r.scope = "a", r.name = "bc"));
	DIFFERS((r.scope = "abc", r.name = ""));
	DIFFERS((r.scope = NULL, r.name = "abc"));
}

static void
a_row_that_no_table_takes_is_an_error(void)
{
	static char endless[70000];
	struct chain_row r = known_row();
	struct secbuf * key;
	uint8_t mac[MAC_LEN];

	memset(endless, 'x', sizeof(endless) - 1);
	r.name = endless;
	must(secbuf_random(32, &key) == SR_OK);
	ASSERT_ERR(chain_mac(key, &r, mac), SR_E_LIMIT_EXCEEDED);
	secbuf_free(&key);
}

static const struct suite_test tests[] = {
	TEST(the_known_answer_comes_out),
	TEST(every_column_counts),
	TEST(text_cannot_move_between_columns),
	TEST(a_row_that_no_table_takes_is_an_error),
};
SUITE_MAIN("core/audit/chain", tests, NULL, NULL)
