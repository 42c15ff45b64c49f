#include <string.h>
#include <strings.h>

#include "core/redact/rule_internal.h"

/* What is longer is not made of words that anybody wrote. */
#define WORDS_MAX	((size_t)256)

/* The length of the word at ${p}: Xyz, XYZ, xyz. */
static size_t
word_length(const char * p, size_t len)
{
	size_t i = 1;
	bool capital = p[0] >= 'A' && p[0] <= 'Z';

	if (capital && len > 1 && p[1] >= 'A' && p[1] <= 'Z') {
		while (i < len && p[i] >= 'A' && p[i] <= 'Z')
			i++;
		/* HTTPServer: the last capital begins the next word. */
		if (i < len && p[i] >= 'a' && p[i] <= 'z' && i > 1)
			i--;
		return (i);
	}
	while (i < len && p[i] >= 'a' && p[i] <= 'z')
		i++;
	return (i);
}

/*
 * Pairs of letters that make up most of the words in documents and programs:
 * bit b of row a is set for the pair "ab". Of random letters four in ten are.
 */
static const uint32_t pairs[26] = {
	0x13ebd4e, 0x0164911, 0x01e4d95, 0x0164919,
	0x1eff97f, 0x01e4931, 0x0166991, 0x00a4111,
	0x2aefc7f, 0x0000010, 0x0044111, 0x11c4919,
	0x014d913, 0x13c6d7d, 0x07efd6f, 0x01ec991,
	0x0100000, 0x13efd7d, 0x11cdd95, 0x11ed99d,
	0x00eb97f, 0x0004111, 0x0026191, 0x0088110,
	0x004b000, 0x0000011
};

/* Count the word's pairs of letters, and those that words are made of. */
static void
count_pairs(const char * p, size_t len, size_t * all, size_t * usual)
{
	size_t i;

	for (i = 1; i < len; i++) {
		++*all;
		*usual += pairs[(p[i - 1] | 0x20) - 'a'] >>
		    ((p[i] | 0x20) - 'a') & 1;
	}
}

/* The length of the digits at ${p}; 0 if they are not those of a name. */
static size_t
number_length(const char * p, size_t len, size_t at)
{
	size_t n = 1;

	while (at + n < len && rule_class('d', p[at + n]))
		n++;
	/* A number on its own may be one that counts or says when. */
	if (n > 5 && (n > 10 || at == 0 || rule_class('a', p[at - 1]) ||
	    (at + n < len && rule_class('a', p[at + n]))))
		return (0);
	/* Words on both sides, as in oauth2token; no letters of a machine. */
	if (at > 0 && at + n < len && rule_class('L', p[at - 1]) &&
	    rule_class('L', p[at + n]) && (at < 2 ||
	    !rule_class('L', p[at - 2]) || at + n + 1 >= len ||
	    !rule_class('L', p[at + n + 1])))
		return (0);
	return (n);
}

/** rule_wordy(p, len): made of words: refresh-token-v2, newPassword1. */
bool
rule_wordy(const char * p, size_t len)
{
	size_t i = 0, n, words = 0, letters = 0, numbers = 0, glued = 0;
	size_t all = 0, usual = 0;

	if (len > WORDS_MAX)
		return (false);
	while (i < len) {
		if (rule_class('d', p[i])) {
			if ((n = number_length(p, len, i)) == 0)
				return (false);
			numbers++;
			glued += i > 0 && i + n < len &&
			    rule_class('L', p[i - 1]) &&
			    rule_class('L', p[i + n]);
		} else if (p[i] == 'v' && i + 1 < len &&
		    rule_class('d', p[i + 1]) && (i == 0 ||
		    !rule_class('L', p[i - 1]))) {
			n = 1;
		} else if (rule_class('L', p[i])) {
			n = word_length(&p[i], len - i);
			count_pairs(&p[i], n, &all, &usual);
			words++;
			letters += n;
		} else {
			n = 1;
			if (strchr("-_./:+@#$[]*% ", p[i]) == NULL)
				return (false);
		}
		i += n;
	}
	/* Words are longer than the bits of a random value between digits. */
	return (words > 0 && letters * 10 >= words * 28 && numbers <= words &&
	    glued < 2 && usual * 10 >= all * 7);
}

/** rule_password_word(p, len): a word and digits: hunter2, Summer2024. */
bool
rule_password_word(const char * p, size_t len)
{
	static const char * const names[] = { "pass", "pwd", "secret",
	    "token", "key", "field", "input", "param", "arg", "var", "str",
	    "test", "user", "value", "string", "text", "name", "your", "my",
	    "some", "the", "foo", "bar", "baz", "new", "old", "hash", "buf",
	    "login", "abc", "example", "oauth", "auth", "sha", "md", "utf" };
	size_t i, letters = 0, digits = 0, k;

	while (letters < len && rule_class('L', p[letters]))
		letters++;
	while (letters + digits < len && rule_class('d', p[letters + digits]))
		digits++;
	if (letters < 4 || digits == 0 || letters + digits != len || len < 7 ||
	    len > 32 || digits > 6)
		return (false);
	for (i = 0; i < COUNTOF(names); i++) {
		k = strlen(names[i]);
		if (strncasecmp(p, names[i], k) == 0 ||
		    (letters > k && strncasecmp(&p[letters - k], names[i],
		    k) == 0))
			return (false);
	}
	return (true);
}

/** rule_password_sign(p, len): such a word with signs: Summer2024#. */
bool
rule_password_sign(const char * p, size_t len)
{
	static const char signs[] = "!#$%&*?^~@+";
	size_t n = len, letters = 0;
	char word[32];

	while (n > 0 && len - n < 3 && strchr(signs, p[n - 1]) != NULL)
		n--;
	if (n == 0 || n > sizeof(word))
		return (false);
	if (n != len)
		return (rule_password_word(p, n));
	/* Summer#2024 */
	while (letters < n && rule_class('L', p[letters]))
		letters++;
	if (letters == n || strchr(signs, p[letters]) == NULL)
		return (false);
	memcpy(word, p, letters);
	memcpy(&word[letters], &p[letters + 1], n - letters - 1);
	return (rule_password_word(word, n - 1));
}

/** rule_password_year(p, len): Summer2024: no variable has such a name. */
bool
rule_password_year(const char * p, size_t len)
{
	size_t i;

	for (i = 1; i < len && p[i] >= 'a' && p[i] <= 'z'; i++)
		;
	return (i >= 5 && i + 4 <= len && p[0] >= 'A' && p[0] <= 'Z' &&
	    rule_password_word(p, len));
}
