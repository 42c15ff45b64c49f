#ifndef SR_TESTS_CORE_REDACT_FORMS_H
#define SR_TESTS_CORE_REDACT_FORMS_H

#include "core/redact/fingerprint_internal.h"
#include "tests/core/redact/kit.h"

/* Whether ${forms} has one of ${kind} with exactly these bytes. */
KIT_UNUSED static bool
kit_has_form(const struct redact_forms * forms, enum redact_kind kind,
    const char * bytes, size_t len)
{
	struct secbuf * key = kit_key();
	struct fingerprint * f;
	uint8_t mac[REDACT_MAC_LEN];
	size_t i;

	ASSERT_ERR_FATAL(fingerprint_new(key, &f), SR_OK);
	fingerprint_mac(fingerprint_keys(f), (const uint8_t *)bytes, len, mac);
	fingerprint_free(&f);
	secbuf_free(&key);
	for (i = 0; i < forms->n; i++) {
		if (forms->v[i].kind == kind && forms->v[i].length == len &&
		    memcmp(forms->v[i].mac, mac, sizeof(mac)) == 0)
			return (true);
	}
	return (false);
}

#endif /* !SR_TESTS_CORE_REDACT_FORMS_H */
