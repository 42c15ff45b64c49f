#include <stdlib.h>
#include <string.h>

#include <nettle/base64.h>

#include "core/base/random.h"
#include "tests/harness/needles.h"

#define PREFIX		8	/* Bytes that are hashed. */
#define BUCKETS		65536

struct needle {
	struct needle * next;
	const char * form;
	uint8_t * bytes;
	size_t len;
};

struct needles {
	struct needle * bucket[BUCKETS];
};

static size_t
hash(const uint8_t * p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return ((size_t)((word * UINT64_C(0x9e3779b97f4a7c15)) >> 48));
}

static void
add(struct needles * n, const char * form, const void * bytes, size_t len)
{
	struct needle * one;
	size_t h;

	if (len < PREFIX)
		return;
	h = hash(bytes);
	for (one = n->bucket[h]; one != NULL; one = one->next)
		if (one->len == len && memcmp(one->bytes, bytes, len) == 0)
			return;
	one = calloc(1, sizeof(*one));
	must(one != NULL && (one->bytes = malloc(len)) != NULL);
	memcpy(one->bytes, bytes, len);
	one->len = len;
	one->form = form;
	one->next = n->bucket[h];
	n->bucket[h] = one;
}

struct needles *
needles_new(void)
{
	struct needles * n = calloc(1, sizeof(*n));

	must(n != NULL);
	return (n);
}

void
needles_free(struct needles ** n)
{

	if (*n == NULL)
		return;
	for (size_t h = 0; h < BUCKETS; h++) {
		struct needle * next;

		for (struct needle * one = (*n)->bucket[h]; one != NULL;
		    one = next) {
			next = one->next;
			free(one->bytes);
			free(one);
		}
	}
	free(*n);
	*n = NULL;
}

/* Characters of the base64 of ${shift} unknown bytes and then ${value} that do
 * not depend on what is before and after it. */
static void
add_base64(struct needles * n, const uint8_t * value, size_t len, size_t shift)
{
	size_t total = shift + len;
	uint8_t * padded = calloc(1, total + 1);
	char * text = calloc(1, BASE64_ENCODE_RAW_LENGTH(total) + 1);
	size_t first = (shift * 8 + 5) / 6, last = total * 8 / 6;

	must(padded != NULL && text != NULL);
	memcpy(padded + shift, value, len);
	base64_encode_raw(text, total, padded);
	add(n, "base64", text + first, last - first);
	for (char * p = text; *p != '\0'; p++)
		*p = *p == '+' ? '-' : *p == '/' ? '_' : *p;
	add(n, "base64url", text + first, last - first);
	free(padded);
	free(text);
}

typedef size_t write_byte(char * out, uint8_t byte);

static const char lower[] = "0123456789abcdef";
static const char upper[] = "0123456789ABCDEF";

static size_t
pair(char * out, uint8_t byte, const char * digits)
{

	out[0] = digits[byte >> 4];
	out[1] = digits[byte & 15];
	return (2);
}

static size_t
hex_lower(char * out, uint8_t byte)
{

	return (pair(out, byte, lower));
}

static size_t
hex_upper(char * out, uint8_t byte)
{

	return (pair(out, byte, upper));
}

static size_t
percent(char * out, uint8_t byte, const char * digits)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-._~";

	if (memchr(plain, byte, sizeof(plain) - 1) != NULL) {
		*out = (char)byte;
		return (1);
	}
	*out = '%';
	return (1 + pair(out + 1, byte, digits));
}

static size_t
percent_lower(char * out, uint8_t byte)
{

	return (percent(out, byte, lower));
}

static size_t
percent_upper(char * out, uint8_t byte)
{

	return (percent(out, byte, upper));
}

static size_t
backslash(char * out, uint8_t byte)
{
	size_t n = 0;

	if (byte == '"' || byte == '\\' || byte == '\'')
		out[n++] = '\\';
	out[n++] = (char)byte;
	return (n);
}

static size_t
json(char * out, uint8_t byte)
{
	size_t n = 0;

	if (byte == '"' || byte == '\\')
		out[n++] = '\\';
	out[n++] = (char)byte;
	return (n);
}

static size_t
xml(char * out, uint8_t byte)
{
	const char * name = byte == '&' ? "&amp;" : byte == '<' ? "&lt;" :
	    byte == '>' ? "&gt;" : byte == '"' ? "&quot;" : NULL;

	if (name == NULL) {
		*out = (char)byte;
		return (1);
	}
	memcpy(out, name, strlen(name));
	return (strlen(name));
}

static void
add_escaped(struct needles * n, const char * form, write_byte * one,
    const uint8_t * value, size_t len)
{
	char * text = malloc(len * 6 + 1);
	size_t used = 0;

	must(text != NULL);
	for (size_t i = 0; i < len; i++)
		used += one(text + used, value[i]);
	add(n, form, text, used);
	free(text);
}

void
needles_raw(struct needles * n, const void * value, size_t len)
{

	add(n, "raw", value, len);
}

void
needles_secret(struct needles * n, const void * value, size_t len)
{

	needles_raw(n, value, len);
	for (size_t shift = 0; shift < 3; shift++)
		add_base64(n, value, len, shift);
	add_escaped(n, "hex", hex_lower, value, len);
	add_escaped(n, "hex upper", hex_upper, value, len);
	add_escaped(n, "percent", percent_lower, value, len);
	add_escaped(n, "percent upper", percent_upper, value, len);
	add_escaped(n, "json", json, value, len);
	add_escaped(n, "sql", backslash, value, len);
	add_escaped(n, "xml", xml, value, len);
}

/* UTF-16 of either order, when the value is ASCII. */
static void
add_wide(struct needles * n, const uint8_t * value, size_t len)
{
	uint8_t * wide = calloc(1, 2 * len + 1);

	must(wide != NULL);
	for (size_t i = 0; i < len; i++)
		wide[2 * i + 1] = value[i];
	add(n, "utf-16", wide + 1, 2 * len - 1);
	free(wide);
}

void
needles_parts(struct needles * n, const void * value, size_t len)
{
	const uint8_t * p = value;

	for (size_t i = 0; i + PREFIX <= len; i++) {
		needles_secret(n, p + i, PREFIX);
		add_wide(n, p + i, PREFIX);
	}
}

bool
needles_next(const struct needles * n, const void * hay, size_t len,
    size_t * at, const char ** form)
{
	const uint8_t * p = hay;
	uint64_t word;

	for (size_t i = *at; i + PREFIX <= len; i++) {
		memcpy(&word, p + i, sizeof(word));
		for (const struct needle * one = word == 0 ? NULL :
		    n->bucket[hash(p + i)]; one != NULL; one = one->next) {
			if (one->len > len - i ||
			    memcmp(p + i, one->bytes, one->len) != 0)
				continue;
			*form = one->form;
			*at = i;
			return (true);
		}
	}
	return (false);
}

size_t
needles_in(const struct needles * n, const void * hay, size_t len,
    const char ** form)
{
	const uint8_t * p = hay;
	size_t found = 0;

	for (size_t i = 0; i + PREFIX <= len; i++) {
		for (const struct needle * one = n->bucket[hash(p + i)];
		    one != NULL; one = one->next) {
			if (one->len > len - i ||
			    memcmp(p + i, one->bytes, one->len) != 0)
				continue;
			if (found++ == 0 && form != NULL)
				*form = one->form;
		}
	}
	return (found);
}

char *
random_secret(size_t len)
{
	char * text = malloc(len + 1);

	must(text != NULL && random_bytes(text, len) == SR_OK);
	for (size_t i = 0; i < len; i++)
		text[i] = (char)('!' + (uint8_t)text[i] % ('~' - '!' + 1));
	text[len] = '\0';
	return (text);
}
