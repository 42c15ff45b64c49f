#ifndef SR_TESTS_CORE_ACCESS_SETUPS_H
#define SR_TESTS_CORE_ACCESS_SETUPS_H

/* Set-up in one line for each step, for the tests of it. */

#include "tests/core/access/people.h"

static struct house h;
static struct actor operator;
static struct actor nobody;

/* A link, and what it is traded for. */
static inline struct disclosed *
link_made(void)
{
	struct disclosed * link = NULL;

	ASSERT_ERR_FATAL(setup_link(&h.store, &operator, 60, &link), SR_OK);
	return (link);
}

static inline struct disclosed *
cookie_made(void)
{
	struct disclosed * link = link_made();
	struct disclosed * cookie = NULL;

	ASSERT_ERR_FATAL(setup_exchange(&h.store, &nobody,
	    disclosed_value(link), 30, &cookie, NULL), SR_OK);
	disclosed_free(&link);
	return (cookie);
}

static inline enum sr_error
create(const struct disclosed * cookie, const char * email, const char * text)
{
	struct secbuf * password = house_secret(text);
	struct sr_id id;
	enum sr_error err;

	err = owner_create(&h.store, &nobody, disclosed_value(cookie), email,
	    password, COST, &id);
	secbuf_free(&password);
	return (err);
}

static inline bool
is_open(void)
{
	bool open = false;

	ASSERT_ERR(setup_open(h.store.db, &open), SR_OK);
	return (open);
}

static inline int
setups_open(void)
{
	if (house_open(&h) != 0)
		return (-1);
	operator = actor_of(&h, ACTOR_OPERATOR);
	nobody = actor_of(&h, ACTOR_ANONYMOUS);
	return (0);
}

static inline int
setups_close(void)
{
	house_close(&h);
	return (0);
}

#endif /* !SR_TESTS_CORE_ACCESS_SETUPS_H */
