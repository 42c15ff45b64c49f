#ifndef SR_CORE_REDACT_BUNDLE_INTERNAL_H
#define SR_CORE_REDACT_BUNDLE_INTERNAL_H

/* For bundle*.c alone: numbers of bundle.FORMAT. */

#include "core/redact/bundle.h"

#define BUNDLE_MAGIC		"STRONGROOM-BUNDLE\n"
#define BUNDLE_MAGIC_LEN	((size_t)18)
#define BUNDLE_VERSION		1
#define BUNDLE_SHORT		0x01
#define BUNDLE_KEY_AT		(BUNDLE_MAGIC_LEN + 2)
#define BUNDLE_KEY_LEN		((size_t)32)
#define BUNDLE_SECRETS_AT	(BUNDLE_KEY_AT + BUNDLE_KEY_LEN)
#define BUNDLE_HEAD_LEN		(BUNDLE_SECRETS_AT + 4)
#define BUNDLE_MAC_LEN		((size_t)32)

/** bundle_mac(key, bytes, len, mac): the MAC of ${len} bytes. */
void bundle_mac(const uint8_t key[BUNDLE_KEY_LEN], const void * bytes,
    size_t len, uint8_t mac[BUNDLE_MAC_LEN]);

#endif /* !SR_CORE_REDACT_BUNDLE_INTERNAL_H */
