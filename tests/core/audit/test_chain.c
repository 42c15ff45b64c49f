#include <stdio.h>
#include <string.h>

#include "core/audit/chain.h"
#include "core/base/secbuf.h"
#include "core/base/strbuf.h"
#include "tests/harness/suite.h"

/* The row of the known answer in core/audit/chain.FORMAT, which was computed
 * from the document alone. */
static struct sr_id ids[4];
static uint8_t prev[MAC_LEN];

static struct sr_id
id_of(const char * end)
{
	char text[SR_ID_STRLEN + 1];
	struct sr_id id;

	(void)snprintf(text, sizeof(text), "018f0000-0000-7000-8000-"
	    "0000000000%s", end);
	must(sr_id_parse(text, &id));
	return (id);
}

static struct chain_row
known_row(void)
{
	struct chain_row r;

	memset(&r, 0, sizeof(r));
	ids[0] = id_of("0a");
	ids[1] = id_of("0b");
	memset(prev, 0xab, sizeof(prev));
	r.id = id_of("01");
	r.chain_id = ids[0];
	r.chain_seq = 2;
	must(clock_parse("2026-11-24T05:30:41.123456Z", &r.occurred_at));
	r.actor_kind = "account";
	r.actor_id = &ids[1];
	r.actor_label = "owner@example.org";
	r.action = "CREATE";
	r.target_kind = "secret";
	r.target_id = &ids[0];
	r.scope = "instance";
	r.name = "providers/x";
	r.key_version = 1;
	r.outcome = "succeeded";
	r.correlation_id = id_of("0c");
	r.prev_mac = prev;
	return (r);
}

static void
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
	DIFFERS(r.actor_id = &ids[0]);
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
