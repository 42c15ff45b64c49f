#include <string.h>

#include "core/redact/compose_internal.h"
#include "core/redact/redacted_internal.h"

#define REPLACEMENT	"\xef\xbf\xbd"

/* What stands for an ASCII character; NULL: itself. What XML 1.0 does not have
 * at all is "". Blanks other than the space would become one in an attribute. */
static const char * const ascii[128] = {
	[0x00] = "", "", "", "", "", "", "", "", "", "&#9;", "&#10;", "", "",
	"&#13;", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "",
	"", "", "",
	['"'] = "&quot;", ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;",
	[0x7f] = "&#127;",
};

/* A character of several bytes that stands for itself. */
static bool
plain(const char * c, size_t n)
{

	/* U+0080 to U+009F are controls, U+FFFE and U+FFFF no characters. */
	return (!(n == 2 && utf8_has_control(c, n)) &&
	    !(n == 3 && strncmp(c, "\xef\xbf\xbe", 3) >= 0 &&
	    strncmp(c, "\xef\xbf\xbf", 3) <= 0));
}

/* One character that is not plain ASCII; false: U+FFFD stands for it. */
static bool
add_wide(struct compose * c, const char * text, size_t n)
{

	if (n == 0 || (n == 3 && !plain(text, n))) {
		strbuf_puts(&c->text, REPLACEMENT);
		return (false);
	}
	if (!plain(text, n))
		strbuf_printf(&c->text, "&#%u;", (unsigned char)text[1]);
	else
		strbuf_add(&c->text, text, n);
	return (true);
}

/* Escaped for an attribute in double quotes or for text; whether it reads back
 * as the same. */
static bool
add_escaped(struct compose * c, const char * text, size_t len)
{
	size_t i = 0, from, n;
	const char * as;
	bool same = true;

	while (i < len) {
		for (from = i; i < len && (text[i] & 0x80) == 0 &&
		    ascii[(unsigned char)text[i]] == NULL;)
			i++;
		strbuf_add(&c->text, &text[from], i - from);
		if (i == len)
			break;
		if ((text[i] & 0x80) == 0) {
			as = ascii[(unsigned char)text[i++]];
			same = same && as[0] != '\0';
			strbuf_puts(&c->text, as[0] != '\0' ? as :
			    REPLACEMENT);
			continue;
		}
		n = utf8_next(&text[i], len - i);
		same = add_wide(c, &text[i], n) && same;
		i += n == 0 ? 1 : n;
	}
	return (same);
}

/** compose_xml_text(c, text, len): as compose_text, escaped for XML. */
bool
compose_xml_text(struct compose * c, const char * text, size_t len)
{
	struct redact_hits hits;
	struct redacted * t = NULL;
	enum redact_cause cause = REDACT_CAUSE_ENGINE;
	bool same;

	if (c->r != NULL) {
		cause = REDACT_CAUSE_NONE;
		if (memo_text(c->memo, c->r, c->channel, text, len, &hits,
		    &t) != SR_OK)
			cause = redact_last_cause();
	}
	if (cause != REDACT_CAUSE_NONE) {
		compose_withhold(c, cause);
		strbuf_puts(&c->text, REDACT_SUPPRESSED);
		return (false);
	}
	c->hits.known += hits.known;
	c->hits.rules += hits.rules;
	if (t == NULL)
		return (add_escaped(c, text, len));
	same = add_escaped(c, t->bytes, t->len) && t->len == len &&
	    strncmp(t->bytes, text, len) == 0;
	redacted_free(&t);
	return (same);
}

/** compose_remember(c): texts that come again pass more quickly. */
enum sr_error
compose_remember(struct compose * c)
{

	must(c->memo == NULL);
	return (memo_new(&c->memo));
}

/** compose_take(c, out): what is there so far; more can follow. */
enum sr_error
compose_take(struct compose * c, struct redacted ** out)
{
	enum sr_error err = strbuf_status(&c->text);

	*out = NULL;
	if (err == SR_OK && (*out = redacted_copy(strbuf_str(&c->text),
	    c->text.len)) == NULL)
		err = SR_E_OUT_OF_MEMORY;
	if (err == SR_OK)
		strbuf_reset(&c->text);
	return (err);
}
