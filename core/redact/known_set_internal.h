#ifndef SR_CORE_REDACT_KNOWN_SET_INTERNAL_H
#define SR_CORE_REDACT_KNOWN_SET_INTERNAL_H

/* For known*.c alone: how the live set is held. */

#include <pthread.h>

#include "core/redact/epoch_internal.h"
#include "core/redact/known_internal.h"
#include "core/redact/window_internal.h"

#define KNOWN_BUCKETS	((size_t)1 << 14)
#define FORM_SHARDS	((size_t)256)

struct known_secret;

struct known_form {
	const struct known_secret * secret;
	uint32_t length;
	bool base64;
	uint8_t begin;			/* enum fingerprint_begin. */
	char tag[REDACT_TAG_LEN + 1];
	uint8_t mac[REDACT_MAC_LEN];
	const uint64_t * windows;
};

struct known_secret {
	struct epoch_grave grave;
	struct known_secret * next;	/* In its bucket; for writers. */
	struct sr_id id;
	uint32_t key_version;
	char * label;
	struct known_form * forms;
	size_t n;
	uint64_t * windows;		/* Of all forms, one after another. */
};

/* Forms by their MAC: open addressing, in shards that grow one by one. */
struct form_slots {
	struct epoch_grave grave;
	size_t mask;
	_Atomic(const struct known_form *) v[];
};

struct form_index {
	struct {
		_Atomic(struct form_slots *) slots;	/* NULL: empty. */
		uint32_t used, taken;
	} shards[FORM_SHARDS];
};

struct known {
	pthread_mutex_t lock;		/* Of writers. */
	struct epoch * epoch;		/* Readers of a const set count. */
	atomic_size_t count;		/* Secrets. */
	struct window_table windows[WINDOW__MAX];
	struct form_index forms;
	/* Short forms not in base64, by what they begin with. */
	atomic_size_t begins[FINGERPRINT_BEGIN__MAX];
	struct known_secret ** secrets;	/* Buckets by id; for writers. */
};

/**
 * form_index_reserve(x, e, forms, n): room for these. Errors: OUT_OF_MEMORY.
 * form_index_add(x, form), form_index_remove(x, form): cannot fail then.
 */
SR_NODISCARD enum sr_error form_index_reserve(struct form_index * x,
    struct epoch * e, const struct known_form * forms, size_t n);
void form_index_add(struct form_index * x, const struct known_form * form);
void form_index_remove(struct form_index * x, const struct known_form * form);

/** form_index_free(x): release; there are no readers. */
void form_index_free(struct form_index * x);

/**
 * known_least_begin(k):
 * What all short forms that are not in base64 begin with, and maybe more.
 */
enum fingerprint_begin known_least_begin(const struct known * k);

/** known_find(k, mac, length, base64): the form, or NULL. */
const struct known_form * known_find(const struct known * k,
    const uint8_t mac[REDACT_MAC_LEN], size_t length, bool base64);

#endif /* !SR_CORE_REDACT_KNOWN_SET_INTERNAL_H */
