#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "core/redact/rule_internal.h"

/*
 * JSON Web Token, RFC 7519: header.payload.signature, each base64url; header
 * and payload are JSON objects and so begin with eyJ, which is {". The
 * signature may be empty or cut off. RFC 7516: five parts, the second a key.
 */
size_t
rule_jwt(const struct rule_hit * hit, const struct rule * rule)
{
	struct rule_text t = hit->text;
	size_t parts = 1, at = hit->start, n;
	bool payload;

	(void)rule;
	if (!rule_boundary(t, at) || (at > 0 && t.p[at - 1] == '-'))
		return (hit->end);
	n = rule_run(t, at, 'u');
	if (n < 12 || at + n >= t.len || t.p[at + n] != '.')
		return (at + n);
	at += n + 1;
	payload = t.len - at >= 3 && strncmp(&t.p[at], "eyJ", 3) == 0;
	for (;;) {
		n = rule_run(t, at, 'u');
		at += n;
		parts++;
		if (parts == 5 || at + 1 >= t.len || t.p[at] != '.' ||
		    !rule_class('u', t.p[at + 1]) || (payload && parts == 3))
			break;
		at++;
	}
	if (!payload && parts != 5)
		return (at);
	if (at - hit->start < 30)
		return (at);
	(void)rule_add(hit, hit->start, at, false);
	return (at);
}

/* Characters that a URL's user name and password are not written with. */
static bool
ends_authority(char c)
{

	return (isspace((unsigned char)c) || (unsigned char)c < 0x20 ||
	    (c != '\0' && strchr("/?#\"'`<>\\|", c) != NULL));
}

/* The password of scheme://user:password@host, RFC 3986, 3.2.1. */
size_t
rule_url(const struct rule_hit * hit, const struct rule * rule)
{
	struct rule_text t = hit->text;
	const char * colon;
	size_t at, end, i, most = 1024;

	(void)rule;
	if (hit->start == 0 || !isalnum((unsigned char)t.p[hit->start - 1]))
		return (hit->end);
	end = 0;
	for (i = hit->end; i < t.len && i - hit->end < most; i++) {
		if (ends_authority(t.p[i]))
			break;
		if (t.p[i] == '@')
			end = i;
	}
	if (end == 0)
		return (hit->end);
	colon = memchr(&t.p[hit->end], ':', end - hit->end);
	if (colon == NULL)
		return (end);
	at = (size_t)(colon - t.p) + 1;
	if (rule_placeholder(&t.p[at], end - at))
		return (end);
	/* An address in IPv6 before an @ of the query's is no password. */
	if (t.p[hit->end] == '[')
		return (end);
	(void)rule_add(hit, at, end, false);
	return (end);
}

static size_t
skip(struct rule_text t, size_t at, const char * set)
{

	while (at < t.len && t.p[at] != '\0' && strchr(set, t.p[at]) != NULL)
		at++;
	return (at);
}

/* Authorization: Bearer VALUE, also in JSON, in a dump, in curl's options. */
size_t
rule_authorization(const struct rule_hit * hit, const struct rule * rule)
{
	static const char * const schemes[] = { "bearer", "basic", "token",
	    "apikey", "bot" };
	struct rule_text t = hit->text;
	size_t i, n, at = skip(t, hit->end, " \t\"'\\])");

	(void)rule;
	if (at >= t.len || (t.p[at] != ':' && t.p[at] != '='))
		return (hit->end);
	at = skip(t, at, " \t\"'\\:=>[");
	for (i = 0; i < COUNTOF(schemes); i++) {
		n = strlen(schemes[i]);
		if (t.len - at > n && t.p[at + n] == ' ' &&
		    strncasecmp(&t.p[at], schemes[i], n) == 0)
			break;
	}
	if (i == COUNTOF(schemes))
		return (at);
	at = skip(t, at + n, " ");
	n = rule_run(t, at, 't');
	/* Words of a sentence about the header are no values. */
	if (n < 8 || !rule_mixed(&t.p[at], n) || rule_placeholder(&t.p[at], n))
		return (at);
	(void)rule_add(hit, at, at + n, false);
	return (at + n);
}
