#ifndef SR_TESTS_FUZZ_ONE_STREAM_H
#define SR_TESTS_FUZZ_ONE_STREAM_H

/*
 * Streams against texts that are there as a whole, redacting twice against
 * once, and a naive search for every form that was planted. An input is read
 * as a program: how many secrets, which, and then bytes of text, of which 0xe0
 * to 0xff put in a secret in one of its forms, or a rule's example.
 */

#include <nettle/base64.h>

#include "tests/fuzz/one.h"

enum one_form { ONE_RAW, ONE_BASE64, ONE_BASE64_1, ONE_BASE64_2, ONE_HEX,
    ONE_HEX_UP, ONE_PERCENT, ONE_C, ONE_HTML, ONE__FORMS };

static size_t
one_escaped(const struct one_secret * s, enum one_form form, char * out)
{
	const char * digits = form == ONE_HEX_UP ? "0123456789ABCDEF" :
	    "0123456789abcdef";
	const char * before = form == ONE_PERCENT ? "%" : form == ONE_C ?
	    "\\x" : form == ONE_HTML ? "&#x" : "";
	size_t i, n = 0;

	for (i = 0; i < s->len; i++) {
		memcpy(&out[n], before, strlen(before));
		n += strlen(before);
		out[n++] = digits[(unsigned char)s->p[i] >> 4];
		out[n++] = digits[(unsigned char)s->p[i] & 15];
		if (form == ONE_HTML)
			out[n++] = ';';
	}
	return (n);
}

/* ${s} in ${form}; [from, to) is what must not stay. */
static size_t
one_form(const struct one_secret * s, enum one_form form, char out[1024],
    size_t * from, size_t * to)
{
	uint8_t plain[80];
	size_t n, shift;

	if (form == ONE_RAW) {
		memcpy(out, s->p, s->len);
		n = s->len;
	} else if (form < ONE_HEX) {
		shift = (size_t)form - ONE_BASE64;
		memset(plain, '#', sizeof(plain));
		memcpy(&plain[shift], s->p, s->len);
		n = BASE64_ENCODE_RAW_LENGTH(s->len + shift + 2);
		base64_encode_raw(out, s->len + shift + 2, plain);
		*from = (8 * shift + 5) / 6;
		*to = 8 * (shift + s->len) / 6;
		return (n);
	} else {
		n = one_escaped(s, form, out);
	}
	*from = 0;
	*to = n;
	return (n);
}

/* No brackets: beside a mask they would be of it. Not line ends alone. */
static const uint8_t *
one_secrets(const uint8_t * data, const uint8_t * end,
    struct one_secret * secrets, size_t * n)
{
	size_t i, j, len;

	*n = 0;
	if (data == end)
		return (data);
	for (i = *data++ % (ONE_SECRETS + 1); i > 0 && data < end; i--) {
		len = 8 + *data++ % 48;
		if ((size_t)(end - data) < len)
			break;
		for (j = 0; j < len; j++) {
			secrets[*n].p[j] = (char)data[j];
			if (data[j] == '[' || data[j] == ']' ||
			    data[j] == '\n' || data[j] == '\r' ||
			    data[j] == '\0')
				secrets[*n].p[j] = 'k';
		}
		secrets[(*n)++].len = len;
		data += len;
	}
	return (data);
}

static void
one_text_of(const uint8_t * data, const uint8_t * end,
    const struct one_secret * secrets, size_t n, struct one_text * text)
{
	char part[4096];
	size_t from, to, len;
	uint8_t op;

	one_add(text, "", 0);
	while (data < end && text->len < 20000) {
		op = *data++;
		if (op < 0xe0 || data == end) {
			one_add(text, &op, 1);
		} else if (op < 0xe8) {
			len = one_example((unsigned)(op & 7) << 8 | *data++,
			    part, sizeof(part));
			one_add(text, part, len);
		} else if (n != 0) {
			len = one_form(&secrets[op % n],
			    (enum one_form)(*data++ % ONE__FORMS), part, &from,
			    &to);
			one_add(text, part, len);
		}
	}
}

static bool
one_ascii(const struct one_secret * s)
{
	size_t i;

	for (i = 0; i < s->len; i++) {
		if ((unsigned char)s->p[i] >= 0x80)
			return (false);
	}
	return (true);
}

static void
one_gone(const struct one_secret * s, const struct one_text * text,
    const char * out, size_t len)
{
	char part[1024];
	size_t from, to;
	int f;

	for (f = 0; f < ONE__FORMS; f++) {
		(void)one_form(s, (enum one_form)f, part, &from, &to);
		/* A number beyond ASCII stands for more than one byte. */
		if (f == ONE_HTML && !one_ascii(s))
			continue;
		/* Nothing this short is kept of it. */
		if (to - from < REDACT_FORM_MIN ||
		    memmem(out, len, &part[from], to - from) == NULL)
			continue;
		one_show("text", text->p, text->len);
		one_show("form", &part[from], to - from);
		one_show("out", out, len);
		ONE_FAILS("form %d stays", f);
	}
}

ONE_UNUSED static void
one_stream_input(const uint8_t * data, size_t size)
{
	struct one_secret secrets[ONE_SECRETS] = { { .len = 0 } };
	struct one_text text = { .len = 0 }, out = { .len = 0 };
	struct redact * r = one_redact();
	struct redacted * once;
	struct redacted * twice;
	uint64_t state = 88172645463325252U + size;
	const uint8_t * rest;
	size_t i, n;

	rest = one_secrets(data, &data[size], secrets, &n);
	for (i = 0; i < n; i++)
		one_know((unsigned)i, secrets[i].p, secrets[i].len);
	one_text_of(rest, &data[size], secrets, n, &text);
	ONE_HOLDS(redact_text(r, REDACT_LOG, text.p, text.len, NULL,
	    &once) == SR_OK);
	one_stream(text.p, text.len, 1 + text.len / 600, &state, false, &out);
	one_same("byte by byte", text.p, text.len, redacted_bytes(once),
	    redacted_len(once), out.p, out.len);
	for (i = 0; i < 3; i++) {
		out.len = 0;
		one_stream(text.p, text.len, (size_t)7 << 3 * i, &state, false,
		    &out);
		one_same("in pieces", text.p, text.len, redacted_bytes(once),
		    redacted_len(once), out.p, out.len);
	}
	ONE_HOLDS(redact_text(r, REDACT_LOG, redacted_bytes(once),
	    redacted_len(once), NULL, &twice) == SR_OK);
	one_same("twice", text.p, text.len, redacted_bytes(once),
	    redacted_len(once), redacted_bytes(twice), redacted_len(twice));
	for (i = 0; i < n; i++)
		one_gone(&secrets[i], &text, redacted_bytes(once),
		    redacted_len(once));
	redacted_free(&once);
	redacted_free(&twice);
	one_forget();
	free(text.p);
	free(out.p);
}

#endif /* !SR_TESTS_FUZZ_ONE_STREAM_H */
