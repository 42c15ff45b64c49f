#ifndef SR_CGI_FORM_INTERNAL_H
#define SR_CGI_FORM_INTERNAL_H

/* Between form.c and form_secret.c alone. */

#include "cgi/form.h"

struct field_value {
	bool seen;			/* Sent, if only as null. */
	bool present;
	enum field_fault fault;
	char * text;			/* Text fields. */
	struct secbuf * secret;		/* Secret fields. */
};

struct form {
	enum field_set set;
	bool strict;
	enum media media;		/* Of what is being parsed. */
	struct form_complaint * complaint;	/* While it is parsed. */
	struct field_value v[FIELD__MAX];
};

/** form_new(set, strict, out): an empty form; its secret fields are empty. */
SR_NODISCARD enum sr_error form_new(enum field_set set, bool strict,
    struct form ** out);

/**
 * form_take(name, name_len, value, value_len, form):
 * A pair_fn: put a decoded pair into its field.
 */
SR_NODISCARD enum sr_error form_take(const char * name, size_t name_len,
    const char * value, size_t value_len, void * form);

/**
 * form_find(f, name, len, field): whether its set has a field of that name.
 */
SR_NODISCARD bool form_find(const struct form * f, const char * name,
    size_t len, enum field * field);

/** form_put(f, field, value, len): into that field. Errors: OUT_OF_MEMORY. */
SR_NODISCARD enum sr_error form_put(struct form * f, enum field field,
    const char * value, size_t len);

/**
 * form_walk(bytes, len, media, f):
 * Take what was sent apart, in place: form_parse_members on open bytes.
 */
SR_NODISCARD enum sr_error form_walk(char * bytes, size_t len,
    enum media media, struct form * f);

/** form_unix_lines(b): make each CRLF in ${b} a LF. A CR alone stays. */
void form_unix_lines(struct secbuf * b);

#endif /* !SR_CGI_FORM_INTERNAL_H */
