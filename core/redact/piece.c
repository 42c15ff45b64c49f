#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/secbuf_bytes.h"
#include "core/redact/piece_internal.h"

static bool
is_blank(uint8_t c)
{

	return (c == ' ' || c == '\t' || c == '\r');
}

/** piece_trim(p, len): without blanks at both ends. */
void
piece_trim(const uint8_t ** p, size_t * len)
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
bool
piece_is_ornament(const uint8_t * p, size_t len)
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

/** piece_add(out, kind, p, len): a piece, if it is long enough and new. */
void
piece_add(struct pieces * out, enum redact_kind kind, const uint8_t * p,
    size_t len)
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

/** piece_line(p, len, at, line, line_len): the next line, not trimmed. */
bool
piece_line(const uint8_t * p, size_t len, size_t * at, const uint8_t ** line,
    size_t * line_len)
{
	const uint8_t * end;

	if (*at >= len)
		return (false);
	*line = &p[*at];
	end = memchr(*line, '\n', len - *at);
	*line_len = end == NULL ? len - *at : (size_t)(end - *line);
	*at += *line_len + 1;
	return (true);
}

static void
add_lines(struct pieces * out, const uint8_t * p, size_t len)
{
	const uint8_t * line;
	size_t line_len, at = 0;

	while (!out->too_many && piece_line(p, len, &at, &line, &line_len)) {
		piece_trim(&line, &line_len);
		if (!piece_is_ornament(line, line_len))
			piece_add(out, REDACT_LINE, line, line_len);
	}
}

/* What is in a value of a shape; false if it has none. */
static bool
add_shape(struct pieces * out, const uint8_t * p, size_t len, unsigned depth)
{

	if (depth >= PIECE_DEPTH || len < REDACT_FORM_MIN)
		return (false);
	/* A BOM is no part of what it stands before. */
	if (starts_with(p, len, "\xef\xbb\xbf")) {
		p += 3;
		len -= 3;
	}
	return (piece_json(out, p, len, depth + 1) ||
	    piece_xml(out, p, len, depth + 1) ||
	    piece_login(out, p, len, depth + 1) ||
	    (memchr(p, '\n', len) != NULL &&
	    piece_settings(out, p, len, depth + 1)));
}

/** piece_leaf(out, p, len, depth): a leaf, its lines, and what is in it. */
void
piece_leaf(struct pieces * out, const uint8_t * p, size_t len, unsigned depth)
{

	piece_add(out, REDACT_LEAF, p, len);
	if (!add_shape(out, p, len, depth) && memchr(p, '\n', len) != NULL)
		add_lines(out, p, len);
}

/** piece_room(out, len): room for ${len} bytes, or NULL (then too_many). */
uint8_t *
piece_room(struct pieces * out, size_t len)
{
	size_t used = secbuf_len(out->scratch);

	if (len > secbuf_cap(out->scratch) - used) {
		out->too_many = true;
		return (NULL);
	}
	secbuf_set_len(out->scratch, used + len);
	return (secbuf_writable(out->scratch) + used);
}

/** piece_give(out, len): the last ${len} bytes of room are not needed. */
void
piece_give(struct pieces * out, size_t len)
{

	secbuf_set_len(out->scratch, secbuf_len(out->scratch) - len);
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
	/* What is spelled otherwise is never longer; shapes hold shapes. */
	err = secbuf_new(len > SECBUF_MAX / 4 ? SECBUF_MAX : 4 * len,
	    &out->scratch);
	if (err == SR_E_LIMIT_EXCEEDED)
		err = SR_E_SECRET_VALUE_INVALID;
	if (err != SR_OK)
		goto err;
	piece_add(out, REDACT_RAW, p, len);
	/* What is a line of JSON is a leaf and what must stay: the syntax. */
	if (!add_shape(out, p, len, 0) && !piece_settings(out, p, len, 1))
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

	secbuf_free(&p->scratch);
	free(p->v);
	*p = (struct pieces){ .n = 0 };
}
