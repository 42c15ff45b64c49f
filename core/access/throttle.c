#include <arpa/inet.h>

#include "core/keys/mac.h"
#include "core/store/tx.h"

#include "core/access/throttle.h"

#define FADE		(15 * 60 * SR_SECOND)
#define FORGET		(24 * 3600 * SR_SECOND)
#define PAIR_FROM	5
#define ADDRESS_FROM	20
#define BLOCK_MAX	300
#define GUESS_FROM	20

/* Not blocked. Long ago: another thread's "now" may be older than ours. */
#define BLOCK_NONE	((sr_time)0)

/* A bucket holds no address and no name, only their hash. */
struct bucket {
	uint8_t key[MAC_LEN];
	unsigned from;		/* The failure from which on it blocks. */
};

/* Where a client can take another address at will, its network counts. */
static void
cut_address(const char * address, char * out, size_t len)
{
	struct in6_addr a;
	char text[INET6_ADDRSTRLEN];
	size_t zone = strcspn(address, "%");

	snprintf(text, sizeof(text), "%.*s", (int)zone, address);
	if (inet_pton(AF_INET6, text, &a) != 1) {
		snprintf(out, len, "%s", address);
		return;
	}
	if (IN6_IS_ADDR_V4MAPPED(&a)) {
		must(inet_ntop(AF_INET, &a.s6_addr[12], out,
		    (socklen_t)len) != NULL);
		return;
	}
	memset(&a.s6_addr[8], 0, 8);
	must(inet_ntop(AF_INET6, &a, out, (socklen_t)len) != NULL);
}

/* SHA-256 of the hashes of the parts, so that no part runs into another. */
static void
bucket_key(const char * label, const char * address, const char * account,
    uint8_t out[MAC_LEN])
{
	uint8_t parts[3][MAC_LEN];

	digest_compute(label, strlen(label), parts[0]);
	digest_compute(address, strlen(address), parts[1]);
	digest_compute(account, strlen(account), parts[2]);
	digest_compute(parts, sizeof(parts), out);
}

static void
buckets_of(const char * address, const char * account, struct bucket b[2])
{
	char cut[64];

	cut_address(address == NULL ? "" : address, cut, sizeof(cut));
	bucket_key("sign-in address", cut, "", b[0].key);
	b[0].from = ADDRESS_FROM;
	bucket_key("sign-in pair", cut, account == NULL ? "" : account,
	    b[1].key);
	b[1].from = PAIR_FROM;
}

static void
buckets_of_code(const char * address, const struct sr_id * account,
    struct bucket b[2])
{
	char id[SR_ID_STRLEN + 1];

	buckets_of(address, "", b);
	sr_id_format(account, id);
	bucket_key("second factor", "", id, b[1].key);
}

struct state {
	int64_t failures;
	sr_time blocked_until;
};

static enum sr_error
state_row(const struct db_row * row, void * cookie)
{
	struct state * s = cookie;

	s->failures = db_col_int(row, 0);
	s->blocked_until = db_col_time(row, 1);
	return (SR_OK);
}

static enum sr_error
read_state(struct db * db, const struct bucket * b, struct state * s)
{
	*s = (struct state){ 0, SR_TIME_NONE };
	return (db_query(db, STMT_THROTTLE_READ,
	    DB_ARGS(DB_BYTES(b->key, MAC_LEN)), state_row, s));
}

/* How many seconds one of the two is blocked yet; 0: none is. */
static enum sr_error
look(struct db * db, const struct bucket b[2], unsigned * seconds)
{
	const sr_time now = clock_now();
	sr_time until = now;
	struct state s;
	enum sr_error err;
	size_t i;

	*seconds = 0;
	for (i = 0; i < 2; i++) {
		if ((err = read_state(db, &b[i], &s)) != SR_OK)
			return (err);
		if (s.blocked_until > until)
			until = s.blocked_until;
	}
	*seconds = (unsigned)((until - now + SR_SECOND - 1) / SR_SECOND);
	return (SR_OK);
}

static enum sr_error
check(struct db * db, const struct bucket b[2], enum sr_error blocked,
    unsigned * retry_after)
{
	unsigned seconds;
	enum sr_error err;

	if ((err = look(db, b, &seconds)) != SR_OK || seconds == 0)
		return (err);
	*retry_after = seconds;
	return (blocked);
}

/**
 * throttle_check(db, address, account, retry_after):
 * Whether the address or the pair is blocked now, and for how many seconds.
 */
enum sr_error
throttle_check(struct db * db, const char * address, const char * account,
    unsigned * retry_after)
{
	struct bucket b[2];

	buckets_of(address, account, b);
	return (check(db, b, SR_E_SIGN_IN_THROTTLED, retry_after));
}

/* 2, 4, 8 … BLOCK_MAX seconds, the first for the failure ${from}. */
static sr_time
block_length(int64_t failures, unsigned from)
{
	int64_t seconds = 1;
	int64_t n;

	for (n = from; n <= failures && seconds < BLOCK_MAX; n++)
		seconds *= 2;
	return ((seconds > BLOCK_MAX ? BLOCK_MAX : seconds) * SR_SECOND);
}

struct failure {
	struct bucket b[2];
	sr_time now;
};

/* As long as what was counted is worth. */
static enum sr_error
block_one(struct db * db, const struct bucket * b, sr_time now)
{
	struct state s;
	enum sr_error err;

	if ((err = read_state(db, b, &s)) != SR_OK)
		return (err);
	if (s.failures < (int64_t)b->from)
		return (SR_OK);
	return (db_exec(db, STMT_THROTTLE_BLOCK,
	    DB_ARGS(DB_TIME(now + block_length(s.failures, b->from)),
	    DB_BYTES(b->key, MAC_LEN)), NULL));
}

static enum sr_error
count_one(struct db * db, const struct bucket * b, sr_time now)
{
	enum sr_error err;

	err = db_exec(db, STMT_THROTTLE_COUNT,
	    DB_ARGS(DB_BYTES(b->key, MAC_LEN), DB_TIME(now),
	    DB_TIME(BLOCK_NONE), DB_TIME(now - FADE)), NULL);
	return (err == SR_OK ? block_one(db, b, now) : err);
}

/* Address before pair, always: writers never wait for each other in a ring. */
static enum sr_error
failed_tx(struct tx * tx, void * cookie)
{
	const struct failure * f = cookie;
	enum sr_error err;

	if ((err = count_one(tx_db(tx), &f->b[0], f->now)) != SR_OK)
		return (err);
	return (count_one(tx_db(tx), &f->b[1], f->now));
}

static enum sr_error
failed(struct db * db, struct failure * f, tx_fn * count)
{
	enum sr_error err;

	f->now = clock_now();
	err = db_exec(db, STMT_THROTTLE_PRUNE,
	    DB_ARGS(DB_TIME(f->now - FORGET)), NULL);
	if (err != SR_OK && err != SR_E_TRANSACTION_CONFLICT)
		return (err);
	return (tx_run(db, NULL, count, f));
}

/**
 * throttle_failed(db, address, account):
 * Count a failure for the address and for the pair.
 */
enum sr_error
throttle_failed(struct db * db, const char * address, const char * account)
{
	struct failure f;

	buckets_of(address, account, f.b);
	return (failed(db, &f, failed_tx));
}

static enum sr_error
address_tx(struct tx * tx, void * cookie)
{
	const struct failure * f = cookie;

	return (count_one(tx_db(tx), &f->b[0], f->now));
}

/** throttle_code_failed(db, address): a code was wrong. */
enum sr_error
throttle_code_failed(struct db * db, const char * address)
{
	struct failure f;

	buckets_of(address, "", f.b);
	return (failed(db, &f, address_tx));
}

struct take {
	struct bucket b[2];
	unsigned seconds;
};

/*
 * Counting locks the row, and what is read behind it is what those before have
 * left: of many at once, as many get through as would one after the other. A
 * count that finds a block is rolled back.
 */
static enum sr_error
take_tx(struct tx * tx, void * cookie)
{
	struct take * t = cookie;
	struct db * db = tx_db(tx);
	sr_time now = clock_now();
	enum sr_error err;

	err = db_exec(db, STMT_THROTTLE_COUNT,
	    DB_ARGS(DB_BYTES(t->b[1].key, MAC_LEN), DB_TIME(now),
	    DB_TIME(BLOCK_NONE), DB_TIME(now - FADE)), NULL);
	if (err != SR_OK || (err = look(db, t->b, &t->seconds)) != SR_OK)
		return (err);
	if (t->seconds > 0)
		return (SR_E_SECOND_FACTOR_THROTTLED);
	return (block_one(db, &t->b[1], clock_now()));
}

/**
 * throttle_code_take(db, address, account, retry_after):
 * Count a try before it is judged.
 */
enum sr_error
throttle_code_take(struct db * db, const char * address,
    const struct sr_id * account, unsigned * retry_after)
{
	struct take t = { .seconds = 0 };
	enum sr_error err;

	buckets_of_code(address, account, t.b);
	err = tx_run(db, NULL, take_tx, &t);
	if (err == SR_E_SECOND_FACTOR_THROTTLED)
		*retry_after = t.seconds;
	return (err);
}

/**
 * throttle_passed(db, address, account):
 * Clear the pair's counter. The address's fades.
 */
enum sr_error
throttle_passed(struct db * db, const char * address, const char * account)
{
	struct bucket b[2];

	buckets_of(address, account, b);
	return (db_exec(db, STMT_THROTTLE_CLEAR,
	    DB_ARGS(DB_BYTES(b[1].key, MAC_LEN)), NULL));
}

/** throttle_code_passed(db, account): clear the account's counter. */
enum sr_error
throttle_code_passed(struct db * db, const struct sr_id * account)
{
	struct bucket b[2];

	buckets_of_code("", account, b);
	return (db_exec(db, STMT_THROTTLE_CLEAR,
	    DB_ARGS(DB_BYTES(b[1].key, MAC_LEN)), NULL));
}

/** throttle_code_untried(db, account): nothing was judged. */
enum sr_error
throttle_code_untried(struct db * db, const struct sr_id * account)
{
	struct bucket b[2];

	buckets_of_code("", account, b);
	return (db_exec(db, STMT_THROTTLE_UNCOUNT,
	    DB_ARGS(DB_BYTES(b[1].key, MAC_LEN)), NULL));
}

static void
bucket_of_guesses(const struct sr_id * actor, struct bucket * b)
{
	char id[SR_ID_STRLEN + 1];

	sr_id_format(actor, id);
	bucket_key("guess", "", id, b->key);
	b->from = GUESS_FROM;
}

/** throttle_guess_check(db, actor, retry_after): whether he is blocked. */
enum sr_error
throttle_guess_check(struct db * db, const struct sr_id * actor,
    unsigned * retry_after)
{
	const sr_time now = clock_now();
	struct bucket b;
	struct state s;
	enum sr_error err;

	bucket_of_guesses(actor, &b);
	if ((err = read_state(db, &b, &s)) != SR_OK || s.blocked_until <= now)
		return (err);
	*retry_after = (unsigned)((s.blocked_until - now + SR_SECOND - 1) /
	    SR_SECOND);
	return (SR_E_GUESSES_THROTTLED);
}

/** throttle_guess_count(db, actor): he was refused. */
enum sr_error
throttle_guess_count(struct db * db, const struct sr_id * actor)
{
	struct failure f;

	bucket_of_guesses(actor, &f.b[0]);
	return (failed(db, &f, address_tx));
}
