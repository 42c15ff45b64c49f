#ifndef SR_TESTS_CORE_AUDIT_TREE_H
#define SR_TESTS_CORE_AUDIT_TREE_H

/* What the suites of the tree share: many rows, their sealing, and what a
 * verification found. Behind tests/core/audit/fixture.h. */

#include <unistd.h>

#include "core/audit/checkpoint.h"
#include "core/audit/checkpoint_heads.h"
#include "core/audit/verify.h"
#include "tests/core/audit/fixture.h"

/* A row at the end of ${chain}. */
static inline void
add_to_chain(const struct sr_id * chain)
{
	struct audit_entry e = entry_about(chain);

	ASSERT_ERR_FATAL(append_one(db, &store, &e), SR_OK);
}

/* A refusal without a target; without keys if ${with} has none. */
static inline void
add_refusal(const struct store * with)
{
	struct audit_entry e = { .occurred_at = clock_now(), .actor = &owner,
	    .action = AUDIT_SIGN_IN, .outcome = AUDIT_BLOCKED,
	    .error = SR_E_SECRET_NAME_INVALID };

	ASSERT_ERR_FATAL(audit_refusal(with, &e), SR_OK);
}

static inline uint64_t
seal_all(void)
{
	uint64_t all = 0, n;
	bool more = true;

	while (more) {
		ASSERT_ERR_FATAL(checkpoint_seal(&store, &n, &more), SR_OK);
		all += n;
	}
	return (all);
}

/* What was found, and the first of it. */
struct findings {
	struct audit_finding first[FINDING__MAX];
	uint64_t n[FINDING__MAX];
	uint64_t all;
};

static inline enum sr_error
note_finding(const struct audit_finding * f, void * cookie)
{
	struct findings * all = cookie;

	if (all->n[f->kind]++ == 0)
		all->first[f->kind] = *f;
	all->all++;
	return (SR_OK);
}

/* Verify, against the heads in the file ${heads} unless that is NULL. */
static inline void
verify(const char * heads, struct findings * f, struct audit_verified * v)
{
	FILE * file = heads == NULL ? NULL : fopen(heads, "r");

	memset(f, 0, sizeof(*f));
	CU_ASSERT_FATAL(heads == NULL || file != NULL);
	ASSERT_ERR_FATAL(audit_verify_database(&store,
	    file == NULL ? -1 : fileno(file), note_finding, f, v), SR_OK);
	CU_ASSERT_EQUAL(f->all, v->findings);
	if (file != NULL)
		(void)fclose(file);
}

/* "row_changed, leaf_missing (2)": what was found. */
static inline const char *
findings_text(const struct findings * f)
{
	static char text[1000];
	size_t len = 0;
	unsigned i;

	text[0] = '\0';
	for (i = 0; i < FINDING__MAX; i++) {
		if (f->n[i] == 0)
			continue;
		(void)snprintf(text + len, sizeof(text) - len, "%s%s",
		    len == 0 ? "" : ", ", audit_finding_name(
		    (enum audit_finding_kind)i));
		len += strlen(text + len);
		if (f->n[i] > 1)
			(void)snprintf(text + len, sizeof(text) - len,
			    " (%lu)", (unsigned long)f->n[i]);
		len += strlen(text + len);
	}
	return (text);
}

/* Nothing is wrong, and everything is covered. */
static inline void
verifies(uint64_t rows)
{
	struct audit_verified v;
	struct findings f;

	verify(NULL, &f, &v);
	if (f.all != 0)
		suite_note("found: %s", findings_text(&f));
	CU_ASSERT_EQUAL(f.all, 0);
	CU_ASSERT_EQUAL(v.rows, rows);
	CU_ASSERT_EQUAL(v.good + v.unsealed, rows);
	CU_ASSERT_EQUAL(v.leaves + v.pending, rows);
}

#define TREE_TABLES(do)							\
	do(audit_event) do(audit_pending) do(audit_leaf) do(audit_node)	\
	do(audit_checkpoint)

/* Keep a copy of all tables under ${name}; put it back. */
static inline void
tables_keep(const char * name)
{
	char sql[1000];

#define KEEP(t)	(void)snprintf(sql, sizeof(sql), "CREATE TABLE %s_" #t	\
	    " LIKE " #t "; INSERT INTO %s_" #t " SELECT * FROM " #t,	\
	    name, name); admin(sql);
	TREE_TABLES(KEEP)
#undef KEEP
}

static inline void
tables_put_back(const char * name)
{
	char sql[1000];

#define BACK(t)	(void)snprintf(sql, sizeof(sql), "DELETE FROM " #t	\
	    "; INSERT INTO " #t " SELECT * FROM %s_" #t, name); admin(sql);
	TREE_TABLES(BACK)
#undef BACK
}

#endif /* !SR_TESTS_CORE_AUDIT_TREE_H */
