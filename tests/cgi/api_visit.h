#ifndef SR_TESTS_CGI_API_VISIT_H
#define SR_TESTS_CGI_API_VISIT_H

/* Calls of the API in one line, by keys and by sessions. */

#include <jansson.h>

#include "core/access/apikey.h"
#include "tests/cgi/visit.h"

/* A key of these scopes and projects as "Bearer …", or NULL; caller frees. */
static inline char *
api_bearer(const char * scopes, const char * projects, struct sr_id * id)
{
	const struct api_key_request request = { .name = "ci/test",
	    .scopes = scopes, .projects = projects };
	struct disclosed * token = NULL;
	struct api_key key;
	const char * field;
	char * text, * bearer = NULL;

	if (api_key_create(&visit_house.store, &visit_house.actor, &request,
	    &field, &token, &key) != SR_OK)
		return (NULL);
	text = visit_token(token);
	if (asprintf(&bearer, "Bearer %s", text) < 0)
		bearer = NULL;
	free(text);
	disclosed_free(&token);
	if (id != NULL)
		*id = key.id;
	return (bearer);
}

/* The answer's body as JSON; caller json_decrefs. */
static inline json_t *
api_json(const struct visit * v)
{
	json_error_t why;
	json_t * j = json_loads(visit_body(v), JSON_REJECT_DUPLICATES, &why);

	if (j == NULL)
		suite_note("no JSON: %s: %s", why.text, visit_body(v));
	CU_ASSERT_PTR_NOT_NULL_FATAL(j);
	return (j);
}

#define ASSERT_STATUS(v, expected) do {					\
	int status_ = visit_status(v);					\
	if (status_ != (expected))					\
		suite_note("%d, expected %d: %s", status_, (expected),	\
		    strbuf_str(&(v)->answer));				\
	CU_ASSERT_EQUAL(status_, (expected));				\
} while (0)

/* Ask, and say that a status and, unless NULL, a text are in the answer. */
#define ASSERT_ANSWER(v, expected, text) do {				\
	const char * text_ = (text);					\
									\
	(void)visit(v);							\
	ASSERT_STATUS((v), (expected));					\
	if (text_ != NULL && !visit_has((v), text_))			\
		suite_note("no %s: %s", text_,				\
		    strbuf_str(&(v)->answer));				\
	CU_ASSERT_TRUE(text_ == NULL || visit_has((v), text_));		\
} while (0)

#endif /* !SR_TESTS_CGI_API_VISIT_H */
