#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/output.h"
#include "core/base/secbuf.h"
#include "core/redact/bundle.h"
#include "core/store/db.h"
#include "core/store/keystore.h"
#include "core/store/tx.h"
#include "core/vault/secret.h"

#define PAGE		200
#define PROJECTS_MAX	256

/* "integration/" + name + "@" + version. */
#define LABEL_MAX	(16 + SECRET_NAME_MAX + 12)

struct choice {
	bool all;
	bool scoped;
	enum secret_scope scope;
	struct sr_id projects[PROJECTS_MAX];
	size_t projects_n;
};

struct page {
	struct secret_meta rows[PAGE];
	size_t n;
};

/* --project ID,ID,… */
static bool
parse_projects(const char * text, struct choice * c)
{
	char id[SR_ID_STRLEN + 1];
	size_t len;

	for (; *text != '\0'; text += len + (text[len] == ',')) {
		len = strcspn(text, ",");
		if (len != SR_ID_STRLEN || c->projects_n == PROJECTS_MAX)
			return (false);
		memcpy(id, text, len);
		id[len] = '\0';
		if (!sr_id_parse(id, &c->projects[c->projects_n++]))
			return (false);
	}
	return (c->projects_n != 0);
}

/* What of the vault goes into it. */
static enum sr_error
parse_choice(struct cli * cli, struct choice * c)
{
	const char * project = cli->in.option[OPT_PROJECT];
	const char * scope = cli->in.option[OPT_SCOPE];

	c->all = cli->in.option[OPT_ALL] != NULL;
	c->scoped = scope != NULL;
	if (c->all == (project != NULL || scope != NULL)) {
		compose_lit(cli->note, "name projects with --project, a scope "
		    "with --scope, or --all");
		return (SR_E_USAGE);
	}
	if (scope != NULL && (!secret_scope_parse(scope, &c->scope) ||
	    (c->scope == SCOPE_PROJECT && project != NULL)))
		return (SR_E_SECRET_SCOPE_INVALID);
	if (project != NULL && !parse_projects(project, c))
		return (SR_E_SECRET_SCOPE_INVALID);
	return (SR_OK);
}

static bool
chosen(const struct choice * c, const struct secret_meta * meta)
{
	size_t i;

	if (c->all || (c->scoped && meta->scope == c->scope))
		return (true);
	for (i = 0; meta->scope == SCOPE_PROJECT && i < c->projects_n; i++) {
		if (sr_id_equal(&meta->project_id, &c->projects[i]))
			return (true);
	}
	return (false);
}

static enum sr_error
keep_row(const struct secret_meta * meta, void * cookie)
{
	struct page * page = cookie;

	must(page->n < PAGE);
	page->rows[page->n++] = *meta;
	return (SR_OK);
}

/* Opened for this alone, and wiped before the next one is. */
static enum sr_error
add_secret(const struct store * store, struct bundle * b,
    const struct secret_meta * meta)
{
	char label[LABEL_MAX];
	struct secbuf * value = NULL;
	enum sr_error err;

	err = secret_open(store, &meta->id, meta->key_version, &value);
	/* Revoked since it was listed. */
	if (err == SR_E_SECRET_REVOKED)
		return (SR_OK);
	if (err != SR_OK)
		return (err);
	(void)snprintf(label, sizeof(label), "%s/%s@%u",
	    secret_scope_name(meta->scope), meta->name,
	    (unsigned)meta->key_version);
	err = bundle_add(b, &meta->id, meta->key_version, label, value);
	secbuf_free(&value);
	return (err);
}

static enum sr_error
fill(struct cli * cli, const struct choice * c, struct bundle * b)
{
	struct page * page;
	const struct sr_id * after = NULL;
	struct sr_id last;
	enum sr_error err;
	size_t i;

	if ((page = malloc(sizeof(*page))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	do {
		page->n = 0;
		err = secret_list(cli->store.db, after, PAGE, keep_row, page);
		for (i = 0; err == SR_OK && i < page->n; i++) {
			if (!chosen(c, &page->rows[i]) ||
			    strcmp(page->rows[i].status, "active") != 0)
				continue;
			err = add_secret(&cli->store, b, &page->rows[i]);
			if (err != SR_OK) {
				compose_lit(cli->note, "at ");
				compose_name(cli->note, page->rows[i].name);
			}
		}
		if (page->n != 0) {
			last = page->rows[page->n - 1].id;
			after = &last;
		}
	} while (err == SR_OK && page->n == PAGE);
	free(page);
	return (err);
}

struct note_of {
	const struct store * store;
	struct audit_entry entry;
};

static enum sr_error
append(struct tx * tx, void * cookie)
{
	struct note_of * n = cookie;

	return (audit_append(tx, n->store, &n->entry));
}

/* Before there is a file: none gets out without its row. */
static enum sr_error
audit(struct cli * cli, const struct choice * c)
{
	struct note_of n = { .store = &cli->store, .entry = {
	    .occurred_at = clock_now(), .actor = &cli->actor,
	    .action = AUDIT_BUNDLE, .outcome = AUDIT_SUCCEEDED,
	    .target_kind = "bundle" } };
	enum sr_error err;

	if (c->scoped)
		n.entry.scope = secret_scope_name(c->scope);
	else if (c->projects_n != 0)
		n.entry.scope = secret_scope_name(SCOPE_PROJECT);
	if ((err = sr_id_new(&n.entry.id)) != SR_OK)
		return (err);
	return (tx_run(cli->store.db, &n.entry.id, append, &n));
}

static void
tell(struct cli * cli, const struct bundle_counts * n)
{

	if (cli_json(cli)) {
		compose_lit(cli->out, "{\"secrets\":");
		compose_u64(cli->out, n->secrets);
		compose_lit(cli->out, ",\"forms\":");
		compose_u64(cli->out, n->forms);
		compose_lit(cli->out, ",\"short_forms\":");
		compose_u64(cli->out, n->short_forms);
		compose_lit(cli->out, ",\"left_out\":");
		compose_u64(cli->out, n->left_out);
		compose_lit(cli->out, "}\n");
		return;
	}
	compose_u64(cli->out, n->secrets);
	compose_lit(cli->out, " secrets in ");
	compose_u64(cli->out, n->forms);
	compose_lit(cli->out, " forms\n");
	if (n->left_out != 0) {
		compose_u64(cli->out, n->left_out);
		compose_lit(cli->out, " forms shorter than 31 bytes are left "
		    "out: that machine does not mask them\n");
	}
	if (n->short_forms != 0) {
		compose_u64(cli->out, n->short_forms);
		compose_lit(cli->out, " forms shorter than 31 bytes are "
		    "inside: whoever gets the file can find such values by "
		    "trying,\nwords and numbers at once. Rotate them when the "
		    "file is lost.\n");
	}
}

/** cmd_bundle(cli): what another machine needs to mask secrets. */
enum sr_error
cmd_bundle(struct cli * cli)
{
	static struct choice choice;
	struct bundle_counts counts;
	struct bundle * b = NULL;
	bool exists = false;
	enum sr_error err;

	if ((err = parse_choice(cli, &choice)) != SR_OK ||
	    (err = cli_store(cli)) != SR_OK ||
	    (err = keystore_write_error(cli->store.keys)) != SR_OK ||
	    (err = bundle_new(cli->in.option[OPT_SHORT_FORMS] != NULL,
	    &b)) != SR_OK)
		return (err);
	if ((err = fill(cli, &choice, b)) != SR_OK)
		goto out;
	counts = bundle_counts(b);
	if (counts.secrets == 0 && counts.left_out == 0) {
		compose_lit(cli->note, "there are no such secrets");
		err = SR_E_SECRET_NOT_FOUND;
		goto out;
	}
	if ((err = audit(cli, &choice)) != SR_OK)
		goto out;
	err = bundle_save(b, cli->in.option[OPT_OUT], &exists);
	if (err == SR_OK)
		tell(cli, &counts);
	else if (exists)
		err = SR_E_BUNDLE_FILE_EXISTS;

out:
	bundle_free(&b);
	return (err);
}
