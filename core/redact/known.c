#include <stdlib.h>
#include <string.h>

#include "core/redact/alloc_internal.h"
#include "core/redact/known_set_internal.h"

/* Longer labels would make masks longer than the lines they stand in. */
#define LABEL_MAX	((size_t)200)

static size_t
bucket(const struct sr_id * id)
{
	uint64_t a, b;

	memcpy(&a, &id->b[0], sizeof(a));
	memcpy(&b, &id->b[8], sizeof(b));
	/* Half of a UUIDv7 is time: the multiplication spreads the rest. */
	return ((size_t)((a ^ b) * UINT64_C(0x9e3779b97f4a7c15) >> 32 &
	    (KNOWN_BUCKETS - 1)));
}

/** known_new(out): an empty set. */
enum sr_error
known_new(struct known ** out)
{
	struct known * k;

	*out = NULL;
	if ((k = calloc(1, sizeof(*k))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	must(pthread_mutex_init(&k->lock, NULL) == 0);
	k->epoch = calloc(1, sizeof(*k->epoch));
	k->secrets = calloc(KNOWN_BUCKETS, sizeof(struct known_secret *));
	*out = k;
	if (k->epoch == NULL || k->secrets == NULL) {
		known_free(out);
		return (SR_E_OUT_OF_MEMORY);
	}
	return (SR_OK);
}

static void
secret_free(struct known_secret * s)
{

	if (s == NULL)
		return;
	free(s->label);
	free(s->forms);
	free(s->windows);
	free(s);
}

static void
release(struct epoch_grave * grave)
{

	secret_free((void *)grave);
}

/** known_free(k): release; *k becomes NULL, and may be. */
void
known_free(struct known ** k)
{
	struct known_secret * s;
	struct known_secret * next;
	size_t i;

	if (k == NULL || *k == NULL)
		return;
	for (i = 0; (*k)->secrets != NULL && i < KNOWN_BUCKETS; i++) {
		for (s = (*k)->secrets[i]; s != NULL; s = next) {
			next = s->next;
			secret_free(s);
		}
	}
	if ((*k)->epoch != NULL)
		epoch_end((*k)->epoch);
	for (i = 0; i < WINDOW__MAX; i++)
		window_free(&(*k)->windows[i]);
	form_index_free(&(*k)->forms);
	(void)pthread_mutex_destroy(&(*k)->lock);
	free((*k)->epoch);
	free((*k)->secrets);
	free(*k);
	*k = NULL;
}

/* A label that masks may show: it must not end or nest a mask. */
static char *
label_copy(const char * label)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789._-/@+";
	size_t len = strlen(label);
	char * copy;

	if (len == 0 || len > LABEL_MAX || strspn(label, allowed) != len) {
		label = "secret";
		len = strlen(label);
	}
	if ((copy = redact_alloc(len + 1)) != NULL)
		memcpy(copy, label, len + 1);
	return (copy);
}

static void
fill_forms(struct known_secret * s, const struct redact_form * forms)
{
	uint64_t * windows = s->windows;
	struct known_form * f;
	size_t i;

	for (i = 0; i < s->n; i++) {
		f = &s->forms[i];
		*f = (struct known_form){ .secret = s,
		    .length = forms[i].length,
		    .base64 = fingerprint_base64(forms[i].kind),
		    .windows = windows };
		memcpy(f->mac, forms[i].mac, sizeof(f->mac));
		memcpy(f->tag, forms[i].tag, sizeof(f->tag));
		f->begin = (uint8_t)fingerprint_begin(&forms[i]);
		memcpy(windows, forms[i].windows,
		    forms[i].windows_len / 8 * sizeof(*windows));
		windows += forms[i].windows_len / 8;
	}
}

/* Count the windows; false if a form is not well made. */
static bool
count_windows(const struct redact_form * forms, size_t n, size_t * windows)
{
	size_t i;

	*windows = 0;
	for (i = 0; i < n; i++) {
		if (forms[i].length < REDACT_FORM_MIN ||
		    forms[i].length > WINDOW_LENGTH_MAX)
			return (false);
		if (!fingerprint_windows_ok(&forms[i]) ||
		    forms[i].tag[REDACT_TAG_LEN] != '\0')
			return (false);
		*windows += forms[i].windows_len / 8;
	}
	return (true);
}

static struct known_secret *
secret_new(const struct sr_id * id, uint32_t key_version, const char * label,
    const struct redact_form * forms, size_t n, size_t windows)
{
	struct known_secret * s;

	if ((s = redact_alloc(sizeof(*s))) == NULL)
		return (NULL);
	*s = (struct known_secret){ .id = *id, .key_version = key_version,
	    .n = n };
	s->label = label_copy(label);
	/* One more than needed: none of either is no special case. */
	s->forms = redact_alloc((n + 1) * sizeof(*s->forms));
	s->windows = redact_alloc((windows + 1) * sizeof(*s->windows));
	if (s->label == NULL || s->forms == NULL || s->windows == NULL) {
		secret_free(s);
		return (NULL);
	}
	fill_forms(s, forms);
	return (s);
}

static void
form_windows(struct known * k, const struct known_form * f,
    void (*change)(struct window_table *, uint64_t, uint32_t))
{
	enum window_class class = window_class_of(f->length);
	size_t i;

	for (i = 0; i < window_shapes[class].count; i++)
		change(&k->windows[class], f->windows[i],
		    window_where(f->length, f->base64, i));
}

/* Told before the form is there, and after it is gone. */
static void
count_begin(struct known * k, const struct known_form * f, bool more)
{
	atomic_size_t * n = &k->begins[f->begin];

	if (f->base64 || window_class_of(f->length) != WINDOW_SHORT)
		return;
	if (more)
		(void)atomic_fetch_add(n, 1);
	else
		(void)atomic_fetch_sub(n, 1);
}

/** known_least_begin(k): what all short forms not in base64 begin with. */
enum fingerprint_begin
known_least_begin(const struct known * k)
{
	unsigned i = FINGERPRINT_ANY;

	while (i < FINGERPRINT_WORD && atomic_load(&k->begins[i]) == 0)
		i++;
	return ((enum fingerprint_begin)i);
}

static void
link_secret(struct known * k, struct known_secret * s)
{
	struct known_secret ** at = &k->secrets[bucket(&s->id)];
	size_t i;

	s->next = *at;
	*at = s;
	(void)atomic_fetch_add(&k->count, 1);
	for (i = 0; i < s->n; i++) {
		count_begin(k, &s->forms[i], true);
		form_index_add(&k->forms, &s->forms[i]);
		form_windows(k, &s->forms[i], window_insert);
	}
}

static void
unlink_forms(struct known * k, struct known_secret * s)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		form_windows(k, &s->forms[i], window_remove);
		form_index_remove(&k->forms, &s->forms[i]);
		count_begin(k, &s->forms[i], false);
	}
}

/* Take out the versions ${first} to ${last} of ${id}, but not ${keep}. */
static void
drop(struct known * k, const struct sr_id * id, uint32_t first, uint32_t last,
    const struct known_secret * keep)
{
	struct known_secret ** at = &k->secrets[bucket(id)];
	struct known_secret * s;

	while ((s = *at) != NULL) {
		if (s == keep || !sr_id_equal(&s->id, id) ||
		    s->key_version < first || s->key_version > last) {
			at = &s->next;
			continue;
		}
		*at = s->next;
		(void)atomic_fetch_sub(&k->count, 1);
		unlink_forms(k, s);
		epoch_retire(k->epoch, &s->grave, release);
	}
}

/* After each change: what is due to be made or released. */
static void
tend(struct known * k)
{
	size_t i;

	for (i = 0; i < WINDOW__MAX; i++)
		window_tend(&k->windows[i], k->epoch);
	epoch_sweep(k->epoch);
}

static enum sr_error
reserve(struct known * k, const struct known_secret * s)
{
	struct window_more more;
	const struct known_form * f;
	size_t class, i, j;
	enum sr_error err;

	for (class = 0; class < WINDOW__MAX; class++) {
		memset(&more, 0, sizeof(more));
		for (i = 0; i < s->n; i++) {
			f = &s->forms[i];
			if (window_class_of(f->length) != class)
				continue;
			more.all += window_shapes[class].count;
			for (j = 0; j < window_shapes[class].count; j++)
				more.n[window_shard_of(f->windows[j])]++;
		}
		if (more.all != 0 && (err = window_reserve(&k->windows[class],
		    k->epoch, &more)) != SR_OK)
			return (err);
	}
	return (form_index_reserve(&k->forms, k->epoch, s->forms, s->n));
}

/** known_put(k, id, key_version, label, forms, n): replace that version. */
enum sr_error
known_put(struct known * k, const struct sr_id * id, uint32_t key_version,
    const char * label, const struct redact_form * forms, size_t n)
{
	struct known_secret * s;
	size_t windows;
	enum sr_error err;

	if (!count_windows(forms, n, &windows))
		return (SR_E_INTERNAL_ERROR);
	s = secret_new(id, key_version, label, forms, n, windows);
	if (s == NULL)
		return (SR_E_OUT_OF_MEMORY);
	must(pthread_mutex_lock(&k->lock) == 0);
	/* All room first: from then on nothing can fail half way. */
	if ((err = reserve(k, s)) == SR_OK) {
		/* What both versions have stays known all the time. */
		link_secret(k, s);
		drop(k, id, key_version, key_version, s);
	} else {
		secret_free(s);
	}
	tend(k);
	must(pthread_mutex_unlock(&k->lock) == 0);
	return (err);
}

static void
drop_locked(struct known * k, const struct sr_id * id, uint32_t last)
{

	must(pthread_mutex_lock(&k->lock) == 0);
	drop(k, id, 0, last, NULL);
	tend(k);
	must(pthread_mutex_unlock(&k->lock) == 0);
}

/** known_drop(k, id): forget all versions of ${id}. */
void
known_drop(struct known * k, const struct sr_id * id)
{

	drop_locked(k, id, UINT32_MAX);
}

/** known_from(k, id, key_version): forget versions of ${id} before it. */
void
known_from(struct known * k, const struct sr_id * id, uint32_t key_version)
{

	if (key_version > 0)
		drop_locked(k, id, key_version - 1);
}

/** known_count(k): versions in the set. */
size_t
known_count(const struct known * k)
{

	return (atomic_load(&k->count));
}

/** known_enter(k): a reader comes. */
unsigned
known_enter(const struct known * k)
{

	return (epoch_enter(k->epoch));
}

/** known_leave(k, side): and goes. */
void
known_leave(const struct known * k, unsigned side)
{

	epoch_leave(k->epoch, side);
}
