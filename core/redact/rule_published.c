#include <string.h>

#include "core/redact/rule_internal.h"

/* How much of a key of Google's tells it from all others. */
#define KEY_BEGIN	((size_t)12)

/* Keys that pages, samples and programs of Google's show to everybody. */
static bool
google(const char * p, size_t len)
{
	static const char prefix[] = "AIza" "Sy";
	static const char * const keys[] = {
	    "A4UrcGxgwQFT", "A5_iVawFQ8AB", "A8vmApnrHNFE", "ANUvH9H9BsUc",
	    "ASWm6HmTMdYW", "AdOS2zB6NCsk", "AnLA7NfeLquW", "B8qGxt4ec15v",
	    "BF2RrAIm4a0m", "BcE-OOIbhjyR", "CkEhVjf3pduR", "D3asb-2pEZVq",
	    "DMAScliyLx7F", "DSb51JiIcB6O" };
	size_t i, n = sizeof(prefix) - 1;

	if (len < n + KEY_BEGIN || strncmp(p, prefix, n) != 0)
		return (false);
	for (i = 0; i < COUNTOF(keys); i++) {
		if (strncmp(&p[n], keys[i], KEY_BEGIN) == 0)
			return (true);
	}
	return (false);
}

/** rule_published(p, len): everybody knows it: RFCs and manuals show it. */
bool
rule_published(const char * p, size_t len)
{
	static const char * const words[] = {
	    "mF_9.B5f-4.1JqM", "2YotnFZFEjr1zCsicMWpAA",	/* RFC 6749 */
	    "tGzv3JOkF0XG5Qx2TlKWIA", "czZCaGRSa3F0MzpnWDFmQmF0M2JW",
	    "SlAV32hkKG", "7Fjfp0ZBr1KtDRbnfVdmIw", "45ghiukldjahdnhzdauz",
	    "h480djs93hd8", "0685bd9184jfhq22", "ad180jjd733klru7",
	    "QWxhZGRpbjpvcGVuIHNlc2FtZQ==",		/* RFC 7617 */
	    "YWxhZGRpbjpvcGVuc2VzYW1l" };
	size_t i;

	for (i = 0; i < COUNTOF(words); i++) {
		if (len == strlen(words[i]) && strncmp(p, words[i], len) == 0)
			return (true);
	}
	return (google(p, len));
}
