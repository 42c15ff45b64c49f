#ifndef SR_TESTS_CORE_VAULT_ROTATE_H
#define SR_TESTS_CORE_VAULT_ROTATE_H

/* Changing the root key of a house, for the suites of rewrap.h. */

#include "core/keys/keyring.h"
#include "core/store/keystore.h"
#include "core/vault/rewrap.h"
#include "tests/core/vault/put.h"

/* Read the house's key file again, as a worker does on SIGHUP. */
static inline enum sr_error
reload_keys(const struct house * h, const struct store * store)
{
	const struct keyring_sources from = { h->key_file, NULL, NULL };

	return (keystore_load(store->keys, &from));
}

/* `rootkey new --add`, and SIGHUP to this process. The new version. */
static inline uint32_t
add_key(const struct house * h)
{
	uint32_t version = 0;

	ASSERT_ERR_FATAL(keyring_add_to_file(h->key_file, &version), SR_OK);
	ASSERT_ERR_FATAL(reload_keys(h, &h->store), SR_OK);
	return (version);
}

/* Take the lines of versions below ${version} out of the house's key file. */
static inline void
drop_older_keys(const struct house * h, uint32_t version)
{
	char * text = file_read(h->key_file, NULL);
	char * kept = text_format("%s", "");
	char * line;
	char * rest = text;
	char * more;

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	while ((line = strtok_r(rest, "\n", &rest)) != NULL) {
		if (strtoul(line, NULL, 10) < version)
			continue;
		more = text_format("%s%s\n", kept, line);
		free(kept);
		kept = more;
	}
	/* In one step: processes read it at any moment. */
	more = text_format("%s.less", h->key_file);
	CU_ASSERT_EQUAL_FATAL(file_write(more, 0600, kept), 0);
	CU_ASSERT_EQUAL_FATAL(rename(more, h->key_file), 0);
	free(more);
	free(kept);
	free(text);
	ASSERT_ERR_FATAL(reload_keys(h, &h->store), SR_OK);
}

/* "1:2+0,2:0+5": versions, secret versions and system keys under each. */
static inline bool
under_is(const struct house * h, const char * expected)
{

	return (house_sql_is(h, expected, "SELECT GROUP_CONCAT(k.kek_version,"
	    " ':', (SELECT COUNT(*) FROM secret_version v WHERE v.kek_version ="
	    " k.kek_version AND v.wrapped_dek IS NOT NULL), '+', (SELECT"
	    " COUNT(*) FROM system_key s WHERE s.kek_version = k.kek_version)"
	    " ORDER BY k.kek_version) FROM kek k"));
}

/* The chain of a version's rows verifies and has ${n}. */
static inline void
root_key_chain_is(const struct house * h, uint32_t version, uint32_t n)
{
	const struct sr_id id = rewrap_target(version);
	uint32_t rows = 0;

	ASSERT_ERR(keystore_bind(h->store.keys, h->store.db), SR_OK);
	ASSERT_ERR(audit_verify_chain(&h->store, &id, &rows), SR_OK);
	CU_ASSERT_EQUAL(rows, n);
}

#endif /* !SR_TESTS_CORE_VAULT_ROTATE_H */
