#include <libxml/tree.h>
#include <libxml/xpath.h>
#include <string.h>

#include "tests/harness/files.h"
#include "tests/harness/http_internal.h"

#define FIELDS_MAX	64

/* What will be sent; names and values are owned. */
struct filled {
	struct http_field fields[FIELDS_MAX + 1];
	size_t n;
};

static const char *
given(const struct http_field * fields, const char * name)
{

	for (; fields->name != NULL; fields++) {
		if (strcmp(fields->name, name) == 0)
			return (fields->value);
	}
	return (NULL);
}

static void
add(struct filled * f, const char * name, const char * value)
{

	must(f->n < FIELDS_MAX);
	f->fields[f->n].name = text_format("%s", name);
	f->fields[f->n].value = text_format("%s", value);
	f->n++;
}

/* Whether a browser would send that field as the page has it. */
#define SENT	"//form[@id='%s']//*[@name and not(@disabled) and "	\
	"(self::select or self::textarea or self::input["		\
	"not(@type='submit' or @type='button') and "			\
	"(not(@type='checkbox' or @type='radio') or @checked)])][%u]"

/* The string function(NODEpath) of the form's ${i}th field. */
static char *
part(struct http_reply * page, const char * form, unsigned i,
    const char * function, const char * path)
{
	char * node = text_format(SENT, form, i);
	char * expression = text_format("%s((%s)%s)", function, node, path);
	char * text = http_xpath(page, expression);

	free(node);
	free(expression);
	return (text);
}

static char *
selected(struct http_reply * page, const char * form, unsigned i)
{
	char * value;

	value = part(page, form, i, "string", "//option[@selected]/@value");
	if (value[0] == '\0') {
		free(value);
		value = part(page, form, i, "string", "//option[1]/@value");
	}
	return (value);
}

/* The value that the page gives its ${i}th field. */
static char *
standing_value(struct http_reply * page, const char * form, unsigned i)
{
	char * kind = part(page, form, i, "local-name", "");
	char * value;

	if (strcmp(kind, "select") == 0)
		value = selected(page, form, i);
	else if (strcmp(kind, "textarea") == 0)
		value = part(page, form, i, "string", "");
	else
		value = part(page, form, i, "string", "/@value");
	free(kind);
	return (value);
}

/* The form's own fields first, with the given values where there are. */
static void
fill(struct http_reply * page, const char * form,
    const struct http_field * fields, struct filled * f)
{
	const struct http_field * g;
	char * name, * value;
	unsigned i;

	for (i = 1; i <= FIELDS_MAX; i++) {
		name = part(page, form, i, "string", "/@name");
		if (name[0] == '\0') {
			free(name);
			break;
		}
		value = standing_value(page, form, i);
		add(f, name, given(fields, name) != NULL ?
		    given(fields, name) : value);
		free(name);
		free(value);
	}
	for (g = fields; g->name != NULL; g++) {
		if (given(f->fields, g->name) == NULL)
			add(f, g->name, g->value);
	}
}

static void
release(struct filled * f)
{
	size_t i;

	for (i = 0; i < f->n; i++) {
		/* add() made them. */
		free((void *)(uintptr_t)f->fields[i].name);
		free((void *)(uintptr_t)f->fields[i].value);
	}
}

struct http_reply *
http_submit(struct http * h, struct http_reply * page, const char * form_id,
    const struct http_field * fields)
{
	struct filled f = { .n = 0 };
	char * expression = text_format("//form[@id='%s']", form_id);
	char * action_of = text_format("string(%s/@action)", expression);
	char * path = http_xpath(page, action_of);
	char * action = http_at_origin(h, path);
	struct http_reply * r;

	if (http_count(page, expression) == 1) {
		fill(page, form_id, fields, &f);
		r = http_post(h, action, f.fields);
		release(&f);
	} else
		r = http_no_reply("no such form");
	free(action);
	free(path);
	free(action_of);
	free(expression);
	return (r);
}

char *
http_cookie(struct http * h, const char * name)
{
	struct curl_slist * list = NULL, * c;
	const char * field, * tab;
	char * value = NULL;
	int i;

	curl_easy_getinfo(h->curl, CURLINFO_COOKIELIST, &list);
	for (c = list; c != NULL; c = c->next) {
		/* domain, tail, path, secure, expires, name, value */
		field = c->data;
		for (i = 0; i < 5 && field != NULL; i++)
			field = (tab = strchr(field, '\t')) ? tab + 1 : NULL;
		if (field == NULL || (tab = strchr(field, '\t')) == NULL)
			continue;
		if ((size_t)(tab - field) != strlen(name) ||
		    strncmp(field, name, strlen(name)) != 0)
			continue;
		free(value);
		value = text_format("%s", tab + 1);
	}
	curl_slist_free_all(list);
	return (value);
}

void
http_set_cookie(struct http * h, const char * name, const char * value)
{
	const char * path = h->base + h->origin;
	char * line = text_format("Set-Cookie: %s=%s; path=%s; "
	    "domain=127.0.0.1", name, value, path[0] != '\0' ? path : "/");

	curl_easy_setopt(h->curl, CURLOPT_COOKIELIST, line);
	free(line);
}

void
http_forget_cookies(struct http * h)
{

	curl_easy_setopt(h->curl, CURLOPT_COOKIELIST, "ALL");
}
