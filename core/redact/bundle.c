#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <nettle/hmac.h>

#include "core/base/random.h"
#include "core/base/secbuf.h"
#include "core/base/strbuf.h"
#include "core/redact/bundle_internal.h"

struct bundle {
	struct strbuf text;	/* Without the MAC; wiped when it grows. */
	struct secbuf * key;
	bool short_forms;
	struct bundle_counts counts;
};

/** bundle_mac(key, bytes, len, mac): the MAC of ${len} bytes. */
void
bundle_mac(const uint8_t key[BUNDLE_KEY_LEN], const void * bytes, size_t len,
    uint8_t mac[BUNDLE_MAC_LEN])
{
	static const char purpose[] = "strongroom bundle mac 1";
	struct hmac_sha256_ctx ctx;
	uint8_t own[BUNDLE_MAC_LEN];

	hmac_sha256_set_key(&ctx, BUNDLE_KEY_LEN, key);
	hmac_sha256_update(&ctx, strlen(purpose), (const uint8_t *)purpose);
	hmac_sha256_digest(&ctx, sizeof(own), own);
	hmac_sha256_set_key(&ctx, sizeof(own), own);
	hmac_sha256_update(&ctx, len, bytes);
	hmac_sha256_digest(&ctx, BUNDLE_MAC_LEN, mac);
	explicit_bzero(own, sizeof(own));
	explicit_bzero(&ctx, sizeof(ctx));
}

static void
put_number(struct strbuf * text, uint64_t n, size_t len)
{
	uint8_t bytes[8];
	size_t i;

	for (i = 0; i < len; i++)
		bytes[i] = (uint8_t)(n >> 8 * (len - 1 - i));
	strbuf_add(text, bytes, len);
}

/** bundle_new(short_forms, out): an empty bundle with a new key. */
enum sr_error
bundle_new(bool short_forms, struct bundle ** out)
{
	uint8_t key[BUNDLE_KEY_LEN];
	struct bundle * b;
	enum sr_error err;

	*out = NULL;
	if ((b = calloc(1, sizeof(*b))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	b->short_forms = short_forms;
	strbuf_init(&b->text, BUNDLE_FILE_MAX);
	if ((err = random_bytes(key, sizeof(key))) == SR_OK)
		err = secbuf_copy(key, sizeof(key), &b->key);
	strbuf_add(&b->text, BUNDLE_MAGIC, BUNDLE_MAGIC_LEN);
	put_number(&b->text, BUNDLE_VERSION, 1);
	put_number(&b->text, short_forms ? BUNDLE_SHORT : 0, 1);
	strbuf_add(&b->text, key, sizeof(key));
	put_number(&b->text, 0, 4);
	explicit_bzero(key, sizeof(key));
	if (err == SR_OK)
		err = strbuf_status(&b->text);
	if (err != SR_OK)
		bundle_free(&b);
	*out = b;
	return (err);
}

/** bundle_free(b): wipe and release. */
void
bundle_free(struct bundle ** b)
{

	if (b == NULL || *b == NULL)
		return;
	strbuf_free(&(*b)->text);
	secbuf_free(&(*b)->key);
	free(*b);
	*b = NULL;
}

/** bundle_counts(b): what is inside. */
struct bundle_counts
bundle_counts(const struct bundle * b)
{

	return (b->counts);
}

static bool
fits(const struct bundle * b, const struct redact_form * form)
{

	return (b->short_forms || form->length >= BUNDLE_FORM_MIN);
}

static void
put_form(struct bundle * b, const struct redact_form * form)
{

	put_number(&b->text, (uint64_t)form->kind, 1);
	put_number(&b->text, form->length, 4);
	strbuf_add(&b->text, form->tag, REDACT_TAG_LEN);
	strbuf_add(&b->text, form->mac, REDACT_MAC_LEN);
	put_number(&b->text, form->windows_len, 1);
	strbuf_add(&b->text, form->windows, form->windows_len);
	b->counts.forms++;
	if (form->length < BUNDLE_FORM_MIN)
		b->counts.short_forms++;
}

/** bundle_add(b, id, key_version, label, value): one more secret. */
enum sr_error
bundle_add(struct bundle * b, const struct sr_id * id, uint32_t key_version,
    const char * label, const struct secbuf * value)
{
	struct redact_forms forms = { .n = 0 };
	size_t i, n = 0, len = strlen(label);
	enum sr_error err;

	if (len > UINT8_MAX) {
		label = "secret";
		len = strlen(label);
	}
	err = redact_forms_of(b->key, value, &forms);
	if (err != SR_OK)
		return (err);
	for (i = 0; i < forms.n; i++)
		n += fits(b, &forms.v[i]);
	b->counts.left_out += forms.n - n;
	if (n != 0) {
		strbuf_add(&b->text, id->b, sizeof(id->b));
		put_number(&b->text, key_version, 4);
		put_number(&b->text, len, 1);
		strbuf_add(&b->text, label, len);
		put_number(&b->text, n, 4);
		b->counts.secrets++;
	}
	for (i = 0; i < forms.n; i++) {
		if (fits(b, &forms.v[i]))
			put_form(b, &forms.v[i]);
	}
	redact_forms_free(&forms);
	return (strbuf_status(&b->text));
}

/* How many there are is known at the end. */
static void
set_secrets(struct bundle * b)
{
	size_t i;

	for (i = 0; i < 4; i++)
		b->text.p[BUNDLE_SECRETS_AT + i] =
		    (char)(b->counts.secrets >> 8 * (3 - i));
}

static bool
write_all(int fd, const char * p, size_t len)
{
	ssize_t n;

	while (len != 0) {
		if ((n = write(fd, p, len)) < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return (false);
		p += n;
		len -= (size_t)n;
	}
	return (true);
}

/** bundle_save(b, path, exists): to a new file of mode 0600. */
enum sr_error
bundle_save(struct bundle * b, const char * path, bool * exists)
{
	uint8_t mac[BUNDLE_MAC_LEN];
	bool written;
	int fd;

	*exists = false;
	if (strbuf_status(&b->text) != SR_OK)
		return (strbuf_status(&b->text));
	set_secrets(b);
	bundle_mac((const uint8_t *)&b->text.p[BUNDLE_KEY_AT], b->text.p,
	    b->text.len, mac);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW |
	    O_NOCTTY, 0600);
	if (fd < 0) {
		*exists = errno == EEXIST;
		return (SR_E_OUTPUT_FAILED);
	}
	written = write_all(fd, b->text.p, b->text.len) &&
	    write_all(fd, (const char *)mac, sizeof(mac)) && fsync(fd) == 0;
	if (close(fd) != 0)
		written = false;
	if (!written)
		(void)unlink(path);
	return (written ? SR_OK : SR_E_OUTPUT_FAILED);
}
