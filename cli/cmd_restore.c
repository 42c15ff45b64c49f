#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/input_whole.h"
#include "cli/output.h"
#include "core/audit/minisig.h"
#include "core/base/secbuf.h"
#include "core/keys/keyring.h"
#include "core/log/log.h"
#include "core/store/db.h"
#include "core/store/keystore.h"
#include "core/vault/backup.h"

#define SMALL_FILE_MAX	((size_t)8192)
/* What does not hold is shown one by one up to so many, and counted beyond. */
#define SHOWN_MOST	100

struct restoring {
	struct cli * cli;
	struct restore_question q;
	struct restore_answer a;
	struct keyring * keyring;
	uint8_t public_key[SIGN_PUBLIC_LEN];
	unsigned shown;
};

static enum sr_error
open_input(struct cli * cli, const char * path, int * fd)
{

	if ((*fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)) >= 0)
		return (SR_OK);
	output_own_text(cli, cli->note, path);
	return (sr_fail(SR_E_INPUT_UNREADABLE, log_i64("errno", errno)));
}

static enum sr_error
read_key(struct restoring * r, const char * path)
{
	struct input in = { .p = NULL };
	enum sr_error err;
	int fd;

	if ((err = open_input(r->cli, path, &fd)) != SR_OK)
		return (err);
	err = input_whole(fd, SMALL_FILE_MAX, &in);
	(void)close(fd);
	if (err == SR_OK && !minisig_public_parse(in.p, in.len,
	    r->public_key)) {
		compose_lit(r->cli->note, "--pubkey: no public key in ");
		output_own_text(r->cli, r->cli->note, path);
		err = SR_E_INPUT_MALFORMED;
	}
	input_free(&in);
	r->q.public_key = r->public_key;
	return (err);
}

/* The root keys twice: for the file, and for the database when it is there.
 * cli_store would make new ones in a database that has none. */
static enum sr_error
load_keys(struct restoring * r)
{
	struct keyring_sources sources;
	struct secbuf * value = NULL;
	enum sr_error err;

	if ((err = cli_load_keys(r->cli)) != SR_OK)
		return (err);
	err = keystore_sources(r->cli->config, &sources, &value);
	if (err == SR_OK)
		err = keyring_load(&sources, &r->keyring);
	secbuf_free(&value);
	r->q.keyring = r->keyring;
	return (err);
}

static enum sr_error
open_all(struct restoring * r)
{
	struct cli * cli = r->cli;
	const char * pubkey = cli->in.option[OPT_PUBKEY];
	const char * heads = cli->in.option[OPT_HEADS];
	enum sr_error err;

	r->q.accept_older = cli->in.option[OPT_ACCEPT_OLDER] != NULL;
	r->q.accept_findings = cli->in.option[OPT_ACCEPT_FINDINGS] != NULL;
	if (r->q.accept_older && heads == NULL) {
		compose_lit(cli->note, "--accept-older says something about "
		    "--heads, which is not given");
		return (SR_E_USAGE);
	}
	if ((pubkey != NULL && (err = read_key(r, pubkey)) != SR_OK) ||
	    (heads != NULL && (err = open_input(cli, heads, &r->q.heads)) !=
	    SR_OK) ||
	    (err = open_input(cli, cli->in.argument, &r->q.fd)) != SR_OK ||
	    (err = cli_connect(cli)) != SR_OK)
		return (err);
	cli->store.redact = cli->redact;
	return (load_keys(r));
}

static enum sr_error
show_finding(const struct audit_finding * f, void * cookie)
{
	struct restoring * r = cookie;
	struct compose * c = r->cli->out;

	if (r->shown++ >= SHOWN_MOST)
		return (SR_OK);
	compose_lit(c, "FOUND ");
	compose_constant(c, audit_finding_name(f->kind));
	compose_lit(c, ": ");
	compose_constant(c, audit_finding_text(f->kind));
	if (!sr_id_is_nil(&f->event_id)) {
		compose_lit(c, "; event ");
		compose_id(c, &f->event_id);
	}
	compose_lit(c, "\n");
	return (SR_OK);
}

static enum sr_error
show_unopened(const struct sr_id * id, uint32_t version, enum sr_error why,
    void * cookie)
{
	struct restoring * r = cookie;
	struct compose * c = r->cli->out;

	if (r->shown++ >= SHOWN_MOST)
		return (SR_OK);
	compose_lit(c, "FOUND secret ");
	compose_id(c, id);
	compose_lit(c, ", version ");
	compose_u64(c, version);
	compose_lit(c, " does not open: ");
	compose_constant(c, sr_error_name(why));
	compose_lit(c, "\n");
	return (SR_OK);
}

static void
count(struct compose * c, uint64_t n, const char * what)
{

	compose_u64(c, n);
	compose_constant(c, what);
}

static void
tell_json(const struct restoring * r)
{
	const struct restore_answer * a = &r->a;
	struct compose * c = r->cli->out;

	compose_lit(c, "{\"made_at\":");
	output_json_time(c, a->manifest.made_at);
	compose_lit(c, ",\"rows\":");
	count(c, a->manifest.rows, ",\"audit_rows\":");
	count(c, a->audit.rows, ",\"findings\":");
	count(c, a->findings, ",\"opened\":");
	count(c, a->opened, ",\"unopened\":");
	count(c, a->unopened, ",\"api_keys_held\":");
	count(c, a->keys_held, ",\"audit_tree_size\":");
	count(c, a->manifest.tree_size, ",\"newest_head\":");
	count(c, a->newest_head, "}\n");
}

/* What the heads say about the backup's age. */
static void
tell_age(const struct restoring * r)
{
	const struct restore_answer * a = &r->a;
	struct compose * c = r->cli->out;

	if (r->q.heads < 0) {
		compose_lit(c, "Whether the backup is the newest one is not "
		    "known (--heads shows it).\n");
	} else if (a->newest_head > a->manifest.tree_size) {
		compose_lit(c, "The backup is older than the heads: ");
		count(c, a->newest_head - a->manifest.tree_size, " audit rows "
		    "were written after it and are gone.\nHeads of that time "
		    "will not fit any more; keep them apart from new ones.\n");
	} else {
		compose_lit(c, "No head kept outside is newer.\n");
	}
	compose_lit(c, "What was revoked, rotated or changed after the backup "
	    "is as it was before: secrets,\naccounts, passwords, recovery "
	    "codes. Which those are cannot be known from here; look\ninto an "
	    "audit export of that time, revoke them again, and withdraw them "
	    "at their providers.\n");
}

static void
tell(const struct restoring * r)
{
	const struct restore_answer * a = &r->a;
	struct compose * c = r->cli->out;

	if (cli_json(r->cli)) {
		tell_json(r);
		return;
	}
	compose_lit(c, "Restored ");
	count(c, a->manifest.rows, " rows, as they were at ");
	compose_time(c, a->manifest.made_at);
	compose_lit(c, ".\nAudit: ");
	count(c, a->audit.rows, " rows verified, ");
	count(c, a->findings, " findings. Values: ");
	count(c, a->opened, " active versions open, ");
	count(c, a->unopened, " do not.\n");
	compose_lit(c, "Nobody is signed in. ");
	count(c, a->keys_held, " API keys are held: revoke those that should "
	    "be gone, then\n`strongroom apikey confirm ID`, or --all.\n");
	tell_age(r);
}

/* Why, where the error's own words do not say it. */
static void
explain(const struct restoring * r, enum sr_error err)
{
	const struct restore_answer * a = &r->a;
	struct compose * c = r->cli->note;

	if (err == SR_E_RESTORE_NOT_EMPTY && a->filled != BACKUP__MAX) {
		compose_lit(c, "there are rows in table ");
		compose_constant(c, backup_table_name(a->filled));
	} else if (err == SR_E_BACKUP_OLDER) {
		compose_lit(c, "the backup has ");
		count(c, a->manifest.tree_size, " audit rows, the newest "
		    "head ");
		compose_u64(c, a->newest_head);
	} else if (err == SR_E_RESTORE_UNPROVED) {
		count(c, a->findings, " findings in the audit, ");
		count(c, a->unopened, " active versions that do not open");
	} else if (err == SR_E_INPUT_MALFORMED && r->q.heads >= 0) {
		compose_lit(c, "--heads: no head in it is signed by this "
		    "instance's key");
	}
}

/** cmd_restore(cli): an empty database, from a file. */
enum sr_error
cmd_restore(struct cli * cli)
{
	struct restoring r = { .cli = cli, .q = { .fd = -1, .heads = -1 } };
	const struct restore_watch watch = { .finding = show_finding,
	    .unopened = show_unopened, .cookie = &r };
	enum sr_error err, flushed;

	if ((err = open_all(&r)) == SR_OK) {
		err = restore_run(&cli->store, &cli->actor, &r.q, &watch,
		    &r.a);
		if (err == SR_OK)
			tell(&r);
		else
			explain(&r, err);
		/* What was found is told beside an error too. */
		if ((flushed = cli_flush(cli)) != SR_OK && err == SR_OK)
			err = flushed;
	}
	if (r.q.fd >= 0)
		(void)close(r.q.fd);
	if (r.q.heads >= 0)
		(void)close(r.q.heads);
	keyring_free(&r.keyring);
	return (err);
}
