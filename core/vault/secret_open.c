#include "core/base/secbuf.h"
#include "core/keys/seal.h"
#include "core/log/log.h"
#include "core/store/keystore.h"

#include "core/vault/secret_internal.h"

struct stored {
	enum secret_scope scope;
	struct sr_id project_id;
	char name[SECRET_NAME_MAX + 1];
	struct sealed sealed;
	bool found;
	bool destroyed;
};

static enum sr_error
stored_row(const struct db_row * row, void * cookie)
{
	struct stored * s = cookie;
	const uint8_t * bytes;
	size_t len;

	s->found = true;
	/* A destroyed DEK: the version is history and cannot be opened. */
	if ((s->destroyed = db_col_null(row, 4)))
		return (SR_OK);
	if (!secret_scope_parse(db_col_text(row, 0), &s->scope))
		return (sr_fail(SR_E_SCHEMA_MISMATCH,
		    log_const("column", "secret_ref.scope")));
	s->project_id = db_col_uuid(row, 1);
	snprintf(s->name, sizeof(s->name), "%s", db_col_text(row, 2));
	bytes = db_col_bytes(row, 4, &len);
	if (len != SEAL_WRAPPED_LEN)
		return (sr_fail(SR_E_SECRET_ENCRYPTION_FAILED,
		    log_const("column", "secret_version.wrapped_dek")));
	memcpy(s->sealed.wrapped_dek, bytes, len);
	s->sealed.kek_version = (uint32_t)db_col_int(row, 5);
	bytes = db_col_bytes(row, 3, &len);
	if ((s->sealed.ciphertext = malloc(len == 0 ? 1 : len)) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	memcpy(s->sealed.ciphertext, bytes, len);
	s->sealed.ciphertext_len = len;
	return (SR_OK);
}

static enum sr_error
stored_read(struct db * db, const struct sr_id * id, uint32_t key_version,
    struct stored * s)
{
	enum sr_error err;

	err = db_query(db, STMT_SECRET_VERSION_READ,
	    DB_ARGS(DB_UUID(id), DB_INT(key_version)), stored_row, s);
	if (err == SR_E_SECRET_ENCRYPTION_FAILED || err == SR_E_OUT_OF_MEMORY)
		return (err);
	if (err != SR_OK)
		return (SR_E_SECRET_METADATA_UNAVAILABLE);
	if (!s->found)
		return (SR_E_SECRET_NOT_FOUND);
	return (s->destroyed ? SR_E_SECRET_REVOKED : SR_OK);
}

/**
 * secret_open(store, id, key_version, out):
 * Open a stored version; the caller frees ${out}.
 */
enum sr_error
secret_open(const struct store * store, const struct sr_id * id,
    uint32_t key_version, struct secbuf ** out)
{
	struct stored s = { .found = false };
	const struct keyset * keys = NULL;
	struct seal_aad aad;
	enum sr_error err;

	*out = NULL;
	if ((err = stored_read(store->db, id, key_version, &s)) != SR_OK)
		goto out;
	if ((keys = keystore_hold(store->keys)) == NULL) {
		err = keystore_write_error(store->keys);
		if (err == SR_OK)
			err = SR_E_SECRET_ENCRYPTION_UNAVAILABLE;
		goto out;
	}
	aad = (struct seal_aad){ .secret_id = *id, .scope = (uint8_t)s.scope,
	    .project_id = s.project_id, .name = s.name,
	    .key_version = key_version };
	err = seal_open(keyset_keyring(keys), &aad, &s.sealed, out);

out:
	keyset_release(&keys);
	sealed_free(&s.sealed);
	return (err);
}
