#include <string.h>

#include "core/redact/rule_internal.h"

/* What stands in for a login when it is a name of a variable. */
#define NAME_MAX_LEN	((size_t)64)

/* How many lines of a PuTTY key are looked at. */
#define LINES_MAX	500

/* Whether [start, end) is a password that somebody wrote down. */
static bool
password(const struct rule_hit * hit, size_t start, size_t end)
{
	const char * p = &hit->text.p[start];
	size_t len = end - start;

	return (start - hit->start <= RULE_AHEAD &&
	    (rule_secret(RULE_PASSWORD, true, p, len) ||
	    rule_password_word(p, len) || rule_password_sign(p, len)));
}

/* BasicAuth("name", "password"): the second value, if it is in quotes. */
void
rule_pair(const struct rule_hit * hit, const struct rule * rule)
{
	const struct rule_text * t = &hit->text;
	size_t at = rule_blanks(t, hit->end, true), n;
	struct rule_value v = { .op = ',' };
	char c = rule_at(t, at);

	(void)rule;
	if (c == '"' || c == '\'') {
		if (!rule_value_at(t, at, &v) || !v.quoted)
			return;
		at = v.end + 1;
	} else {
		n = rule_run(t, at, 'p', NAME_MAX_LEN);
		if (n == 0 || n > NAME_MAX_LEN)
			return;
		at += n;
	}
	at = rule_blanks(t, at, false);
	if (rule_at(t, at) != ',')
		return;
	at = rule_blanks(t, at + 1, true);
	/* password="…" has a key of its own. */
	c = rule_at(t, at);
	if ((c != '"' && c != '\'') || !rule_value_at(t, at, &v) || !v.quoted)
		return;
	at = rule_blanks(t, v.end + 1, true);
	if (rule_at(t, at) == ')' && password(hit, v.start, v.end))
		rule_add(hit, v.start, v.end);
}

/* sqlplus name/password@db, smbclient -U name%password. */
void
rule_slash(const struct rule_hit * hit, const struct rule * rule)
{
	const struct rule_text * t = &hit->text;
	size_t at = rule_blanks(t, hit->end, false), n;
	char quote = rule_at(t, at);

	(void)rule;
	if (quote == '"' || quote == '\'')
		at++;
	n = rule_run(t, at, 'w', NAME_MAX_LEN);
	if (n == 0 || n > NAME_MAX_LEN || (rule_at(t, at + n) != '/' &&
	    rule_at(t, at + n) != '%'))
		return;
	at += n + 1;
	for (n = at; n - at < NAME_MAX_LEN && rule_class('v', rule_at(t, n)) &&
	    t->p[n] != '@' && t->p[n] != '/';)
		n++;
	if (password(hit, at, n))
		rule_add(hit, at, n);
}

/* The length of the small letters at ${at}; 0 if they are no word of BIP 39. */
static size_t
seed_word(const struct rule_text * t, size_t at)
{
	static const char * const prose[] = { "the", "and", "for", "are",
	    "with", "not", "from", "was", "has", "its", "which", "should" };
	size_t n = 0, i;
	char c;

	while ((c = rule_at(t, at + n)) >= 'a' && c <= 'z')
		n++;
	for (i = 0; i < COUNTOF(prose); i++) {
		if (strlen(prose[i]) == n && rule_is(t, at, prose[i]))
			return (0);
	}
	return (n >= 3 && n <= 8 ? n : 0);
}

/* mnemonic = "twelve or more words": BIP 39. */
void
rule_mnemonic(const struct rule_hit * hit, const struct rule * rule)
{
	const struct rule_text * t = &hit->text;
	size_t at = hit->end, start, n, words = 0, end = 0;
	char c;

	(void)rule;
	while (at - hit->end < 24 && (c = rule_at(t, at)) != '\0' &&
	    strchr(" \t\"':=>(`\\\r\n", c) != NULL)
		at++;
	if (at == hit->end || rule_in_mask(t, hit->start))
		return;
	for (start = at; words < 25 && (n = seed_word(t, at)) != 0; words++) {
		end = at + n;
		if (rule_at(t, end) != ' ')
			break;
		at = end + 1;
	}
	words += words < 25 && end != 0 && rule_at(t, end) != ' ';
	c = rule_at(t, end);
	if (words < 12 || words > 24 || words % 3 != 0 ||
	    (c != '\0' && strchr("\"'`\\\r\n<,;)", c) == NULL))
		return;
	rule_add(hit, start, end);
}

/* Private-Lines: 8, and the lines that follow: a key of PuTTY's. */
void
rule_putty(const struct rule_hit * hit, const struct rule * rule)
{
	const struct rule_text * t = &hit->text;
	size_t n = rule_run(t, hit->end, 'd', 4), at = hit->end + n, end = 0;
	unsigned lines;

	(void)rule;
	if (n == 0 || n > 4)
		return;
	at += rule_at(t, at) == '\r';
	if (rule_at(t, at) != '\n')
		return;
	n = ++at;
	for (lines = 0; lines < LINES_MAX; lines++) {
		size_t len = rule_run(t, at, 'b', 128);

		if (len == 0 || len > 128)
			break;
		len += at;
		at = len + (rule_at(t, len) == '\r');
		if (rule_at(t, at) != '\n' && rule_at(t, at) != '\0')
			break;
		end = len;
		at++;
	}
	if (end > n + 16)
		rule_add(hit, n, end);
}
