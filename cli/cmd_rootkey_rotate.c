#include "cli/cli.h"
#include "core/base/clock.h"
#include "core/vault/rewrap.h"

/* Between two lines that say how far it is. */
#define LINE_MS	1000

struct rotation {
	struct cli * cli;
	bool begun;		/* The first line was printed. */
	int64_t printed;	/* When the last one was, by the clock. */
	struct rewrap_progress last;
};

static void
begin_text(struct compose * c, const struct rewrap_progress * p)
{

	compose_lit(c, "Root key version ");
	compose_u64(c, p->to);
	compose_constant(c, p->activated ? " wraps from now on" :
	    " wraps already");
	compose_lit(c, ". Keys under older versions: ");
	compose_u64(c, p->total);
	compose_lit(c, "\n");
}

static void
begin_json(struct compose * c, const struct rewrap_progress * p)
{

	compose_lit(c, "{\"version\":");
	compose_u64(c, p->to);
	compose_lit(c, ",\"former\":");
	compose_u64(c, p->from);
	compose_lit(c, ",\"activated\":");
	compose_constant(c, p->activated ? "true" : "false");
	compose_lit(c, ",\"total\":");
	compose_u64(c, p->total);
	compose_lit(c, "}\n");
}

static void
line_text(struct compose * c, const struct rewrap_progress * p)
{

	compose_u64(c, p->rewrapped);
	compose_lit(c, " of ");
	compose_u64(c, p->total);
	compose_lit(c, " rewrapped\n");
}

static void
line_json(struct compose * c, const struct rewrap_progress * p)
{

	compose_lit(c, "{\"rewrapped\":");
	compose_u64(c, p->rewrapped);
	compose_lit(c, ",\"total\":");
	compose_u64(c, p->total);
	compose_lit(c, ",\"failed\":");
	compose_u64(c, p->failed);
	compose_lit(c, "}\n");
}

static enum sr_error
print_progress(const struct rewrap_progress * p, void * cookie)
{
	struct rotation * r = cookie;
	const int64_t now = clock_monotonic_ms();
	struct compose * c = r->cli->out;

	r->last = *p;
	if (r->begun && now - r->printed < LINE_MS)
		return (SR_OK);
	if (!r->begun && cli_json(r->cli))
		begin_json(c, p);
	else if (!r->begun)
		begin_text(c, p);
	else if (cli_json(r->cli))
		line_json(c, p);
	else
		line_text(c, p);
	r->begun = true;
	r->printed = now;
	return (cli_flush(r->cli));
}

static enum sr_error
print_failed(const struct sr_id * secret_id, uint32_t key_version,
    enum sr_error why, void * cookie)
{
	struct rotation * r = cookie;
	struct compose * c = r->cli->out;
	bool json = cli_json(r->cli);

	if (json)
		compose_lit(c, "{\"not_opened\":\"");
	else
		compose_lit(c, "NOT OPENED: secret ");
	compose_id(c, secret_id);
	compose_constant(c, json ? "\",\"key_version\":" : " version ");
	compose_u64(c, key_version);
	compose_constant(c, json ? ",\"error_type\":\"" : " (");
	compose_constant(c, sr_error_row(why)->name);
	compose_constant(c, json ? "\"}\n" : ")\n");
	return (cli_flush(r->cli));
}

static enum sr_error
print_count(const struct rewrap_count * count, void * cookie)
{
	struct rotation * r = cookie;
	struct compose * c = r->cli->out;
	bool json = cli_json(r->cli);

	compose_constant(c, json ? "{\"version\":" : "version ");
	compose_u64(c, count->kek_version);
	compose_constant(c, json ? ",\"secret_versions\":" :
	    ": secret versions ");
	compose_u64(c, count->secret_versions);
	compose_constant(c, json ? ",\"system_keys\":" : ", system keys ");
	compose_u64(c, count->system_keys);
	compose_constant(c, json ? "}\n" : "\n");
	return (SR_OK);
}

/* What there is to know at the end, also of a run that was not complete. */
static enum sr_error
print_end(struct rotation * r, enum sr_error result)
{
	enum sr_error err;

	if (cli_json(r->cli))
		line_json(r->cli->out, &r->last);
	else
		line_text(r->cli->out, &r->last);
	err = rewrap_counts(r->cli->store.db, print_count, r);
	if (err == SR_OK && result == SR_OK && !cli_json(r->cli)) {
		if (r->last.total == 0 && !r->last.activated)
			compose_lit(r->cli->out, "There was nothing to do. "
			    "`strongroom rootkey new --add FILE` makes the "
			    "next version.\n");
		else
			compose_lit(r->cli->out, "Older versions are not "
			    "needed by this database any more. Copies of it "
			    "made before\nneed them: keep them with those.\n");
	}
	if (err == SR_OK)
		err = cli_flush(r->cli);
	return (result == SR_OK ? err : result);
}

/** cmd_rootkey_rotate(cli): put the newest root key into use, everywhere. */
enum sr_error
cmd_rootkey_rotate(struct cli * cli)
{
	struct rotation r = { .cli = cli };
	const struct rewrap_watch watch = { .progress = print_progress,
		.failed = print_failed, .cookie = &r };
	enum sr_error err;

	if ((err = cli_store(cli)) != SR_OK)
		return (err);
	err = rewrap_rotate(&cli->store, &cli->actor, &watch, &r.last);
	/* Without an output, nothing was begun or its last line was lost. */
	if (!r.begun || cli->out == NULL)
		return (err);
	return (print_end(&r, err));
}
