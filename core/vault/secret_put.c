#include "core/base/secbuf.h"
#include "core/log/log.h"
#include "core/redact/common.h"
#include "core/store/keystore.h"

#include "core/vault/provider_status.h"
#include "core/vault/own_site.h"
#include "core/vault/own_text.h"
#include "core/vault/policy.h"
#include "core/vault/secret_put.h"

/*
 * Writers of one secret queue at its row, and each that finds the version
 * moved on seals again and queues anew: about as many rounds as there are
 * writers at the same moment.
 */
#define PUT_ROUNDS	64

static enum sr_error
take_keys(struct secret_put * p)
{
	enum sr_error err;

	if (p->keys != NULL)
		return (SR_OK);
	err = secret_take_keys(p->store, &p->keys);
	p->audit.keys = p->keys;
	return (err == SR_E_DATABASE_UNAVAILABLE ?
	    SR_E_SECRET_PERSISTENCE_FAILED : err);
}

static enum sr_error
take_forms(struct secret_put * p, struct secret_complaint * complaint)
{
	const struct secbuf * key = keyset_redaction_key(p->keys);
	const struct own_site * own = p->store->own_site;
	enum sr_error err;

	err = redact_forms_of(key, p->write->value, &p->forms);
	if (err == SR_OK)
		err = redact_forms_thin(key, p->write->value, own_text,
		    own_text_len, &p->forms);
	if (err == SR_OK && own != NULL && own->len != 0)
		err = redact_forms_thin(key, p->write->value, own->text,
		    own->len, &p->forms);
	if (err == SR_E_SECRET_VALUE_INVALID ||
	    err == SR_E_SECRET_VALUE_COMMON)
		complaint->field = "value";
	return (err);
}

/* The live set does not know the new value yet. A name that holds it, or a line
 * or a leaf of it, would keep it in the clear, in the audit too. */
static enum sr_error
name_is_free_of_it(struct secret_put * p, struct secret_complaint * complaint)
{
	enum sr_error err;
	bool found;

	err = redact_forms_in(keyset_redaction_key(p->keys), &p->forms,
	    p->checked.name, &found);
	if (err != SR_OK || !found)
		return (err);
	complaint->field = "name";
	complaint->policy = POLICY_PLAINTEXT;
	p->checked.name = NULL;
	return (SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED);
}

static void
meta_for_create(struct secret_put * p, const struct sr_id * id)
{
	p->meta = (struct secret_meta){ .id = *id, .scope = p->checked.scope,
	    .project_id = p->checked.project_id, .created_at = p->now };
	snprintf(p->meta.name, sizeof(p->meta.name), "%s", p->checked.name);
}

static enum sr_error
take_max(const struct db_row * row, void * cookie)
{
	uint32_t * version = cookie;

	*version = (uint32_t)db_col_int(row, 0);
	return (SR_OK);
}

/* One more than any that was: a version that was rolled back had a number. */
static enum sr_error
next_version(struct secret_put * p)
{
	uint32_t max = 0;

	if (p->exists && db_query(p->store->db, STMT_SECRET_VERSION_MAX,
	    DB_ARGS(DB_UUID(&p->meta.id)), take_max, &max) != SR_OK)
		return (SR_E_SECRET_PERSISTENCE_FAILED);
	if (max < p->meta.key_version)
		max = p->meta.key_version;
	p->meta.key_version = max + 1;
	return (SR_OK);
}

/*
 * Look what is there and say what shall be: version 1 of a new secret, or the
 * next version of the one that has the name. A revoked secret that is saved
 * again is a creation that goes on counting.
 */
static enum sr_error
plan(struct secret_put * p, const struct sr_id * new_id)
{
	struct secret_meta seen;
	enum sr_error err;
	bool create;

	if (secret_lookup(p->store->db, p->checked.scope,
	    &p->checked.project_id, p->checked.name, &seen, &p->exists) !=
	    SR_OK)
		return (SR_E_SECRET_PERSISTENCE_FAILED);
	if (p->exists)
		p->meta = seen;
	else
		meta_for_create(p, new_id);
	/* What is there is judged when its row is locked. */
	if (!p->exists && (err = secret_put_may(p->write, false, "", 0)) !=
	    SR_OK)
		return (err);
	create = !p->exists || strcmp(seen.status, "active") != 0;
	p->from_version = p->meta.key_version;
	if ((err = next_version(p)) != SR_OK)
		return (err);
	snprintf(p->meta.source, sizeof(p->meta.source), "%s",
	    create ? "onboarding" : "rotation");
	snprintf(p->meta.status, sizeof(p->meta.status), "active");
	p->meta.last_rotated_at = p->meta.updated_at = p->now;
	p->meta.expires_at = p->checked.expires_at;
	p->audit.action = create ? AUDIT_CREATE : AUDIT_ROTATE;
	p->audit.target_id = p->meta.id;
	p->audit.key_version = p->meta.key_version;
	p->audit.target_is_new = !p->exists;
	return (SR_OK);
}

/* Seal for the row and version that the plan names. */
static enum sr_error
seal(struct secret_put * p)
{
	const struct seal_aad aad = { .secret_id = p->meta.id,
	    .scope = (uint8_t)p->meta.scope, .project_id = p->meta.project_id,
	    .name = p->meta.name, .key_version = p->meta.key_version };

	sealed_free(&p->sealed);
	return (seal_value(keyset_keyring(p->keys), keyset_wrapping(p->keys),
	    &aad, p->write->value, &p->sealed));
}

/* What a failed transaction is called to the one who wanted to save. */
static enum sr_error
put_error(enum sr_error err)
{
	if (err == SR_E_DATABASE_UNAVAILABLE || err == SR_E_DATABASE_REFUSED)
		return (SR_E_SECRET_PERSISTENCE_FAILED);
	return (err);
}

/* Keys that wrap with the version that wraps by now. The system keys among them
 * are the same. */
static enum sr_error
follow_keys(struct secret_put * p)
{
	enum sr_error err;

	p->moved = false;
	if ((err = keystore_follow(p->store->keys, p->store->db)) != SR_OK)
		return (put_error(err));
	keyset_release(&p->keys);
	return (take_keys(p));
}

/*
 * What the request did when it came before; ${repeated} is false if it did not.
 * Its contents are those of now, so what it asked for is known.
 */
static enum sr_error
look_for_it(struct secret_put * p, bool * repeated)
{
	struct idempotency_result made;
	enum sr_error err;

	err = idempotency_find(p->store->db, &p->request, &made, repeated);
	if (err == SR_OK && *repeated)
		err = secret_as_made(p->store->db, &made, false, &p->meta);
	if (err == SR_E_IDEMPOTENCY_KEY_REUSED)
		return (err);
	if (err != SR_OK)
		return (SR_E_SECRET_PERSISTENCE_FAILED);
	if (!*repeated)
		return (SR_OK);
	snprintf(p->meta.status, sizeof(p->meta.status), "active");
	if (p->write->expires_at == NULL ||
	    !clock_parse(p->write->expires_at, &p->meta.expires_at))
		p->meta.expires_at = SR_TIME_NONE;
	return (SR_OK);
}

/* The request's MACs, if it has a key. Without keys nothing is known of it. */
static enum sr_error
take_request(struct secret_put * p, const struct actor * actor)
{
	const struct secret_write * w = p->write;
	const uint8_t numbers[6] = { (uint8_t)(w->expected >> 24),
	    (uint8_t)(w->expected >> 16), (uint8_t)(w->expected >> 8),
	    (uint8_t)w->expected, w->only_create,
	    (uint8_t)(w->only_rotate | w->expected_any << 1) };
	const struct mac_part parts[] = { mac_text("secret_put"),
	    mac_text(w->scope), mac_text(w->project), mac_text(w->name),
	    mac_text(w->expires_at), MAC_BYTES(numbers, sizeof(numbers)),
	    MAC_SECRET(w->value) };

	return (idempotency_begin(p->store, p->keys, actor,
	    w->idempotency_key, parts, COUNTOF(parts), &p->request));
}

/* Plan, seal, write; again while other writers are faster. */
static enum sr_error
put_rounds(struct secret_put * p, bool * repeated)
{
	struct sr_id new_id;
	enum sr_error err;
	unsigned i;

	if ((err = sr_id_new(&new_id)) != SR_OK ||
	    (err = sr_id_new(&p->change_id)) != SR_OK ||
	    (err = sr_id_new(&p->audit.id)) != SR_OK)
		return (err);
	for (i = 0; i < PUT_ROUNDS; i++) {
		if ((p->moved && (err = follow_keys(p)) != SR_OK) ||
		    (err = plan(p, &new_id)) != SR_OK ||
		    (err = seal(p)) != SR_OK)
			return (err);
		p->changed = p->request.taken = false;
		err = tx_run(p->store->db, &p->audit.id, secret_put_tx, p);
		/* A commit that was only found by look-up may have been seen
		 * as another's change: it is done all the same. */
		if (err == SR_OK || err == SR_E_COMMIT_OUTCOME_UNKNOWN ||
		    (!p->changed && !p->request.taken))
			return (put_error(err));
		if (p->request.taken &&
		    ((err = look_for_it(p, repeated)) != SR_OK || *repeated))
			return (err);
	}
	return (sr_fail(SR_E_TRANSACTION_CONFLICT,
	    log_id("secret_id", p->meta.id)));
}

/* The field is a literal of secret_check.c, never what was sent in it. */
static const char *
field_name(const struct secret_complaint * complaint)
{
	return (complaint->field == NULL ? "none" : complaint->field);
}

/* A refusal's own row. It names what passed the checks and no more. */
static void
refused(struct secret_put * p, const struct secret_complaint * complaint,
    enum sr_error error)
{
	struct audit_entry e = p->audit;
	struct secret_meta seen;
	bool found = false;

	LOG(SECRET_REFUSED, log_error(error),
	    log_const("field", field_name(complaint)));
	/* It may have been saved after all: no row must say it was not. */
	if (error == SR_E_COMMIT_OUTCOME_UNKNOWN)
		return;
	e.id = sr_id_nil;
	e.error = error;
	e.outcome = error == SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED ?
	    AUDIT_BLOCKED : AUDIT_FAILED;
	e.action = AUDIT_CREATE;
	e.target_id = sr_id_nil;
	e.key_version = 0;
	e.name = p->checked.name;
	if (e.name != NULL && secret_lookup(p->store->db, p->checked.scope,
	    &p->checked.project_id, e.name, &seen, &found) == SR_OK && found) {
		if (!p->write->only_create)
			e.action = AUDIT_ROTATE;
		e.target_id = seen.id;
		e.key_version = seen.key_version;
	}
	if (!found && e.name != NULL &&
	    !secret_may_be_named(p->store, e.name))
		e.name = NULL;
	/* A failure to write it is logged there; ours is answered anyway. */
	(void)audit_refusal(p->store, &e);
}

/*
 * A request that came before is answered whatever its fields would be told
 * today: an expiry that was in the future then may lie in the past.
 */
static enum sr_error
came_before(struct secret_put * p, bool * repeated)
{
	enum sr_error err;

	if (!idempotency_asked(p->write->idempotency_key))
		return (SR_OK);
	if ((err = take_keys(p)) != SR_OK ||
	    (err = take_request(p, p->audit.actor)) != SR_OK)
		return (err);
	return (look_for_it(p, repeated));
}

static bool
about_the_key(enum sr_error err)
{
	return (err == SR_E_IDEMPOTENCY_KEY_INVALID ||
	    err == SR_E_IDEMPOTENCY_KEY_REUSED);
}

static enum sr_error
put(struct secret_put * p, struct secret_complaint * complaint,
    bool * repeated)
{
	enum sr_error err, fields;

	fields = secret_check(p->store, p->write, p->now, &p->checked,
	    complaint);
	p->audit.name = p->checked.name;
	if (p->checked.scope != SCOPE__MAX)
		p->audit.scope = secret_scope_name(p->checked.scope);
	err = came_before(p, repeated);
	if (*repeated || about_the_key(err))
		return (err);
	if (fields != SR_OK)
		return (fields);
	if (err != SR_OK || (err = take_keys(p)) != SR_OK ||
	    (err = take_forms(p, complaint)) != SR_OK ||
	    (err = name_is_free_of_it(p, complaint)) != SR_OK)
		return (err);
	return (put_rounds(p, repeated));
}

/**
 * secret_put(store, actor, write, complaint, out):
 * Create the secret, or rotate it when scope, project and name exist.
 */
enum sr_error
secret_put(const struct store * store, const struct actor * actor,
    const struct secret_write * write, struct secret_complaint * complaint,
    struct secret_meta * out)
{
	struct secret_put p = { .store = store, .write = write,
	    .now = clock_now() };
	struct secret_complaint unread;
	enum sr_error err;
	bool repeated = false;

	if (complaint == NULL)
		complaint = &unread;
	*complaint = (struct secret_complaint){ NULL, NULL };
	p.audit = (struct audit_entry){ .occurred_at = p.now, .actor = actor,
	    .outcome = AUDIT_SUCCEEDED, .error = SR_OK,
	    .target_kind = "secret" };
	err = put(&p, complaint, &repeated);
	if (repeated || about_the_key(err))
		*complaint = (struct secret_complaint){
		    .field = repeated ? NULL : "idempotency_key" };
	if (err != SR_OK)
		refused(&p, complaint, err);
	else if (repeated)
		LOG(REQUEST_REPEATED, log_id("secret_id", p.meta.id),
		    log_u64("key_version", p.meta.key_version));
	else
		LOG(SECRET_STORED, log_id("secret_id", p.meta.id),
		    log_u64("key_version", p.meta.key_version));
	/* A rotation checks by itself what it stores. */
	if (err == SR_OK && p.meta.scope == SCOPE_INTEGRATION &&
	    write->also == NULL)
		provider_check_soon(store->db);
	if (err == SR_OK && out != NULL)
		*out = p.meta;
	redact_forms_free(&p.forms);
	sealed_free(&p.sealed);
	keyset_release(&p.keys);
	return (err);
}
