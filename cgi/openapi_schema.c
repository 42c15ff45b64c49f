#include "cgi/openapi.h"

enum member_type { TYPE_TEXT, TYPE_ID, TYPE_TIME, TYPE_NUMBER, TYPE_BOOL,
    TYPE_OBJECT, TYPE_MAYBE_TEXT,
    TYPE_MAYBE_ID, TYPE_MAYBE_TIME, TYPE_CUT_RUNS, TYPE__MAX };

static const struct {
	enum answer answer;
	const char * name;
	enum member_type type;
} members[] = {
#define MEMBER(id, name, type) { ANSWER_##id, name, TYPE_##type },
#include "cgi/answer.def"
#undef MEMBER
};

const char *
answer_name(enum answer answer)
{
	static const char * const names[] = {
#define ANSWER(id, name) [ANSWER_##id] = name,
#include "cgi/answer.def"
#undef ANSWER
	};

	must(answer < ANSWER__MAX);
	return (names[answer]);
}

static const char *
member_name(size_t i)
{

	return (members[i].name);
}

/* The rest of a member's schema. */
#define CUT_RUNS							\
    "\"array\",\"items\":{\"$ref\":\"#/components/schemas/CutRun\"}}"

static const char *
type_name(enum member_type type)
{
	static const char * const names[TYPE__MAX] = {
		[TYPE_TEXT] = "\"string\"}",
		[TYPE_ID] = "\"string\",\"format\":\"uuid\"}",
		[TYPE_TIME] = "\"string\",\"format\":\"date-time\"}",
		[TYPE_NUMBER] = "\"integer\"}",
		[TYPE_BOOL] = "\"boolean\"}",
		[TYPE_OBJECT] = "\"object\"}",
		[TYPE_MAYBE_TEXT] = "[\"string\",\"null\"]}",
		[TYPE_MAYBE_ID] = "[\"string\",\"null\"],\"format\":\"uuid\"}",
		[TYPE_MAYBE_TIME] =
		    "[\"string\",\"null\"],\"format\":\"date-time\"}",
		[TYPE_CUT_RUNS] = CUT_RUNS,
	};

	return (names[type]);
}

/* The list of an answer is the one after it. */
static bool
is_list(enum answer answer)
{

	return (answer == ANSWER_SECRETS || answer == ANSWER_EVENTS ||
	    answer == ANSWER_KEYS || answer == ANSWER_PROVIDERS ||
	    answer == ANSWER_PROJECTS || answer == ANSWER_BINDINGS ||
	    answer == ANSWER_RUNS || answer == ANSWER_VALUES ||
	    answer == ANSWER_ARTIFACTS ||
	    answer == ANSWER_PROMPT_ENTRIES ||
	    answer == ANSWER_RUN_EVENTS);
}

static void
list_schema(struct compose * c, enum answer answer)
{

	compose_lit(c, "{\"type\":\"object\",\"required\":[\"items\","
	    "\"next\"],\"properties\":{\"items\":{\"type\":\"array\","
	    "\"items\":{\"$ref\":\"#/components/schemas/");
	compose_constant(c, answer_name((enum answer)(answer - 1)));
	if (answer == ANSWER_RUN_EVENTS)
		compose_lit(c, "\"}},\"topic\":{\"type\":\"string\"},"
		    "\"next\":{\"type\":[\"integer\",\"null\"]}}}");
	else
		compose_lit(c, "\"}},\"next\":{\"type\":[\"string\","
		    "\"null\"],\"format\":\"uuid\"}}}");
}

static void
schema(struct compose * c, enum answer answer)
{
	bool first = true;

	compose_lit(c, "{\"type\":\"object\",\"properties\":{");
	for (size_t i = 0; i < COUNTOF(members); i++) {
		if (members[i].answer != answer)
			continue;
		compose_constant(c, first ? "\"" : ",\"");
		first = false;
		compose_constant(c, member_name(i));
		compose_lit(c, "\":{\"type\":");
		compose_constant(c, type_name(members[i].type));
	}
	compose_lit(c, "}}");
}

static void
problem_schema(struct compose * c)
{

	compose_lit(c, "\"Problem\":{\"type\":\"object\",\"required\":"
	    "[\"type\",\"status\",\"title\",\"error\",\"error_type\",\"remediation\"],"
	    "\"properties\":{\"type\":{\"type\":\"string\","
	    "\"format\":\"uri-reference\"},\"status\":{\"type\":\"integer\"},"
	    "\"title\":{\"type\":\"string\"},\"detail\":{\"type\":\"string\"},"
	    "\"remediation\":{\"type\":\"string\"},"
	    "\"field\":{\"type\":\"string\"},\"policy\":{\"type\":\"string\"},"
	    "\"correlation_id\":{\"type\":\"string\",\"format\":\"uuid\"},"
	    "\"next_chunk\":{\"type\":\"integer\"},"
	    "\"error_type\":{\"type\":\"string\",\"description\":"
	    "\"The same as error, by the name that all answers have.\"},"
	    "\"error\":{\"type\":\"string\",\"anyOf\":[{\"pattern\":"
	    "\"^[a-z0-9_]+_(credentials_invalid|secret_unavailable|"
	    "secret_resolution_failed|provider_check_failed)$\"},"
	    "{\"enum\":[");
	for (unsigned e = SR_OK + 1; e < SR_E__MAX; e++) {
		compose_constant(c, e == SR_OK + 1 ? "\"" : ",\"");
		compose_constant(c, sr_error_name((enum sr_error)e));
		compose_lit(c, "\"");
	}
	compose_lit(c, "]}]}}}");
}

void
openapi_components(struct compose * c)
{

	compose_lit(c, "{\"securitySchemes\":{\"apiKey\":{\"type\":\"http\","
	    "\"scheme\":\"bearer\",\"description\":\"An API key: srk_ and 49 "
	    "letters and digits.\"},\"session\":{\"type\":\"apiKey\","
	    "\"in\":\"cookie\",\"name\":\"sr_session\",\"description\":"
	    "\"A signed-in browser; unsafe calls need X-CSRF-Token and an "
	    "Origin of this site. Its name is __Host-sr_session on https.\"}},"
	    "\"responses\":{\"Problem\":{\"description\":\"RFC 9457\","
	    "\"content\":{\"application/problem+json\":{\"schema\":{\"$ref\":"
	    "\"#/components/schemas/Problem\"}},\"application/problem+xml\":"
	    "{\"schema\":{\"$ref\":\"#/components/schemas/Problem\"}}}}},"
	    "\"schemas\":{");
	for (unsigned a = 0; a < ANSWER_DESCRIPTION; a++) {
		compose_lit(c, "\"");
		compose_constant(c, answer_name((enum answer)a));
		compose_lit(c, "\":");
		if (is_list((enum answer)a))
			list_schema(c, (enum answer)a);
		else
			schema(c, (enum answer)a);
		compose_lit(c, ",");
	}
	problem_schema(c);
	compose_lit(c, "}}");
}
