/* Prompts by the API. */

#include "core/runs/prompt.h"
#include "tests/cgi/artifact_visit.h"

#define ASK	"{\"model\":\"m\",\"messages\":[{\"role\":\"user\","	\
    "\"content\":\"" VALUE "\"}]}"

static void
st_sec_006_ac1_a_prompt_is_redacted_before_it_is_sent(void)
{
	char id[37], rest[80], * raw;
	json_t * j, * body;
	struct visit v;

	begin();
	v = call("POST", "prompts", ASK);
	v.type = "application/json";
	ASSERT_ANSWER(&v, 200, "\"masked\":{\"known\":1,\"rules\":0,"
	    "\"by_rule\":{}},\"note\":\"Text of the form [REDACTED:");
	CU_ASSERT_FALSE(visit_has(&v, VALUE));
	j = api_json(&v);
	body = json_object_get(j, "body");
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(body,
	    "model")), "m");
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(j, "note")),
	    PROMPT_NOTE);
	(void)snprintf(id, sizeof(id), "%s", json_string_value(
	    json_object_get(j, "id")));
	json_decref(j);
	v.query = "raw=1";
	ASSERT_ANSWER(&v, 200, "\r\nX-Strongroom-Masked-Known: 1\r\n");
	raw = strdup(visit_body(&v));
	CU_ASSERT_EQUAL(strncmp(raw, "{\"model\":\"m\",\"messages\":[{", 26),
	    0);
	/* Once more, the same bytes. */
	ASSERT_ANSWER(&v, 200, "X-Strongroom-Prompt: ");
	CU_ASSERT_STRING_EQUAL(raw, visit_body(&v));
	free(raw);
	visit_free(&v);
	(void)snprintf(rest, sizeof(rest), "prompts/%s", id);
	v = call("GET", rest, NULL);
	ASSERT_ANSWER(&v, 200, "\"body\":{\"model\":\"m\",");
	v.path = path_of("prompts");
	ASSERT_ANSWER(&v, 200, id);
	CU_ASSERT(visit_has(&v, "\"masked_known\":1"));
	CU_ASSERT_FALSE(visit_has(&v, "model"));
	v.accept = "application/xml";
	ASSERT_ANSWER(&v, 200, "<messages>1</messages>");
	v.query = "limit=1";
	ASSERT_ANSWER(&v, 200, "<next>");
	visit_free(&v);
}

static void
what_is_no_prompt_is_refused(void)
{
	struct visit v = call("POST", "prompts", "{\"a\":1}");

	visit_sign_in();
	v.type = "application/json";
	ASSERT_ANSWER(&v, 400, "prompt_malformed");
	v.type = "application/xml";
	ASSERT_ANSWER(&v, 415, "media_type_unsupported");
	v.type = "application/json";
	v.query = "raw=maybe";
	ASSERT_ANSWER(&v, 400, "\"field\":\"raw\"");
	v.query = NULL;
	v.authorization = stranger;
	ASSERT_ANSWER(&v, 403, "api_key_project_forbidden");
	v.authorization = NULL;
	v.cookie = visit_session;
	ASSERT_ANSWER(&v, 403, "csrf_token_invalid");
	visit_free(&v);
	v = call("GET", "prompts/0190a0b0-0000-7000-8000-000000000001", NULL);
	ASSERT_ANSWER(&v, 404, "prompt_not_found");
	visit_free(&v);
}

static const struct suite_test tests[] = {
	TEST(st_sec_006_ac1_a_prompt_is_redacted_before_it_is_sent),
	TEST(what_is_no_prompt_is_refused),
};

SUITE_MAIN("cgi/api prompts", tests, open_site, close_site)
