#ifndef SR_TESTS_CGI_ACCESS_VISIT_H
#define SR_TESTS_CGI_ACCESS_VISIT_H

/* People of every role and keys of every scope, for the tests of access. */

#include "core/keys/token.h"
#include "tests/cgi/api_visit.h"
#include "tests/harness/files.h"

#define SCOPES	6

/* Sessions are put into the database as they are, so that they never end. */
static const struct someone {
	enum role role;
	bool factor;		/* With a confirmed second factor. */
	bool disabled;
	const char * email;
	const char * token;
} people[] = {
	{ ROLE_AUDITOR, false, false, "auditor@example.org",
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
	{ ROLE_OPERATOR, false, false, "operator@example.org",
	    "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB" },
	{ ROLE_OWNER, false, false, "owner@example.org",
	    "CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC" },
	{ ROLE_AUDITOR, true, false, "auditor+2@example.org",
	    "DDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDD" },
	{ ROLE_OPERATOR, true, false, "operator+2@example.org",
	    "EEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEE" },
	{ ROLE_OWNER, true, false, "owner+2@example.org",
	    "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF" },
	{ ROLE_OWNER, true, true, "disabled@example.org",
	    "GGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGG" },
};
#define OWNER_TOKEN	people[2].token

static char * keys[SCOPES];	/* One with each scope, and no other. */
static char * revoked;		/* All scopes, but revoked. */
static char * expired;

static inline bool
access_add(const struct someone * p)
{
	char * sql = text_format("SET @a = UUID();"
	    " INSERT INTO account (id, email, password_hash, role,"
	    " created_at, updated_at, disabled_at) VALUES (@a, '%s',"
	    " '$y$none', '%s', NOW(6), NOW(6), IF(%d, NOW(6), NULL));"
	    " INSERT INTO account_factor (account_id, salt, created_at,"
	    " confirmed_at, last_step) SELECT @a, REPEAT('s', 32), NOW(6),"
	    " NOW(6), 0 FROM DUAL WHERE %d;"
	    " INSERT INTO session (id, token_hash, account_id, address,"
	    " created_at, last_seen_at, expires_at) VALUES (UUID(),"
	    " UNHEX(SHA2('%s', 256)), @a, '', UTC_TIMESTAMP(6),"
	    " UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) + INTERVAL 1 HOUR)",
	    p->email, role_name(p->role), p->disabled, p->factor, p->token);
	bool good = house_do(&visit_house, sql);

	free(sql);
	return (good);
}

static inline int
access_open(void)
{
	static const char all[] = "secrets:write,secrets:read,"
	    "secrets:resolve,runs:write,audit:read,"
	    "metrics:read";
	struct api_key key;
	struct sr_id id;

	if (visit_open() != 0)
		return (-1);
	for (size_t i = 0; i < COUNTOF(people); i++) {
		if (!access_add(&people[i]))
			return (-1);
	}
	for (unsigned s = 0; s < SCOPES; s++) {
		keys[s] = api_bearer(key_scope_name((enum key_scope)(1U << s)),
		    NULL, NULL);
		if (keys[s] == NULL)
			return (-1);
	}
	expired = api_bearer(all, NULL, &id);
	if (expired == NULL || !house_do(&visit_house, "UPDATE api_key SET"
	    " expires_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE"
	    " scopes LIKE '%write%read%'"))
		return (-1);
	revoked = api_bearer(all, NULL, &id);
	if (revoked == NULL || api_key_revoke(&visit_house.store,
	    &visit_house.actor, &id, &key) != SR_OK)
		return (-1);
	return (0);
}

static inline int
access_close(void)
{

	for (unsigned s = 0; s < SCOPES; s++)
		free(keys[s]);
	free(revoked);
	free(expired);
	return (visit_close());
}

/* The _csrf of the session whose token that is. */
static inline void
csrf_of(const char * token, char hex[65])
{
	struct secbuf * text = house_secret(token);
	uint8_t mac[MAC_LEN];

	token_csrf(text, "strongroom form", mac);
	secbuf_free(&text);
	for (size_t i = 0; i < MAC_LEN; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", mac[i]);
}

#endif /* !SR_TESTS_CGI_ACCESS_VISIT_H */
