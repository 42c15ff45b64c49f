#include "cgi/text.h"
#include "core/base/strbuf.h"

#define REPLACEMENT	"\xef\xbf\xbd"

/* U+FFFE and U+FFFF are well-formed UTF-8 but no characters of XML. */
static bool
noncharacter(const char * p, size_t n)
{

	return (n == 3 && (uint8_t)p[0] == 0xef && (uint8_t)p[1] == 0xbf &&
	    ((uint8_t)p[2] == 0xbe || (uint8_t)p[2] == 0xbf));
}

static bool
acceptable(const char * p, size_t n, bool lines)
{

	if (n == 1 && lines && (*p == '\n' || *p == '\t' || *p == '\r'))
		return (true);
	return (!utf8_has_control(p, n) && !noncharacter(p, n));
}

enum sr_error
text_clean(const char * bytes, size_t len, bool lines, bool * changed,
    char ** out)
{
	char * text;
	size_t i = 0, o = 0, n;
	bool replaced = false;

	/* Each byte becomes three at most. */
	if ((text = malloc(len * 3 + 1)) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	while (i < len) {
		n = utf8_next(bytes + i, len - i);
		if (n > 0 && acceptable(bytes + i, n, lines)) {
			memcpy(text + o, bytes + i, n);
			o += n;
		} else {
			memcpy(text + o, REPLACEMENT, 3);
			o += 3;
			replaced = true;
		}
		i += n > 0 ? n : 1;
	}
	text[o] = '\0';
	if (changed != NULL)
		*changed = replaced;
	*out = text;
	return (SR_OK);
}
