/* The members of what programs send, into the fields of a form. */

#include <strings.h>

#include "cgi/form_internal.h"
#include "cgi/member.h"
#include "cgi/urlencoded.h"

/*
 * What a payload calls a value that is or was secret. Where an action takes no
 * member of such a name it is refused as a whole, and audited: a client that
 * sends it thinks that it is kept.
 */
static const char * const plaintext_names[] = { "plaintext",
    "plaintext_value", "value", "secret", "secret_value", "ciphertext",
    "encrypted_value", "wrapped_dek", "dek" };

static bool
plaintext_name(const char * name, size_t len)
{

	for (size_t i = 0; i < COUNTOF(plaintext_names); i++) {
		if (strlen(plaintext_names[i]) == len &&
		    strncasecmp(plaintext_names[i], name, len) == 0)
			return (true);
	}
	return (false);
}

/* Small letters and _, as our own names are, and few of them. */
static bool
looks_like_ours(const char * name, size_t len)
{

	for (size_t i = 0; i < len; i++) {
		if ((name[i] < 'a' || name[i] > 'z') && name[i] != '_')
			return (false);
	}
	return (len <= 24);
}

/*
 * Name the member, which passes the gate later on. Whoever mixes up names and
 * values has a value where a name belongs, so what looks like none of our names
 * is not repeated.
 */
static void
complain(struct form * f, const char * name, size_t len)
{

	if (!plaintext_name(name, len) && !looks_like_ours(name, len))
		return;
	memcpy(f->complaint->field, name, len);
	f->complaint->field[len] = '\0';
}

/* XML has no objects: one travels as the text of JSON there. */
static bool
may_be(const struct form * f, enum field field, enum member_kind kind)
{

	if (field_kind(field) == FIELD_KIND_JSON)
		return (kind == (f->media == MEDIA_JSON ? MEMBER_NESTED :
		    MEMBER_TEXT));
	return (kind == MEMBER_TEXT || (kind == MEMBER_BOOLEAN &&
	    field_kind(field) == FIELD_KIND_FLAG));
}

static enum sr_error
take_member(const char * name, size_t name_len, enum member_kind kind,
    const char * value, size_t value_len, void * form)
{
	struct form * f = form;
	enum field field;
	enum sr_error err = SR_OK;

	if (!form_find(f, name, name_len, &field))
		err = plaintext_name(name, name_len) ?
		    SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED :
		    SR_E_MEMBER_UNKNOWN;
	else if (f->v[field].seen)
		err = SR_E_MEMBER_REPEATED;
	else if (kind != MEMBER_NULL && !may_be(f, field, kind))
		err = SR_E_MEMBER_TYPE_INVALID;
	if (err != SR_OK) {
		complain(f, name, name_len);
		return (err);
	}
	f->v[field].seen = true;
	if (kind == MEMBER_NULL)
		return (SR_OK);
	return (form_put(f, field, value, value_len));
}

static enum sr_error
take_pair(const char * name, size_t name_len, const char * value,
    size_t value_len, void * form)
{

	return (take_member(name, name_len, MEMBER_TEXT, value, value_len,
	    form));
}

enum sr_error
form_walk(char * bytes, size_t len, enum media media, struct form * f)
{

	f->media = media;
	if (media == MEDIA_JSON)
		return (json_walk(bytes, len, take_member, f));
	if (media == MEDIA_XML)
		return (xml_walk(bytes, len, take_member, f));
	if (media == MEDIA_FORM)
		return (urlencoded_walk(bytes, len, take_pair, f));
	return (SR_E_MEDIA_TYPE_UNSUPPORTED);
}

enum sr_error
form_json_walk(struct form * f, enum field field, member_fn * fn,
    void * cookie)
{
	char * text = f->v[field].text;

	must(field_kind(field) == FIELD_KIND_JSON);
	if (text == NULL)
		return (SR_E_BODY_MALFORMED);
	return (json_walk(text, strlen(text), fn, cookie));
}
