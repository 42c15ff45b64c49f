#ifndef SR_CORE_REDACT_RULE_INTERNAL_H
#define SR_CORE_REDACT_RULE_INTERNAL_H

/*
 * For core/redact alone: the rules of rule.def. Vectorscan finds all anchors
 * in one pass; for each, the rule's finder, plain C, fixes the exact span.
 *
 * What a finder does depends on the bytes around its anchor alone, and never
 * on what was found before: so it does not matter where views begin and end.
 * It may look RULE_BEHIND bytes back from its anchor, its span starts not
 * more than RULE_AHEAD bytes behind the anchor's start, and whatever it reads
 * past the end of a view that is not last makes it undecided.
 */

#include "core/redact/span_internal.h"
#include "core/redact/view_internal.h"

#define RULE_AHEAD	((size_t)384)
#define RULE_BEHIND	((size_t)150)

struct rules;		/* Compiled; read-only; shared by threads. */
struct rule_scratch;	/* What one stream at a time needs. */

/* The run of a class that was looked at last: hostile text stays linear. */
struct rule_memo {
	size_t from, to;
};

struct rule_text {
	const char * p;
	size_t len;
	bool * cut;		/* Set when the end was looked at. */
	bool last;		/* It is the end of everything. */
	struct rule_memo * memo;	/* 64 of them. */
};

/* An anchor that was found: [start, end) of the text. */
struct rule_hit {
	struct rule_text text;
	size_t start, end;
	unsigned rule;
	size_t lead;		/* What the rule wants before the anchor. */
	size_t least;		/* ...and behind it. */
	size_t from;		/* No span starts before it. */
	struct span_list * spans;
};

struct rule {
	const char * name;
	const char * anchor;
	bool caseless;		/* The anchor. */
	/* Add the span or spans that begin with or around the anchor. */
	void (*find)(const struct rule_hit * hit, const struct rule * rule);
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
 * rules_pass(r, s, view, known, spans, open):
 * Append what the rules find in ${view} (view_internal.h). ${known} (may be
 * NULL) are the spans of known secrets in it, best also those in the context
 * before view->from: to the rules a known secret is no text, its ends are
 * boundaries. A stream uses one scratch from its first view (at and from 0)
 * to its last. Return NONE, or why spans may be missing (MEMORY, LIMIT,
 * ENGINE).
 */
enum redact_cause rules_pass(const struct rules * r, struct rule_scratch * s,
    const struct view * view, const struct span_list * known,
    struct span_list * spans, size_t * open);

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

/** rule_add(hit, start, end): append a span unless it starts before from. */
void rule_add(const struct rule_hit * hit, size_t start, size_t end);

/* Finders. */
#define FINDER(name)							\
	void name(const struct rule_hit * hit, const struct rule * rule)
FINDER(rule_token);		/* A provider's format. */
FINDER(rule_behind);	/* What stands behind the anchor, without it. */
FINDER(rule_near);		/* A vendor's word, then such a value. */
FINDER(rule_prefixed);		/* VENDOR_live_…, VENDOR_pat_…, sk-… */
FINDER(rule_jwt);
FINDER(rule_url);
FINDER(rule_authorization);
FINDER(rule_bearer);
FINDER(rule_basic);
FINDER(rule_userpass);		/* curl -u name:password */
FINDER(rule_dash_p);	/* mysql -ppassword; the shape, if not -p */
FINDER(rule_identified);	/* SQL: IDENTIFIED BY 'password' */
FINDER(rule_pem);
FINDER(rule_pair);		/* BasicAuth("name", "password") */
FINDER(rule_slash);		/* sqlplus name/password */
FINDER(rule_mnemonic);		/* Twelve words and more. */
FINDER(rule_putty);
FINDER(rule_assign);
#undef FINDER

/* rule_text.c: what finders ask about text. */

/**
 * rule_at(t, i):
 * Character ${i} of ${t}; NUL at its end and for known secrets.
 */
static inline char
rule_at(const struct rule_text * t, size_t i)
{

	if (i < t->len)
		return (t->p[i]);
	*t->cut = true;
	return ('\0');
}

/**
 * rule_boundary(t, at):
 * Whether a token may begin at ${at}: nothing before it, no word character
 * before it, or the end of an escape (%3D, \n, \u003d, a colour's sequence).
 */
bool rule_boundary(const struct rule_text * t, size_t at);

/** rule_class(class, c): whether ${c} is in the class of that letter. */
bool rule_class(char class, char c);

/**
 * rule_run(t, at, class, most):
 * Characters of ${class} from ${at} on; any number above ${most} if there are
 * more.
 */
size_t rule_run(const struct rule_text * t, size_t at, char class,
    size_t most);

/** rule_is(t, at, word): whether ${word} (small letters) is there, any case. */
bool rule_is(const struct rule_text * t, size_t at, const char * word);

/** rule_blanks(t, at, lines): past blanks, and line ends if ${lines}. */
size_t rule_blanks(const struct rule_text * t, size_t at, bool lines);

/** rule_mask(t, at): whether a mask, [REDACTED…, begins at ${at}. */
bool rule_mask(const struct rule_text * t, size_t at);

/** rule_in_mask(t, at): whether ${at} is inside of a mask. */
bool rule_in_mask(const struct rule_text * t, size_t at);

/** rule_behind_mask(t, at): whether a mask ends right before ${at}. */
bool rule_behind_mask(const struct rule_text * t, size_t at);

/**
 * rule_on_line(t, at, word, far):
 * Whether ${word} stands within ${far} bytes before ${at} on its line.
 */
bool rule_on_line(const struct rule_text * t, size_t at, const char * word,
    size_t far);

/** rule_shape(t, at, shape): the length of what ${shape} matches, or 0. */
size_t rule_shape(const struct rule_text * t, size_t at, const char * shape);

/** rule_name(p, len): a name in code or prose, no token. */
bool rule_name(const char * p, size_t len);

/** rule_shape_fixed(shape): the length of a shape of fixed runs. */
size_t rule_shape_fixed(const char * shape);

/* rule_value.c: what tells secrets from other values. */

/** rule_placeholder(p, len): whether it is <x>, ${X}, xxxx and the like. */
bool rule_placeholder(const char * p, size_t len);

/**
 * rule_stand_in(p, len):
 * Whether as a whole it only stands for a password: <x>, xxxx, changeme. A
 * filler within a longer value does not make it one.
 */
bool rule_stand_in(const char * p, size_t len);

/** rule_filler(p, len): whether it is xxxx, EXAMPLE and the like. */
bool rule_filler(const char * p, size_t len);

/** rule_published(p, len): everybody knows it: RFCs and manuals show it. */
bool rule_published(const char * p, size_t len);

/** rule_counted(p, len): whether it is 12345678, abc123 and the like. */
bool rule_counted(const char * p, size_t len);

/** rule_entropy(p, len): Shannon entropy, tenths of a bit per byte. */
unsigned rule_entropy(const char * p, size_t len);

/** rule_mixed(p, len): has a digit, or capitals past the first and smalls. */
bool rule_mixed(const char * p, size_t len);

/** rule_wordy(p, len): made of words: refresh-token-v2, newPassword1. */
bool rule_wordy(const char * p, size_t len);

/** rule_hashlike(p, len): a UUID, or hex as long as digests are. */
bool rule_hashlike(const char * p, size_t len);

enum rule_kind {
	RULE_NONE,
	RULE_WEAK,		/* key: what looks made by a machine, no sum. */
	RULE_MADE,		/* http_auth, VENDOR_KEY: a sum's like, too. */
	RULE_TOKEN,		/* token, secret, api_key */
	RULE_PASSWORD		/* password and its like */
};

/** rule_kind(name, len): what a key of that name holds. */
enum rule_kind rule_kind(const char * name, size_t len);

/** rule_secret(kind, quoted, p, len): whether the value is a secret. */
bool rule_secret(enum rule_kind kind, bool quoted, const char * p,
    size_t len);

/** rule_password_word(p, len): a word and digits: hunter2, Summer2024. */
bool rule_password_word(const char * p, size_t len);

/** rule_password_sign(p, len): such a word with signs: Summer2024#. */
bool rule_password_sign(const char * p, size_t len);

/** rule_password_year(p, len): Summer2024: no variable has such a name. */
bool rule_password_year(const char * p, size_t len);

/* rule_operator.c: KEY = VALUE in all the ways it is written. */

struct rule_value {
	size_t start, end;
	bool quoted;
	char op;	/* '=', ':', ',', '>', ' ', 'i', 'v', '-', '|', 'c' */
};

/** rule_operator(t, start, end, v): the value of the key at [start, end). */
bool rule_operator(const struct rule_text * t, size_t start, size_t end,
    struct rule_value * v);

/* rule_quote.c */

/** rule_value_at(t, at, v): a value, quoted or bare, that begins at ${at}. */
bool rule_value_at(const struct rule_text * t, size_t at,
    struct rule_value * v);

#endif /* !SR_CORE_REDACT_RULE_INTERNAL_H */
