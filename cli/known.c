#include <fcntl.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/known.h"
#include "cli/output.h"
#include "core/base/secbuf.h"
#include "core/redact/bundle.h"
#include "core/redact/common.h"
#include "core/vault/own_text.h"

/** known_read(cli, path, max, in): the file, whole. */
enum sr_error
known_read(struct cli * cli, const char * path, size_t max, struct input * in)
{
	enum sr_error err;
	int fd;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)) < 0) {
		output_own_text(cli, cli->note, path);
		return (SR_E_INPUT_UNREADABLE);
	}
	err = input_whole(fd, max, in);
	(void)close(fd);
	return (err);
}

/** known_bundle(cli, path, key): know what is in the bundle. */
enum sr_error
known_bundle(struct cli * cli, const char * path, struct secbuf ** key)
{
	struct input file = { .p = NULL };
	enum sr_error err;

	err = known_read(cli, path, BUNDLE_FILE_MAX, &file);
	if (err == SR_OK)
		err = bundle_load(cli->redact, file.p, file.len);
	if (err == SR_OK)
		err = bundle_key(file.p, file.len, key);
	if (err == SR_E_BUNDLE_INVALID)
		output_own_text(cli, cli->note, path);
	input_free(&file);
	return (err);
}

static enum sr_error
put(struct cli * cli, const struct secbuf * key, const struct secbuf * value,
    uint32_t version, const char * label, bool thin)
{
	struct redact_forms forms = { .n = 0 };
	struct sr_id id;
	enum sr_error err;

	if ((err = sr_id_new(&id)) == SR_OK &&
	    (err = redact_forms_of(key, value, &forms)) == SR_OK && thin)
		err = redact_forms_thin(key, value, own_text, own_text_len,
		    &forms);
	if (err == SR_OK)
		err = redact_known_put(cli->redact, &id, version, label,
		    forms.v, forms.n);
	redact_forms_free(&forms);
	return (err);
}

/** known_add(cli, key, value, version, label): know this one too. */
enum sr_error
known_add(struct cli * cli, const struct secbuf * key,
    const struct secbuf * value, uint32_t version, const char * label)
{

	return (put(cli, key, value, version, label, false));
}

/** known_add_thin(…): without its lines that are common. */
enum sr_error
known_add_thin(struct cli * cli, const struct secbuf * key,
    const struct secbuf * value, uint32_t version, const char * label)
{

	return (put(cli, key, value, version, label, true));
}
