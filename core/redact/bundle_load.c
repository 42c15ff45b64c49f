#include <stdlib.h>
#include <string.h>

#include "core/base/secbuf.h"
#include "core/redact/alloc_internal.h"
#include "core/redact/bundle_internal.h"
#include "core/redact/fingerprint_internal.h"

/* What is left to read; ${bad} sticks, and then all reads give zeros. */
struct reader {
	const uint8_t * p;
	size_t len;
	bool bad;
};

static const uint8_t *
take(struct reader * in, size_t len)
{
	const uint8_t * p = in->p;

	if (in->bad || in->len < len) {
		in->bad = true;
		return (NULL);
	}
	in->p += len;
	in->len -= len;
	return (p);
}

static uint32_t
take_number(struct reader * in, size_t len)
{
	const uint8_t * p = take(in, len);
	uint32_t n = 0;
	size_t i;

	for (i = 0; p != NULL && i < len; i++)
		n = n << 8 | p[i];
	return (n);
}

static void
take_bytes(struct reader * in, void * to, size_t len)
{
	const uint8_t * p = take(in, len);

	if (p != NULL)
		memcpy(to, p, len);
}

/* Whether ${a} and ${b} differ; the time tells not where. */
static bool
differ(const uint8_t * a, const uint8_t * b, size_t len)
{
	uint8_t all = 0;
	size_t i;

	for (i = 0; i < len; i++)
		all |= (uint8_t)(a[i] ^ b[i]);
	return (all != 0);
}

/* The head and the MAC; ${in} is at the records then. */
static bool
check(const char * bytes, size_t len, struct reader * in)
{
	uint8_t mac[BUNDLE_MAC_LEN];
	const uint8_t * p = (const uint8_t *)bytes;

	if (len < BUNDLE_HEAD_LEN + BUNDLE_MAC_LEN || len > BUNDLE_FILE_MAX ||
	    strncmp(bytes, BUNDLE_MAGIC, BUNDLE_MAGIC_LEN) != 0 ||
	    p[BUNDLE_MAGIC_LEN] != BUNDLE_VERSION ||
	    (p[BUNDLE_MAGIC_LEN + 1] & ~BUNDLE_SHORT) != 0)
		return (false);
	bundle_mac(&p[BUNDLE_KEY_AT], p, len - BUNDLE_MAC_LEN, mac);
	if (differ(mac, &p[len - BUNDLE_MAC_LEN], sizeof(mac)))
		return (false);
	*in = (struct reader){ .p = &p[BUNDLE_HEAD_LEN],
	    .len = len - BUNDLE_HEAD_LEN - BUNDLE_MAC_LEN };
	return (true);
}

static void
take_form(struct reader * in, uint8_t flags, struct redact_form * form)
{
	uint32_t kind;

	memset(form, 0, sizeof(*form));
	kind = take_number(in, 1);
	form->length = take_number(in, 4);
	take_bytes(in, form->tag, REDACT_TAG_LEN);
	take_bytes(in, form->mac, REDACT_MAC_LEN);
	form->windows_len = (uint8_t)take_number(in, 1);
	if (kind >= REDACT_KIND__MAX || form->length < REDACT_FORM_MIN ||
	    (form->length < BUNDLE_FORM_MIN && (flags & BUNDLE_SHORT) == 0) ||
	    form->windows_len > sizeof(form->windows)) {
		in->bad = true;
		return;
	}
	form->kind = (enum redact_kind)kind;
	take_bytes(in, form->windows, form->windows_len);
	if (!fingerprint_windows_ok(form))
		in->bad = true;
}

/* One secret; into ${r}, unless it is NULL: then it is only looked at. */
static enum sr_error
take_record(struct redact * r, struct reader * in, uint8_t flags)
{
	struct redact_form * forms;
	struct sr_id id = { .b = { 0 } };
	char label[UINT8_MAX + 1] = "";
	uint32_t key_version, n, i;
	enum sr_error err = SR_OK;

	take_bytes(in, id.b, sizeof(id.b));
	key_version = take_number(in, 4);
	take_bytes(in, label, take_number(in, 1));
	n = take_number(in, 4);
	if (in->bad || key_version == 0 || n == 0 || n > REDACT_FORMS_MAX)
		return (SR_E_BUNDLE_INVALID);
	if ((forms = redact_alloc(n * sizeof(*forms))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	for (i = 0; i < n; i++)
		take_form(in, flags, &forms[i]);
	if (in->bad)
		err = SR_E_BUNDLE_INVALID;
	else if (r != NULL)
		err = redact_known_put(r, &id, key_version, label, forms, n);
	free(forms);
	return (err);
}

static enum sr_error
take_all(struct redact * r, const char * bytes, struct reader in)
{
	const uint8_t * p = (const uint8_t *)bytes;
	struct reader head = { .p = &p[BUNDLE_SECRETS_AT], .len = 4 };
	uint32_t n = take_number(&head, 4);
	enum sr_error err = SR_OK;

	while (n-- > 0 && err == SR_OK)
		err = take_record(r, &in, p[BUNDLE_MAGIC_LEN + 1]);
	if (err == SR_OK && in.len != 0)
		err = SR_E_BUNDLE_INVALID;
	return (err);
}

/** bundle_key(bytes, len, out): the key of a bundle. */
enum sr_error
bundle_key(const char * bytes, size_t len, struct secbuf ** out)
{

	*out = NULL;
	if (len < BUNDLE_HEAD_LEN)
		return (SR_E_BUNDLE_INVALID);
	return (secbuf_copy(&bytes[BUNDLE_KEY_AT], BUNDLE_KEY_LEN, out));
}

/** bundle_load(r, bytes, len): know what is in a bundle. */
enum sr_error
bundle_load(struct redact * r, const char * bytes, size_t len)
{
	struct secbuf * key = NULL;
	struct reader in;
	enum sr_error err;

	if (!check(bytes, len, &in))
		return (SR_E_BUNDLE_INVALID);
	if ((err = take_all(NULL, bytes, in)) != SR_OK ||
	    (err = bundle_key(bytes, len, &key)) != SR_OK)
		return (err);
	if ((err = redact_unlock(r, key)) == SR_OK)
		err = take_all(r, bytes, in);
	secbuf_free(&key);
	return (err);
}
