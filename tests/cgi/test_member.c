/* JSON and XML bodies: what they say, what is refused, and mutations. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgi/member.h"
#include "core/base/strbuf.h"
#include "tests/harness/suite.h"

typedef enum sr_error walk_fn(char * bytes, size_t len, member_fn * fn,
    void * cookie);

static const char kinds[] = "snxbN";

/* What a nested member is answered with; an error, as in most forms. */
static enum sr_error nested_is = SR_E_MEMBER_TYPE_INVALID;

/* "name=s:value;" of each member. */
static enum sr_error
note(const char * name, size_t name_len, enum member_kind kind,
    const char * value, size_t value_len, void * cookie)
{
	struct strbuf * out = cookie;

	strbuf_add(out, name, name_len);
	strbuf_puts(out, "=");
	strbuf_add(out, &kinds[kind], 1);
	strbuf_puts(out, ":");
	strbuf_add(out, value, value_len);
	strbuf_puts(out, ";");
	return (kind == MEMBER_NESTED ? nested_is : SR_OK);
}

/* Walk a copy of exactly that size, so that reading past it is found. */
static enum sr_error
walk(walk_fn * fn, const char * text, size_t len, struct strbuf * out)
{
	char * copy = malloc(len == 0 ? 1 : len);
	enum sr_error err;

	must(copy != NULL);
	memcpy(copy, text, len);
	strbuf_free(out);
	strbuf_init(out, 1U << 20);
	err = fn(copy, len, note, out);
	free(copy);
	return (err);
}

static void
says(walk_fn * fn, const char * text, const char * expected)
{
	struct strbuf out;

	strbuf_init(&out, 1);
	ASSERT_ERR(walk(fn, text, strlen(text), &out), SR_OK);
	if (strcmp(strbuf_str(&out), expected) != 0)
		suite_note("%s: %s", text, strbuf_str(&out));
	CU_ASSERT_STRING_EQUAL(strbuf_str(&out), expected);
	strbuf_free(&out);
}

static void
refused(walk_fn * fn, const char * text, enum sr_error error)
{
	struct strbuf out;
	enum sr_error err;

	strbuf_init(&out, 1);
	err = walk(fn, text, strlen(text), &out);
	if (err != error)
		suite_note("%s: %s", text, sr_error_name(err));
	CU_ASSERT_EQUAL(err, error);
	strbuf_free(&out);
}

static void
json_objects_say_their_members(void)
{

	says(json_walk, "{}", "");
	says(json_walk, " \t\r\n{ \"a\" : \"b\" } \n", "a=s:b;");
	says(json_walk, "{\"a\":null,\"b\":true,\"c\":false,\"d\":-1.5e+3,"
	    "\"e\":0,\"f\":\"\"}",
	    "a=n:;b=b:true;c=b:false;d=x:-1.5e+3;e=x:0;f=s:;");
	says(json_walk, "{\"\\u0061\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}",
	    "a=s:\"\\/\b\f\n\r\t;");
	says(json_walk, "{\"a\":\"\\u00e9\\u20ac\\ud83d\\ude00\"}",
	    "a=s:\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80;");
	says(json_walk, "{\"a\":\"\xf0\x9f\x98\x80\"}",
	    "a=s:\xf0\x9f\x98\x80;");
}

static void
what_is_no_flat_json_object_is_refused(void)
{
	static const char * const bad[] = { "", " ", "[]", "\"a\"", "null",
	    "{", "}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}",
	    "{\"a\":1 \"b\":2}", "{a:1}", "{'a':1}", "{\"a\":01}",
	    "{\"a\":1.}", "{\"a\":.5}", "{\"a\":+1}", "{\"a\":1e}",
	    "{\"a\":-}", "{\"a\":tru}", "{\"a\":truee}", "{\"a\":NaN}",
	    "{\"a\":\"b}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}",
	    "{\"a\":\"\\u12g4\"}", "{\"a\":\"\\ud800\"}",
	    "{\"a\":\"\\ud800\\u0041\"}", "{\"a\":\"\\ude00\"}",
	    "{\"a\":\"\\ud83dx\"}", "{\"a\":\"\n\"}", "{\"a\":\"\x01\"}",
	    "{\"a\":\"\xff\"}", "{\"a\":\"\xed\xa0\x80\"}", "{}{}", "{} x",
	    "\xef\xbb\xbf{}", "{\"a\":1}/**/" };

	for (size_t i = 0; i < COUNTOF(bad); i++)
		refused(json_walk, bad[i], SR_E_BODY_MALFORMED);
}

/* What is nested is handed on as it was sent, up to its end and no farther. */
static void
what_is_nested_is_not_read(void)
{
	static const char * const open[] = { "{\"a\":[[[[[[[[[[", "{\"a\":{",
	    "{\"a\":{\"}", "{\"a\":[\"\\\"]}", "{\"a\":[\"\\",
	    "{\"a\":{}", "{\"a\":{}}}", "{\"a\":{},}", "{\"a\":[] []}" };

	nested_is = SR_OK;
	says(json_walk, "{\"a\":{},\"b\":[ ]}", "a=N:{};b=N:[ ];");
	says(json_walk, "{\"a\": {\"x\":[1,{\"}\":\"\\\"]\"}], \"\\u0041\":0}"
	    " ,\"b\":1}", "a=N:{\"x\":[1,{\"}\":\"\\\"]\"}], \"\\u0041\":0}"
	    ";b=x:1;");
	for (size_t i = 0; i < COUNTOF(open); i++)
		refused(json_walk, open[i], SR_E_BODY_MALFORMED);
	nested_is = SR_E_MEMBER_TYPE_INVALID;
	refused(json_walk, "{\"a\":{}}", SR_E_MEMBER_TYPE_INVALID);
}

static void
xml_documents_say_their_members(void)
{

	says(xml_walk, "<r/>", "");
	says(xml_walk, "<r></r>", "");
	says(xml_walk, "<?xml version=\"1.0\" encoding='utf-8'?>\n<r xmlns="
	    "\"urn:x\">\n <a>b</a>\n <c/>\n</r>\n", "a=s:b;c=s:;");
	says(xml_walk, "<r><a>&lt;&gt;&amp;&quot;&apos;&#65;&#x42;&#x20AC;"
	    "&#128512;</a></r>", "a=s:<>&\"'AB\xe2\x82\xac\xf0\x9f\x98\x80;");
	says(xml_walk, "<r><a>x<![CDATA[<&]]>]]&gt;y<![CDATA[]]></a></r>",
	    "a=s:x<&]]>y;");
	says(xml_walk, "<r><a>1\r\n2\r3\n4&#13;</a ></r >",
	    "a=s:1\n2\n3\n4\r;");
	says(xml_walk, "<r><a> b \t</a></r>", "a=s: b \t;");
}

static void
what_is_no_flat_xml_document_is_refused(void)
{
	static const char * const bad[] = { "", "x", "<r>", "<r", "</r>",
	    "<r></s>", "<r/><r/>", "<r/>x", "<r>x</r>", "<r><a></r></a>",
	    "<r><a>x</b></r>", "<r><a></a>", "<r><a>", "<r><a>x", "<r a='1'/>",
	    "<r><a b='1'>x</a></r>", "<r xmlns=urn/>", "<r xmlns='a/>",
	    "<x:r/>", "<r><x:a/></r>", "<1/>", "<r><a>&nbsp;</a></r>",
	    "<r><a>&#0;</a></r>", "<r><a>&#x;</a></r>", "<r><a>&#;</a></r>",
	    "<r><a>&#1114112;</a></r>", "<r><a>&#xD800;</a></r>",
	    "<r><a>&#xFFFE;</a></r>", "<r><a>&lt</a></r>", "<r><a>&</a></r>",
	    "<r><a>]]></a></r>", "<r><a><![CDATA[x</a></r>",
	    "<!DOCTYPE r><r/>", "<r><!-- x --></r>", "<!-- x --><r/>",
	    "<r><?php?></r>", "<r><a><!-- --></a></r>", "<r><a><?p?></a></r>",
	    "<?xml version=\"1.1\"?><r/>",
	    "<?xml version=\"1.0\" encoding=\"latin1\"?><r/>",
	    "<?xml?><r/>", "<?xml version=\"1.0\" encodign=\"UTF-8\"?><r/>",
	    "<?xml encoding=\"UTF-8\"?><r/>", "<?xml version=\"1.0\" version="
	    "\"1.0\"?><r/>", "<?xml version=\"1.0\" encoding=\"UTF-8\" "
	    "encoding=\"UTF-8\"?><r/>", "<?xml version=\"1.0\" standalone="
	    "\"\"?><r/>", "<r xmlns='a' xmlns='a'/>", "<r xmlns='&x;'/>",
	    "<?xml version=\"1.0\"><r/>", "<?pi?><r/>", "<r><a>\x01</a></r>",
	    "<r><a>\xff</a></r>", "<r><a>\xef\xbf\xbf</a></r>",
	    ("<!DOCTYPE r [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>"
	    "<r><a>&e;</a></r>") };

	for (size_t i = 0; i < COUNTOF(bad); i++)
		refused(xml_walk, bad[i], SR_E_BODY_MALFORMED);
	refused(xml_walk, "<r><a><b/></a></r>", SR_E_MEMBER_TYPE_INVALID);
	refused(xml_walk, "<r><a>x<b>", SR_E_MEMBER_TYPE_INVALID);
}

static void
there_is_a_limit_of_members(void)
{
	struct strbuf json, xml, out;

	strbuf_init(&json, 65536);
	strbuf_init(&xml, 65536);
	strbuf_init(&out, 1);
	strbuf_puts(&json, "{");
	strbuf_puts(&xml, "<r>");
	for (unsigned i = 0; i < MEMBERS_MAX; i++) {
		strbuf_puts(&json, i == 0 ? "\"a\":1" : ",\"a\":1");
		strbuf_puts(&xml, "<a/>");
	}
	strbuf_puts(&json, "}");
	ASSERT_ERR(walk(json_walk, strbuf_str(&json), json.len, &out),
	    SR_OK);
	json.p[json.len - 1] = ',';
	strbuf_puts(&json, "\"a\":1}");
	strbuf_puts(&xml, "<a/></r>");
	ASSERT_ERR(walk(json_walk, strbuf_str(&json), json.len, &out),
	    SR_E_BODY_MALFORMED);
	ASSERT_ERR(walk(xml_walk, strbuf_str(&xml), xml.len, &out),
	    SR_E_BODY_MALFORMED);
	strbuf_free(&json);
	strbuf_free(&xml);
	strbuf_free(&out);
}

/* A generator of its own, so that a failure can be had again. */
static uint32_t state = 20301;

static uint32_t
pick(uint32_t below)
{

	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return (state % below);
}

static const char * const pieces[] = { "\"", "\\", "\\u", "d83d", "\\ude00",
    "{", "}", "[", ":", ",", "null", "true", "1e9", "<", "</", "/>", ">",
    "<![CDATA[", "]]>", "&", "&#", "&#x1F600;", ";", "<?xml ", "?>", "<!--",
    "\xf0\x9f\x98\x80", "\xff", "\r\n", " ", "a", "xmlns=\"u\"" };

/* Some bytes of ${from} changed or taken out, or another piece put in. */
static size_t
mutate(const char * from, char * out, size_t room)
{
	size_t n = strlen(from), at, len;
	const char * piece;

	memcpy(out, from, n);
	for (uint32_t k = pick(6) + 1; k > 0; k--) {
		at = pick((uint32_t)n + 1);
		piece = pieces[pick(COUNTOF(pieces))];
		len = strlen(piece);
		switch (pick(4)) {
		case 0:
			if (at < n)
				out[at] = (char)pick(256);
			break;
		case 1:
			n = at;
			break;
		case 2:
			if (at < n) {
				memmove(out + at, out + at + 1, n - at - 1);
				n--;
			}
			break;
		default:
			if (n + len > room)
				break;
			memmove(out + at + len, out + at, n - at);
			memcpy(out + at, piece, len);
			n += len;
		}
	}
	return (n);
}

static void
mutations_end_in_members_or_in_an_error(void)
{
	static const char * const seeds[] = {
	    "{\"value\":\"a\\u20ac\\ud83d\\ude00\\n\",\"expires_at\":null,"
	    "\"project\":\"x\",\"n\":-1.5e3,\"b\":true}",
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<secret xmlns=\"u\">"
	    "<value>a&amp;<![CDATA[<x>]]>&#x20AC;</value><project/></secret>"
	};
	unsigned good = 0, bad = 0;
	struct strbuf out;
	char text[1024];
	size_t n;
	enum sr_error err;

	strbuf_init(&out, 1);
	for (unsigned i = 0; i < 200000; i++) {
		n = mutate(seeds[i % 2], text, sizeof(text));
		err = walk(pick(16) == 0 ? json_walk :
		    i % 2 == 0 ? json_walk : xml_walk, text, n, &out);
		if (err == SR_OK)
			good++;
		else
			bad++;
		CU_ASSERT(err == SR_OK || err == SR_E_BODY_MALFORMED ||
		    err == SR_E_MEMBER_TYPE_INVALID);
		if (err == SR_OK)
			CU_ASSERT(utf8_valid(strbuf_str(&out),
			    out.len));
	}
	suite_note("%u mutations were members, %u errors", good, bad);
	CU_ASSERT(good > 1000 && bad > 1000);
	strbuf_free(&out);
}

static const struct suite_test tests[] = {
	TEST(json_objects_say_their_members),
	TEST(what_is_no_flat_json_object_is_refused),
	TEST(what_is_nested_is_not_read),
	TEST(xml_documents_say_their_members),
	TEST(what_is_no_flat_xml_document_is_refused),
	TEST(there_is_a_limit_of_members),
	TEST(mutations_end_in_members_or_in_an_error),
};

SUITE_MAIN("cgi/member", tests, NULL, NULL)
