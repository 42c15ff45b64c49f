#include <string.h>

#include "core/redact/rule_internal.h"

#define KEY_BEFORE	((size_t)48)
#define KEY_BEHIND	((size_t)40)

static bool
has_digit(const struct rule_text * t, const struct rule_value * v)
{
	size_t i;

	for (i = v->start; i < v->end; i++) {
		if (rule_class('d', t->p[i]))
			return (true);
	}
	return (false);
}

/* password "x" on a line of its own, #define KEY "x", (setq key "x"). */
static bool
stands_alone(const struct rule_text * t, size_t start, enum rule_kind kind,
    const struct rule_value * v)
{
	static const char * const words[] = { "#define ", "setq ", "set ",
	    "set -x ", "set -gx ", "def ", "defconst " };
	size_t i, n;

	for (i = 0; i < COUNTOF(words); i++) {
		n = strlen(words[i]);
		/* Names that a library gives to the names of algorithms. */
		if (start >= n && rule_is(t, start - n, words[i]))
			return (i > 0 || (kind != RULE_MADE && has_digit(t,
			    v)));
	}
	if (start > 1 && t->p[start - 1] == ':' && t->p[start - 2] != ':')
		return (true);
	for (i = start; i > 0 && start - i < RULE_BEHIND / 2; i--) {
		if (t->p[i - 1] != ' ' && t->p[i - 1] != '\t')
			return (t->p[i - 1] == '\n');
	}
	return (i == 0);
}

/* What looks made by a machine, and is no sum. */
static bool
certain(enum rule_kind kind, const char * p, size_t len, unsigned floor)
{

	return (kind == RULE_TOKEN && len >= 20 && rule_mixed(p, len) &&
	    !rule_hashlike(p, len) && rule_entropy(p, len) >= floor);
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
	    rule_on_line(&hit->text, start, "setx ", 6) ||
	    rule_on_line(&hit->text, start, "set -", 9))
		return (kind != RULE_WEAK);
	if (v->quoted && kind != RULE_WEAK && stands_alone(&hit->text, start,
	    kind, v))
		return (true);
	if (rule_on_line(&hit->text, hit->end, "requirepass", 12) ||
	    (v->quoted && rule_on_line(&hit->text, start, "WITH ", 16)))
		return (kind == RULE_PASSWORD);
	if (kind == RULE_PASSWORD && (rule_on_line(&hit->text, start,
	    "login ", 64) || rule_on_line(&hit->text, start, "machine ",
	    64)))
		return (true);
	return (certain(kind, p, len, 36));
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
	if (v->op == '|' || v->op == 'c')
		return (certain(kind, p, len, 32) || (v->op == '|' &&
		    v->quoted && kind == RULE_TOKEN && len >= 16));
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

	return (c != '\0' && strchr(" \t\r\n\"'`\\])%&=:>,?+|!-<[*", c) !=
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

	if (v->op == 'i' || v->op == '-' || v->op == '|' || v->op == 'c')
		return (false);
	if (rule_password_sign(p, len))
		return (true);
	if (!rule_password_word(p, len))
		return (false);
	if (rule_password_year(p, len) && (v->op == ' ' || next == '\0' ||
	    next == '\n' || next == '\r' || v->start == end + 1))
		return (true);
	if (v->quoted)
		return (true);
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

	(void)rule;
	/* An anchor may hold the operator, or a blank. */
	tail = hit->end - !rule_class('p', t->p[hit->end - 1]);
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
