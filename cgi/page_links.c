/* The prefix under which the site is, put before the addresses of a page. */

#include "cgi/page_internal.h"

/* Attributes of HTML whose value is an address; data-events is a script's. */
static bool
is_address(const xmlChar * name)
{
	static const char * const names[] = { "href", "src", "action",
		"formaction", "data-events" };

	for (size_t i = 0; i < COUNTOF(names); i++) {
		if (xmlStrcmp(name, (const xmlChar *)names[i]) == 0)
			return (true);
	}
	return (false);
}

/* A path from the root; "//host/" is an address elsewhere. */
static bool
is_ours(const xmlChar * value)
{

	return (value[0] == '/' && value[1] != '/');
}

static enum sr_error
move(xmlAttrPtr attr, const char * prefix)
{
	xmlChar * value = xmlNodeListGetString(attr->doc, attr->children, 1);
	xmlChar * moved = NULL;
	bool good = true;

	if (value != NULL && is_ours(value)) {
		moved = xmlStrncatNew((const xmlChar *)prefix, value, -1);
		good = moved != NULL && xmlSetNsProp(attr->parent, attr->ns,
		    attr->name, moved) != NULL;
	}
	if (moved != NULL)
		xmlFree(moved);
	if (value != NULL)
		xmlFree(value);
	return (good ? SR_OK : SR_E_OUT_OF_MEMORY);
}

static enum sr_error
move_all(xmlNodePtr element, const char * prefix)
{
	enum sr_error err = SR_OK;

	for (xmlAttrPtr a = element->properties; a != NULL && err == SR_OK;
	    a = a->next) {
		if (is_address(a->name))
			err = move(a, prefix);
	}
	return (err);
}

/* The node after ${n} in the order of the document. */
static xmlNodePtr
after(xmlNodePtr n)
{

	if (n->type == XML_ELEMENT_NODE && n->children != NULL)
		return (n->children);
	while (n != NULL && n->next == NULL) {
		n = n->parent;
		if (n != NULL && n->type != XML_ELEMENT_NODE)
			return (NULL);
	}
	return (n == NULL ? NULL : n->next);
}

enum sr_error
page_links(xmlDocPtr doc, const char * prefix)
{
	enum sr_error err = SR_OK;

	if (prefix[0] == '\0')
		return (SR_OK);
	for (xmlNodePtr n = xmlDocGetRootElement(doc); n != NULL &&
	    err == SR_OK; n = after(n)) {
		if (n->type == XML_ELEMENT_NODE)
			err = move_all(n, prefix);
	}
	return (err);
}
