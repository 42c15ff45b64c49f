#ifndef SR_CORE_REDACT_KNOWN_SET_INTERNAL_H
#define SR_CORE_REDACT_KNOWN_SET_INTERNAL_H

/* For known*.c alone: how the live set is held. */

#include "core/redact/known_internal.h"
#include "core/redact/window_internal.h"

struct known_secret;

struct known_form {
	struct known_form * next;	/* In its bucket of forms. */
	const struct known_secret * secret;
	uint32_t length;
	bool base64;
	uint8_t mac[REDACT_MAC_LEN];
	char tag[REDACT_TAG_LEN + 1];
	const uint64_t * windows;
};

struct known_secret {
	struct known_secret * next;	/* In its bucket of secrets. */
	struct sr_id id;
	uint32_t key_version;
	char * label;
	struct known_form * forms;
	size_t n;
	uint64_t * windows;		/* Of all forms, one after another. */
};

struct known {
	struct window_table windows[WINDOW__MAX];
	struct known_form ** forms;	/* Buckets by MAC. */
	size_t forms_mask, forms_n;
	struct known_secret ** secrets;	/* Buckets by id. */
	size_t secrets_mask, secrets_n;
};

/** known_bucket(mask, bytes): where 8 well-mixed bytes belong. */
size_t known_bucket(size_t mask, const uint8_t * bytes);

/** known_find(k, mac, length, base64): the form, or NULL. */
const struct known_form * known_find(const struct known * k,
    const uint8_t mac[REDACT_MAC_LEN], size_t length, bool base64);

#endif /* !SR_CORE_REDACT_KNOWN_SET_INTERNAL_H */
