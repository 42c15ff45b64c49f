#ifndef SR_TESTS_E2E_ENCODED_H
#define SR_TESTS_E2E_ENCODED_H

/* A value in the encodings in which it may leave. */

#include "core/base/strbuf.h"
#include "tests/harness/files.h"

enum encoding { RAW, BASE64, HEX, PERCENT, ESCAPED, ENCODING__MAX };

static inline void
add_base64(struct strbuf * b, const uint8_t * p, size_t len)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t bits;
	size_t i, k, n;

	for (i = 0; i < len; i += 3) {
		n = len - i < 3 ? len - i : 3;
		bits = (uint32_t)p[i] << 16;
		if (n > 1)
			bits |= (uint32_t)p[i + 1] << 8;
		if (n > 2)
			bits |= p[i + 2];
		for (k = 0; k < 4; k++)
			strbuf_putc(b, k <= n ?
			    set[(bits >> (18 - 6 * k)) & 63] : '=');
	}
}

/* The value in that encoding; caller frees. */
static inline char *
encoded(const char * value, enum encoding e)
{
	const uint8_t * p = (const uint8_t *)value;
	size_t len = strlen(value);
	struct strbuf b;
	char * out;

	strbuf_init(&b, 64 * 1024);
	if (e == BASE64)
		add_base64(&b, p, len);
	for (size_t i = 0; e != BASE64 && i < len; i++) {
		if (e == RAW)
			strbuf_putc(&b, value[i]);
		else
			strbuf_printf(&b, e == HEX ? "%02x" : e == PERCENT ?
			    "%%%02X" : "\\u%04x", p[i]);
	}
	out = text_format("%s", strbuf_str(&b));
	strbuf_free(&b);
	return (out);
}

/* The inside of a JSON string that says ${len} bytes of ${text}. */
static inline char *
quoted(const char * text, size_t len)
{
	struct strbuf b;
	char * out;

	strbuf_init(&b, 1024 * 1024);
	strbuf_json(&b, text, len);
	out = text_format("%s", strbuf_str(&b));
	strbuf_free(&b);
	return (out);
}

#endif /* !SR_TESTS_E2E_ENCODED_H */
