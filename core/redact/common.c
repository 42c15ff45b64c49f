#include <ctype.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <strings.h>

#include "core/base/secbuf.h"
#include "core/redact/piece_internal.h"

#include "core/redact/common.h"

/* No text is ruled with more of one character. */
#define RULE_MAX	256

static const char * const words[] = {
#define COMMON(text) text,
#include "core/redact/common.def"
#undef COMMON
};

static bool
is_word(const char * p, size_t len)
{
	size_t i;

	for (i = 0; i < COUNTOF(words); i++) {
		if (strlen(words[i]) == len &&
		    strncasecmp(words[i], p, len) == 0)
			return (true);
	}
	return (false);
}

/* "--------", "        ", and the stars of other systems' masks. */
static bool
is_rule(const char * p, size_t len)
{
	size_t i;

	if (len > RULE_MAX || isalnum((unsigned char)p[0]))
		return (false);
	for (i = 1; i < len; i++) {
		if (p[i] != p[0])
			return (false);
	}
	return (true);
}

/* 2030-01-31: every log line of that day has it. */
static bool
is_date(const char * p, size_t len)
{
	static const char shape[] = "dddd-dd-dd";
	size_t i;

	if (len != strlen(shape))
		return (false);
	for (i = 0; i < len; i++) {
		if (shape[i] == 'd' ? !isdigit((unsigned char)p[i]) :
		    p[i] != shape[i])
			return (false);
	}
	return (true);
}

/* Somebody saved what was masked. */
static bool
is_mask(const char * p, size_t len)
{
	static const char head[] = "[REDACTED:";
	const char * end;

	if (len == strlen(REDACT_SUPPRESSED) &&
	    strncmp(p, REDACT_SUPPRESSED, len) == 0)
		return (true);
	if (len <= strlen(head) || strncmp(p, head, strlen(head)) != 0)
		return (false);
	end = memchr(p, ']', len);
	return (end == &p[len - 1]);
}

static bool
is_blank(char c)
{

	return (c == ' ' || c == '\t' || c == '\r' || c == '\n');
}

/*
 * Our own text is long, and nearly no value is in it. A bit for each of its
 * windows says of nearly every value so, after a few of its bytes.
 */
#define OWN_WINDOW	8
#define OWN_BITS	20

static struct {
	pthread_mutex_t lock;
	_Atomic(const unsigned char *) text;	/* Whose bits; NULL: none. */
	uint8_t bits[(1 << OWN_BITS) / 8];
} known_own = { .lock = PTHREAD_MUTEX_INITIALIZER };

static uint32_t
own_bit(const void * p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return ((uint32_t)(v * 0x9e3779b97f4a7c15u >> (64 - OWN_BITS)));
}

/* The bits of the first text that comes, which is the only one there is. */
static void
learn_own(const unsigned char * own, size_t own_len)
{
	size_t i;
	uint32_t bit;

	must(pthread_mutex_lock(&known_own.lock) == 0);
	if (atomic_load(&known_own.text) == NULL) {
		for (i = 0; i + OWN_WINDOW <= own_len; i++) {
			bit = own_bit(own + i);
			known_own.bits[bit / 8] |= (uint8_t)(1u << bit % 8);
		}
		atomic_store(&known_own.text, own);
	}
	must(pthread_mutex_unlock(&known_own.lock) == 0);
}

static bool
is_own(const char * p, size_t len, const unsigned char * own, size_t own_len)
{
	size_t i;
	uint32_t bit;

	if (own != NULL && atomic_load(&known_own.text) == NULL)
		learn_own(own, own_len);
	for (i = 0; atomic_load(&known_own.text) == own &&
	    i + OWN_WINDOW <= len; i++) {
		bit = own_bit(p + i);
		if ((known_own.bits[bit / 8] & 1u << bit % 8) == 0)
			return (false);
	}
	return (memmem(own, own_len, p, len) != NULL);
}

static bool
is_common(const uint8_t * bytes, size_t len, const unsigned char * own,
    size_t own_len)
{
	const char * p = (const char *)bytes;

	if (is_rule(p, len))
		return (true);
	for (; len > 0 && is_blank(p[len - 1]); len--)
		;
	for (; len > 0 && is_blank(*p); len--)
		p++;
	/* With nothing but blanks around it, what is short is ours as well. */
	return (len == 0 || is_word(p, len) || is_rule(p, len) ||
	    is_date(p, len) || is_mask(p, len) ||
	    is_own(p, len, own, own_len));
}

/* Take the forms out of ${forms} that ${some} has too. */
static void
take_out(struct redact_forms * forms, const struct redact_forms * some)
{
	size_t i, j, kept = 0;

	for (i = 0; i < forms->n; i++) {
		for (j = 0; j < some->n; j++) {
			/* Keyed: who can time this learns nothing of it. */
			if (forms->v[i].length == some->v[j].length &&
			    memcmp(forms->v[i].mac, some->v[j].mac,
			    REDACT_MAC_LEN) == 0)
				break;
		}
		if (j == some->n)
			forms->v[kept++] = forms->v[i];
	}
	forms->n = kept;
}

/* The same bytes have the same forms, whatever they are a piece of. */
static enum sr_error
take_out_piece(const struct secbuf * key, const struct piece * piece,
    struct redact_forms * forms)
{
	struct redact_forms its;
	struct secbuf * bytes;
	enum sr_error err;

	if ((err = secbuf_copy(piece->p, piece->len, &bytes)) != SR_OK)
		return (err);
	err = redact_forms_of(key, bytes, &its);
	secbuf_free(&bytes);
	if (err != SR_OK)
		return (err);
	take_out(forms, &its);
	redact_forms_free(&its);
	return (SR_OK);
}

/** redact_forms_thin(key, value, own, own_len, forms): drop what is common. */
enum sr_error
redact_forms_thin(const struct secbuf * key, const struct secbuf * value,
    const unsigned char * own, size_t own_len, struct redact_forms * forms)
{
	const struct piece * piece;
	struct pieces pieces;
	enum sr_error err;
	size_t i;

	if ((err = pieces_of(value, &pieces)) != SR_OK)
		return (err);
	for (i = 0; i < pieces.n; i++) {
		piece = &pieces.v[i];
		if (!is_common(piece->p, piece->len, own, own_len))
			continue;
		if (piece->kind == REDACT_RAW)
			err = SR_E_SECRET_VALUE_COMMON;
		else
			err = take_out_piece(key, piece, forms);
		if (err != SR_OK)
			break;
	}
	pieces_free(&pieces);
	return (err);
}
