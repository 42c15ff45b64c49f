#include <string.h>

#include "core/redact/mask_internal.h"
#include "core/redact/scan_internal.h"

#define OWN_MARK	"[REDACTED:"
#define OWN_WORD_MAX	((size_t)80)

static bool
begins_word(const char * p, size_t len, const char * word)
{
	size_t n = strlen(word);

	if (len <= n)
		return (strncmp(p, word, len) == 0);
	return (len == n + 1 && strncmp(p, word, n) == 0 &&
	    (p[n] == ':' || p[n] == ']'));
}

/* Whether ${p} begins what a mask of ours says: "secret:", "jwt]" … */
static bool
own_word(const char * p, size_t len)
{
	const struct rule * rule;
	unsigned i;

	if (begins_word(p, len, "secret") || begins_word(p, len, NAMED_WORD))
		return (true);
	for (i = 0; (rule = rule_row(i)) != NULL; i++) {
		if (begins_word(p, len, rule->name))
			return (true);
	}
	return (false);
}

/*
 * A known value that is a word of our masks, which tell it to everyone, would
 * be masked in each mask again and again.
 */
static bool
is_own(const struct view * v, const struct span * span)
{
	const size_t mark = strlen(OWN_MARK);
	size_t i, least;

	least = span->start < OWN_WORD_MAX ? 0 : span->start - OWN_WORD_MAX;
	for (i = span->start + 1; i > least; i--) {
		if (v->text[i - 1] != '[')
			continue;
		i--;
		if (span->end - i <= mark)
			return (strncmp(&v->text[i], OWN_MARK,
			    span->end - i) == 0);
		return (strncmp(&v->text[i], OWN_MARK, mark) == 0 &&
		    own_word(&v->text[i + mark], span->end - i - mark));
	}
	return (false);
}

/* Whether [${p}, ${p} + ${len}) is a mask as mask.c makes them. */
static bool
is_mask(const char * p, size_t len)
{
	static const char label[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789._-/@+";
	const size_t mark = strlen(OWN_MARK), tag = REDACT_TAG_LEN;
	size_t n = len - mark - 1;

	if (own_word(&p[mark], n + 1) && p[len - 1] == ']')
		return (true);
	return (n > tag + 1 && p[len - 1] == ']' &&
	    p[len - tag - 2] == ':' &&
	    strspn(&p[len - tag - 1], "abcdefghijklmnopqrstuvwxyz234567") ==
	    tag && strspn(&p[mark], label) == n - tag - 1);
}

static bool
overlaps(const struct span_list * list, size_t start, size_t end)
{
	size_t i;

	for (i = 0; i < list->n; i++) {
		if (list->v[i].start < end && list->v[i].end > start)
			return (true);
	}
	return (false);
}

/*
 * Behind a mask its bracket may make a known value of what was none: that
 * value begins with the bracket, and all else of it was there to be read.
 */
static bool
begins_in_mask(const struct scan * s, const struct view * v,
    const struct span * span)
{
	const size_t mark = strlen(OWN_MARK);
	size_t i, least = 0;

	if (v->text[span->start] != ']')
		return (false);
	if (span->start > MASK_MAX)
		least = span->start - MASK_MAX;
	for (i = span->start; i > least && v->text[i] != '['; i--)
		;
	return (v->text[i] == '[' && span->start - i > mark &&
	    strncmp(&v->text[i], OWN_MARK, mark) == 0 &&
	    is_mask(&v->text[i], span->start + 1 - i) &&
	    !overlaps(&s->spans, i, span->start) &&
	    !overlaps(&s->known, i, span->start));
}

/* What a step finds is as good as a live set that changed since. */
static void
renew(struct scan * s, uint64_t generation)
{
	size_t i, n = 0;

	if (s->generation == generation && generation != SCAN_CHANGING)
		return;
	s->generation = generation;
	for (i = 0; i < s->known.n; i++) {
		if (s->known.v[i].start >= s->out)
			continue;
		s->known.v[n] = s->known.v[i];
		/* Its form may be gone. */
		s->known.v[n++].known = NULL;
	}
	s->known.n = n;
	if (s->known_from > s->out)
		s->known_from = s->out;
}

static enum redact_cause
step_known(struct scan * s, const struct scan_with * with, struct view v)
{
	enum redact_cause cause;
	size_t i, open = v.len;

	if (with->known == NULL) {
		s->known_from = v.len;
		return (REDACT_CAUSE_NONE);
	}
	v.from = s->known_from;
	span_reset(&s->spans);
	cause = known_pass(with->known, with->fingerprint, &v, &s->spans,
	    &open);
	if (cause != REDACT_CAUSE_NONE)
		return (cause);
	must(open >= v.from && open <= v.len && (open == v.len || !v.last));
	for (i = 0; i < s->spans.n; i++) {
		if (!is_own(&v, &s->spans.v[i]) &&
		    !begins_in_mask(s, &v, &s->spans.v[i]) &&
		    !span_add(&s->known, &s->spans.v[i]))
			return (s->known.cause);
	}
	span_merge(&s->known);
	s->known_from = open;
	return (REDACT_CAUSE_NONE);
}

static enum redact_cause
step_rules(struct scan * s, const struct scan_with * with, struct view v)
{
	struct span * across = NULL;
	enum redact_cause cause;
	size_t end = 0, open = s->known_from;

	if (with->rules == NULL) {
		s->rules_from = s->known_from;
		return (REDACT_CAUSE_NONE);
	}
	v.last = v.last && s->known_from == v.len;
	v.len = s->known_from;
	v.from = s->rules_from;
	if (v.len < v.from || (v.len == v.from && !v.last))
		return (REDACT_CAUSE_NONE);
	if (s->known.n != 0 && s->known.v[s->known.n - 1].end > v.len) {
		across = &s->known.v[s->known.n - 1];
		end = across->end;
		across->end = v.len;
	}
	cause = rules_pass(with->rules, with->scratch, &v, &s->known,
	    &s->rules, &open);
	if (across != NULL)
		across->end = end;
	if (cause != REDACT_CAUSE_NONE)
		return (cause);
	must(open >= v.from && open <= v.len && (open == v.len || !v.last));
	s->rules_from = open;
	return (REDACT_CAUSE_NONE);
}

/* Of ${from}, what begins before ${settled} and is not out. */
static bool
gather(struct scan * s, const struct span_list * from, size_t settled)
{
	struct span span;
	size_t i;

	for (i = 0; i < from->n; i++) {
		span = from->v[i];
		if (span.start >= settled || span.end <= s->out)
			continue;
		if (span.start < s->out) {
			if (!s->more)
				continue;
			span.start = s->out;
		}
		if (!span_add(&s->spans, &span))
			return (false);
	}
	return (true);
}

static bool
merge(struct scan * s, size_t settled)
{
	struct span more = { .start = s->out, .end = s->more_end,
	    .more = true };

	span_reset(&s->spans);
	if (s->more && more.end > s->out && !span_add(&s->spans, &more))
		return (false);
	if (!gather(s, &s->known, settled) || !gather(s, &s->rules, settled))
		return (false);
	span_merge(&s->spans);
	return (true);
}

/*
 * Where the text can be cut: before a union that may still grow. One that is
 * named already gives way to its mask, and what it covers is left out as it
 * comes.
 */
static size_t
find_cut(struct scan * s, const struct view * v, size_t settled)
{
	struct span * across;
	bool more = false;
	size_t cut = settled;

	if (s->spans.n != 0 && s->spans.v[s->spans.n - 1].end > settled) {
		across = &s->spans.v[s->spans.n - 1];
		more = across->more || settled - across->start >= SPAN_NAMED;
		s->more_end = across->end;
		/* Whether CR is half of a line end is told by what follows. */
		if (more && cut > across->start && v->text[cut - 1] == '\r')
			cut--;
		if (more) {
			across->end = cut;
		} else {
			cut = across->start;
			s->spans.n--;
		}
	}
	s->more = more;
	return (cut);
}

/*
 * Pieces that leave are read as texts of their own, so none ends within a
 * character: what looks like the begin of one waits for the rest of it.
 */
static size_t
whole_characters(const struct view * v, size_t least, size_t at)
{
	uint8_t c;
	size_t n, len;

	for (n = 1; n <= 3 && n + least <= at; n++) {
		c = (uint8_t)v->text[at - n];
		if ((c & 0xc0) == 0x80)
			continue;
		len = c < 0xc2 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
		return (len > n ? at - n : at);
	}
	return (at);
}

/** scan_step(s, with, view, cut): look at ${view}. */
enum redact_cause
scan_step(struct scan * s, const struct scan_with * with,
    const struct view * view, size_t * cut)
{
	enum redact_cause cause;
	size_t settled;

	renew(s, with->generation);
	if ((cause = step_known(s, with, *view)) != REDACT_CAUSE_NONE ||
	    (cause = step_rules(s, with, *view)) != REDACT_CAUSE_NONE)
		return (cause);
	settled = s->known_from < s->rules_from ? s->known_from :
	    s->rules_from;
	if (!view->last)
		settled = whole_characters(view, s->out, settled);
	if (!merge(s, settled))
		return (s->spans.cause);
	*cut = find_cut(s, view, settled);
	must(*cut >= s->out && (!view->last || *cut == view->len));
	return (REDACT_CAUSE_NONE);
}

/* Drop the spans that end at ${end} or before. */
static void
forget(struct span_list * list, size_t end)
{
	size_t i, n = 0;

	for (i = 0; i < list->n; i++) {
		if (list->v[i].end > end)
			list->v[n++] = list->v[i];
	}
	list->n = n;
}

static size_t
behind(size_t at)
{

	return (at > VIEW_BEHIND ? at - VIEW_BEHIND : 0);
}

/** scan_advance(s, cut): what scan_step settled is out. */
size_t
scan_advance(struct scan * s, size_t cut)
{
	size_t first = cut;

	s->out = cut;
	if (s->rules_from < first)
		first = s->rules_from;
	if (s->known_from < first)
		first = s->known_from;
	forget(&s->rules, cut);
	forget(&s->known, behind(first));
	return (behind(first));
}

static void
shift(struct span_list * list, size_t n)
{
	struct span * span;
	size_t i;

	for (i = 0; i < list->n; i++) {
		span = &list->v[i];
		span->start = span->start > n ? span->start - n : 0;
		span->end = span->end > n ? span->end - n : 0;
		span->from = span->from > n ? span->from - n : 0;
		span->to = span->to > n ? span->to - n : 0;
	}
}

/** scan_shift(s, n): the first ${n} bytes of the text are gone. */
void
scan_shift(struct scan * s, size_t n)
{

	shift(&s->known, n);
	shift(&s->rules, n);
	s->known_from -= n;
	s->rules_from -= n;
	s->out -= n;
	if (s->more)
		s->more_end -= n;
}

/** scan_reset(s): for another text. */
void
scan_reset(struct scan * s)
{

	span_reset(&s->known);
	span_reset(&s->rules);
	span_reset(&s->spans);
	s->known_from = s->rules_from = s->out = s->more_end = 0;
	s->more = false;
}

/** scan_free(s): release. */
void
scan_free(struct scan * s)
{

	span_free(&s->known);
	span_free(&s->rules);
	span_free(&s->spans);
}
