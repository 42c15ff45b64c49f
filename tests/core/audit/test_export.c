#include <fcntl.h>
#include <unistd.h>

#include "core/audit/export.h"
#include "core/audit/export_verify.h"
#include "core/audit/minisig.h"
#include "core/base/secbuf.h"
#include "core/base/strbuf.h"
#include "core/redact/compose.h"
#include "tests/core/audit/fixture.h"
#include "tests/harness/files.h"

#define ROWS	300

static const struct audit_filter all = { .from = SR_TIME_NONE,
    .to = SR_TIME_NONE };
static uint8_t public_key[SIGN_PUBLIC_LEN];

static enum sr_error
collect(const struct redacted * piece, void * cookie)
{

	strbuf_add(cookie, redacted_bytes(piece), redacted_len(piece));
	return (SR_OK);
}

/* The export as a text; caller frees. */
static char *
exported(uint64_t size, const struct audit_filter * f,
    struct audit_export_counts * n)
{
	struct audit_export x = { .filter = *f };
	struct strbuf b;
	char * text;

	strbuf_init(&b, 64 * 1024 * 1024);
	ASSERT_ERR_FATAL(audit_export_head(db, size, &x.head), SR_OK);
	ASSERT_ERR_FATAL(audit_export(&store, &x, collect, &b, n), SR_OK);
	CU_ASSERT_EQUAL(n->bytes, b.len);
	text = strdup(strbuf_str(&b));
	strbuf_free(&b);
	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	return (text);
}

static enum sr_error
ignore(const struct audit_finding * f, void * cookie)
{

	(void)f;
	(void)cookie;
	return (SR_OK);
}

static void
verify_with(const char * text, size_t len, const char * heads,
    const uint8_t key[SIGN_PUBLIC_LEN], struct export_answer * a)
{
	char * path = text_format("%s/file.xml", suite_tmpdir());
	char * heads_path = text_format("%s/heads", suite_tmpdir());
	struct export_question q = { .heads = -1 };

	q.fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	must(q.fd >= 0 && write(q.fd, text, len) == (ssize_t)len &&
	    lseek(q.fd, 0, SEEK_SET) == 0);
	if (heads != NULL) {
		must(file_write(heads_path, 0600, heads) == 0);
		q.heads = open(heads_path, O_RDONLY | O_CLOEXEC);
		must(q.heads >= 0);
	}
	memcpy(q.public_key, key, SIGN_PUBLIC_LEN);
	ASSERT_ERR(audit_export_verify(&q, ignore, NULL, a), SR_OK);
	(void)close(q.fd);
	if (q.heads >= 0)
		(void)close(q.heads);
	free(path);
	free(heads_path);
}

static void
verify(const char * text, struct export_answer * a)
{

	verify_with(text, strlen(text), NULL, public_key, a);
}

static void
write_rows(void)
{
	static bool written;
	struct actor actor = owner;
	struct audit_entry e;
	struct sr_id target;
	uint64_t sealed;
	bool more = true;
	int i;

	if (written)
		return;
	written = true;
	for (i = 0; i < ROWS; i++) {
		target = (struct sr_id){ .b = { [0] = 9,
		    [15] = (uint8_t)(i % 7) } };
		e = entry_about(&target);
		e.actor = &actor;
		(void)snprintf(actor.label, sizeof(actor.label), "%s",
		    i % 3 == 0 ? "a \"<&>\t\n\x7f\xc2\x85 b" : "bert");
		e.name = i % 10 == 0 ? "rare" : "often";
		if (i % 11 == 0)
			e = (struct audit_entry){ .id = e.id,
			    .occurred_at = e.occurred_at, .actor = &owner,
			    .action = AUDIT_SIGN_IN };
		ASSERT_ERR_FATAL(append_one(db, &store, &e), SR_OK);
		if (i % 40 == 39)
			ASSERT_ERR_FATAL(checkpoint_seal(&store, &sealed,
			    &more), SR_OK);
	}
	ASSERT_ERR_FATAL(checkpoint_seal(&store, &sealed, &more), SR_OK);
}

static struct audit_filter
rare(void)
{
	struct audit_filter f = all;

	(void)snprintf(f.name, sizeof(f.name), "rare");
	return (f);
}

static void
a_whole_export_is_proved(void)
{
	struct audit_export_counts n;
	struct export_answer a;
	char * text;

	write_rows();
	text = exported(0, &all, &n);
	CU_ASSERT_EQUAL(n.events, ROWS);
	verify(text, &a);
	CU_ASSERT_EQUAL(a.findings, 0);
	CU_ASSERT_EQUAL(a.events, ROWS);
	CU_ASSERT_EQUAL(a.proved, ROWS);
	CU_ASSERT_EQUAL(a.earlier, 7);
	CU_ASSERT_EQUAL(a.head.tree_size, ROWS);
	free(text);
}

static void
a_filtered_export_is_proved_and_small(void)
{
	struct audit_filter f = rare();
	struct audit_export_counts n;
	struct export_answer a;
	char * text;

	write_rows();
	text = exported(0, &f, &n);
	CU_ASSERT(n.events > 20 && n.events + n.omitted == ROWS);
	verify(text, &a);
	CU_ASSERT_EQUAL(a.findings, 0);
	CU_ASSERT_EQUAL(a.proved, n.events);
	CU_ASSERT_EQUAL(a.omitted, n.omitted);
	CU_ASSERT_EQUAL(a.earlier, 7);
	free(text);
	(void)snprintf(f.name, sizeof(f.name), "never");
	text = exported(0, &f, &n);
	CU_ASSERT_EQUAL(n.events, 0);
	verify(text, &a);
	CU_ASSERT_EQUAL(a.findings, 0);
	CU_ASSERT_EQUAL(a.omitted, ROWS);
	free(text);
}

static void
every_checkpoint_can_be_exported_and_no_other_size(void)
{
	struct audit_export_counts n;
	struct export_answer a;
	struct checkpoint cp;
	uint64_t size;
	char * text;

	write_rows();
	for (size = 40; size < ROWS; size += 40) {
		text = exported(size, &all, &n);
		verify(text, &a);
		CU_ASSERT_EQUAL(a.findings, 0);
		CU_ASSERT_EQUAL(a.head.tree_size, size);
		free(text);
	}
	ASSERT_ERR(audit_export_head(db, 41, &cp),
	    SR_E_AUDIT_CHECKPOINT_NOT_FOUND);
}

static void
the_schema_accepts_each(void)
{
	struct audit_filter f = rare(), none = rare();
	const struct audit_filter * const filters[] = { &all, &f, &none };
	char * path = text_format("%s/export.xml", suite_tmpdir());
	struct audit_export_counts n;
	char * text;
	size_t i;

	write_rows();
	(void)snprintf(none.name, sizeof(none.name), "never");
	for (i = 0; i < COUNTOF(filters); i++) {
		text = exported(0, filters[i], &n);
		must(file_write(path, 0600, text) == 0);
		CU_ASSERT_EQUAL(process_run((const char * const[]){ "xmllint",
		    "--noout", "--nonet", "--schema",
		    "schema/audit-export.xsd", path, NULL }, NULL, NULL,
		    NULL), 0);
		free(text);
	}
	free(path);
}

/* --- The matrix ------------------------------------------------------------ */

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
	struct audit_filter f = rare();
	struct audit_export_counts n;
	struct export_answer a;
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
	part = exported(40, &all, &n);
	is_found("another export's head", text_format("%.*s%s",
	    (int)(strstr(part, "<events>") - part), part,
	    strstr(text, "<events>")), FINDING_TREE_BROKEN);
	free(part);
	free(one);
	free(two);
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

static void
a_row_that_is_gone_is_told(void)
{
	struct audit_export_counts n;
	struct export_answer a;
	char * text;

	write_rows();
	admin("CREATE TABLE kept AS SELECT e.* FROM audit_event e JOIN "
	    "audit_leaf l ON l.event_id = e.id WHERE l.leaf_index = 100");
	admin("DELETE FROM audit_event WHERE id IN (SELECT id FROM kept)");
	text = exported(0, &all, &n);
	admin("INSERT INTO audit_event SELECT * FROM kept");
	CU_ASSERT_EQUAL(n.missing, 1);
	verify(text, &a);
	CU_ASSERT_EQUAL(a.findings, 1);
	CU_ASSERT_EQUAL(a.found[FINDING_ROW_MISSING], 1);
	free(text);
}

/* Text that is masked is not proved, and its place is. */
static void
masked_events_keep_their_place(void)
{
	struct audit_entry e;
	struct actor actor = owner;
	struct sr_id target = new_id();
	struct audit_export_counts n;
	struct export_answer a;
	uint64_t sealed;
	char * text;
	bool more;

	write_rows();
	e = entry_about(&target);
	e.actor = &actor;
	/* Put together here, so that this file holds no token. */
	(void)snprintf(actor.label, sizeof(actor.label), "%s_%s", "ghp",
	    "x9Kd83jfKs02LdkWq71mZpTt5bRy4cVn0aQe");
	ASSERT_ERR(append_one(db, &store, &e), SR_OK);
	(void)snprintf(actor.label, sizeof(actor.label), "bell \x07");
	e.id = new_id();
	ASSERT_ERR(append_one(db, &store, &e), SR_OK);
	ASSERT_ERR(checkpoint_seal(&store, &sealed, &more), SR_OK);
	text = exported(0, &all, &n);
	CU_ASSERT_EQUAL(n.masked, 2);
	CU_ASSERT_PTR_NULL(strstr(text, "x9Kd83jf"));
	verify(text, &a);
	CU_ASSERT_EQUAL(a.findings, 0);
	CU_ASSERT_EQUAL(a.masked, 2);
	CU_ASSERT_EQUAL(a.proved, ROWS);
	free(text);
}

static void
without_the_gate_nothing_leaves(void)
{
	struct audit_export x = { .filter = all };
	struct audit_export_counts n;
	struct strbuf b;

	write_rows();
	strbuf_init(&b, 65536);
	redact_mark(store.redact, REDACT_STALE);
	ASSERT_ERR(audit_export_head(db, 0, &x.head), SR_OK);
	ASSERT_ERR(audit_export(&store, &x, collect, &b, &n),
	    SR_E_CHANNEL_REDACTION_FAILED);
	CU_ASSERT_PTR_NULL(strstr(strbuf_str(&b), "</audit-export>"));
	redact_mark(store.redact, REDACT_READY);
	strbuf_free(&b);
}

static int
export_start(void)
{
	const struct keyset * set;

	if (audit_start() != 0 || redact_new(&store.redact) != SR_OK ||
	    (set = keystore_hold(store.keys)) == NULL ||
	    redact_unlock(store.redact, keyset_redaction_key(set)) != SR_OK)
		return (-1);
	redact_mark(store.redact, REDACT_READY);
	sign_public(keyset_sign_key(set), public_key);
	keyset_release(&set);
	return (0);
}

static int
export_stop(void)
{

	redact_free(&store.redact);
	return (audit_stop());
}

static const struct suite_test tests[] = {
	TEST(a_whole_export_is_proved),
	TEST(a_filtered_export_is_proved_and_small),
	TEST(every_checkpoint_can_be_exported_and_no_other_size),
	TEST(the_schema_accepts_each),
	TEST(st_sec_010_ac2_every_change_of_a_file_is_found_and_named),
	TEST(st_sec_010_ac2_a_file_is_held_against_heads_kept_outside),
	TEST(hostile_files_are_refused),
	TEST(a_row_that_is_gone_is_told),
	TEST(masked_events_keep_their_place),
	TEST(without_the_gate_nothing_leaves),
};
SUITE_MAIN("core/audit/export", tests, export_start, export_stop)
