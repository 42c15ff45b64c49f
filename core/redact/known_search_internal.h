#ifndef SR_CORE_REDACT_KNOWN_SEARCH_INTERNAL_H
#define SR_CORE_REDACT_KNOWN_SEARCH_INTERNAL_H

/* For known*.c alone: one pass over a view, on its way. */

#include "core/redact/known_set_internal.h"
#include "core/redact/lens_internal.h"

#define SEARCH_PAST	((size_t)32)

struct search {
	const struct known * known;
	const struct fingerprint_keys * keys;
	struct lens_source view;
	size_t from;
	uint64_t at;			/* Of the view in the stream. */
	struct span_list * spans;	/* NULL: only look whether. */
	bool found;
	uint64_t budget;
	enum redact_cause cause;
	size_t open;
	size_t span;		/* A form's first window ends by then. */
	size_t shortest;	/* No form is shorter. */
	bool lenses;
	/* Candidates tried last: several lenses lead to the same ones. */
	struct {
		size_t start;
		uint64_t lengths;
	} past[SEARCH_PAST];
	size_t past_n;
	struct lens_work read;	/* What is looked through... */
	struct lens_work tried;	/* ...and what a candidate gives. */
};

/* Windows that are looked up together, and where they are. */
struct search_place {
	const uint8_t * p;		/* The first one. */
	size_t step, n;
	size_t base;			/* Its offset in view or text. */
	const struct lens_text * text;	/* NULL: in the view. */
	const uint32_t * at;		/* Picked: offsets in the view... */
	bool rows;			/* ...of rows of windows. */
	bool fold;			/* Rows: as base64 has it. */
	bool folded;			/* Only forms in base64. */
	bool hex;			/* Read through HEX. */
	bool padded;			/* Zeros behind them, a batch long. */
};

/** search_windows(s, class, place): look up, try what is found. */
void search_windows(struct search * s, enum window_class class,
    const struct search_place * place);

/* Bytes of the view that are looked at together. */
#define SEARCH_STRETCH	((size_t)4096)

/** search_stretch(s, at, end): all windows that begin in [at, end). */
void search_stretch(struct search * s, size_t at, size_t end);

/** search_text(s, text, hex): look up the windows of all that was read. */
void search_text(struct search * s, const struct lens_text * text, bool hex);

/**
 * search_sifts(s, p, len, most):
 * Whether a filter lets any window of the ${len} bytes at ${p} through, of
 * forms that are not short and have ${most} bytes at most. LENS_PAD zeros are
 * behind them.
 * search_sifts_short(s, p, len): the same of short forms.
 */
bool search_sifts(const struct search * s, const uint8_t * p, size_t len,
    size_t most);
bool search_sifts_short(const struct search * s, const uint8_t * p,
    size_t len);

/**
 * search_short_may_be(s, p, len):
 * Whether a short form may begin there, LENS_PAD zeros being behind.
 */
bool search_short_may_be(const struct search * s, const uint8_t * p,
    size_t len);

/** search_try(s, at, wheres, n, hex): forms that would all begin at ${at}. */
void search_try(struct search * s, size_t at, const uint32_t * wheres,
    size_t n, bool hex);

/** search_marks(s), search_hex(s): through lenses. */
void search_marks(struct search * s);
void search_hex(struct search * s);

/**
 * search_plus_may_be(s, first, end), search_hex_may_be(s, first, end),
 * search_wrap_may_be(s, first, line, end):
 * Whether lenses may find something there: + as a blank, hex, base64 that goes
 * on behind the line's end at ${line}.
 */
bool search_plus_may_be(const struct search * s, size_t first, size_t end);
bool search_hex_may_be(const struct search * s, size_t first, size_t end);
bool search_wrap_may_be(const struct search * s, size_t first, size_t line,
    size_t end);

/** search_wrap(s, end): base64 that goes on behind the line's end there. */
void search_wrap(struct search * s, size_t end);

/** search_read(s, lens, at, limit): windows of [at, limit) through ${lens}. */
unsigned search_read(struct search * s, enum lens lens, size_t at,
    size_t limit, size_t back, bool restart);

/** search_hold(s, at): what begins at ${at} or after is not settled. */
static inline void
search_hold(struct search * s, size_t at)
{

	if (!s->view.ends && at < s->open)
		s->open = at < s->from ? s->from : at;
}

/** search_spend(s, cost): false, the cause set, if there is no more. */
bool search_spend(struct search * s, uint64_t cost);

#endif /* !SR_CORE_REDACT_KNOWN_SEARCH_INTERNAL_H */
