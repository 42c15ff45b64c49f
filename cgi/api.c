#include "cgi/api.h"

static const struct api_row rows[] = {
#define API(route, query, status, answer, summary)		\
	{ ROUTE_##route, #route, FIELDS_##query, status,		\
	    ANSWER_##answer, summary },
#include "cgi/api.def"
#undef API
};

const struct api_row *
api_row(size_t i)
{

	return (i < COUNTOF(rows) ? &rows[i] : NULL);
}

enum field_set
api_query(const struct route * route)
{

	for (size_t i = 0; i < COUNTOF(rows); i++) {
		if (route_row(rows[i].route) == route)
			return (rows[i].query);
	}
	return (FIELDS_NONE);
}

/* 1 to API_LIMIT_MAX; 0: it is not that. */
static unsigned
limit_of(const char * text)
{
	unsigned n = 0;

	for (; *text >= '0' && *text <= '9' && n <= API_LIMIT_MAX; text++)
		n = n * 10 + (unsigned)(*text - '0');
	return (*text == '\0' && n <= API_LIMIT_MAX ? n : 0);
}

enum sr_error
api_limit(struct exchange * x, enum field limit, unsigned * out)
{

	*out = form_has(x->form, limit) ? limit_of(form_text(x->form, limit)) :
	    API_LIMIT;
	if (*out != 0)
		return (SR_OK);
	x->complaint.field = "limit";
	return (SR_E_CURSOR_INVALID);
}

enum sr_error
api_page(struct exchange * x, enum field after, enum field limit,
    struct api_page * out)
{

	*out = (struct api_page){ .has_after = false };
	out->has_after = form_has(x->form, after);
	if (out->has_after &&
	    !sr_id_parse(form_text(x->form, after), &out->after)) {
		x->complaint.field = "after";
		return (SR_E_CURSOR_INVALID);
	}
	return (api_limit(x, limit, &out->limit));
}

void
api_list_new(struct api_list * l, struct exchange * x, unsigned limit)
{

	l->left = limit;
	l->more = false;
	l->last = sr_id_nil;
	doc_new(&l->doc, x, "list");
	doc_array(&l->doc, "items");
}

bool
api_list_room(struct api_list * l, const struct sr_id * id)
{

	l->more = l->left == 0;
	if (l->more)
		return (false);
	l->left--;
	l->last = *id;
	return (true);
}

enum sr_error
api_list_send(struct api_list * l, enum sr_error err)
{

	doc_end(&l->doc);
	doc_id(&l->doc, "next", l->more ? &l->last : &sr_id_nil);
	return (doc_send(&l->doc, 200, err));
}

void
doc_secret(struct doc * d, const struct secret_meta * meta)
{

	doc_id(d, "id", &meta->id);
	doc_name(d, "scope", secret_scope_name(meta->scope));
	doc_id(d, "project", &meta->project_id);
	doc_name(d, "name", meta->name);
	doc_u64(d, "key_version", meta->key_version);
	doc_name(d, "source", meta->source);
	doc_name(d, "status", meta->status);
	doc_time(d, "last_rotated_at", meta->last_rotated_at);
	doc_time(d, "expires_at", meta->expires_at);
	doc_time(d, "created_at", meta->created_at);
	doc_time(d, "updated_at", meta->updated_at);
}

/* The scopes as they are given when a key is made: with commas. */
static void
scopes_text(unsigned scopes, char * out, size_t size)
{
	size_t n = 0;

	out[0] = '\0';
	for (unsigned bit = 1; bit <= KEY_SCOPE_LAST; bit <<= 1) {
		if ((scopes & bit) == 0)
			continue;
		n += (size_t)snprintf(out + n, size - n, "%s%s",
		    n == 0 ? "" : ",", key_scope_name((enum key_scope)bit));
		must(n < size);
	}
}

void
doc_key(struct doc * d, const struct api_key * key, const char * projects)
{
	char scopes[128];

	scopes_text(key->scopes, scopes, sizeof(scopes));
	doc_id(d, "id", &key->id);
	doc_name(d, "name", key->name);
	doc_name(d, "hint", key->hint);
	doc_name(d, "status", api_key_status_name(key, clock_now()));
	doc_name(d, "scopes", scopes);
	doc_name(d, "projects", projects);
	doc_name(d, "created_by", key->created_by);
	doc_time(d, "created_at", key->created_at);
	doc_time(d, "expires_at", key->expires_at);
	doc_time(d, "last_used_at", key->last_used_at);
	doc_time(d, "revoked_at", key->revoked_at);
}
