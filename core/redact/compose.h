#ifndef SR_CORE_REDACT_COMPOSE_H
#define SR_CORE_REDACT_COMPOSE_H

/*
 * Composing output from parts that are safe by their type and text that goes
 * through the gate: log lines, headers, JSON bodies, the operator command's
 * output. The result is a struct redacted. One thread at a time; errors
 * stick and show at compose_finish.
 */

#include "core/redact/redact.h"

struct compose;

/**
 * compose_new(r, channel, max, out):
 * A composer of at most ${max} bytes whose text goes through ${r}'s gate for
 * ${channel}. ${r} may be NULL: then text and names are withheld, with cause
 * REDACT_CAUSE_ENGINE.
 * Errors: OUT_OF_MEMORY. compose_finish or compose_free ends it.
 */
SR_NODISCARD enum sr_error compose_new(struct redact * r,
    enum redact_channel channel, size_t max, struct compose ** out);

/** compose_free(c): drop it; *c becomes NULL; *c may be NULL. */
void compose_free(struct compose ** c);

/* Parts that need no gate. */
#define compose_lit(c, s)	compose_constant((c), SR_LITERAL(s))

/**
 * compose_constant(c, text):
 * A text with static storage from our own catalogues (error names, event
 * names, actions, literals). `make lint` looks at what is passed.
 */
void compose_constant(struct compose * c, const char * text);
void compose_id(struct compose * c, const struct sr_id * id);
void compose_u64(struct compose * c, uint64_t n);
void compose_i64(struct compose * c, int64_t n);
void compose_time(struct compose * c, sr_time t);	/* RFC 3339 */

/**
 * compose_base64(c, bytes, len):
 * Base64 with padding (RFC 4648, 4) of a public digest, key or signature; at
 * most 128 bytes.
 */
void compose_base64(struct compose * c, const uint8_t * bytes, size_t len);

/**
 * compose_hex(c, bytes, len):
 * Lower-case hex of a public digest, key or signature, or of a CSRF token; at
 * most COMPOSE_HEX_MAX bytes.
 */
#define COMPOSE_HEX_MAX	64
void compose_hex(struct compose * c, const uint8_t * bytes, size_t len);

/**
 * compose_name(c, name):
 * Typed metadata: a secret's name, a scope, an e-mail address, a path; 1 to
 * 254 bytes of letters, digits and . _ - / : @ + , which policy checked when
 * it was stored. Passes in every state of the gate, after the rules (and,
 * when ready, the known secrets); what does not fit the grammar or is hit
 * becomes REDACT_SUPPRESSED. That is no failure of the gate: compose_withheld
 * stays as it is, unless nobody could look.
 */
void compose_name(struct compose * c, const char * name);

/**
 * compose_text(c, text, len):
 * Free text, through the gate. If the gate cannot vouch, REDACT_SUPPRESSED
 * is put instead and compose_withheld becomes true.
 */
void compose_text(struct compose * c, const char * text, size_t len);

/** compose_json_text(c, text, len): as compose_text, then escaped for JSON. */
void compose_json_text(struct compose * c, const char * text, size_t len);

/**
 * compose_json_text_most(c, text, len, most):
 * As compose_json_text, but of what passed at most ${most} bytes are kept, cut
 * at a character's end, and … behind them. All of ${text} passes before it is
 * cut: a secret across the cut must not show its first half.
 */
void compose_json_text_most(struct compose * c, const char * text, size_t len,
    size_t most);

/**
 * compose_json_redacted(c, t, from, len):
 * Of what passed before, ${len} bytes from ${from} on, escaped for JSON.
 */
void compose_json_redacted(struct compose * c, const struct redacted * t,
    size_t from, size_t len);

/**
 * compose_xml_text(c, text, len):
 * As compose_text, then escaped for an attribute's value in double quotes, or
 * for an element's text. False if what stands there does not read back as
 * ${text}: something is masked or withheld, or U+FFFD is in the place of what
 * XML 1.0 cannot say (controls; bytes that are not UTF-8).
 */
bool compose_xml_text(struct compose * c, const char * text, size_t len);

/**
 * compose_remember(c):
 * From now on texts that compose_xml_text has passed as they are pass at once
 * when they come again, as long as the live set stays the same. Errors:
 * OUT_OF_MEMORY.
 */
SR_NODISCARD enum sr_error compose_remember(struct compose * c);

/** compose_redacted(c, t): append what passed before. */
void compose_redacted(struct compose * c, const struct redacted * t);

/**
 * compose_redacted_json(c, t): as compose_redacted, for JSON that a terminal
 * shows: U+007F to U+009F, which JSON leaves as they are, become escapes.
 */
void compose_redacted_json(struct compose * c, const struct redacted * t);

/** compose_withheld(c): whether any text was withheld so far, and why. */
enum redact_cause compose_withheld(const struct compose * c);

/** compose_hits(c): what was masked so far. */
struct redact_hits compose_hits(const struct compose * c);

/**
 * compose_finish(c, out):
 * End ${c} (which is freed and set to NULL in any case) and hand out its
 * text; caller frees. Errors: LIMIT_EXCEEDED, OUT_OF_MEMORY.
 */
SR_NODISCARD enum sr_error compose_finish(struct compose ** c,
    struct redacted ** out);

/**
 * compose_take(c, out):
 * As compose_finish, but ${c} stays and is empty: the next piece of an output
 * of any length. Hits and what was withheld add up.
 */
SR_NODISCARD enum sr_error compose_take(struct compose * c,
    struct redacted ** out);

/**
 * compose_finish_scanned(c, hits, out):
 * As compose_finish, after the whole was looked at once more (rules; known
 * secrets when the engine is ready): parts that are harmless alone may not be
 * so together. ${hits} may be NULL. Errors: + the channel's: ${hits} is not
 * zero then, or redact_last_cause() says why nobody could look.
 */
SR_NODISCARD enum sr_error compose_finish_scanned(struct compose ** c,
    struct redact_hits * hits, struct redacted ** out);

#endif /* !SR_CORE_REDACT_COMPOSE_H */
