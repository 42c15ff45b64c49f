#ifndef SR_TESTS_CORE_VAULT_PROCESS_H
#define SR_TESTS_CORE_VAULT_PROCESS_H

/* Another process on a house: everything of its own but the database and the
 * key file. */

#include "core/keys/keyring.h"
#include "core/redact/redact.h"
#include "core/store/db.h"
#include "core/store/keystore.h"
#include "core/vault/liveset.h"
#include "tests/core/vault/put.h"

struct process {
	struct store store;
	struct liveset * live;
};

static inline void
process_open(const struct house * h, struct process * p)
{
	const struct keyring_sources from = { h->key_file, NULL, NULL };

	CU_ASSERT_FATAL(house_thread(h, &p->store) == 0);
	ASSERT_ERR_FATAL(keystore_new(&p->store.keys), SR_OK);
	ASSERT_ERR_FATAL(keystore_load(p->store.keys, &from), SR_OK);
	ASSERT_ERR_FATAL(redact_new(&p->store.redact), SR_OK);
	ASSERT_ERR_FATAL(liveset_new(&p->live), SR_OK);
}

static inline void
process_close(struct process * p)
{
	liveset_free(&p->live);
	redact_free(&p->store.redact);
	keystore_free(&p->store.keys);
	db_free(&p->store.db);
}

/* Whether ${value} becomes a mask that names ${label}. */
static inline bool
masked_as(const struct process * p, const char * value, const char * label)
{
	struct redacted * t = NULL;
	char * text = text_format("before %s after", value);
	char * mask = text_format("before [REDACTED:%s:", label);
	bool is = false;

	if (redact_text(p->store.redact, REDACT_LOG, text, strlen(text), NULL,
	    &t) == SR_OK) {
		is = redacted_len(t) > strlen(mask) &&
		    strncmp(redacted_bytes(t), mask, strlen(mask)) == 0;
		if (!is)
			suite_note("%s: %.*s", label, (int)redacted_len(t),
			    redacted_bytes(t));
	}
	redacted_free(&t);
	free(mask);
	free(text);
	return (is);
}

static inline bool
passes(const struct process * p, const char * value)
{
	struct redact_hits hits;

	return (redact_scan(p->store.redact, REDACT_LOG, value, strlen(value),
	    &hits) == SR_OK && hits.known == 0 && hits.rules == 0);
}

#endif /* !SR_TESTS_CORE_VAULT_PROCESS_H */
