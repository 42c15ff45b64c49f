#ifndef SR_CGI_PAGE_INTERNAL_H
#define SR_CGI_PAGE_INTERNAL_H

/* Between the page_*.c files alone. */

#include <libxml/tree.h>

#include "cgi/page.h"
#include "core/redact/redact.h"

struct _xsltStylesheet;

struct page {
	enum page_name name;
	struct redact * redact;
	struct sr_id correlation_id;
	xmlDocPtr doc;
	xmlNodePtr open;
	xmlAttrPtr * free_text;		/* Attributes that hold gated text. */
	size_t free_text_n;
	size_t free_text_cap;
	bool alerted;
	enum sr_error err;		/* Sticks. */
};

struct templates {
	const char * prefix;	/* Not owned; before each address of ours. */
	struct _xsltStylesheet * sheet[PAGE__MAX];
};

/**
 * page_set(p, key, text, gated):
 * Add an attribute. ${gated}: it holds text of others, so that a second
 * rendering suppresses it.
 */
void page_set(struct page * p, const char * key, const char * text,
    bool gated);

/** page_alert(p, cause): put the security alert on the page, once. */
void page_alert(struct page * p, const char * cause);

/** page_suppress(p): replace all gated text. */
void page_suppress(struct page * p);

/** page_bytes(p, templates, format, bytes, len): serialise; caller xmlFrees. */
SR_NODISCARD enum sr_error page_bytes(const struct page * p,
    const struct templates * templates, enum format format, xmlChar ** bytes,
    int * len);

/**
 * page_links(doc, prefix):
 * Put ${prefix} before each address of the rendered page that is a path of this
 * site, so that no template knows it. Errors: OUT_OF_MEMORY.
 */
SR_NODISCARD enum sr_error page_links(xmlDocPtr doc, const char * prefix);

/** page_alert_alone(p, templates, format, out): the page of last resort. */
SR_NODISCARD enum sr_error page_alert_alone(const struct page * p,
    const struct templates * templates, enum format format,
    struct redacted ** out);

#endif /* !SR_CGI_PAGE_INTERNAL_H */
