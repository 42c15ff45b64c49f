#ifndef SR_TESTS_FUZZ_ONE_FILTER_H
#define SR_TESTS_FUZZ_ONE_FILTER_H

/*
 * Words of queries: filters, cursors, times, scopes, addresses, signed heads,
 * and what a program wrote for a terminal. What is taken says the same when it
 * is written down again.
 */

#include <strings.h>

#include "cgi/form.h"
#include "cgi/site.h"
#include "cgi/terminal.h"
#include "cgi/text.h"
#include "core/access/apikey_internal.h"
#include "core/audit/checkpoint.h"
#include "core/audit/minisig.h"
#include "core/audit/query.h"
#include "core/base/clock.h"
#include "core/base/strbuf.h"
#include "core/runs/artifact.h"
#include "core/runs/run.h"
#include "core/vault/search.h"
#include "core/vault/secret.h"
#include "tests/fuzz/one.h"

#define ONE_FILTER_WORDS	6

static void
one_filter_all(const char * const word[ONE_FILTER_WORDS])
{
	const struct audit_filter_text text = { .from = word[0],
	    .to = word[1], .actor = word[2], .action = word[3],
	    .outcome = word[4], .secret = word[5] };
	static const char * const fields[] = { "from", "to", "actor",
	    "action", "outcome", "secret" };
	const char * field = "";
	struct audit_filter f;
	bool known = false;

	if (audit_filter_parse(&text, &f, &field) != SR_OK) {
		for (size_t i = 0; i < COUNTOF(fields); i++)
			known = known || strcmp(fields[i], field) == 0;
		ONE_HOLDS(known);
		return;
	}
	ONE_HOLDS(field == NULL);
	ONE_HOLDS(strcmp(f.actor, word[2]) == 0);
	ONE_HOLDS(strcmp(f.action, word[3]) == 0);
	ONE_HOLDS(strcmp(f.outcome, word[4]) == 0);
	ONE_HOLDS(f.from == SR_TIME_NONE || f.to == SR_TIME_NONE ||
	    f.from < f.to);
	ONE_HOLDS(sr_id_is_nil(&f.target_id) || f.scope[0] == '\0');
	ONE_HOLDS(strnlen(f.name, sizeof(f.name)) < sizeof(f.name));
}

static void
one_filter_id(const char * word)
{
	char text[SR_ID_STRLEN + 1];
	struct sr_id id;

	if (!sr_id_parse(word, &id))
		return;
	sr_id_format(&id, text);
	ONE_HOLDS(strcasecmp(word, text) == 0);
}

static void
one_filter_time(const char * word)
{
	char text[SR_TIME_STRLEN + 1];
	sr_time t, again;

	if (!clock_parse(word, &t))
		return;
	clock_format(t, text);
	ONE_HOLDS(clock_parse(text, &again) && again == t);
}

static void
one_filter_words(const char * word)
{
	enum artifact_kind kind;
	enum secret_scope scope;
	enum secret_state state;
	enum run_status status;
	enum role role;
	unsigned scopes = 0;
	uint32_t version;

	if (secret_scope_parse(word, &scope))
		ONE_HOLDS(strcmp(secret_scope_name(scope), word) == 0);
	if (secret_state_parse(word, &state))
		ONE_HOLDS(strcmp(secret_state_name(state), word) == 0);
	if (role_parse(word, &role))
		ONE_HOLDS(strcmp(role_name(role), word) == 0);
	if (run_status_parse(word, &status))
		ONE_HOLDS(strcmp(run_status_name(status), word) == 0);
	if (artifact_kind_parse(word, &kind))
		ONE_HOLDS(strcmp(artifact_kind_name(kind), word) == 0);
	if (api_key_scopes_parse(word, &scopes))
		ONE_HOLDS(scopes != 0 && scopes < KEY_SCOPE_LAST * 2);
	if (form_version(word, &version))
		ONE_HOLDS(strtoull(word, NULL, 10) == version);
}

static void
one_filter_site(const char * word)
{
	struct proxies proxies;
	struct site site;
	char * path;

	if (proxies_parse(word, &proxies))
		ONE_HOLDS(proxies.n <= PROXIES_MAX);
	if (site_parse(word, &site) != SR_OK)
		return;
	ONE_HOLDS(strlen(site.prefix) <= SITE_PREFIX_MAX);
	ONE_HOLDS(site_same_origin(&site, site.origin, ""));
	ONE_HOLDS(asprintf(&path, "%s/x", site.prefix) > 0);
	ONE_HOLDS(site_enter(&site, path) && strcmp(path, "/x") == 0);
	free(path);
}

/* Signed texts: parsed before anything is verified. */
static void
one_filter_signed(const char * bytes, size_t len)
{
	uint8_t key[SIGN_PUBLIC_LEN];
	struct checkpoint cp, again;
	struct minisig sig;
	struct strbuf note;

	(void)minisig_parse(bytes, len, &sig);
	(void)minisig_public_parse(bytes, len, key);
	if (!checkpoint_note_parse(bytes, len, &cp))
		return;
	strbuf_init(&note, 65536);
	checkpoint_note(&cp, &note);
	ONE_HOLDS(checkpoint_note_parse(strbuf_str(&note), note.len, &again));
	ONE_HOLDS(again.tree_size == cp.tree_size);
	ONE_HOLDS(memcmp(again.root, cp.root, sizeof(cp.root)) == 0);
	strbuf_free(&note);
}

static void
one_filter_text(const char * bytes, size_t len)
{
	struct strbuf shown;
	bool changed = true;
	char * once, * twice;

	ONE_HOLDS(text_clean(bytes, len, false, NULL, &once) == SR_OK);
	ONE_HOLDS(utf8_valid(once, strlen(once)));
	ONE_HOLDS(!utf8_has_control(once, strlen(once)));
	ONE_HOLDS(text_clean(once, strlen(once), false, &changed, &twice) ==
	    SR_OK);
	ONE_HOLDS(!changed && strcmp(once, twice) == 0);
	free(once);
	free(twice);
	strbuf_init(&shown, 1024 * 1024);
	terminal_text(bytes, len, &shown);
	ONE_HOLDS(memchr(strbuf_str(&shown), '\x1b', shown.len) == NULL);
	ONE_HOLDS(memchr(strbuf_str(&shown), '\r', shown.len) == NULL);
	strbuf_free(&shown);
}

/* Words, with a NUL between them; the whole is a text too. */
ONE_UNUSED static void
one_filter_input(const uint8_t * data, size_t size)
{
	const char * word[ONE_FILTER_WORDS];
	char * copy;
	size_t at = 0;

	if (size > 65536)
		return;
	copy = malloc(size + 1);
	ONE_HOLDS(copy != NULL);
	memcpy(copy, data, size);
	copy[size] = '\0';
	for (unsigned i = 0; i < ONE_FILTER_WORDS; i++) {
		word[i] = &copy[at];
		at += strlen(&copy[at]);
		at += at < size;
		one_filter_id(word[i]);
		one_filter_time(word[i]);
		one_filter_words(word[i]);
		one_filter_site(word[i]);
	}
	one_filter_all(word);
	one_filter_signed((const char *)data, size);
	one_filter_text((const char *)data, size);
	free(copy);
}

#endif /* !SR_TESTS_FUZZ_ONE_FILTER_H */
