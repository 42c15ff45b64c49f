#include "cgi/openapi.h"
#include "core/access/account.h"

static void
text_schema(struct compose * c)
{

	compose_lit(c, ",\"schema\":{\"type\":\"string\"}}");
}

/* The parameters of a path: what follows ":" or "*". */
static const char *
parameter_name(const char * from, char out[ROUTE_PARAM_MAX])
{
	size_t n = strcspn(from, "/");

	must(n < ROUTE_PARAM_MAX);
	memcpy(out, from, n);
	out[n] = '\0';
	return (out);
}

static bool
of_project(const char * pattern, const char * p)
{
	static const char before[] = "/api/v1/projects/";

	return (strncmp(pattern, before, sizeof(before) - 1) == 0 &&
	    p == pattern + sizeof(before) - 1);
}

static void
path_parameters(struct compose * c, const char * pattern, bool * first)
{
	char name[ROUTE_PARAM_MAX];

	for (const char * p = pattern; *p != '\0'; p++) {
		if (*p != ':' && *p != '*')
			continue;
		compose_constant(c, *first ? "{\"in\":\"path\"," :
		    ",{\"in\":\"path\",");
		*first = false;
		compose_lit(c, "\"required\":true,\"name\":\"");
		compose_constant(c, parameter_name(p + 1, name));
		compose_constant(c, *p == '*' ? "\",\"description\":"
		    "\"The name, slashes and all.\"" :
		    of_project(pattern, p) ? "\",\"description\":"
		    "\"The project's id, or its slug.\"" : "\"");
		text_schema(c);
	}
}

static void
query_parameters(struct compose * c, enum field_set set, bool * first)
{

	for (unsigned f = 0; f < FIELD__MAX; f++) {
		if (!field_in((enum field)f, set))
			continue;
		compose_constant(c, *first ? "{\"in\":\"query\",\"name\":\"" :
		    ",{\"in\":\"query\",\"name\":\"");
		*first = false;
		compose_constant(c, field_name((enum field)f));
		compose_lit(c, "\"");
		text_schema(c);
	}
}

static void
header_parameter(struct compose * c, const char * name, bool * first)
{

	compose_constant(c, *first ? "{\"in\":\"header\",\"name\":\"" :
	    ",{\"in\":\"header\",\"name\":\"");
	*first = false;
	compose_constant(c, parameter_name(name, (char[ROUTE_PARAM_MAX]){ 0 }));
	compose_lit(c, "\"");
	text_schema(c);
}

static void
header_parameters(struct compose * c, const struct route * r, bool * first)
{

	if (r->audit == AUDIT_CREATE || r->audit == AUDIT_REVOKE)
		header_parameter(c, "If-Match", first);
	if (r->audit == AUDIT_CREATE || r->audit == AUDIT_REVOKE ||
	    r->audit == AUDIT_API_KEY_CREATE || r->audit == AUDIT_RUN_EVENT)
		header_parameter(c, "Idempotency-Key", first);
	if (r->audit == AUDIT_CREATE)
		header_parameter(c, "If-None-Match", first);
	if (r->csrf == CSRF_API)
		header_parameter(c, "X-CSRF-Token", first);
}

/* What a body must have. */
static bool
required(enum field field)
{

	static const enum field fields[] = { FIELD_API_VALUE,
	    FIELD_API_KEY_NAME, FIELD_API_KEY_SCOPES, FIELD_API_ROTATE_VALUE,
	    FIELD_API_PROJECT_SLUG, FIELD_API_PROJECT_NAME,
	    FIELD_API_BINDING_SCOPE, FIELD_API_BINDING_NAME,
	    FIELD_API_RUN_WORKFLOW, FIELD_API_RUN_VERSION,
	    FIELD_API_RUN_TRIGGER, FIELD_API_MOVE_STATUS,
	    FIELD_API_EVENT_TYPE };

	for (size_t i = 0; i < COUNTOF(fields); i++) {
		if (fields[i] == field)
			return (true);
	}
	return (false);
}

/* The rest of a member's schema, by what it is kept as. */
static const char *
kind_name(enum field_kind kind)
{

	if (kind == FIELD_KIND_TEXT)
		return ("\":{\"type\":[\"string\",\"null\"]}");
	if (kind == FIELD_KIND_FLAG)
		return ("\":{\"type\":[\"boolean\",\"null\"]}");
	if (kind == FIELD_KIND_JSON)
		return ("\":{\"type\":[\"object\",\"null\"]}");
	return ("\":{\"type\":\"string\",\"writeOnly\":true}");
}

static void
body_schema(struct compose * c, enum field_set set)
{
	bool first = true;

	compose_lit(c, "{\"type\":\"object\",\"additionalProperties\":false,"
	    "\"properties\":{");
	for (unsigned f = 0; f < FIELD__MAX; f++) {
		if (!field_in((enum field)f, set))
			continue;
		compose_constant(c, first ? "\"" : ",\"");
		first = false;
		compose_constant(c, field_name((enum field)f));
		compose_constant(c, kind_name(field_kind((enum field)f)));
	}
	compose_lit(c, "},\"required\":[");
	first = true;
	for (unsigned f = 0; f < FIELD__MAX; f++) {
		if (!field_in((enum field)f, set) || !required((enum field)f))
			continue;
		compose_constant(c, first ? "\"" : ",\"");
		first = false;
		compose_constant(c, field_name((enum field)f));
		compose_lit(c, "\"");
	}
	compose_lit(c, "]}");
}

static void
body(struct compose * c, const struct route * r)
{

	if (r->method == METHOD_GET || r->fields == FIELDS_NONE)
		return;
	if (r->fields == FIELDS_API_RAW) {
		compose_lit(c, ",\"requestBody\":{\"required\":true,"
		    "\"content\":{\"*/*\":{\"schema\":{}}}}");
		return;
	}
	if (r->fields == FIELDS_API_WHOLE) {
		compose_lit(c, ",\"requestBody\":{\"required\":true,"
		    "\"content\":{\"application/json\":{\"schema\":"
		    "{\"type\":\"object\"}}}}");
		return;
	}
	compose_lit(c, ",\"requestBody\":{\"required\":true,\"content\":{"
	    "\"application/json\":{\"schema\":");
	body_schema(c, r->fields);
	compose_lit(c, "},\"application/xml\":{\"schema\":");
	body_schema(c, r->fields);
	compose_lit(c, "}}}");
}

static void
security(struct compose * c, const struct route * r)
{

	const bool key = r->key != KEY_SCOPE_NONE;

	compose_lit(c, ",\"security\":[");
	if (key) {
		compose_lit(c, "{\"apiKey\":[\"");
		compose_constant(c, key_scope_name(r->key));
		compose_lit(c, "\"]}");
	}
	if (r->role != ROLE_ANYONE && r->role != ROLE_PROGRAM) {
		compose_constant(c, key ? ",{\"session\":[\"" :
		    "{\"session\":[\"");
		compose_constant(c, role_name(r->role));
		compose_lit(c, "\"]}");
	}
	compose_lit(c, "]");
}

static void
success(struct compose * c, int status, enum answer answer)
{

	compose_lit(c, "\"");
	compose_u64(c, (uint64_t)status);
	compose_lit(c, "\":{\"description\":\"Done\",\"content\":{");
	if (answer == ANSWER_FILE) {
		compose_lit(c, "\"*/*\":{\"schema\":{}}}},");
		return;
	}
	if (answer == ANSWER_PROMPT) {
		compose_lit(c, "\"application/json\":{\"schema\":{\"$ref\":"
		    "\"#/components/schemas/");
		compose_constant(c, answer_name(answer));
		compose_lit(c, "\"}}}},");
		return;
	}
	if (answer == ANSWER_DESCRIPTION) {
		compose_lit(c, "\"application/json\":{\"schema\":"
		    "{\"type\":\"object\"}}}},");
		return;
	}
	compose_lit(c, "\"application/json\":{\"schema\":{\"$ref\":"
	    "\"#/components/schemas/");
	compose_constant(c, answer_name(answer));
	compose_lit(c, "\"}},\"application/xml\":{\"schema\":{\"$ref\":"
	    "\"#/components/schemas/");
	compose_constant(c, answer_name(answer));
	compose_lit(c, "\"}}}},");
}

static const char *
operation_name(enum method method)
{
	static const char * const names[METHOD_OTHER + 1] = {
		[METHOD_GET] = "get", [METHOD_POST] = "post",
		[METHOD_PUT] = "put", [METHOD_DELETE] = "delete",
		[METHOD_PATCH] = "patch", [METHOD_OTHER] = "" };

	return (names[method]);
}

static const char *
api_row_name(const struct api_row * row)
{

	return (row->name);
}

static const char *
summary_name(const struct api_row * row)
{

	return (row->help);
}

void
openapi_operation(struct compose * c, const struct api_row * row)
{
	const struct route * r = route_row(row->route);
	bool first = true;

	compose_lit(c, "\"");
	compose_constant(c, operation_name(r->method));
	compose_lit(c, "\":{\"operationId\":\"");
	compose_constant(c, api_row_name(row));
	compose_lit(c, "\",\"summary\":\"");
	compose_constant(c, summary_name(row));
	compose_lit(c, "\",\"parameters\":[");
	path_parameters(c, r->pattern, &first);
	query_parameters(c, r->method == METHOD_GET ? r->fields : row->query,
	    &first);
	header_parameters(c, r, &first);
	compose_lit(c, "]");
	body(c, r);
	security(c, r);
	compose_lit(c, ",\"responses\":{");
	success(c, row->status, row->answer);
	if (r->method == METHOD_PUT)
		success(c, 201, row->answer);
	compose_lit(c, "\"4XX\":{\"$ref\":\"#/components/responses/Problem\"},"
	    "\"5XX\":{\"$ref\":\"#/components/responses/Problem\"}}}");
}
