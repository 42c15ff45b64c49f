#ifndef SR_CORE_VAULT_PROVIDER_CHECK_H
#define SR_CORE_VAULT_PROVIDER_CHECK_H

/*
 * Asking a provider whether a credential is good: one cheap, read-only GET,
 * repeated a bounded number of times while the way there fails. Of the answer
 * only its status and the class of a failure are kept; no byte of it is shown
 * or stored, so a provider that echoes the credential gives nothing away. No
 * redirects, no proxy but a configured one, TLS verified, HTTP/1.1.
 */

#include "core/base/clock.h"
#include "core/base/error.h"

struct config;
struct provider;
struct secbuf;

enum provider_outcome {
	PROVIDER_PASSED,	/* The credential is good. */
	PROVIDER_REFUSED,	/* The provider says that it is not. */
	PROVIDER_FAILED		/* Nobody knows: see the class. */
};

enum provider_failure {
	PROVIDER_FAILURE_NONE,
	PROVIDER_FAILURE_REFUSED,
	PROVIDER_FAILURE_RATE_LIMITED,
	PROVIDER_FAILURE_UNREACHABLE,
	PROVIDER_FAILURE_TLS,
	PROVIDER_FAILURE_TIMEOUT,
	PROVIDER_FAILURE_SERVER_ERROR,
	PROVIDER_FAILURE_MALFORMED_REPLY,
	PROVIDER_FAILURE_REDIRECTED,
	PROVIDER_FAILURE__MAX
};

struct provider_limits {
	unsigned attempts;		/* At most, at least 1. */
	unsigned pause_ms;		/* After the first, then doubled. */
	unsigned connect_ms;
	unsigned total_ms;		/* Of one attempt. */
	size_t reply_max;		/* Bytes of a body. */
	const char * ca_file;		/* "": the system's. */
	const char * proxy;		/* "": none. */
};

struct provider_verdict {
	enum provider_outcome outcome;
	enum provider_failure failure;
	enum sr_error error;		/* SR_OK, or PROVIDER_*. */
	unsigned status;		/* Of HTTP; 0: no answer. */
	unsigned attempts;
};

/** provider_library_init() / _end(): libcurl, once, before threads. */
SR_NODISCARD enum sr_error provider_library_init(void);
void provider_library_end(void);

/** provider_limits_of(config, out): the configured limits. */
void provider_limits_of(const struct config * config,
    struct provider_limits * out);

/** provider_check_seconds(config): from one check to the next that is due. */
unsigned provider_check_seconds(const struct config * config);

/** provider_outcome_name / provider_failure_name: "passed", "rate_limited". */
const char * provider_outcome_name(enum provider_outcome outcome);
const char * provider_failure_name(enum provider_failure failure);

/** provider_failure_parse(name): PROVIDER_FAILURE_NONE for what is none. */
enum provider_failure provider_failure_parse(const char * name);

/**
 * provider_ask(provider, credential, limits, out):
 * Blocks for as long as ${limits} allow. SR_OK when there is a verdict, of
 * whatever kind. Errors: PROVIDER_CREDENTIAL_VALUE_INVALID (a credential that
 * no header takes, a private key that is none), OUT_OF_MEMORY,
 * RANDOM_UNAVAILABLE. Thread-safe.
 */
SR_NODISCARD enum sr_error provider_ask(const struct provider * provider,
    const struct secbuf * credential, const struct provider_limits * limits,
    struct provider_verdict * out);

#endif /* !SR_CORE_VAULT_PROVIDER_CHECK_H */
