#include <string.h>

#include "core/redact/rule_internal.h"

/* char key[] = and char key[SIZE] =: where the bracket closes, or 0. */
static size_t
dimension(const struct rule_text * t, size_t at)
{
	size_t n = rule_run(t, at + 1, 'w', 24);

	return (n <= 24 && rule_at(t, at + 1 + n) == ']' ? at + 1 + n : 0);
}

/* What ends a key: quotes, escaped or not, brackets, Markdown's stars. */
static size_t
skip_closers(const struct rule_text * t, size_t at, bool * quoted)
{
	size_t i, n;
	char c;

	for (i = at; i - at < 12; i++) {
		c = rule_at(t, i);
		if (c == '"' || c == '\'' || c == '`')
			*quoted = true;
		else if (c == '[' && i == at && (n = dimension(t, i)) != 0)
			i = n;
		else if (c == '*' && i == at && rule_at(t, i + 1) == '*')
			i++;
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

/* <key>NAME</key><string>: behind the element that holds the value begins. */
static size_t
skip_element(const struct rule_text * t, size_t at)
{
	static const char * const begins[] = { "<string>", "<value>", "<td>",
	    "<param-value>", "<dd>" };
	size_t i, n;

	if (rule_at(t, at) != '<' || rule_at(t, at + 1) != '/')
		return (0);
	n = rule_run(t, at + 2, 's', 16);
	if (n > 16 || rule_at(t, at + 2 + n) != '>')
		return (0);
	n = rule_blanks(t, at + 3 + n, true);
	for (i = 0; i < COUNTOF(begins); i++) {
		if (rule_is(t, n, begins[i]))
			return (n + strlen(begins[i]));
	}
	return (0);
}

/* variable "NAME" { default = "…" }: the value of what is declared. */
static bool
declared(const struct rule_text * t, size_t at, struct rule_value * v)
{
	size_t i;
	char c;

	for (i = at + 1; i - at < 200; i++) {
		c = rule_at(t, i);
		if (c == '\0' || c == '{' || c == '}')
			return (false);
		if (c == 'd' && rule_is(t, i, "default ") &&
		    rule_at(t, i - 1) == ' ') {
			i = rule_blanks(t, i + 7, false);
			v->op = 'v';
			return (rule_at(t, i) == '=' && rule_value_at(t,
			    rule_blanks(t, i + 1, false), v) && v->quoted);
		}
	}
	return (false);
}

/* name/value pairs: "name": "TOKEN", "value": "…" and its like. */
static bool
value_member(const struct rule_text * t, size_t at, struct rule_value * v)
{
	size_t i = rule_blanks(t, at, true);
	bool quoted = false;
	size_t n = 5;

	if (rule_at(t, i) == '{')
		return (declared(t, i, v));
	if (rule_at(t, i) == '/' && rule_at(t, i + 1) == '>')
		i = rule_blanks(t, i + 2, true);
	if (rule_at(t, i) == ',' || rule_at(t, i) == '<')
		i = rule_blanks(t, i + 1, true);
	i = skip_closers(t, i, &quoted);
	if (rule_is(t, i, "content="))
		n = 7;
	else if (rule_is(t, i, "<value"))
		n = 6;
	else if (!rule_is(t, i, "value"))
		return (false);
	i += n;
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
	} else if (c == '*' && rule_is(t, i, "** ")) {
		i = rule_blanks(t, i + 2, false);
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

/* || "x", ?? "x", or "x": what is taken if there is none; R's <-. */
static size_t
skip_otherwise(const struct rule_text * t, size_t i)
{
	size_t n = i;
	char c;

	if (rule_is(t, i, "||") || rule_is(t, i, "??") || rule_is(t, i, "<-"))
		n = i + 2;
	else if (rule_is(t, i, "or "))
		n = i + 3;
	if (n == i)
		return (0);
	n = rule_blanks(t, n, true);
	c = rule_at(t, n);
	return (c == '"' || c == '\'' || c == '`' ? n : 0);
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
	if ((n = skip_otherwise(t, i)) != 0)
		return (n);
	n = i;
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
	/* A cell of Markdown's tables. */
	if (rule_at(t, i) == '|' && rule_at(t, i + 1) == ' ') {
		*op = '|';
		return (i + 2);
	}
	return (i);
}

/* Where the name of a value stands in an attribute: <string name="k">. */
static bool
in_attribute(const struct rule_text * t, size_t start)
{

	return (start > 5 && (t->p[start - 1] == '"' ||
	    t->p[start - 1] == '\'') && (rule_is(t, start - 6, "name=") ||
	    rule_is(t, start - 5, "key=")));
}

/* Whether nothing stands before ${start} on its line. */
static bool
begins_line(const struct rule_text * t, size_t start)
{

	return (start == 0 || t->p[start - 1] == '\n');
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
	    t->p[start - 1] == ':' || in_attribute(t, start))) {
		v->op = '>';
		n = i + 1;
	} else if (value_member(t, end, v)) {
		return (true);
	} else if (c == '<' && (n = skip_element(t, i)) != 0) {
		v->op = '>';
	} else if (c == ',' && (quoted || begins_line(t, start))) {
		v->op = quoted ? ',' : 'c';
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
