#include <string.h>

#include "core/base/clock.h"
#include "core/base/id.h"
#include "core/base/random.h"

const struct sr_id sr_id_nil;

/**
 * sr_id_new(id):
 * Mint a UUIDv7 into ${id} (RFC 9562, 5.7).
 */
enum sr_error
sr_id_new(struct sr_id * id)
{
	struct sr_id made;
	uint64_t ms;
	enum sr_error err;
	size_t i;

	if ((err = random_bytes(made.b, sizeof(made.b))) != SR_OK)
		return (err);
	ms = (uint64_t)(clock_now() / 1000);
	for (i = 0; i < 6; i++)
		made.b[i] = (uint8_t)(ms >> (40 - 8 * i));
	made.b[6] = (uint8_t)(0x70 | (made.b[6] & 0x0f));
	made.b[8] = (uint8_t)(0x80 | (made.b[8] & 0x3f));
	*id = made;
	return (SR_OK);
}

/* A dash stands before these bytes. */
static bool
dash_before(size_t byte)
{

	return (byte == 4 || byte == 6 || byte == 8 || byte == 10);
}

/**
 * sr_id_format(id, out):
 * Write the lower-case 8-4-4-4-12 form and a NUL into ${out}.
 */
void
sr_id_format(const struct sr_id * id, char out[SR_ID_STRLEN + 1])
{
	static const char digits[] = "0123456789abcdef";
	char * p = out;
	size_t i;

	for (i = 0; i < sizeof(id->b); i++) {
		if (dash_before(i))
			*p++ = '-';
		*p++ = digits[id->b[i] >> 4];
		*p++ = digits[id->b[i] & 0x0f];
	}
	*p = '\0';
}

static int
hex_value(char c)
{

	if (c >= '0' && c <= '9')
		return (c - '0');
	if (c >= 'a' && c <= 'f')
		return (c - 'a' + 10);
	if (c >= 'A' && c <= 'F')
		return (c - 'A' + 10);
	return (-1);
}

/**
 * sr_id_parse(text, id):
 * Parse the 8-4-4-4-12 form, either case, nothing before or after.
 */
bool
sr_id_parse(const char * text, struct sr_id * id)
{
	struct sr_id parsed;
	const char * p = text;
	int high, low;
	size_t i;

	for (i = 0; i < sizeof(parsed.b); i++) {
		if (dash_before(i) && *p++ != '-')
			return (false);
		if ((high = hex_value(p[0])) < 0 ||
		    (low = hex_value(p[1])) < 0)
			return (false);
		parsed.b[i] = (uint8_t)(high * 16 + low);
		p += 2;
	}
	if (*p != '\0')
		return (false);
	*id = parsed;
	return (true);
}

/** sr_id_equal(a, b): whether the two are the same id. */
bool
sr_id_equal(const struct sr_id * a, const struct sr_id * b)
{

	return (memcmp(a->b, b->b, sizeof(a->b)) == 0);
}

/** sr_id_is_nil(id): whether ${id} is the nil UUID. */
bool
sr_id_is_nil(const struct sr_id * id)
{

	return (sr_id_equal(id, &sr_id_nil));
}
