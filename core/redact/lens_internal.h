#ifndef SR_CORE_REDACT_LENS_INTERNAL_H
#define SR_CORE_REDACT_LENS_INTERNAL_H

/*
 * For core/redact alone: lenses undo escapes. What a token of a text stands
 * for depends on the bytes from its begin on and on nothing before it. So a
 * form is found wherever the tokens from its first byte on, read through a
 * chain of lenses, give the form's bytes, and it does not matter where else
 * the reading began.
 *
 *   CODE     backslashes as in JSON and C: \n \" \\ \/ \xHH \OOO \uXXXX; a
 *            backslash before anything else stands for that
 *   SHELL    \c is c, '\'' and '"'"' are '
 *   QUOTE    the latter alone: within single quotes a backslash is one
 *   PERCENT  %XX
 *   PLUS     %XX, and + is a space
 *   MARKUP   &amp; &lt; &gt; &quot; &apos; &#N; &#xN;
 *   HEX      pairs of hex digits, 0x or \x before them or not, with blanks,
 *            commas, colons, dashes or line ends between them
 *   BASE64   the URL-safe alphabet as the standard one; line ends with what
 *            may stand around them (quotes, indentation) are passed over
 */

#include "core/base/base.h"

enum lens {
	LENS_CODE, LENS_SHELL, LENS_QUOTE, LENS_PERCENT, LENS_PLUS, LENS_MARKUP,
	LENS_HEX, LENS_BASE64, LENS__MAX
};

/* Those whose tokens begin with a mark; all else is plain to them. */
#define LENS_MARKED	((unsigned)6)

/* A token is at most so long. */
#define LENS_TOKEN_MAX	((size_t)64)

/* A line that base64 was wrapped at has so many characters of it. */
#define LENS_WRAP_MIN	((size_t)16)

/* And so many other marks at most before its end. */
#define LENS_WRAP_MARKS	((size_t)4)

enum lens_what {
	LENS_PLAIN,		/* One byte that stands for itself. */
	LENS_TOKEN,		/* ${used} bytes that stand for ${n}. */
	LENS_BREAK,		/* Nothing that this lens reads. */
	LENS_MORE		/* What follows will tell. */
};

struct lens_token {
	size_t used, n;
	uint8_t b[4];
};

typedef enum lens_what lens_reader(const uint8_t * p, size_t left, bool ends,
    struct lens_token * t);

lens_reader lens_read_code;
lens_reader lens_read_shell;
lens_reader lens_read_quote;
lens_reader lens_read_percent;
lens_reader lens_read_plus;
lens_reader lens_read_markup;
lens_reader lens_read_hex;
lens_reader lens_read_base64;

/* A text to read: the view itself, or what a lens made of it. */
struct lens_source {
	const uint8_t * p;
	size_t n;
	const uint32_t * from;	/* Offset in the view of each byte's token... */
	const uint32_t * to;	/* ...and of its end. NULL: the view itself. */
	bool ends;		/* Nothing follows. */
};

#define LENS_ROOM	((size_t)1024)

/* So many zeros behind what was read, or as many as there is room for. */
#define LENS_PAD	((size_t)256)

enum lens_stop { LENS_STOP_FULL, LENS_STOP_END, LENS_STOP_MORE,
	LENS_STOP_BREAK };

struct lens_text {
	uint8_t bytes[LENS_ROOM + 16];
	uint32_t from[LENS_ROOM + 8], to[LENS_ROOM + 8];
	size_t n;
	enum lens_stop stop;
	size_t next;		/* Where reading stopped, in the source. */
	unsigned marks;		/* Lenses that would read on: bits. */
	bool letters;		/* CODE only: SHELL would read otherwise. */
};

/**
 * lens_read(lens, src, at, limit, out):
 * Read the tokens that begin in [at, limit) of ${src}.
 */
void lens_read(enum lens lens, const struct lens_source * src, size_t at,
    size_t limit, struct lens_text * out);

/* Lenses one after another, the outermost first. */
struct lens_chain {
	enum lens v[3];
	size_t n;
};

struct lens_work {
	struct lens_text text[3];
	size_t used;		/* How many of them hold something. */
};

/**
 * lens_chain_read(c, view, at, limit, w):
 * Read ${view} through all of ${c}, of one lens or more. Return what came of
 * it; its next is an offset of the view, its stop is MORE if the view ends
 * before what was begun does.
 */
struct lens_text * lens_chain_read(const struct lens_chain * c,
    const struct lens_source * view, size_t at, size_t limit,
    struct lens_work * w);

/** lens_marks(c): which LENS_MARKED lenses ${c} asks for. */
unsigned lens_marks(uint8_t c);

/** lens_next_mark(p, at, n): where the next mark may be, or ${n}. */
size_t lens_next_mark(const uint8_t * p, size_t at, size_t n);

/** lens_next_hex(p, at, n): where 16 bytes that HEX may read begin, or ${n}. */
size_t lens_next_hex(const uint8_t * p, size_t at, size_t n);

/* What a byte may be part of; a hex digit's value + 1. */
#define LENS_IS_HEXISH	0x20U	/* HEX may read it. */
#define LENS_IS_BASE64	0x40U	/* Of the standard or URL-safe alphabet. */
#define LENS_IS_WRAP	0x80U	/* May stand before the end of a line. */
#define LENS_DIGIT	0x1fU
extern const uint8_t lens_kinds[256];

static inline bool
lens_is(uint8_t c, unsigned kind)
{

	return ((lens_kinds[c] & kind) != 0);
}

/* A hex digit's value, or -1. */
static inline int
lens_hex_digit(uint8_t c)
{

	return ((int)(lens_kinds[c] & LENS_DIGIT) - 1);
}

/** lens_wraps(p, at): whether LENS_WRAP_MIN of base64 end before ${at}. */
bool lens_wraps(const uint8_t * p, size_t at);

/* Of 64 bytes: which are of a kind. */
struct lens_bits {
	uint64_t base64;	/* Of the standard or URL-safe alphabet... */
	uint64_t url;		/* ...the latter alone: - and _. */
	uint64_t word;		/* Letters and digits. */
	uint64_t graphic;	/* ASCII from ! to ~. */
	uint64_t newline;
};

/**
 * lens_bits(p, n, bits, all):
 * Of ${n} bytes, 64 to an element; word and graphic only if ${all} are wanted.
 */
void lens_bits(const uint8_t * p, size_t n, struct lens_bits * bits,
    bool all);

/* 128 bits, the first in the lowest; ${n} is a constant from 1 to 63. */
#define LENS_DOWN(low, high, n)	((low) >> (n) | (high) << (64 - (n)))

/* Of the 64 places of ${low}, ${high} being behind: where eight are set. */
static inline uint64_t
lens_all_eight(uint64_t low, uint64_t high)
{

	low &= LENS_DOWN(low, high, 1);
	high &= high >> 1;
	low &= LENS_DOWN(low, high, 2);
	high &= high >> 2;
	return (low & LENS_DOWN(low, high, 4));
}

/* ...and where any of eight is. */
static inline uint64_t
lens_any_eight(uint64_t low, uint64_t high)
{

	low |= LENS_DOWN(low, high, 1);
	high |= high >> 1;
	low |= LENS_DOWN(low, high, 2);
	high |= high >> 2;
	return (low | LENS_DOWN(low, high, 4));
}

#endif /* !SR_CORE_REDACT_LENS_INTERNAL_H */
