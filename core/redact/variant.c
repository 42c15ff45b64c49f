#include <stdlib.h>
#include <string.h>

#include <nettle/base64.h>

#include "core/base/secbuf_bytes.h"
#include "core/redact/fingerprint_internal.h"
#include "core/redact/piece_internal.h"

static const char * const kind_names[REDACT_KIND__MAX] = {
	[REDACT_RAW] = "raw",
	[REDACT_LINE] = "line",
	[REDACT_LEAF] = "leaf",
	[REDACT_BASE64_0] = "base64_0",
	[REDACT_BASE64_1] = "base64_1",
	[REDACT_BASE64_2] = "base64_2",
};

/* What making the forms of one value needs. */
struct maker {
	const struct fingerprint_keys * keys;
	struct redact_forms * forms;
	uint8_t * base64;		/* In locked pages. */
	char tag[REDACT_TAG_LEN + 1];
};

static void
add_form(struct maker * m, enum redact_kind kind, const uint8_t * p,
    size_t len)
{
	struct redact_form * form = &m->forms->v[m->forms->n++];

	form->kind = kind;
	form->length = (uint32_t)len;
	fingerprint_windows(m->keys, p, len, form);
	fingerprint_mac(m->keys, p, len, form->mac);
	memcpy(form->tag, m->tag, sizeof(m->tag));
}

/*
 * Base64 of ${p} where ${shift} other bytes come before it in its group of
 * three. Characters that also carry bits of a neighbour are cut off at both
 * ends: the first whole one is at ceil(8 * shift / 6), behind the last whole
 * one is floor(8 * (shift + len) / 6).
 */
static void
add_base64(struct maker * m, size_t shift, const uint8_t * p, size_t len)
{
	uint8_t group[3] = { 0, 0, 0 };
	size_t head = 3 - shift;
	size_t first = (8 * shift + 5) / 6;
	size_t end = 8 * (shift + len) / 6;

	memcpy(&group[shift], p, head);
	base64_encode_raw((char *)m->base64, sizeof(group), group);
	base64_encode_raw((char *)m->base64 + 4, len - head, &p[head]);
	explicit_bzero(group, sizeof(group));
	add_form(m, (enum redact_kind)(REDACT_BASE64_0 + shift),
	    &m->base64[first], end - first);
}

static void
add_pieces(struct maker * m, const struct pieces * pieces)
{
	const struct piece * piece;
	size_t i, shift;

	for (i = 0; i < pieces->n; i++) {
		piece = &pieces->v[i];
		add_form(m, piece->kind, piece->p, piece->len);
		for (shift = 0; shift < 3; shift++)
			add_base64(m, shift, piece->p, piece->len);
	}
}

static enum sr_error
make_forms(const struct fingerprint * f, const struct secbuf * value,
    const struct pieces * pieces, struct redact_forms * forms)
{
	struct maker m = { .keys = fingerprint_keys(f), .forms = forms };
	struct secbuf * base64;
	size_t len = secbuf_len(value);
	enum sr_error err;

	/* The longest form's base64 with its head's group and its padding. */
	err = secbuf_new(BASE64_ENCODE_RAW_LENGTH(len + 2) + 8, &base64);
	if (err == SR_E_LIMIT_EXCEEDED)
		return (SR_E_SECRET_VALUE_INVALID);
	if (err != SR_OK)
		return (err);
	secbuf_set_len(base64, secbuf_cap(base64));
	m.base64 = secbuf_writable(base64);
	err = SR_E_OUT_OF_MEMORY;
	if ((forms->v = calloc(4 * pieces->n, sizeof(*forms->v))) == NULL)
		goto out;
	fingerprint_tag(m.keys, secbuf_bytes(value), len, m.tag);
	add_pieces(&m, pieces);
	err = SR_OK;

out:
	secbuf_free(&base64);
	return (err);
}

/**
 * redact_forms_of(key, value, forms):
 * Compute the forms of ${value} under the 32-byte ${key}.
 */
enum sr_error
redact_forms_of(const struct secbuf * key, const struct secbuf * value,
    struct redact_forms * forms)
{
	struct fingerprint * f;
	struct pieces pieces;
	enum sr_error err;

	*forms = (struct redact_forms){ .n = 0 };
	if (secbuf_len(value) < REDACT_FORM_MIN)
		return (SR_E_SECRET_VALUE_INVALID);
	if ((err = fingerprint_new(key, &f)) != SR_OK)
		return (err);
	if ((err = pieces_of(value, &pieces)) == SR_OK) {
		err = make_forms(f, value, &pieces, forms);
		pieces_free(&pieces);
	}
	fingerprint_free(&f);
	return (err);
}

/** redact_forms_free(forms): release; empty after. */
void
redact_forms_free(struct redact_forms * forms)
{

	if (forms == NULL)
		return;
	free(forms->v);
	*forms = (struct redact_forms){ .n = 0 };
}

/** redact_kind_name(kind): "raw", "line", "base64_0" and so on. */
const char *
redact_kind_name(enum redact_kind kind)
{

	must(kind < REDACT_KIND__MAX);
	return (kind_names[kind]);
}

/** redact_kind_parse(name, kind): the kind called ${name}. */
bool
redact_kind_parse(const char * name, enum redact_kind * kind)
{
	size_t i;

	for (i = 0; i < REDACT_KIND__MAX; i++) {
		if (strcmp(kind_names[i], name) == 0) {
			*kind = (enum redact_kind)i;
			return (true);
		}
	}
	return (false);
}
