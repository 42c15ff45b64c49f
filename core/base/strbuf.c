#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/strbuf.h"

/** strbuf_init(b, max): an empty builder of at most ${max} bytes. */
void
strbuf_init(struct strbuf * b, size_t max)
{

	/* Room for the NUL must not overflow. */
	must(max < SIZE_MAX / 2);
	*b = (struct strbuf){ .max = max };
}

/** strbuf_free(b): wipe and release; ${b} is empty and usable again after. */
void
strbuf_free(struct strbuf * b)
{

	if (b == NULL)
		return;
	if (b->p != NULL)
		explicit_bzero(b->p, b->cap);
	free(b->p);
	strbuf_init(b, b->max);
}

/** strbuf_reset(b): wipe the text and the error, keep the memory. */
void
strbuf_reset(struct strbuf * b)
{

	if (b->p != NULL)
		explicit_bzero(b->p, b->cap);
	b->len = 0;
	b->err = SR_OK;
}

/*
 * Make room for ${more} bytes and a NUL, or set the error. Not realloc(3): a
 * block it moves leaves the former text behind.
 */
static bool
grow(struct strbuf * b, size_t more)
{
	size_t want, cap;
	char * p;

	if (b->err != SR_OK)
		return (false);
	if (more > b->max - b->len) {
		b->err = SR_E_LIMIT_EXCEEDED;
		return (false);
	}
	want = b->len + more + 1;
	if (want <= b->cap)
		return (true);
	for (cap = b->cap < 64 ? 64 : b->cap; cap < want;)
		cap *= 2;
	if (cap > b->max + 1)
		cap = b->max + 1;
	if ((p = malloc(cap)) == NULL) {
		b->err = SR_E_OUT_OF_MEMORY;
		return (false);
	}
	if (b->p != NULL) {
		memcpy(p, b->p, b->len);
		explicit_bzero(b->p, b->cap);
		free(b->p);
	}
	b->p = p;
	b->cap = cap;
	return (true);
}

/** strbuf_add(b, bytes, len): append ${len} bytes. */
void
strbuf_add(struct strbuf * b, const void * bytes, size_t len)
{

	if (!grow(b, len))
		return;
	if (len != 0)
		memcpy(&b->p[b->len], bytes, len);
	b->len += len;
	b->p[b->len] = '\0';
}

/** strbuf_puts(b, text): append a string. */
void
strbuf_puts(struct strbuf * b, const char * text)
{

	strbuf_add(b, text, strlen(text));
}

/** strbuf_putc(b, c): append one byte. */
void
strbuf_putc(struct strbuf * b, char c)
{

	strbuf_add(b, &c, 1);
}

/** strbuf_printf(b, format, …): append formatted text. */
void
strbuf_printf(struct strbuf * b, const char * format, ...)
{
	va_list ap;
	int len;

	va_start(ap, format);
	len = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	must(len >= 0);
	if (!grow(b, (size_t)len))
		return;
	va_start(ap, format);
	(void)vsnprintf(&b->p[b->len], (size_t)len + 1, format, ap);
	va_end(ap);
	b->len += (size_t)len;
}

/* One well-formed character as JSON wants it inside of quotes. */
static void
json_char(struct strbuf * b, const char * c, size_t len)
{
	unsigned char first = (unsigned char)c[0];

	if (first == '"' || first == '\\') {
		strbuf_putc(b, '\\');
		strbuf_putc(b, c[0]);
		return;
	}
	if (!utf8_has_control(c, len)) {
		strbuf_add(b, c, len);
		return;
	}
	switch (first) {
	case '\n':
		strbuf_puts(b, "\\n");
		break;
	case '\r':
		strbuf_puts(b, "\\r");
		break;
	case '\t':
		strbuf_puts(b, "\\t");
		break;
	default:
		/* U+0080..9F have 0xC2 first and their number second. */
		strbuf_printf(b, "\\u%04x",
		    len == 1 ? first : (unsigned)(unsigned char)c[1]);
		break;
	}
}

/**
 * strbuf_json(b, text, len):
 * Append ${text} as the inside of a JSON string (RFC 8259), without quotes.
 */
void
strbuf_json(struct strbuf * b, const char * text, size_t len)
{
	size_t i, n;

	for (i = 0; i < len; i += n) {
		n = utf8_next(&text[i], len - i);
		if (n == 0) {
			strbuf_puts(b, "\xef\xbf\xbd");
			n = 1;
		} else {
			json_char(b, &text[i], n);
		}
	}
}

/** strbuf_status(b): the sticky error. */
enum sr_error
strbuf_status(const struct strbuf * b)
{

	return (b->err);
}

/** strbuf_str(b): the text, never NULL. */
const char *
strbuf_str(const struct strbuf * b)
{

	return (b->p == NULL || b->len == 0 ? "" : b->p);
}
