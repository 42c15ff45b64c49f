/* Errors as problem documents, from every row of the catalogue. */

#include <string.h>

#include <jansson.h>
#include <libxml/parser.h>

#include "cgi/exchange.h"
#include "cgi/failure.h"
#include "core/redact/redact.h"
#include "tests/harness/suite.h"

static char *
problem(enum sr_error err, enum format format, const char ** type)
{
	static struct worker worker;
	struct exchange x = { .worker = &worker,
		.request = { .format = format },
		.complaint = { .field = "name", .policy = "a_policy" } };
	char * s = NULL;

	ASSERT_ERR_FATAL(problem_answer(&x, err), SR_OK);
	CU_ASSERT_EQUAL(x.response.status, sr_error_row(err)->status);
	*type = content_name(x.response.type);
	s = strndup(redacted_bytes(x.response.body),
	    redacted_len(x.response.body));
	response_free(&x.response);
	return (s);
}

static void
every_row_is_a_json_problem(void)
{
	const struct sr_error_row * row;
	const char * type;
	json_t * j;
	char * s;

	for (unsigned e = SR_OK + 1; e < SR_E__MAX; e++) {
		row = sr_error_row((enum sr_error)e);
		s = problem((enum sr_error)e, FORMAT_JSON, &type);
		CU_ASSERT_STRING_EQUAL(type, "application/problem+json");
		j = json_loads(s, JSON_REJECT_DUPLICATES, NULL);
		CU_ASSERT_PTR_NOT_NULL_FATAL(j);
		CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(j,
		    "detail")), row->detail);
		CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(j,
		    "remediation")), row->remedy);
		CU_ASSERT_EQUAL(json_integer_value(json_object_get(j,
		    "status")), row->status);
		CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(j,
		    "policy")), "a_policy");
		json_decref(j);
		free(s);
	}
}

static void
every_row_is_an_xml_problem(void)
{
	const char * type;
	xmlDocPtr doc;
	char * s;

	for (unsigned e = SR_OK + 1; e < SR_E__MAX; e++) {
		s = problem((enum sr_error)e, FORMAT_XML, &type);
		CU_ASSERT_STRING_EQUAL(type,
		    "application/problem+xml; charset=utf-8");
		doc = xmlReadMemory(s, (int)strlen(s), NULL, NULL,
		    XML_PARSE_NONET);
		CU_ASSERT_PTR_NOT_NULL(doc);
		CU_ASSERT_PTR_NOT_NULL(strstr(s, sr_error_row(
		    (enum sr_error)e)->name));
		xmlFreeDoc(doc);
		free(s);
	}
}

/* problem.c and page_alert.c put catalogue texts in as they are. */
static void
catalogue_texts_need_no_escaping(void)
{
	const struct sr_error_row * row;

	for (unsigned e = SR_OK + 1; e < SR_E__MAX; e++) {
		row = sr_error_row((enum sr_error)e);
		CU_ASSERT_PTR_NULL(strpbrk(row->title, "\"\\<&\n"));
		CU_ASSERT_PTR_NULL(strpbrk(row->detail, "\"\\<&\n"));
		CU_ASSERT_PTR_NULL(strpbrk(row->remedy, "\"\\<&\n"));
	}
}

static const struct suite_test tests[] = {
	TEST(every_row_is_a_json_problem),
	TEST(every_row_is_an_xml_problem),
	TEST(catalogue_texts_need_no_escaping),
};

SUITE_MAIN("cgi/problem", tests, NULL, NULL)
