#include "cgi/form_internal.h"
#include "cgi/text.h"

struct field_row {
	enum field_set set;
	const char * name;
	enum field_kind kind;
	size_t max;
	enum sr_error error;
};

static const struct field_row rows[FIELD__MAX] = {
#define FIELD(set, id, name, kind, max, error)				\
	[FIELD_##id] = { FIELDS_##set, name, FIELD_KIND_##kind, max,	\
	    SR_E_##error },
#include "cgi/field.def"
#undef FIELD
};

const char *
field_name(enum field field)
{

	must(field < FIELD__MAX);
	return (rows[field].name);
}

static bool
belongs(enum field_set set, const struct field_row * row)
{

	return (row->set == set || (row->set == FIELDS_ANY &&
	    set != FIELDS_NONE && set < FIELDS_API_SECRET));
}

bool
field_in(enum field field, enum field_set set)
{

	must(field < FIELD__MAX);
	return (belongs(set, &rows[field]));
}

enum field_kind
field_kind(enum field field)
{

	must(field < FIELD__MAX);
	return (rows[field].kind);
}

static bool
is_text(const struct field_row * row)
{

	return (row->kind < FIELD_KIND_SECRET);
}

enum sr_error
form_new(enum field_set set, bool strict, struct form ** out)
{
	struct form * f;
	enum sr_error err = SR_OK;

	*out = NULL;
	if ((f = calloc(1, sizeof(*f))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	f->set = set;
	f->strict = strict;
	for (size_t i = 0; i < FIELD__MAX && err == SR_OK; i++) {
		if (belongs(set, &rows[i]) && !is_text(&rows[i]))
			err = secbuf_new(0, &f->v[i].secret);
	}
	if (err != SR_OK)
		form_free(&f);
	*out = f;
	return (err);
}

void
form_free(struct form ** f)
{
	struct field_value * v;

	if (*f == NULL)
		return;
	for (size_t i = 0; i < FIELD__MAX; i++) {
		v = &(*f)->v[i];
		secbuf_free(&v->secret);
		if (v->text != NULL)
			explicit_bzero(v->text, strlen(v->text));
		free(v->text);
	}
	free(*f);
	*f = NULL;
}

bool
form_find(const struct form * f, const char * name, size_t len,
    enum field * out)
{

	for (size_t i = 0; i < FIELD__MAX; i++) {
		if (belongs(f->set, &rows[i]) &&
		    strlen(rows[i].name) == len &&
		    strncmp(rows[i].name, name, len) == 0) {
			*out = (enum field)i;
			return (true);
		}
	}
	return (false);
}

static enum sr_error
take_text(struct field_value * v, const char * value, size_t len)
{
	bool changed = false;
	enum sr_error err;

	if ((err = text_clean(value, len, false, &changed, &v->text)) != SR_OK)
		return (err);
	/* A cut inside a character makes it no text: it is too long first. */
	if (changed && v->fault == FAULT_NONE)
		v->fault = FAULT_NOT_TEXT;
	return (SR_OK);
}

/* As it came: its reader knows what is good in it. A NUL ends no JSON. */
static enum sr_error
take_json(struct field_value * v, const char * value, size_t len)
{

	if (memchr(value, '\0', len) != NULL)
		return (SR_E_BODY_MALFORMED);
	v->text = strndup(value, len);
	return (v->text == NULL ? SR_E_OUT_OF_MEMORY : SR_OK);
}

static enum sr_error
take_secret(struct field_value * v, enum field_kind kind, const char * value,
    size_t len)
{
	enum sr_error err;

	secbuf_free(&v->secret);
	err = secbuf_copy(value, len, &v->secret);
	if (err == SR_OK && kind == FIELD_KIND_LINES)
		form_unix_lines(v->secret);
	return (err);
}

/* One more of a list: behind a comma. */
static enum sr_error
take_more(struct field_value * v, size_t max, const char * value, size_t len)
{
	char * before = v->text;
	char * both;
	enum sr_error err;
	int n;

	v->text = NULL;
	err = take_text(v, value, len);
	if (err == SR_OK && (n = asprintf(&both, "%s,%s", before,
	    v->text)) < 0)
		err = SR_E_OUT_OF_MEMORY;
	if (err == SR_OK) {
		free(v->text);
		v->text = both;
		if ((size_t)n > max)
			v->fault = FAULT_TOO_LONG;
	}
	free(before);
	return (err);
}

enum sr_error
form_put(struct form * f, enum field field, const char * value, size_t len)
{
	struct field_value * v = &f->v[field];

	v->present = true;
	if (len > rows[field].max) {
		v->fault = FAULT_TOO_LONG;
		len = rows[field].max;
	}
	if (rows[field].kind == FIELD_KIND_JSON)
		return (take_json(v, value, len));
	if (is_text(&rows[field]))
		return (take_text(v, value, len));
	return (take_secret(v, rows[field].kind, value, len));
}

enum sr_error
form_take(const char * name, size_t name_len, const char * value,
    size_t value_len, void * form)
{
	struct form * f = form;
	enum field field;

	if (!form_find(f, name, name_len, &field))
		return (f->strict ? SR_E_FORM_MALFORMED : SR_OK);
	if (f->v[field].present && rows[field].kind == FIELD_KIND_LIST)
		return (take_more(&f->v[field], rows[field].max, value,
		    value_len));
	if (f->v[field].present)
		return (SR_E_FORM_MALFORMED);
	return (form_put(f, field, value, value_len));
}

bool
form_has(const struct form * f, enum field field)
{

	return (f->v[field].present);
}

const char *
form_text(const struct form * f, enum field field)
{

	must(is_text(&rows[field]));
	return (f->v[field].text == NULL ? "" : f->v[field].text);
}

const struct secbuf *
form_secret(const struct form * f, enum field field)
{

	must(belongs(f->set, &rows[field]) &&
	    !is_text(&rows[field]));
	return (f->v[field].secret);
}

enum field_fault
form_fault(const struct form * f, enum field field)
{

	return (f->v[field].fault);
}

enum sr_error
form_first_fault(const struct form * f)
{

	for (size_t i = 0; i < FIELD__MAX; i++) {
		if (f->v[i].fault != FAULT_NONE)
			return (rows[i].error);
	}
	return (SR_OK);
}

enum sr_error
form_named_fault(const struct form * f, struct form_complaint * out)
{

	for (size_t i = 0; i < FIELD__MAX; i++) {
		if (f->v[i].fault == FAULT_NONE)
			continue;
		(void)snprintf(out->field, sizeof(out->field), "%s",
		    rows[i].name);
		return (rows[i].error);
	}
	return (SR_OK);
}

bool
form_version(const char * text, uint32_t * out)
{
	uint64_t n = 0;

	for (const char * p = text; *p != '\0'; p++) {
		if (*p < '0' || *p > '9')
			return (false);
		if ((n = n * 10 + (uint64_t)(*p - '0')) > UINT32_MAX)
			return (false);
	}
	*out = (uint32_t)n;
	return (true);
}
