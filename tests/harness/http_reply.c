#include <libxml/HTMLparser.h>
#include <libxml/xpath.h>
#include <string.h>
#include <strings.h>

#include "tests/harness/files.h"
#include "tests/harness/http_internal.h"

void
http_reply_free(struct http_reply ** r)
{

	if (*r == NULL)
		return;
	if ((*r)->doc != NULL)
		xmlFreeDoc((*r)->doc);
	free((*r)->headers);
	free((*r)->body);
	free(*r);
	*r = NULL;
}

/* The value of the header line ${line} if it is called ${name}, else NULL. */
static const char *
header_value(const char * line, const char * name)
{
	size_t n = strlen(name);

	if (strncasecmp(line, name, n) != 0 || line[n] != ':')
		return (NULL);
	line += n + 1;
	return (line + strspn(line, " \t"));
}

static const char *
next_line(const char * line)
{
	const char * end = strchr(line, '\n');

	return (end != NULL ? end + 1 : NULL);
}

char *
http_reply_header(const struct http_reply * r, const char * name)
{
	const char * line, * value;

	for (line = r->headers; line != NULL; line = next_line(line)) {
		if ((value = header_value(line, name)) != NULL)
			return (text_format("%.*s",
			    (int)strcspn(value, "\r\n"), value));
	}
	return (NULL);
}

unsigned
http_reply_header_count(const struct http_reply * r, const char * name)
{
	const char * line;
	unsigned n = 0;

	for (line = r->headers; line != NULL; line = next_line(line))
		n += header_value(line, name) != NULL;
	return (n);
}

bool
http_has(const struct http_reply * r, const char * text)
{

	return (memmem(r->body, r->len, text, strlen(text)) != NULL);
}

static xmlDocPtr
document(struct http_reply * r)
{
	char * type;

	if (r->doc != NULL)
		return (r->doc);
	type = http_reply_header(r, "Content-Type");
	if (type != NULL && strstr(type, "xml") != NULL)
		r->doc = xmlReadMemory(r->body, (int)r->len, "reply", NULL,
		    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	else
		r->doc = htmlReadMemory(r->body, (int)r->len, "reply", "UTF-8",
		    HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
		    HTML_PARSE_NONET);
	free(type);
	return (r->doc);
}

/* Evaluate; NULL when there is no document or no such XPath. */
static xmlXPathObjectPtr
evaluate(struct http_reply * r, const char * expression)
{
	xmlDocPtr doc = document(r);
	xmlXPathContextPtr context;
	xmlXPathObjectPtr object;

	if (doc == NULL || (context = xmlXPathNewContext(doc)) == NULL)
		return (NULL);
	object = xmlXPathEvalExpression((const xmlChar *)expression, context);
	xmlXPathFreeContext(context);
	return (object);
}

char *
http_xpath(struct http_reply * r, const char * expression)
{
	xmlXPathObjectPtr object = evaluate(r, expression);
	xmlChar * s = NULL;
	char * text;

	if (object != NULL)
		s = xmlXPathCastToString(object);
	text = text_format("%s", s != NULL ? (const char *)s : "");
	xmlFree(s);
	xmlXPathFreeObject(object);
	return (text);
}

unsigned
http_count(struct http_reply * r, const char * nodes)
{
	xmlXPathObjectPtr object = evaluate(r, nodes);
	unsigned n = 0;

	if (object != NULL && object->type == XPATH_NODESET &&
	    object->nodesetval != NULL)
		n = (unsigned)object->nodesetval->nodeNr;
	xmlXPathFreeObject(object);
	return (n);
}

char *
http_id_text(struct http_reply * r, const char * id)
{
	char * expression, * text;

	expression = text_format("normalize-space(//*[@id='%s'])", id);
	text = http_xpath(r, expression);
	free(expression);
	return (text);
}

char *
http_csrf(struct http_reply * r, const char * form_id)
{
	char * expression, * text;

	expression = text_format(
	    "string(//form[@id='%s']//input[@name='_csrf']/@value)", form_id);
	text = http_xpath(r, expression);
	free(expression);
	return (text);
}
