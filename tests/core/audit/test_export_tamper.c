#include "tests/core/audit/export.h"

/* The matrix of changed files: each is found, and named. */

/* ${text} with the first ${from} behind ${after} replaced by ${to}. */
static char *
changed(const char * text, const char * after, const char * from,
    const char * to)
{
	const char * at = strstr(text, after);

	at = at == NULL ? NULL : strstr(at, from);
	if (at == NULL) {
		suite_note("no %s behind %s", from, after);
		return (strdup(text));
	}
	return (text_format("%.*s%s%s", (int)(at - text), text, to,
	    at + strlen(from)));
}

/* Event ${i} as it stands in ${text}. */
static char *
event_at(const char * text, int i)
{
	const char * at = strstr(text, "<events>\n");

	for (at = at + 9; i > 0; i--)
		at = strchr(at, '\n') + 1;
	return (strndup(at, (size_t)(strchr(at, '\n') - at) + 1));
}

/* One character in an attribute's value behind ${after} becomes another. */
static char *
flipped(const char * text, const char * after, const char * attribute)
{
	char * copy = strdup(text);
	char * at = strstr(copy, after);

	at = at == NULL ? NULL : strstr(at, attribute);
	must(at != NULL);
	at += strlen(attribute);
	*at = *at == '1' ? '2' : *at == 'a' ? 'b' : *at >= '0' && *at <= '9' ?
	    '1' : 'a';
	return (copy);
}

static void
is_found(const char * what, char * text, enum audit_finding_kind kind)
{
	struct export_answer a;
	int i;

	verify(text, &a);
	for (i = 0; i < FINDING__MAX; i++) {
		if (a.found[i] != 0)
			(void)printf("  %-36s %s\n", what,
			    audit_finding_name((enum audit_finding_kind)i));
	}
	if (a.found[kind] == 0) {
		suite_note("%s: %s was not found", what,
		    audit_finding_name(kind));
		CU_FAIL("not found");
	}
	free(text);
}

static void
st_sec_010_ac2_every_change_of_a_file_is_found_and_named(void)
{
	static const char * const columns[] = { " id=\"", " time=\"20",
	    " action=\"", " outcome=\"", " correlation=\"", " kind=\"",
	    " label=\"", " chain=\"", " seq=\"", " prev=\"", " mac=\"",
	    " scope=\"", " name=\"", " version=\"" };
	struct audit_export_counts n;
	char * text, * part, * one, * two, * both;
	size_t i;

	write_rows();
	text = exported(0, &all, &n);
	for (i = 0; i < COUNTOF(columns); i++)
		is_found(columns[i], flipped(text, "<event leaf=\"250\"",
		    columns[i]), FINDING_EVENT_CHANGED);
	is_found("leaf hash", flipped(text, "<event leaf=\"7\"",
	    " hash=\""), FINDING_TREE_BROKEN);
	is_found("leaf number", flipped(text, "<event leaf=\"7\"", "leaf=\""),
	    FINDING_EVENT_MOVED);
	one = event_at(text, 5);
	two = event_at(text, 6);
	is_found("event dropped", changed(text, "<events>", one, ""),
	    FINDING_EVENT_MOVED);
	both = text_format("%s%s", one, one);
	is_found("event repeated", changed(text, "<events>", one, both),
	    FINDING_EVENT_MOVED);
	free(both);
	both = text_format("%s%s", one, two);
	part = text_format("%s%s", two, one);
	is_found("events exchanged", changed(text, "<events>", both, part),
	    FINDING_EVENT_MOVED);
	free(both);
	free(part);
	is_found("cut off", strndup(text, strlen(text) / 2),
	    FINDING_FILE_TRUNCATED);
	is_found("more behind the end", text_format("%s<x/>", text),
	    FINDING_FILE_TRUNCATED);
	is_found("last event dropped", changed(text, "<event leaf=\"299\"",
	    (part = event_at(text, 299)), ""), FINDING_TREE_BROKEN);
	free(part);
	is_found("checkpoint's size", changed(text, "<head>", "size=\"300\"",
	    "size=\"301\""), FINDING_FILE_MALFORMED);
	is_found("checkpoint's time", flipped(text, "<checkpoint",
	    "\ntime 202"), FINDING_CHECKPOINT_SIGNATURE);
	is_found("earlier head's time", flipped(text, "<earlier>",
	    "\ntime 202"), FINDING_CHECKPOINT_SIGNATURE);
	is_found("another key in the file", flipped(text, "<key ",
	    "Ed25519\">"), FINDING_FILE_KEY);
	is_found("a filter put in", changed(text, "<head>", "<filter",
	    "<filter name=\"rare\""), FINDING_EVENT_UNASKED);
	is_found("counts", changed(text, "<end ", "events=\"300\"",
	    "events=\"299\""), FINDING_EVENTS_MISCOUNTED);
	free(one);
	free(two);
	free(text);
}

static void
st_sec_010_ac2_spliced_and_filtered_files_are_found_and_named(void)
{
	struct audit_filter f = rare();
	struct audit_export_counts n;
	struct export_answer a;
	char * text, * part;

	write_rows();
	text = exported(0, &all, &n);
	part = exported(40, &all, &n);
	is_found("another export's head", text_format("%.*s%s",
	    (int)(strstr(part, "<events>") - part), part,
	    strstr(text, "<events>")), FINDING_TREE_BROKEN);
	free(part);
	part = exported(0, &f, &n);
	is_found("omitted hash", flipped(part, "<omitted level=\"3\"",
	    " hash=\""), FINDING_TREE_BROKEN);
	is_found("omitted level", changed(part, "<events>",
	    "<omitted level=\"3\"", "<omitted level=\"9\""),
	    FINDING_OMITTED_MISPLACED);
	is_found("filter taken out", changed(part, "<head>",
	    " name=\"rare\"", ""), FINDING_EVENTS_OMITTED);
	free(part);
	verify_with(text, strlen(text), NULL, (const uint8_t *)
	    "another key of thirty-two bytes!", &a);
	CU_ASSERT(a.found[FINDING_FILE_KEY] == 1 &&
	    a.found[FINDING_CHECKPOINT_SIGNATURE] > 0);
	free(text);
}

static void
st_sec_010_ac2_a_file_is_held_against_heads_kept_outside(void)
{
	struct audit_export_counts n;
	struct export_answer a;
	struct checkpoint cp;
	struct strbuf b;
	char * text;
	uint64_t size;

	write_rows();
	strbuf_init(&b, 65536);
	for (size = 40; size < ROWS; size += 40) {
		ASSERT_ERR(audit_export_head(db, size, &cp), SR_OK);
		checkpoint_note(&cp, &b);
	}
	text = exported(0, &all, &n);
	verify_with(text, strlen(text), strbuf_str(&b), public_key, &a);
	CU_ASSERT_EQUAL(a.findings, 0);
	CU_ASSERT_EQUAL(a.heads, 7);
	/* Heads of nobody, or of another, show nothing. */
	verify_with(text, strlen(text), "", public_key, &a);
	CU_ASSERT_EQUAL(a.found[FINDING_HEAD_FOREIGN], 1);
	verify_with(text, strlen(text), strbuf_str(&b), (const uint8_t *)
	    "another key of thirty-two bytes!", &a);
	CU_ASSERT_EQUAL(a.found[FINDING_HEAD_FOREIGN], 1);
	CU_ASSERT_EQUAL(a.heads_foreign, 7);
	free(text);
	/* An older database that was put back. */
	text = exported(160, &all, &n);
	verify_with(text, strlen(text), strbuf_str(&b), public_key, &a);
	CU_ASSERT_EQUAL(a.findings, 1);
	CU_ASSERT_EQUAL(a.found[FINDING_FILE_BEHIND], 1);
	free(text);
	strbuf_free(&b);
}

static void
hostile_files_are_refused(void)
{
	struct audit_export_counts n;
	struct export_answer a;
	struct strbuf b;
	char * text, * huge;
	int i;

	write_rows();
	text = exported(0, &all, &n);
	is_found("document type", changed(text, "<?xml", "<audit-export",
	    "<!DOCTYPE a [<!ENTITY a \"&#38;a;&#38;a;\">]><audit-export"),
	    FINDING_FILE_REFUSED);
	is_found("comment", changed(text, "<head>", "<key", "<!-- x --><key"),
	    FINDING_FILE_REFUSED);
	is_found("instruction", changed(text, "<head>", "<key", "<?x y?><key"),
	    FINDING_FILE_REFUSED);
	is_found("another encoding", changed(text, "<?xml", "UTF-8",
	    "UTF-7"), FINDING_FILE_REFUSED);
	is_found("an unknown entity", changed(text, "<events>", "label=\"",
	    "label=\"&x;"), FINDING_FILE_MALFORMED);
	is_found("an unknown attribute", changed(text, "<events>", "<event ",
	    "<event more=\"\" "), FINDING_FILE_MALFORMED);
	is_found("another namespace", changed(text, "<?xml", "export:1",
	    "export:2"), FINDING_FILE_MALFORMED);
	huge = text_format("label=\"%0*d", 40 * 1024 * 1024, 1);
	is_found("a huge attribute", changed(text, "<events>", "label=\"",
	    huge), FINDING_FILE_REFUSED);
	free(huge);
	strbuf_init(&b, 16 * 1024 * 1024);
	strbuf_puts(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	for (i = 0; i < 100000; i++)
		strbuf_puts(&b, "<audit-export xmlns="
		    "\"urn:strongroom:audit-export:1\">");
	is_found("deep nesting", strdup(strbuf_str(&b)),
	    FINDING_FILE_TRUNCATED);
	strbuf_free(&b);
	verify("", &a);
	CU_ASSERT_EQUAL(a.findings, 1);
	free(text);
}

static const struct suite_test tests[] = {
	TEST(st_sec_010_ac2_every_change_of_a_file_is_found_and_named),
	TEST(st_sec_010_ac2_spliced_and_filtered_files_are_found_and_named),
	TEST(st_sec_010_ac2_a_file_is_held_against_heads_kept_outside),
	TEST(hostile_files_are_refused),
};
SUITE_MAIN("core/audit/export_tamper", tests, export_start, export_stop)
