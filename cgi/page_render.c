/* From the model to bytes, and the scan after rendering. */

#include <libxslt/security.h>
#include <libxslt/transform.h>
#include <libxslt/xsltutils.h>

#include "cgi/page_internal.h"

static void
silent(void * cookie, const char * format, ...)
{

	(void)cookie;
	(void)format;
}

/* Apply the stylesheet; NULL when it failed in any way. */
static xmlDocPtr
transform(xsltStylesheetPtr sheet, xmlDocPtr doc)
{
	xsltTransformContextPtr ctxt;
	xmlDocPtr result;

	if ((ctxt = xsltNewTransformContext(sheet, doc)) == NULL)
		return (NULL);
	xsltSetTransformErrorFunc(ctxt, NULL, silent);
	if (xsltSetCtxtSecurityPrefs(xsltGetDefaultSecurityPrefs(),
	    ctxt) != 0) {
		xsltFreeTransformContext(ctxt);
		return (NULL);
	}
	result = xsltApplyStylesheetUser(sheet, doc, NULL, NULL, NULL, ctxt);
	/* A result may exist although the transformation has failed. */
	if (ctxt->state != XSLT_STATE_OK && result != NULL) {
		xmlFreeDoc(result);
		result = NULL;
	}
	xsltFreeTransformContext(ctxt);
	return (result);
}

static enum sr_error
html_bytes(const struct page * p, const struct templates * templates,
    xmlChar ** bytes, int * len)
{
	const xsltStylesheetPtr sheet = templates->sheet[p->name];
	xmlDocPtr html;
	enum sr_error err;
	int rc = -1;

	if ((html = transform(sheet, p->doc)) == NULL)
		return (SR_E_INTERNAL_ERROR);
	if ((err = page_links(html, templates->prefix)) == SR_OK)
		rc = xsltSaveResultToString(bytes, len, html, sheet);
	xmlFreeDoc(html);
	if (err != SR_OK)
		return (err);
	return (rc == 0 && *bytes != NULL ? SR_OK : SR_E_OUT_OF_MEMORY);
}

enum sr_error
page_bytes(const struct page * p, const struct templates * templates,
    enum format format, xmlChar ** bytes, int * len)
{

	*bytes = NULL;
	*len = 0;
	if (format != FORMAT_XML)
		return (html_bytes(p, templates, bytes, len));
	xmlDocDumpMemoryEnc(p->doc, bytes, len, "UTF-8");
	return (*bytes != NULL ? SR_OK : SR_E_OUT_OF_MEMORY);
}

/* Render and scan once. UI_REDACTION_FAILED: the scan hit. */
static enum sr_error
render_once(const struct page * p, const struct templates * templates,
    enum format format, struct redacted ** out)
{
	struct redact_hits hits = { 0 };
	xmlChar * bytes = NULL;
	int len = 0;
	enum sr_error err;

	err = page_bytes(p, templates, format, &bytes, &len);
	if (err == SR_OK)
		err = redact_rendered(p->redact, (const char *)bytes,
		    (size_t)len, &hits, out);
	if (bytes != NULL)
		xmlFree(bytes);
	return (err);
}

enum sr_error
page_render(struct page * p, const struct templates * templates,
    enum format format, enum page_outcome * outcome, struct redacted ** out)
{
	enum sr_error err;

	*out = NULL;
	*outcome = PAGE_CLEAN;
	if (p->err != SR_OK)
		return (p->err);
	err = render_once(p, templates, format, out);
	if (err != SR_E_UI_REDACTION_FAILED)
		return (err);
	*outcome = PAGE_WITHOUT_TEXT;
	page_suppress(p);
	page_alert(p, "rendered");
	if (p->err != SR_OK)
		return (p->err);
	err = render_once(p, templates, format, out);
	if (err != SR_E_UI_REDACTION_FAILED)
		return (err);
	*outcome = PAGE_ALERT_ALONE;
	return (page_alert_alone(p, templates, format, out));
}
