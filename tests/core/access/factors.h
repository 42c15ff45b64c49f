#ifndef SR_TESTS_CORE_ACCESS_FACTORS_H
#define SR_TESTS_CORE_ACCESS_FACTORS_H

/* An owner with a second factor, in one line, for the tests of those. */

#include "core/access/factor.h"
#include "core/access/people.h"
#include "core/store/keystore.h"
#include "tests/core/access/sessions.h"

static struct actor operator;
static struct disclosed * codes[RECOVERY_CODES];
static unsigned wait;

static inline void
forget_codes(void)
{

	for (size_t i = 0; i < RECOVERY_CODES; i++)
		disclosed_free(&codes[i]);
}

static inline struct session
session_of(const struct disclosed * token)
{
	struct session s = { .role = ROLE_ANYONE };

	ASSERT_ERR_FATAL(find(token, &s), SR_OK);
	return (s);
}

/* What the authenticator shows ${steps} from now, of the seed as it was shown
 * (the seed itself is not: it is made again of what the database has). */
static inline struct secbuf *
shown_code(const struct sr_id * account, int steps)
{
	const struct keyset * keys = keystore_hold(h.store.keys);
	char * hex = mariadb_sql(h.m, "SELECT HEX(salt) FROM account_factor");
	struct secbuf * seed = NULL, * code = NULL;
	uint8_t salt[TOTP_SALT_LEN];

	for (size_t i = 0; i < TOTP_SALT_LEN; i++) {
		char two[3] = { hex[2 * i], hex[2 * i + 1], '\0' };

		salt[i] = (uint8_t)strtoul(two, NULL, 16);
	}
	free(hex);
	ASSERT_ERR_FATAL(totp_seed(keyset_factor_key(keys), account, salt,
	    &seed), SR_OK);
	ASSERT_ERR_FATAL(totp_code(seed, clock_now() + steps * 30 * SR_SECOND,
	    &code), SR_OK);
	secbuf_free(&seed);
	keyset_release(&keys);
	return (code);
}

static inline enum sr_error
confirm_with(const struct session * s, const struct secbuf * code)
{
	const struct actor actor = actor_in(s);

	forget_codes();
	return (factor_confirm(&h.store, &actor, s, code, HOME, codes, &wait));
}

static inline enum sr_error
begin(const struct session * s)
{
	const struct actor actor = actor_in(s);
	struct factor_shown shown;
	enum sr_error err;

	err = factor_begin(&h.store, &actor, s, &shown);
	factor_shown_free(&shown);
	return (err);
}

/* The owner with a second factor, signed in. The code of now is used; the one
 * after it is taken as well, whenever a step ends. */
static inline struct session
with_factor(struct disclosed ** token)
{
	struct session s;
	struct secbuf * code;

	fresh();
	*token = signed_in();
	s = session_of(*token);
	ASSERT_ERR_FATAL(begin(&s), SR_OK);
	code = shown_code(&s.account_id, 0);
	ASSERT_ERR_FATAL(confirm_with(&s, code), SR_OK);
	secbuf_free(&code);
	return (s);
}

static inline enum sr_error
step_from(const char * address, const struct disclosed * step,
    const struct secbuf * code, struct disclosed ** token, int * left)
{
	struct actor nobody = actor_of(&h, ACTOR_ANONYMOUS);
	const struct sign_in_step in = { .token = step == NULL ? NULL :
	    disclosed_value(step), .code = code, .address = address };
	struct disclosed * unread = NULL;
	int unread_left;
	enum sr_error err;

	(void)snprintf(nobody.label, sizeof(nobody.label), "%s", address);
	err = session_step(&h.store, &nobody, &in, &limits,
	    token == NULL ? &unread : token,
	    left == NULL ? &unread_left : left, &wait);
	disclosed_free(&unread);
	return (err);
}

static inline enum sr_error
step_with(const struct disclosed * step, const char * text)
{
	struct secbuf * code = house_secret(text);
	enum sr_error err = step_from(HOME, step, code, NULL, NULL);

	secbuf_free(&code);
	return (err);
}

static inline struct disclosed *
first_step(void)
{
	struct disclosed * step = NULL;

	ASSERT_ERR_FATAL(sign_in_from(&h, HOME, OWNER, PASSWORD, &step, NULL),
	    SR_E_SECOND_FACTOR_ASKED);
	CU_ASSERT_PTR_NOT_NULL_FATAL(step);
	return (step);
}

static inline int
factors_open(void)
{
	if (sessions_open() != 0)
		return (-1);
	operator = actor_of(&h, ACTOR_OPERATOR);
	return (0);
}

static inline int
factors_close(void)
{
	forget_codes();
	return (sessions_close());
}

#endif /* !SR_TESTS_CORE_ACCESS_FACTORS_H */
