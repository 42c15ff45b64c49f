#include <stdio.h>
#include <string.h>

#include "cli/run_body.h"
#include "core/base/secbuf_bytes.h"
#include "core/base/strbuf.h"

/** run_body_new(b): empty. */
enum sr_error
run_body_new(struct run_body * b)
{

	b->full = false;
	return (secbuf_new(SECBUF_MAX, &b->text));
}

/** run_body_free(b): wipe and release. */
void
run_body_free(struct run_body * b)
{

	secbuf_free(&b->text);
}

/** run_body_begin(b): empty again. */
void
run_body_begin(struct run_body * b)
{

	secbuf_set_len(b->text, 0);
	b->full = false;
}

static void
add(struct run_body * b, const char * bytes, size_t n)
{
	size_t had = secbuf_len(b->text);

	if (b->full || secbuf_cap(b->text) - had < n) {
		b->full = true;
		return;
	}
	memcpy(&secbuf_writable(b->text)[had], bytes, n);
	secbuf_set_len(b->text, had + n);
}

/** run_body_puts(b, json): as it is. */
void
run_body_puts(struct run_body * b, const char * json)
{

	add(b, json, strlen(json));
}

/* One character, of ${n} bytes. */
static void
add_char(struct run_body * b, const char * c, size_t n)
{
	unsigned first = (unsigned char)c[0];
	char escape[8];

	if (first == '"' || first == '\\') {
		add(b, "\\", 1);
		add(b, c, 1);
	} else if (n == 1 && (first < 0x20 || first == 0x7f)) {
		(void)snprintf(escape, sizeof(escape), "\\u%04x", first);
		add(b, escape, 6);
	} else
		add(b, c, n);
}

/** run_body_text(b, text, len): a string. */
void
run_body_text(struct run_body * b, const char * text, size_t len)
{
	size_t i, n;

	add(b, "\"", 1);
	for (i = 0; i < len; i += n) {
		n = utf8_next(&text[i], len - i);
		if (n == 0) {
			add(b, "\xef\xbf\xbd", 3);
			n = 1;
		} else
			add_char(b, &text[i], n);
	}
	add(b, "\"", 1);
}

/** run_body_u64(b, n): a number. */
void
run_body_u64(struct run_body * b, uint64_t n)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)n);
	run_body_puts(b, text);
}

/** run_body_cut(bytes, len): how many of them end with a whole character. */
size_t
run_body_cut(const char * bytes, size_t len)
{
	unsigned char c;
	size_t back, wants;

	for (back = 1; back <= 3 && back <= len; back++) {
		c = (unsigned char)bytes[len - back];
		if (c < 0x80)
			break;
		if (c < 0xc0)
			continue;
		wants = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
		return (wants > back ? len - back : len);
	}
	return (len);
}
