#ifndef SR_CORE_REDACT_PIECE_INTERNAL_H
#define SR_CORE_REDACT_PIECE_INTERNAL_H

/*
 * For core/redact alone: the pieces of a value that may leak on their own:
 * the whole, its lines, and what a value of a known shape holds: JSON,
 * settings (.env, INI, YAML, TOML), XML, addresses with a password.
 */

#include "core/redact/variant.h"

/* Every piece becomes four forms: itself and three base64. */
#define PIECES_MAX	(REDACT_FORMS_MAX / 4)

/* A shape may hold another one: JSON in a .env, an address in JSON. */
#define PIECE_DEPTH	3

struct piece {
	enum redact_kind kind;		/* RAW, LINE or LEAF. */
	const uint8_t * p;
	size_t len;
};

struct pieces {
	struct piece * v;
	size_t n;
	bool too_many;
	struct secbuf * scratch;	/* What is spelled otherwise inside. */
};

/**
 * pieces_of(value, out):
 * Find the pieces of ${value}, no bytes twice, the whole one first. They live
 * as long as ${value} and ${out}. Errors: SECRET_VALUE_INVALID (more than
 * PIECES_MAX), OUT_OF_MEMORY, RANDOM_UNAVAILABLE. pieces_free ends it.
 */
SR_NODISCARD enum sr_error pieces_of(const struct secbuf * value,
    struct pieces * out);

/** pieces_free(p): release. */
void pieces_free(struct pieces * p);

/* piece.c, for the shapes: */

/** piece_add(out, kind, p, len): a piece, if it is long enough and new. */
void piece_add(struct pieces * out, enum redact_kind kind, const uint8_t * p,
    size_t len);

/** piece_leaf(out, p, len, depth): a leaf, its lines, and what is in it. */
void piece_leaf(struct pieces * out, const uint8_t * p, size_t len,
    unsigned depth);

/** piece_room(out, len): room for ${len} bytes, or NULL (then too_many). */
uint8_t * piece_room(struct pieces * out, size_t len);

/** piece_give(out, len): the last ${len} bytes of room are not needed. */
void piece_give(struct pieces * out, size_t len);

/** piece_trim(p, len): without blanks at both ends. */
void piece_trim(const uint8_t ** p, size_t * len);

/** piece_line(p, len, at, line, line_len): the next line, not trimmed. */
bool piece_line(const uint8_t * p, size_t len, size_t * at,
    const uint8_t ** line, size_t * line_len);

/** piece_is_ornament(p, len): PEM's armour, or nothing but marks. */
bool piece_is_ornament(const uint8_t * p, size_t len);

/**
 * piece_unescape(out, p, len, depth):
 * A leaf that has the escapes of JSON, YAML and TOML: its text.
 */
void piece_unescape(struct pieces * out, const uint8_t * p, size_t len,
    unsigned depth);

/* The shapes. Each: whether ${p} is of the shape; then its leaves are added. */

/** piece_json: objects or arrays, one or several (JSON Lines). */
bool piece_json(struct pieces * out, const uint8_t * p, size_t len,
    unsigned depth);

/** piece_settings: lines KEY=VALUE, KEY = VALUE, KEY: VALUE, [section]. */
bool piece_settings(struct pieces * out, const uint8_t * p, size_t len,
    unsigned depth);

/** piece_xml: elements; their text and attributes. */
bool piece_xml(struct pieces * out, const uint8_t * p, size_t len,
    unsigned depth);

/** piece_login: URL, name:password, its base64, KEY=VALUE;KEY=VALUE. */
bool piece_login(struct pieces * out, const uint8_t * p, size_t len,
    unsigned depth);

#endif /* !SR_CORE_REDACT_PIECE_INTERNAL_H */
