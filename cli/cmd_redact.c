#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/input_whole.h"
#include "cli/output.h"
#include "core/base/secbuf.h"
#include "core/keys/base64.h"
#include "core/redact/variant.h"

#define KNOWN_FILE_MAX	((size_t)64 * 1024 * 1024)

/* One known value: its forms under the key of this run go into the engine. */
static enum sr_error
add_value(struct cli * cli, const struct secbuf * key, const char * line,
    size_t len)
{
	struct redact_forms forms = { .n = 0 };
	struct secbuf * value = NULL;
	struct sr_id id;
	enum sr_error err;

	if ((err = sr_id_new(&id)) != SR_OK ||
	    (err = base64_secret(line, len, &value)) != SR_OK ||
	    (err = redact_forms_of(key, value, &forms)) != SR_OK)
		goto out;
	/* The reader of the output need not know which one it was. */
	err = redact_known_put(cli->redact, &id, 1, "secret", forms.v,
	    forms.n);

out:
	redact_forms_free(&forms);
	secbuf_free(&value);
	return (err);
}

/* Each line of the file; blank ones and # comments are passed over. */
static enum sr_error
add_lines(struct cli * cli, const struct secbuf * key,
    const struct input * file)
{
	const char * p = file->p, * end = file->p + file->len, * newline;
	uint64_t number = 0;
	size_t len;
	enum sr_error err = SR_OK;

	while (p < end && err == SR_OK) {
		number++;
		newline = memchr(p, '\n', (size_t)(end - p));
		len = (size_t)((newline == NULL ? end : newline) - p);
		if (len != 0 && p[len - 1] == '\r')
			len--;
		if (len != 0 && p[0] != '#')
			err = add_value(cli, key, p, len);
		p = newline == NULL ? end : newline + 1;
	}
	if (err != SR_OK) {
		compose_lit(cli->note, "line ");
		compose_u64(cli->note, number);
		compose_lit(cli->note, " of the file of known values");
	}
	return (err);
}

static enum sr_error
load_known(struct cli * cli, const char * path)
{
	struct input file = { .p = NULL };
	struct secbuf * key = NULL;
	enum sr_error err;
	int fd;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)) < 0) {
		output_own_text(cli, cli->note, path);
		return (SR_E_INPUT_UNREADABLE);
	}
	/* Nobody else has this key, and it ends with the program. */
	if ((err = input_whole(fd, KNOWN_FILE_MAX, &file)) == SR_OK &&
	    (err = secbuf_random(32, &key)) == SR_OK &&
	    (err = redact_unlock(cli->redact, key)) == SR_OK)
		err = add_lines(cli, key, &file);
	if (err == SR_OK)
		redact_mark(cli->redact, REDACT_READY);
	(void)close(fd);
	input_free(&file);
	secbuf_free(&key);
	return (err);
}

/** cmd_redact(cli): mask secrets in standard input. */
enum sr_error
cmd_redact(struct cli * cli)
{
	const char * known = cli->in.option[OPT_KNOWN];
	struct redacted * passed = NULL;
	struct input in = { .p = NULL };
	enum sr_error err;

	if (known != NULL && cli->in.option[OPT_RULES_ONLY] != NULL) {
		compose_lit(cli->note, "--known and --rules-only exclude each "
		    "other");
		return (SR_E_USAGE);
	}
	if (known != NULL && (err = load_known(cli, known)) != SR_OK)
		return (err);
	err = input_whole(STDIN_FILENO, REDACT_TEXT_MAX, &in);
	if (err == SR_OK && known != NULL)
		err = redact_text(cli->redact, REDACT_PUBSUB, in.p, in.len,
		    NULL, &passed);
	else if (err == SR_OK)
		err = redact_rules_text(cli->redact, in.p, in.len, NULL,
		    &passed);
	if (err == SR_OK)
		err = redacted_write(STDOUT_FILENO, passed);
	redacted_free(&passed);
	input_free(&in);
	return (err);
}
