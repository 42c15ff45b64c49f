#include "core/base/secbuf.h"
#include "core/log/log.h"
#include "core/vault/environment.h"
#include "core/vault/rotation_internal.h"

/* A rotation that is beginning. */
struct beginning {
	const struct rotating * r;
	const struct provider * provider;
	struct rotation * rotation;
	struct audit_entry audit;
};

/** rotation_ask(r, provider, secret_id, version, verdict): see the header. */
enum sr_error
rotation_ask(const struct rotating * r, const struct provider * provider,
    const struct sr_id * secret_id, uint32_t version,
    struct provider_verdict * verdict)
{
	struct secbuf * value = NULL;
	enum sr_error err;

	*verdict = (struct provider_verdict){ .outcome = PROVIDER_REFUSED,
	    .failure = PROVIDER_FAILURE_REFUSED,
	    .error = SR_E_PROVIDER_CREDENTIALS_INVALID };
	err = secret_open(r->with.store, secret_id, version, &value);
	if (err == SR_E_SECRET_ENCRYPTION_FAILED ||
	    err == SR_E_SECRET_REVOKED || err == SR_E_SECRET_NOT_FOUND)
		return (SR_OK);
	if (err != SR_OK)
		return (err);
	err = provider_ask(provider, value, r->with.limits, verdict);
	secbuf_free(&value);
	if (err != SR_E_PROVIDER_CREDENTIAL_VALUE_INVALID)
		return (err);
	verdict->outcome = PROVIDER_REFUSED;
	verdict->failure = PROVIDER_FAILURE_REFUSED;
	return (SR_OK);
}

static enum sr_error
precheck(struct beginning * b, bool confirm)
{
	struct rotation * n = b->rotation;
	struct provider_verdict v;
	enum sr_error err;

	if ((err = rotation_ask(b->r, b->provider, &n->secret_id,
	    n->from_version, &v)) != SR_OK)
		return (err);
	n->before = rotation_check_of(&v);
	n->before_failure = v.failure;
	if (n->before != ROTATION_PASSED && !confirm)
		return (SR_E_PROVIDER_ROTATION_PRECHECK_FAILED);
	return (SR_OK);
}

static enum sr_error
insert(struct tx * tx, void * cookie)
{
	struct beginning * b = cookie;
	const struct rotation * n = b->rotation;
	const struct actor * a = b->r->with.actor;
	struct db * db = tx_db(tx);
	enum sr_error err;

	err = db_exec(db, STMT_ROTATION_INSERT, DB_ARGS(DB_UUID(&n->id),
	    DB_TEXT(b->provider->name), DB_UUID(&n->secret_id),
	    DB_INT(n->from_version), DB_UUID(&n->secret_id),
	    DB_TEXT(rotation_state_name(ROTATION_PRECHECKED)),
	    DB_TEXT(rotation_check_name(n->before)),
	    DB_TEXT(provider_failure_name(n->before_failure)),
	    DB_TEXT(a->kind == ACTOR_ACCOUNT ? "account" :
	    a->kind == ACTOR_API_KEY ? "api_key" :
	    a->kind == ACTOR_OPERATOR ? "operator" : "system"),
	    DB_UUID(sr_id_is_nil(&a->id) ? NULL : &a->id), DB_TEXT(a->label),
	    DB_TIME(n->started_at), DB_TIME(n->next_at),
	    DB_TIME(n->deadline)), NULL);
	if (err == SR_E_DATABASE_REFUSED && db_duplicate(db))
		return (SR_E_PROVIDER_ROTATION_IN_PROGRESS);
	if (err != SR_OK)
		return (err);
	return (audit_append(tx, b->r->with.store, &b->audit));
}

/* The row that says what is going to be done, before it is. */
static enum sr_error
write_intent(struct beginning * b)
{
	struct rotation * n = b->rotation;
	enum sr_error err;

	n->state = ROTATION_PRECHECKED;
	n->started_at = clock_now();
	n->deadline = n->started_at +
	    (sr_time)b->r->limits->deadline_seconds * SR_SECOND;
	n->next_at = n->deadline;
	n->finished_at = SR_TIME_NONE;
	if ((err = sr_id_new(&n->id)) != SR_OK ||
	    (err = rotation_audit(b->r, b->provider, AUDIT_ROTATION_BEGIN, n,
	    &b->audit)) != SR_OK)
		return (err);
	return (rotation_error(tx_run(b->r->with.store->db, &b->audit.id,
	    insert, b)));
}

/* In the transaction that stores the new version. */
static enum sr_error
switched(struct tx * tx, const struct secret_meta * meta, void * cookie)
{
	struct beginning * b = cookie;
	struct rotation_end e = { .r = b->r, .provider = b->provider,
	    .rotation = b->rotation, .from = ROTATION_PRECHECKED,
	    .to = ROTATION_SWITCHED };
	enum sr_error err;

	b->rotation->to_version = meta->key_version;
	b->rotation->next_at = clock_now() +
	    (sr_time)b->r->limits->claim_seconds * SR_SECOND;
	if ((err = rotation_end_write(tx, &e)) != SR_OK)
		return (err);
	/* By hand, or its deadline is over. */
	if (e.overtaken)
		return (SR_E_PROVIDER_ROTATION_CANCELLED);
	return (rotation_status(tx_db(tx), b->provider, PROVIDER_ROTATING,
	    b->rotation, clock_now()));
}

static enum sr_error
store_and_switch(struct beginning * b, const struct secbuf * value,
    struct secret_complaint * complaint)
{
	const struct secret_write w = {
	    .scope = secret_scope_name(SCOPE_INTEGRATION),
	    .name = b->provider->secret, .value = value,
	    .expected = b->rotation->from_version, .also = switched,
	    .also_cookie = b };
	enum sr_error err;

	err = secret_put(b->r->with.store, b->r->with.actor, &w, complaint,
	    NULL);
	if (err == SR_OK)
		b->rotation->state = ROTATION_SWITCHED;
	/* It may have been stored after all: the row says, to who resumes. */
	else if (err != SR_E_COMMIT_OUTCOME_UNKNOWN) {
		b->rotation->to_version = 0;
		if (rotation_call_off(b->r, b->provider, b->rotation, err) !=
		    SR_OK)
			return (err);	/* The deadline ends it. */
	}
	return (err);
}

static void
refused(struct beginning * b, enum sr_error error)
{
	struct audit_entry e;

	LOG(ROTATION_REFUSED, log_error(error),
	    log_name("provider", b->provider->name));
	if (rotation_audit(b->r, b->provider, AUDIT_ROTATION_BEGIN,
	    b->rotation, &e) != SR_OK)
		return;
	e.outcome = AUDIT_FAILED;
	e.error = error;
	(void)audit_refusal(b->r->with.store, &e);
}

static enum sr_error
prepare(struct beginning * b, bool confirm)
{
	const struct source_binding s = provider_binding(b->provider);
	struct secret_meta meta;
	enum sr_error err;

	if (environment_find(b->r->with.environment, s.variable) != NULL)
		return (SR_E_PROVIDER_SOURCE_CONFLICT);
	err = secret_find(b->r->with.store->db, s.scope, &s.project_id, s.name,
	    &meta);
	if (err == SR_E_SECRET_NOT_FOUND ||
	    (err == SR_OK && strcmp(meta.status, "active") != 0))
		return (SR_E_PROVIDER_CREDENTIAL_MISSING);
	if (err != SR_OK)
		return (SR_E_PROVIDER_CREDENTIAL_UNAVAILABLE);
	b->rotation->secret_id = meta.id;
	b->rotation->from_version = meta.key_version;
	if ((err = precheck(b, confirm)) != SR_OK)
		return (err);
	return (write_intent(b));
}

/** rotation_begin(r, provider, value, confirm, complaint, out). */
enum sr_error
rotation_begin(const struct rotating * r, const struct provider * provider,
    const struct secbuf * value, bool confirm,
    struct secret_complaint * complaint, struct rotation * out)
{
	struct beginning b = { .r = r, .provider = provider,
	    .rotation = out };
	enum sr_error err;

	*out = (struct rotation){ .finished_at = SR_TIME_NONE };
	snprintf(out->provider, sizeof(out->provider), "%s", provider->name);
	if ((err = prepare(&b, confirm)) != SR_OK) {
		refused(&b, err);
		return (err);
	}
	err = store_and_switch(&b, value, complaint);
	if (err == SR_OK)
		LOG(ROTATION_SWITCHED, log_name("provider", provider->name),
		    log_u64("key_version", out->to_version));
	return (err);
}
