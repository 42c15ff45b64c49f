#include <string.h>

#include "core/redact/rule_internal.h"

/* How far behind a command its option is looked for. */
#define LINE_FAR	((size_t)92)

/* Whether the header names an algorithm, a type or a key first. */
static bool
says_jwt(const struct rule_text * t, size_t at)
{
	static const char * const begins[] = { "hbGci", "0eXAi", "raWQi",
	    "lbmMi" };
	size_t i, k;

	for (i = 0; i < COUNTOF(begins); i++) {
		for (k = 0; begins[i][k] != '\0' &&
		    rule_at(t, at + 3 + k) == begins[i][k]; k++)
			;
		if (begins[i][k] == '\0')
			return (true);
	}
	return (false);
}

/*
 * JSON Web Token, RFC 7519: header.payload.signature, each base64url; header
 * and payload are JSON objects and so begin with eyJ, which is {". The
 * signature may be empty or cut off. RFC 7516: five parts, the second a key.
 */
void
rule_jwt(const struct rule_hit * hit, const struct rule * rule)
{
	const struct rule_text * t = &hit->text;
	size_t parts = 1, at = hit->start, n;
	bool payload;

	(void)rule;
	if (!rule_boundary(t, at) || (at > 0 && t->p[at - 1] == '-'))
		return;
	n = rule_run(t, at, 'e', SIZE_MAX - 1);
	if (n < 12 || rule_at(t, at + n) != '.')
		return;
	at += n + 1;
	payload = rule_is(t, at, "ey") || rule_is(t, at, "ewo");
	for (;;) {
		n = rule_run(t, at, 'u', SIZE_MAX - 1);
		at += n;
		parts++;
		if (parts == 5 || rule_at(t, at) != '.' ||
		    !rule_class('u', rule_at(t, at + 1)) ||
		    (payload && parts == 3))
			break;
		at++;
	}
	/* A payload that is no object, or is cut: the header says enough. */
	if ((!payload && parts != 5 && !(n >= 20 && says_jwt(t,
	    hit->start))) || at - hit->start < 30)
		return;
	rule_add(hit, hit->start, at);
}

/* Characters that a URL's user name and password are not written with. */
static bool
ends_authority(const struct rule_text * t, size_t i)
{
	char c = rule_at(t, i);

	return ((unsigned char)c <= ' ' || c == 0x7f ||
	    strchr("/?#\"'`<>\\|", c) != NULL || rule_mask(t, i));
}

/* https://TOKEN@host/: a token in the place of the name. */
static void
only_token(const struct rule_hit * hit, size_t end)
{
	size_t len = end - hit->end;

	if (len >= 20 && len <= 256 && rule_run(&hit->text, hit->end, 'q',
	    256) == len && rule_secret(RULE_TOKEN, true,
	    &hit->text.p[hit->end], len))
		rule_add(hit, hit->end, end);
}

/* The password of scheme://user:password@host, RFC 3986, 3.2.1. */
void
rule_url(const struct rule_hit * hit, const struct rule * rule)
{
	const struct rule_text * t = &hit->text;
	const char * colon;
	size_t at, end = 0, i;

	(void)rule;
	if (hit->start == 0 || !rule_class('a', t->p[hit->start - 1]))
		return;
	for (i = hit->end; i - hit->end < 1024; i++) {
		if (ends_authority(t, i))
			break;
		if (t->p[i] == '@')
			end = i;
	}
	/* An address in IPv6 before an @ of the query's is no password. */
	if (end == 0 || t->p[hit->end] == '[')
		return;
	colon = memchr(&t->p[hit->end], ':', end - hit->end);
	if (colon == NULL || rule_is(t, (size_t)(colon - t->p),
	    ":x-oauth-basic@")) {
		only_token(hit, colon == NULL ? end : (size_t)(colon - t->p));
		return;
	}
	at = (size_t)(colon - t->p) + 1;
	if (rule_stand_in(&t->p[at], end - at) ||
	    at - hit->start > RULE_AHEAD)
		return;
	/* root:root, user:pw: what documents write. */
	if (end - at < 4 || ((size_t)(colon - t->p) - hit->end == end - at &&
	    strncmp(&t->p[hit->end], &t->p[at], end - at) == 0))
		return;
	/* A port, and an @ in what follows. */
	if (end - at <= 5 && rule_run(t, at, 'd', 5) == end - at)
		return;
	rule_add(hit, at, end);
}

/* name:password behind curl's -u. */
void
rule_userpass(const struct rule_hit * hit, const struct rule * rule)
{
	const struct rule_text * t = &hit->text;
	struct rule_value v = { .op = ' ' };
	size_t at = rule_blanks(t, hit->end, false);
	const char * colon;
	bool digits;

	(void)rule;
	if (rule_at(t, at) == '=')
		at++;
	if (hit->start > 0 && rule_class('u', t->p[hit->start - 1]))
		return;
	if (!rule_value_at(t, at, &v))
		return;
	colon = memchr(&t->p[v.start], ':', v.end - v.start);
	if (colon == NULL || v.start - hit->start > LINE_FAR)
		return;
	at = (size_t)(colon - t->p) + 1;
	/* The name is the secret: token:, token:x-oauth-basic. */
	if (v.end - at <= 1 || rule_is(t, at, "x-oauth-basic")) {
		if (rule_secret(RULE_TOKEN, true, &t->p[v.start],
		    at - 1 - v.start))
			rule_add(hit, v.start, at - 1);
		return;
	}
	digits = rule_run(t, at, 'd', 64) == v.end - at;
	if (at - hit->start > RULE_AHEAD || rule_mask(t, at) ||
	    (digits && !rule_on_line(t, hit->start, "curl", 80)) ||
	    (!rule_secret(RULE_PASSWORD, true, &t->p[at], v.end - at) &&
	    !rule_password_word(&t->p[at], v.end - at)))
		return;
	rule_add(hit, at, v.end);
}

/* mysql -psecret, sshpass -p secret, docker login -u name -p secret. */
void
rule_dash_p(const struct rule_hit * hit, const struct rule * rule)
{
	const struct rule_text * t = &hit->text;
	struct rule_value v = { .op = ' ' };
	const char * option = *rule->shape == '\0' ? "-p" : rule->shape;
	size_t at = hit->end, end;

	/* The anchor is the command; the option is on its line. */
	for (end = at; end - hit->start < LINE_FAR; end++) {
		if (rule_at(t, end) == '\n' || rule_at(t, end) == '\0')
			return;
		if (t->p[end] == '-' && rule_at(t, end + 1) == option[1] &&
		    t->p[end - 1] == ' ')
			break;
	}
	if (end - hit->start >= LINE_FAR)
		return;
	at = rule_blanks(t, end + 2, false);
	if (!rule_value_at(t, at, &v) || v.start - hit->start > RULE_AHEAD ||
	    !rule_secret(RULE_PASSWORD, true, &t->p[v.start], v.end - v.start))
		return;
	/* -p 8080: a port. */
	if (rule_run(t, v.start, 'd', 64) == v.end - v.start)
		return;
	rule_add(hit, v.start, v.end);
}

/* SQL: CREATE USER x IDENTIFIED BY 'password'. */
void
rule_identified(const struct rule_hit * hit, const struct rule * rule)
{
	const struct rule_text * t = &hit->text;
	struct rule_value v = { .op = ' ' };
	size_t at = rule_blanks(t, hit->end, false);

	(void)rule;
	if (rule_is(t, at, "password ") || rule_is(t, at, "-string "))
		at = rule_blanks(t, at + 8, false);
	/* IDENTIFIED WITH plugin BY '…' */
	if (rule_at(t, at) != '"' && rule_at(t, at) != '\'') {
		at = rule_blanks(t, at + rule_run(t, at, 'w', 64), false);
		if (!rule_is(t, at, "by ") && !rule_is(t, at, "as "))
			return;
		at = rule_blanks(t, at + 3, false);
	}
	if (!rule_value_at(t, at, &v) || !v.quoted ||
	    !rule_secret(RULE_PASSWORD, true, &t->p[v.start], v.end - v.start))
		return;
	rule_add(hit, v.start, v.end);
}
