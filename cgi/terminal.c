#include <string.h>

#include "cgi/terminal.h"

#define ESC	'\033'
#define BEL	'\007'

/* Of an escape sequence (ECMA-48) that begins at ${p}; at least 1. */
static size_t
escape_len(const char * p, size_t len)
{
	size_t i = 2;

	if (len < 2)
		return (len);
	if (p[1] == '[') {
		while (i < len && ((unsigned char)p[i] < 0x40 ||
		    (unsigned char)p[i] > 0x7e))
			i++;
		return (i < len ? i + 1 : len);
	}
	/* A string, such as a window's title: up to BEL or ST. */
	if (strchr("]PX^_", p[1]) != NULL) {
		for (; i < len; i++) {
			if (p[i] == BEL)
				return (i + 1);
			if (p[i] == ESC)
				return (i + 1 < len ? i + 2 : len);
		}
		return (len);
	}
	while (i < len && p[i - 1] >= 0x20 && p[i - 1] <= 0x2f)
		i++;
	return (i);
}

/** terminal_text(bytes, len, out): as text for a page. */
void
terminal_text(const char * bytes, size_t len, struct strbuf * out)
{
	struct strbuf line;
	bool over = false;
	size_t i;

	strbuf_init(&line, out->max);
	for (i = 0; i < len; i++) {
		if (bytes[i] == ESC) {
			i += escape_len(&bytes[i], len - i) - 1;
		} else if (bytes[i] == '\r') {
			over = true;
		} else if (bytes[i] == '\n') {
			strbuf_add(out, strbuf_str(&line), line.len);
			strbuf_putc(out, '\n');
			strbuf_reset(&line);
			over = false;
		} else if (bytes[i] != BEL) {
			if (over)
				strbuf_reset(&line);
			over = false;
			strbuf_putc(&line, bytes[i]);
		}
	}
	strbuf_add(out, strbuf_str(&line), line.len);
	if (strbuf_status(&line) != SR_OK)
		out->err = line.err;
	strbuf_free(&line);
}
