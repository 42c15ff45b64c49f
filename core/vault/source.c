#include <string.h>

#include "core/base/secbuf.h"
#include "core/log/log.h"
#include "core/vault/environment.h"
#include "core/vault/source.h"

const char *
source_kind_name(enum source_kind kind)
{
	static const char * const names[SOURCE__MAX] = {
		[SOURCE_NONE] = "none", [SOURCE_ENVIRONMENT] = "environment",
		[SOURCE_REFERENCE] = "reference",
	};

	must(kind < SOURCE__MAX);
	return (names[kind]);
}

const char *
source_state_name(enum source_state state)
{
	static const char * const names[SOURCE_STATE__MAX] = {
		[SOURCE_ABSENT] = "absent", [SOURCE_PRESENT] = "present",
		[SOURCE_REVOKED] = "revoked", [SOURCE_EXPIRED] = "expired",
		[SOURCE_CLOSED] = "does_not_open",
		[SOURCE_UNREADABLE] = "unreadable",
	};

	must(state < SOURCE_STATE__MAX);
	return (names[state]);
}

/** source_why(answer): which won, which lost, and why. */
const char *
source_why(const struct source_answer * answer)
{
	static const char * const without[SOURCE_STATE__MAX] = {
		[SOURCE_ABSENT] = "The environment variable is not set and"
		    " nothing is stored under the reference.",
		[SOURCE_PRESENT] = "The environment variable is not set, so"
		    " the stored reference is used.",
		[SOURCE_REVOKED] = "The environment variable is not set and"
		    " the stored reference is revoked.",
		[SOURCE_EXPIRED] = "The environment variable is not set and"
		    " the stored reference has expired.",
		[SOURCE_CLOSED] = "The environment variable is not set and"
		    " the stored reference does not open.",
		[SOURCE_UNREADABLE] = "The environment variable is not set and"
		    " the stored reference cannot be read.",
	};

	if (answer->winner != SOURCE_ENVIRONMENT)
		return (without[answer->reference]);
	if (answer->reference == SOURCE_ABSENT)
		return ("The environment variable is set; nothing is stored"
		    " under the reference.");
	return ("The environment variable is set and always wins; the stored"
	    " reference is not used.");
}

/* What is stored, without opening it. */
static enum source_state
look_up(const struct store * store, const struct source_binding * b,
    struct source_answer * answer)
{
	enum sr_error err;

	err = secret_find(store->db, b->scope, &b->project_id, b->name,
	    &answer->meta);
	if (err == SR_E_SECRET_NOT_FOUND)
		return (SOURCE_ABSENT);
	if (err != SR_OK) {
		answer->cause = err;
		return (SOURCE_UNREADABLE);
	}
	if (strcmp(answer->meta.status, "active") != 0) {
		answer->cause = SR_E_SECRET_REVOKED;
		return (SOURCE_REVOKED);
	}
	if (secret_expired(&answer->meta, clock_now())) {
		answer->cause = SR_E_SECRET_EXPIRED;
		return (SOURCE_EXPIRED);
	}
	return (SOURCE_PRESENT);
}

static enum sr_error
open_reference(const struct store * store, struct source_answer * answer,
    struct secbuf ** value)
{
	struct secbuf * opened = NULL;
	enum sr_error err;

	err = secret_open(store, &answer->meta.id, answer->meta.key_version,
	    &opened);
	if (err == SR_E_OUT_OF_MEMORY)
		return (err);
	if (err != SR_OK) {
		answer->reference = SOURCE_CLOSED;
		answer->cause = err;
		return (SR_E_PROVIDER_SECRET_RESOLUTION_FAILED);
	}
	if (value != NULL)
		*value = opened;
	else
		secbuf_free(&opened);
	return (SR_OK);
}

static enum sr_error
from_reference(const struct store * store, struct source_answer * answer,
    struct secbuf ** value)
{

	switch (answer->reference) {
	case SOURCE_PRESENT:
		answer->winner = SOURCE_REFERENCE;
		return (open_reference(store, answer, value));
	case SOURCE_UNREADABLE:
	case SOURCE_CLOSED:
		answer->winner = SOURCE_REFERENCE;
		return (SR_E_PROVIDER_SECRET_RESOLUTION_FAILED);
	case SOURCE_ABSENT:
	case SOURCE_REVOKED:
	case SOURCE_EXPIRED:
	case SOURCE_STATE__MAX:
		break;
	}
	return (SR_E_PROVIDER_SECRET_UNAVAILABLE);
}

/** source_resolve(store, environment, binding, answer, value): see source.h. */
enum sr_error
source_resolve(const struct store * store,
    const struct environment * environment,
    const struct source_binding * binding, struct source_answer * answer,
    struct secbuf ** value)
{
	const struct secbuf * set;

	memset(answer, 0, sizeof(*answer));
	if (value != NULL)
		*value = NULL;
	set = environment_find(environment, binding->variable);
	answer->reference = look_up(store, binding, answer);
	if (set != NULL) {
		answer->winner = SOURCE_ENVIRONMENT;
		answer->environment = SOURCE_PRESENT;
		answer->error = value == NULL ? SR_OK :
		    secbuf_clone(set, value);
	} else
		answer->error = from_reference(store, answer, value);
	return (answer->error);
}
