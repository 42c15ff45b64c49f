#ifndef SR_CORE_REDACT_KEYNAME_INTERNAL_H
#define SR_CORE_REDACT_KEYNAME_INTERNAL_H

/*
 * For core/redact alone: whether the name of a key, a variable, a header or
 * an attribute says that its value is secret. One vocabulary for the tree
 * walk of json.c and for the rules that find assignments in text.
 *
 * A name is read as words: split where case turns (dbPassword, APIKey) and at
 * whatever is no letter. The last word decides, with the one before it where
 * it needs one (api key, next token): what ends in id, name, url, count and
 * so on is about a secret, and is none.
 */

#include "core/base/base.h"

enum keyname {
	KEYNAME_NONE,
	/* May hold one: mask what also looks like one (pass, auth, tokens). */
	KEYNAME_WEAK,
	/* Holds one, whatever it looks like (password, client_secret). */
	KEYNAME_STRONG
};

/**
 * keyname_says(name, len):
 * What ${name} says of its value. Bytes; any length, of which the last 64
 * count; no allocation; pure.
 */
enum keyname keyname_says(const char * name, size_t len);

#endif /* !SR_CORE_REDACT_KEYNAME_INTERNAL_H */
