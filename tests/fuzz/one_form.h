#ifndef SR_TESTS_FUZZ_ONE_FORM_H
#define SR_TESTS_FUZZ_ONE_FORM_H

/*
 * Forms, queries and the fields that are made of them. What is sent is read by
 * a second, naive reader too; a field holds what is clean and within its limit,
 * and a complaint repeats no value.
 */

#include "cgi/form.h"
#include "cgi/urlencoded.h"
#include "core/base/strbuf.h"
#include "tests/fuzz/one.h"

#define ONE_FORM_MAX	65536

static enum sr_error
one_form_note(const char * name, size_t name_len, const char * value,
    size_t value_len, void * cookie)
{
	struct one_text * t = cookie;

	one_add(t, &name_len, sizeof(name_len));
	one_add(t, name, name_len);
	one_add(t, &value_len, sizeof(value_len));
	one_add(t, value, value_len);
	return (SR_OK);
}

static bool
one_form_unescape(const char * p, size_t len, struct one_text * out)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char * high, * low;
	char c;

	one_add(out, "", 0);
	for (size_t i = 0; i < len; i++) {
		c = p[i] == '+' ? ' ' : p[i];
		if (c == '%') {
			if (i + 2 >= len || p[i + 1] == 0 || p[i + 2] == 0 ||
			    (high = strchr(digits, p[i + 1])) == NULL ||
			    (low = strchr(digits, p[i + 2])) == NULL)
				return (false);
			c = (char)((high - digits) % 16 * 16 +
			    (low - digits) % 16);
			i += 2;
		}
		one_add(out, &c, 1);
	}
	return (true);
}

/* WHATWG URL, 5.1, with our limits; false: not well-formed. */
static bool
one_form_pair(const char * p, size_t len, struct one_text * t)
{
	const char * equals = memchr(p, '=', len);
	size_t n = equals == NULL ? len : (size_t)(equals - p);
	struct one_text name = { .p = NULL }, value = { .p = NULL };
	bool good;

	good = one_form_unescape(p, n, &name) && name.len > 0 &&
	    one_form_unescape(equals == NULL ? "" : equals + 1,
	    equals == NULL ? 0 : len - n - 1, &value);
	if (good)
		(void)one_form_note(name.p, name.len, value.p, value.len, t);
	free(name.p);
	free(value.p);
	return (good);
}

static bool
one_form_naive(const char * p, size_t len, struct one_text * t)
{
	size_t pairs = 0, at = 0, n;
	const char * amp;

	while (at < len) {
		amp = memchr(&p[at], '&', len - at);
		n = amp == NULL ? len - at : (size_t)(amp - &p[at]);
		if (n > 0 && (++pairs > URLENCODED_PAIRS_MAX ||
		    !one_form_pair(&p[at], n, t)))
			return (false);
		at += n + 1;
	}
	return (true);
}

static char *
one_form_copy(const void * bytes, size_t len)
{
	char * copy = malloc(len + (len == 0));

	ONE_HOLDS(copy != NULL);
	if (len > 0)
		memcpy(copy, bytes, len);
	return (copy);
}

static void
one_form_pairs(const char * text, size_t len)
{
	struct one_text ours = { .p = NULL }, theirs = { .p = NULL };
	char * copy = one_form_copy(text, len);
	bool good = one_form_naive(text, len, &theirs);
	enum sr_error err = urlencoded_walk(copy, len, one_form_note, &ours);

	ONE_HOLDS(err == (good ? SR_OK : SR_E_FORM_MALFORMED));
	if (good)
		one_same("two readers", text, len, ours.p, ours.len, theirs.p,
		    theirs.len);
	free(copy);
	free(ours.p);
	free(theirs.p);
}

/* All that a form may say of its fields. */
ONE_UNUSED static void
one_form_holds(struct form * f, enum field_set set)
{
	const char * text;

	for (unsigned i = 0; i < FIELD__MAX; i++) {
		if (!field_in((enum field)i, set)) {
			ONE_HOLDS(!form_has(f, (enum field)i));
			continue;
		}
		if (field_kind((enum field)i) >= FIELD_KIND_SECRET) {
			ONE_HOLDS(secbuf_len(form_secret(f, (enum field)i)) <=
			    SECBUF_MAX);
			continue;
		}
		text = form_text(f, (enum field)i);
		if (field_kind((enum field)i) == FIELD_KIND_JSON)
			continue;
		ONE_HOLDS(utf8_valid(text, strlen(text)));
		ONE_HOLDS(!utf8_has_control(text, strlen(text)));
	}
}

static bool
one_form_expected(enum sr_error err)
{

	return (err == SR_OK || err == SR_E_FORM_MALFORMED ||
	    err == SR_E_BODY_MALFORMED || err == SR_E_MEMBER_UNKNOWN ||
	    err == SR_E_MEMBER_REPEATED || err == SR_E_MEMBER_TYPE_INVALID ||
	    err == SR_E_MEDIA_TYPE_UNSUPPORTED ||
	    err == SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED);
}

/* A name of ours, or nothing: what came is not said back. */
static void
one_form_complaint(const struct form_complaint * c)
{
	size_t len = strlen(c->field);

	ONE_HOLDS(len <= FORM_MEMBER_MAX);
	ONE_HOLDS(strspn(c->field, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == len);
}

/* ${media} beyond them: as a browser's form. */
ONE_UNUSED static void
one_form_of(enum field_set set, unsigned media, const char * text, size_t len)
{
	struct form_complaint complaint = { .field = "" };
	struct secbuf * body = NULL;
	struct form * f = NULL;
	enum sr_error err;

	ONE_HOLDS(secbuf_copy(text, len, &body) == SR_OK);
	if (media > MEDIA_OTHER)
		err = form_parse(&body, set, media % 2 == 0, &f);
	else
		err = form_parse_members(&body, (enum media)media, set, &f,
		    &complaint);
	ONE_HOLDS(body == NULL);
	ONE_HOLDS(one_form_expected(err));
	ONE_HOLDS((err == SR_OK) == (f != NULL));
	one_form_complaint(&complaint);
	if (f != NULL)
		one_form_holds(f, set);
	form_free(&f);
}

/* The first byte: for which fields; the second: as what. */
ONE_UNUSED static void
one_form_input(const uint8_t * data, size_t size)
{
	const char * text = (const char *)data + 2;

	if (size < 2 || size > ONE_FORM_MAX)
		return;
	one_form_pairs(text, size - 2);
	one_form_of((enum field_set)(data[0] % (FIELDS_API_WHOLE + 1)),
	    data[1] % (MEDIA_OTHER + 3), text, size - 2);
}

#endif /* !SR_TESTS_FUZZ_ONE_FORM_H */
