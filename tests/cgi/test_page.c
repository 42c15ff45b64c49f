/* The page itself: the gate, escaping, the scan after rendering. */

#include <string.h>

#include <libxml/parser.h>

#include "cgi/page.h"
#include "core/base/secbuf.h"
#include "core/redact/redact.h"
#include "core/redact/variant.h"
#include "tests/harness/suite.h"

#define XSS	"\"><script>alert(1)</script><img src=x onerror='a&b'>"

static struct redact * redact;
static struct templates * templates;
static const struct sr_id id = { { 1, 2, 3, 4 } };

static int
open_all(void)
{
	static const char key[32] = "0123456789abcdef0123456789abcde";
	struct secbuf * k = NULL;
	enum sr_error err;

	if (page_library_init() != SR_OK || redact_new(&redact) != SR_OK ||
	    templates_load("templates", &templates) != SR_OK ||
	    secbuf_copy(key, sizeof(key), &k) != SR_OK)
		return (-1);
	err = redact_unlock(redact, k);
	secbuf_free(&k);
	redact_mark(redact, REDACT_READY);
	return (err == SR_OK ? 0 : -1);
}

static int
close_all(void)
{

	templates_free(&templates);
	redact_free(&redact);
	return (0);
}

static struct page *
failure_page(void)
{
	struct page * p = NULL;

	ASSERT_ERR_FATAL(page_new(redact, PAGE_FAILURE, &id, &p), SR_OK);
	page_begin(p, "visitor");
	page_lit(p, "signed-in", "no");
	page_end(p);
	page_begin(p, "failure");
	page_begin(p, "error");
	return (p);
}

/* The rendered page as a string; caller frees. */
static char *
rendered(struct page * p, enum format format, enum page_outcome * outcome)
{
	struct redacted * t = NULL;
	char * s = NULL;

	ASSERT_ERR_FATAL(page_render(p, templates, format, outcome, &t),
	    SR_OK);
	s = strndup(redacted_bytes(t), redacted_len(t));
	redacted_free(&t);
	return (s);
}

static void
hostile_text_is_escaped_everywhere(void)
{
	enum page_outcome outcome;
	struct page * p = failure_page();
	char * html, * xml;

	page_text(p, "heading", XSS);
	page_text(p, "detail", XSS);
	page_text(p, "type", XSS);
	html = rendered(p, FORMAT_HTML, &outcome);
	CU_ASSERT_EQUAL(outcome, PAGE_CLEAN);
	CU_ASSERT_PTR_NULL(strstr(html, "<script"));
	CU_ASSERT_PTR_NULL(strstr(html, "<img src=x"));
	CU_ASSERT_PTR_NOT_NULL(strstr(html, "&lt;script&gt;"));
	CU_ASSERT_PTR_NOT_NULL(strstr(html, "<!DOCTYPE html>"));
	xml = rendered(p, FORMAT_XML, &outcome);
	CU_ASSERT_PTR_NULL(strstr(xml, "<script"));
	free(html);
	free(xml);
	page_free(&p);
}

static void
bytes_that_xml_has_not_are_replaced(void)
{
	enum page_outcome outcome;
	struct page * p = failure_page();
	char * xml;
	xmlDocPtr doc;

	page_text(p, "detail", "a\x01\xff\xc3z\xef\xbf\xbf\x7f");
	xml = rendered(p, FORMAT_XML, &outcome);
	doc = xmlReadMemory(xml, (int)strlen(xml), NULL, NULL, XML_PARSE_NONET);
	CU_ASSERT_PTR_NOT_NULL(doc);
	CU_ASSERT_PTR_NOT_NULL(strstr(xml, "a\xef\xbf\xbd"));
	xmlFreeDoc(doc);
	free(xml);
	page_free(&p);
}

static void
text_is_withheld_with_an_alert_while_the_gate_cannot_vouch(void)
{
	enum page_outcome outcome;
	struct page * p;
	char * html;

	redact_mark(redact, REDACT_STALE);
	p = failure_page();
	page_text(p, "detail", "harmless words");
	page_name(p, "heading", "providers/key");
	page_input(p, "remedy", "typed.name/x");
	page_input(p, "field", "typed free words");
	redact_mark(redact, REDACT_READY);
	html = rendered(p, FORMAT_HTML, &outcome);
	CU_ASSERT_PTR_NULL(strstr(html, "harmless words"));
	CU_ASSERT_PTR_NOT_NULL(strstr(html, REDACT_SUPPRESSED));
	CU_ASSERT_PTR_NOT_NULL(strstr(html, "id=\"security-alert\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(html, ">stale<"));
	/* Typed metadata passes in every state. */
	CU_ASSERT_PTR_NOT_NULL(strstr(html, "providers/key"));
	CU_ASSERT_PTR_NOT_NULL(strstr(html, "typed.name/x"));
	CU_ASSERT_PTR_NULL(strstr(html, "typed free words"));
	free(html);
	page_free(&p);
}

/* ${value} becomes a known secret. */
static void
know(const char * value)
{
	static const char key[32] = "0123456789abcdef0123456789abcde";
	struct secbuf * k = NULL, * v = NULL;
	struct redact_forms forms = { 0 };

	ASSERT_ERR_FATAL(secbuf_copy(key, sizeof(key), &k), SR_OK);
	ASSERT_ERR_FATAL(secbuf_copy(value, strlen(value), &v), SR_OK);
	ASSERT_ERR_FATAL(redact_forms_of(k, v, &forms), SR_OK);
	ASSERT_ERR_FATAL(redact_known_put(redact, &id, 1, "instance/x@1",
	    forms.v, forms.n), SR_OK);
	redact_mark(redact, REDACT_READY);
	redact_forms_free(&forms);
	secbuf_free(&k);
	secbuf_free(&v);
}

static void
known_secrets_are_masked_in_the_model(void)
{
	enum page_outcome outcome;
	struct page * p;
	char * html;

	know("correct-horse-battery-staple-42");
	p = failure_page();
	page_text(p, "detail", "it was correct-horse-battery-staple-42 then");
	page_input(p, "remedy", "correct-horse-battery-staple-42");
	html = rendered(p, FORMAT_HTML, &outcome);
	CU_ASSERT_EQUAL(outcome, PAGE_CLEAN);
	CU_ASSERT_PTR_NULL(strstr(html, "correct-horse"));
	CU_ASSERT_PTR_NOT_NULL(strstr(html, "it was [REDACTED:"));
	free(html);
	page_free(&p);
	redact_known_drop(redact, &id);
}

/* The live set grows between the gate and the scan. */
static void
st_sec_006_ac3_a_hit_after_rendering_suppresses_all_free_text(void)
{
	enum page_outcome outcome;
	struct page * p = failure_page();
	char * html;

	page_lit(p, "heading", "Constant heading");
	page_text(p, "detail", "late-secret-value-0123456789-abcdef");
	know("late-secret-value-0123456789-abcdef");
	html = rendered(p, FORMAT_HTML, &outcome);
	CU_ASSERT_EQUAL(outcome, PAGE_WITHOUT_TEXT);
	CU_ASSERT_PTR_NULL(strstr(html, "late-secret"));
	CU_ASSERT_PTR_NOT_NULL(strstr(html, REDACT_SUPPRESSED));
	CU_ASSERT_PTR_NOT_NULL(strstr(html, "id=\"security-alert\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(html, "Constant heading"));
	free(html);
	page_free(&p);
	redact_known_drop(redact, &id);
}

static void
st_sec_006_ac3_a_second_hit_leaves_the_alert_alone(void)
{
	enum page_outcome outcome;
	struct page * p = failure_page();
	char * html, * xml;

	page_constant(p, "detail", "constant-that-is-a-secret-987654321");
	know("constant-that-is-a-secret-987654321");
	html = rendered(p, FORMAT_HTML, &outcome);
	CU_ASSERT_EQUAL(outcome, PAGE_ALERT_ALONE);
	CU_ASSERT_PTR_NULL(strstr(html, "constant-that"));
	CU_ASSERT_PTR_NOT_NULL(strstr(html, "ui_redaction_failed"));
	CU_ASSERT_PTR_NOT_NULL(strstr(html, "01020304-"));
	xml = rendered(p, FORMAT_XML, &outcome);
	CU_ASSERT_EQUAL(outcome, PAGE_ALERT_ALONE);
	CU_ASSERT_PTR_NULL(strstr(xml, "constant-that"));
	free(html);
	free(xml);
	page_free(&p);
	redact_known_drop(redact, &id);
}

static void
times_are_shown_for_machines_and_people(void)
{
	enum page_outcome outcome;
	struct page * p = failure_page();
	sr_time t = SR_TIME_NONE;
	char * xml;

	CU_ASSERT_TRUE_FATAL(clock_parse("2026-11-04T05:30:41Z", &t));
	page_time(p, "at", t);
	page_time(p, "never", SR_TIME_NONE);
	xml = rendered(p, FORMAT_XML, &outcome);
	CU_ASSERT_PTR_NOT_NULL(strstr(xml, " at=\"2026-11-04T05:30:41Z\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(xml,
	    " at-text=\"4 Nov 2026, 05:30:41 UTC\""));
	CU_ASSERT_PTR_NULL(strstr(xml, "never"));
	free(xml);
	page_free(&p);
}

static void
a_missing_stylesheet_fails_at_start(void)
{
	struct templates * none = NULL;

	ASSERT_ERR(templates_load("/nonexistent", &none), SR_E_CONFIG_INVALID);
	CU_ASSERT_PTR_NULL(none);
	CU_ASSERT_STRING_EQUAL(templates_failed(), "front");
	/* The permissions of a failed load must not stay open. */
	templates_free(&templates);
	ASSERT_ERR_FATAL(templates_load("templates", &templates), SR_OK);
}

/* How often ${text} is in ${s}. */
static unsigned
times(const char * s, const char * text)
{
	unsigned n = 0;

	while ((s = strstr(s, text)) != NULL) {
		n++;
		s += strlen(text);
	}
	return (n);
}

static void
addresses_of_a_page_are_below_the_prefix(void)
{
	enum page_outcome outcome;
	struct page * p = failure_page();
	char * plain, * html, * xml;

	/* Text is not an address, whatever it looks like. */
	page_text(p, "detail", "see href=\"/login\" there");
	plain = rendered(p, FORMAT_HTML, &outcome);
	templates_under(templates, "/strongroom");
	html = rendered(p, FORMAT_HTML, &outcome);
	xml = rendered(p, FORMAT_XML, &outcome);
	templates_under(templates, "");
	CU_ASSERT_EQUAL(times(plain, "/strongroom/"), 0);
	CU_ASSERT(times(html, "=\"/strongroom/") > 5);
	CU_ASSERT_EQUAL(times(html, "=\"/strongroom/"), times(plain, "=\"/") -
	    1);
	CU_ASSERT_EQUAL(times(html, "see href=\"/login\" there"), 1);
	CU_ASSERT_EQUAL(times(html, "href=\"#main\""), 1);
	CU_ASSERT_EQUAL(times(xml, "/strongroom/"), 0);
	CU_ASSERT_EQUAL(strlen(html), strlen(plain) +
	    times(html, "=\"/strongroom/") * strlen("/strongroom"));
	free(plain);
	free(html);
	free(xml);
	page_free(&p);
}

static void
the_page_of_last_resort_is_below_the_prefix(void)
{
	enum page_outcome outcome;
	struct page * p = failure_page();
	char * html;

	page_constant(p, "detail", "constant-that-is-a-secret-987654321");
	know("constant-that-is-a-secret-987654321");
	templates_under(templates, "/strongroom");
	html = rendered(p, FORMAT_HTML, &outcome);
	templates_under(templates, "");
	CU_ASSERT_EQUAL(outcome, PAGE_ALERT_ALONE);
	CU_ASSERT_PTR_NOT_NULL(strstr(html,
	    "href=\"/strongroom/assets/strongroom.css\""));
	free(html);
	page_free(&p);
	redact_known_drop(redact, &id);
}

static const struct suite_test tests[] = {
	TEST(addresses_of_a_page_are_below_the_prefix),
	TEST(the_page_of_last_resort_is_below_the_prefix),
	TEST(hostile_text_is_escaped_everywhere),
	TEST(bytes_that_xml_has_not_are_replaced),
	TEST(text_is_withheld_with_an_alert_while_the_gate_cannot_vouch),
	TEST(known_secrets_are_masked_in_the_model),
	TEST(st_sec_006_ac3_a_hit_after_rendering_suppresses_all_free_text),
	TEST(st_sec_006_ac3_a_second_hit_leaves_the_alert_alone),
	TEST(times_are_shown_for_machines_and_people),
	TEST(a_missing_stylesheet_fails_at_start),
};

SUITE_MAIN("cgi/page", tests, open_all, close_all)
