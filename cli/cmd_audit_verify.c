#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/input_whole.h"
#include "cli/output.h"
#include "core/audit/export_verify.h"
#include "core/audit/minisig.h"
#include "core/log/log.h"

#define SMALL_FILE_MAX	((size_t)8192)
#define PATH_LONGEST	4000
/* Findings are shown one by one up to so many, and counted beyond. */
#define SHOWN_MOST	100

static enum sr_error
open_input(struct cli * cli, const char * path, int * fd)
{

	if ((*fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)) >= 0)
		return (SR_OK);
	output_own_text(cli, cli->note, path);
	return (sr_fail(SR_E_INPUT_UNREADABLE, log_i64("errno", errno)));
}

static enum sr_error
read_small(struct cli * cli, const char * path, struct input * in)
{
	enum sr_error err;
	int fd;

	if ((err = open_input(cli, path, &fd)) != SR_OK)
		return (err);
	err = input_whole(fd, SMALL_FILE_MAX, in);
	(void)close(fd);
	return (err);
}

/* Printed as they come; what was found is in the exit code too. */
static enum sr_error
show(const struct audit_finding * f, void * cookie)
{
	static unsigned shown;
	struct cli * cli = cookie;
	struct compose * c = cli->out;

	if (shown++ >= SHOWN_MOST)
		return (SR_OK);
	compose_lit(c, "FOUND ");
	compose_constant(c, audit_finding_name(f->kind));
	compose_lit(c, ": ");
	compose_constant(c, audit_finding_text(f->kind));
	if (f->leaf_index != FINDING_NO_NUMBER) {
		compose_lit(c, "; leaf ");
		compose_u64(c, f->leaf_index);
	}
	if (!sr_id_is_nil(&f->event_id)) {
		compose_lit(c, "; event ");
		compose_id(c, &f->event_id);
	}
	if (!sr_id_is_nil(&f->chain_id)) {
		compose_lit(c, "; chain ");
		compose_id(c, &f->chain_id);
	}
	if (f->tree_size != 0) {
		compose_lit(c, "; size ");
		compose_u64(c, f->tree_size);
	}
	compose_lit(c, "\n");
	return (SR_OK);
}

static void
count(struct compose * c, uint64_t n, const char * what)
{

	compose_u64(c, n);
	compose_constant(c, what);
}

/* What holds, in words. */
static void
tell_proved(struct cli * cli, const struct export_question * q,
    const struct export_answer * a)
{
	struct compose * c = cli->out;

	compose_lit(c, "Proved: this file holds ");
	count(c, a->events, " events and ");
	count(c, a->omitted, " rows left out by its filter, which are all of "
	    "the ");
	count(c, a->head.tree_size, " rows up to the checkpoint of ");
	compose_time(c, a->head.made_at);
	compose_lit(c, ", signed by this key; ");
	count(c, a->proved, " events are as they were written.\n");
	if (q->signature != NULL)
		compose_lit(c, "Proved: the detached signature is this key's "
		    "over every byte of the file.\n");
	count(c, a->earlier, " earlier heads in the file hold.\n");
	if (q->heads < 0)
		return;
	count(c, a->heads, " heads kept outside hold; ");
	count(c, a->heads_unreached, " lie within parts left out, ");
	count(c, a->heads_thinned, " were too many to look at, ");
	count(c, a->heads_foreign, " are of other instances.\n");
}

static void
tell_unproved(struct cli * cli, const struct export_question * q,
    const struct export_answer * a)
{
	struct compose * c = cli->out;

	compose_lit(c, "Not proved: that what was written is true; anything "
	    "about rows newer than that checkpoint; the MACs of the chains "
	    "(--database checks them).\n");
	if (a->masked != 0) {
		compose_lit(c, "Not proved: the contents of ");
		count(c, a->masked, " events whose texts are masked; their "
		    "places are.\n");
	}
	if (q->signature == NULL)
		compose_lit(c, "Not proved: how the masked texts and the "
		    "filter are shown: there is no detached signature.\n");
	if (q->heads < 0)
		compose_lit(c, "Not proved: that the database was not an "
		    "older one put back (--heads checks it).\n");
}

static enum sr_error
instance_key(struct cli * cli, uint8_t public_key[SIGN_PUBLIC_LEN])
{
	enum sr_error err;

	if ((err = cli_instance_key(cli, public_key)) != SR_OK)
		return (err);
	compose_lit(cli->out, "The key is this instance's own: without "
	    "--pubkey a file that was made with it is believed.\n");
	return (SR_OK);
}

static enum sr_error
find_key(struct cli * cli, uint8_t public_key[SIGN_PUBLIC_LEN])
{
	const char * path = cli->in.option[OPT_PUBKEY];
	struct input in = { .p = NULL };
	enum sr_error err;

	if (path == NULL)
		return (instance_key(cli, public_key));
	if ((err = read_small(cli, path, &in)) != SR_OK)
		return (err);
	if (!minisig_public_parse(in.p, in.len, public_key)) {
		compose_lit(cli->note, "--pubkey: no public key in ");
		output_own_text(cli, cli->note, path);
		err = SR_E_INPUT_MALFORMED;
	}
	input_free(&in);
	return (err);
}

/* The one that was named, or the one beside the file. */
static enum sr_error
find_signature(struct cli * cli, struct input * in)
{
	const char * path = cli->in.option[OPT_SIGNATURE];
	char beside[PATH_LONGEST + 16];

	if (path != NULL)
		return (read_small(cli, path, in));
	if (strlen(cli->in.argument) > PATH_LONGEST)
		return (SR_E_INPUT_UNREADABLE);
	(void)snprintf(beside, sizeof(beside), "%s.minisig",
	    cli->in.argument);
	if (access(beside, F_OK) != 0)
		return (SR_OK);
	return (read_small(cli, beside, in));
}

static enum sr_error
judge(struct cli * cli, const struct export_question * q)
{
	struct export_answer a;
	enum sr_error err;

	err = audit_export_verify(q, show, cli, &a);
	if (err != SR_OK)
		return (err);
	if (a.findings == 0) {
		tell_proved(cli, q, &a);
		tell_unproved(cli, q, &a);
	} else {
		count(cli->out, a.findings, " findings: nothing is proved by "
		    "this file.\n");
	}
	if ((err = cli_flush(cli)) != SR_OK)
		return (err);
	if (a.findings == 0)
		return (q->signature == NULL && (a.filtered || a.masked > 0) ?
		    SR_E_AUDIT_EXPORT_UNSIGNED : SR_OK);
	return (a.findings == a.found[FINDING_FILE_BEHIND] ?
	    SR_E_AUDIT_EXPORT_BEHIND : SR_E_AUDIT_EXPORT_UNPROVED);
}

static enum sr_error
verify_file(struct cli * cli, int heads)
{
	struct export_question q = { .fd = -1, .heads = heads };
	struct input sig = { .p = NULL };
	enum sr_error err;

	if ((err = find_key(cli, q.public_key)) != SR_OK ||
	    (err = find_signature(cli, &sig)) != SR_OK ||
	    (err = open_input(cli, cli->in.argument, &q.fd)) != SR_OK)
		goto out;
	q.signature = sig.p;
	q.signature_len = sig.len;
	err = judge(cli, &q);

out:
	if (q.fd >= 0)
		(void)close(q.fd);
	input_free(&sig);
	return (err);
}

static enum sr_error
verify_database(struct cli * cli, int heads)
{
	struct audit_verified v;
	struct compose * c;
	enum sr_error err;

	if ((err = cli_store(cli)) != SR_OK ||
	    (err = audit_verify_database(&cli->store, heads, show, cli,
	    &v)) != SR_OK)
		return (err);
	c = cli->out;
	count(c, v.rows, " rows in ");
	count(c, v.chains, " chains, ");
	count(c, v.good, " with a MAC that holds, ");
	count(c, v.unsealed, " rightly without one; ");
	count(c, v.leaves, " under ");
	count(c, v.checkpoints, " checkpoints, ");
	count(c, v.pending, " newer than the last one; ");
	count(c, v.heads, " heads kept outside.\n");
	compose_constant(c, v.findings == 0 ? "Proved: every row up to the "
	    "newest checkpoint is as it was written, and none is missing.\n" :
	    "The audit of this database is broken.\n");
	compose_lit(c, "Not proved: that what was written is true; that the "
	    "newest rows behind the checkpoint are all there.\n");
	if (heads < 0)
		compose_lit(c, "Not proved: that the database is not an older "
		    "one put back (--heads checks it).\n");
	if ((err = cli_flush(cli)) != SR_OK)
		return (err);
	return (v.findings == 0 ? SR_OK : SR_E_AUDIT_CHAIN_BROKEN);
}

/** cmd_audit_verify(cli): a file, or the database. */
enum sr_error
cmd_audit_verify(struct cli * cli)
{
	bool database = cli->in.option[OPT_DATABASE] != NULL;
	int heads = -1;
	enum sr_error err;

	if (database == (cli->in.argument != NULL)) {
		compose_lit(cli->note, "name a file, or give --database");
		return (SR_E_USAGE);
	}
	if (cli->in.option[OPT_HEADS] != NULL &&
	    (err = open_input(cli, cli->in.option[OPT_HEADS],
	    &heads)) != SR_OK)
		return (err);
	err = database ? verify_database(cli, heads) :
	    verify_file(cli, heads);
	if (heads >= 0)
		(void)close(heads);
	return (err);
}
