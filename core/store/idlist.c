#include "core/store/idlist.h"

/* Quotes, comma and the id. */
#define ONE_MAX	((size_t)SR_ID_STRLEN + 3)

enum sr_error
idlist(const struct sr_id * ids, size_t n, struct strbuf * out)
{
	char text[SR_ID_STRLEN + 1];

	strbuf_init(out, n * ONE_MAX + 2);
	strbuf_putc(out, '[');
	for (size_t i = 0; i < n; i++) {
		sr_id_format(&ids[i], text);
		strbuf_printf(out, "%s\"%s\"", i == 0 ? "" : ",", text);
	}
	strbuf_putc(out, ']');
	return (strbuf_status(out));
}
