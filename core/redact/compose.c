#include <nettle/base64.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/redact/compose_internal.h"
#include "core/redact/gate_internal.h"
#include "core/redact/redacted_internal.h"

#define NAME_MAX_LEN	((size_t)254)

/** compose_new(r, channel, max, out): a composer of at most ${max} bytes. */
enum sr_error
compose_new(struct redact * r, enum redact_channel channel, size_t max,
    struct compose ** out)
{
	struct compose * c;

	*out = NULL;
	if ((c = calloc(1, sizeof(*c))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	c->r = r;
	c->channel = channel;
	strbuf_init(&c->text, max);
	*out = c;
	return (SR_OK);
}

/** compose_free(c): drop it; *c becomes NULL; *c may be NULL. */
void
compose_free(struct compose ** c)
{

	if (c == NULL || *c == NULL)
		return;
	strbuf_free(&(*c)->text);
	memo_free(&(*c)->memo);
	free(*c);
	*c = NULL;
}

/** compose_constant(c, text): a text with static storage from our own. */
void
compose_constant(struct compose * c, const char * text)
{

	strbuf_puts(&c->text, text);
}

/** compose_id(c, id): the UUID's text. */
void
compose_id(struct compose * c, const struct sr_id * id)
{
	char text[SR_ID_STRLEN + 1];

	sr_id_format(id, text);
	strbuf_puts(&c->text, text);
}

/** compose_u64(c, n): decimal. */
void
compose_u64(struct compose * c, uint64_t n)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n != 0);
	strbuf_add(&c->text, &digits[at], sizeof(digits) - at);
}

/** compose_i64(c, n): decimal. */
void
compose_i64(struct compose * c, int64_t n)
{

	strbuf_printf(&c->text, "%lld", (long long)n);
}

/** compose_time(c, t): RFC 3339. */
void
compose_time(struct compose * c, sr_time t)
{
	char text[SR_TIME_STRLEN + 1];

	clock_format(t, text);
	strbuf_puts(&c->text, text);
}

/** compose_hex(c, bytes, len): lower-case hex. */
void
compose_hex(struct compose * c, const uint8_t * bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	char text[2 * COMPOSE_HEX_MAX];
	size_t i;

	must(len <= COMPOSE_HEX_MAX);
	for (i = 0; i < len; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	strbuf_add(&c->text, text, 2 * len);
}

/** compose_base64(c, bytes, len): of at most 128 bytes. */
void
compose_base64(struct compose * c, const uint8_t * bytes, size_t len)
{
	char text[BASE64_ENCODE_RAW_LENGTH(128)];

	must(len <= 128);
	base64_encode_raw(text, len, bytes);
	strbuf_add(&c->text, text, BASE64_ENCODE_RAW_LENGTH(len));
}

/** compose_withhold(c, cause): text was withheld. */
void
compose_withhold(struct compose * c, enum redact_cause cause)
{

	if (c->withheld == REDACT_CAUSE_NONE)
		c->withheld = cause;
}

static bool
is_name(const char * name, size_t len)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789._-/:@+,";

	return (len >= 1 && len <= NAME_MAX_LEN &&
	    strspn(name, allowed) == len);
}

/* Whether neither rules nor, if the engine is ready, known secrets object. */
static bool
name_passes(struct compose * c, const char * name, size_t len)
{
	struct redact_hits hits;
	enum redact_cause cause = REDACT_CAUSE_ENGINE;

	if (!is_name(name, len))
		return (false);
	if (c->r != NULL)
		cause = gate_look(c->r, GATE_BEST, name, len, &hits);
	if (cause != REDACT_CAUSE_NONE) {
		compose_withhold(c, cause);
		return (false);
	}
	c->hits.known += hits.known;
	c->hits.rules += hits.rules;
	return (hits.known == 0 && hits.rules == 0);
}

/** compose_name(c, name): typed metadata. */
void
compose_name(struct compose * c, const char * name)
{
	size_t len = strlen(name);

	if (name_passes(c, name, len))
		strbuf_add(&c->text, name, len);
	else
		strbuf_puts(&c->text, REDACT_SUPPRESSED);
}

/* ${text} through the gate, or NULL: withheld. */
static struct redacted *
gated(struct compose * c, const char * text, size_t len)
{
	struct redact_hits hits;
	struct redacted * t = NULL;

	if (c->r == NULL) {
		compose_withhold(c, REDACT_CAUSE_ENGINE);
		return (NULL);
	}
	if (redact_text(c->r, c->channel, text, len, &hits, &t) != SR_OK) {
		compose_withhold(c, redact_last_cause());
		return (NULL);
	}
	c->hits.known += hits.known;
	c->hits.rules += hits.rules;
	return (t);
}

/** compose_text(c, text, len): free text, through the gate. */
void
compose_text(struct compose * c, const char * text, size_t len)
{
	struct redacted * t = gated(c, text, len);

	if (t == NULL)
		strbuf_puts(&c->text, REDACT_SUPPRESSED);
	else
		strbuf_add(&c->text, t->bytes, t->len);
	redacted_free(&t);
}

/* At most ${most} bytes of ${text}; fewer if these would end in a character. */
static size_t
cut(const char * text, size_t len, size_t most)
{
	size_t n;

	if (len <= most)
		return (len);
	for (n = most; n > 0 && most - n < 4; n--) {
		if (((unsigned char)text[n] & 0xc0) != 0x80)
			return (n);
	}
	return (most);
}

/** compose_json_text_most(c, text, len, most): and cut to ${most} bytes. */
void
compose_json_text_most(struct compose * c, const char * text, size_t len,
    size_t most)
{
	struct redacted * t = gated(c, text, len);
	size_t n;

	if (t == NULL) {
		strbuf_puts(&c->text, REDACT_SUPPRESSED);
		return;
	}
	n = cut(t->bytes, t->len, most);
	strbuf_json(&c->text, t->bytes, n);
	if (n < t->len)
		strbuf_puts(&c->text, "\xe2\x80\xa6");
	redacted_free(&t);
}

/** compose_json_text(c, text, len): as compose_text, escaped for JSON. */
void
compose_json_text(struct compose * c, const char * text, size_t len)
{

	compose_json_text_most(c, text, len, SIZE_MAX);
}

/** compose_json_redacted(c, t, from, len): what passed, escaped for JSON. */
void
compose_json_redacted(struct compose * c, const struct redacted * t,
    size_t from, size_t len)
{

	must(from <= t->len && len <= t->len - from);
	strbuf_json(&c->text, &t->bytes[from], len);
}

/** compose_redacted_json(c, t): without controls of 8 bits. */
void
compose_redacted_json(struct compose * c, const struct redacted * t)
{
	char escape[8];
	size_t i, n;

	for (i = 0; i < t->len; i += n) {
		const uint8_t * p = (const uint8_t *)&t->bytes[i];
		bool pair = p[0] == 0xc2 && i + 1 < t->len && p[1] >= 0x80 &&
		    p[1] <= 0x9f;

		n = pair ? 2 : 1;
		if (pair || p[0] == 0x7f) {
			(void)snprintf(escape, sizeof(escape), "\\u%04x",
			    p[n - 1]);
			strbuf_puts(&c->text, escape);
		} else {
			strbuf_putc(&c->text, (char)p[0]);
		}
	}
}

/** compose_redacted(c, t): append what passed before. */
void
compose_redacted(struct compose * c, const struct redacted * t)
{

	strbuf_add(&c->text, t->bytes, t->len);
}

/** compose_withheld(c): whether any text was withheld so far, and why. */
enum redact_cause
compose_withheld(const struct compose * c)
{

	return (c->withheld);
}

/** compose_hits(c): what was masked so far. */
struct redact_hits
compose_hits(const struct compose * c)
{

	return (c->hits);
}

/** compose_finish(c, out): end ${c} and hand out its text. */
enum sr_error
compose_finish(struct compose ** c, struct redacted ** out)
{
	const struct strbuf * text = &(*c)->text;
	enum sr_error err;

	*out = NULL;
	err = strbuf_status(text);
	if (err == SR_OK &&
	    (*out = redacted_copy(strbuf_str(text), text->len)) == NULL)
		err = SR_E_OUT_OF_MEMORY;
	compose_free(c);
	return (err);
}

/** compose_finish_scanned(c, hits, out): after one more look at the whole. */
enum sr_error
compose_finish_scanned(struct compose ** c, struct redact_hits * hits,
    struct redacted ** out)
{
	struct compose * o = *c;
	struct redact_hits found = { .known = 0 };
	enum redact_cause cause;
	enum sr_error err = SR_OK;

	*out = NULL;
	if (o->r != NULL && strbuf_status(&o->text) == SR_OK) {
		cause = gate_look(o->r, GATE_BEST, strbuf_str(&o->text),
		    o->text.len, &found);
		if (cause != REDACT_CAUSE_NONE)
			err = gate_done(o->r, o->channel, cause, &found);
		else if (found.known != 0 || found.rules != 0)
			err = gate_hit(o->r, o->channel);
	}
	if (hits != NULL)
		*hits = found;
	if (err == SR_OK)
		return (compose_finish(c, out));
	compose_free(c);
	return (err);
}
