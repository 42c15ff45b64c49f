#include "cli/cli.h"
#include "cli/list.h"

/** list_after(l): &l->last, or NULL before the first row. */
const struct sr_id *
list_after(const struct list * l)
{

	return (l->begun ? &l->last : NULL);
}

/** list_row(l): a row follows: what stands between it and the one before. */
void
list_row(struct list * l)
{

	if (cli_json(l->cli))
		compose_constant(l->cli->out, l->begun ? ",\n" : "");
	l->begun = true;
	l->rows++;
}

/** list_print(l): all pages, and with --json the brackets around them. */
enum sr_error
list_print(struct list * l)
{
	enum sr_error err;

	if (cli_json(l->cli))
		compose_lit(l->cli->out, "[");
	do {
		l->rows = 0;
		if ((err = l->page(l)) != SR_OK ||
		    (err = cli_flush(l->cli)) != SR_OK)
			return (err);
	} while (l->rows == LIST_PAGE);
	if (cli_json(l->cli))
		compose_lit(l->cli->out, "]\n");
	return (SR_OK);
}
