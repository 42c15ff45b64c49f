#include <mysql.h>

#include "core/audit/query.h"
#include "core/base/strbuf.h"
#include "core/redact/redact.h"
#include "core/store/db_internal.h"
#include "tests/core/audit/fixture.h"

static const struct audit_filter nothing = { .from = SR_TIME_NONE,
    .to = SR_TIME_NONE };

struct found {
	unsigned n;
	struct audit_row row[64];
};

static enum sr_error
keep(const struct audit_row * row, void * cookie)
{
	struct found * f = cookie;

	must(f->n < COUNTOF(f->row));
	f->row[f->n++] = *row;
	return (SR_OK);
}

static enum sr_error
parse(struct audit_filter_text text, struct audit_filter * f)
{
	const char * field;

	return (audit_filter_parse(&text, f, &field));
}

/* The field that is complained of, "" for none. */
static const char *
wrong(struct audit_filter_text text)
{
	struct audit_filter f;
	const char * field = NULL;

	if (audit_filter_parse(&text, &f, &field) == SR_OK)
		return (field == NULL ? "" : "a field without an error");
	return (field == NULL ? "no field" : field);
}

#define TEXT(...)	((struct audit_filter_text){ __VA_ARGS__ })

static void
what_is_typed_is_read(void)
{
	struct audit_filter f;
	struct sr_id id = new_id();
	char text[SR_ID_STRLEN + 1];

	ASSERT_ERR(parse(TEXT(.from = NULL), &f), SR_OK);
	CU_ASSERT(f.from == SR_TIME_NONE && f.to == SR_TIME_NONE);
	CU_ASSERT(f.actor[0] == '\0' && f.name[0] == '\0');
	ASSERT_ERR(parse(TEXT(.from = "", .to = "", .actor = "",
	    .action = "", .outcome = "", .secret = ""), &f), SR_OK);
	ASSERT_ERR(parse(TEXT(.from = "2026-01-01", .to = "2026-01-02T03:04",
	    .actor = "J\xc3\xb6rg", .action = "ROTATE", .outcome = "blocked",
	    .secret = "project/a/b-c"), &f), SR_OK);
	CU_ASSERT_EQUAL(f.to - f.from, (27 * 3600 + 240) * SR_SECOND);
	CU_ASSERT_STRING_EQUAL(f.actor, "J\xc3\xb6rg");
	CU_ASSERT_STRING_EQUAL(f.action, "ROTATE");
	CU_ASSERT_STRING_EQUAL(f.outcome, "blocked");
	CU_ASSERT_STRING_EQUAL(f.target_kind, "secret");
	CU_ASSERT_STRING_EQUAL(f.scope, "project");
	CU_ASSERT_STRING_EQUAL(f.name, "a/b-c");
	sr_id_format(&id, text);
	ASSERT_ERR(parse(TEXT(.secret = text), &f), SR_OK);
	CU_ASSERT(sr_id_equal(&f.target_id, &id));
	ASSERT_ERR(parse(TEXT(.secret = "instance"), &f), SR_OK);
	CU_ASSERT_STRING_EQUAL(f.scope, "instance");
	CU_ASSERT_STRING_EQUAL(f.name, "");
}

static void
what_has_no_form_is_refused_with_its_field(void)
{
	char long_text[400];

	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	CU_ASSERT_STRING_EQUAL(wrong(TEXT(.from = "yesterday")), "from");
	CU_ASSERT_STRING_EQUAL(wrong(TEXT(.from = "0001-01-01")), "from");
	CU_ASSERT_STRING_EQUAL(wrong(TEXT(.to = "2026-13-01")), "to");
	CU_ASSERT_STRING_EQUAL(wrong(TEXT(.from = "2026-02-01",
	    .to = "2026-01-01")), "to");
	CU_ASSERT_STRING_EQUAL(wrong(TEXT(.actor = long_text)), "actor");
	CU_ASSERT_STRING_EQUAL(wrong(TEXT(.actor = "a\nb")), "actor");
	CU_ASSERT_STRING_EQUAL(wrong(TEXT(.actor = "a\xff")), "actor");
	CU_ASSERT_STRING_EQUAL(wrong(TEXT(.action = "rotate")), "action");
	CU_ASSERT_STRING_EQUAL(wrong(TEXT(.action = "NONE")), "action");
	CU_ASSERT_STRING_EQUAL(wrong(TEXT(.outcome = "fail")), "outcome");
	CU_ASSERT_STRING_EQUAL(wrong(TEXT(.secret = "elsewhere/x")), "secret");
	CU_ASSERT_STRING_EQUAL(wrong(TEXT(.secret = "instance/")), "secret");
	CU_ASSERT_STRING_EQUAL(wrong(TEXT(.secret = "instance/a b")),
	    "secret");
	CU_ASSERT_STRING_EQUAL(wrong(TEXT(.secret =
	    "00000000-0000-0000-0000-000000000000")), "secret");
	(void)snprintf(long_text, 10, "instance/");
	long_text[9] = 'x';
	CU_ASSERT_STRING_EQUAL(wrong(TEXT(.secret = long_text)), "secret");
}

static struct sr_id
target_of(unsigned i)
{

	return ((struct sr_id){ .b = { [0] = 7, [15] = (uint8_t)(i + 1) } });
}

/* Forty rows: two of each second, five targets, and so on. */
static void
write_rows(void)
{
	static const char * const names[] = { "a/one", "a/two", "b" };
	static bool written;
	struct audit_entry e;
	struct actor actor = owner;
	struct sr_id target;
	unsigned i;

	if (written)
		return;
	written = true;
	for (i = 0; i < 40; i++) {
		target = target_of(i % 5);
		e = entry_about(&target);
		e.actor = &actor;
		(void)snprintf(actor.label, sizeof(actor.label), "%s",
		    i % 4 == 0 ? "anna" : "Bert \"B\" <b@example.org>");
		e.occurred_at = (1000 + i / 2) * SR_SECOND;
		e.action = i % 8 == 0 ? AUDIT_CREATE : AUDIT_ROTATE;
		e.outcome = i % 10 == 3 ? AUDIT_FAILED : AUDIT_SUCCEEDED;
		e.error = i % 10 == 3 ? SR_E_OUT_OF_MEMORY : SR_OK;
		e.name = names[i % 3];
		e.scope = i % 6 == 0 ? "integration" : "instance";
		e.target_kind = i % 7 == 0 ? "bundle" : "secret";
		ASSERT_ERR_FATAL(append_one(db, &store, &e), SR_OK);
	}
}

static bool
fits(const struct audit_filter * f, const struct audit_row * r)
{

	return ((f->from == SR_TIME_NONE || r->occurred_at >= f->from) &&
	    (f->to == SR_TIME_NONE || r->occurred_at < f->to) &&
	    (f->actor[0] == '\0' || strcmp(f->actor, r->actor_label) == 0) &&
	    (f->action[0] == '\0' || strcmp(f->action, r->action) == 0) &&
	    (f->outcome[0] == '\0' || strcmp(f->outcome, r->outcome) == 0) &&
	    (f->target_kind[0] == '\0' ||
	    strcmp(f->target_kind, r->target_kind) == 0) &&
	    (sr_id_is_nil(&f->target_id) ||
	    sr_id_equal(&f->target_id, &r->target_id)) &&
	    (f->scope[0] == '\0' || strcmp(f->scope, r->scope) == 0) &&
	    (f->name[0] == '\0' || strcmp(f->name, r->name) == 0));
}

/* Every page of ${f}, three rows each, is what all rows hold of it. */
static unsigned
pages_are_right(const struct audit_filter * f, const struct found * all)
{
	struct found got = { .n = 0 };
	unsigned i, before, n = 0;

	do {
		before = got.n;
		ASSERT_ERR_FATAL(audit_find(db, f, before == 0 ? NULL :
		    &got.row[before - 1].id, 3, keep, &got), SR_OK);
		CU_ASSERT(got.n - before <= 3);
	} while (got.n != before);
	for (i = 0; i < all->n; i++) {
		if (!fits(f, &all->row[i]))
			continue;
		if (n == got.n ||
		    !sr_id_equal(&got.row[n].id, &all->row[i].id)) {
			CU_FAIL("a row is missing, or in another place");
			return (0);
		}
		n++;
	}
	CU_ASSERT_EQUAL(n, got.n);
	return (n);
}

static struct found all;

static void
every_filter_finds_its_rows_page_by_page(void)
{
	struct audit_filter f;
	unsigned bits, n, rows = 0;

	write_rows();
	all.n = 0;
	ASSERT_ERR(audit_find(db, &nothing, NULL, 60, keep, &all), SR_OK);
	CU_ASSERT_EQUAL_FATAL(all.n, 40);
	for (n = 1; n < all.n; n++)
		CU_ASSERT(all.row[n - 1].occurred_at >=
		    all.row[n].occurred_at);
	for (bits = 0; bits < 512; bits++) {
		f = nothing;
		if ((bits & 1) != 0)
			f.from = 1003 * SR_SECOND;
		if ((bits & 2) != 0)
			f.to = 1017 * SR_SECOND;
		if ((bits & 4) != 0)
			(void)snprintf(f.actor, sizeof(f.actor),
			    "Bert \"B\" <b@example.org>");
		if ((bits & 8) != 0)
			(void)snprintf(f.action, sizeof(f.action), "ROTATE");
		if ((bits & 16) != 0)
			(void)snprintf(f.outcome, sizeof(f.outcome), "%s",
			    (bits & 1) != 0 ? "failed" : "succeeded");
		if ((bits & 32) != 0)
			(void)snprintf(f.target_kind, sizeof(f.target_kind),
			    "secret");
		if ((bits & 64) != 0)
			f.target_id = target_of(3);
		if ((bits & 128) != 0)
			(void)snprintf(f.scope, sizeof(f.scope), "instance");
		if ((bits & 256) != 0)
			(void)snprintf(f.name, sizeof(f.name), "a/two");
		rows += pages_are_right(&f, &all);
	}
	CU_ASSERT(rows > 500);
}

static void
an_id_that_no_row_has_begins_with_the_newest(void)
{
	struct found got = { .n = 0 };
	struct sr_id id = new_id();

	write_rows();
	ASSERT_ERR(audit_find(db, &nothing, &id, 1, keep, &got), SR_OK);
	CU_ASSERT_EQUAL_FATAL(got.n, 1);
	CU_ASSERT(sr_id_equal(&got.row[0].id, &all.row[0].id));
}

static enum sr_error
stop(const struct audit_row * row, void * cookie)
{

	(void)row;
	(void)cookie;
	return (SR_E_OUTPUT_FAILED);
}

static void
a_reader_ends_it_and_a_missing_table_is_this_rooms_error(void)
{
	struct found got = { .n = 0 };
	struct sr_id id = new_id();

	write_rows();
	ASSERT_ERR(audit_find(db, &nothing, NULL, 5, stop, NULL),
	    SR_E_OUTPUT_FAILED);
	admin("RENAME TABLE audit_event TO audit_gone");
	ASSERT_ERR(audit_find(db, &nothing, NULL, 5, keep, &got),
	    SR_E_SECRET_AUDIT_UNAVAILABLE);
	ASSERT_ERR(audit_find(db, &nothing, &id, 5, keep, &got),
	    SR_E_SECRET_AUDIT_UNAVAILABLE);
	ASSERT_ERR(audit_reading(&store, &owner, AUDIT_AUDIT_READ, &nothing,
	    &id), SR_E_SECRET_AUDIT_PERSISTENCE_FAILED);
	CU_ASSERT(sr_id_is_nil(&id));
	admin("RENAME TABLE audit_gone TO audit_event");
}

/* The statement with a constant in the place of each parameter. */
static char *
explain(enum stmt stmt)
{
	const struct stmt_row * row = stmt_row(stmt);
	const char * sql = row->sql, * param = row->params;
	bool optional = false;
	struct strbuf b;
	char * out;

	strbuf_init(&b, 16384);
	strbuf_puts(&b, "EXPLAIN ");
	for (; *sql != '\0'; sql++) {
		if (*sql != '?') {
			strbuf_putc(&b, *sql);
			continue;
		}
		switch (*param++) {
		case 't':
			strbuf_puts(&b, strncmp(sql, "? AND (", 7) == 0 ?
			    "'2026-06-01'" : "'2020-01-01'");
			break;
		case 'u':
			strbuf_puts(&b,
			    "'07000000-0000-0000-0000-000000000001'");
			break;
		case 's':
			strbuf_puts(&b, "'failed'");
			break;
		case 'i':
			strbuf_puts(&b, "50");
			break;
		default:
			/* Each second one is a column's. */
			strbuf_puts(&b, optional ? "'x'" : "NULL");
			optional = !optional;
			break;
		}
	}
	out = mariadb_sql(m, strbuf_str(&b));
	strbuf_free(&b);
	return (out);
}

static void
every_statement_reads_its_index_in_order(void)
{
	static const struct { enum stmt stmt; const char * key; } rows[] = {
		{ STMT_AUDIT_FIND_TARGET, "audit_event_target" },
		{ STMT_AUDIT_FIND_NAME, "audit_event_name" },
		{ STMT_AUDIT_FIND_ACTOR, "audit_event_actor" },
		{ STMT_AUDIT_FIND_ACTION, "audit_event_action" },
		{ STMT_AUDIT_FIND_OUTCOME, "audit_event_outcome" },
		{ STMT_AUDIT_FIND_KIND, "audit_event_kind" },
		{ STMT_AUDIT_FIND_TIME, "audit_event_time" },
	};
	char * plan;
	size_t i;

	write_rows();
	for (i = 0; i < COUNTOF(rows); i++) {
		plan = explain(rows[i].stmt);
		CU_ASSERT_PTR_NOT_NULL_FATAL(plan);
		if (strstr(plan, rows[i].key) == NULL ||
		    strstr(plan, "\trange\t") == NULL ||
		    strstr(plan, "filesort") != NULL) {
			suite_note("%s: %s", rows[i].key, plan);
			CU_FAIL("reads another index, or sorts");
		}
		free(plan);
	}
}

static int
query_start(void)
{

	if (audit_start() != 0)
		return (-1);
	return (redact_new(&store.redact) == SR_OK ? 0 : -1);
}

static int
query_stop(void)
{

	redact_free(&store.redact);
	return (audit_stop());
}

static const struct suite_test tests[] = {
	TEST(what_is_typed_is_read),
	TEST(what_has_no_form_is_refused_with_its_field),
	TEST(every_filter_finds_its_rows_page_by_page),
	TEST(an_id_that_no_row_has_begins_with_the_newest),
	TEST(a_reader_ends_it_and_a_missing_table_is_this_rooms_error),
	TEST(every_statement_reads_its_index_in_order),
};
SUITE_MAIN("core/audit/query", tests, query_start, query_stop)
