#ifndef SR_CORE_REDACT_VARIANT_H
#define SR_CORE_REDACT_VARIANT_H

/*
 * Forms: what is kept of a secret so that it can be masked without being
 * opened. A form is one way the value may appear (raw, one of its lines, a
 * base64 of it at one of three alignments with the mixed edge characters cut);
 * kept are its length, keyed hashes of windows of it, and a keyed MAC of the
 * whole. The fingerprint key (32 bytes) is expanded by HKDF-SHA256 into a
 * window key, a MAC key and a tag key.
 *
 * Window hash: first 8 bytes of AES-128 under the window key of the 16-byte
 * window; an 8-byte window is followed by eight zero bytes.
 *   length >= 31: 16 windows of 16 bytes at offsets 0..15
 *   15 .. 30:      8 windows of  8 bytes at offsets 0..7
 *    8 .. 14:      1 window  of  8 bytes at offset 0; behind it, if it is not
 *		    base64, a byte that says what kind of bytes it has
 * MAC: first 16 bytes of HMAC-SHA256 under the MAC key of the form's bytes.
 * Tag: six characters [a-z2-7] of HMAC-SHA256 under the tag key of the whole
 * value (not of the form), so that all forms of a secret carry one tag.
 */

#include "core/redact/redact.h"

#define REDACT_FORM_MIN		8
#define REDACT_WINDOWS_MAX	(16 * 8)
#define REDACT_MAC_LEN		16
#define REDACT_TAG_LEN		6
#define REDACT_FORMS_MAX	4096	/* Forms of one value. */

enum redact_kind {
	REDACT_RAW, REDACT_LINE, REDACT_LEAF,
	REDACT_BASE64_0, REDACT_BASE64_1, REDACT_BASE64_2,
	REDACT_KIND__MAX
};

struct redact_form {
	enum redact_kind kind;
	uint32_t length;			/* Bytes of the form. */
	uint8_t windows[REDACT_WINDOWS_MAX];
	uint8_t windows_len;			/* 8, 9, 64 or 128. */
	uint8_t mac[REDACT_MAC_LEN];
	char tag[REDACT_TAG_LEN + 1];
};

struct redact_forms {
	struct redact_form * v;
	size_t n;
};

/**
 * redact_forms_of(key, value, forms):
 * Compute the forms of ${value} under the 32-byte ${key}. Caller frees.
 * Errors: SECRET_VALUE_INVALID (shorter than REDACT_FORM_MIN, more than
 * REDACT_FORMS_MAX forms), OUT_OF_MEMORY. Reentrant.
 */
SR_NODISCARD enum sr_error redact_forms_of(const struct secbuf * key,
    const struct secbuf * value, struct redact_forms * forms);

/**
 * redact_forms_in(key, forms, text, found):
 * Whether one of ${forms}, made under ${key}, is in ${text} (NUL-terminated),
 * as it is or escaped. Errors: OUT_OF_MEMORY, RANDOM_UNAVAILABLE,
 * INTERNAL_ERROR (wrong length of key). Reentrant.
 */
SR_NODISCARD enum sr_error redact_forms_in(const struct secbuf * key,
    const struct redact_forms * forms, const char * text, bool * found);

/** redact_forms_free(forms): release; empty after. */
void redact_forms_free(struct redact_forms * forms);

/** redact_kind_name(kind) / redact_kind_parse: "raw", "line", "base64_0" … */
const char * redact_kind_name(enum redact_kind kind);
SR_NODISCARD bool redact_kind_parse(const char * name, enum redact_kind * kind);

#endif /* !SR_CORE_REDACT_VARIANT_H */
