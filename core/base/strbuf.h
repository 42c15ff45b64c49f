#ifndef SR_CORE_BASE_STRBUF_H
#define SR_CORE_BASE_STRBUF_H

/*
 * A bounded string builder with a sticky error: append many times, look at
 * the error once. It is for text that is not secret; secrets live in secbuf.
 * Its memory is wiped when freed all the same. One thread at a time.
 */

#include "core/base/error.h"

struct strbuf {
	char * p;		/* NUL-terminated whenever non-NULL. */
	size_t len;		/* Bytes, without the NUL. */
	size_t cap;
	size_t max;		/* len never passes this. */
	enum sr_error err;	/* The first; appends after it do nothing. */
};

/**
 * strbuf_init(b, max): an empty builder of at most ${max} bytes. No
 * allocation.
 */
void strbuf_init(struct strbuf * b, size_t max);

/** strbuf_free(b): wipe and release; ${b} is empty and usable again after. */
void strbuf_free(struct strbuf * b);

/** strbuf_reset(b): wipe the text and the error, keep the memory. */
void strbuf_reset(struct strbuf * b);

/* Appending. Errors stick in b->err: LIMIT_EXCEEDED, OUT_OF_MEMORY. */
void strbuf_add(struct strbuf * b, const void * bytes, size_t len);
void strbuf_puts(struct strbuf * b, const char * text);
void strbuf_putc(struct strbuf * b, char c);
void strbuf_printf(struct strbuf * b, const char * format, ...) SR_PRINTF(2, 3);

/**
 * strbuf_json(b, text, len):
 * Append ${text} as the inside of a JSON string (RFC 8259), without quotes.
 * Bytes that are not UTF-8 become U+FFFD; control characters \uXXXX.
 */
void strbuf_json(struct strbuf * b, const char * text, size_t len);

/**
 * strbuf_status(b):
 * Return the sticky error, SR_OK if every append so far succeeded.
 */
SR_NODISCARD enum sr_error strbuf_status(const struct strbuf * b);

/**
 * strbuf_str(b): the text, never NULL ("" when empty), valid until the next
 * append.
 */
const char * strbuf_str(const struct strbuf * b);

/**
 * utf8_next(text, len):
 * The length of the well-formed character that ${text} starts with, 0 if it
 * starts with none (RFC 3629).
 */
SR_NODISCARD size_t utf8_next(const char * text, size_t len);

/**
 * utf8_valid(text, len):
 * Whether ${text} is well-formed UTF-8 (RFC 3629: no surrogates, no overlong
 * forms, at most U+10FFFF). NUL bytes count as characters.
 */
SR_NODISCARD bool utf8_valid(const char * text, size_t len);

/** utf8_has_control(text, len): whether it holds U+0000..1F, 7F..9F. */
SR_NODISCARD bool utf8_has_control(const char * text, size_t len);

#endif /* !SR_CORE_BASE_STRBUF_H */
