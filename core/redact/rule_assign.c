#include <string.h>

#include "core/redact/keyname_internal.h"
#include "core/redact/rule_internal.h"

#define KEY_BEFORE	((size_t)48)
#define KEY_BEHIND	((size_t)40)

/* Before "key": the value is no secret. */
static const char * const plain_keys[] = { "public", "pub", "primary",
	"foreign", "sort", "partition", "cache", "object", "registry", "hot",
	"map", "dict", "unique", "index", "row", "hash", "lookup", "search",
	"host", "lock", "config", "group", "item", "range", "shift", "arrow",
	"idempotency", "routing", "dedupe", "translation", "i18n", "message",
	"sitekey", "site", "publishable", "bucket", "field", "column", "job" };

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
		if (n > k + 1 && ends(p, n, tails[i]) &&
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

/** rule_kind(name, len): what a key of that name holds. */
enum rule_kind
rule_kind(const char * name, size_t len)
{
	static const char * const passwords[] = { "password", "passwd",
	    "passphrase", "pwd", "pass", "passcode", "pword", "psk",
	    "passwords" };
	static const char * const plurals[] = { "credential", "credentials",
	    "creds", "tokens", "apikeys", "secrets" };
	static const char * const sessions[] = { "sessid", "sessionid",
	    "session", "session_id", "sid", "sig", "signature" };
	char small[64];
	enum keyname said;
	size_t i, n;

	n = strip(name, len);
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
	for (i = 0; i < COUNTOF(sessions); i++) {
		if (ends(small, n, sessions[i]))
			return (n > 6 && strncmp(small, "x-amz-", 6) == 0 ?
			    RULE_TOKEN : RULE_WEAK);
	}
	if (ends(small, n, "key") && said != KEYNAME_STRONG)
		return (plain_key(small, n) ? RULE_NONE : RULE_WEAK);
	if (said == KEYNAME_STRONG)
		return (RULE_TOKEN);
	return (said == KEYNAME_WEAK ? RULE_WEAK : RULE_NONE);
}

/* A value that nothing but a blank parts from its key. */
static bool
blank_will_do(const struct rule_hit * hit, size_t start, bool option,
    enum rule_kind kind, const struct rule_value * v)
{
	const char * p = &hit->text.p[v->start];
	size_t len = v->end - v->start;

	if (option)
		return (kind != RULE_WEAK);
	if (rule_on_line(&hit->text, start, "ENV ", 5) ||
	    rule_on_line(&hit->text, start, "setx ", 6))
		return (kind != RULE_WEAK);
	if (rule_on_line(&hit->text, hit->end, "requirepass", 12) ||
	    (v->quoted && rule_on_line(&hit->text, start, "WITH ", 16)))
		return (kind == RULE_PASSWORD);
	if (kind == RULE_PASSWORD && (rule_on_line(&hit->text, start,
	    "login ", 64) || rule_on_line(&hit->text, start, "machine ",
	    64)))
		return (true);
	return (kind == RULE_TOKEN && len >= 20 && rule_mixed(p, len) &&
	    !rule_hashlike(p, len) && rule_entropy(p, len) >= 36);
}

/* "API key", "secret key": the words before a key that stands alone. */
static bool
named_before(const struct rule_text * t, size_t start)
{
	static const char * const words[] = { "api ", "secret ", "access ",
	    "private ", "auth ", "signing ", "encryption ", "master " };
	size_t i, n;

	for (i = 0; i < COUNTOF(words); i++) {
		n = strlen(words[i]);
		if (start >= n && rule_is(t, start - n, words[i]))
			return (true);
	}
	return (false);
}

/* Query parameters and cookies that are sessions or signatures. */
static bool
parameter(const struct rule_text * t, size_t start)
{

	return (start > 0 && strchr("?&;: ", t->p[start - 1]) != NULL &&
	    t->p[start - 1] != '\0');
}

static bool
fits(const struct rule_hit * hit, size_t start, bool option,
    enum rule_kind kind, const struct rule_value * v)
{
	const char * p = &hit->text.p[v->start];
	size_t len = v->end - v->start;

	if (v->op == ' ')
		return (blank_will_do(hit, start, option, kind, v));
	if (v->op == 'i' || v->op == '-')
		return (kind != RULE_WEAK && rule_mixed(p, len));
	if (kind == RULE_WEAK && v->op == ',')
		return (false);
	return (true);
}

/* 'one' | 'other', "one", "other": more values of the same key. */
static void
add_alternatives(const struct rule_hit * hit, enum rule_kind kind,
    const struct rule_value * first)
{
	const struct rule_text * t = &hit->text;
	struct rule_value v = *first;
	size_t at;

	while (v.quoted && (v.op == '=' || v.op == ':')) {
		at = rule_blanks(t, v.end + 1, false);
		if (rule_at(t, at) != '|' && rule_at(t, at) != ',')
			return;
		at = rule_blanks(t, at + 1, false);
		if (rule_at(t, at) != '"' && rule_at(t, at) != '\'')
			return;
		if (!rule_value_at(t, at, &v) || !v.quoted ||
		    v.start - hit->start > RULE_AHEAD ||
		    !rule_secret(kind, true, &t->p[v.start],
		    v.end - v.start))
			return;
		/* {"password": "x", "user": "y"}: it is a key. */
		at = rule_blanks(t, v.end + 1, false);
		if (rule_at(t, at) == ':' || rule_at(t, at) == '=')
			return;
		rule_add(hit, v.start, v.end);
	}
}

/* Whether a key may end before ${c}: most anchors are within other words. */
static bool
may_follow(char c)
{

	return (c != '\0' && strchr(" \t\r\n\"'`\\])%&=:>,?+|!-<", c) !=
	    NULL);
}

/*
 * hunter2: a word and digits, as people choose passwords, and as programs name
 * variables. So it must stand where values stand: in quotes, right behind the
 * sign, or at the end of the line.
 */
static bool
chosen(const struct rule_text * t, size_t end, const struct rule_value * v)
{
	const char * p = &t->p[v->start];
	size_t len = v->end - v->start;
	char next = rule_at(t, v->end);

	if (!rule_password_word(p, len))
		return (false);
	if (v->quoted)
		return (v->op != ' ' && v->op != 'i' && v->op != '-');
	if (v->op == '=')
		return (v->start == end + 1);
	return (v->op == '>' || (v->op == ':' && (next == '\0' ||
	    next == '\n' || next == '\r')));
}

/* What looks like a key with its value, and is something else. */
static bool
no_key(const struct rule_text * t, size_t start, size_t end,
    const struct rule_value * v)
{
	char before = start > 0 ? t->p[start - 1] : '\0';

	/* "Password:", "next": the quote is the one that ends the text. */
	if (before != '\0' && v->quoted && t->p[v->start - 1] == before &&
	    strchr(",;)", t->p[v->start]) != NULL)
		return (true);
	if (before != ':')
		return (false);
	/* "A::B::Key": the name of a type. */
	if (start > 1 && t->p[start - 2] == ':' &&
	    (t->p[end] == '"' || t->p[end] == '\''))
		return (true);
	/* arn:aws:…:secret:name */
	return (t->p[end] == ':' && v->start == end + 1);
}

/* SAS_TOKEN=sp=r&st=…&sig=…: all of a query is the value. */
static void
whole_query(const struct rule_text * t, struct rule_value * v)
{
	size_t i, n;

	if (v->quoted || v->op != '=' || rule_at(t, v->end) != '&')
		return;
	n = rule_run(t, v->start, 'g', 1024);
	for (i = v->start; n <= 1024 && i + 5 < v->start + n; i++) {
		if (t->p[i] == '&' && rule_is(t, i, "&sig=")) {
			v->end = v->start + n;
			return;
		}
	}
}

/* eyJzaWdu...: a document or a log shows how it begins. */
static bool
elided(const struct rule_text * t, const struct rule_value * v)
{
	size_t len = v->end - v->start, end = v->end + (v->quoted ? 0 : 3);
	size_t i;

	if (len >= 48 || (v->quoted && len < 3))
		return (false);
	for (i = end - 3; i < end; i++) {
		if (rule_at(t, i) != '.')
			return (false);
	}
	return (true);
}

/* KEY=value, "key": "value", --password value and so on. */
void
rule_assign(const struct rule_hit * hit, const struct rule * rule)
{
	const struct rule_text * t = &hit->text;
	struct rule_value v;
	enum rule_kind kind;
	size_t start, end, tail, at;
	bool option;

	/* An anchor may hold the operator. */
	tail = hit->end - (rule->anchor[strlen(rule->anchor) - 1] == '=');
	for (end = tail; end - tail < KEY_BEHIND &&
	    rule_class('p', rule_at(t, end));)
		end++;
	if (end - tail == KEY_BEHIND || (!may_follow(rule_at(t, end)) &&
	    *t->cut == false))
		return;
	for (start = hit->start; start > 0 && hit->start - start < KEY_BEFORE &&
	    rule_class('p', t->p[start - 1]);)
		start--;
	/* What was left of a name at a mask. */
	if (rule_behind_mask(t, start))
		return;
	/* --name, whatever stands before it. */
	for (at = end; at > start + 1; at--) {
		if (t->p[at - 1] == '-' && t->p[at - 2] == '-') {
			/* positions--pass: a dash in a sentence. */
			if (at - 2 > start && rule_class('a', t->p[at - 3]))
				return;
			start = at - 2;
			break;
		}
	}
	option = rule_at(t, start) == '-' && end - start > 3;
	while (start < end && !rule_class('w', t->p[start]))
		start++;
	/* What is asked first is what rules most out for the least. */
	if (!rule_operator(t, start, end, &v) ||
	    v.start - hit->start > RULE_AHEAD ||
	    (v.op == ' ' && !option && !v.quoted &&
	    !rule_mixed(&t->p[v.start], v.end - v.start)))
		return;
	if (no_key(t, start, end, &v) || elided(t, &v))
		return;
	kind = rule_kind(&t->p[start], end - start);
	if (kind == RULE_NONE)
		return;
	if (kind == RULE_WEAK && end - start == 3 && named_before(t, start))
		kind = RULE_TOKEN;
	if (kind == RULE_WEAK && v.op == 'v' && v.quoted)
		kind = RULE_TOKEN;
	if (kind == RULE_WEAK && v.op == '=' && parameter(t, start) &&
	    v.end - v.start >= 20)
		kind = RULE_TOKEN;
	if (kind == RULE_TOKEN && !parameter(t, start))
		whole_query(t, &v);
	if (!fits(hit, start, option, kind, &v) || (!rule_secret(kind,
	    v.quoted, &t->p[v.start], v.end - v.start) &&
	    !(kind == RULE_PASSWORD && chosen(t, end, &v))) ||
	    rule_in_mask(t, hit->start))
		return;
	rule_add(hit, v.start, v.end);
	add_alternatives(hit, kind, &v);
}
