/* The hub as other threads see it: places, and the way to its thread. */

#include <sys/eventfd.h>

#include <stdlib.h>

#include "cgi/sse_internal.h"

static enum sr_error
find_place(struct sse_hub * h, const struct sr_id * holder, unsigned * place)
{
	unsigned free_one = SSE_PLACES_MAX, theirs = 0;

	for (unsigned i = 0; i < h->set.places; i++) {
		if (!h->places[i].taken)
			free_one = i;
		else if (sr_id_equal(&h->places[i].holder, holder))
			theirs++;
	}
	if (atomic_load(&h->stopping) || free_one == SSE_PLACES_MAX ||
	    theirs >= h->set.holder_places)
		return (SR_E_SERVER_BUSY);
	*place = free_one;
	return (SR_OK);
}

enum sr_error
sse_place(struct sse_hub * h, const struct sse_request * request,
    struct sse_listener ** out)
{
	struct sse_listener * l;
	enum sr_error err;

	*out = NULL;
	if (h == NULL)
		return (SR_E_SERVER_BUSY);
	if ((l = calloc(1, sizeof(*l))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	l->hub = h;
	l->request = *request;
	l->peer.fd = -1;
	(void)pthread_mutex_lock(&h->mutex);
	err = find_place(h, &request->holder, &l->place);
	if (err == SR_OK) {
		h->places[l->place].taken = true;
		h->places[l->place].holder = request->holder;
	}
	(void)pthread_mutex_unlock(&h->mutex);
	if (err == SR_OK)
		*out = l;
	else
		free(l);
	return (err);
}

void
sse_leave(struct sse_listener ** listener)
{
	struct sse_listener * l = *listener;
	struct sse_hub * h;

	*listener = NULL;
	if (l == NULL)
		return;
	h = l->hub;
	peer_end(&l->peer);
	sse_empty(l);
	(void)pthread_mutex_lock(&h->mutex);
	h->places[l->place].taken = false;
	(void)pthread_mutex_unlock(&h->mutex);
	free(l);
}

void
sse_ring(struct sse_hub * h)
{

	(void)eventfd_write(h->bell, 1);
}

void
sse_listen(struct sse_listener ** listener, const struct peer * peer)
{
	struct sse_listener * l = *listener;
	struct sse_hub * h = l->hub;
	bool late;

	l->peer = *peer;
	(void)pthread_mutex_lock(&h->mutex);
	late = atomic_load(&h->stopping);
	if (!late) {
		l->next = h->inbox;
		h->inbox = l;
		*listener = NULL;
		(void)atomic_fetch_add(&h->listening, 1);
	}
	(void)pthread_mutex_unlock(&h->mutex);
	if (late)
		sse_leave(listener);
	else
		sse_ring(h);
}

void
sse_wake(struct sse_hub * h)
{

	if (h != NULL && atomic_load(&h->listening) > 0 &&
	    !atomic_exchange(&h->rung, true))
		sse_ring(h);
}
