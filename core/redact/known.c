#include <stdlib.h>
#include <string.h>

#include "core/redact/alloc_internal.h"
#include "core/redact/known_set_internal.h"

#define BUCKETS_MIN	((size_t)256)

/* Longer labels would make masks longer than the lines they stand in. */
#define LABEL_MAX	((size_t)200)

/** known_bucket(mask, bytes): where 8 well-mixed bytes belong. */
size_t
known_bucket(size_t mask, const uint8_t * bytes)
{
	uint64_t n;

	memcpy(&n, bytes, sizeof(n));
	return ((size_t)(n & mask));
}

static size_t
secret_bucket(size_t mask, const struct sr_id * id)
{
	uint64_t a, b;

	memcpy(&a, &id->b[0], sizeof(a));
	memcpy(&b, &id->b[8], sizeof(b));
	/* Half of a UUIDv7 is time: the multiplication spreads the rest. */
	return ((size_t)((a ^ b) * UINT64_C(0x9e3779b97f4a7c15) >> 32 & mask));
}

/** known_new(out): an empty set. */
enum sr_error
known_new(struct known ** out)
{
	struct known * k;

	*out = NULL;
	if ((k = calloc(1, sizeof(*k))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	k->forms = calloc(BUCKETS_MIN, sizeof(struct known_form *));
	k->secrets = calloc(BUCKETS_MIN, sizeof(struct known_secret *));
	k->forms_mask = k->secrets_mask = BUCKETS_MIN - 1;
	*out = k;
	if (k->forms == NULL || k->secrets == NULL) {
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

/** known_free(k): release; *k becomes NULL, and may be. */
void
known_free(struct known ** k)
{
	struct known_secret * s;
	struct known_secret * next;
	size_t i;

	if (k == NULL || *k == NULL)
		return;
	for (i = 0; (*k)->secrets != NULL && i <= (*k)->secrets_mask; i++) {
		for (s = (*k)->secrets[i]; s != NULL; s = next) {
			next = s->next;
			secret_free(s);
		}
	}
	for (i = 0; i < WINDOW__MAX; i++)
		window_free(&(*k)->windows[i]);
	free((*k)->forms);
	free((*k)->secrets);
	free(*k);
	*k = NULL;
}

static bool
is_base64(enum redact_kind kind)
{

	return (kind == REDACT_BASE64_0 || kind == REDACT_BASE64_1 ||
	    kind == REDACT_BASE64_2);
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
		    .base64 = is_base64(forms[i].kind),
		    .windows = windows };
		memcpy(f->mac, forms[i].mac, sizeof(f->mac));
		memcpy(f->tag, forms[i].tag, sizeof(f->tag));
		memcpy(windows, forms[i].windows, forms[i].windows_len);
		windows += forms[i].windows_len / 8;
	}
}

/* Count the windows of each class; false if a form is not well made. */
static bool
count_windows(const struct redact_form * forms, size_t n,
    size_t counts[WINDOW__MAX])
{
	enum window_class class;
	size_t i;

	memset(counts, 0, WINDOW__MAX * sizeof(counts[0]));
	for (i = 0; i < n; i++) {
		if (forms[i].length < REDACT_FORM_MIN ||
		    forms[i].length > WINDOW_LENGTH_MAX)
			return (false);
		class = window_class_of(forms[i].length);
		if (forms[i].windows_len != 8 * window_shapes[class].count ||
		    forms[i].tag[REDACT_TAG_LEN] != '\0')
			return (false);
		counts[class] += window_shapes[class].count;
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

static void
link_secret(struct known * k, struct known_secret * s)
{
	struct known_form ** bucket;
	size_t i, at = secret_bucket(k->secrets_mask, &s->id);

	s->next = k->secrets[at];
	k->secrets[at] = s;
	k->secrets_n++;
	for (i = 0; i < s->n; i++) {
		bucket = &k->forms[known_bucket(k->forms_mask,
		    s->forms[i].mac)];
		s->forms[i].next = *bucket;
		*bucket = &s->forms[i];
		form_windows(k, &s->forms[i], window_insert);
	}
	k->forms_n += s->n;
}

static void
unlink_forms(struct known * k, struct known_secret * s)
{
	struct known_form ** f;
	size_t i;

	for (i = 0; i < s->n; i++) {
		f = &k->forms[known_bucket(k->forms_mask, s->forms[i].mac)];
		while (*f != &s->forms[i])
			f = &(*f)->next;
		*f = s->forms[i].next;
		form_windows(k, &s->forms[i], window_remove);
	}
	k->forms_n -= s->n;
}

/* Take out the versions ${first} to ${last} of ${id}. */
static void
drop(struct known * k, const struct sr_id * id, uint32_t first, uint32_t last)
{
	struct known_secret ** at;
	struct known_secret * s;

	at = &k->secrets[secret_bucket(k->secrets_mask, id)];
	while ((s = *at) != NULL) {
		if (!sr_id_equal(&s->id, id) || s->key_version < first ||
		    s->key_version > last) {
			at = &s->next;
			continue;
		}
		*at = s->next;
		k->secrets_n--;
		unlink_forms(k, s);
		secret_free(s);
	}
}

static enum sr_error
grow_forms(struct known * k, size_t more)
{
	struct known_form ** buckets;
	struct known_form * f;
	struct known_form * next;
	size_t i, at, n = k->forms_mask + 1;

	if (k->forms_n + more <= n)
		return (SR_OK);
	while (n < k->forms_n + more)
		n *= 2;
	if ((buckets = redact_alloc(n * sizeof(struct known_form *))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	memset(buckets, 0, n * sizeof(struct known_form *));
	for (i = 0; i <= k->forms_mask; i++) {
		for (f = k->forms[i]; f != NULL; f = next) {
			next = f->next;
			at = known_bucket(n - 1, f->mac);
			f->next = buckets[at];
			buckets[at] = f;
		}
	}
	free(k->forms);
	k->forms = buckets;
	k->forms_mask = n - 1;
	return (SR_OK);
}

static enum sr_error
grow_secrets(struct known * k)
{
	struct known_secret ** buckets;
	struct known_secret * s;
	struct known_secret * next;
	size_t i, at, n = k->secrets_mask + 1;

	if (k->secrets_n + 1 <= n)
		return (SR_OK);
	n *= 2;
	buckets = redact_alloc(n * sizeof(struct known_secret *));
	if (buckets == NULL)
		return (SR_E_OUT_OF_MEMORY);
	memset(buckets, 0, n * sizeof(struct known_secret *));
	for (i = 0; i <= k->secrets_mask; i++) {
		for (s = k->secrets[i]; s != NULL; s = next) {
			next = s->next;
			at = secret_bucket(n - 1, &s->id);
			s->next = buckets[at];
			buckets[at] = s;
		}
	}
	free(k->secrets);
	k->secrets = buckets;
	k->secrets_mask = n - 1;
	return (SR_OK);
}

static enum sr_error
reserve(struct known * k, size_t forms, const size_t counts[WINDOW__MAX])
{
	enum sr_error err;
	size_t i;

	if ((err = grow_secrets(k)) != SR_OK ||
	    (err = grow_forms(k, forms)) != SR_OK)
		return (err);
	for (i = 0; i < WINDOW__MAX; i++) {
		if (counts[i] != 0 &&
		    (err = window_reserve(&k->windows[i], counts[i])) != SR_OK)
			return (err);
	}
	return (SR_OK);
}

/** known_put(k, id, key_version, label, forms, n): replace that version. */
enum sr_error
known_put(struct known * k, const struct sr_id * id, uint32_t key_version,
    const char * label, const struct redact_form * forms, size_t n)
{
	struct known_secret * s;
	size_t counts[WINDOW__MAX];
	enum sr_error err;

	if (!count_windows(forms, n, counts))
		return (SR_E_INTERNAL_ERROR);
	s = secret_new(id, key_version, label, forms, n,
	    counts[WINDOW_SHORT] + counts[WINDOW_MEDIUM] + counts[WINDOW_LONG]);
	if (s == NULL)
		return (SR_E_OUT_OF_MEMORY);
	/* All room first: from then on nothing can fail half way. */
	if ((err = reserve(k, n, counts)) != SR_OK) {
		secret_free(s);
		return (err);
	}
	drop(k, id, key_version, key_version);
	link_secret(k, s);
	return (SR_OK);
}

/** known_drop(k, id): forget all versions of ${id}. */
void
known_drop(struct known * k, const struct sr_id * id)
{

	drop(k, id, 0, UINT32_MAX);
}

/** known_from(k, id, key_version): forget versions of ${id} before it. */
void
known_from(struct known * k, const struct sr_id * id, uint32_t key_version)
{

	if (key_version != 0)
		drop(k, id, 0, key_version - 1);
}

/** known_count(k): versions in the set. */
size_t
known_count(const struct known * k)
{

	return (k->secrets_n);
}
