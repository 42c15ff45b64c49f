#ifndef SR_TESTS_CORE_AUDIT_EXPORT_H
#define SR_TESTS_CORE_AUDIT_EXPORT_H

/* What the suites of the export share: rows, and files made and checked. */

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

static inline enum sr_error
collect(const struct redacted * piece, void * cookie)
{

	strbuf_add(cookie, redacted_bytes(piece), redacted_len(piece));
	return (SR_OK);
}

/* The export as a text; caller frees. */
static inline char *
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

static inline enum sr_error
ignore(const struct audit_finding * f, void * cookie)
{

	(void)f;
	(void)cookie;
	return (SR_OK);
}

static inline void
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

static inline void
verify(const char * text, struct export_answer * a)
{

	verify_with(text, strlen(text), NULL, public_key, a);
}

static inline void
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

static inline struct audit_filter
rare(void)
{
	struct audit_filter f = all;

	(void)snprintf(f.name, sizeof(f.name), "rare");
	return (f);
}

static inline int
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

static inline int
export_stop(void)
{

	redact_free(&store.redact);
	return (audit_stop());
}

#endif /* !SR_TESTS_CORE_AUDIT_EXPORT_H */
