#ifndef SR_TESTS_CORE_VAULT_ROTATING_H
#define SR_TESTS_CORE_VAULT_ROTATING_H

/* A house with a provider whose credential can be rotated. */

#include "core/vault/environment.h"
#include "core/vault/rotation.h"
#include "tests/core/vault/put.h"
#include "tests/harness/provider.h"

#define KEY_NAME	"providers/anthropic_api_key"
#define KEY_ONE		"sk-" "ant-test-5Zr8Qk2LmW9xTv4BnP7s"
#define KEY_TWO		"sk-" "ant-test-Yt3Hd8Wq1ZxC6vBn0Lm4"
#define KEY_BAD		"sk-" "ant-test-not-this-one-1234567"

static struct house h;
static struct environment * environment;
static struct provider_server * server;
static struct provider_limits limits = { .attempts = 1, .pause_ms = 1,
    .connect_ms = 5000, .total_ms = 10000, .reply_max = 65536,
    .ca_file = "", .proxy = "" };
static struct rotation_limits steps = { .attempts = 3, .pause_seconds = 0,
    .deadline_seconds = 600, .claim_seconds = 0 };
static struct provider provider = { .name = "anthropic",
    .title = "Anthropic", .variable = "ANTHROPIC_API_KEY",
    .secret = KEY_NAME, .kind = PROVIDER_KEY, .path = "/v1/models",
    .header = "x-api-key: ", .extra = "", .refused = { 401, 403 },
    .proof = "data", .hint = "", .app_id = "" };

static inline int
rotating_setup(void)
{

	if (provider_library_init() != SR_OK || house_open(&h) != 0 ||
	    environment_read(&environment, NULL) != SR_OK)
		return (1);
	server = provider_server_start(suite_tmpdir(), PROVIDER_PLAIN_HTTP);
	if (server == NULL)
		return (1);
	provider_server_good(server, KEY_ONE);
	provider_server_good(server, KEY_TWO);
	provider.base_url = provider_server_url(server);
	return (0);
}

static inline int
rotating_teardown(void)
{

	provider_server_stop(&server);
	environment_free(&environment);
	house_close(&h);
	provider_library_end();
	return (0);
}

static inline struct rotating
rotating_with(const struct store * store)
{

	return ((struct rotating){ .with = { .store = store,
	    .environment = environment, .limits = &limits,
	    .actor = &h.actor, .every_seconds = 900 }, .limits = &steps });
}

static inline enum sr_error
begin(const char * key, bool confirm, struct rotation * out)
{
	const struct rotating r = rotating_with(&h.store);
	struct secret_complaint complaint;
	struct secbuf * value = house_secret(key);
	enum sr_error err;

	err = rotation_begin(&r, &provider, value, confirm, &complaint, out);
	secbuf_free(&value);
	return (err);
}

/* Forget all secrets and begin with ${key} as version 1. */
static inline void
start_with(const char * key)
{

	provider_server_mode(server, PROVIDER_MODE_KEYS);
	CU_ASSERT_FATAL(house_do(&h, "DELETE FROM credential_lease;"
	    " DELETE FROM rotation; DELETE FROM provider_credential;"
	    " DELETE FROM redaction_variant; DELETE FROM secret_version;"
	    " DELETE FROM secret_ref"));
	ASSERT_ERR_FATAL(put_into(&h.store, &h.actor, "integration", KEY_NAME,
	    key, NULL, NULL), SR_OK);
}

#endif /* !SR_TESTS_CORE_VAULT_ROTATING_H */
