#include "core/keys/base32.h"

#define BITS	5

/** base32_write(bytes, len, out): ${len} bytes as characters, no padding. */
void
base32_write(const uint8_t * bytes, size_t len, uint8_t * out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	unsigned held = 0, bits = 0;

	for (size_t i = 0; i < len; i++) {
		held = (held << 8 | bytes[i]) & 0xfff;
		bits += 8;
		while (bits >= BITS) {
			bits -= BITS;
			*out++ = (uint8_t)digits[held >> bits & 31];
		}
	}
	if (bits > 0)
		*out = (uint8_t)digits[held << (BITS - bits) & 31];
}

/** base32_has(c): whether ${c} is one of its characters. */
bool
base32_has(uint8_t c)
{

	return ((c >= 'A' && c <= 'Z') || (c >= '2' && c <= '7'));
}
