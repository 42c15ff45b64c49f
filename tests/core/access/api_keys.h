#ifndef SR_TESTS_CORE_ACCESS_API_KEYS_H
#define SR_TESTS_CORE_ACCESS_API_KEYS_H

/* API keys in one line, for the tests of access. */

#include "core/access/apikey.h"
#include "core/base/secbuf_bytes.h"
#include "tests/core/access/people.h"

static struct house h;
static struct actor owner;

#define P1	"0190a0b0-0000-7000-8000-000000000001"
#define P2	"0190a0b0-0000-7000-8000-000000000002"
#define READS	"secrets:read,audit:read"
#define LAST_KEY_AUDIT "SELECT action, outcome, IFNULL(error_type, '-'),"   \
    " actor_kind, IFNULL(name, '-'), target_id IS NOT NULL, mac IS NOT NULL"\
    " FROM audit_event WHERE target_kind = 'api_key'"			    \
    " ORDER BY occurred_at DESC LIMIT 1"

static inline void
fresh(void)
{
	CU_ASSERT_FATAL(house_do(&h, "DELETE FROM api_key_project;"
	    " DELETE FROM api_key"));
}

static inline enum sr_error
make(const struct api_key_request * request, struct disclosed ** token,
    struct api_key * key, const char ** field)
{
	struct disclosed * unread = NULL;
	struct api_key other;
	const char * unread_field;
	enum sr_error err;

	err = api_key_create(&h.store, &owner, request,
	    field == NULL ? &unread_field : field,
	    token == NULL ? &unread : token, key == NULL ? &other : key);
	disclosed_free(&unread);
	return (err);
}

static inline enum sr_error
find(const struct disclosed * token, struct api_key * out)
{

	return (api_key_find(h.store.db, disclosed_value(token), out));
}

static inline int
api_keys_open(void)
{
	if (house_open(&h) != 0)
		return (-1);
	owner = actor_of(&h, ACTOR_ACCOUNT);
	(void)snprintf(owner.label, sizeof(owner.label), "%s", OWNER);
	return (0);
}

static inline int
api_keys_close(void)
{
	house_close(&h);
	return (0);
}

#endif /* !SR_TESTS_CORE_ACCESS_API_KEYS_H */
