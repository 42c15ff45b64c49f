#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/vault/provider.h"
#include "tests/harness/files.h"
#include "tests/harness/suite.h"

static struct config * config;
static struct providers * providers;
static char complaint[512];

/* The registry of a configuration file that holds ${text}. */
static enum sr_error
registry(const char * text)
{
	char path[512];

	providers_free(&providers);
	config_free(&config);
	(void)snprintf(path, sizeof(path), "%s/conf", suite_tmpdir());
	CU_ASSERT_EQUAL(file_write(path, 0600, text), 0);
	ASSERT_ERR_FATAL(config_load(path, complaint, sizeof(complaint),
	    &config), SR_OK);
	return (providers_new(config, complaint, sizeof(complaint),
	    &providers));
}

static int
teardown(void)
{

	providers_free(&providers);
	config_free(&config);
	return (0);
}

static void
the_built_in_providers_are_there(void)
{
	static const char * const names[] = { "anthropic", "openai", "google",
	    "github_pat", "github_app", "sprites" };
	const struct provider * p;
	size_t i;

	ASSERT_ERR_FATAL(registry(""), SR_OK);
	for (i = 0; i < COUNTOF(names); i++) {
		p = providers_find(providers, names[i]);
		CU_ASSERT_PTR_NOT_NULL_FATAL(p);
		CU_ASSERT_PTR_EQUAL(providers_at(providers, i), p);
		CU_ASSERT_PTR_EQUAL(providers_by_variable(providers,
		    p->variable), p);
		CU_ASSERT_EQUAL(strncmp(p->secret, "providers/", 10), 0);
		CU_ASSERT_EQUAL(strncmp(p->base_url, "https://", 8), 0);
		CU_ASSERT_NOT_EQUAL(p->refused[0], 0);
	}
	CU_ASSERT_PTR_NULL(providers_at(providers, i));
	CU_ASSERT_PTR_NULL(providers_find(providers, "nobody"));
	CU_ASSERT_PTR_NULL(providers_by_variable(providers, "NOBODY"));
}

static void
a_section_changes_one_and_adds_another(void)
{
	const struct provider * p;

	ASSERT_ERR_FATAL(registry(
	    "[provider anthropic]\nbase_url = http://127.0.0.1:9/x/\n"
	    "[provider acme]\ntitle = Acme\nenv = ACME_KEY\n"
	    "base_url = https://api.acme.example\ncheck_path = /me?x=1\n"
	    "check_header = X-Key:\nrefused = 401, 410\nproof = me\n"),
	    SR_OK);
	p = providers_find(providers, "anthropic");
	CU_ASSERT_STRING_EQUAL(p->base_url, "http://127.0.0.1:9/x");
	CU_ASSERT_STRING_EQUAL(p->header, "x-api-key: ");
	p = providers_find(providers, "acme");
	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	CU_ASSERT_STRING_EQUAL(p->title, "Acme");
	CU_ASSERT_STRING_EQUAL(p->secret, "providers/acme");
	CU_ASSERT_STRING_EQUAL(p->header, "X-Key: ");
	CU_ASSERT_EQUAL(p->refused[1], 410);
	CU_ASSERT_EQUAL(p->refused[2], 0);
}

static void
the_environment_wins_over_the_file(void)
{

	CU_ASSERT_EQUAL(setenv("STRONGROOM_PROVIDER_GITHUB_PAT_BASE_URL",
	    "https://ghe.example/api/v3", 1), 0);
	ASSERT_ERR(registry("[provider github_pat]\n"
	    "base_url = https://file.example\n"), SR_OK);
	CU_ASSERT_STRING_EQUAL(providers_find(providers,
	    "github_pat")->base_url, "https://ghe.example/api/v3");
	CU_ASSERT_EQUAL(unsetenv("STRONGROOM_PROVIDER_GITHUB_PAT_BASE_URL"),
	    0);
}

static void
a_misspelt_setting_is_said(void)
{
	char path[512];
	static const char unknown[] = "[provider acme]\nurl = x\n";
	static const char odd[] = "[provider Ac me]\nenv = X\n";

	(void)snprintf(path, sizeof(path), "%s/conf", suite_tmpdir());
	config_free(&config);
	CU_ASSERT_EQUAL(file_write(path, 0600, unknown), 0);
	ASSERT_ERR(config_load(path, complaint, sizeof(complaint), &config),
	    SR_E_CONFIG_INVALID);
	CU_ASSERT_PTR_NOT_NULL(strstr(complaint, ":2"));
	CU_ASSERT_EQUAL(file_write(path, 0600, odd), 0);
	ASSERT_ERR(config_load(path, complaint, sizeof(complaint), &config),
	    SR_E_CONFIG_INVALID);
	CU_ASSERT_EQUAL(setenv("STRONGROOM_PROVIDER_ACME_URI", "x", 1), 0);
	ASSERT_ERR(config_load(NULL, complaint, sizeof(complaint), &config),
	    SR_E_CONFIG_INVALID);
	CU_ASSERT_PTR_NOT_NULL(strstr(complaint,
	    "STRONGROOM_PROVIDER_ACME_URI"));
	CU_ASSERT_EQUAL(unsetenv("STRONGROOM_PROVIDER_ACME_URI"), 0);
}

static void
bad_settings_are_refused_by_name(void)
{
#define ACME "[provider acme]\nenv = ACME_KEY\nbase_url = https://a.example\n"
	static const struct {
		const char * text;
		const char * names;
	} bad[] = {
		{ "[provider acme]\nbase_url = https://a.example\n", "env" },
		{ "[provider acme]\nenv = ACME\n", "base_url" },
		{ "[provider openai]\nenv = lower\n", "env" },
		{ "[provider openai]\nbase_url = http://a.example\n",
		    "base_url" },
		{ "[provider openai]\nbase_url = http://127.0.0.1.a.example\n",
		    "base_url" },
		{ "[provider openai]\nbase_url = https://u:p@a.example\n",
		    "base_url" },
		{ "[provider openai]\nbase_url = file:///etc/passwd\n",
		    "base_url" },
		{ "[provider openai]\nbase_url = https://\n", "base_url" },
		{ ACME "check_path = me\n", "check_path" },
		{ ACME "check_header = no header\n", "check_header" },
		{ ACME "refused = 200\n", "refused" },
		{ ACME "refused = 4xx\n", "refused" },
		{ ACME "secret = a//b\n", "secret" },
	};
	size_t i;

	for (i = 0; i < COUNTOF(bad); i++) {
		ASSERT_ERR(registry(bad[i].text), SR_E_CONFIG_INVALID);
		CU_ASSERT_PTR_NULL(providers);
		CU_ASSERT_PTR_NOT_NULL(strstr(complaint, bad[i].names));
	}
}

static void
errors_carry_the_providers_name(void)
{
	char name[PROVIDER_ERROR_MAX + 1];
	const struct provider * p;

	ASSERT_ERR_FATAL(registry(""), SR_OK);
	p = providers_find(providers, "anthropic");
	provider_error_name(p, SR_E_PROVIDER_CREDENTIALS_INVALID, name);
	CU_ASSERT_STRING_EQUAL(name, "anthropic_credentials_invalid");
	provider_error_name(p, SR_E_PROVIDER_SECRET_UNAVAILABLE, name);
	CU_ASSERT_STRING_EQUAL(name, "anthropic_secret_unavailable");
	provider_error_name(p, SR_E_PROVIDER_SECRET_RESOLUTION_FAILED, name);
	CU_ASSERT_STRING_EQUAL(name, "anthropic_secret_resolution_failed");
	provider_error_name(p, SR_E_PROVIDER_PROVIDER_CHECK_FAILED, name);
	CU_ASSERT_STRING_EQUAL(name, "anthropic_provider_check_failed");
	provider_error_name(p, SR_E_PROVIDER_UNKNOWN, name);
	CU_ASSERT_STRING_EQUAL(name, "provider_unknown");
}

static const struct suite_test tests[] = {
	TEST(the_built_in_providers_are_there),
	TEST(a_section_changes_one_and_adds_another),
	TEST(the_environment_wins_over_the_file),
	TEST(a_misspelt_setting_is_said),
	TEST(bad_settings_are_refused_by_name),
	TEST(errors_carry_the_providers_name),
};

SUITE_MAIN("core/vault/provider", tests, NULL, teardown)
