#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/input_whole.h"
#include "cli/known.h"
#include "core/base/secbuf.h"
#include "core/base/stack.h"
#include "core/keys/base64.h"
#include "core/log/log.h"

#define KNOWN_FILE_MAX	((size_t)64 * 1024 * 1024)
#define READ_MAX	((size_t)128 * 1024)

struct filter {
	struct cli * cli;
	struct redact_stream * stream;
	uint64_t bytes_in;
	uint64_t bytes_out;
	bool complete;
};

/* One known value: its forms under the key of this run go into the engine. */
static enum sr_error
add_value(struct cli * cli, const struct secbuf * key, const char * line,
    size_t len)
{
	struct secbuf * value = NULL;
	enum sr_error err;

	/* The reader of the output need not know which one it was. */
	if ((err = base64_secret(line, len, &value)) == SR_OK)
		err = known_add(cli, key, value, 1, "secret");
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

/* Know the values in the file, under ${key} or one that ends with us. */
static enum sr_error
load_known(struct cli * cli, const char * path, struct secbuf ** key)
{
	struct input file = { .p = NULL };
	enum sr_error err;

	err = known_read(cli, path, KNOWN_FILE_MAX, &file);
	if (err == SR_OK && *key == NULL &&
	    (err = secbuf_random(32, key)) == SR_OK)
		err = redact_unlock(cli->redact, *key);
	if (err == SR_OK)
		err = add_lines(cli, *key, &file);
	input_free(&file);
	return (err);
}

static enum sr_error
load(struct cli * cli)
{
	const char * known = cli->in.option[OPT_KNOWN];
	const char * bundle = cli->in.option[OPT_BUNDLE];
	struct secbuf * key = NULL;
	enum sr_error err = SR_OK;

	if (bundle != NULL)
		err = known_bundle(cli, bundle, &key);
	if (err == SR_OK && known != NULL)
		err = load_known(cli, known, &key);
	if (err == SR_OK && key != NULL)
		redact_mark(cli->redact, REDACT_READY);
	secbuf_free(&key);
	return (err);
}

/* Write what can leave. Who reads no more is no news: no message. */
static enum sr_error
let_out(struct filter * f, struct redacted ** passed)
{
	enum sr_error err = SR_OK;

	if (redacted_len(*passed) != 0)
		err = redacted_write(STDOUT_FILENO, *passed);
	if (err == SR_OK)
		f->bytes_out += redacted_len(*passed);
	else if (errno == EPIPE)
		f->cli->quiet = true;
	redacted_free(passed);
	return (err);
}

/* Nothing of what has passed stays while there is no more of it. */
static void
before_waiting(void)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };

	if (poll(&in, 1, 0) == 0)
		stack_wipe();
}

/* Each piece as it comes: what is certain of it leaves before more is read. */
static enum sr_error
filter_input(struct filter * f, char * buf)
{
	struct redacted * passed = NULL;
	enum sr_error err;
	ssize_t n;

	for (;;) {
		before_waiting();
		if ((n = read(STDIN_FILENO, buf, READ_MAX)) < 0) {
			if (errno == EINTR)
				continue;
			return (sr_fail(SR_E_INPUT_UNREADABLE,
			    log_i64("errno", errno)));
		}
		if (n == 0)
			break;
		f->bytes_in += (uint64_t)n;
		err = redact_feed(f->stream, buf, (size_t)n, &passed);
		explicit_bzero(buf, (size_t)n);
		if (err == SR_OK)
			err = let_out(f, &passed);
		if (err != SR_OK)
			return (err);
	}
	if ((err = redact_finish(f->stream, &passed)) == SR_OK)
		err = let_out(f, &passed);
	f->complete = err == SR_OK;
	return (err);
}

/* The rows of rule.def that have masked something, by name. */
static void
report_rules(struct cli * cli, struct compose * c)
{
	const char * name, * other;
	uint64_t n, more;
	unsigned i, j;
	bool seen, first = true;

	for (i = 0; redact_rule_count(cli->redact, REDACT_PUBSUB, i, &name,
	    &n); i++) {
		seen = false;
		for (j = 0; redact_rule_count(cli->redact, REDACT_PUBSUB, j,
		    &other, &more); j++) {
			if (strcmp(name, other) != 0)
				continue;
			seen = seen || j < i;
			n += j > i ? more : 0;
		}
		if (seen || n == 0)
			continue;
		compose_constant(c, first ? "\"" : ",\"");
		compose_name(c, name);
		compose_lit(c, "\":");
		compose_u64(c, n);
		first = false;
	}
}

/* One JSON object on standard error: counts, never text. */
static enum sr_error
report(struct filter * f)
{
	const struct redact_hits hits = redact_stream_hits(f->stream);
	struct redacted * text = NULL;
	struct compose * c;
	enum sr_error err;

	err = compose_new(f->cli->redact, REDACT_UI, CLI_OUTPUT_MAX, &c);
	if (err != SR_OK)
		return (err);
	compose_constant(c, f->complete ? "{\"complete\":true" :
	    "{\"complete\":false");
	compose_lit(c, ",\"bytes_in\":");
	compose_u64(c, f->bytes_in);
	compose_lit(c, ",\"bytes_out\":");
	compose_u64(c, f->bytes_out);
	compose_lit(c, ",\"known\":");
	compose_u64(c, hits.known);
	compose_lit(c, ",\"rules\":");
	compose_u64(c, hits.rules);
	compose_lit(c, ",\"by_rule\":{");
	report_rules(f->cli, c);
	compose_lit(c, "}}\n");
	if ((err = compose_finish(&c, &text)) == SR_OK)
		err = redacted_write(sr_console(), text);
	redacted_free(&text);
	return (err);
}

/** cmd_redact(cli): mask secrets in standard input. */
enum sr_error
cmd_redact(struct cli * cli)
{
	struct redact_stream_options options = { .rules_only =
	    cli->in.option[OPT_KNOWN] == NULL &&
	    cli->in.option[OPT_BUNDLE] == NULL,
	    /* The key of one run gives tags that say nothing in the next. */
	    .untagged = cli->in.option[OPT_BUNDLE] == NULL };
	struct filter f = { .cli = cli };
	enum sr_error err, told = SR_OK;
	static char buf[READ_MAX];

	if (!options.rules_only && cli->in.option[OPT_RULES_ONLY] != NULL) {
		compose_lit(cli->note, "--rules-only excludes --known and "
		    "--bundle");
		return (SR_E_USAGE);
	}
	if ((err = load(cli)) != SR_OK)
		return (err);
	err = redact_open(cli->redact, REDACT_PUBSUB, &options, &f.stream);
	if (err != SR_OK)
		return (err);
	err = filter_input(&f, buf);
	explicit_bzero(buf, sizeof(buf));
	if (err != SR_OK && redact_last_cause() != REDACT_CAUSE_NONE) {
		compose_lit(cli->note, "cause: ");
		compose_constant(cli->note,
		    redact_cause_name(redact_last_cause()));
	}
	if (cli->in.option[OPT_REPORT] != NULL)
		told = report(&f);
	redact_stream_free(&f.stream);
	return (err != SR_OK ? err : told);
}
