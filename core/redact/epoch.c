#include "core/redact/epoch_internal.h"

/** epoch_retire(e, grave, release): ${release} it when no reader has it. */
void
epoch_retire(struct epoch * e, struct epoch_grave * grave,
    void (*release)(struct epoch_grave *))
{

	*grave = (struct epoch_grave){ .next = e->graves, .release = release };
	e->graves = grave;
}

/** epoch_sweep(e): release what nobody has any more. */
void
epoch_sweep(struct epoch * e)
{
	struct epoch_grave ** at = &e->graves;
	struct epoch_grave * grave;
	bool none[2];

	if (e->graves == NULL)
		return;
	none[0] = atomic_load(&e->readers[0]) == 0;
	none[1] = atomic_load(&e->readers[1]) == 0;
	while ((grave = *at) != NULL) {
		grave->seen[0] = grave->seen[0] || none[0];
		grave->seen[1] = grave->seen[1] || none[1];
		if (grave->seen[0] && grave->seen[1]) {
			*at = grave->next;
			grave->release(grave);
		} else {
			at = &grave->next;
		}
	}
	if (e->graves != NULL)
		(void)atomic_fetch_add(&e->turn, 1);
}

/** epoch_end(e): release all; there are no readers. */
void
epoch_end(struct epoch * e)
{
	struct epoch_grave * grave;

	while ((grave = e->graves) != NULL) {
		e->graves = grave->next;
		grave->release(grave);
	}
}
