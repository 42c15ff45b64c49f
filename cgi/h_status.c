/* For people: whether all is well; and for those who found that it is not. */

#include "cgi/exchange.h"
#include "cgi/ready.h"
#include "cgi/view.h"
#include "core/base/config.h"
#include "core/redact/compose.h"

#define DAY	(24 * 3600 * SR_SECOND)
/* RFC 9116 wants an end, of less than a year. */
#define CONTACT_DAYS	300

/* What this worker masked and withheld since it was started. */
static void
channels(struct exchange * x, struct page * page)
{
	struct redact_counts c;
	uint64_t withheld;

	page_begin(page, "channels");
	page_u64(page, "known", redact_known_count(x->worker->redact));
	for (unsigned i = 0; i < REDACT__MAX; i++) {
		redact_counts(x->worker->redact, (enum redact_channel)i, &c);
		withheld = c.hit;
		for (unsigned k = 0; k < REDACT_CAUSE__MAX; k++)
			withheld += c.withheld[k];
		page_begin(page, "channel");
		page_constant(page, "name",
		    view_channel_name((enum redact_channel)i));
		page_u64(page, "passed", c.passed);
		page_u64(page, "known", c.known);
		page_u64(page, "rules", c.rules);
		page_u64(page, "withheld", withheld);
		page_end(page);
	}
	page_end(page);
}

enum sr_error
h_status(struct exchange * x)
{
	enum sr_error results[CHECK__MAX];
	struct page * page = NULL;
	bool good = true;
	enum sr_error err;

	if ((err = view_begin(x, PAGE_STATUS, &page)) != SR_OK)
		return (err);
	ready_checks(x, results);
	for (unsigned i = 0; i < CHECK__MAX; i++)
		good = good && results[i] == SR_OK;
	page_begin(page, "status");
	page_yes(page, "good", good);
	page_lit(page, "version", SR_VERSION);
	view_checks(page, results);
	channels(x, page);
	page_end(page);
	return (view_end(x, good ? 200 : 503, &page, SR_OK));
}

/* An address of the settings: what a URI may hold, and no line's end. */
static bool
is_address(const char * text)
{
	size_t len = strlen(text);

	if (strncmp(text, "mailto:", 7) != 0 &&
	    strncmp(text, "https://", 8) != 0)
		return (false);
	return (len > 0 && len <= 254 && strspn(text,
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	    "-._~:/?#[]@!$&'()*+,;=%") == len);
}

enum sr_error
h_security_txt(struct exchange * x)
{
	const char * contact = config_text(x->worker->config,
	    CFG_SITE_SECURITY_CONTACT);
	struct compose * c = NULL;
	struct redacted * body = NULL;
	enum sr_error err;

	if (!is_address(contact))
		return (SR_E_ROUTE_NOT_FOUND);
	err = compose_new(x->worker->redact, REDACT_UI, 1024, &c);
	if (err != SR_OK)
		return (err);
	compose_lit(c, "Contact: ");
	compose_text(c, contact, strlen(contact));
	compose_lit(c, "\nExpires: ");
	compose_time(c, (clock_now() / DAY + CONTACT_DAYS) * DAY);
	compose_lit(c, "\nPreferred-Languages: en\n");
	if ((err = compose_finish(&c, &body)) == SR_OK)
		response_body(&x->response, 200, CONTENT_TEXT, &body);
	return (err);
}
