#ifndef SR_CORE_REDACT_RULE_INTERNAL_H
#define SR_CORE_REDACT_RULE_INTERNAL_H

/*
 * For core/redact alone: the rules of rule.def. Vectorscan finds all anchors
 * in one pass; for each, the rule's finder, plain C, fixes the exact span.
 */

#include "core/redact/span_internal.h"

struct rules;		/* Compiled; read-only; shared by threads. */
struct rule_scratch;	/* What one scan at a time needs. */

struct rule_text {
	const char * p;
	size_t len;
};

/* An anchor that was found: [start, end) of the text. */
struct rule_hit {
	struct rule_text text;
	size_t start, end;
	unsigned rule;
	struct span_list * spans;
};

struct rule {
	const char * name;
	const char * anchor;
	bool caseless;		/* The anchor. */
	/*
	 * Add the span or spans that begin with or around the anchor; return
	 * where looking for this rule's next anchor makes sense again.
	 */
	size_t (*find)(const struct rule_hit * hit, const struct rule * rule);
	const char * before;	/* rule_token: shape before the anchor... */
	const char * shape;	/* ...and behind it. */
	unsigned floor;		/* Tenths of a bit of entropy per character. */
	const char * source;	/* Where the format is described. */
	const char * const * examples;	/* Secret between \2 and \3. */
	const char * const * counters;	/* Texts that must stay. */
};

/** rules_new(out) / rules_free(r): Errors: OUT_OF_MEMORY, INTERNAL_ERROR. */
SR_NODISCARD enum sr_error rules_new(struct rules ** out);
void rules_free(struct rules ** r);

/** rule_scratch_new(r), rule_scratch_free(s): NULL when out of memory. */
struct rule_scratch * rule_scratch_new(const struct rules * r);
void rule_scratch_free(struct rule_scratch ** s);

/**
 * rules_scan(r, s, text, len, spans):
 * Append what the rules find. Return NONE, or why spans may be missing
 * (MEMORY, LIMIT, ENGINE).
 */
enum redact_cause rules_scan(const struct rules * r, struct rule_scratch * s,
    const char * text, size_t len, struct span_list * spans);

/** rule_row(i): row ${i} of rule.def, or NULL behind the last. */
const struct rule * rule_row(unsigned i);

/**
 * rule_tagged(i, p, len):
 * Whether what rule ${i} found may carry a tag: a tag of a value that can be
 * guessed would confirm the guess.
 */
bool rule_tagged(unsigned i, const char * p, size_t len);

/**
 * rule_example(example, out, size, from, to):
 * Copy ${example} without its marks; the secret is [from, to) of ${out}.
 * Return its length.
 */
size_t rule_example(const char * example, char * out, size_t size,
    size_t * from, size_t * to);

/* Finders. */
size_t rule_token(const struct rule_hit * hit, const struct rule * rule);
size_t rule_jwt(const struct rule_hit * hit, const struct rule * rule);
size_t rule_url(const struct rule_hit * hit, const struct rule * rule);
size_t rule_authorization(const struct rule_hit * hit,
    const struct rule * rule);
size_t rule_pem(const struct rule_hit * hit, const struct rule * rule);

/* rule_text.c: what finders ask about text. */

/**
 * rule_boundary(t, at):
 * Whether a token may begin at ${at}: nothing before it, no word character
 * before it, or the end of an escape (%3D, \n, \u003d, a colour's sequence).
 */
bool rule_boundary(struct rule_text t, size_t at);

/** rule_placeholder(p, len): whether it is <x>, ${X}, xxxx and the like. */
bool rule_placeholder(const char * p, size_t len);

/** rule_entropy(p, len): Shannon entropy, tenths of a bit per byte. */
unsigned rule_entropy(const char * p, size_t len);

/** rule_mixed(p, len): has a digit, or capitals past the first and smalls. */
bool rule_mixed(const char * p, size_t len);

/** rule_class(class, c): whether ${c} is in the class of that letter. */
bool rule_class(char class, char c);

/** rule_run(t, at, class): characters of ${class} from ${at} on. */
size_t rule_run(struct rule_text t, size_t at, char class);

/** rule_add(hit, start, end, blank): append a span. */
bool rule_add(const struct rule_hit * hit, size_t start, size_t end,
    bool blank);

#endif /* !SR_CORE_REDACT_RULE_INTERNAL_H */
