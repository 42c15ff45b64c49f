#ifndef SR_CGI_MEMBER_H
#define SR_CGI_MEMBER_H

/*
 * Flat documents of named members, as programs send them: a JSON object (RFC
 * 8259), or an XML document of one level (a root element whose children hold
 * text). Decoded where they lie, so that a secret value has no copy.
 */

#include "core/base/error.h"

#define MEMBERS_MAX	64

enum member_kind { MEMBER_TEXT, MEMBER_NULL, MEMBER_NUMBER, MEMBER_BOOLEAN,
    MEMBER_NESTED };

/* Called for each member; the two point into the buffer that is walked. Of a
 * number, a boolean and a nested one the value is its text, as it was sent; of
 * a nested one nothing but its end was looked for. */
typedef enum sr_error member_fn(const char * name, size_t name_len,
    enum member_kind kind, const char * value, size_t value_len,
    void * cookie);

/**
 * json_walk(bytes, len, fn, cookie):
 * Decode each member of the object in ${bytes}, which is overwritten, and call
 * ${fn}. Errors: BODY_MALFORMED (not JSON, not UTF-8, no object, a surrogate
 * alone, more than MEMBERS_MAX members), and what ${fn} says.
 */
SR_NODISCARD enum sr_error json_walk(char * bytes, size_t len, member_fn * fn,
    void * cookie);

/**
 * xml_walk(bytes, len, fn, cookie):
 * The same for an XML document: elements, text, CDATA sections, the five
 * entities and numeric references; a declaration that says UTF-8; xmlns, and no
 * other attribute. No DTD, comment, processing instruction or prefix.
 */
SR_NODISCARD enum sr_error xml_walk(char * bytes, size_t len, member_fn * fn,
    void * cookie);

/**
 * utf8_put(code, out): ${code} as UTF-8 into ${out}; the bytes it took.
 */
size_t utf8_put(uint32_t code, char out[4]);

#endif /* !SR_CGI_MEMBER_H */
