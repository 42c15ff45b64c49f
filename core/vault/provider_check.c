#include <jansson.h>
#include <string.h>
#include <time.h>

#include "core/base/config.h"
#include "core/base/random.h"
#include "core/base/secbuf_bytes.h"
#include "core/keys/jwt.h"
#include "core/log/log.h"
#include "core/vault/provider.h"
#include "core/vault/provider_http.h"

/* Sockets, TLS and proxies break beyond this; no known credential is longer. */
#define CREDENTIAL_MAX	8192

static const char * const failures[PROVIDER_FAILURE__MAX] = {
	[PROVIDER_FAILURE_NONE] = "none",
	[PROVIDER_FAILURE_REFUSED] = "refused",
	[PROVIDER_FAILURE_RATE_LIMITED] = "rate_limited",
	[PROVIDER_FAILURE_UNREACHABLE] = "unreachable",
	[PROVIDER_FAILURE_TLS] = "tls",
	[PROVIDER_FAILURE_TIMEOUT] = "timeout",
	[PROVIDER_FAILURE_SERVER_ERROR] = "server_error",
	[PROVIDER_FAILURE_MALFORMED_REPLY] = "malformed_reply",
	[PROVIDER_FAILURE_REDIRECTED] = "redirected",
};

const char *
provider_failure_name(enum provider_failure failure)
{

	must(failure < PROVIDER_FAILURE__MAX);
	return (failures[failure]);
}

enum provider_failure
provider_failure_parse(const char * name)
{

	for (size_t i = 0; i < PROVIDER_FAILURE__MAX; i++)
		if (strcmp(failures[i], name) == 0)
			return ((enum provider_failure)i);
	return (PROVIDER_FAILURE_NONE);
}

const char *
provider_outcome_name(enum provider_outcome outcome)
{
	static const char * const names[] = {
		[PROVIDER_PASSED] = "passed", [PROVIDER_REFUSED] = "refused",
		[PROVIDER_FAILED] = "failed",
	};

	return (names[outcome]);
}

/** provider_check_seconds(config): from one check to the next. */
unsigned
provider_check_seconds(const struct config * config)
{

	return (60 * (unsigned)config_number(config,
	    CFG_PROVIDER_CHECK_MINUTES));
}

/** provider_limits_of(config, out): the configured limits. */
void
provider_limits_of(const struct config * config, struct provider_limits * out)
{

	*out = (struct provider_limits){
		.attempts = (unsigned)config_number(config,
		    CFG_PROVIDER_ATTEMPTS),
		.pause_ms = 250,
		.connect_ms = 5000,
		.total_ms = 1000 * (unsigned)config_number(config,
		    CFG_PROVIDER_TIMEOUT),
		.reply_max = (size_t)256 * 1024,
		.ca_file = config_text(config, CFG_PROVIDER_TLS_CA),
		.proxy = config_text(config, CFG_PROVIDER_PROXY),
	};
}

/* A header takes printable ASCII and no blanks at its ends. */
static bool
fits_header(const struct secbuf * credential)
{
	const uint8_t * p = secbuf_bytes(credential);
	size_t len = secbuf_len(credential), i;

	if (len == 0 || len > CREDENTIAL_MAX)
		return (false);
	for (i = 0; i < len; i++)
		if (p[i] <= ' ' || p[i] > '~')
			return (false);
	return (true);
}

/* The whole line, with a NUL at its end. */
static enum sr_error
make_line(const struct provider * provider, const struct secbuf * credential,
    struct secbuf ** out)
{
	size_t before = strlen(provider->header);
	size_t len = secbuf_len(credential);
	enum sr_error err;
	uint8_t * to;

	if (!fits_header(credential))
		return (sr_fail(SR_E_PROVIDER_CREDENTIAL_VALUE_INVALID,
		    log_const("credential", "does not fit into a header")));
	if ((err = secbuf_new(before + len + 1, out)) != SR_OK)
		return (err);
	to = secbuf_writable(*out);
	memcpy(to, provider->header, before);
	memcpy(to + before, secbuf_bytes(credential), len);
	to[before + len] = '\0';
	secbuf_set_len(*out, before + len + 1);
	return (SR_OK);
}

static enum sr_error
authorization(const struct provider * provider,
    const struct secbuf * credential, struct secbuf ** out)
{
	struct secbuf * token = NULL;
	enum sr_error err;

	*out = NULL;
	if (provider->kind == PROVIDER_KEY)
		return (make_line(provider, credential, out));
	if (provider->app_id[0] == '\0')
		return (sr_fail(SR_E_PROVIDER_CREDENTIAL_VALUE_INVALID,
		    log_const("setting", "GITHUB_APP_ID is not set")));
	if ((err = jwt_rs256(credential, provider->app_id, clock_now(),
	    &token)) != SR_OK)
		return (err);
	err = make_line(provider, token, out);
	secbuf_free(&token);
	return (err);
}

/* What proves that a provider of that kind has answered. */
static bool
proves(const struct provider * provider, const struct provider_reply * reply)
{
	json_t * root;
	bool good;

	if (reply->body == NULL)
		return (false);
	root = json_loadb(reply->body, reply->len, 0,
	    NULL);
	good = json_is_object(root) && (provider->proof[0] == '\0' ||
	    json_object_get(root, provider->proof) != NULL);
	json_decref(root);
	return (good);
}

static bool
is_refusal(const struct provider * provider, unsigned status)
{
	size_t i;

	for (i = 0; provider->refused[i] != 0; i++)
		if (provider->refused[i] == status)
			return (true);
	return (false);
}

static enum provider_failure
judge(const struct provider * provider, const struct provider_reply * reply)
{

	if (reply->failure != PROVIDER_FAILURE_NONE)
		return (reply->failure);
	if (reply->status == 200)
		return (proves(provider, reply) ? PROVIDER_FAILURE_NONE :
		    PROVIDER_FAILURE_MALFORMED_REPLY);
	if (reply->status == 429 || (reply->status == 403 && reply->limited))
		return (PROVIDER_FAILURE_RATE_LIMITED);
	if (is_refusal(provider, reply->status))
		return (PROVIDER_FAILURE_REFUSED);
	if (reply->status >= 300 && reply->status < 400)
		return (PROVIDER_FAILURE_REDIRECTED);
	if (reply->status >= 500 || reply->status == 408)
		return (PROVIDER_FAILURE_SERVER_ERROR);
	return (PROVIDER_FAILURE_MALFORMED_REPLY);
}

static void
conclude(struct provider_verdict * v, enum provider_failure failure)
{

	v->failure = failure;
	if (failure == PROVIDER_FAILURE_NONE) {
		v->outcome = PROVIDER_PASSED;
		v->error = SR_OK;
	} else if (failure == PROVIDER_FAILURE_REFUSED) {
		v->outcome = PROVIDER_REFUSED;
		v->error = SR_E_PROVIDER_CREDENTIALS_INVALID;
	} else {
		v->outcome = PROVIDER_FAILED;
		v->error = SR_E_PROVIDER_PROVIDER_CHECK_FAILED;
	}
}

/* Whether it may be different in a moment. */
static bool
may_pass(enum provider_failure failure)
{

	return (failure == PROVIDER_FAILURE_RATE_LIMITED ||
	    failure == PROVIDER_FAILURE_UNREACHABLE ||
	    failure == PROVIDER_FAILURE_TIMEOUT ||
	    failure == PROVIDER_FAILURE_SERVER_ERROR);
}

/* Twice as long each time, and up to half of that more by chance. */
static void
pause_before(unsigned attempt, const struct provider_limits * limits)
{
	uint64_t ms = (uint64_t)limits->pause_ms << (attempt < 8 ? attempt : 8);
	struct timespec t;
	uint32_t jitter = 0;

	if (random_bytes(&jitter, sizeof(jitter)) == SR_OK)
		ms += jitter % (ms / 2 + 1);
	t.tv_sec = (time_t)(ms / 1000);
	t.tv_nsec = (long)(ms % 1000) * 1000000;
	(void)nanosleep(&t, NULL);
}

static enum sr_error
attempts(const struct provider * provider, const struct secbuf * line,
    const struct provider_limits * limits, struct provider_verdict * out)
{
	struct provider_reply reply;
	enum sr_error err;

	for (;;) {
		err = provider_get(provider, line, limits, &reply);
		if (err != SR_OK)
			return (err);
		out->attempts++;
		out->status = reply.status;
		conclude(out, judge(provider, &reply));
		provider_reply_free(&reply);
		if (!may_pass(out->failure) ||
		    out->attempts >= limits->attempts)
			return (SR_OK);
		pause_before(out->attempts - 1, limits);
	}
}

/** provider_ask(provider, credential, limits, out): whether it is good. */
enum sr_error
provider_ask(const struct provider * provider,
    const struct secbuf * credential, const struct provider_limits * limits,
    struct provider_verdict * out)
{
	struct secbuf * line = NULL;
	enum sr_error err;

	*out = (struct provider_verdict){ .outcome = PROVIDER_FAILED };
	if ((err = authorization(provider, credential, &line)) != SR_OK)
		return (err);
	err = attempts(provider, line, limits, out);
	secbuf_free(&line);
	if (err == SR_OK)
		LOG(PROVIDER_ASKED,
		    log_const("outcome", provider_outcome_name(out->outcome)),
		    log_const("failure", provider_failure_name(out->failure)),
		    log_u64("status", out->status),
		    log_u64("attempts", out->attempts));
	return (err);
}
