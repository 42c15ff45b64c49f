#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/audit_filter.h"
#include "cli/output.h"
#include "core/audit/export.h"
#include "core/audit/minisig.h"
#include "core/log/log.h"
#include "core/store/keystore.h"
#include "core/vault/liveset.h"

#define SIG_ENDING	".minisig"
#define PATH_LONGEST	4000
#define SIG_TEXT_MAX	((size_t)2048)
/* Sealings before an export: what is pending may never end on a busy server. */
#define SEALINGS_MOST	1000
/* The live set is brought up to date after so many pieces. */
#define REFRESH_PIECES	32

struct out {
	struct cli * cli;
	int fd;				/* Of the file, or standard output. */
	int sig_fd;			/* -1: none. */
	char sig_path[PATH_LONGEST + sizeof(SIG_ENDING)];
	struct minisig_hash * hash;
	unsigned pieces;
};

static enum sr_error
new_file(struct cli * cli, const char * path, int * fd)
{

	*fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY,
	    0600);
	if (*fd >= 0)
		return (SR_OK);
	output_own_text(cli, cli->note, path);
	return (errno == EEXIST ? SR_E_AUDIT_EXPORT_FILE_EXISTS :
	    sr_fail(SR_E_OUTPUT_FAILED, log_i64("errno", errno)));
}

/* Both files are there before the export is audited and made. */
static enum sr_error
open_files(struct out * o)
{
	const char * path = o->cli->in.option[OPT_OUT];
	enum sr_error err;

	if (path == NULL)
		return (SR_OK);
	if (strlen(path) > PATH_LONGEST)
		return (SR_E_OUTPUT_FAILED);
	(void)snprintf(o->sig_path, sizeof(o->sig_path), "%s%s", path,
	    SIG_ENDING);
	if ((err = new_file(o->cli, path, &o->fd)) != SR_OK) {
		o->fd = STDOUT_FILENO;
		return (err);
	}
	if ((err = new_file(o->cli, o->sig_path, &o->sig_fd)) == SR_OK)
		return (SR_OK);
	(void)unlink(path);
	(void)close(o->fd);
	o->fd = STDOUT_FILENO;
	return (err);
}

/* What is not whole does not stay. */
static enum sr_error
close_files(struct out * o, enum sr_error err)
{

	if (o->sig_fd < 0)
		return (err);
	if (err == SR_OK && (fsync(o->fd) != 0 || fsync(o->sig_fd) != 0))
		err = sr_fail(SR_E_OUTPUT_FAILED, log_i64("errno", errno));
	(void)close(o->fd);
	(void)close(o->sig_fd);
	if (err != SR_OK) {
		(void)unlink(o->cli->in.option[OPT_OUT]);
		(void)unlink(o->sig_path);
	}
	return (err);
}

static enum sr_error
put(const struct redacted * piece, void * cookie)
{
	struct out * o = cookie;
	enum sr_error err;

	if (++o->pieces % REFRESH_PIECES == 0 && (err = liveset_refresh(
	    o->cli->live, &o->cli->store)) != SR_OK)
		return (err);
	minisig_add(o->hash, redacted_bytes(piece), redacted_len(piece));
	return (redacted_write(o->fd, piece));
}

/* The file's own name, if it is one that can be shown. */
static enum sr_error
comment(struct out * o, uint64_t size, struct redacted ** out)
{
	const char * path = o->cli->in.option[OPT_OUT];
	const char * slash = strrchr(path, '/');
	struct compose * c = NULL;
	enum sr_error err;

	err = compose_new(o->cli->redact, REDACT_ARTIFACT,
	    MINISIG_COMMENT_MAX, &c);
	if (err != SR_OK)
		return (err);
	compose_lit(c, "strongroom audit export size:");
	compose_u64(c, size);
	compose_lit(c, " file:");
	compose_name(c, slash == NULL ? path : slash + 1);
	return (compose_finish(&c, out));
}

static enum sr_error
sign(struct out * o, uint64_t size)
{
	const struct keyset * set = keystore_hold(o->cli->store.keys);
	struct redacted * said = NULL, * text = NULL;
	uint8_t hash[MINISIG_HASH_LEN];
	struct compose * c = NULL;
	struct minisig sig;
	enum sr_error err;

	if (set == NULL)
		return (SR_E_SECRET_ENCRYPTION_UNAVAILABLE);
	minisig_end(&o->hash, hash);
	if ((err = comment(o, size, &said)) == SR_OK &&
	    (err = compose_new(NULL, REDACT_ARTIFACT, SIG_TEXT_MAX,
	    &c)) == SR_OK) {
		minisig_sign(keyset_sign_key(set), hash, said, &sig);
		minisig_compose(c, &sig, said);
		if ((err = compose_finish(&c, &text)) == SR_OK)
			err = redacted_write(o->sig_fd, text);
	}
	redacted_free(&text);
	redacted_free(&said);
	keyset_release(&set);
	return (err);
}

/* So that the newest rows are in it too, where no worker runs. */
static void
seal_first(struct cli * cli)
{
	uint64_t sealed;
	bool more = true;
	int i;

	for (i = 0; more && i < SEALINGS_MOST; i++) {
		if (checkpoint_seal(&cli->store, &sealed, &more) != SR_OK)
			return;
	}
}

static enum sr_error
export(struct out * o, struct audit_export * x, uint64_t size)
{
	struct audit_export_counts counts;
	struct cli * cli = o->cli;
	enum sr_error err;

	if (size == 0)
		seal_first(cli);
	if ((err = audit_export_head(cli->store.db, size, &x->head)) != SR_OK ||
	    (err = minisig_begin(&o->hash)) != SR_OK ||
	    (err = open_files(o)) != SR_OK)
		return (err);
	if ((err = audit_reading(&cli->store, &cli->actor,
	    AUDIT_AUDIT_EXPORT, &x->filter, NULL)) == SR_OK &&
	    (err = audit_export(&cli->store, x, put, o, &counts)) == SR_OK &&
	    o->sig_fd >= 0)
		err = sign(o, x->head.tree_size);
	err = close_files(o, err);
	if (err != SR_OK || o->sig_fd < 0)
		return (err);
	compose_u64(cli->out, counts.events);
	compose_lit(cli->out, " events of ");
	compose_u64(cli->out, x->head.tree_size);
	compose_lit(cli->out, " rows\n");
	return (SR_OK);
}

/** cmd_audit_export(cli): as XML that can be checked. */
enum sr_error
cmd_audit_export(struct cli * cli)
{
	struct out o = { .cli = cli, .fd = STDOUT_FILENO, .sig_fd = -1 };
	struct audit_export x;
	uint64_t size = 0;
	enum sr_error err;

	if ((err = audit_filter_options(cli, &x.filter)) != SR_OK ||
	    (cli->in.option[OPT_SIZE] != NULL && (err = option_number(cli,
	    OPT_SIZE, 1, INT64_MAX, &size)) != SR_OK) ||
	    (err = cli_store(cli)) != SR_OK ||
	    (err = keystore_write_error(cli->store.keys)) != SR_OK)
		return (err);
	err = export(&o, &x, size);
	minisig_drop(&o.hash);
	return (err);
}

/** cmd_audit_key(cli): the public key, as minisign takes it. */
enum sr_error
cmd_audit_key(struct cli * cli)
{
	uint8_t public_key[SIGN_PUBLIC_LEN];
	enum sr_error err;

	if ((err = cli_instance_key(cli, public_key)) != SR_OK)
		return (err);
	minisig_compose_public(cli->out, public_key);
	return (SR_OK);
}
