#include <string.h>

#include "core/redact/rule_internal.h"

/* How far behind the vendor's word its value is looked for. */
#define NEAR_FAR	((size_t)88)

/* What was seen between the vendor's word and a value. */
struct between {
	size_t named;	/* Behind the last word for secrets: key, token, ... */
	bool sum;	/* A word for sums and ids: commit, sha256, ... */
	bool calls;	/* The value is the argument of what makes a client. */
	bool other;	/* A comma: what follows has another key. */
	unsigned lines;
};

/* Whether a short word is written as one: sumo, SUMO, Sumo, but not sumO. */
static bool
one_word(const char * p, size_t len)
{
	size_t i;

	for (i = 2; i < len && len <= 5; i++) {
		if (rule_class('L', p[i]) && rule_class('L', p[i - 1]) &&
		    ((p[i] ^ p[i - 1]) & 0x20) != 0)
			return (false);
	}
	return (true);
}

/* The length of the first of ${words} that is at ${at}, or 0. */
static size_t
any_of(const struct rule_text * t, size_t at, const char * const * words,
    size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if ((t->p[at] | 0x20) == words[i][0] &&
		    rule_is(t, at, words[i]))
			return (strlen(words[i]));
	}
	return (0);
}

/* Whether a word ends before ${c}, which follows ${last}. */
static bool
word_ends(char last, char c)
{

	return (!rule_class('L', c) || ((last ^ c) & 0x20) != 0);
}

/* What the word at ${at} says of the values that follow. */
static void
read_word(const struct rule_text * t, size_t at, struct between * b)
{
	static const char * const names[] = { "apikey", "api_key", "apitoken",
	    "authtoken", "authkey", "accesskey", "secretkey", "accesstoken",
	    "credentials", "credential", "password", "passwd", "secret",
	    "bearer", "token", "creds", "auth", "access", "key", "pwd",
	    "pat", "keys", "tokens", "secrets", "authorization",
	    "private", "oauth" };
	static const char * const sums[] = { "sha", "md5", "commit", "hash",
	    "checksum", "digest", "integrity", "fingerprint", "etag", "rev",
	    "public", "uuid", "blob", "tree", "merge", "parent", "index",
	    "image", "resolved", "trace", "request_id", "version", "cert",
	    "h1:", "run_", "build", "id=" };
	static const char * const calls[] = { "client", "new ", "connect",
	    "init", "config", "login", "setup", "create", "api(" };
	size_t n;

	if (rule_class('L', t->p[at - 1]) && word_ends(t->p[at],
	    t->p[at - 1]) == false)
		return;
	n = any_of(t, at, names, COUNTOF(names));
	if (n != 0 && word_ends(t->p[at + n - 1], rule_at(t, at + n)))
		b->named = at + n;
	b->sum = b->sum || any_of(t, at, sums, COUNTOF(sums)) != 0;
	b->calls = b->calls || any_of(t, at, calls, COUNTOF(calls)) != 0;
}

/* Whether an operator, maybe with quotes and brackets, ends at ${at}. */
static bool
behind_operator(const struct rule_text * t, size_t at, size_t least)
{
	size_t i = at;

	while (i > least && at - i < 8 && strchr(" \t\"'`\\({[\n\r",
	    t->p[i - 1]) != NULL && t->p[i - 1] != '\0')
		i--;
	return (i > least && strchr("=:>,|", t->p[i - 1]) != NULL &&
	    t->p[i - 1] != '\0');
}

/*
 * A dash or a line that a value begins with: right behind a quote or "=", or
 * behind the name of a secret and a blank.
 */
static bool
may_lead(const struct rule_text * t, size_t at, size_t named)
{
	char c = t->p[at - 1];

	return ((t->p[at] == '-' || t->p[at] == '_') && c != '\0' &&
	    (strchr("\"'`=", c) != NULL || (c == ' ' && named != 0 &&
	    named == at - 1)) && rule_class('u', rule_at(t, at + 1)));
}

/* Where a value may begin: not within another, a path or a mask. */
static bool
may_begin(const struct rule_text * t, size_t at, size_t named)
{
	char c = t->p[at - 1];

	/* vendor-secret-VALUE, vendorKEY.VALUE */
	if (named != 0 && named == at - 1 && strchr("-._", c) != NULL)
		return (true);

	/* h1:, sha256: what a sum was made with. */
	if (c == ':' && at > 1 && rule_class('d', t->p[at - 2]))
		return (false);
	return (rule_boundary(t, at) && strchr("-./+@#$%", c) == NULL);
}

/* Whether the name of a secret stands right before ${at}. */
static bool
right_behind(const struct rule_text * t, size_t named, size_t at)
{
	size_t i = at;

	if (named == 0)
		return (false);
	while (i > named && strchr(" \t\"'`:=-._", t->p[i - 1]) != NULL &&
	    t->p[i - 1] != '\0')
		i--;
	return (i == named || (i == named + 3 && rule_is(t, named + 1, "is")) ||
	    (i > 3 && rule_is(t, i - 3, "aaa") && t->p[i - 1] == 'A'));
}

/* What stands beside the value decides whether it is one. */
static bool
believed(const struct rule_hit * hit, size_t at, size_t len,
    const struct between * b)
{
	const struct rule_text * t = &hit->text;
	const char * p = &t->p[at];
	bool operator = behind_operator(t, at, hit->end);
	bool hash = rule_hashlike(p, len);
	char c = t->p[at - 1];

	if (b->sum && (hash || b->named == 0))
		return (false);
	if (b->named != 0 && (operator || (len >= 16 && !hash) ||
	    right_behind(t, b->named, at)))
		return (true);
	if (operator && b->lines == 0 && !b->other &&
	    (at - hit->end <= 24 || (!hash && len >= 16)))
		return (true);
	if (len >= 10 && b->calls && strchr("\"'`", c) != NULL && at >= 2 &&
	    t->p[at - 2] == '(')
		return (true);
	if (len < 16 || b->lines != 0 || hash || b->other)
		return (false);
	return (c == '"' || c == '\'' || c == '`' || (c == ' ' &&
	    at - hit->end <= 24 && rule_entropy(p, len) >= 34));
}

/* 12.1.28.tgz: numbers with points. */
static bool
version(const char * p, size_t len)
{
	size_t i, points = 0;

	for (i = 0; i < len && (rule_class('d', p[i]) || p[i] == '.'); i++)
		points += p[i] == '.';
	return (i > 0 && p[0] != '.' && points > 1);
}

static bool
value_at(const struct rule_hit * hit, const struct rule * rule, size_t at,
    const struct between * b, size_t * len)
{
	const struct rule_text * t = &hit->text;
	size_t n = rule_shape(t, at, rule->shape);
	const char * sign;
	char c;

	if (n == 0)
		return (false);
	/* name=sum is no value of a class that has the sign. */
	sign = memchr(&t->p[at], '=', n);
	if (sign != NULL && sign + 1 < &t->p[at + n] && sign[1] != '=' &&
	    rule_wordy(&t->p[at], (size_t)(sign - &t->p[at])))
		return (false);
	c = rule_at(t, at + n);
	/* What stood before a mask was judged when that was made. */
	if (rule_mask(t, at + n))
		return (false);
	/* It goes on, is called, or is the begin of a path. */
	if (rule_class('w', c) || (c != '\0' && strchr("(/@", c) != NULL) ||
	    ((c == '.' || c == '-' || c == '+' || c == ':') &&
	    rule_class('a', rule_at(t, at + n + 1))))
		return (false);
	*len = n;
	if (!rule_mixed(&t->p[at], n) || rule_wordy(&t->p[at], n) ||
	    version(&t->p[at], n) || (n < 24 && rule_counted(&t->p[at], n)))
		return (false);
	return (!rule_filler(&t->p[at], n) &&
	    rule_entropy(&t->p[at], n) >= rule->floor &&
	    believed(hit, at, n, b));
}

/* Whether the next line still belongs to the vendor's word. */
static bool
goes_on(const struct rule_text * t, size_t at, const struct between * b)
{
	size_t i = at;

	while (i > 0 && (t->p[i - 1] == ' ' || t->p[i - 1] == '\r'))
		i--;
	return (b->lines < 2 && (b->named != 0 || (i > 0 &&
	    strchr(":>{,[", t->p[i - 1]) != NULL && t->p[i - 1] != '\0')));
}

/* Whether the line up to ${end} may go on, as goes_on says more exactly. */
static bool
may_go_on(const struct rule_text * t, size_t from, size_t end)
{
	static const char * const names[] = { "key", "tok", "sec", "aut",
	    "pas", "cre", "pat", "pwd", "bea", "acc", "api" };
	size_t i;

	for (i = end; i > from && (t->p[i - 1] == ' ' || t->p[i - 1] == '\r');)
		i--;
	if (i > 0 && strchr(":>{,[", t->p[i - 1]) != NULL)
		return (true);
	for (i = from; i + 3 <= end; i++) {
		/* Where a word begins. */
		if (t->p[i] >= 'a' && t->p[i] <= 'z' &&
		    t->p[i - 1] >= 'a' && t->p[i - 1] <= 'z')
			continue;
		if (any_of(t, i, names, COUNTOF(names)) != 0)
			return (true);
	}
	return (false);
}

/*
 * Whether anything within reach is long enough and looks made by a machine:
 * asked first, since it rules most out for the least.
 */
static bool
within_reach(const struct rule_hit * hit, const char * shape)
{
	const bool slashes = strpbrk(shape, "bmtv/") != NULL;
	const struct rule_text * t = &hit->text;
	size_t end = hit->start + NEAR_FAR + hit->least, at, from = hit->end;
	bool digit = false, small = false, capital = false;
	char c;

	if (end > t->len) {
		*t->cut = true;
		end = t->len;
	}
	for (at = hit->end; at < end; at++) {
		c = t->p[at];
		if (c == '\n' && !may_go_on(t, hit->end, at))
			return (false);
		if ((unsigned char)c <= ' ' || c == '"' || c == '\'' ||
		    c == '`' || c == '<' || c == '>' || (c == '/' &&
		    !slashes)) {
			from = at + 1;
			digit = small = capital = false;
			continue;
		}
		digit = digit || (c >= '0' && c <= '9');
		small = small || (c >= 'a' && c <= 'z');
		capital = capital || (c >= 'A' && c <= 'Z');
		if (at + 1 - from >= hit->least && (digit || (small &&
		    capital)))
			return (true);
	}
	return (false);
}

/*
 * What only the vendor's word beside it gives away: the word in a key or
 * before one, and a value of the vendor's shape and nothing more.
 */
void
rule_near(const struct rule_hit * hit, const struct rule * rule)
{
	const struct rule_text * t = &hit->text;
	struct between b = { .lines = 0 };
	size_t at, n;

	if (hit->start > 0 && rule_class('L', t->p[hit->start - 1]) &&
	    !(t->p[hit->start] >= 'A' && t->p[hit->start] <= 'Z'))
		return;
	if (!one_word(&t->p[hit->start], hit->end - hit->start) ||
	    !within_reach(hit, rule->shape) || rule_behind_mask(t, hit->start))
		return;
	for (at = hit->end; at - hit->start < NEAR_FAR; at++) {
		if (rule_at(t, at) == '\0' || rule_mask(t, at))
			return;
		if (t->p[at] == '\n') {
			if (!goes_on(t, at, &b))
				return;
			b.lines++;
			continue;
		}
		if (t->p[at] == ',' || t->p[at] == ';') {
			b.other = true;
			b.named = 0;
		}
		if (!rule_class('a', t->p[at]) && !may_lead(t, at, b.named))
			continue;
		if (at > hit->end && may_begin(t, at, b.named) &&
		    value_at(hit, rule, at, &b, &n)) {
			if (!rule_in_mask(t, hit->start))
				rule_add(hit, at, at + n);
			return;
		}
		read_word(t, at, &b);
	}
}
