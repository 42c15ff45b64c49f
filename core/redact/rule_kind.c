#include <string.h>
#include <strings.h>

#include "core/redact/keyname_internal.h"
#include "core/redact/rule_internal.h"

/* Before "key": the value is no secret. */
static const char * const plain_keys[] = { "public", "pub", "primary",
	"foreign", "sort", "partition", "cache", "object", "registry", "hot",
	"map", "dict", "unique", "index", "row", "hash", "lookup", "search",
	"host", "lock", "config", "group", "item", "range", "shift", "arrow",
	"idempotency", "routing", "dedupe", "translation", "i18n", "message",
	"sitekey", "site", "publishable", "bucket", "field", "column", "job" };

/* Before "key": who gave it, or whose it is. */
static const char * const made_keys[] = { "team", "workspace", "partner",
	"org", "organization", "tenant", "developer", "stream", "agent",
	"node", "cluster", "enrollment", "join", "upload", "push", "product" };

static size_t
lower(char * to, size_t size, const char * p, size_t len)
{
	size_t i;

	if (len > size) {
		p += len - size;
		len = size;
	}
	for (i = 0; i < len; i++)
		to[i] = p[i] >= 'A' && p[i] <= 'Z' ? (char)(p[i] | 0x20) :
		    p[i];
	return (len);
}

static bool
ends(const char * p, size_t len, const char * word)
{
	size_t n = strlen(word);

	return (len >= n && strncmp(&p[len - n], word, n) == 0);
}

/* Without what says where or how: TOKEN_PROD, password_value, secret2. */
static size_t
strip(const char * p, size_t len)
{
	static const char * const tails[] = { "prod", "production", "dev",
	    "test", "staging", "stage", "live", "sandbox", "value", "str",
	    "string", "base64", "b64", "env", "old", "new", "default",
	    "v", "base", "plain", "text", "primary", "secondary" };
	size_t i, n = len, k;

	while (n > 0 && !rule_class('L', p[n - 1]))
		n--;
	for (i = 0; i < COUNTOF(tails); i++) {
		k = strlen(tails[i]);
		if (n > k + 1 && strncasecmp(&p[n - k], tails[i], k) == 0 &&
		    !rule_class('L', p[n - k - 1])) {
			n -= k;
			while (n > 0 && !rule_class('L', p[n - 1]))
				n--;
			return (n);
		}
	}
	return (n);
}

static bool
plain_key(const char * p, size_t len)
{
	size_t i, n = len - 3;

	while (n > 0 && !rule_class('a', p[n - 1]))
		n--;
	for (i = 0; i < COUNTOF(plain_keys); i++) {
		if (ends(p, n, plain_keys[i]))
			return (true);
	}
	return (false);
}

/* TWILIO_AUTH, GH_PAT, PASSWORD_SALT, VENDOR_KEY, team_key. */
static bool
made(const char * name, const char * low, size_t n)
{
	static const char * const lasts[] = { "auth", "pat", "salt", "seed",
	    "pepper", "sk" };
	size_t i, k;
	bool key = ends(low, n, "key");

	for (i = 0; i < COUNTOF(lasts) && !key; i++) {
		k = strlen(lasts[i]);
		if (n > k && ends(low, n, lasts[i]) &&
		    !rule_class('a', low[n - k - 1]))
			return (true);
	}
	if (!key || n < 5 || rule_class('a', low[n - 4]))
		return (false);
	for (i = 0; i < COUNTOF(made_keys); i++) {
		if (ends(low, n - 4, made_keys[i]))
			return (true);
	}
	/* As environments name them. */
	for (i = 0; i < n; i++) {
		if (!rule_class('U', name[i]) && name[i] != '_')
			return (false);
	}
	return (true);
}

/** rule_kind(name, len): what a key of that name holds. */
enum rule_kind
rule_kind(const char * name, size_t len)
{
	static const char * const passwords[] = { "password", "passwd",
	    "passphrase", "pwd", "pass", "passcode", "pword", "psk",
	    "passwords", "passwort", "kennwort", "senha", "passe",
	    "wachtwoord", "pswd", "bindpw", "rootpw", "pass_word",
	    "pass-word" };
	static const char * const plurals[] = { "credential", "credentials",
	    "creds", "tokens", "apikeys", "secrets" };
	static const char * const sessions[] = { "sessid", "sessionid",
	    "session", "session_id", "sid", "sig", "signature" };
	char small[64];
	enum keyname said;
	size_t i, n, all;

	n = all = strip(name, len);
	if (n == 0)
		return (RULE_NONE);
	said = keyname_says(name, n);
	n = lower(small, sizeof(small), name, n);
	if (ends(small, n, "requirepass"))
		return (RULE_PASSWORD);
	for (i = 0; i < COUNTOF(passwords); i++) {
		if (said != KEYNAME_NONE && ends(small, n, passwords[i]))
			return (RULE_PASSWORD);
	}
	if (n >= 3 && ends(small, n, "pw") && !rule_class('a', small[n - 3]))
		return (RULE_PASSWORD);
	if (ends(small, n, "publictoken") || ends(small, n, "public_token") ||
	    ends(small, n, "public-token"))
		return (RULE_NONE);
	for (i = 0; i < COUNTOF(plurals) && said == KEYNAME_WEAK; i++) {
		if (ends(small, n, plurals[i]))
			return (RULE_TOKEN);
	}
	if (ends(small, n, "jsessionid") || ends(small, n, "phpsessid") ||
	    ends(small, n, "asp.net_sessionid"))
		return (RULE_TOKEN);
	for (i = 0; i < COUNTOF(sessions); i++) {
		if (ends(small, n, sessions[i]))
			return (n > 6 && strncmp(small, "x-amz-", 6) == 0 ?
			    RULE_TOKEN : RULE_WEAK);
	}
	if (ends(small, n, "key") && said != KEYNAME_STRONG &&
	    plain_key(small, n))
		return (RULE_NONE);
	if (said == KEYNAME_STRONG)
		return (RULE_TOKEN);
	if (made(&name[all - n], small, n))
		return (RULE_MADE);
	if (ends(small, n, "key"))
		return (RULE_WEAK);
	return (said == KEYNAME_WEAK ? RULE_WEAK : RULE_NONE);
}
