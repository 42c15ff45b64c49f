#include <ctype.h>
#include <string.h>

#include <nettle/base64.h>

#include "core/redact/keyname_internal.h"
#include "core/redact/piece_internal.h"

#define NAME_MAX_LEN	((size_t)64)

/* A leaf, and what its percent escapes say. */
static void
add_percent(struct pieces * out, const uint8_t * p, size_t len,
    unsigned depth)
{
	uint8_t * to;
	size_t i, n = 0;

	piece_leaf(out, p, len, depth);
	if (memchr(p, '%', len) == NULL || (to = piece_room(out, len)) == NULL)
		return;
	for (i = 0; i < len; i++) {
		if (p[i] == '%' && i + 2 < len && isxdigit(p[i + 1]) &&
		    isxdigit(p[i + 2])) {
			to[n++] = (uint8_t)(((isdigit(p[i + 1]) ? p[i + 1] :
			    p[i + 1] + 9) & 15) << 4 | ((isdigit(p[i + 2]) ?
			    p[i + 2] : p[i + 2] + 9) & 15));
			i += 2;
		} else {
			to[n++] = p[i];
		}
	}
	piece_leaf(out, to, n, depth);
}

/* NAME=VALUE whose name says that the value is secret. */
static bool
add_pair(struct pieces * out, const uint8_t * p, size_t len, unsigned depth)
{
	const uint8_t * sign = memchr(p, '=', len);
	size_t n, from = 0;

	if (sign == NULL)
		return (false);
	n = (size_t)(sign - p);
	while (from < n && (p[from] == ' ' || p[from] == '\t'))
		from++;
	if (n == from || n - from > NAME_MAX_LEN)
		return (false);
	if (keyname_says((const char *)&p[from], n - from) != KEYNAME_NONE)
		add_percent(out, &sign[1], len - n - 1, depth);
	return (true);
}

/* The pairs of ${p} between ${marks}; whether all are pairs, and how many. */
static bool
add_pairs(struct pieces * out, const uint8_t * p, size_t len,
    const char * marks, unsigned depth, size_t * pairs)
{
	size_t at = 0, end;

	*pairs = 0;
	for (; at < len; at = end + 1) {
		for (end = at; end < len && strchr(marks, p[end]) == NULL;)
			end++;
		if (end == at)
			continue;
		if (out == NULL ? memchr(&p[at], '=', end - at) == NULL :
		    !add_pair(out, &p[at], end - at, depth))
			return (false);
		++*pairs;
	}
	return (true);
}

/* Server=h;Uid=u;Pwd=p and host=h password=p */
static bool
connection(struct pieces * out, const uint8_t * p, size_t len, unsigned depth)
{
	const char * marks = memchr(p, ';', len) != NULL ? ";" : " ";
	size_t pairs;

	if (!add_pairs(NULL, p, len, marks, depth, &pairs) || pairs < 2)
		return (false);
	(void)add_pairs(out, p, len, marks, depth, &pairs);
	return (true);
}

static size_t
scheme_length(const uint8_t * p, size_t len)
{
	size_t i = 0;

	while (i < len && (isalnum(p[i]) || (p[i] != '\0' &&
	    strchr("+.-:", p[i]) != NULL)))
		i++;
	if (i < 2 || i + 2 >= len || p[i] != '/' || p[i + 1] != '/' ||
	    p[i - 1] != ':')
		return (0);
	return (i + 2);
}

/* scheme://user:password@host/?password=p */
static bool
address(struct pieces * out, const uint8_t * p, size_t len, unsigned depth)
{
	size_t from = scheme_length(p, len), end, at = 0, i, pairs;
	const uint8_t * colon;

	if (from == 0)
		return (false);
	for (end = from; end < len && strchr("/?#", p[end]) == NULL; end++) {
		if (p[end] == '@')
			at = end;
	}
	colon = at == 0 ? NULL : memchr(&p[from], ':', at - from);
	if (colon != NULL) {
		add_percent(out, &colon[1], at - (size_t)(colon + 1 - p),
		    depth);
		piece_add(out, REDACT_LEAF, &p[from], at - from);
	}
	for (i = end; i < len && p[i] != '?' && p[i] != ';'; i++)
		;
	if (i < len)
		(void)add_pairs(out, &p[i + 1], len - i - 1, "&;#", depth,
		    &pairs);
	return (true);
}

/* name:password */
static bool
name_password(struct pieces * out, const uint8_t * p, size_t len,
    unsigned depth)
{
	const uint8_t * colon = memchr(p, ':', len);
	size_t n, i;

	if (colon == NULL)
		return (false);
	n = (size_t)(colon - p);
	if (n == 0 || n > NAME_MAX_LEN || len - n - 1 < REDACT_FORM_MIN)
		return (false);
	for (i = 0; i < n; i++) {
		if (!isalnum(p[i]) && (p[i] == '\0' ||
		    strchr("._@+-", p[i]) == NULL))
			return (false);
	}
	for (i = n + 1; i < len; i++) {
		if (p[i] <= ' ' || p[i] >= 0x7f)
			return (false);
	}
	piece_leaf(out, &colon[1], len - n - 1, depth);
	return (true);
}

/* Whether ${p} is base64 of text; ${n} characters of it are at ${to}. */
static bool
is_text(const uint8_t * p, size_t len, uint8_t * to, size_t * n)
{
	struct base64_decode_ctx ctx;
	size_t i;

	base64_decode_init(&ctx);
	if (!base64_decode_update(&ctx, n, to, len, (const char *)p) ||
	    !base64_decode_final(&ctx))
		return (false);
	for (i = 0; i < *n; i++) {
		if (to[i] < ' ' || to[i] >= 0x7f)
			return (false);
	}
	return (true);
}

/* Base64 of name:password, as basic authentication has it. */
static bool
basic(struct pieces * out, const uint8_t * p, size_t len, unsigned depth)
{
	size_t room = BASE64_DECODE_LENGTH(len), n = room, i;
	uint8_t * to;

	if (len < 12 || len > 1024 || len % 4 != 0)
		return (false);
	for (i = 0; i < len; i++) {
		if (!isalnum(p[i]) && (p[i] == '\0' ||
		    strchr("+/=", p[i]) == NULL))
			return (false);
	}
	if ((to = piece_room(out, room)) == NULL)
		return (false);
	if (is_text(p, len, to, &n) && name_password(out, to, n, depth)) {
		piece_add(out, REDACT_LEAF, to, n);
		return (true);
	}
	piece_give(out, room);
	return (false);
}

/** piece_login: URL, name:password, its base64, KEY=VALUE;KEY=VALUE. */
bool
piece_login(struct pieces * out, const uint8_t * p, size_t len, unsigned depth)
{

	while (len > 0 && (p[len - 1] == '\n' || p[len - 1] == '\r'))
		len--;
	if (len < REDACT_FORM_MIN || memchr(p, '\n', len) != NULL ||
	    memchr(p, '\0', len) != NULL)
		return (false);
	return (address(out, p, len, depth) ||
	    connection(out, p, len, depth) ||
	    name_password(out, p, len, depth) || basic(out, p, len, depth));
}
