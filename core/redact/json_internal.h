#ifndef SR_CORE_REDACT_JSON_INTERNAL_H
#define SR_CORE_REDACT_JSON_INTERNAL_H

/* For json*.c alone: the tokens of a JSON text (RFC 8259). */

#include "core/base/strbuf.h"

struct json_text {
	const char * p;
	size_t len;
	size_t at;
};

/** json_blank(t): past blanks. */
void json_blank(struct json_text * t);

/** json_char(t, c): past ${c}, if it is there. */
bool json_char(struct json_text * t, char c);

/**
 * json_text_string(t):
 * Past a string, quotes and all. False if none is there that is well-formed:
 * UTF-8, no bare control characters, surrogates in pairs.
 */
bool json_text_string(struct json_text * t);

/** json_number(t), json_word(t): past a number, or true, false and null. */
bool json_number(struct json_text * t);
bool json_word(struct json_text * t);

/**
 * json_plain(p, len, out):
 * Append what the well-formed string [${p}, ${p} + ${len}), quotes and all,
 * says.
 */
void json_plain(const char * p, size_t len, struct strbuf * out);

/**
 * json_stays(p, len):
 * Whether a value of a key that says secret is none: empty, a mask already,
 * or a placeholder such as ${VAR}.
 */
bool json_stays(const char * p, size_t len);

/**
 * json_machine_made(p, len):
 * Whether a value of a key that may hold a secret looks like one.
 */
bool json_machine_made(const char * p, size_t len);

#endif /* !SR_CORE_REDACT_JSON_INTERNAL_H */
