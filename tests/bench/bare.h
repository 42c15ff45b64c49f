#ifndef SR_TESTS_BENCH_BARE_H
#define SR_TESTS_BENCH_BARE_H

/* What a creation is held against: two inserts of the same row shapes. */

#include "core/audit/audit.h"
#include "core/base/random.h"
#include "core/base/secbuf.h"
#include "core/store/tx.h"
#include "tests/harness/house.h"

struct bare {
	const struct actor * actor;
	struct sr_id secret;
	struct sr_id event;
	char name[64];
	sr_time now;
};

/* The two rows, in the transaction. */
static inline enum sr_error
bare_tx(struct tx * tx, void * cookie)
{
	static const uint8_t mac[32] = { 7 };
	const struct bare * b = cookie;
	enum sr_error err;

	err = db_exec(tx_db(tx), STMT_SECRET_INSERT, DB_ARGS(
	    DB_UUID(&b->secret), DB_TEXT("instance"), DB_UUID(&sr_id_nil),
	    DB_TEXT(b->name), DB_INT(1), DB_TEXT("onboarding"),
	    DB_TIME(b->now), DB_TIME(SR_TIME_NONE), DB_TIME(b->now),
	    DB_TIME(b->now)), NULL);
	if (err != SR_OK)
		return (err);
	return (db_exec(tx_db(tx), STMT_AUDIT_INSERT, DB_ARGS(
	    DB_UUID(&b->event), DB_UUID(&b->secret), DB_INT(1),
	    DB_TIME(b->now), DB_TEXT("account"), DB_UUID(&b->actor->id),
	    DB_TEXT(b->actor->label), DB_TEXT("CREATE"), DB_TEXT("secret"),
	    DB_UUID(&b->secret), DB_TEXT("instance"), DB_TEXT(b->name),
	    DB_INT(1), DB_TEXT("succeeded"), DB_NULL,
	    DB_UUID(&b->actor->correlation_id), DB_NULL,
	    DB_BYTES(mac, sizeof(mac))), NULL));
}

/* A key as providers make them: random, 48 characters. */
static inline struct secbuf *
bare_key(void)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t bytes[24];
	char text[2 * sizeof(bytes) + 1] = "";
	size_t i;

	must(random_bytes(bytes, sizeof(bytes)) == SR_OK);
	for (i = 0; i < sizeof(bytes); i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	return (house_secret(text));
}

#endif /* !SR_TESTS_BENCH_BARE_H */
