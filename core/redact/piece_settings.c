#include <ctype.h>
#include <string.h>

#include "core/redact/keyname_internal.h"
#include "core/redact/piece_internal.h"

/* What a line is. */
enum line_kind {
	LINE_NEUTRAL,		/* Blank, a comment, [section], ---, KEY: */
	LINE_ITEM,		/* - VALUE */
	LINE_SETS,		/* KEY=VALUE and its like. */
	LINE_BLOCK,		/* KEY: | and what is indented below it. */
	LINE_ODD
};

struct line {
	enum line_kind kind;
	const uint8_t * p;	/* Trimmed... */
	size_t len;
	size_t indent;		/* ...of so much. */
	size_t key, key_len;
	size_t value;		/* Where it begins. */
	char sign;
};

struct reader {
	const uint8_t * p;
	size_t len, at;
	bool block;		/* Below KEY: | ... */
	size_t block_indent;	/* ...which is indented so. */
	bool nested;		/* KEY: was there. */
};

static bool
begins(const uint8_t * p, size_t len, const char * word)
{
	size_t n = strlen(word);

	return (len >= n && strncmp((const char *)p, word, n) == 0);
}

/* The end of the key at ${at}, quotes and all, or ${at}. */
static size_t
key_end(struct line * l, size_t at)
{
	size_t i = at;
	uint8_t quote = 0;

	if (i < l->len && (l->p[i] == '"' || l->p[i] == '\''))
		quote = l->p[i++];
	l->key = i;
	if (i >= l->len || !(isalpha(l->p[i]) || l->p[i] == '_'))
		return (at);
	while (i < l->len && (isalnum(l->p[i]) || (l->p[i] != '\0' &&
	    strchr("_.-", l->p[i]) != NULL)))
		i++;
	l->key_len = i - l->key;
	if (quote != 0) {
		if (i == l->len || l->p[i] != quote)
			return (at);
		i++;
	}
	return (i);
}

static void
judge_value(struct line * l)
{
	const uint8_t * p = &l->p[l->value];
	size_t len = l->len - l->value;

	l->kind = LINE_SETS;
	if (l->sign != ':')
		return;
	if (len == 0)
		l->kind = LINE_NEUTRAL;
	else if (len <= 2 && (p[0] == '|' || p[0] == '>'))
		l->kind = LINE_BLOCK;
}

/* [export ]KEY=VALUE, KEY = VALUE, KEY: VALUE, - KEY: VALUE, - VALUE */
static void
judge_setting(struct line * l, bool nested)
{
	size_t start = 0, i;
	bool item = begins(l->p, l->len, "- ");

	if (item)
		start = 2;
	else if (begins(l->p, l->len, "export "))
		start = strlen("export ");
	while (start < l->len && l->p[start] == ' ')
		start++;
	i = key_end(l, start);
	l->kind = item && nested ? LINE_ITEM : LINE_ODD;
	l->value = start;
	if (i == start)
		return;
	while (i < l->len && (l->p[i] == ' ' || l->p[i] == '\t'))
		i++;
	if (i == l->len || (l->p[i] != '=' && l->p[i] != ':'))
		return;
	if (l->p[i] == ':' && i + 1 < l->len && l->p[i + 1] != ' ' &&
	    l->p[i + 1] != '\t')
		return;
	l->sign = (char)l->p[i++];
	while (i < l->len && (l->p[i] == ' ' || l->p[i] == '\t'))
		i++;
	l->value = i;
	judge_value(l);
}

static bool
next(struct reader * r, struct line * l)
{
	const uint8_t * line;
	size_t len;

	if (!piece_line(r->p, r->len, &r->at, &line, &len))
		return (false);
	*l = (struct line){ .p = line, .len = len };
	piece_trim(&l->p, &l->len);
	l->indent = (size_t)(l->p - line);
	if (l->len == 0)
		return (true);
	if (r->block && l->indent > r->block_indent) {
		l->kind = LINE_BLOCK;
		return (true);
	}
	r->block = false;
	if (strchr("#;", l->p[0]) != NULL || (l->p[0] == '[' &&
	    l->p[l->len - 1] == ']') || (l->len == 3 &&
	    (begins(l->p, 3, "---") || begins(l->p, 3, "..."))))
		return (true);
	judge_setting(l, r->nested);
	if (l->kind == LINE_BLOCK) {
		r->block = true;
		r->block_indent = l->indent;
		l->kind = LINE_NEUTRAL;
	}
	r->nested = r->nested || (l->kind == LINE_NEUTRAL && l->sign == ':');
	return (true);
}

/* In one line out of five anything may stand. */
static bool
is_settings(const uint8_t * p, size_t len)
{
	struct reader r = { .p = p, .len = len };
	struct line l;
	size_t sets = 0, odd = 0;

	while (next(&r, &l)) {
		sets += l.kind == LINE_SETS;
		odd += l.kind == LINE_ODD;
	}
	return (sets > 0 && odd * 4 <= sets);
}

/* '' within single quotes is one. */
static void
add_single(struct pieces * out, const uint8_t * p, size_t len, unsigned depth)
{
	uint8_t * to;
	size_t i, n = 0;

	for (i = 1; i < len && !(p[i] == '\'' && p[i - 1] == '\''); i++)
		;
	if (i >= len || (to = piece_room(out, len)) == NULL)
		return;
	for (i = 0; i < len; i++) {
		to[n++] = p[i];
		if (p[i] == '\'' && i + 1 < len && p[i + 1] == '\'')
			i++;
	}
	piece_leaf(out, to, n, depth);
}

/* The length of the value in quotes at ${p} without them; 0: none is there. */
static size_t
quoted_length(const uint8_t * p, size_t len)
{
	size_t i, end;

	if (len < 2 || (p[0] != '"' && p[0] != '\''))
		return (0);
	for (i = 1; i < len; i++) {
		/* "\"" and '''' */
		if (p[0] == '"' ? p[i] == '\\' : p[i] == '\'' &&
		    i + 1 < len && p[i + 1] == '\'')
			i++;
		else if (p[i] == p[0])
			break;
	}
	if (i >= len)
		return (0);
	for (end = i + 1; end < len && (p[end] == ' ' || p[end] == ',' ||
	    p[end] == '\t'); end++)
		;
	return (end == len || p[end] == '#' || p[end] == ';' ? i - 1 : 0);
}

/* A value as it stands, without its quotes, without a comment behind it. */
static void
add_value(struct pieces * out, const uint8_t * p, size_t len, unsigned depth)
{
	size_t i, n = quoted_length(p, len);
	const uint8_t * bare;

	if (n != 0) {
		piece_leaf(out, &p[1], n, depth);
		if (p[0] == '"' && memchr(&p[1], '\\', n) != NULL)
			piece_unescape(out, &p[1], n, depth);
		else if (p[0] == '\'')
			add_single(out, &p[1], n, depth);
		return;
	}
	piece_leaf(out, p, len, depth);
	for (i = 1; i < len; i++) {
		if (p[i] == '#' && (p[i - 1] == ' ' || p[i - 1] == '\t')) {
			bare = p;
			len = i;
			piece_trim(&bare, &len);
			piece_leaf(out, bare, len, depth);
			return;
		}
	}
}

/*
 * A line whose value is long enough is known by it, so that a mask leaves
 * KEY= in place; a line with a shorter value is known as a whole, unless it
 * is one that many texts have (port: 5432).
 */
static void
add_setting(struct pieces * out, const struct line * l, unsigned depth)
{
	size_t n = out->n, len = l->len - l->value;

	add_value(out, &l->p[l->value], len, depth);
	if (out->n != n || len >= REDACT_FORM_MIN)
		return;
	if (l->sign == '=' || keyname_says((const char *)&l->p[l->key],
	    l->key_len) != KEYNAME_NONE)
		piece_add(out, REDACT_LINE, l->p, l->len);
}

/** piece_settings: lines KEY=VALUE, KEY = VALUE, KEY: VALUE, [section]. */
bool
piece_settings(struct pieces * out, const uint8_t * p, size_t len,
    unsigned depth)
{
	struct reader r = { .p = p, .len = len };
	struct line l;

	if (!is_settings(p, len))
		return (false);
	while (!out->too_many && next(&r, &l)) {
		if (l.kind == LINE_SETS)
			add_setting(out, &l, depth);
		else if (l.kind == LINE_ITEM)
			add_value(out, l.p + l.value, l.len - l.value, depth);
		else if ((l.kind == LINE_ODD || l.kind == LINE_BLOCK) &&
		    !piece_is_ornament(l.p, l.len))
			piece_add(out, REDACT_LINE, l.p, l.len);
	}
	return (true);
}
