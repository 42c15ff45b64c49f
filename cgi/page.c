#include "cgi/page_internal.h"

static const struct {
	const char * file;
	const char * title;
} pages[PAGE__MAX] = {
#define PAGE(id, name, title) [PAGE_##id] = { name, title },
#include "cgi/page.def"
#undef PAGE
};

const char *
page_file(enum page_name name)
{

	must(name < PAGE__MAX);
	return (pages[name].file);
}

const char *
page_title(enum page_name name)
{

	must(name < PAGE__MAX);
	return (pages[name].title);
}

static const xmlChar *
xml(const char * text)
{

	return ((const xmlChar *)text);
}

enum sr_error
page_new(struct redact * redact, enum page_name name,
    const struct sr_id * correlation_id, struct page ** out)
{
	struct page * p;

	*out = NULL;
	if ((p = calloc(1, sizeof(*p))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	p->name = name;
	p->redact = redact;
	p->correlation_id = *correlation_id;
	p->doc = xmlNewDoc(xml("1.0"));
	if (p->doc != NULL)
		p->open = xmlNewDocNode(p->doc, NULL, xml("page"), NULL);
	if (p->open == NULL) {
		page_free(&p);
		return (SR_E_OUT_OF_MEMORY);
	}
	(void)xmlDocSetRootElement(p->doc, p->open);
	page_constant(p, "name", page_file(name));
	page_constant(p, "title", page_title(name));
	page_id(p, "correlation-id", correlation_id);
	*out = p;
	return (SR_OK);
}

void
page_free(struct page ** p)
{

	if (*p == NULL)
		return;
	if ((*p)->doc != NULL)
		xmlFreeDoc((*p)->doc);
	free((*p)->free_text);
	free(*p);
	*p = NULL;
}

void
page_open(struct page * p, const char * name)
{
	xmlNodePtr node;

	if (p->err != SR_OK)
		return;
	node = xmlNewDocNode(p->doc, NULL, xml(name), NULL);
	if (node == NULL) {
		p->err = SR_E_OUT_OF_MEMORY;
		return;
	}
	(void)xmlAddChild(p->open, node);
	p->open = node;
}

void
page_end(struct page * p)
{

	if (p->err != SR_OK)
		return;
	must(p->open->parent != NULL &&
	    p->open->parent->type == XML_ELEMENT_NODE);
	p->open = p->open->parent;
}

static bool
remember(struct page * p, xmlAttrPtr attr)
{
	xmlAttrPtr * grown;
	size_t cap;

	if (p->free_text_n == p->free_text_cap) {
		cap = p->free_text_cap == 0 ? 64 : p->free_text_cap * 2;
		grown = realloc(p->free_text, cap * sizeof(*grown));
		if (grown == NULL)
			return (false);
		p->free_text = grown;
		p->free_text_cap = cap;
	}
	p->free_text[p->free_text_n++] = attr;
	return (true);
}

void
page_set(struct page * p, const char * key, const char * text, bool gated)
{
	xmlAttrPtr attr;

	if (p->err != SR_OK)
		return;
	attr = xmlNewProp(p->open, xml(key), xml(text));
	if (attr == NULL || (gated && !remember(p, attr)))
		p->err = SR_E_OUT_OF_MEMORY;
}

void
page_alert(struct page * p, const char * cause)
{
	xmlNodePtr root, alert;

	if (p->err != SR_OK || p->alerted)
		return;
	root = xmlDocGetRootElement(p->doc);
	alert = xmlNewDocNode(p->doc, NULL, xml("alert"), NULL);
	if (alert == NULL) {
		p->err = SR_E_OUT_OF_MEMORY;
		return;
	}
	if (root->children == NULL)
		(void)xmlAddChild(root, alert);
	else
		(void)xmlAddPrevSibling(root->children, alert);
	if (xmlNewProp(alert, xml("kind"), xml("suppressed")) == NULL ||
	    xmlNewProp(alert, xml("cause"), xml(cause)) == NULL)
		p->err = SR_E_OUT_OF_MEMORY;
	p->alerted = true;
}

void
page_suppress(struct page * p)
{
	xmlNodePtr text;

	for (size_t i = 0; i < p->free_text_n && p->err == SR_OK; i++) {
		text = p->free_text[i]->children;
		if (text != NULL)
			xmlNodeSetContent(text, xml(REDACT_SUPPRESSED));
	}
}
