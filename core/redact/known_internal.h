#ifndef SR_CORE_REDACT_KNOWN_INTERNAL_H
#define SR_CORE_REDACT_KNOWN_INTERNAL_H

/*
 * For core/redact alone: the live set, and finding it in a text. It holds
 * fingerprints only. Readers and writers need no lock of the caller's: writers
 * wait for each other inside, readers for nobody. Only known_free wants to be
 * alone. A form that a span points at lives until known_leave.
 *
 * A window of the text is looked up in a bit filter, then in a table of
 * window hashes, which gives where a form would begin and how long it would
 * be; then the MAC of exactly these bytes is looked up among the forms'.
 */

#include "core/redact/fingerprint_internal.h"
#include "core/redact/span_internal.h"
#include "core/redact/view_internal.h"

struct known;
struct known_form;

/** known_new(out) / known_free(k): an empty set. Errors: OUT_OF_MEMORY. */
SR_NODISCARD enum sr_error known_new(struct known ** out);
void known_free(struct known ** k);

/**
 * known_put(k, id, key_version, label, forms, n):
 * Replace the forms of that version by copies of ${forms}. Errors:
 * OUT_OF_MEMORY, INTERNAL_ERROR (a form that variant.h does not allow); the
 * set is then as it was.
 */
SR_NODISCARD enum sr_error known_put(struct known * k, const struct sr_id * id,
    uint32_t key_version, const char * label, const struct redact_form * forms,
    size_t n);

/** known_drop(k, id): forget all versions of ${id}. */
void known_drop(struct known * k, const struct sr_id * id);

/** known_from(k, id, key_version): forget versions of ${id} before it. */
void known_from(struct known * k, const struct sr_id * id,
    uint32_t key_version);

/** known_count(k): versions in the set. */
size_t known_count(const struct known * k);

/**
 * known_enter(k), known_leave(k, side):
 * Around passes and the use of what they found, while writers may come. Never
 * blocks; may nest. ${side} is what known_enter returned.
 */
unsigned known_enter(const struct known * k);
void known_leave(const struct known * k, unsigned side);

/**
 * known_pass(k, f, view, spans, open):
 * Append the span of every form of ${k}, made under ${f}, in ${view}, as
 * view_internal.h says: as it is, or escaped (lens_internal.h). Return NONE,
 * or why spans may be missing (MEMORY, LIMIT).
 */
enum redact_cause known_pass(const struct known * k,
    const struct fingerprint * f, const struct view * view,
    struct span_list * spans, size_t * open);

/** known_pass_plain: the same without lenses, for measurements. */
enum redact_cause known_pass_plain(const struct known * k,
    const struct fingerprint * f, const struct view * view,
    struct span_list * spans, size_t * open);

/**
 * known_scan(k, f, text, len, spans):
 * Append the span of every form of ${k}, made under ${f}, in ${text}. Return
 * NONE, or why spans may be missing (MEMORY, LIMIT).
 */
enum redact_cause known_scan(const struct known * k,
    const struct fingerprint * f, const char * text, size_t len,
    struct span_list * spans);

/** known_within(k, f, text, len): whether any form is in a short ${text}. */
bool known_within(const struct known * k, const struct fingerprint * f,
    const char * text, size_t len);

/** known_form_secret(form): whose it is. Lives as long as it. */
const struct sr_id * known_form_secret(const struct known_form * form);

/** known_form_label(form), known_form_tag(form): what its masks say. */
const char * known_form_label(const struct known_form * form);
const char * known_form_tag(const struct known_form * form);

#endif /* !SR_CORE_REDACT_KNOWN_INTERNAL_H */
