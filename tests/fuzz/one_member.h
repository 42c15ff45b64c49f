#ifndef SR_TESTS_FUZZ_ONE_MEMBER_H
#define SR_TESTS_FUZZ_ONE_MEMBER_H

/*
 * The two walks over bodies of programs, beside other readers of JSON and XML:
 * what ours takes, theirs take, and say the same of it.
 */

#include <jansson.h>
#include <libxml/parser.h>
#include <libxml/tree.h>

#include "cgi/member.h"
#include "core/base/strbuf.h"
#include "tests/fuzz/one.h"

#define ONE_MEMBER_MAX	65536

/* The members as they came: name, NUL, kind, value, NUL NUL. */
static enum sr_error
one_member_note(const char * name, size_t name_len, enum member_kind kind,
    const char * value, size_t value_len, void * cookie)
{
	struct one_text * t = cookie;
	const char of = (char)('0' + (int)kind);

	one_add(t, name, name_len);
	one_add(t, "", 1);
	one_add(t, &of, 1);
	if (kind == MEMBER_TEXT)
		one_add(t, value, value_len);
	one_add(t, "\0", 2);
	return (kind == MEMBER_NESTED ? SR_E_MEMBER_TYPE_INVALID : SR_OK);
}

static void
one_member_json_oracle(const char * text, size_t len, const struct one_text * t,
    bool taken)
{
	struct one_text theirs = { .p = NULL };
	json_error_t wrong;
	json_t * j, * v;
	const char * key;
	enum member_kind kind;

	/* It reads no members twice, and no NUL in a name. */
	j = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL,
	    &wrong);
	if (taken && j == NULL && strstr(wrong.text, "uplicate") == NULL &&
	    strstr(wrong.text, "NUL") == NULL &&
	    strstr(wrong.text, "too big") == NULL &&
	    strstr(wrong.text, "overflow") == NULL &&
	    strstr(wrong.text, "end of file") == NULL) {
		one_show("text", text, len);
		ONE_FAILS("taken, and is no JSON: %s", wrong.text);
	}
	if (taken && j != NULL && json_is_object(j)) {
		json_object_foreach(j, key, v) {
			kind = json_is_string(v) ? MEMBER_TEXT :
			    json_is_null(v) ? MEMBER_NULL :
			    json_is_boolean(v) ? MEMBER_BOOLEAN :
			    MEMBER_NUMBER;
			(void)one_member_note(key, strlen(key), kind,
			    json_string_value(v), json_string_length(v),
			    &theirs);
		}
		if (theirs.len != t->len || (t->len > 0 &&
		    memcmp(theirs.p, t->p, t->len) != 0)) {
			one_show("text", text, len);
			ONE_FAILS("JSON: two readers, two answers");
		}
	}
	free(theirs.p);
	json_decref(j);
}

static void
one_member_xml_oracle(const char * text, size_t len, const struct one_text * t)
{
	struct one_text theirs = { .p = NULL };
	xmlDocPtr doc = xmlReadMemory(text, (int)len, NULL, NULL,
	    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
	    XML_PARSE_NOCDATA);
	xmlNodePtr root = doc == NULL ? NULL : xmlDocGetRootElement(doc), n;
	xmlChar * value;

	if (root == NULL) {
		one_show("text", text, len);
		ONE_FAILS("taken, and is no XML");
		return;
	}
	for (n = root->children; n != NULL; n = n->next) {
		if (n->type != XML_ELEMENT_NODE)
			continue;
		value = xmlNodeGetContent(n);
		(void)one_member_note((const char *)n->name,
		    strlen((const char *)n->name), MEMBER_TEXT,
		    (const char *)value, strlen((const char *)value),
		    &theirs);
		xmlFree(value);
	}
	if (theirs.len != t->len || (t->len > 0 &&
	    memcmp(theirs.p, t->p, t->len) != 0)) {
		one_show("text", text, len);
		one_show("ours", t->p, t->len);
		one_show("theirs", theirs.p, theirs.len);
		ONE_FAILS("XML: two readers, two answers");
	}
	free(theirs.p);
	xmlFreeDoc(doc);
}

/* The first byte says which of the two. */
ONE_UNUSED static void
one_member_input(const uint8_t * data, size_t size)
{
	struct one_text t = { .p = NULL };
	const char * text;
	bool xml, taken;
	char * copy;

	if (size < 1 || size > ONE_MEMBER_MAX)
		return;
	xml = data[0] == '<';
	text = (const char *)data;
	/* Exactly so large, so that what reads past its end is seen. */
	copy = malloc(size);
	ONE_HOLDS(copy != NULL);
	memcpy(copy, text, size);
	taken = (xml ? xml_walk : json_walk)(copy, size, one_member_note,
	    &t) == SR_OK;
	free(copy);
	if (!xml)
		one_member_json_oracle(text, size, &t, taken);
	else if (taken)
		one_member_xml_oracle(text, size, &t);
	free(t.p);
}

#endif /* !SR_TESTS_FUZZ_ONE_MEMBER_H */
