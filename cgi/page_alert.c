/* The page of last resort: constants and the correlation id, nothing else. */

#include "cgi/page_internal.h"
#include "core/redact/compose.h"

static const char *
prefix_name(const struct templates * templates)
{

	return (templates->prefix);
}

static void
alert_html(struct compose * c, const struct templates * templates,
    const struct sr_id * correlation_id)
{
	const struct sr_error_row * row =
	    sr_error_row(SR_E_UI_REDACTION_FAILED);

	compose_lit(c, "<!DOCTYPE html>\n<html lang=\"en\"><head>"
	    "<meta charset=\"utf-8\"><title>Security alert</title>"
	    "<link rel=\"stylesheet\" href=\"");
	compose_constant(c, prefix_name(templates));
	compose_lit(c, "/assets/strongroom.css\">"
	    "</head><body><main id=\"main\"><h1>Security alert</h1>"
	    "<div class=\"alert\" role=\"alert\" id=\"security-alert\"><p>");
	compose_constant(c, row->detail);
	compose_lit(c, "</p><p>");
	compose_constant(c, row->remedy);
	compose_lit(c, "</p></div><p>Error type <code>");
	compose_constant(c, sr_error_name(SR_E_UI_REDACTION_FAILED));
	compose_lit(c, "</code>, correlation id <code>");
	compose_id(c, correlation_id);
	compose_lit(c, "</code></p></main></body></html>\n");
}

static void
alert_xml(struct compose * c, const struct sr_id * correlation_id)
{

	compose_lit(c, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<alert kind=\"suppressed\" cause=\"rendered\" "
	    "correlation-id=\"");
	compose_id(c, correlation_id);
	compose_lit(c, "\"/>\n");
}

enum sr_error
page_alert_alone(const struct page * p, const struct templates * templates,
    enum format format, struct redacted ** out)
{
	struct compose * c = NULL;
	enum sr_error err;

	if ((err = compose_new(NULL, REDACT_UI, 8192, &c)) != SR_OK)
		return (err);
	if (format == FORMAT_XML)
		alert_xml(c, &p->correlation_id);
	else
		alert_html(c, templates, &p->correlation_id);
	return (compose_finish(&c, out));
}
