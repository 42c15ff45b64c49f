#include <string.h>

#include "core/redact/rule_internal.h"

/*
 * A value in quotes with ${k} backslashes before them; false if it is open or
 * holds a mask: what was left around a mask was judged when it was made.
 */
static bool
quoted_value(const struct rule_text * t, size_t at, size_t k, char quote,
    struct rule_value * v, bool * masked)
{
	size_t i, n;
	char c;

	for (i = at; i - at < VIEW_RULE_MAX; i++) {
		c = rule_at(t, i);
		*masked = c == '[' && rule_mask(t, i);
		if (c == '\0' || c == '\n' || c == '\r' || *masked)
			return (false);
		if (c == quote && k == 0)
			break;
		if (c != '\\')
			continue;
		for (n = 0; rule_at(t, i + n) == '\\'; n++)
			;
		if (n == k && rule_at(t, i + n) == quote)
			break;
		i += n - (n > 0 && k != 0 ? 1 : 0);
	}
	*v = (struct rule_value){ .start = at, .end = i, .quoted = true,
	    .op = v->op };
	return (true);
}

/* ${NAME:value}, ${NAME:-value}: past what is before a default, or ${at}. */
static size_t
skip_default(const struct rule_text * t, size_t at)
{
	size_t n;
	char c;

	if (rule_at(t, at) != '$' || rule_at(t, at + 1) != '{')
		return (at);
	n = rule_run(t, at + 2, 'p', 64);
	if (n == 0 || n > 64 || rule_at(t, at + 2 + n) != ':')
		return (at);
	n += at + 3;
	c = rule_at(t, n);
	if (c == '?' || c == '+')
		return (at);
	return (c == '-' || c == '=' ? n + 1 : n);
}

/* What ends a value in the escapes of a URL. */
static size_t
cut_escapes(const struct rule_text * t, size_t at, size_t n)
{
	size_t i;

	for (i = at; i + 2 < at + n && i - at < 512; i++) {
		if (t->p[i] == '%' && (rule_is(t, i, "%22") ||
		    rule_is(t, i, "%26") || rule_is(t, i, "%0a") ||
		    rule_is(t, i, "%27")))
			return (i - at);
	}
	return (n);
}

static bool
bare_value(const struct rule_text * t, size_t at, struct rule_value * v)
{
	size_t n = rule_run(t, at, 'v', SIZE_MAX - 1);
	char next = rule_at(t, at + n);

	if (n == 0 || next == '(' || next == '[')
		return (false);
	/* 12|token: the number of a row and what it holds. */
	if (next == '|' && n <= 8 && rule_run(t, at, 'd', 9) == n &&
	    rule_run(t, at + n + 1, 'a', 64) >= 24)
		n += 1 + rule_run(t, at + n + 1, 'a', 64);
	n = cut_escapes(t, at, n);
	while (n > 0 && strchr(".:?", t->p[at + n - 1]) != NULL)
		n--;
	*v = (struct rule_value){ .start = at, .end = at + n, .op = v->op };
	return (n != 0);
}

/** rule_value_at(t, at, v): a value, quoted or bare, that begins at ${at}. */
bool
rule_value_at(const struct rule_text * t, size_t at, struct rule_value * v)
{
	char c = rule_at(t, at), next = rule_at(t, at + 1);
	bool masked = false;
	size_t k = 0;

	/* Prefixes of strings: b"", r"", f"", u"", @"". */
	if (c != '\0' && strchr("bBrRfFuUL@$", c) != NULL &&
	    (next == '"' || next == '\''))
		at++;
	if (rule_is(t, at, "%22"))
		return (bare_value(t, at + 3, v));
	if (rule_is(t, at, "&quot;"))
		return (bare_value(t, at + 6, v));
	while (k < 8 && rule_at(t, at + k) == '\\')
		k++;
	c = rule_at(t, at + k);
	if (c == '"' || c == '\'' || c == '`') {
		if (k == 0 && rule_at(t, at + 1) == c &&
		    rule_at(t, at + 2) == c)
			return (quoted_value(t, at + 3, 0, c, v, &masked));
		if (quoted_value(t, at + k + 1, k, c, v, &masked)) {
			at = skip_default(t, v->start);
			if (at < v->end && at != v->start &&
			    t->p[v->end - 1] == '}') {
				v->start = at;
				v->end--;
			}
			return (v->end > v->start);
		}
		return (!masked && bare_value(t, at + k + 1, v));
	}
	return (k == 0 && bare_value(t, skip_default(t, at), v));
}
