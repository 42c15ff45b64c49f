/* Typed values that need no gate. */

#include "cgi/page_internal.h"

void
page_constant(struct page * p, const char * key, const char * text)
{

	page_set(p, key, text, false);
}

void
page_disclosure(struct page * p, const char * key)
{

	page_set(p, key, PAGE_SHOWN_HERE, false);
}

void
page_id(struct page * p, const char * key, const struct sr_id * id)
{
	char text[SR_ID_STRLEN + 1];

	sr_id_format(id, text);
	page_set(p, key, text, false);
}

void
page_u64(struct page * p, const char * key, uint64_t n)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)n);
	page_set(p, key, text, false);
}

void
page_hex(struct page * p, const char * key, const uint8_t * bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	char text[2 * 32 + 1];

	must(len <= 32);
	for (size_t i = 0; i < len; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	text[2 * len] = '\0';
	page_set(p, key, text, false);
}

/* "24 Nov 2026, 05:30:41 UTC" from "2026-11-24T05:30:41.123456Z". */
static void
for_people(const char * rfc3339, char out[48])
{
	static const char * const months[12] = { "Jan", "Feb", "Mar", "Apr",
	    "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	unsigned month = (unsigned)((rfc3339[5] - '0') * 10 +
	    (rfc3339[6] - '0'));
	const char * day = rfc3339 + (rfc3339[8] == '0' ? 9 : 8);

	must(month >= 1 && month <= 12);
	(void)snprintf(out, 48, "%.*s %s %.4s, %.8s UTC",
	    (int)(rfc3339 + 10 - day), day, months[month - 1], rfc3339,
	    rfc3339 + 11);
}

void
page_time(struct page * p, const char * key, sr_time t)
{
	char rfc3339[SR_TIME_STRLEN + 1];
	char people[48];
	char text_key[64];

	clock_format(t, rfc3339);
	if (rfc3339[0] == '\0')
		return;
	for_people(rfc3339, people);
	/* Microseconds help nobody here. */
	rfc3339[19] = 'Z';
	rfc3339[20] = '\0';
	(void)snprintf(text_key, sizeof(text_key), "%s-text", key);
	page_set(p, key, rfc3339, false);
	page_set(p, text_key, people, false);
}
