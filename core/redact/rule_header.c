#include <string.h>

#include "core/redact/rule_internal.h"

static size_t
skip(const struct rule_text * t, size_t at, const char * set)
{
	size_t i;
	char c;

	for (i = at; i - at < 16; i++) {
		c = rule_at(t, i);
		if (c == '\0' || strchr(set, c) == NULL || rule_mask(t, i))
			break;
	}
	return (i);
}

/* Base64 of name:password: what it decodes to is text with a colon. */
static bool
is_basic(const char * p, size_t len)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned bits = 0, have = 0;
	bool colon = false;
	const char * at;
	size_t i;
	unsigned char c;

	for (i = 0; i < len && p[i] != '='; i++) {
		if ((at = strchr(set, p[i])) == NULL)
			return (false);
		bits = (bits << 6 | (unsigned)(at - set)) & 0xffff;
		have += 6;
		if (have < 8)
			continue;
		have -= 8;
		c = (unsigned char)(bits >> have);
		if (c < ' ' || c >= 0x7f)
			return (false);
		colon = colon || c == ':';
	}
	return (colon && i >= 6);
}

static void
add_token68(const struct rule_hit * hit, size_t at, size_t least)
{
	const struct rule_text * t = &hit->text;
	size_t n = rule_run(t, at, 't', SIZE_MAX - 1);

	while (n > 0 && strchr(".:!|", t->p[at + n - 1]) != NULL)
		n--;
	/* Words of a sentence about the header are no values. */
	if (n < least || rule_mask(t, at + n) || !rule_mixed(&t->p[at], n) ||
	    rule_placeholder(&t->p[at], n) || rule_wordy(&t->p[at], n) ||
	    at - hit->start > RULE_AHEAD)
		return;
	rule_add(hit, at, at + n);
}

/* Authorization: Bearer VALUE, also in JSON, in a dump, in curl's options. */
void
rule_authorization(const struct rule_hit * hit, const struct rule * rule)
{
	static const char * const schemes[] = { "bearer ", "basic ",
	    "token ", "apikey ", "bot ", "api-key ", "key ", "splunk ",
	    "negotiate ", "ntlm ", "digest ", "token token=", "ssws ",
	    "geniekey ", "sso-key ", "klaviyo-api-key ", "oauth ",
	    "zoho-oauthtoken " };
	const struct rule_text * t = &hit->text;
	size_t i, n = 0, at = skip(t, hit->end, " \t\"'\\])");
	char c = rule_at(t, at);

	(void)rule;
	if (rule_in_mask(t, hit->start))
		return;
	if (c != ':' && c != '=' && c != ',')
		return;
	at = skip(t, at, " \t\"'\\:=>[,`");
	for (i = 0; i < COUNTOF(schemes); i++) {
		if (rule_is(t, at, schemes[i])) {
			n = strlen(schemes[i]);
			break;
		}
	}
	at = skip(t, at + n, " \"'\\:");
	if (n != 0) {
		add_token68(hit, at, 8);
		return;
	}
	/* A scheme of somebody's own. */
	i = rule_run(t, at, 's', 24);
	if (i >= 3 && i <= 24 && rule_at(t, at + i) == ' ') {
		n = rule_blanks(t, at + i, false);
		i = rule_run(t, n, 't', SIZE_MAX - 1);
		if (i >= 8 && rule_secret(RULE_TOKEN, true, &t->p[n], i))
			add_token68(hit, n, 8);
		return;
	}
	/* The end of another name. */
	if (hit->start > 0 && rule_class('L', t->p[hit->start - 1]))
		return;
	i = rule_run(t, at, 't', SIZE_MAX - 1);
	if (i >= 16 && rule_secret(RULE_TOKEN, true, &t->p[at], i))
		add_token68(hit, at, 16);
}

/* Bearer VALUE, wherever it stands. */
void
rule_bearer(const struct rule_hit * hit, const struct rule * rule)
{
	const struct rule_text * t = &hit->text;
	size_t at = rule_blanks(t, hit->end, false);
	size_t n = rule_run(t, at, 't', SIZE_MAX - 1);

	(void)rule;
	if (hit->start > 0 && rule_class('w', t->p[hit->start - 1]))
		return;
	if (n >= 20 && rule_secret(RULE_TOKEN, true, &t->p[at], n))
		add_token68(hit, at, 20);
}

/* Basic VALUE, if the value is the base64 of a name and a password. */
void
rule_basic(const struct rule_hit * hit, const struct rule * rule)
{
	const struct rule_text * t = &hit->text;
	size_t at = rule_blanks(t, hit->end, false);
	size_t n = rule_run(t, at, 'b', 4096);

	(void)rule;
	if (hit->start > 0 && rule_class('w', t->p[hit->start - 1]))
		return;
	if (n < 8 || n > 4096 || !is_basic(&t->p[at], n) ||
	    rule_placeholder(&t->p[at], n) ||
	    at - hit->start > RULE_AHEAD)
		return;
	rule_add(hit, at, at + n);
}
