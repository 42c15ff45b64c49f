#include <stdlib.h>
#include <string.h>

#include "core/redact/alloc_internal.h"
#include "core/redact/known_set_internal.h"

#define SLOTS_MIN	((size_t)8)

/* What was removed. */
static const struct known_form gone;

static uint64_t
key_of(const uint8_t mac[REDACT_MAC_LEN])
{
	uint64_t key;

	memcpy(&key, mac, sizeof(key));
	return (key);
}

static size_t
shard_of(uint64_t key)
{

	return (key >> 56);
}

static const struct known_form *
slot(const struct form_slots * s, size_t i)
{

	return (atomic_load_explicit(&s->v[i & s->mask],
	    memory_order_acquire));
}

/* Put ${form} where nothing is; return whether the slot was never used. */
static bool
put(struct form_slots * s, const struct known_form * form)
{
	const struct known_form * was;
	size_t i = (size_t)key_of(form->mac);

	while ((was = slot(s, i)) != NULL && was != &gone)
		i++;
	atomic_store_explicit(&s->v[i & s->mask], form, memory_order_release);
	return (was == NULL);
}

static void
release(struct epoch_grave * grave)
{

	free(grave);
}

static enum sr_error
resize(struct form_index * x, size_t shard, struct epoch * e, size_t cap)
{
	struct form_slots * old = atomic_load(&x->shards[shard].slots);
	struct form_slots * s;
	const struct known_form * form;
	size_t i, size = sizeof(*s) + cap * sizeof(s->v[0]);

	if ((s = redact_alloc(size)) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	memset(s, 0, size);
	s->mask = cap - 1;
	for (i = 0; old != NULL && i <= old->mask; i++) {
		form = slot(old, i);
		if (form != NULL && form != &gone)
			(void)put(s, form);
	}
	atomic_store(&x->shards[shard].slots, s);
	x->shards[shard].taken = x->shards[shard].used;
	if (old != NULL)
		epoch_retire(e, &old->grave, release);
	return (SR_OK);
}

/** form_index_reserve(x, e, forms, n): room for these. */
enum sr_error
form_index_reserve(struct form_index * x, struct epoch * e,
    const struct known_form * forms, size_t n)
{
	uint32_t more[FORM_SHARDS] = { 0 };
	const struct form_slots * s;
	size_t i, cap;
	enum sr_error err;

	for (i = 0; i < n; i++)
		more[shard_of(key_of(forms[i].mac))]++;
	for (i = 0; i < FORM_SHARDS; i++) {
		s = atomic_load(&x->shards[i].slots);
		if (more[i] == 0 || (s != NULL &&
		    x->shards[i].taken + more[i] <= (s->mask + 1) / 8 * 6))
			continue;
		cap = SLOTS_MIN;
		while (x->shards[i].used + more[i] > cap / 2)
			cap *= 2;
		if ((err = resize(x, i, e, cap)) != SR_OK)
			return (err);
	}
	return (SR_OK);
}

/** form_index_add(x, form): cannot fail after form_index_reserve. */
void
form_index_add(struct form_index * x, const struct known_form * form)
{
	size_t shard = shard_of(key_of(form->mac));

	x->shards[shard].used++;
	if (put(atomic_load(&x->shards[shard].slots), form))
		x->shards[shard].taken++;
}

/** form_index_remove(x, form): undo one form_index_add. */
void
form_index_remove(struct form_index * x, const struct known_form * form)
{
	uint64_t key = key_of(form->mac);
	size_t i = (size_t)key, shard = shard_of(key);
	struct form_slots * s = atomic_load(&x->shards[shard].slots);

	while (slot(s, i) != form)
		i++;
	atomic_store_explicit(&s->v[i & s->mask], &gone, memory_order_release);
	x->shards[shard].used--;
}

/** form_index_free(x): release; there are no readers. */
void
form_index_free(struct form_index * x)
{
	size_t i;

	for (i = 0; i < FORM_SHARDS; i++)
		free(atomic_load(&x->shards[i].slots));
}

/**
 * known_find(k, mac, length, base64):
 * The form, or NULL. If several secrets share it, the one whose label sorts
 * first, so that every worker gives the same mask.
 */
const struct known_form *
known_find(const struct known * k, const uint8_t mac[REDACT_MAC_LEN],
    size_t length, bool base64)
{
	const struct known_form * found = NULL;
	const struct known_form * f;
	const struct form_slots * s;
	uint64_t key = key_of(mac);
	size_t i = (size_t)key;

	s = atomic_load_explicit(&k->forms.shards[shard_of(key)].slots,
	    memory_order_acquire);
	if (s == NULL)
		return (NULL);
	for (; (f = slot(s, i)) != NULL; i++) {
		if (f == &gone || f->length != length || f->base64 != base64 ||
		    memcmp(f->mac, mac, REDACT_MAC_LEN) != 0)
			continue;
		if (found == NULL ||
		    strcmp(f->secret->label, found->secret->label) < 0)
			found = f;
	}
	return (found);
}

/** known_form_secret(form): whose it is. */
const struct sr_id *
known_form_secret(const struct known_form * form)
{

	return (&form->secret->id);
}

/** known_form_label(form): what masks call it. */
const char *
known_form_label(const struct known_form * form)
{

	return (form->secret->label);
}

/** known_form_tag(form): its secret's tag. */
const char *
known_form_tag(const struct known_form * form)
{

	return (form->tag);
}
