#include "cli/run_pump.h"
#include "core/redact/compose.h"

/** run_note_constant(p, before, n, after): a line of ours. */
void
run_note_constant(const struct run_pump * p, const char * before, uint64_t n,
    const char * after)
{
	struct redacted * text = NULL;
	struct compose * c = NULL;

	if (compose_new(NULL, REDACT_UI, 1024, &c) != SR_OK)
		return;
	compose_constant(c, p->term->raw ? "\r\n" : "");
	compose_lit(c, "strongroom: ");
	compose_constant(c, before);
	if (after[0] != '\0') {
		compose_u64(c, n);
		compose_constant(c, after);
	}
	compose_constant(c, p->term->raw ? "\r\n" : "\n");
	if (compose_finish(&c, &text) == SR_OK &&
	    redacted_write(sr_console(), text) != SR_OK)
		/* There is nobody else to tell. */
		must(text != NULL);
	redacted_free(&text);
}
