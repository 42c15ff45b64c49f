#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/secbuf_bytes.h"
#include "core/redact/piece_internal.h"

static bool
is_blank(uint8_t c)
{

	return (c == ' ' || c == '\t' || c == '\r');
}

static void
trim(const uint8_t ** p, size_t * len)
{

	while (*len > 0 && is_blank((*p)[*len - 1]))
		(*len)--;
	for (; *len > 0 && is_blank(**p); (*p)++)
		(*len)--;
}

static bool
starts_with(const uint8_t * p, size_t len, const char * prefix)
{
	size_t n = strlen(prefix);

	return (len >= n && strncmp((const char *)p, prefix, n) == 0);
}

/*
 * Lines that tell nothing and stand in many texts: the armour of PEM, and
 * rules of dashes and the like.
 */
static bool
is_ornament(const uint8_t * p, size_t len)
{
	size_t i;

	if (starts_with(p, len, "-----BEGIN ") ||
	    starts_with(p, len, "-----END "))
		return (starts_with(&p[len - 5], 5, "-----"));
	for (i = 0; i < len; i++) {
		if (isalnum(p[i]) || p[i] >= 0x80)
			return (false);
	}
	return (true);
}

static void
add(struct pieces * out, enum redact_kind kind, const uint8_t * p, size_t len)
{
	size_t i;

	if (len < REDACT_FORM_MIN)
		return;
	for (i = 0; i < out->n; i++) {
		if (out->v[i].len == len && memcmp(out->v[i].p, p, len) == 0)
			return;
	}
	if (out->n == PIECES_MAX) {
		out->too_many = true;
		return;
	}
	out->v[out->n++] = (struct piece){ .kind = kind, .p = p, .len = len };
}

/* The next line of ${p} from ${*at} on, trimmed. */
static bool
next_line(const uint8_t * p, size_t len, size_t * at, const uint8_t ** line,
    size_t * line_len)
{
	const uint8_t * end;

	if (*at >= len)
		return (false);
	*line = &p[*at];
	end = memchr(*line, '\n', len - *at);
	*line_len = end == NULL ? len - *at : (size_t)(end - *line);
	*at += *line_len + 1;
	trim(line, line_len);
	return (true);
}

static void
add_lines(struct pieces * out, const uint8_t * p, size_t len)
{
	const uint8_t * line;
	size_t line_len, at = 0;

	while (!out->too_many && next_line(p, len, &at, &line, &line_len)) {
		if (!is_ornament(line, line_len))
			add(out, REDACT_LINE, line, line_len);
	}
}

/* A leaf, and its lines when it has several (a key inside of JSON). */
static void
add_leaf(struct pieces * out, const uint8_t * p, size_t len)
{

	add(out, REDACT_LEAF, p, len);
	if (memchr(p, '\n', len) != NULL)
		add_lines(out, p, len);
}

/*
 * Room for a leaf that is not spelled so in the value. It is never longer
 * than its spelling there, so the scratch is as large as the value.
 */
static uint8_t *
scratch(struct pieces * out, size_t len)
{
	size_t used = secbuf_len(out->scratch);

	must(len <= secbuf_cap(out->scratch) - used);
	secbuf_set_len(out->scratch, used + len);
	return (secbuf_writable(out->scratch) + used);
}

static void
add_integer(struct pieces * out, json_int_t n)
{
	char text[32];
	int len;
	uint8_t * p;

	len = snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT, n);
	must(len > 0 && (size_t)len < sizeof(text));
	if (len >= REDACT_FORM_MIN) {
		p = scratch(out, (size_t)len);
		memcpy(p, text, (size_t)len);
		add(out, REDACT_LEAF, p, (size_t)len);
	}
	explicit_bzero(text, sizeof(text));
}

/* jansson refuses deeper nesting than 2048, which bounds the recursion. */
static void
add_json(struct pieces * out, json_t * node)
{
	const char * key;
	json_t * child;
	size_t i;

	if (json_is_object(node)) {
		json_object_foreach(node, key, child)
			add_json(out, child);
	} else if (json_is_array(node)) {
		json_array_foreach(node, i, child)
			add_json(out, child);
	} else if (json_is_string(node)) {
		add_leaf(out, (const uint8_t *)json_string_value(node),
		    json_string_length(node));
	} else if (json_is_integer(node)) {
		add_integer(out, json_integer_value(node));
	}
}

/* Whether a line has the shape [export ]KEY=VALUE; where VALUE begins. */
static bool
env_value(const uint8_t * line, size_t len, size_t * at)
{
	size_t i = 0;

	if (starts_with(line, len, "export "))
		i = strlen("export ");
	if (i >= len || !(isalpha(line[i]) || line[i] == '_'))
		return (false);
	while (i < len && (isalnum(line[i]) || line[i] == '_' ||
	    line[i] == '.'))
		i++;
	*at = i + 1;
	return (i < len && line[i] == '=');
}

static bool
is_env(const uint8_t * p, size_t len)
{
	const uint8_t * line;
	size_t line_len, value, at = 0;
	bool any = false;

	while (next_line(p, len, &at, &line, &line_len)) {
		if (line_len == 0 || line[0] == '#')
			continue;
		if (!env_value(line, line_len, &value))
			return (false);
		any = true;
	}
	return (any);
}

/* A value in double quotes that has escapes, undone as a shell would. */
static void
add_unescaped(struct pieces * out, const uint8_t * p, size_t len)
{
	uint8_t * to = scratch(out, len);
	size_t i, n = 0;

	for (i = 0; i < len; i++) {
		if (p[i] != '\\' || i + 1 == len) {
			to[n++] = p[i];
			continue;
		}
		i++;
		to[n++] = p[i] == 'n' ? '\n' : p[i] == 'r' ? '\r' :
		    p[i] == 't' ? '\t' : p[i];
	}
	add_leaf(out, to, n);
}

/* The value of one .env line, as it stands and without its quotes. */
static void
add_env_value(struct pieces * out, const uint8_t * p, size_t len)
{
	const uint8_t * comment;
	size_t i;

	trim(&p, &len);
	if (len >= 2 && (p[0] == '"' || p[0] == '\'') && p[len - 1] == p[0]) {
		add_leaf(out, &p[1], len - 2);
		if (p[0] == '"' && memchr(p, '\\', len) != NULL)
			add_unescaped(out, &p[1], len - 2);
		return;
	}
	add_leaf(out, p, len);
	for (i = 1; i < len; i++) {
		comment = &p[i];
		if (*comment == '#' && is_blank(p[i - 1])) {
			len = i;
			trim(&p, &len);
			add(out, REDACT_LEAF, p, len);
			return;
		}
	}
}

/*
 * A line whose value is long enough is known by it, so that a mask leaves
 * KEY= in place; a line with a shorter value is known as a whole.
 */
static void
add_env(struct pieces * out, const uint8_t * p, size_t len)
{
	const uint8_t * line;
	size_t line_len, value, n, at = 0;

	while (!out->too_many && next_line(p, len, &at, &line, &line_len)) {
		if (line_len == 0 || line[0] == '#')
			continue;
		if (!env_value(line, line_len, &value))
			continue;
		n = out->n;
		add_env_value(out, &line[value], line_len - value);
		if (out->n == n && line_len - value < REDACT_FORM_MIN)
			add(out, REDACT_LINE, line, line_len);
	}
}

static bool
parse_json(struct pieces * out, const uint8_t * p, size_t len)
{
	const uint8_t * start = p;
	size_t left = len;
	const size_t flags = JSON_ALLOW_NUL;

	for (; left > 0 && isspace(*start); left--)
		start++;
	if (left == 0 || (*start != '{' && *start != '['))
		return (false);
	out->json = json_loadb((const char *)p, len, flags, NULL);
	/* Integers too large for jansson must not hide the strings. */
	if (out->json == NULL)
		out->json = json_loadb((const char *)p, len,
		    flags | JSON_DECODE_INT_AS_REAL, NULL);
	return (out->json != NULL);
}

/** pieces_of(value, out): find the pieces of ${value}. */
enum sr_error
pieces_of(const struct secbuf * value, struct pieces * out)
{
	const uint8_t * p = secbuf_bytes(value);
	size_t len = secbuf_len(value);
	enum sr_error err;

	*out = (struct pieces){ .n = 0 };
	if ((out->v = calloc(PIECES_MAX, sizeof(*out->v))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	if ((err = secbuf_new(len, &out->scratch)) != SR_OK)
		goto err;
	add(out, REDACT_RAW, p, len);
	/* What is a line of JSON is a leaf and what must stay: the syntax. */
	if (parse_json(out, p, len))
		add_json(out, out->json);
	else if (is_env(p, len))
		add_env(out, p, len);
	else
		add_lines(out, p, len);
	err = SR_E_SECRET_VALUE_INVALID;
	if (out->too_many)
		goto err;
	return (SR_OK);

err:
	pieces_free(out);
	return (err);
}

/** pieces_free(p): release. */
void
pieces_free(struct pieces * p)
{

	json_decref(p->json);
	secbuf_free(&p->scratch);
	free(p->v);
	*p = (struct pieces){ .n = 0 };
}
