#ifndef SR_TESTS_FUZZ_ONE_JSON_H
#define SR_TESTS_FUZZ_ONE_JSON_H

/* The walk over JSON trees, beside another reader of JSON. */

#include <jansson.h>

#include "tests/fuzz/one.h"

#define ONE_JSON_SECRET	"hunter2!\"\\/x"

static void
one_json_free_of(const json_t * v)
{
	const char * key;
	json_t * item;
	size_t i;

	if (json_is_string(v))
		ONE_HOLDS(memmem(json_string_value(v), json_string_length(v),
		    ONE_JSON_SECRET, strlen(ONE_JSON_SECRET)) == NULL);
	json_array_foreach(v, i, item)
		one_json_free_of(item);
	json_object_foreach((json_t *)(uintptr_t)v, key, item) {
		ONE_HOLDS(strstr(key, ONE_JSON_SECRET) == NULL);
		one_json_free_of(item);
	}
}

ONE_UNUSED static void
one_json_input(const uint8_t * data, size_t size)
{
	const char * text = (const char *)data;
	struct redact * r = one_redact();
	struct redacted * t;
	struct redacted * again;
	enum sr_error err;
	json_error_t wrong;
	json_t * oracle;

	if (size > 65536)
		return;
	one_know(0, ONE_JSON_SECRET, strlen(ONE_JSON_SECRET));
	err = redact_json(r, REDACT_PROMPT, text, size, NULL, NULL, &t);
	oracle = json_loadb(text, size, JSON_DECODE_ANY | JSON_ALLOW_NUL,
	    &wrong);
	/* That reader takes a NUL behind a number for its end. */
	if (oracle != NULL && err == SR_E_INPUT_MALFORMED &&
	    memchr(text, '\0', size) == NULL) {
		one_show("text", text, size);
		ONE_FAILS("refused, and is JSON");
	}
	json_decref(oracle);
	if (err == SR_OK) {
		ONE_HOLDS(redact_json(r, REDACT_PROMPT, redacted_bytes(t),
		    redacted_len(t), NULL, NULL, &again) == SR_OK);
		one_same("twice", text, size, redacted_bytes(t),
		    redacted_len(t), redacted_bytes(again),
		    redacted_len(again));
		redacted_free(&again);
		oracle = json_loadb(redacted_bytes(t), redacted_len(t),
		    JSON_DECODE_ANY | JSON_ALLOW_NUL, &wrong);
		/* It has no numbers that are large. */
		if (oracle == NULL && strstr(wrong.text, "too big") == NULL &&
		    strstr(wrong.text, "overflow") == NULL) {
			one_show("text", text, size);
			one_show("out", redacted_bytes(t), redacted_len(t));
			ONE_FAILS("what came out is no JSON: %s", wrong.text);
		}
		if (oracle != NULL)
			one_json_free_of(oracle);
		json_decref(oracle);
	}
	redacted_free(&t);
	one_forget();
}

#endif /* !SR_TESTS_FUZZ_ONE_JSON_H */
