#include <string.h>

#include "core/redact/rule_internal.h"

/* What ends a key: quotes, escaped or not, and brackets. */
static size_t
skip_closers(const struct rule_text * t, size_t at, bool * quoted)
{
	size_t i;
	char c;

	for (i = at; i - at < 12; i++) {
		c = rule_at(t, i);
		if (c == '"' || c == '\'' || c == '`')
			*quoted = true;
		else if (c != '\\' && c != ']' && c != ')')
			break;
	}
	if (i == at && rule_is(t, i, "%22"))
		return (i + 3);
	if (i == at && rule_is(t, i, "&quot;"))
		return (i + 6);
	return (i);
}

/* A type between a name and its "=": Go, Rust, Kotlin, TypeScript, Python. */
static size_t
skip_type(const struct rule_text * t, size_t at)
{
	size_t i = at, n;
	char c;

	while (i - at < 24) {
		c = rule_at(t, i);
		if (!rule_class('L', c) && (c == '\0' ||
		    strchr("&'?[]<>| ._*", c) == NULL))
			break;
		i++;
	}
	n = i;
	while (n > at && rule_at(t, n - 1) == ' ')
		n--;
	return (rule_at(t, i) == '=' && n > at ? i : at);
}

/* name/value pairs: "name": "TOKEN", "value": "…" and its like. */
static bool
value_member(const struct rule_text * t, size_t at, struct rule_value * v)
{
	size_t i = rule_blanks(t, at, true);
	bool quoted = false;

	if (rule_at(t, i) == '/' && rule_at(t, i + 1) == '>')
		i = rule_blanks(t, i + 2, true);
	if (rule_at(t, i) == ',' || rule_at(t, i) == '<')
		i = rule_blanks(t, i + 1, true);
	i = skip_closers(t, i, &quoted);
	if (!rule_is(t, i, "value") && !rule_is(t, i, "<value"))
		return (false);
	i += rule_at(t, i) == '<' ? 6 : 5;
	i = rule_blanks(t, skip_closers(t, i, &quoted), false);
	if (rule_at(t, i) != ':' && rule_at(t, i) != '=' &&
	    rule_at(t, i) != '>')
		return (false);
	v->op = 'v';
	return (rule_value_at(t, rule_blanks(t, i + 1, false), v));
}

/* Behind the operator: blanks, and the line end of YAML's blocks. */
static bool
value_behind(const struct rule_text * t, size_t at, struct rule_value * v)
{
	size_t i = rule_blanks(t, at, v->op == '>'), n;
	char c = rule_at(t, i);

	if (v->op == ':' && (c == '|' || c == '>')) {
		n = i + 1;
		if (rule_at(t, n) == '-' || rule_at(t, n) == '+')
			n++;
		if (rule_at(t, n) == '\n')
			i = rule_blanks(t, n, true);
	} else if (c == '[' && !rule_mask(t, i)) {
		i = rule_blanks(t, i + 1, false);
	} else if (c == '(' && (rule_at(t, i + 1) == '"' ||
	    rule_at(t, i + 1) == '\'')) {
		i++;
	}
	return (rule_value_at(t, i, v));
}

static size_t
skip_equals(const struct rule_text * t, size_t i, char * op)
{

	*op = '=';
	i++;
	if (rule_at(t, i) == '>')
		return (i + 1);
	while (rule_at(t, i) == '=')
		i++;
	return (i);
}

static size_t
skip_colons(const struct rule_text * t, size_t i, char * op)
{
	size_t n, k;

	*op = ':';
	for (n = 0; n < 3 && rule_at(t, i) == ':'; n++)
		i++;
	if (rule_at(t, i) == '=')
		return (i + 1);
	if (n > 1)
		return (0);
	k = rule_blanks(t, i, false);
	n = skip_type(t, k);
	if (n != k)
		return (skip_equals(t, n, op));
	return (i);
}

/* ?=, +=, .=, ||=, !=, and the URL's %3D, %3A. */
static size_t
skip_others(const struct rule_text * t, size_t i, char * op)
{
	char c = rule_at(t, i);
	size_t n = i;

	*op = '=';
	if (rule_is(t, i, "%3d") || rule_is(t, i, "%3a"))
		return (i + 3);
	if (c == '\0' || strchr("?+.|!", c) == NULL)
		return (0);
	n++;
	if (rule_at(t, n) == c)
		n++;
	return (rule_at(t, n) == '=' ? skip_equals(t, n, op) : 0);
}

static size_t
skip_words(const struct rule_text * t, size_t i, char * op)
{

	if (rule_is(t, i, "is ") || rule_is(t, i, "is: ")) {
		*op = 'i';
		return (i + (rule_at(t, i + 2) == ':' ? 4 : 3));
	}
	/* (credentials) -> Auth: is a type. */
	if (rule_at(t, i) == '-' && rule_at(t, i + 1) == '>' &&
	    !(t->p[i - 1] == ')' || (i > 1 && t->p[i - 2] == ')'))) {
		*op = '=';
		return (i + 2);
	}
	if (rule_at(t, i) == '-' && rule_at(t, i + 1) == ' ') {
		*op = '-';
		return (i + 2);
	}
	*op = ' ';
	return (i);
}

/** rule_operator(t, start, end, v): the value of the key at [start, end). */
bool
rule_operator(const struct rule_text * t, size_t start, size_t end,
    struct rule_value * v)
{
	bool quoted = false;
	size_t i, n;
	char c;

	*v = (struct rule_value){ .op = '\0' };
	end = skip_closers(t, end, &quoted);
	i = rule_blanks(t, end, false);
	/* Behind the name of an element stand attributes, no type. */
	n = start > 0 && t->p[start - 1] == '<' ? i : skip_type(t, i);
	/* var x string = ""; in "key id=1" it is another key. */
	if (n != i && n > end && i > end && t->p[n - 1] == ' ')
		i = n;
	c = rule_at(t, i);
	if (c == '=') {
		n = skip_equals(t, i, &v->op);
	} else if (c == ':') {
		n = skip_colons(t, i, &v->op);
	} else if (c == '>' && start > 0 && (t->p[start - 1] == '<' ||
	    t->p[start - 1] == ':')) {
		v->op = '>';
		n = i + 1;
	} else if (value_member(t, end, v)) {
		return (true);
	} else if (c == ',' && quoted) {
		v->op = ',';
		n = i + 1;
	} else {
		n = skip_others(t, i, &v->op);
		if (n == 0 && i > end)
			n = skip_words(t, i, &v->op);
	}
	if (n == 0 || !value_behind(t, n, v))
		return (false);
	/* Compared in code: with a name. */
	if (c == '!' && !v->quoted)
		return (false);
	return (v->quoted || (v->op != ',' && v->op != '-'));
}

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
		if (quoted_value(t, at + k + 1, k, c, v, &masked))
			return (v->end > v->start);
		return (!masked && bare_value(t, at + k + 1, v));
	}
	return (k == 0 && bare_value(t, at, v));
}
